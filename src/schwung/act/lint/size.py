"""Gmail cuts off what is larger than 102 kB, and the link to unsubscribe with it."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text

MOST_BYTES = 102 * 1024


def _says(draft: Draft) -> Iterator[Text]:
    size = len(draft.page.html.encode())
    if size > MOST_BYTES:
        yield Text(
            "It is {n} kB large; Gmail cuts off what is over 102 kB.",
            "Sie ist {n} kB groß; Gmail schneidet ab, was über 102 kB geht.",
        ).fill(n=round(size / 1024))


RULE = Rule("size", Text("Size", "Größe"), False, _says)
