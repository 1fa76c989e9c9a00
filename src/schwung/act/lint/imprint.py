"""Advertising says who sends it, with an address (§ 5 DDG)."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    if not draft.is_advertising:
        return
    if not draft.imprint:
        yield Text(
            "No imprint is set: [email] imprint in the settings.",
            "Es ist kein Impressum eingestellt: [email] imprint in den Einstellungen.",
        )
    elif not draft.asks_for("company.imprint"):
        yield Text("The imprint is missing: {{ company.imprint }}.", "Das Impressum fehlt: {{ company.imprint }}.")


RULE = Rule("imprint", Text("Imprint", "Impressum"), True, _says)
