"""Charts of metrics: valid Vega-Lite in both languages, drawn without a browser, labels that stand once."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from schwung.core.text import Language
from schwung.measure.answer import Row, answer
from schwung.measure.example import instant
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from schwung.renderers import spec
from schwung.renderers.chart import chart
from schwung.renderers.chart_tokens import picture
from tests.engines import start


@dataclass(frozen=True)
class Asked:
    metric: Metric
    question: Question
    rows: tuple[Row, ...]
    unit: str = "EUR"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    """The worked example of a metric of each unit and shape, whole, by month and by country."""
    engine = start("duckdb", tmp_path_factory.mktemp("charts"))
    found = []
    kinds = {(metric.unit, metric.shape, bool(metric.parts)): metric for metric in METRICS.values()}
    for metric in kinds.values():
        shown = {name: engine.memtable(rows, name) for name, rows in metric.example.tables().items()}
        for by in ((), ("month",), ("country",)):
            if set(by) <= set(metric.cuts):
                question = Question(as_of=instant(metric.example.as_of), by=by, value=metric.example.value)
                rows = answer(metric, question, lambda name, _, shown=shown: shown[name], engine.run).rows
                unit = "EUR" if metric.unit == "money" else metric.unit
                found.append(Asked(metric, question, rows, unit))
    engine.close()
    return found


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_of_metric_has_a_chart_for_a_notebook(asked: list[Asked], language: Language) -> None:
    """Altair checks each spec against the schema of Vega-Lite."""
    assert len({one.unit for one in asked}) > 8
    for one in asked:
        made = chart(one, language).to_dict()
        assert made["title"]["text"] == one.metric.title.in_(language)
        assert "'--" not in str(made), "every token is a color"
        assert made["usermeta"]["embedOptions"]["formatLocale"]["decimal"] == ("," if language == "de" else ".")


def test_a_chart_is_drawn_without_a_browser() -> None:
    points = [spec.Point(f"2026-{month:02d}-01", 0.4 + month / 100, 0.3, 0.6) for month in range(1, 8)]
    made = spec.line(points, spec.axis_for(points), "de", "month", number_format=".0%")
    drawn = picture(made, "svg", "de").decode()
    assert "Jan" in drawn and "60\u00a0%" in drawn and "NaN" not in drawn


@pytest.mark.parametrize(("count", "step"), [(1, 1), (3, 1), (9, 1), (60, 1), (90, 1), (53, 7), (104, 7)])
def test_labels_stand_at_points_and_never_twice(count: int, step: int) -> None:
    """Even three days get three labels, not one for every few hours."""
    days = [date(2025, 12, 1) + timedelta(days=step * place) for place in range(count)]
    points = [spec.Point(day.isoformat(), 1.0) for day in days]
    made = spec.line(points, spec.axis_for(points), "en", "day", number_format=",d")
    axis = made["layer"][0]["encoding"]["x"]["axis"]
    labels = [date(one["year"], one["month"], one["date"]) for one in axis["values"]]
    assert 1 <= len(labels) <= 13 and len(set(labels)) == len(labels) and set(labels) <= set(days)
    assert axis["labelExpr"].count("2025") >= (1 if count < 40 else 0)
