"""Advertising says who sends it, with an address (§ 5 DDG)."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    if draft.is_advertising and not draft.asks_for("company.imprint"):
        yield Text("The imprint is missing: {mark}.", "Das Impressum fehlt: {mark}.").fill(mark="{{ company.imprint }}")


RULE = Rule("imprint", Text("Imprint", "Impressum"), True, _says)
