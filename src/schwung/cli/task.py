"""schwung task: what journeys gave persons of the team to do."""

from typing import Annotated

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Tasks: what journeys gave persons of the team to do.")
NumberArgument = Annotated[int, typer.Argument(metavar="TASK", help="Number of the task.")]


@app.command("list")
def list_(
    owner: Annotated[str, typer.Option(help="Whose; default: everybody's.")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Mine: of the login name of this machine, or of the operator whose e-mail begins with it.")] = False,
    done: Annotated[bool, typer.Option("--done", help="Those that are done, the newest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Rows at most.")] = 100,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """List open tasks, by when they are due.

    Example: schwung task list --owner maria@example.com
    """
    from schwung.app.customer_json import when
    from schwung.app.tasks import names_of_login, tasks

    place = opened(workspace)
    names = names_of_login(place, actor().removeprefix("cli:")) if mine else ()
    found = tasks(place, "done" if done else "open", owner=owner, mine=names, most=limit)
    if json:
        print_json([one.to_json() for one in found])
        return
    rows = [
        (one.task_no, one.title, one.owner or "–", one.customer_id or "–", when(one.due_at) or "–", one.journey or "–")
        for one in found
    ]
    print_table(("number", "title", "owner", "customer", "due", "journey"), rows, right=("number", "customer"))


@app.command("done")
def done(
    number: NumberArgument,
    reopen: Annotated[bool, typer.Option("--reopen", help="Open it again.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Mark a task as done, or open it again."""
    from schwung.app.tasks import close_task, reopen_task

    found = (reopen_task if reopen else close_task)(opened(workspace), number, actor())
    if json:
        print_json(found.to_json())
    elif reopen:
        say("Task {n} is open again: {title}", "Aufgabe {n} ist wieder offen: {title}", n=number, title=found.title)
    else:
        say("Task {n} is done: {title}", "Aufgabe {n} ist erledigt: {title}", n=number, title=found.title)
