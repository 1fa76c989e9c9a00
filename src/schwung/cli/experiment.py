"""schwung experiment: what an action really brought."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table


class _Named(TyperGroup):
    """What is no command is the name of an experiment: `schwung experiment coupon` shows it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(cls=_Named, no_args_is_help=True, help="Experiments: what an action really brought, beside a group that got nothing.")  # fmt: skip
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the experiment.")]


@app.command("list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all experiments with what is known of each, newest first."""
    from schwung.act.experiment.words import short
    from schwung.app.analyses.experiment import results

    found = results(opened(workspace))
    if json:
        print_json([one.to_json() | {"state": told.state} for one, told in found])
        return
    rows = [(one.name, told.people, told.followed, short(told).in_(language())) for one, told in found]
    print_table(("name", "people", "followed", "result"), rows, right=("people", "followed"))


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the new experiment.")],
    arm: Annotated[list[str] | None, typer.Option(help="A group with its share, such as coupon=0.5; the first is the control.")] = None,
    goal: Annotated[str | None, typer.Option(help="Event or fact that counts as success; else an order.")] = None,
    window_days: Annotated[int | None, typer.Option(help="Days for which people are followed.")] = None,
    before_days: Annotated[int | None, typer.Option(help="Days before that explain part of what comes after; 0: none.")] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Define an experiment; without --arm half are control and half treated.

    Example: schwung experiment new coupon --arm control=0.5 --arm coupon=0.5 --window-days 28
    """
    from schwung.app.experiments import save_experiment

    written: dict[str, Any] = {"note": note}
    written |= {"arms": _arms(arm)} if arm else {}
    written |= {"goal": goal} if goal else {}
    written |= {"window_days": window_days} if window_days is not None else {}
    written |= {"before_days": before_days} if before_days is not None else {}
    found = save_experiment(opened(workspace), name, written, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("{name}: {words}", "{name}: {words}", name=found.name, words=found.design.words)


@app.command("expose")
def expose(
    name: NameArgument,
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="CSV: customer, and if known arm and exposed_at (ISO 8601).")] = None,
    of: Annotated[str | None, typer.Option("--list", help="List or segment whose customers enter.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Put customers into an experiment: of a list by lot, or as a file says."""
    from schwung.act.experiment.design import design_wrong
    from schwung.app.exposures import expose_lines, expose_list
    from schwung.core.text import Text

    if (file is None) == (of is None):
        raise design_wrong(Text("name a file or --list", "eine Datei oder --list nennen"))
    place = opened(workspace)
    found = (
        expose_list(place, name, of, actor=actor()) if of else expose_lines(place, name, _lines(file), actor=actor())
    )
    if json:
        print_json({"new": found.new, "asked": found.asked, "unknown": list(found.unknown), "ambiguous": list(found.ambiguous)})  # fmt: skip
        return
    say("{new} of {asked} are new in it.", "{new} von {asked} sind neu darin.", new=found.new, asked=found.asked)
    if found.unknown or found.ambiguous:
        say(
            "{n} lines fit nobody, {m} fit more than one customer.",
            "{n} Zeilen passen auf niemanden, {m} auf mehr als einen Kunden.",
            n=len(found.unknown), m=len(found.ambiguous),
        )  # fmt: skip


@app.command("show")
def show(
    name: NameArgument,
    by: Annotated[str | None, typer.Option(help="Also by kind, channel, or a list or segment.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark; default: the setting.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show the result of an experiment; its name alone, without show, does the same."""
    from schwung.act.experiment.words import amount, sentence
    from schwung.app.analyses.experiment import experiment_result
    from schwung.cli.measure import engine_named

    found = experiment_result(opened(workspace), name, by=by, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
        return
    typer.echo(sentence(found).in_(language()))
    typer.echo()
    print_table(
        ("group", "share", "people", "followed"),
        [(one.arm, f"{100 * one.share:g} %", one.people, one.followed) for one in found.groups],
        right=("share", "people", "followed"),
    )
    rows = []
    for one in found.compared:
        shown = [amount(value, one.outcome.unit, found.currency).in_(language()) for value in (one.effect.value, one.effect.low, one.effect.high)]  # fmt: skip
        rows.append((one.outcome.title.in_(language()), one.arm, *shown))
    if rows:
        print_table(("outcome", "group", "effect", "low", "high"), rows, right=("effect", "low", "high"))
    if found.sliced is not None:
        _print_slices(found)


@app.command("end")
def end(name: NameArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """End an experiment: nobody enters any more, who is in it is followed to the end."""
    from schwung.app.experiments import end_experiment

    found = end_experiment(opened(workspace), name, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("{name} is ended.", "{name} ist beendet.", name=found.name)


@app.command("size")
def size(
    share: Annotated[float, typer.Option(help="Share of the control, 0 to 1.")] = 0.1,
    people: Annotated[int | None, typer.Option(help="How many people will meet it; else as many as there are.")] = None,
    of: Annotated[str | None, typer.Option("--list", help="List or segment; else all customers.")] = None,
    window_days: Annotated[int | None, typer.Option(help="Days for which people are followed.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Say before the start how small an effect an experiment of that size would show in four of five cases."""
    from schwung.act.experiment.words import amount, level_of
    from schwung.app.analyses.experiment import detectable

    place = opened(workspace)
    found = detectable(place, people_no=people, share=share, of=of, window_days=window_days)
    if json:
        print_json([one.to_json() for one in found])
        return
    currency = place.settings.workspace.currency
    rows = [
        (
            one.outcome.title.in_(language()),
            level_of(one.mean, one.outcome.unit, currency).in_(language()),
            amount(one.least, one.outcome.unit, currency).in_(language()),
        )
        for one in found
    ]
    print_table(("outcome", "until now", "shows from"), rows, right=("until now", "shows from"))


@app.command("value")
def value(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show what all journeys together are proved to have earned, in the last twelve months."""
    from schwung.app.analyses.value_proved import value_proved
    from schwung.measure import said

    found = value_proved(opened(workspace))
    if json:
        print_json(found.to_json())
        return
    typer.echo(found.words.in_(language()))
    rows = [
        (
            day.isoformat()[:7],
            *(said.money(part, found.currency).in_(language()) for part in (one.value, one.low, one.high)),
        )
        for day, one in found.months.items()
    ]
    if rows:
        print_table(("month", "added", "low", "high"), rows, right=("added", "low", "high"))


@app.command("uplift")
def uplift(
    name: NameArgument,
    arm: Annotated[str | None, typer.Option(help="Treated group; else the first.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Say whether some people are moved more than others, learned from the groups of an experiment."""
    from schwung.app.analyses.uplift import uplift as learned

    found = learned(opened(workspace), name, arm=arm)
    if json:
        print_json(found.to_json())
        return
    typer.echo(found.words.in_(language()))
    rows = [
        (one.title.in_(language()), f"{one.qini:.5f}", f"{one.low:.5f}", f"{one.high:.5f}")
        for one in (*found.models, found.response)
    ]
    print_table(("model", "Qini", "low", "high"), rows, right=("Qini", "low", "high"))


def _print_slices(found: Any) -> None:
    from schwung.act.experiment.words import amount

    unit = next(one.outcome.unit for one in found.compared if one.outcome.name == found.sliced.outcome)
    rows = []
    for one in found.sliced.slices:
        parts = (None,) * 3 if one.effect is None else (one.effect.value, one.effect.low, one.effect.high)
        told = [None if part is None else amount(part, unit, found.currency).in_(language()) for part in parts]
        rows.append((one.value, one.arm, one.followed, *told))
    print_table(
        (found.sliced.cut, "group", "followed", "effect", "low", "high"),
        rows,
        right=("followed", "effect", "low", "high"),
    )


def _arms(written: list[str]) -> dict[str, float]:
    from schwung.act.experiment.design import design_wrong
    from schwung.core.text import Text

    found: dict[str, float] = {}
    for one in written:
        name, _, share = one.rpartition("=")
        try:
            found[name] = float(share)
        except ValueError:
            raise design_wrong(Text("“{one}” is no NAME=SHARE", "„{one}“ ist kein NAME=ANTEIL").fill(one=one)) from None
    return found


def _lines(file: Path | None) -> list[tuple[str, str | None, int | None]]:
    """(customer, group, when) of a CSV with a head; of a file without one the first column."""
    from schwung.act.experiment.design import design_wrong
    from schwung.core.clock import to_instant
    from schwung.core.text import Text

    assert file is not None
    text = file.read_bytes().decode("utf-8-sig", "replace")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=separator) if row and row[0].strip()]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "customer" not in head:
        return [(row[0].strip(), None, None) for row in rows]
    found: list[tuple[str, str | None, int | None]] = []
    for row in rows[1:]:
        told = dict(zip(head, (cell.strip() for cell in row), strict=False))
        try:
            written = told.get("exposed_at")
            at = to_instant(datetime.fromisoformat(written).astimezone()) if written else None
        except ValueError:
            raise design_wrong(
                Text("“{at}” is no time", "„{at}“ ist kein Zeitpunkt").fill(at=str(told.get("exposed_at"))[:60])
            ) from None
        found.append((told["customer"], told.get("arm") or None, at))
    return found
