"""schwung alert: a metric beyond a bound, checked every night."""

from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.alerts import Alert
    from schwung.app.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="Alerts: a metric beyond a bound, checked every night.")
AlertArgument = Annotated[int, typer.Argument(metavar="ALERT", help="Number of the alert.")]
_WAYS = {"above": Text("above", "über"), "below": Text("below", "unter")}


@app.command("ls")
def ls(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all alerts, raised ones first."""
    from schwung.app.alerts import alerts

    place = opened(workspace)
    _print(place, alerts(place), json=json)


@app.command("add")
def add(
    metric: Annotated[str, typer.Argument(help="Name of the metric; `schwung measure --list` shows them.")],
    above: Annotated[str, typer.Option(help="Raised where the metric is above this; a share as 0.25 or 25%.")] = "",
    below: Annotated[str, typer.Option(help="Raised where the metric is below this.")] = "",
    days: Annotated[int, typer.Option(min=1, max=731, help="Days that it covers, without a window of its own.")] = 28,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Add an alert; its next check is tonight's.

    Example: schwung alert add nps --below 30
    """
    from schwung.app.alerts import add_alert
    from schwung.app.boards import in_unit
    from schwung.core.errors import InputError

    if bool(above) == bool(below):
        raise InputError(
            "one_bound",
            Text("An alert has one bound.", "Ein Alarm hat eine Grenze."),
            Text("Give either --above or --below.", "Entweder --above oder --below angeben."),
        )
    way, bound = ("above", above) if above else ("below", below)
    place = opened(workspace)
    found = add_alert(place, metric, way, in_unit(bound, metric), days=days, actor=actor())
    _print(place, [found], json=json)


@app.command("check")
def check(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Look at every alert now. One that begins to stand becomes an event `alert_raised`."""
    from schwung.app.alerts import alerts, check_alerts

    place = opened(workspace)
    check_alerts(place)
    _print(place, alerts(place), json=json)


@app.command("delete")
def delete(number: AlertArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Delete an alert. `restore` brings it back."""
    from schwung.app.alerts import mark_alert, read_alert

    place = opened(workspace)
    read_alert(place, number)
    mark_alert(place, number, deleted=True)
    if json:
        print_json({"alert_no": number})
    else:
        say(
            "Deleted. Back with: schwung alert restore {no}",
            "Gelöscht. Zurück mit: schwung alert restore {no}",
            no=number,
        )


@app.command("restore")
def restore(number: AlertArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Take the deletion of an alert back."""
    from schwung.app.alerts import mark_alert, read_alert

    place = opened(workspace)
    mark_alert(place, number, deleted=False)
    _print(place, [read_alert(place, number)], json=json)


def _print(place: "Workspace", found: "list[Alert]", *, json: bool) -> None:
    from schwung.measure.metrics import METRICS
    from schwung.renderers.numbers import number

    if json:
        print_json([one.to_json() for one in found])
        return
    spoken = language()
    german = spoken == "de"
    heads = ("Nummer", "Kennzahl", "Alarm, wenn", "Grenze", "Wert", "Alarm") if german else ("number", "metric", "raised where", "bound", "value", "raised")  # fmt: skip
    rows = []
    for one in found:
        metric = METRICS.get(one.metric)
        unit = (
            place.settings.workspace.currency
            if metric and metric.unit == "money"
            else metric.unit
            if metric
            else "ratio"
        )
        rows.append(
            (
                one.alert_no, metric.title.in_(spoken) if metric else one.metric, _WAYS[one.direction].in_(spoken),
                number(one.bound, unit, spoken), number(one.value, unit, spoken), one.is_raised,
            )
        )  # fmt: skip
    print_table(heads, rows, right=heads[3:5], as_named=True)
