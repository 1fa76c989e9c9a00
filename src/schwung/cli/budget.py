"""schwung budget: where the next euro goes, from a plan in a file or from the workspace's own data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from schwung.predict.budget.answer import Budget
    from schwung.predict.budget.equity import Equity
    from schwung.predict.budget.solve import Answered, Evidence

app = typer.Typer()
_HEADS = {
    "channel": Text("channel", "Kanal"), "now": Text("now", "jetzt"), "best": Text("best", "bestes"), "interval": Text("interval", "Intervall"),
    "hours": Text("hours", "Stunden"), "outcome": Text("outcome", "Ergebnis"), "next": Text("next unit brings", "nächste Einheit bringt"),
    "money": Text("money", "Geld"), "value": Text("value", "Wert"), "verdict": Text("what the data say", "was die Daten sagen"),
    "each prospect": Text("for each prospect", "je Angesprochenem"), "each customer": Text("for each customer", "je Kunde"),
    "equity": Text("customer equity", "Kundenstammwert"), "customer value": Text("value of a customer", "Wert eines Kunden"),
}  # fmt: skip

_NO_SPEND = Text(
    "No spend on a channel is known in whole periods of this time, so there is nothing to split. Import it (schwung import spend.csv --kind spend), or give a plan as a file.",
    "In ganzen Zeiträumen dieser Zeit sind keine Ausgaben für Kanäle bekannt; daher gibt es nichts aufzuteilen. Ausgaben einlesen (schwung import spend.csv --kind spend) oder einen Plan als Datei angeben.",
)  # fmt: skip


@app.command("budget")
def budget(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Plan as YAML; without one curves are fitted to the workspace.")] = None,
    outcome: Annotated[str, typer.Option(help="What the fitted curves bring: revenue, margin, orders or new_customers.")] = "revenue",
    unit: Annotated[str, typer.Option(help="Periods of the fit: week or month.")] = "week",
    kind: Annotated[str, typer.Option(help="Curve to fit: exponential, logistic, hill or log.")] = "exponential",
    money: Annotated[float | None, typer.Option(min=0, help="Money for a period of the fit.", show_default="what is spent now")] = None,
    since: Annotated[str | None, typer.Option(help="First day of the fit, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print the fitted plan as YAML, to change it and ask again.")] = False,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:  # fmt: skip
    """Split money and hours over acquisition and retention so that they bring most.

    Example: schwung budget budget.yaml --json
    """
    found = _found(file, outcome, unit, kind, money, since, until, engine, workspace)
    if plan and found.budget is not None:
        import yaml

        from schwung.predict.budget.solve import plan_data

        typer.echo(yaml.safe_dump(plan_data(found.budget.plan), allow_unicode=True, sort_keys=False).strip())
    elif json:
        print_json(found.to_json())
    elif csv:
        print_csv(_rows(found), ("name", "effort", "money", "outcome", "value"))
        if (why := _nothing(found)) is not None:
            typer.echo(why.in_(language()), err=True)
    else:
        _print(found)


def _rows(found: "Answered") -> list[dict[str, Any]]:
    """Of each channel; of customer equity now and best; of each channel what the data say, where they support no curve."""
    told = found.to_json()
    if found.budget is None and found.evidence is not None:
        return [{"name": one.name, "verdict": one.verdict} for one in found.evidence.channels]
    equity = told.get("equity", {})
    return told.get("channels") or [{"name": name, **equity[name]} for name in ("now", "best") if name in equity]


def _found(
    file: Path | None, outcome: str, unit: str, kind: str, money: float | None, since: str | None, until: str | None,
    engine: str | None, workspace: Path,
) -> "Answered":  # fmt: skip
    from schwung.app.analyses.budget import budget as compute
    from schwung.app.analyses.budget import read_file

    if file is not None:  # needs no workspace
        from schwung.predict.budget.solve import solve_budget

        return solve_budget(read_file(file))
    from schwung.app.wiring import open_workspace

    return compute(
        open_workspace(workspace), outcome=outcome, unit=unit, kind=kind, money=money, since=since, until=until, engine=engine_named(engine),
    )  # fmt: skip


def _nothing(found: "Answered") -> Text | None:
    """Why there is nothing to split."""
    from schwung.predict.budget.solve import NONE_SUPPORTED

    if found.evidence is None or found.budget is not None:
        return None
    return NONE_SUPPORTED if found.evidence.channels else _NO_SPEND


def _print(found: "Answered") -> None:
    from schwung.predict.budget.solve import OBSERVED

    spoken, why = language(), _nothing(found)
    if found.evidence is not None and not found.evidence.channels and why is not None:
        typer.echo(why.in_(spoken))
        return
    if found.evidence is not None:
        _print_evidence(found.evidence)
        typer.echo(OBSERVED.in_(spoken))
    if found.budget is not None:
        _print_budget(found.budget)
    elif why is not None:
        typer.echo(why.in_(spoken))
    if found.equity is not None:
        _print_equity(found.equity)


def _heads(*names: str) -> list[str]:
    return [_HEADS[name].in_(language()) for name in names]


def _print_evidence(found: "Evidence") -> None:
    from schwung.collect.touch import channel_title
    from schwung.predict.budget.fit import VERDICTS

    spoken = language()
    rows = [(channel_title(one.name).in_(spoken), VERDICTS[one.verdict].in_(spoken)) for one in found.channels]
    print_table(_heads("channel", "verdict"), rows, as_named=True)


def _print_budget(found: "Budget") -> None:
    from schwung.renderers.numbers import number, plain

    spoken, currency = language(), found.plan.currency

    def effort(value: float | None, unit: str) -> str:
        return number(value, currency if unit == "money" else "hours", spoken)

    rows = [
        (
            one.name, effort(one.current, one.unit), effort(one.effort, one.unit),
            "" if one.low is None else f"{effort(one.low, one.unit)} – {effort(one.high, one.unit)}",
            plain(one.hours, 1, spoken) if one.hours else "", plain(one.outcome, 1, spoken),
            "" if one.next_money is None else plain(one.next_money, 2, spoken),
        )
        for one in found.shares
    ]  # fmt: skip
    heads = _heads("channel", "now", "best", "interval", "hours", "outcome", "next")
    print_table(heads, rows, right=heads[1:], as_named=True)
    for said in found.sentences():
        typer.echo(said.in_(spoken))
    heads = _heads("money", "value", "next")
    rows_ = [
        (number(one.money, currency, spoken), *("–" if value is None else plain(value, digits, spoken) for value, digits in ((one.value, 1), (one.next_money, 2))))
        for one in found.scenarios
    ]  # fmt: skip
    if rows_:
        print_table(heads, rows_, right=heads, as_named=True)


def _print_equity(found: "Equity") -> None:
    from schwung.renderers.numbers import plain

    spoken = language()
    heads = ["", *_heads("each prospect", "each customer", "customer value", "equity", "money")]
    rows = [
        (name, *(plain(value, 2, spoken) for value in (one.acquisition, one.retention, one.customer_value, one.equity, one.money)))
        for name, one in zip(_heads("now", "best"), (found.now, found.best), strict=True)
    ]  # fmt: skip
    print_table(heads, rows, right=heads[1:], as_named=True)
    typer.echo(found.sentence().in_(spoken))
