"""schwung simulate: the coffee roaster “Kaffeehaus”, whose customers act by known laws."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.wiring import Workspace

app = typer.Typer()

_CUSTOMERS = Text(en="customers", de="Kunden")
_FILLED = Text(
    en="{added} customers added; the shop has {customers} customers, {orders} orders, {events} events.\n"
    "What nobody can see lies in {truth}.",
    de="{added} Kunden hinzugefügt; der Bestand hat {customers} Kunden, {orders} Bestellungen, {events} Ereignisse.\n"
    "Was niemand sehen kann, liegt in {truth}.",
)
_LIVED = Text(
    en="The shop has gone on for {days} days, up to {until}: {orders} orders and {messages} messages more.",
    de="Der Shop hat {days} Tage weitergelebt, bis zum {until}: {orders} Bestellungen und {messages} Nachrichten mehr.",
)
_DAYS = Text(en="days", de="Tage")
_SENT = Text(
    en="{accepted} events accepted in {seconds} s, {refused} refused.",
    de="{accepted} Ereignisse in {seconds} s angenommen, {refused} abgelehnt.",
)


@app.command("simulate")
def simulate(
    workspace: WorkspaceOption = HERE,
    customers: Annotated[int, typer.Option(min=1, help="People who come to the shop.")] = 10_000,
    days: Annotated[int, typer.Option(min=2, max=7_300, help="Days that the shop has been open.")] = 730,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same shop.")] = 1,
    end: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day.", show_default="yesterday")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Send events to a running server instead, as a client does.")
    ] = False,
    react: Annotated[
        bool,
        typer.Option("--react", help="Let the filled shop go on: journeys run, customers react to their messages."),
    ] = False,
    weeks: Annotated[
        int | None, typer.Option(min=1, help="With --react: how many weeks.", show_default="up to yesterday")
    ] = None,
    lift: Annotated[
        float, typer.Option(min=0, max=5, help="With --react: factor on what messages bring; 0: nothing.")
    ] = 1.0,
    rate: Annotated[float, typer.Option(min=0.1, help="With --live: events a second.")] = 100,
    seconds: Annotated[float, typer.Option(min=0.1, help="With --live: how long.")] = 60,
    url: Annotated[str | None, typer.Option(help="With --live: the server.", show_default="from schwung.toml")] = None,
    key: Annotated[
        str | None, typer.Option(envvar="SCHWUNG_WRITE_KEY", help="With --live: write key; made by schwung key create.")
    ] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="With --live: also send to another machine.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Fill a workspace with the simulated coffee roaster “Kaffeehaus”.

    Its customers visit, compare, order, return, complain, refer and leave by known laws. What nobody can see in a real shop
    (who has left, what a campaign did) is written to the folder truth/ of the workspace. The same options again add nothing.
    With --react the shop goes on day by day, its live journeys run, and the lift that is measured is shown beside the true one.
    """
    from schwung.app.wiring import open_workspace

    opened = open_workspace(workspace)
    if react:
        _react(opened, weeks, lift, as_json=json)
        return
    if live:
        address = url or f"http://127.0.0.1:{opened.settings.serve.port}"
        _live(address, key or "", rate, seconds, seed, allow_remote=allow_remote, as_json=json)
        return
    _fill(opened, customers, days, seed, end.date() if end else None, as_json=json)


def _fill(workspace: "Workspace", customers: int, days: int, seed: int, end: date | None, *, as_json: bool) -> None:
    from schwung.app.simulate import shop_of, simulate

    laws = shop_of(workspace, seed, customers, days, end)
    if as_json:
        print_json(simulate(workspace, laws).to_json())
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(_CUSTOMERS.in_(language()), total=customers)
        done = simulate(workspace, laws, lambda count, _: bar.update(task, completed=count))
    counts = {name: f"{value:,}" if isinstance(value, int) else value for name, value in done.to_json().items()}
    typer.echo(_FILLED.fill(**counts).in_(language()))


def _react(workspace: "Workspace", weeks: int | None, lift: float, *, as_json: bool) -> None:
    from schwung.app.simulate_life import live
    from schwung.app.simulate_lift import lifts
    from schwung.simulation.life_laws import LifeLaws

    laws = LifeLaws(lift=lift)
    if as_json:
        done = live(workspace, laws, weeks)
        print_json(done.to_json() | {"lifts": [one.to_json() for one in lifts(workspace)]})
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(_DAYS.in_(language()), total=None)
        done = live(workspace, laws, weeks, progress=lambda day, days: bar.update(task, completed=day, total=days))
        bar.update(task, completed=1, total=1)
    typer.echo(_LIVED.fill(**done.to_json()).in_(language()))
    rows = [
        (one.title.in_(language()), one.outcome, *(f"{value:.3f}" for value in (one.true, one.effect.value, one.effect.low, one.effect.high)))
        for one in lifts(workspace)
    ]  # fmt: skip
    if rows:
        print_table(
            ("experiment", "outcome", "true", "measured", "low", "high"),
            rows,
            right=("true", "measured", "low", "high"),
        )


def _live(url: str, key: str, rate: float, seconds: float, seed: int, *, allow_remote: bool, as_json: bool) -> None:
    from schwung.app.simulate_live import send

    sent = send(url, key, rate=rate, seconds=seconds, seed=seed, allow_remote=allow_remote)
    if as_json:
        print_json(sent.to_json())
    else:
        typer.echo(
            _SENT.fill(accepted=sent.accepted, seconds=round(sent.elapsed, 1), refused=sent.refused).in_(language())
        )
