"""docs/reference/metrics/: one page per metric and language, and the page that lists them."""

from schwung.cli.reference import Pages, table
from schwung.core.text import LANGUAGES, Language, Text
from schwung.measure.cuts import CUTS
from schwung.measure.inputs import INPUTS
from schwung.measure.metric import SUBJECTS, Metric
from schwung.measure.metrics import METRICS
from schwung.measure.valuation import Valuation

_UNITS = {
    "money": Text("money in the reporting currency", "Geld in der Berichtswährung"),
    "share": Text("share, 0 to 1", "Anteil, 0 bis 1"),
    "count": Text("count", "Anzahl"),
    "ratio": Text("ratio", "Verhältnis"),
    "per_customer": Text("number per customer", "Zahl je Kunde"),
    "score": Text("points, −100 to 100", "Punkte, −100 bis 100"),
    "rating": Text("place on the scale", "Platz auf der Skala"),
    "duration": Text("time, in seconds", "Zeit, in Sekunden"),
    "months": Text("months", "Monate"),
    "hours": Text("hours", "Stunden"),
    "points": Text("points", "Punkte"),
}
_BETTER = {
    "higher": Text("higher is better", "höher ist besser"),
    "lower": Text("lower is better", "niedriger ist besser"),
    "neither": Text("neither direction is better", "keine Richtung ist besser"),
}
_ESTIMATES = {
    "exact": Text("None: it is counted, not estimated.", "Keines: gezählt, nicht geschätzt."),
    "share": Text("95 %, adjusted Wald (Agresti & Coull).", "95 %, angepasstes Wald-Intervall (Agresti & Coull)."),
    "odds": Text("95 %, that of the share, transformed.", "95 %, das des Anteils, umgerechnet."),
    "mean": Text("95 %, Student's t.", "95 %, Students t."),
    "ratio": Text(
        "95 %, delta method with the customer as the unit.", "95 %, Delta-Methode mit dem Kunden als Einheit."
    ),
    "yields": Text(
        "95 %, delta method with the customer as the unit.", "95 %, Delta-Methode mit dem Kunden als Einheit."
    ),
    "log_ratio": Text(
        "95 %, delta method with the customer as the unit, on the log scale.",
        "95 %, Delta-Methode mit dem Kunden als Einheit, auf der Log-Skala.",
    ),
    "cost_each": Text(
        "95 %, the number varies like a count (Poisson, log scale).",
        "95 %, die Zahl schwankt wie eine Anzahl (Poisson, Log-Skala).",
    ),
    "money_mean": Text(
        "95 %, Bayesian bootstrap over size classes, seeded.",
        "95 %, bayesscher Bootstrap über Größenklassen, mit festem Startwert.",
    ),
    "formula": Text("95 %, delta method on the log scale.", "95 %, Delta-Methode auf der Log-Skala."),
    "net_promoter_score": Text("95 %, adjusted Wald (Rocks).", "95 %, angepasstes Wald-Intervall (Rocks)."),
    "weighted_net_promoter_score": Text(
        "95 %, adjusted Wald (Rocks) over the effective number of answers (Kish).",
        "95 %, angepasstes Wald-Intervall (Rocks) über die wirksame Zahl der Antworten (Kish).",
    ),
    "median": Text("95 %, Kaplan–Meier (Brookmeyer & Crowley).", "95 %, Kaplan–Meier (Brookmeyer & Crowley)."),
    "ninetieth": Text("95 %, Kaplan–Meier (Brookmeyer & Crowley).", "95 %, Kaplan–Meier (Brookmeyer & Crowley)."),
    "payback": Text(
        "95 %, from the costs and the widest band of the margins.",
        "95 %, aus den Kosten und dem weitesten Band der Margen.",
    ),
    "roi": Text(
        "95 %, difference of two means against the control group.",
        "95 %, Differenz zweier Mittel gegen die Vergleichsgruppe.",
    ),
    "compound": Text(
        "95 %, sum over a number that varies like a count (log scale).",
        "95 %, Summe über eine Zahl, die wie eine Anzahl schwankt (Log-Skala).",
    ),
}
_ROWS: dict[str, Text] = {
    "name": Text("Name", "Name"),
    "unit": Text("Unit", "Einheit"),
    "window": Text("Window", "Zeitraum"),
    "interval": Text("Interval", "Intervall"),
    "few": Text("Too few below", "Zu wenige unter"),
    "cuts": Text("Cuts", "Aufteilungen"),
    "needs": Text("Facts", "Fakten"),
    "requires": Text("Needs", "Braucht"),
    "source": Text("Source", "Herkunft"),
}
_HEADS = {
    "leaves_out": Text("What it leaves out", "Was nicht mitzählt"),
    "reading": Text("How to read it", "Wie sie zu lesen ist"),
    "cuts": Text("Cuts", "Aufteilungen"),
    "ask": Text("The same number elsewhere", "Dieselbe Zahl anderswo"),
}
_LIST = Text(
    "Every number is defined once and comes out the same on the command line, over HTTP, in a notebook and in the console.",
    "Jede Zahl ist einmal definiert und kommt auf der Befehlszeile, über HTTP, im Notebook und in der Konsole gleich heraus.",
)


def pages() -> Pages:
    found = {"reference/metrics/README.md": _list()}
    for metric in METRICS.values():
        for language in LANGUAGES:
            ending = "" if language == "en" else f".{language}"
            found[f"reference/metrics/{metric.name}{ending}.md"] = _page(metric, language)
    return found


def _list() -> str:
    found = f"# Metrics · Kennzahlen\n\n{_LIST.en}\n{_LIST.de}\n"
    for subject, title in SUBJECTS.items():
        rows = [
            (f"[{m.title.en}]({m.name}.md)", f"[{m.title.de}]({m.name}.de.md)", f"`{m.name}`", m.definition.en)
            for m in METRICS.values()
            if m.subject == subject
        ]
        found += f"\n## {title.en} · {title.de}\n\n" + table(("English", "Deutsch", "name", "definition"), rows)
    cuts = [(f"`{cut.name}`", cut.title.en, cut.title.de, cut.definition.en) for cut in CUTS.values()]
    return found + "\n## Cuts · Aufteilungen\n\n" + table(("name", "English", "Deutsch", "definition"), cuts)


def _page(metric: Metric, language: Language) -> str:
    def said(text: Text) -> str:
        return text.in_(language)

    rows = [(said(_ROWS[name]), value) for name, value in _facts(metric, language)]
    cuts = "\n".join(f"- **{said(CUTS[cut].title)}** (`{cut}`): {said(CUTS[cut].definition)}" for cut in metric.cuts)
    by = "month" if "month" in metric.cuts else ""
    ask = (
        f"```\nschwung measure {metric.name}{f' --by {by}' if by else ''}\n"
        f"GET /api/v1/metrics/{metric.name}{f'?by={by}' if by else ''}\n"
        f'schwung.open("PATH").measure("{metric.name}"{f", by={chr(34)}{by}{chr(34)}" if by else ""}).to_pandas()\n```'
    )
    return "\n\n".join(
        part
        for part in (
            f"# {said(metric.title)}",
            said(metric.definition),
            table(("", ""), rows).rstrip(),
            f"## {said(_HEADS['leaves_out'])}\n\n{said(metric.leaves_out)}",
            f"## {said(_HEADS['reading'])}\n\n{said(metric.reading)}",
            f"## {said(_HEADS['cuts'])}\n\n{cuts}" if cuts else "",
            f"## {said(_HEADS['ask'])}\n\n{ask}",
        )
        if part
    )


def _facts(metric: Metric, language: Language) -> list[tuple[str, str]]:
    days = metric.window_days
    window = Text("all facts", "alle Fakten") if days is None else Text("{days} days", "{days} Tage").fill(days=days)
    if metric.shape == "state":
        window = Text("state at the end of the period", "Stand am Ende des Zeitraums")
    unit = f"{_UNITS[metric.unit].in_(language)}; {_BETTER[metric.better].in_(language)}"
    found = [
        ("name", f"`{metric.name}`"),
        ("unit", unit),
        ("window", window.in_(language)),
        ("interval", _ESTIMATES[metric.estimate].in_(language)),
    ]
    if metric.least:
        found.append(("few", f"{metric.least} {metric.basis.in_(language)}"))
    found += [
        ("cuts", ", ".join(f"`{cut}`" for cut in metric.cuts) or "–"),
        ("needs", ", ".join(f"`{name}`" for name in metric.needs)),
        ("requires", "; ".join(INPUTS[name].missing.name for name in metric.requires(Valuation())) or "–"),
        ("source", metric.source.in_(language)),
    ]
    return found
