"""A link leads somewhere."""

from collections.abc import Iterator

from schwung.act.links import goes_nowhere
from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    for link in draft.page.links:
        if "{{" not in link and "{%" not in link and goes_nowhere(link):
            yield Text("A link leads nowhere: “{link}”.", "Ein Link führt nirgendwohin: „{link}“.").fill(link=link[:80])


RULE = Rule("links", Text("Links", "Links"), True, _says)
