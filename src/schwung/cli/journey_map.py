"""schwung journey-map: six phases as columns, everything in them measured; as table, JSON, PDF, PNG or SVG."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.core.text import Language
    from schwung.measure.journey_map.journey_map import Column, JourneyMap

app = typer.Typer()


@app.command("journey-map")
def journey_map(
    list: Annotated[
        str | None, typer.Option("--list", help="Number or name of a customer list; else all customers.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=731, help="Length of the period, without --since.")] = 28,
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF to this file.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write an SVG to this file.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write a PNG to this file.")] = None,
    against: Annotated[
        str | None, typer.Option(help="What stands beside: before (the period before), all, or another list.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show the journey map: people, contacts, moves onward, waits, feeling and losses in each phase.

    Example: schwung journey-map --days 90 --pdf map.pdf
    """
    from schwung.app.analyses.journey_map import journey_map as compute
    from schwung.app.wiring import open_workspace
    from schwung.renderers import journey_map as drawn

    place = open_workspace(workspace)
    found = compute(place, list=list, days=days, since=since, until=until, against=against, engine=engine_named(engine))
    spoken = language()
    title = drawn.title(place.settings.workspace.name, spoken)
    if pdf is not None:
        pdf.write_bytes(drawn.pdf(found, spoken, title))
    if svg is not None:
        svg.write_text(drawn.svg(found, spoken, title), encoding="utf-8")
    if png is not None:
        png.write_bytes(drawn.png(found, spoken, title))
    if json:
        print_json(found.to_json())
    elif pdf is None and svg is None and png is None:
        _print(found, spoken)


def _print(found: "JourneyMap", spoken: "Language") -> None:
    from schwung.measure.phase import PHASES
    from schwung.renderers.journey_map import shown_wait
    from schwung.renderers.numbers import number

    german = spoken == "de"
    heads = (
        ["Phase", "Menschen", "Kontakte", "weiter", "Median", "Stimmung", "Antworten", "verloren"]
        if german
        else ["phase", "people", "contacts", "onward", "median", "feeling", "answers", "lost"]
    )
    was = {one.phase: one for one in found.compared.columns} if found.compared else {}

    def figures(one: "Column") -> tuple[str, ...]:
        return (
            number(one.people, "count", spoken), number(one.contacts, "count", spoken),
            number(one.onward.value if one.onward else None, "share", spoken), shown_wait(one.median, spoken),
            number(one.emotion.value, "ratio", spoken, digits=0), number(one.emotion.n, "count", spoken),
            number(sum(flow.amount for flow in one.losses) if one.losses else None, found.currency, spoken),
        )  # fmt: skip

    rows = []
    for one in found.columns:
        rows.append((PHASES[one.phase].in_(spoken), *figures(one)))
        if found.beside:
            rows.append((f"  {found.beside.in_(spoken)}", *figures(was[one.phase])))
    called = found.list_name.in_(spoken) if found.list_name else ""
    title = " · ".join(filter(None, (f"{found.period.since_on} – {found.period.until_on}", called)))
    print_table(heads, rows, title=title, right=heads[1:], as_named=True)
    for said in found.sentences:
        typer.echo(said.text.in_(spoken))
    for note in found.notes:
        typer.echo(f"{note.noted_on}: {note.text.in_(spoken)}")
