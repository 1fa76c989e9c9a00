"""schwung models, train, predict, backtest: what the models say, how sure they are, how good they were."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from schwung.cli.customers import actor
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
    from schwung.app.model_versions import Step, Version
    from schwung.app.predictions import Predicted
    from schwung.core.text import Language

app = typer.Typer()
_Since = Annotated[str | None, typer.Option(help="Only customers whose first order lies on that day or later.")]
_Until = Annotated[str | None, typer.Option(help="Last day that it sees; without it, all until now.")]
_Unit = Annotated[Literal["day", "week"], typer.Option(help="Clock of the parameters: day or week.")]
_Horizon = Annotated[int | None, typer.Option(help="Days ahead.", show_default="as set")]
_Engine = Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")]
_HEADS = {
    "model": Text("model", "Modell"), "title": Text("title", "Titel"), "says": Text("says", "sagt"), "state": Text("state", "Stand"),
    "trained": Text("trained", "trainiert"), "customers": Text("customers", "Kunden"), "parameter": Text("parameter", "Parameter"),
    "value": Text("value", "Wert"), "error": Text("standard error", "Standardfehler"), "measure": Text("measure", "Maß"),
    "target": Text("target", "Ziel"), "mean": Text("mean", "Mittel"), "total": Text("total", "Summe"), "until": Text("from, to", "von, bis"),
    "naive": Text("naive rule", "naive Regel"),
}  # fmt: skip
_FACTS = Text("Facts from {since} to {until}, {n} customers; version {version}.", "Fakten von {since} bis {until}, {n} Kunden; Fassung {version}.")  # fmt: skip
_LIKELIHOOD = Text("Log-likelihood {value}.", "Log-Likelihood {value}.")
_LEVEL = Text("In brackets: within what the sum lies at {level}.", "In Klammern: worin die Summe bei {level} liegt.")
_ENDLESS = Text(
    "Customer equity, what the customers of today will bring without an end: {value} ({low} – {high}).",
    "Kundenkapital, was die heutigen Kunden ohne Ende bringen: {value} ({low} – {high}).",
)
_NOT_FINITE = Text(
    "What they bring without an end (customer equity) is finite with a discount only: --discount-rate 0.1, or `[value] discount_rate`.",
    "Was sie ohne Ende bringen (Kundenkapital), ist nur mit Abzinsung endlich: --discount-rate 0.1, oder `[value] discount_rate`.",
)
_MORE = Text("Every customer: --json or --csv.", "Jeder Kunde: --json oder --csv.")
_NOBODY = Text(
    "there is nobody of whom it says anything; see what it was trained on: schwung train",
    "es gibt niemanden, über den es etwas sagt; worauf es trainiert wurde, sagt: schwung train",
)
_STATES = {
    "never": Text("never trained", "nie trainiert"), "asked": Text("waits", "wartet"), "running": Text("is trained", "wird trainiert"),
    "done": Text("trained", "trainiert"), "failed": Text("failed", "gescheitert"),
}  # fmt: skip


@app.command("models")
def models(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List the models: what each says, when it was trained, how that went.

    Example: schwung models
    """
    from schwung.app.model_versions import latest_versions
    from schwung.app.wiring import open_workspace
    from schwung.core.clock import to_datetime
    from schwung.predict.models import MODELS

    spoken, latest = language(), latest_versions(open_workspace(workspace))
    if json:
        print_json(
            [
                {"model": name, "title": model.title.in_(spoken), "says": model.says.in_(spoken)}
                | {"latest": latest[name].details() if name in latest else None}
                for name, model in MODELS.items()
            ]
        )
        return
    rows = []
    for name, model in MODELS.items():
        one = latest.get(name)
        at = None if one is None or one.trained_at is None else to_datetime(one.trained_at).strftime("%Y-%m-%d %H:%M")
        rows.append((name, model.says.in_(spoken), _STATES[one.state if one else "never"].in_(spoken), at))
    print_table(_heads("model", "says", "state", "trained"), rows, as_named=True)


@app.command("train")
def train(
    model: Annotated[str | None, typer.Argument(help="Name of the model; without it all of them.")] = None,
    since: _Since = None,
    until: _Until = None,
    time_unit: _Unit = "day",
    horizon_days: _Horizon = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Fit a model, or all of them, and publish what they predict; a worker does so every night.

    Example: schwung train mbg_nbd --until 2026-06-30
    """
    from schwung.app import train as training
    from schwung.app.wiring import open_workspace
    from schwung.predict.models import MODELS

    place = open_workspace(workspace)
    asked: dict[str, Any] = {"since": since, "until": until, "time_unit": time_unit, "horizon_days": horizon_days}
    names = tuple(MODELS) if model is None else (MODELS.find(model).name,)
    with _progress(names, quiet=json) as watch:
        asked |= {"engine": engine_named(engine), "actor": actor(), "watch": watch}
        found = training.train_all(place, **asked) if model is None else [training.train(place, model, **asked)]
    if json:
        told = [one.to_json() for one in found]
        print_json(told[0] if model is not None else told)
    else:
        for one in found:
            _print_version(one, language())
    if all(one.failure is not None for one in found):
        raise typer.Exit(2)


@app.command("predict")
def predict(
    model: Annotated[str, typer.Argument(help="Name of the model; see: schwung models")],
    horizon_days: _Horizon = None,
    level: Annotated[float, typer.Option(min=0.01, max=0.999, help="Level of the intervals.")] = 0.8,
    discount_rate: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="A year, such as 0.1, for models of value.", show_default="as set"),
    ] = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV: one row per customer, target and rank.")] = False,
) -> None:
    """Say what a trained model predicts for every customer, and for all together. Money in JSON and CSV is in minor units, dates
    are ISO 8601 in CSV and UTC microseconds in JSON.

    Example: schwung predict mbg_nbd --horizon-days 180 --csv > predictions.csv
    """
    from schwung.app.predictions import predict as compute
    from schwung.app.wiring import open_workspace

    place = open_workspace(workspace)
    found = compute(
        place, model, horizon_days=horizon_days, level=level, discount_rate=discount_rate, engine=engine_named(engine)
    )
    if json:
        print_json(found.to_json())
    elif csv:
        print_csv(found.for_csv())
    else:
        _print_predicted(found, language(), place.settings.workspace.currency)


@app.command("backtest")
def backtest(
    model: Annotated[str, typer.Argument(help="Name of the model; see: schwung models")],
    since: _Since = None,
    until: _Until = None,
    time_unit: _Unit = "day",
    horizon_days: _Horizon = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Walk forward in time: fit on what was known, judge on what came after, beside a naive rule.

    Example: schwung backtest mbg_nbd --horizon-days 90
    """
    from schwung.app.backtest import backtest as compute
    from schwung.app.wiring import open_workspace

    found = compute(
        open_workspace(workspace), model, since=since, until=until, time_unit=time_unit, horizon_days=horizon_days,
        engine=engine_named(engine),
    )  # fmt: skip
    if json:
        print_json(found.to_json())
        return
    if csv:
        print_csv(_fold_rows(found.to_json()), ("cut_at", "until_at", "customers", "measure", "value", "naive"))
        return
    from schwung.core.clock import to_datetime

    spoken, folds = language(), found.backtest.folds
    rows = [
        (
            f"{to_datetime(fold.cut_at):%Y-%m-%d} – {to_datetime(fold.until_at):%Y-%m-%d}", fold.customers, name,
            _plain(value, spoken), _plain(fold.naive.get(name), spoken),
        )
        for fold in folds
        for name, value in fold.model.items()
    ]  # fmt: skip
    heads = _heads("until", "customers", "measure", "value", "naive")
    print_table(heads, rows, title=found.model.title.in_(spoken), right=[heads[1], *heads[3:]], as_named=True)
    for sentence in dict.fromkeys([*(fold.naive_rule for fold in folds), *found.backtest.sentences]):
        typer.echo(sentence.in_(spoken))


def _fold_rows(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row per fold and measure."""
    for fold in told["folds"]:
        begins = {name: fold[name] for name in ("cut_at", "until_at", "customers")}
        for name, value in fold["model"].items():
            yield begins | {"measure": name, "value": value, "naive": fold["naive"].get(name)}


@contextmanager
def _progress(names: Sequence[str], *, quiet: bool) -> "Iterator[Callable[[str, Step], None]]":
    """A bar over the steps of all models, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from schwung.app.model_versions import STEPS

    steps, spoken = list(STEPS), language()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("", total=len(names) * len(steps))

        def watch(name: str, step: "Step") -> None:
            done = names.index(name) * len(steps) + steps.index(step)
            bar.update(task, completed=done, description=f"{name} {STEPS[step].in_(spoken)}")

        yield watch


def _print_version(one: "Version", spoken: "Language") -> None:
    from schwung.predict.models import MODELS

    title = f"{MODELS[one.model].title.in_(spoken)} ({one.model})"
    if one.trained is None:
        typer.echo(title)
        if one.failure is not None:
            typer.echo(f"{one.failure.message.in_(spoken)} {one.failure.step.in_(spoken)}\n")
        return
    given = one.trained
    rows = [
        (name, _plain(value, spoken), _plain(given.standard_errors.get(name), spoken))
        for name, value in given.parameters.items()
    ]
    heads = _heads("parameter", "value", "error")
    print_table(heads, rows, title=title, right=heads[1:], as_named=True)
    if given.quality:
        heads = _heads("measure", "value")
        shown = [(name, _plain(value, spoken)) for name, value in given.quality.items()]
        print_table(heads, shown, right=heads[1:], as_named=True)
    if given.log_likelihood is not None:
        typer.echo(_LIKELIHOOD.fill(value=_plain(given.log_likelihood, spoken)).in_(spoken))
    drifted = one.drift.sentences if one.drift is not None else ()
    for sentence in (*given.warnings, *given.remarks, *drifted):
        typer.echo(sentence.in_(spoken))
    facts = _FACTS.fill(
        since=one.window.get("since") or "–",
        until=one.window.get("until") or "–",
        n=given.customers,
        version=one.version,
    )
    typer.echo(f"{facts.in_(spoken)}\n")


def _print_predicted(found: "Predicted", spoken: "Language", currency: str) -> None:
    import pyarrow.compute as pc

    from schwung.core.money import exponent_of
    from schwung.measure.said import money, share
    from schwung.predict.models.clv import ENDLESS

    def shown(value: float | None, unit: str) -> str | None:
        if value is None or unit != "money":
            return _plain(value, spoken)
        return money(value / 10 ** exponent_of(currency), currency).in_(spoken)

    def summed(name: str, value: float | None, unit: str) -> str | None:
        known = found.totals.get(name)
        if known is None or known.low is None or known.high is None:
            return shown(value, unit)
        return f"{shown(known.value, unit)} ({shown(known.low, unit)} – {shown(known.high, unit)})"

    rows = []
    for target in found.model.targets:
        here = found.rows.filter(pc.and_(pc.equal(found.rows["target"], target.name), pc.equal(found.rows["rank"], 0)))
        values = here["value"]
        counted = target.unit in ("count", "money")
        mean = None if target.unit in ("date", "group", "product") else pc.mean(values).as_py()
        rows.append(
            (
                target.title.in_(spoken), here.num_rows, shown(mean, target.unit),
                summed(target.name, pc.sum(values).as_py() if counted else None, target.unit),
            )
        )  # fmt: skip
    if not found.rows.num_rows:
        typer.echo(f"{found.model.title.in_(spoken)}: {_NOBODY.in_(spoken)}")
        return
    heads = _heads("target", "customers", "mean", "total")
    print_table(heads, rows, title=found.model.title.in_(spoken), right=heads[1:], as_named=True)
    endless = found.totals.get(ENDLESS)
    if endless is not None:
        said = {name: shown(getattr(endless, name), "money") or "–" for name in ("value", "low", "high")}
        typer.echo(_ENDLESS.fill(**said).in_(spoken))
    elif "clv" in found.totals:
        typer.echo(_NOT_FINITE.in_(spoken))
    if found.totals:
        typer.echo(_LEVEL.fill(level=share(found.level, 0)).in_(spoken))
    typer.echo(_MORE.in_(spoken))


def _heads(*names: str) -> list[str]:
    return [_HEADS[name].in_(language()) for name in names]


def _plain(value: float | None, spoken: "Language") -> str | None:
    """Six significant digits, decimal comma in German."""
    if value is None:
        return None
    text = f"{value:.6g}"
    return text.replace(".", ",") if spoken == "de" else text
