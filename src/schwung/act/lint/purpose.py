"""What a message is for decides by what right it goes out; only what stands in the closed list goes without consent."""

from collections.abc import Iterator

from schwung.act.legality import ADVERTISING, TRANSACTIONAL
from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    if draft.template.channel != "email":
        return
    known = ADVERTISING if draft.template.is_advertising else tuple(TRANSACTIONAL)
    if draft.template.purpose not in known:
        yield Text(
            "The purpose “{purpose}” is none that it may be sent for; known: {names}.",
            "Für den Zweck „{purpose}“ darf nicht versandt werden; bekannt: {names}.",
        ).fill(purpose=draft.template.purpose, names=", ".join(known))


RULE = Rule("purpose", Text("Purpose", "Zweck"), True, _says)
