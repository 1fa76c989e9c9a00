"""Subject and preheader are what an inbox shows."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text

MOST_SUBJECT = 120


def _says(draft: Draft) -> Iterator[Text]:
    if draft.template.channel != "email":
        return
    if not draft.variant.preheader and "mj-preview" not in draft.variant.body:
        yield Text(
            "There is no preheader; inboxes then show the first words.",
            "Ein Vorschautext fehlt; Postfächer zeigen dann die ersten Worte.",
        )
    if len(draft.variant.subject) > MOST_SUBJECT and "{" not in draft.variant.subject:
        yield Text("The subject is longer than {n} letters.", "Der Betreff ist länger als {n} Zeichen.").fill(
            n=MOST_SUBJECT
        )


RULE = Rule("preheader", Text("Subject and preheader", "Betreff und Vorschautext"), False, _says)
