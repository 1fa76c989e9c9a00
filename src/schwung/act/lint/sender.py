"""Without a sender there is no e-mail, without an imprint no advertising: both stand in the settings."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    if draft.template.channel == "email" and not draft.sender:
        yield Text(
            "No sender is set: [email] sender in the settings.",
            "Es ist kein Absender eingestellt: [email] sender in den Einstellungen.",
        )
    if draft.is_advertising and not draft.imprint:
        yield Text(
            "No imprint is set: [email] imprint in the settings.",
            "Es ist kein Impressum eingestellt: [email] imprint in den Einstellungen.",
        )


RULE = Rule("sender", Text("Sender and imprint", "Absender und Impressum"), True, _says)
