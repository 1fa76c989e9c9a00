"""schwung attribute: which touches came before the orders, by a stated rule."""

from typing import TYPE_CHECKING, Annotated

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
    from schwung.predict.attribution.credits import Attribution

app = typer.Typer()
_HEADS = {
    "name": Text("channel", "Kanal"), "campaign": Text("campaign", "Kampagne"), "orders": Text("orders", "Bestellungen"), "share": Text("share", "Anteil"),
    "revenue": Text("revenue", "Umsatz"), "spend": Text("spend", "Ausgaben"), "each": Text("cost per order", "Kosten je Bestellung"),
    "return": Text("revenue ÷ spend", "Umsatz ÷ Ausgaben"),
}  # fmt: skip
_SUMMARY = Text(
    "{title}, {days} days before the order: {known} of {orders} orders had a touch, {rest} had none, {guests} were guests'; {nulls} journeys led to none.",
    "{title}, {days} Tage vor der Bestellung: {known} von {orders} Bestellungen hatten eine Berührung, {rest} keine, {guests} waren von Gästen; {nulls} Wege führten zu keiner.",
)  # fmt: skip

_NO_ORDERS = Text(
    "Nobody ordered in this time, so there is nothing to credit. Import orders, or ask for a longer time.",
    "In dieser Zeit hat niemand bestellt; daher gibt es nichts zuzurechnen. Bestellungen einlesen oder einen längeren Zeitraum wählen.",
)
_NO_TOUCHES = Text(
    "No touch of a customer is known before an order, so there is nothing to credit: collect visits (schwung key), or import messages and events.",
    "Vor keiner Bestellung ist eine Berührung eines Kunden bekannt; daher gibt es nichts zuzurechnen: Besuche erfassen (schwung key) oder Nachrichten und Ereignisse einlesen.",
)  # fmt: skip


@app.command("attribute")
def attribute(
    model: Annotated[
        str, typer.Option(help="markov, shapley, shapley_coalition, first, last, linear, position or time_decay.")
    ] = "markov",
    order: Annotated[int, typer.Option(min=1, max=3, help="Order of the Markov chain: touches that it remembers.")] = 1,
    by: Annotated[str, typer.Option(help="channel or campaign.")] = "channel",
    lookback_days: Annotated[int, typer.Option(min=1, max=365, help="A touch counts for so many days.")] = 30,
    half_life_days: Annotated[float, typer.Option(help="Of time decay.")] = 7.0,
    new: Annotated[bool, typer.Option("--new", help="First orders alone.")] = False,
    since: Annotated[str | None, typer.Option(help="First day of the orders, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Credit orders to the channels or campaigns that were touched before them.

    This describes; it does not say what would have been sold without a channel.
    Example: schwung attribute --model markov --order 2 --since 2026-01-01
    """
    from schwung.app.analyses.attribution import attribution
    from schwung.app.wiring import open_workspace

    found = attribution(
        open_workspace(workspace), model=model, order=order, by=by, since=since, until=until, lookback_days=lookback_days,
        half_life_days=half_life_days, only_new=new, engine=engine_named(engine),
    )  # fmt: skip
    if json:
        print_json(found.to_json())
    elif csv:
        print_csv(found.flat(), ("name", "conversions", "share", "value"))
        if (why := _nothing(found)) is not None:
            typer.echo(why.in_(language()), err=True)
    else:
        _print(found)


def _nothing(found: "Attribution") -> Text | None:
    """Why there is nothing to credit."""
    if found.basis is not None and not found.basis.orders:
        return _NO_ORDERS
    return None if found.conversions else _NO_TOUCHES


def _print(found: "Attribution") -> None:
    from schwung.collect.touch import channel_title
    from schwung.predict.attribution.credits import NOT_AN_EFFECT
    from schwung.renderers.numbers import number

    spoken, basis = language(), found.basis
    assert basis is not None
    heads = [_HEADS["campaign" if basis.by == "campaign" else "name"].in_(spoken)]
    heads += [_HEADS[name].in_(spoken) for name in ("orders", "share", "revenue", "spend", "each", "return")]

    def shown(value: float | None, unit: str, digits: int | None = None) -> str:
        return number(value, unit, spoken, digits=digits)

    rows = [
        (
            channel_title(row.name).in_(spoken) if basis.by == "channel" else row.name, shown(row.conversions, "count", 1), shown(row.share, "share"),
            shown(row.value, basis.currency), shown(row.spend, basis.currency), shown(row.cost_per_conversion, basis.currency),
            shown(row.return_on_spend, "ratio"),
        )
        for row in found.rows
    ]  # fmt: skip
    if rows and basis.orders:
        print_table(heads, rows, right=heads[1:], as_named=True)
    if not basis.orders:
        typer.echo(_NO_ORDERS.in_(spoken))
        return
    typer.echo(
        _SUMMARY.fill(
            title=found.title, days=basis.lookback_days, known=f"{found.conversions:.0f}", orders=basis.orders, rest=basis.without_touch,
            guests=basis.guests, nulls=f"{found.nulls:.0f}",
        ).in_(spoken)
    )  # fmt: skip
    typer.echo((_nothing(found) or NOT_AN_EFFECT).in_(spoken))
