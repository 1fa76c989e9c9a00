"""schwung measure and schwung query: numbers and facts on the command line."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.app.report import Result

app = typer.Typer()


@app.command("measure")
def measure(
    name: Annotated[str | None, typer.Argument(help="Name of the metric; --list shows them.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Cut by day, week, month, quarter, year, channel, country, product … May be repeated."),
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List all metrics.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Compute a metric at the newest published state of the lake.

    Without --since: the metric's own window; with a calendar unit in --by: all facts.
    Example: schwung measure repeat_purchase_rate --by month --since 2026-01-01
    """
    if list_ or name is None:
        _print_metrics(json)
        return
    from schwung.app.report import measure as compute
    from schwung.app.wiring import open_workspace

    cuts = [cut for part in by or () for cut in part.split(",")]
    result = compute(open_workspace(workspace), name, by=cuts, since=since, until=until, engine=engine_named(engine))
    if json:
        print_json(result.to_json())
    elif result.missing:
        _print_missing(result)
    else:
        print_result(result)


def engine_named(name: str | None) -> Any:
    """The engine that somebody named; None stays None. InputError for what is none."""
    from schwung.core.errors import InputError
    from schwung.core.text import Text

    if name in (None, "duckdb", "spark"):
        return name
    raise InputError(
        "unknown_engine",
        Text(en="There is no engine named “{name}”.", de="Eine Engine „{name}“ gibt es nicht.").fill(name=name),
        Text(en="Known: duckdb, spark.", de="Bekannt: duckdb, spark."),
    )


def _print_metrics(json: bool) -> None:
    from schwung.measure.metrics import METRICS

    spoken = language()
    if json:
        print_json(
            [
                {
                    "name": m.name,
                    "title": m.title.in_(spoken),
                    "subject": m.subject,
                    "unit": m.unit,
                    "better": m.better,
                    "cuts": m.cuts,
                }
                for m in METRICS.values()
            ]
        )
        return
    rows = [(m.name, m.title.in_(spoken), m.definition.in_(spoken)) for m in METRICS.values()]
    print_table(("name", "title", "definition"), rows)


def _print_missing(result: "Result") -> None:
    """What lacks, and where it is entered."""
    spoken = language()
    typer.echo(result.metric.title.in_(spoken) + (": keine Zahl." if spoken == "de" else ": no number."))
    for one in result.missing:
        where = {"de": "In der Konsole", "en": "In the console"}[spoken]
        typer.echo(f"{one.text.in_(spoken)} {where}: {one.where}")


def print_result(result: "Result") -> None:
    """As a table for people, with what it leaves out and to when it holds."""
    from schwung.core.clock import to_datetime
    from schwung.renderers.numbers import number, unit_name

    spoken = language()
    german = spoken == "de"
    metric = result.metric
    exact = metric.estimate == "exact" or metric.shape == "matrix"
    cuts = list(result.rows[0].cuts) if result.rows else list(result.question.by)
    interval = [] if exact else [("95 % von", "95 % bis") if german else ("95% low", "95% high")][0]
    counted = metric.unit != "count"
    columns = [*(_cut_head(cut) for cut in cuts), "Wert" if german else "value", *interval]
    columns += [metric.basis.in_(spoken)] if counted else []

    def shown(value: float | None) -> str:
        return number(value, result.unit, spoken)

    def cut_value(cut: str, value: Any) -> str:
        parts = metric.parts
        return parts.texts[value].in_(spoken) if parts is not None and cut == parts.column else str(value)

    rows = [
        (
            *(cut_value(cut, row.cuts[cut]) for cut in cuts),
            shown(row.estimate.value) + (" *" if row.so_far else ""),
            *(() if exact else (shown(row.estimate.low), shown(row.estimate.high))),
            *([number(row.estimate.n, "count", spoken)] if counted else []),
        )
        for row in result.rows
    ]
    title = f"{metric.title.in_(spoken)} ({unit_name(result.unit, spoken)})"
    print_table(columns, rows, title=title, right=columns[len(cuts) :], as_named=True)
    as_of = to_datetime(result.question.as_of).strftime("%Y-%m-%d %H:%M UTC")
    notes = [("Daten bis " if german else "Data to ") + as_of]
    if any(row.so_far for row in result.rows):
        notes.append("* Zeitraum noch nicht vorbei" if german else "* period not over yet")
    if result.guest_orders:
        guests = number(result.guest_orders, "count", spoken)
        notes.append(f"ohne {guests} Bestellungen von Gästen" if german else f"without {guests} orders of guests")
    typer.echo("; ".join(notes) + ".")
    if result.remark:
        typer.echo(result.remark.in_(spoken))


def _cut_head(cut: str) -> str:
    from schwung.cli.heads import head
    from schwung.measure.cuts import CUTS

    if cut not in CUTS:
        return head(cut, language())
    title = CUTS[cut].title
    return title.de if language() == "de" else title.en.lower()


@app.command("query")
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the fact tables, such as orders or events.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Run read-only SQL (DuckDB's dialect) over the lake at its newest published state; instants are UTC timestamps.

    Example: schwung query "SELECT country, count(*) FROM orders GROUP BY country"
    """
    from schwung.app.facts import query as run
    from schwung.app.wiring import open_workspace

    found = run(open_workspace(workspace), sql)
    if json:
        print_json(found.to_pylist())
    else:
        print_table(found.column_names, (row.values() for row in found.to_pylist()), as_named=True)
