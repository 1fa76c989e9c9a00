"""schwung forecast: new customers, orders and revenue of the weeks or months ahead."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import (
    HERE,
    CsvOption,
    JsonOption,
    WorkspaceOption,
    language,
    print_csv,
    print_json,
    print_table,
)
from schwung.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schwung.measure.inference import Estimate
    from schwung.predict.forecast.forecast import Forecast

app = typer.Typer()
_PERIOD = Text("period", "Zeitraum")
_COHORT = Text("first order in", "erste Bestellung im")
_TOTAL, _NEW = Text("in total", "zusammen"), Text("to come", "künftige")


@app.command("forecast")
def forecast(
    unit: Annotated[
        Literal["week", "month"], typer.Option(help="week (of seven days from tomorrow) or month (of the calendar).")
    ] = "week",
    periods: Annotated[
        int | None,
        typer.Option(help="How many ahead; months after what is left of this one.", show_default="26 weeks, 6 months"),
    ] = None,
    level: Annotated[float, typer.Option(min=0.01, max=0.999, help="Level of the intervals.")] = 0.8,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Say what is to be expected: new customers, orders and revenue ahead, by cohort and in total, with intervals.

    Example: schwung forecast --unit month --periods 12
    """
    from schwung.app.analyses.forecast import forecasted
    from schwung.app.wiring import open_workspace

    found = forecasted(
        open_workspace(workspace), unit=unit, periods=periods, level=level, engine=engine_named(engine)
    )  # fmt: skip
    if json:
        print_json(found.to_json())
    elif csv:
        print_csv(_rows(found))
    else:
        _print(found)


def _rows(found: "Forecast") -> "Iterator[dict[str, Any]]":
    """Of each period, of each cohort (all periods), in total: every measure with its interval."""

    def told(part: str, name: str, values: "Mapping[str, Estimate]", on: str, until: str) -> dict[str, Any]:
        row: dict[str, Any] = {"part": part, "name": name, "on": on, "until": until}
        for measure, one in values.items():
            row |= {measure: one.value, f"{measure}_low": one.low, f"{measure}_high": one.high}
        return row

    first, last = found.periods[0].on, found.periods[-1].until
    for one in found.periods:
        so_far = {f"{measure}_so_far": value for measure, value in (one.so_far or {}).items()}
        yield told("period", "", one.values, one.on, one.until) | so_far
    yield told("total", "", found.total, first, last)
    yield from (told("cohort", name, values, first, last) for name, values in found.cohorts.items())


def _print(found: "Forecast") -> None:
    from schwung.core.money import exponent_of
    from schwung.predict.forecast.forecast import MEASURES
    from schwung.renderers.numbers import number

    spoken, scale = language(), 10 ** exponent_of(found.currency)
    word = {"en": "to", "de": "bis"}[spoken]

    def shown(name: str, one: "Estimate") -> str:
        unit, by = (found.currency, scale) if name == "revenue" else ("count", 1)
        value, low, high = (number((part or 0.0) / by, unit, spoken) for part in (one.value, one.low, one.high))
        return f"{value} ({low} {word} {high})"

    heads = [_PERIOD.in_(spoken), *(title.in_(spoken) for title in MEASURES.values())]
    rows = [(f"{one.on} – {one.until}", *(shown(name, one.values[name]) for name in MEASURES)) for one in found.periods]
    rows.append((_TOTAL.in_(spoken), *(shown(name, found.total[name]) for name in MEASURES)))
    print_table(heads, rows, right=heads[1:], as_named=True)
    heads = [_COHORT.in_(spoken), MEASURES["orders"].in_(spoken), MEASURES["revenue"].in_(spoken)]
    cohorts = [
        (_NEW.in_(spoken) if name == "new" else name, *(shown(each, values[each]) for each in ("orders", "revenue")))
        for name, values in found.cohorts.items()
    ]
    print_table(heads, cohorts, right=heads[1:], as_named=True)
    for remark in found.remarks:
        typer.echo(remark.in_(spoken))
