"""schwung potential: the customer potential analysis in six steps."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.customers import actor, say
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

if TYPE_CHECKING:
    from schwung.core.text import Language
    from schwung.predict.potential.views import Potential

app = typer.Typer()


@app.command("potential")
def potential(
    basis: Annotated[str | None, typer.Option(help="revenue or margin.", show_default="margin where known")] = None,
    customers: Annotated[Path | None, typer.Option(help="Write a row per customer to this CSV file.")] = None,
    field: Annotated[str | None, typer.Option(help="Field to save as a list, value first, such as high-low.")] = None,
    save: Annotated[str | None, typer.Option(help="Name of the list for --field.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show the customer potential in six steps, from the data to saved priorities.

    Value is that of a year; potential is what the best tenth of similar customers reach beyond it.
    Example: schwung potential --field middle-high --save "Expand, December"
    """
    from schwung.app.analyses.potential import list_from_field
    from schwung.app.analyses.potential import potential as compute
    from schwung.app.wiring import open_workspace

    place = open_workspace(workspace)
    if field is not None:
        saved = list_from_field(place, field, save or f"Potential {field}", basis=basis, actor=actor())
        if json:
            print_json(saved.to_json())
        else:
            say("Saved: {name}, {n} customers", "Gesichert: {name}, {n} Kunden", name=saved.name, n=saved.size)
        return
    found = compute(place, basis=basis, engine=engine_named(engine))
    if customers is not None:
        from pyarrow.csv import write_csv

        write_csv(found.rows, customers)
    if json:
        print_json(found.to_json())
    elif csv:
        print_csv(found.rows)
    else:
        _print(found, language())


def _print(found: "Potential", spoken: "Language") -> None:
    from schwung.predict.potential.views import STEPS

    german = spoken == "de"
    for place, (step, title) in enumerate(STEPS.items(), 1):
        typer.echo(f"{place}. {title.in_(spoken)}")
        for sentence in found.sentences[step]:
            typer.echo(f"   {sentence.in_(spoken)}")
        if step == "segment":
            heads = "Gruppe, Kunden, Wert, Potenzial" if german else "group, customers, value, potential"
            _table(heads, [(one.title.in_(spoken), one.customers, *_money(found, spoken, one.minor, one.potential)) for one in found.groups])  # fmt: skip
        if step == "prioritise":
            heads = "Feld, Haltung, Kunden, Wert, erwartet, Potenzial, Ziel" if german else "field, stance, customers, value, expected, potential, target"  # fmt: skip
            _table(
                heads,
                [
                    (
                        one.name, one.stance.title.in_(spoken), one.customers,
                        *_money(found, spoken, one.minor, one.expected, one.potential.value, one.target),
                    )
                    for one in sorted(found.fields, key=lambda one: one.priority)
                ],
            )  # fmt: skip


def _table(heads: str, rows: list[tuple[object, ...]]) -> None:
    names = heads.split(", ")
    print_table(
        names, rows, right=[name for name in names if name not in (names[0], "Haltung", "stance")], as_named=True
    )


def _money(found: "Potential", spoken: "Language", *amounts: float | None) -> tuple[str, ...]:
    from schwung.core.money import exponent_of
    from schwung.renderers.numbers import number

    scale = 10 ** exponent_of(found.currency)
    return tuple(number(None if one is None else one / scale, found.currency, spoken) for one in amounts)
