"""schwung rate: enter and list exchange rates."""

from datetime import datetime
from typing import Annotated

import typer

from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.text import Text

app = typer.Typer(no_args_is_help=True, help="Enter, list and remove exchange rates.")
CurrencyArgument = Annotated[str, typer.Argument(help="Foreign currency, ISO 4217, such as USD.")]
FromOption = Annotated[
    datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day for which it holds, such as 2026-01-01.")
]


@app.command("set")
def set_(
    currency: CurrencyArgument,
    rate: Annotated[str, typer.Argument(help="What one unit is worth in the reporting currency, such as 0.92.")],
    since: FromOption,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Enter a rate, or correct the one of that day. It holds until the next one."""
    from schwung.app.rates import set_rate
    from schwung.app.wiring import open_workspace
    from schwung.cli.customers import actor

    found = set_rate(open_workspace(workspace), currency, rate, since.date(), actor=actor())
    told = {"currency": found.currency, "from": found.valid_from_on.isoformat(), "rate": f"{found.rate:f}"}
    if json:
        print_json(told)
    else:
        said = Text(en="1 {currency} = {rate} from {day} on", de="1 {currency} = {rate} ab {day}")
        typer.echo(said.fill(currency=told["currency"], rate=told["rate"], day=told["from"]).in_(language()))


@app.command("list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Every rate, and what is left out of sums because it has none."""
    from dataclasses import asdict

    from schwung.app.facts import open_facts
    from schwung.app.rates import rates, unconverted
    from schwung.app.wiring import open_workspace

    opened = open_workspace(workspace)
    with opened.store.read() as tx:
        known = [(rate.currency, rate.valid_from_on.isoformat(), f"{rate.rate:f}") for rate in rates(tx)]
    with open_facts(opened) as facts:
        missing = unconverted(facts)
    if json:
        listed = [dict(zip(("currency", "from", "rate"), row, strict=True)) for row in known]
        print_json({"rates": listed, "unconverted": [asdict(one) for one in missing]})
        return
    print_table(["currency", "from", "rate"], known)
    for one in missing:
        said = Text(
            en="No rate: {count} rows of {table} in {currency}, left out of sums.",
            de="Kein Kurs: {count} Zeilen von {table} in {currency}, in Summen nicht enthalten.",
        )
        typer.echo(said.fill(count=one.count, table=one.table, currency=one.currency).in_(language()))


@app.command("remove")
def remove(currency: CurrencyArgument, since: FromOption, workspace: WorkspaceOption = HERE) -> None:
    """Remove the rate of a day."""
    from schwung.app.rates import remove_rate
    from schwung.app.wiring import open_workspace
    from schwung.cli.customers import actor

    gone = remove_rate(open_workspace(workspace), currency, since.date(), actor=actor())
    said = Text("Removed.", "Entfernt.") if gone else Text("There was none.", "Es gab keinen.")
    typer.echo(said.in_(language()))
