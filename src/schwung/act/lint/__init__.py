"""What is looked at before a template may be sent, one file each. A new rule: its file, and its line here."""

from schwung.act.lint.rule import Draft, Finding, Rule
from schwung.core.registry import Registry
from schwung.core.text import Text

RULES: Registry[Rule] = Registry(
    Text("rule", "Regel"),
    package=__name__,
    attribute="RULE",
    modules=(
        "sender",
        "imprint",
        "unsubscribe",
        "purpose",
        "double_opt_in",
        "variables",
        "languages",
        "preheader",
        "markup",
        "images",
        "links",
        "size",
    ),
)


OF_SETTINGS = "sender"
"""What this rule finds is mended in the settings, not in the template."""


def lint(draft: Draft) -> list[Finding]:
    """What is wrong (errors first) with one language of a template."""
    found = [one for rule in RULES.values() for one in rule.look(draft)]
    return sorted(found, key=lambda one: not one.is_error)
