"""schwung segment: rules that keep themselves true."""

from pathlib import Path
from typing import Annotated, Any

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Segments: rules by which customers enter and leave by themselves.")
SegmentArgument = Annotated[str, typer.Argument(metavar="SEGMENT", help="Number or name of the segment.")]
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML file with the rule.")]


@app.command("ls")
def ls(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all segments with their size."""
    from schwung.app.segments import segments

    found = segments(opened(workspace))
    if json:
        print_json([one.to_json() for one in found])
        return
    rows = [(one.list.list_no, one.name, one.list.size, one.rule.words.in_(language())) for one in found]
    print_table(("number", "name", "customers", "rule"), rows, right=("number", "customers"))


@app.command("show")
def show(named: SegmentArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show a segment: its rule in words, its size, how it overlaps with others."""
    from schwung.app.segments import overlap, read_segment

    place = opened(workspace)
    found = read_segment(place, named)
    others = overlap(place, found)
    if json:
        print_json(found.to_json() | {"overlap": [one.to_json() for one in others]})
        return
    say("{name}: {n} customers", "{name}: {n} Kunden", name=found.name, n=found.list.size)
    typer.echo(found.rule.words.in_(language()))
    if others:
        rows = [(one.name, one.customers, f"{100 * one.share:.0f} %") for one in others]
        print_table(("name", "customers", "share"), rows, right=("customers", "share"))


@app.command("count")
def count(
    file: FileArgument,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark; default: the setting.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Count the customers who fit the rule of a file, and each part of it alone. Nothing is saved.

    Example: schwung segment count loyal.yaml
    """
    from schwung.app.segments import preview
    from schwung.cli.measure import engine_named

    rule = _rule(file)
    found = preview(opened(workspace), rule, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
        return
    say("{n} of {m} customers fit.", "{n} von {m} Kunden passen.", n=found.size, m=found.customers)
    print_table(
        ("part", "customers"),
        [(words.in_(language()), found.nodes[path]) for path, words in found.words],
        right=("customers",),
    )


@app.command("save")
def save(
    name: Annotated[str, typer.Argument(help="Name of the segment.")],
    file: FileArgument,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Save a rule as a segment, or give the segment of this name a new rule."""
    from schwung.app.segments import save_segment

    found = save_segment(opened(workspace), name, _rule(file), note=note, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("{name}: {n} customers", "{name}: {n} Kunden", name=found.name, n=found.list.size)


@app.command("reach")
def reach(named: SegmentArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show whom of a segment one may reach with advertising on each channel now, and why not the rest by e-mail."""
    from schwung.app.segment_reach import reach as reached
    from schwung.app.segments import read_segment
    from schwung.measure import said

    place = opened(workspace)
    found = reached(place, read_segment(place, named).list)
    if json:
        print_json([one.to_json() for one in found])
        return
    rows = [
        (one.title.in_(language()), one.reachable, "–" if one.share is None else said.share(one.share).in_(language()))
        for one in found
    ]
    print_table(("channel", "customers", "share"), rows, right=("customers", "share"))
    for reason, number in next((one.reasons for one in found if one.channel == "email"), ()):
        typer.echo(f"{number:>9,}  {reason.in_(language())}")


@app.command("past")
def past(named: SegmentArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show how large the rule of a segment would have been at the end of each of the past twelve weeks."""
    from schwung.app.segment_past import every_lacking
    from schwung.app.segment_past import past as sizes
    from schwung.app.segments import read_segment

    place = opened(workspace)
    found = sizes(place, read_segment(place, named).rule.to_json())
    if json:
        print_json(found.to_json())
    elif found.lacking:
        say(
            "The past cannot be told: of “{what}” only today's state is known.",
            "Früheres lässt sich nicht sagen: Von „{what}“ ist nur der heutige Stand bekannt.",
            what=every_lacking(found.lacking),
        )
    else:
        rows = [(one.day.isoformat(), one.customers) for one in found.sizes]
        print_table(("day", "customers"), rows, right=("customers",))


@app.command("delete")
def delete(named: SegmentArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Delete a segment; its customers stay as they are."""
    from schwung.app.segments import delete_segment

    found = delete_segment(opened(workspace), named, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("{name} is deleted.", "{name} ist gelöscht.", name=found.name)


def _rule(file: Path) -> Any:
    """The rule of a file: the whole of it, or what stands under `rule`."""
    import yaml

    from schwung.core.text import Text
    from schwung.segment.rule import rule_wrong

    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise rule_wrong((), Text("the file is no YAML", "die Datei ist kein YAML")) from error
    return written["rule"] if isinstance(written, dict) and "rule" in written else written
