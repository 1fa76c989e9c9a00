"""schwung flywheel and schwung retention-chain: how the wheel turns, and what holds its chain together."""

from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schwung.core.text import Language
    from schwung.measure.flywheel import Flywheel
    from schwung.measure.friction import Outflow
    from schwung.measure.retention_chain import Link

app = typer.Typer()
_Until = Annotated[str | None, typer.Option(help="Last day; it counts.")]
_Engine = Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")]


@app.command("flywheel")
def flywheel(
    days: Annotated[int, typer.Option(min=1, max=731, help="Length of the period, without --since.")] = 28,
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-31.")] = None,
    until: _Until = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show speed, weight and friction of the flywheel with the money behind them, and the energy put in.

    Example: schwung flywheel --since 2026-10-01 --until 2026-10-31
    """
    from schwung.app.analyses.flywheel import flywheel as compute
    from schwung.app.wiring import open_workspace

    found = compute(open_workspace(workspace), days=days, since=since, until=until, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
    else:
        _print(found, language())


def _print(found: "Flywheel", spoken: "Language") -> None:
    from schwung.measure.inference import WORDS
    from schwung.renderers.numbers import number

    german = spoken == "de"
    friction, currency = found.friction, found.currency
    heads = ["", "Wert", "95 %", "davor", ""] if german else ["", "value", "95%", "before", ""]
    names = ("Tempo", "Gewicht", "Reibung") if german else ("Speed", "Weight", "Friction")
    parts = (
        (found.speed.estimate, found.speed.was, found.speed.difference, "share", 2),
        (found.weight.estimate, found.weight.was, found.weight.difference, "ratio", 1),
        (friction.estimate, friction.before, friction.difference, currency, None),
    )
    rows = [
        (
            name,
            number(estimate.value, unit, spoken, digits=digits),
            f"{number(estimate.low, unit, spoken, digits=digits)} – {number(estimate.high, unit, spoken, digits=digits)}"
            if estimate.low is not None
            else "–",
            number(before, unit, spoken, digits=digits),
            WORDS[change.word].in_(spoken) if change else "",
        )
        for name, (estimate, before, change, unit, digits) in zip(names, parts, strict=True)
    ]
    title = f"{found.period.since_on} – {found.period.until_on}"
    print_table(heads, rows, title=title, right=heads[1:4], as_named=True)
    if friction.outflows:
        _print_outflows(friction.outflows, currency, spoken)
    lacks = (*found.speed.missing, *found.weight.missing, *friction.missing, *found.energy.missing)
    for text in dict.fromkeys(lack.text.in_(spoken) for lack in lacks):
        typer.echo(text)


def _print_outflows(outflows: "Sequence[Outflow]", currency: str, spoken: "Language") -> None:
    from schwung.renderers.numbers import number

    heads = ["lost by", "amount", "95%", "customers", "basis"]
    if spoken == "de":
        heads = ["verloren durch", "Betrag", "95 %", "Kunden", "woraus"]
    rows = [
        (
            flow.title.in_(spoken),
            number(flow.amount, currency, spoken),
            f"{number(flow.low, currency, spoken)} – {number(flow.high, currency, spoken)}",
            number(flow.customers, "count", spoken),
            flow.basis.in_(spoken),
        )
        for flow in outflows
    ]
    print_table(heads, rows, right=heads[1:4], as_named=True)


@app.command("retention-chain")
def retention_chain(
    list: Annotated[
        str | None, typer.Option("--list", help="Number or name of a customer list; else all customers.")
    ] = None,
    until: _Until = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show how strongly first contact, satisfaction, loyalty, retention and success hang together, on linked data."""
    from schwung.app.analyses.retention_chain import retention_chain as compute
    from schwung.app.wiring import open_workspace

    found = compute(open_workspace(workspace), list=list, until=until, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
        return
    spoken = language()
    heads = (
        ["von", "zu", "Stärke", "95 %", "Kunden", ""]
        if spoken == "de"
        else ["from", "to", "strength", "95%", "customers", ""]
    )
    print_table(
        heads,
        [_link(link, spoken) for link in found.links],
        title=found.list_name.in_(spoken) if found.list_name else None,
        right=heads[2:5],
        as_named=True,
    )
    for lack in found.missing:
        typer.echo(lack.text.in_(spoken))


def _link(link: "Link", spoken: "Language") -> tuple[str, ...]:
    from schwung.measure.retention_chain import MEASURES, WORDS
    from schwung.renderers.numbers import number

    found = link.strength
    known = link.word not in ("too_few", "no_variation")
    return (
        MEASURES[link.measure].in_(spoken),
        MEASURES[link.effect].in_(spoken),
        number(found.value if known else None, "ratio", spoken),
        f"{number(found.low, 'ratio', spoken)} – {number(found.high, 'ratio', spoken)}" if known else "",
        number(found.n, "count", spoken),
        WORDS[link.word].in_(spoken),
    )
