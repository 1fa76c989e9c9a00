"""docs/reference/models.md, in both languages: what every model says, how to read it, what it gives."""

from schwung.cli.reference import Pages, table
from schwung.core.text import LANGUAGES, Language, Text
from schwung.predict.model import Model
from schwung.predict.models import MODELS

_UNITS = {
    "probability": Text("probability, 0 to 1", "Wahrscheinlichkeit, 0 bis 1"),
    "count": Text("count", "Anzahl"),
    "money": Text("money, minor units", "Geld, kleinste Einheit"),
    "date": Text("instant, UTC microseconds", "Zeitpunkt, UTC in Mikrosekunden"),
    "product": Text("product; the value is its probability", "Artikel; der Wert ist seine Wahrscheinlichkeit"),
    "days": Text("days", "Tage"),
    "score": Text("score", "Punktwert"),
    "group": Text("group, in `label`", "Gruppe, in `label`"),
}
_BETTER = {
    "higher": Text("higher is better", "höher ist besser"),
    "lower": Text("lower is better", "niedriger ist besser"),
    "neither": Text("–", "–"),
}
_HEADS = (
    Text("predicts", "sagt vorher"), Text("name", "Name"), Text("unit", "Einheit"), Text("direction", "Richtung")
)  # fmt: skip
_TITLE = Text("Models", "Modelle")
_ABOUT = Text(
    "What every model says of each customer. All are trained with `schwung train`, in the console, or by the worker every night "
    "(setting `predict.schedule`); what they predict are facts in the table `predictions`. People who objected (Art. 21 GDPR) "
    "are in no training and in no prediction.",
    "Was jedes Modell über jeden Kunden sagt. Trainiert wird mit `schwung train`, in der Konsole oder jede Nacht durch den Worker "
    "(Einstellung `predict.schedule`); die Vorhersagen sind Fakten in der Tabelle `predictions`. Wer widersprochen hat (Art. 21 "
    "DSGVO), ist in keinem Training und in keiner Vorhersage.",
)
_READING = Text("How to read it", "Wie es zu lesen ist")
_FACTS = Text("Facts: {needs}. Source: {source}.", "Fakten: {needs}. Herkunft: {source}.")
_PACKAGES = Text(
    "Needs the packages {names} (`pip install 'schwung[models]'`).", "Braucht die Pakete {names} (`pip install 'schwung[models]'`)."
)  # fmt: skip


def pages() -> Pages:
    return {
        f"reference/models{'' if language == 'en' else '.' + language}.md": _page(language) for language in LANGUAGES
    }


def _page(language: Language) -> str:
    parts = [f"# {_TITLE.in_(language)}", _ABOUT.in_(language)]
    return "\n\n".join([*parts, *(_section(model, language) for model in MODELS.values())])


def _section(model: Model, language: Language) -> str:
    heads = tuple(head.in_(language) for head in _HEADS)
    assert len(heads) == 4
    rows = [
        (
            one.title.in_(language),
            f"`{one.name}`",
            _UNITS[one.unit].in_(language),
            _BETTER[one.better].in_(language),
        )
        for one in model.targets
    ]
    facts = _FACTS.fill(needs=", ".join(f"`{name}`" for name in model.needs), source=model.source).in_(language)
    if model.packages:
        facts += " " + _PACKAGES.fill(names=", ".join(model.packages)).in_(language)
    return "\n\n".join(
        (
            f"## {model.title.in_(language)} (`{model.name}`)",
            model.says.in_(language),
            table(heads, rows).rstrip(),
            f"**{_READING.in_(language)}.** {model.reading.in_(language)}",
            facts,
            f"```\nschwung train {model.name}\nschwung predict {model.name} --horizon-days 90\nGET /api/v1/models/{model.name}\n```",
        )
    )
