"""Elements that MJML does not know stay in the e-mail as they are."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    for tag in sorted(one for one in draft.page.tags if one.startswith("mj-") or one in ("script", "iframe", "form")):
        yield Text("<{tag}> does not work in an e-mail.", "<{tag}> wirkt in einer E-Mail nicht.").fill(tag=tag)


RULE = Rule("markup", Text("Elements", "Elemente"), True, _says)
