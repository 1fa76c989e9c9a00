"""Who does not see a picture reads its alternative text."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    for source, alt in draft.page.pictures:
        if alt is None:
            yield Text(
                "A picture has no alternative text: {source}", "Ein Bild hat keinen Alternativtext: {source}"
            ).fill(source=source[:80])


RULE = Rule("images", Text("Pictures", "Bilder"), False, _says)
