"""schwung annotation: what happened on a day, shown in charts."""

from typing import Annotated

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Annotations: what happened on a day, shown in charts.")
NoteArgument = Annotated[int, typer.Argument(metavar="ANNOTATION", help="Number of the annotation.")]


@app.command("ls")
def ls(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all annotations, newest first."""
    from schwung.app.alerts import annotations

    found = annotations(opened(workspace))
    if json:
        print_json([one.to_json() for one in found])
        return
    heads = ("Nummer", "Tag", "was geschah") if language() == "de" else ("number", "day", "what happened")
    print_table(heads, [(one.annotation_no, one.noted_on, one.in_(language())) for one in found], as_named=True)


@app.command("add")
def add(
    day: Annotated[str, typer.Argument(help="Day, such as 2026-10-12.")],
    text: Annotated[str, typer.Argument(help="What happened; it stands for both languages unless --de is given.")],
    german: Annotated[str, typer.Option("--de", help="The same in German.")] = "",
    phase: Annotated[
        str | None, typer.Option(help="discover, explore, buy, use, ask or engage: the journey map shows it there.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Note what happened on a day.

    Example: schwung annotation add 2026-10-12 "New roast" --de "Neue Röstung"
    """
    from schwung.app.alerts import annotate

    found = annotate(opened(workspace), day, text, german, phase=phase, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("Annotation {no}.", "Anmerkung {no}.", no=found.annotation_no)


@app.command("delete")
def delete(number: NoteArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Delete an annotation. `restore` brings it back."""
    from schwung.app.alerts import mark_annotation, read_annotation

    place = opened(workspace)
    read_annotation(place, number)
    mark_annotation(place, number, deleted=True)
    if json:
        print_json({"annotation_no": number})
    else:
        say(
            "Deleted. Back with: schwung annotation restore {no}",
            "Gelöscht. Zurück mit: schwung annotation restore {no}",
            no=number,
        )


@app.command("restore")
def restore(number: NoteArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Take the deletion of an annotation back."""
    from schwung.app.alerts import mark_annotation, read_annotation

    place = opened(workspace)
    mark_annotation(place, number, deleted=False)
    found = read_annotation(place, number)
    if json:
        print_json(found.to_json())
    else:
        say("Annotation {no}.", "Anmerkung {no}.", no=number)
