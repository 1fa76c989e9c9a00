"""schwung template: the words of messages, shown and tried out."""

from pathlib import Path
from typing import Annotated, Any

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Templates: the words of e-mails and webhooks, in both languages.")
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the template.")]
CustomerOption = Annotated[int | None, typer.Option(help="Number of the customer; default: the one with most orders.")]
SpokenOption = Annotated[str | None, typer.Option("--language", help="en or de; default: the customer's.")]


@app.command("list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all templates with their newest version."""
    from schwung.act.template import CHANNELS
    from schwung.app.templates import templates

    found = templates(opened(workspace))
    if json:
        print_json([one.to_json() for one in found])
        return
    rows = [
        (one.name, CHANNELS[one.template.channel].in_(language()), ", ".join(one.template.variants), one.version)
        for one in found
    ]
    print_table(("name", "channel", "languages", "version"), rows, right=("version",))


@app.command("show")
def show(
    name: NameArgument,
    version: Annotated[int | None, typer.Option(help="An earlier version.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show a template as a file says it, and what is to be mended."""
    import yaml

    from schwung.app.templates import check, read_template

    place = opened(workspace)
    found = read_template(place, name, version)
    findings = check(place, found.template)
    if json:
        print_json(found.to_json() | {"findings": [one.to_json() for one in findings]})
        return
    written = {"template": found.name, **found.template.to_json()}
    typer.echo(yaml.safe_dump(written, allow_unicode=True, sort_keys=False, width=120).rstrip())
    for one in findings:
        typer.echo(f"{'!' if one.is_error else '·'} {one.language}: {one.message.in_(language())}")


@app.command("save")
def save(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML file with the template.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Save the template of a file, as a new one or a new version.

    Example: schwung template save welcome.yaml
    """
    from schwung.app.template_files import read_file
    from schwung.app.templates import save_template

    name, definition = read_file(file)
    found = save_template(opened(workspace), name, definition, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("{name}: version {n}", "{name}: Fassung {n}", name=found.name, n=found.version)


@app.command("preview")
def preview(
    name: NameArgument,
    customer: CustomerOption = None,
    spoken: SpokenOption = None,
    html: Annotated[Path | None, typer.Option(help="File for the HTML.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show a template as a customer would get it. Nothing is sent.

    Example: schwung template preview welcome --customer 42 --html welcome.html
    """
    from schwung.app.templates import preview, read_template

    place = opened(workspace)
    shown = preview(place, read_template(place, name).template, customer_id=customer, language=_spoken(spoken))
    if html is not None and shown.rendered is not None:
        html.write_text(shown.rendered.html, encoding="utf-8")
    if json:
        print_json(shown.to_json())
        return
    if shown.rendered is None:
        typer.echo(shown.wrong.in_(language()) if shown.wrong else "–")
        raise typer.Exit(2)
    if shown.rendered.subject:
        typer.echo(f"{shown.rendered.subject}\n")
    typer.echo(shown.rendered.text.rstrip())


@app.command("send-test")
def send_test(
    name: NameArgument,
    to: Annotated[str, typer.Option(help="Address of the team that gets it.")],
    customer: CustomerOption = None,
    spoken: SpokenOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Send the preview of an e-mail to an address of the team.

    Example: schwung template send-test welcome --to team@example.org
    """
    from schwung.app.post import send_test
    from schwung.app.templates import read_template

    place = opened(workspace)
    template = read_template(place, name).template
    sent = send_test(place, template, to, customer_id=customer, language=_spoken(spoken))
    if json:
        print_json({"provider_id": sent.provider_id})
    else:
        say("Sent to {to}.", "Versandt an {to}.", to=to)


@app.command("delete")
def delete(name: NameArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Delete a template; refused while messages wait for it."""
    from schwung.app.templates import delete_template

    found = delete_template(opened(workspace), name, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("{name} is deleted.", "{name} ist gelöscht.", name=found.name)


def _spoken(written: str | None) -> Any:
    from schwung.core.text import LANGUAGES

    if written is not None and written not in LANGUAGES:
        raise typer.BadParameter("en or de", param_hint="--language")
    return written
