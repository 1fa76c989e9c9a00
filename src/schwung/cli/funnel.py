"""schwung funnel: customers per step of a funnel from a YAML file or one saved in the console."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.customers import actor, say
from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schwung.measure.funnel_answer import FunnelAnswer, StepFigures

app = typer.Typer()


@app.command("funnel")
def funnel(
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML file, or the name of a saved funnel.")],
    by: Annotated[str | None, typer.Option(help="channel, campaign, country, product, category, source, kind, list, month, properties.NAME …")] = None,
    since: Annotated[str | None, typer.Option(help="First day on which step 1 counts, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day on which step 1 counts.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    save_dropped: Annotated[int | None, typer.Option(min=1, help="Save the customers who dropped after this step as a list.")] = None,
    as_list: Annotated[str, typer.Option("--list", help="Name of that list.")] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Count customers per step, with conversion, interval and time between steps.

    Example: schwung funnel checkout.yaml --since 2026-01-01 --by channel
    """
    from schwung.app.analyses.funnel import funnel as compute
    from schwung.app.analyses.funnel import list_from_funnel, read_file
    from schwung.app.saved_funnels import saved_funnel
    from schwung.app.wiring import open_workspace

    place = open_workspace(workspace)
    path = Path(file)
    definition = read_file(path) if path.suffix or path.exists() else saved_funnel(place, file).funnel.to_json()
    found = compute(place, definition, by=by, since=since, until=until, engine=engine_named(engine))
    saved = None
    if save_dropped is not None:
        name = as_list or f"{definition.get('name') or path.stem} {save_dropped}"
        saved = list_from_funnel(place, name, definition, save_dropped, since=since, until=until, actor=actor())
    if json:
        print_json(found.to_json() | ({"list": saved.to_json()} if saved else {}))
        return
    _print(found)
    if saved is not None:
        say("Saved as list “{name}”: {n} customers.", "Als Liste „{name}“ gespeichert: {n} Kunden.", name=saved.name, n=saved.size)  # fmt: skip


def _print(found: "FunnelAnswer") -> None:
    german = language() == "de"
    title = found.funnel.name or ("Trichter" if german else "Funnel")
    heads = ("", "Schritt", "Kunden", "von Schritt 1", "95 %", "vom Schritt davor", "Median", "90 %") if german else (
        "", "step", "customers", "of step 1", "95%", "of step before", "median", "90%")  # fmt: skip
    print_table(heads, _lines(found.steps), title=title, right=heads[2:], as_named=True)
    for one in found.slices:
        print_table(heads[:6], [line[:6] for line in _lines(one.steps)], title=one.name.in_(language()), right=heads[2:6], as_named=True)  # fmt: skip
    if found.waiting:
        say("{n} of them are still within the window.", "{n} davon sind noch im Zeitfenster.", n=found.waiting)


def _lines(steps: "Sequence[StepFigures]") -> list[tuple[object, ...]]:
    from schwung.renderers.lasting import lasting
    from schwung.renderers.numbers import number

    spoken = language()

    def shown(value: float | None, unit: str = "share") -> str:
        return number(value, unit, spoken)

    return [
        (
            nth + 1,
            step.title.in_(spoken),
            shown(step.customers, "count"),
            shown(step.of_first.value),
            f"{shown(step.of_first.low)} – {shown(step.of_first.high)}"
            if nth and step.of_first.low is not None
            else "",
            shown(step.of_before.value) if step.of_before else "",
            lasting(step.median, spoken) if nth else "",
            lasting(step.ninth, spoken) if nth else "",
        )
        for nth, step in enumerate(steps)
    ]
