"""A reader of a language that is missing gets another one."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text

_NAMES = {"en": Text("English", "Englisch"), "de": Text("German", "Deutsch")}


def _says(draft: Draft) -> Iterator[Text]:
    if draft.language != next(iter(draft.template.variants), None):
        return
    for one in draft.languages:
        if one not in draft.template.variants:
            yield Text(
                "{name} is missing; its readers get another language.",
                "{name} fehlt; wer es liest, bekommt eine andere Sprache.",
            ).fill(name=_NAMES[one])


RULE = Rule("languages", Text("Languages", "Sprachen"), False, _says)
