"""What the page of a model shows: pictures of how good it was, its figures as a table, its parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.model import Trained
from schwung.renderers import model_spec, spec
from schwung.web.console.page import Page

Rows = Sequence[Mapping[str, Any]]
PICTURES: Mapping[str, Text] = {
    "tracking": Text("Repeat purchases by week", "Wiederkäufe je Woche"),
    "by_frequency": Text("Purchases by purchases so far", "Käufe nach bisherigen Käufen"),
    "calibration": Text("Predicted and observed probability", "Vorhergesagte und beobachtete Wahrscheinlichkeit"),
    "reliability": Text("Predicted and observed probability", "Vorhergesagte und beobachtete Wahrscheinlichkeit"),
    "against_naive": Text("Against the naive rule", "Gegen die naive Regel"),
    "value": Text("Worth by tenth of what was expected", "Wert nach Zehnteln des Erwarteten"),
    "spend": Text("Worth of a purchase by tenth of what was expected", "Wert eines Kaufs nach Zehnteln des Erwarteten"),
    "choice": Text("Models that were tried", "Versuchte Modelle"),
    "covariates": Text("What is known from the first order on", "Was ab der ersten Bestellung bekannt ist"),
    "kinds": Text("On whom it errs", "Bei wem es irrt"),
    "survival": Text("Subscriptions still there by month", "Noch laufende Abonnements je Monat"),
    "rules": Text("Rules that were tried", "Versuchte Regeln"),
    "importance": Text("What moves it", "Was es bewegt"),
    "compared": Text("What was tried", "Was versucht wurde"),
}
OF_WHOM: Mapping[str, Text] = {
    "orders": Text("without a contract", "ohne Vertrag"),
    "contracts": Text("with a contract", "mit Vertrag"),
    "contract": Text("with a contract", "mit Vertrag"),
}
"""What stands before a picture's name, where a model has it of several groups."""
COLUMNS: Mapping[str, Text] = {
    "week": Text("week", "Woche"), "month": Text("month", "Monat"), "actual": Text("came", "gekommen"),
    "expected": Text("expected", "erwartet"), "is_held_out": Text("held out", "zurückgehalten"),
    "frequency": Text("repeat purchases so far", "bisherige Wiederkäufe"), "n": Text("customers", "Kunden"),
    "predicted": Text("predicted", "vorhergesagt"), "observed": Text("observed", "beobachtet"),
    "measure": Text("measure", "Maß"), "model": Text("model", "Modell"), "naive": Text("naive rule", "naive Regel"),
    "rule": Text("rule", "Regel"), "hit_rate": Text("hit rate", "Trefferquote"), "recall": Text("recall", "Ausbeute"),
    "low": Text("low", "unten"), "high": Text("high", "oben"), "class": Text("class", "Klasse"),
    "group": Text("group", "Gruppe"), "title": Text("what", "was"), "effect": Text("effect", "Wirkung"),
    "with": Text("error with it", "Fehler damit"), "without": Text("error without", "Fehler ohne"), "is_used": Text("used", "verwendet"),
    "out_of_time": Text("later in time", "später in der Zeit"), "customers": Text("customers", "Kunden"),
}  # fmt: skip
MEASURES: Mapping[str, Text] = {
    "mae": Text("Mean absolute error", "Mittlerer absoluter Fehler"),
    "rmse": Text("Root mean square error", "Wurzel des mittleren quadratischen Fehlers"),
    "bias": Text("Total expected ÷ total that came − 1", "Summe erwartet ÷ Summe gekommen − 1"),
    "ece": Text("Calibration error (ECE)", "Kalibrierungsfehler (ECE)"),
    "auc": Text("Ranking (AUC)", "Rangfolge (AUC)"),
    "log_loss": Text("Log-loss", "Log-Verlust"),
    "brier": Text("Brier score", "Brier-Wert"),
    "lift": Text("Lift of the highest tenth", "Lift des höchsten Zehntels"),
    "hit_rate": Text("Hit rate", "Trefferquote"),
    "hit_rate_low": Text("Hit rate, 95% from", "Trefferquote, 95 % von"),
    "hit_rate_high": Text("Hit rate, 95% to", "Trefferquote, 95 % bis"),
    "hit_rate_popularity": Text("Hit rate of popularity alone", "Trefferquote der bloßen Beliebtheit"),
    "recall": Text("Recall", "Ausbeute"),
    "held_out_days": Text("Days held out", "Zurückgehaltene Tage"),
    "held_out_customers": Text("Customers judged", "Beurteilte Kunden"),
    "customer_equity": Text("Customer equity", "Kundenkapital"),
    "customer_equity_low": Text("Customer equity, low", "Kundenkapital, unten"),
    "customer_equity_high": Text("Customer equity, high", "Kundenkapital, oben"),
    "customer_equity_without_end": Text("Customer equity without an end", "Kundenkapital ohne Ende"),
    "customer_equity_without_end_low": Text("Customer equity without an end, low", "Kundenkapital ohne Ende, unten"),
    "customer_equity_without_end_high": Text("Customer equity without an end, high", "Kundenkapital ohne Ende, oben"),
    "simple_formula": Text("By the simple formula", "Nach der einfachen Formel"),
    "expected": Text("Share expected to be kept", "Erwarteter Anteil behalten"),
    "kept": Text("Share kept", "Anteil behalten"),
    "error": Text("Error", "Fehler"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, the sentence with what it shows, and its rows as a table: heads and cells."""

    name: str
    title: Text
    spec: spec.Spec | None
    label: str
    key: bool
    heads: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


def pictures(page: Page, trained: Trained) -> list[Picture]:
    """Of a fit, in the order in which its model gave them; rows of a shape that no picture is for stand as a table."""
    return [_picture(page, name, rows) for name, rows in trained.checks.items() if rows]


def measures(trained: Trained) -> list[tuple[Text, float, float | None]]:
    """Name, value, the naive rule's value where there is one."""
    quality = trained.quality
    return [
        (_measure(name), value, quality.get(f"naive_{name}", quality.get(f"{name}_naive")))
        for name, value in quality.items()
        if not name.startswith("naive_") and not name.endswith("_naive")
    ]


def _measure(name: str) -> Text:
    short = name.removesuffix("_folds")
    known = MEASURES.get(short, _plain(short))
    return known if short == name else Text("{name}, shuffled folds", "{name}, gemischte Teile").fill(name=known)


def _title(name: str) -> Text:
    if name in PICTURES:
        return PICTURES[name]
    whom, _, what = name.rpartition("_")
    if what not in PICTURES:
        return _plain(name)
    return Text("{what}, {whom}", "{what}, {whom}").fill(what=PICTURES[what], whom=OF_WHOM.get(whom, _plain(whom)))


def _picture(page: Page, name: str, rows: Rows) -> Picture:
    drawn, label, key = _drawn(page, rows)
    rows = [_named(row) for row in rows]
    shown = [column for column in rows[0] if not (column in ("feature", "rule") and "title" in rows[0])]
    heads = tuple(COLUMNS.get(column, _plain(column)) for column in shown)
    cells = tuple(tuple(_cell(row.get(column)) for column in shown) for row in rows)
    return Picture(name, _title(name), drawn, label, key, heads, cells)


def _drawn(page: Page, rows: Rows) -> tuple[spec.Spec | None, str, bool]:
    """The picture for the shape of the rows, its sentence, and whether it needs a key of line styles."""
    first = rows[0]
    if "title_en" in first:  # told by words: a table says more
        return None, "", False
    if {"week", "actual", "expected"} <= first.keys():
        points = [spec.Point(row["week"], row["actual"], before=row["expected"]) for row in rows]
        axis = spec.axis_for(points, zero=True)
        drawn = spec.line(points, axis, page.language, "week", number_format=",d", notes=_cut(page, rows))
        held = [row for row in rows if row["is_held_out"]] or rows
        return drawn, _totals(page, held), True
    if {"predicted", "observed"} <= first.keys():
        whole: Rows = [row for row in rows if row["predicted"] is not None and row["observed"] is not None]
        label = page.words("label_calibration", n=len(whole))
        return (model_spec.reliability(whole) if whole else None), label, False
    if {"expected", "actual"} <= first.keys() and len(rows) > 1:
        class_ = next((name for name in first if name in ("frequency", "month")), None)
        labels = [str(place + 1 if class_ is None else row[class_]) for place, row in enumerate(rows)]
        return model_spec.beside(rows, labels, page.language), _totals(page, rows), True
    return None, "", False


def _cut(page: Page, rows: Rows) -> list[spec.Note]:
    first = next((row["week"] for row in rows if row["is_held_out"]), None)
    return [] if first is None else [spec.Note(first, page.words("held_out"))]


def _totals(page: Page, rows: Rows) -> str:
    came, said = (sum(float(row[name] or 0) * row.get("n", 1) for row in rows) for name in ("actual", "expected"))
    return page.words(
        "label_beside", came=decimal(came, 0).in_(page.language), said=decimal(said, 0).in_(page.language)
    )


def _named(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Texts that come as two columns as one."""
    if "title_en" not in row:
        return row
    rest = {name: value for name, value in row.items() if name not in ("title_en", "title_de")}
    return {"title": {"en": row["title_en"], "de": row["title_de"]}, **rest}


def _cell(value: Any) -> Text:
    if isinstance(value, Mapping):
        return Text(str(value.get("en") or "–"), str(value.get("de") or "–"))
    if isinstance(value, bool):
        return Text("yes", "ja") if value else Text("no", "nein")
    if isinstance(value, int):
        return decimal(value, 0)
    if isinstance(value, float):
        return decimal(value, 0 if abs(value) >= 1000 else 3 if abs(value) < 10 else 1)
    return Text("–", "–") if value in (None, "") else MEASURES.get(str(value), Text(str(value), str(value)))


def _plain(name: str) -> Text:
    """What has no name of its own."""
    words = name.replace("_", " ")
    return MEASURES.get(name, Text(words, words))
