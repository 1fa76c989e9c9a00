"""Each advertising e-mail says how to be rid of the next one (§ 7 UWG)."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    links = [one for one in draft.page.links if "unsubscribe_url" in one or "preferences_url" in one]
    if draft.is_advertising and not links:
        yield Text("There is no link to unsubscribe: {mark}.", "Ein Link zum Abmelden fehlt: {mark}.").fill(
            mark="{{ unsubscribe_url }}"
        )


RULE = Rule("unsubscribe", Text("Unsubscribe", "Abmeldung"), True, _says)
