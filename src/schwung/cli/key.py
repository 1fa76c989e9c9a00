"""schwung key: create, list, rotate and revoke keys of sources and readers."""

from typing import Annotated

import typer

from schwung.cli.customers import actor
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Create, list, rotate and revoke keys of sources and readers.")
NameOption = Annotated[str, typer.Option("--source", "-s", help="Name of the source; made where it does not exist.")]
PrefixArgument = Annotated[str, typer.Argument(help="The key's first part (sw_1a2b3c4d), or the whole key.")]


@app.command("create")
def create(
    source: NameOption,
    scope: Annotated[
        str, typer.Option(help="write: send events; read: metrics and facts; admin: everything.")
    ] = "write",
    label: Annotated[str | None, typer.Option(help="What the key is for.")] = None,
    requires_consent: Annotated[
        bool | None,
        typer.Option(
            "--requires-consent/--no-consent-needed",
            help="Keep the anonymous id and device data only of events that carry consent.",
            show_default="as the source is; new sources need none",
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(help="Consent category that must be granted; may be repeated. None: all that an event names."),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Create a key and print it, this once. Alone on standard output, so that scripts can take it."""
    from typing import cast

    from schwung.app.keys import Scope, create_key
    from schwung.app.wiring import open_workspace

    key = create_key(
        open_workspace(workspace),
        source,
        cast(Scope, scope),
        label=label,
        requires_consent=requires_consent,
        consent_categories=category or (),
        actor=actor(),
    )
    if json:
        print_json({"key": key, "source": source, "scope": scope})
    else:
        typer.echo(key)


@app.command("list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Every key with its state; never its secret."""
    from schwung.app.keys import keys
    from schwung.app.wiring import open_workspace
    from schwung.core.clock import to_datetime

    opened = open_workspace(workspace)
    now = opened.clock()
    rows = [
        {
            "key": key.prefix,
            "source": key.source,
            "scopes": list(key.scopes),
            "label": key.label,
            "created_at": to_datetime(key.created_at).isoformat(timespec="seconds"),
            "state": key.state(now),
            "expires_at": to_datetime(key.expires_at).isoformat(timespec="seconds") if key.expires_at else None,
            "last_used_at": to_datetime(key.last_used_at).isoformat(timespec="seconds") if key.last_used_at else None,
        }
        for key in keys(opened)
    ]
    if json:
        print_json(rows)
    else:
        print_table(
            ("key", "source", "scope", "state", "created", "last used", "label"),
            [
                (
                    key.prefix,
                    key.source,
                    ", ".join(key.scopes),
                    key.state(now),
                    *_days(key.created_at, key.last_used_at),
                    key.label,
                )
                for key in keys(opened)
            ],
        )


def _days(*instants: int | None) -> list[str | None]:
    from schwung.core.clock import to_datetime

    return [None if instant is None else to_datetime(instant).date().isoformat() for instant in instants]


@app.command("rotate")
def rotate(
    key: PrefixArgument,
    grace_hours: Annotated[float, typer.Option(min=0, help="Hours for which the old key still works.")] = 24,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Create a successor and print it; the old key works for a while, so that no event is refused meanwhile."""
    from schwung.app.keys import rotate_key
    from schwung.app.wiring import open_workspace

    fresh = rotate_key(open_workspace(workspace), key, grace_hours=grace_hours, actor=actor())
    if json:
        print_json({"key": fresh})
    else:
        typer.echo(fresh)


@app.command("revoke")
def revoke(key: PrefixArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Make a key useless, within three seconds everywhere."""
    from schwung.app.keys import revoke_key
    from schwung.app.wiring import open_workspace

    revoke_key(open_workspace(workspace), key, actor=actor())
    if json:
        print_json({"revoked": key})
    else:
        typer.echo(f"Revoked: {'_'.join(key.split('_')[:2])}")
