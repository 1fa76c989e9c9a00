"""schwung quarantine: list events that did not fit, replay them after a fix, or give them up."""

import json as stdlib_json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schwung.cli.customers import actor
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.app.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="List events that did not fit; replay them after a fix, or drop them.")
ReasonOption = Annotated[str, typer.Option(help="Only events held for this reason (its code).")]
SourceOption = Annotated[str, typer.Option(help="Only events of this source.")]
NameOption = Annotated[str, typer.Option(help="Only events of this name.")]
NumbersArgument = Annotated[
    list[int] | None, typer.Argument(help="Numbers of single events; none: all that the options name.")
]


@app.command("list")
def list_(
    reason: ReasonOption = "",
    source: SourceOption = "",
    name: NameOption = "",
    single: Annotated[bool, typer.Option("--single", help="Each event with its content instead of groups.")] = False,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Most events with --single.")] = 20,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """What is held, grouped by source, event and reason."""
    from schwung.app.wiring import open_workspace

    opened = open_workspace(workspace)
    rows = _single(opened, reason, source, name, most) if single else _groups(opened, reason, source, name)
    if json:
        print_json(rows)
        return
    shown = [
        column
        for column in (rows[0] if rows else {"source": "", "event": "", "reason": ""})
        if column not in ("place", "body")
    ]
    print_table(shown, [[row[column] for column in shown] for row in rows], right=("events", "number"))
    for row in rows if single else ():
        typer.echo(f"{row['number']}: {stdlib_json.dumps(row['body'], ensure_ascii=False)}")


def _single(workspace: "Workspace", reason: str, source: str, name: str, most: int) -> list[dict[str, Any]]:
    from schwung.app.quarantine import held

    return [
        {
            "number": event.quarantine_no,
            "source": event.source,
            "event": event.name,
            "reason": event.reason.code,
            "place": event.reason.place,
            "text": event.reason.text.in_(language()),
            "received_at": _shown(event.received_at),
            "body": event.body,
        }
        for event in held(workspace, reason=reason, source=source, name=name, most=most)
    ]


def _groups(workspace: "Workspace", reason: str, source: str, name: str) -> list[dict[str, Any]]:
    from schwung.app.quarantine import groups

    return [
        {
            "source": group.source,
            "event": group.name,
            "reason": group.example.code,
            "place": group.example.place,
            "text": group.example.text.in_(language()),
            "events": group.event_count,
            "last_at": _shown(group.last_at),
        }
        for group in groups(workspace)
        if reason in ("", group.example.code) and source in ("", group.source) and name in ("", group.name or "")
    ]


def _shown(instant: int) -> str:
    from schwung.core.clock import to_datetime

    return to_datetime(instant).isoformat(timespec="seconds")


@app.command("replay")
def replay(
    numbers: NumbersArgument = None,
    reason: ReasonOption = "",
    source: SourceOption = "",
    name: NameOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Check the held events again by today's rules; those that fit come in, exactly once."""
    from schwung.app import quarantine
    from schwung.app.wiring import open_workspace

    done = quarantine.replay(
        open_workspace(workspace), numbers=numbers or None, reason=reason, source=source, name=name, actor=actor()
    )
    if json:
        print_json({"replayed": done.replayed, "known": done.known, "held": done.held})
    else:
        typer.echo(f"Replayed {done.replayed}, known already {done.known}, still held {done.held}.")


@app.command("drop")
def drop(
    numbers: NumbersArgument = None,
    reason: ReasonOption = "",
    source: SourceOption = "",
    name: NameOption = "",
    everything: Annotated[bool, typer.Option("--all", help="Needed where nothing else narrows it down.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Give held events up; their content is deleted."""
    from schwung.app import quarantine
    from schwung.app.wiring import open_workspace

    if not (numbers or reason or source or name or everything):
        raise typer.BadParameter("name numbers, a reason, a source or an event, or say --all")
    dropped = quarantine.drop(
        open_workspace(workspace), numbers=numbers or None, reason=reason, source=source, name=name, actor=actor()
    )
    if json:
        print_json({"dropped": dropped})
    else:
        typer.echo(f"Dropped {dropped}.")
