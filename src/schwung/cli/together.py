"""schwung bought-together: which products stand in the same orders."""

from typing import Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer()


@app.command("bought-together")
def bought_together(
    product: Annotated[
        str | None, typer.Argument(help="Number or whole name of a product; without it all pairs.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Rows to show.")] = 20,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List products that stand in the same orders more often than by chance.

    Share: of the orders with the first product, those that hold the second too. Times chance comes with its 95 % interval.
    Example: schwung bought-together "Espresso Napoli 500 g"
    """
    from schwung.app.analyses.together import together
    from schwung.app.wiring import open_workspace
    from schwung.renderers.numbers import number

    found = together(open_workspace(workspace), product, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
        return
    spoken = language()

    def shown(value: float, unit: str, digits: int) -> str:
        return number(value, unit, spoken, digits=digits)

    rows = [
        (
            one.first_name, one.second_name, shown(one.orders, "count", 0), shown(one.confidence, "share", 0),
            shown(one.lift, "ratio", 1), f"{shown(one.lift_low, 'ratio', 1)} – {shown(one.lift_high, 'ratio', 1)}",
        )
        for one in found.pairs[:limit]
    ]  # fmt: skip
    typer.echo(found.sentence.in_(spoken))
    if rows:
        heads = "Artikel, dazu, Bestellungen, Anteil, mal Zufall, 95-%-Intervall" if spoken == "de" else "product, with, orders, share, times chance, 95% interval"  # fmt: skip
        print_table(heads.split(", "), rows, right=heads.split(", ")[2:], as_named=True)
