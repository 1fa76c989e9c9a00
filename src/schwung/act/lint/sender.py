"""Without a sender there is no e-mail."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    if draft.template.channel == "email" and not draft.sender:
        yield Text(
            "No sender is set: [email] sender in the settings.",
            "Es ist kein Absender eingestellt: [email] sender in den Einstellungen.",
        )


RULE = Rule("sender", Text("Sender", "Absender"), True, _says)
