"""schwung lifecycle: kinds and phases, the moves between them, the rules behind them; schwung acquisition: up to the first order."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.core.text import Language
    from schwung.measure.moves import Moves

app = typer.Typer()
_Since = Annotated[str | None, typer.Option(help="First day, such as 2026-01-31.")]
_Until = Annotated[str | None, typer.Option(help="Last day; it counts.")]
_Engine = Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")]
_File = Annotated[Path | None, typer.Option("--rules", help="Try the rules of a YAML or JSON file; nothing is saved without --save.")]  # fmt: skip


@app.command("lifecycle")
def lifecycle(
    days: Annotated[int, typer.Option(min=1, max=731, help="Length of the period, without --since.")] = 28,
    since: _Since = None,
    until: _Until = None,
    rules: _File = None,
    preset: Annotated[str | None, typer.Option(help="Try a preset: b2c_shop, store, service, saas or b2b.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Save the rules that --rules or --preset names.")] = False,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show customers by kind and phase at the start and end of a period, and who moved where, how fast.

    Example: schwung lifecycle --days 90
    """
    from schwung.app.analyses.lifecycle import lifecycle as compute
    from schwung.app.phase_rules import save_phase_rules
    from schwung.app.wiring import open_workspace
    from schwung.cli.customers import actor

    place = open_workspace(workspace)
    asked = _rules(rules) if rules else {"preset": preset} if preset else None
    if save and asked is not None:
        save_phase_rules(place, asked, actor=actor())
    found = compute(place, days=days, since=since, until=until, rules=asked, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
        return
    spoken = language()
    title = f"{found.period.since_on} – {found.period.until_on}"
    _print(found.kinds, f"{'Arten' if spoken == 'de' else 'Kinds'} {title}", spoken)
    _print(found.phases, f"{'Phasen' if spoken == 'de' else 'Phases'} {title}", spoken)
    for rule in found.rules.rules:
        typer.echo(f"{found.phases.names[rule.phase].in_(spoken)}: {rule.text.in_(spoken)}")


@app.command("acquisition")
def acquisition(
    days: Annotated[int, typer.Option(min=1, max=731, help="Days of the first contact, without --since.")] = 90,
    since: _Since = None,
    until: _Until = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Follow those first known in a period from awareness to their first order, stage by stage.

    Example: schwung acquisition --since 2026-07-01 --until 2026-09-30
    """
    from schwung.app.analyses.lifecycle import acquisition as compute
    from schwung.app.wiring import open_workspace
    from schwung.measure.acquisition import STAGES
    from schwung.renderers.numbers import number

    found = compute(open_workspace(workspace), days=days, since=since, until=until, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
        return
    spoken = language()
    heads = (
        ["Stufe", "erreicht", "weiter", "Anteil", "weg", "unterwegs", "Median", "90 %"]
        if spoken == "de"
        else ["stage", "entered", "went on", "share", "left", "under way", "median", "90%"]
    )
    rows = [
        (
            STAGES[one.name].title.in_(spoken), *(number(value, "count", spoken) for value in (one.entered, one.converted)),
            number(one.conversion.value if one.conversion else None, "share", spoken),
            *(number(value, "count", spoken) for value in (one.left, one.under_way)), _lasting(one.median), _lasting(one.ninth),
        )
        for one in found.stages
    ]  # fmt: skip
    print_table(heads, rows, title=f"{found.period.since_on} – {found.period.until_on}", right=heads[1:], as_named=True)


def _lasting(seconds: float | None) -> str:
    from schwung.core.clock import SECOND
    from schwung.renderers.lasting import lasting

    return lasting(None if seconds is None else int(seconds * SECOND), language())


def _rules(path: Path) -> dict[str, object]:
    from schwung.app.phase_rules import read_rules_file

    return read_rules_file(path)


def _print(moves: "Moves", title: str, spoken: "Language") -> None:
    from schwung.renderers.numbers import number

    german = spoken == "de"
    heads = ["", "Anfang", "Ende", "von wo (Median in Tagen)"] if german else ["", "start", "end", "from where (median days)"]  # fmt: skip
    before, after = moves.before, moves.after
    rows = []
    for name, text in moves.names.items():
        came = []
        for move in moves.moves:
            if move.target == name and move.origin != name:
                origin = ("neu dabei" if german else "newly known") if move.origin not in moves.names else moves.names[move.origin].in_(spoken)  # fmt: skip
                days = "" if move.days is None else f" ({number(move.days, 'count', spoken)})"
                came.append(f"{origin} {number(move.customers, 'count', spoken)}{days}")
        rows.append((text.in_(spoken), number(before[name], "count", spoken), number(after[name], "count", spoken), ", ".join(came)))  # fmt: skip
    print_table(heads, rows, title=title, right=heads[1:3], as_named=True)
