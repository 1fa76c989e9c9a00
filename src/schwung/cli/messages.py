"""schwung messages: what is planned, sent, failed or not known, one by one."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schwung.cli.customers import CustomerArgument, actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.app.messages import Message

app = typer.Typer(invoke_without_command=True, help="Messages: what is planned, sent, failed or not known.")
NumberArgument = Annotated[int, typer.Argument(metavar="MESSAGE", help="Number of the message.")]


@app.callback()
def messages_(
    context: typer.Context,
    status: Annotated[
        str | None,
        typer.Option(help="planned, held, claimed, sent, failed, unknown, blocked, lapsed or cancelled; default: all."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Rows at most.")] = 25,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List messages, the newest first, and count them by state.

    Example: schwung messages --status unknown
    """
    if context.invoked_subcommand is not None:
        return
    from schwung.act.message import STATES
    from schwung.app.messages import counts, messages

    place = opened(workspace)
    found, numbers = messages(place, status, most=limit), counts(place)
    if json:
        print_json({"counts": numbers, "messages": [one.to_json() for one in found]})
        return
    rows = [
        (one.message_no, one.template, one.channel, one.customer_id or "–", one.state, one.why.in_(language()))
        for one in found
    ]
    print_table(("number", "template", "channel", "customer", "state", "why"), rows, right=("number", "customer"))
    typer.echo(
        " · ".join(f"{number} {STATES[state].in_(language())}" for state, number in numbers.items() if number) or "0"
    )


@app.command("show")
def show(number: NumberArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show one message and its story: when it was planned, sent, opened, and why not."""
    from schwung.act.message import reason_text
    from schwung.app.customer_json import when
    from schwung.app.messages import read_message

    found = read_message(opened(workspace), number)
    if json:
        print_json(found.to_json())
        return
    say("Message {n}: {why}.", "Nachricht {n}: {why}.", n=number, why=found.message.why)
    rows = []
    for one in found.chapters:
        words = reason_text(one.note)
        rows.append((when(one.at), one.what, words.in_(language()) if words else ""))
    print_table(("when", "what", "why"), rows)
    if found.answer:
        typer.echo(found.answer)


@app.command("plan")
def plan(
    customer: CustomerArgument,
    template: Annotated[str, typer.Argument(help="Name of the template.")],
    variable: Annotated[list[str] | None, typer.Option("--variable", help="NAME=VALUE; more than once.")] = None,
    key: Annotated[str | None, typer.Option(help="The same key a second time plans nothing.")] = None,
    at: Annotated[datetime | None, typer.Option(help="When it is due, in the workspace's zone; default: now.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Plan one message to one customer; the worker sends it if it may.

    Example: schwung messages plan anna@example.com Welcome --variable code=HELLO
    """
    from zoneinfo import ZoneInfo

    from schwung.app.customers import find_customer
    from schwung.app.messages import plan_message
    from schwung.core.clock import to_instant

    place = opened(workspace)
    zone = ZoneInfo(place.settings.workspace.zone)
    pairs = dict(one.partition("=")[::2] for one in variable or ())
    found = plan_message(
        place, find_customer(place, customer), template, actor(), variables=pairs, key=key,
        due_at=None if at is None else to_instant(at.replace(tzinfo=zone)),
    )  # fmt: skip
    _told(found, json, "Message {n} is planned.", "Nachricht {n} ist geplant.")


@app.command("resend")
def resend(number: NumberArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Send a message again that failed or whose outcome is not known."""
    from schwung.app.messages import resend as again

    found = again(opened(workspace), number, actor())
    _told(found, json, "Message {n} is sent again.", "Nachricht {n} wird erneut versandt.")


@app.command("mark-sent")
def mark_sent(number: NumberArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Note that a message had arrived whose outcome was not known."""
    from schwung.app.messages import mark_sent as mark

    found = mark(opened(workspace), number, actor())
    _told(found, json, "Message {n} is marked as sent.", "Nachricht {n} ist als versandt vermerkt.")


@app.command("cancel")
def cancel(number: NumberArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Cancel a message that has not been sent."""
    from schwung.app.messages import cancel_message

    found = cancel_message(opened(workspace), number, actor())
    _told(found, json, "Message {n} is cancelled.", "Nachricht {n} ist abgesagt.")


@app.command("stop")
def stop(
    scope: Annotated[str, typer.Argument(help="all, channel:email or journey:7.")] = "all",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Stop sending: everything, one channel or one journey. What is due waits."""
    from schwung.app.stops import stop as halt
    from schwung.app.stops import stops

    place = opened(workspace)
    halt(place, scope, actor())
    _stopped([one.scope for one in stops(place)], json)


@app.command("go")
def go(
    scope: Annotated[str, typer.Argument(help="all, channel:email or journey:7.")] = "all",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Go on sending what was stopped."""
    from schwung.app.stops import lift, stops

    place = opened(workspace)
    lift(place, scope, actor())
    _stopped([one.scope for one in stops(place)], json)


def _stopped(scopes: list[str], json: bool) -> None:
    if json:
        print_json({"stopped": scopes})
    elif scopes:
        say("Stopped: {scopes}", "Angehalten: {scopes}", scopes=", ".join(scopes))
    else:
        say("Nothing is stopped.", "Nichts ist angehalten.")


def _told(found: "Message", json: bool, en: str, de: str) -> None:
    told: dict[str, Any] = found.to_json()
    if json:
        print_json(told)
    else:
        say(en, de, n=found.message_no)
