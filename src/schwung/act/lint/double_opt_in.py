"""The mail that asks for confirmation carries no advertising: the words agreed to, one link, the sender; nothing else."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text

PURPOSE = "double_opt_in"


def _says(draft: Draft) -> Iterator[Text]:
    if draft.template.purpose != PURPOSE:
        return
    if draft.template.is_advertising:
        yield Text("It is declared as advertising.", "Sie ist als Werbung angelegt.")
    confirming = [one for one in draft.page.links if "confirm_url" in one]
    if not confirming:
        yield Text("The link to confirm is missing: {mark}.", "Der Link zum Bestätigen fehlt: {mark}.").fill(
            mark="{{ journey.confirm_url }}"
        )
    if len(draft.page.links) > len(confirming):
        yield Text("It links to something else: that is advertising.", "Sie verweist auf anderes: Das ist Werbung.")
    if draft.asks_for("products", "order"):
        yield Text("It shows products: that is advertising.", "Sie zeigt Artikel: Das ist Werbung.")
    if not draft.asks_for("journey.consent_text"):
        yield Text(
            "The words that are agreed to are missing: {mark}.", "Der Wortlaut der Einwilligung fehlt: {mark}."
        ).fill(mark="{{ journey.consent_text }}")


RULE = Rule("double_opt_in", Text("Double opt-in", "Double-Opt-in"), True, _says)
