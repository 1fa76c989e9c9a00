"""schwung journey: paths that customers walk by themselves, with proof."""

import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Journeys: paths that customers walk by themselves, with a control group.")
JourneyArgument = Annotated[str, typer.Argument(metavar="JOURNEY", help="Number or name of the journey.")]
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML file with the journey.")]


@app.command("list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all journeys, with how many customers are within and how many ever were."""
    from schwung.app.journey_status import sizes
    from schwung.app.journeys import STATES, journeys

    place = opened(workspace)
    found, counted = journeys(place), sizes(place)
    if json:
        print_json([one.to_json() | {"customers": counted.get(one.journey_no, {})} for one in found])
        return
    rows = [
        (
            one.journey_no,
            one.name,
            STATES[one.state].in_(language()),
            one.version_no,
            counted.get(one.journey_no, {}).get("active", 0),
            sum(counted.get(one.journey_no, {}).values()),
        )
        for one in found
    ]
    right = ("number", "version", "within", "entered")
    print_table(("number", "name", "state", "version", "within", "entered"), rows, right=right)


@app.command("show")
def show(named: JourneyArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show a journey as a file says it, its steps with their ids."""
    import yaml

    from schwung.app.journeys import find_journey

    found = find_journey(opened(workspace), named)
    if json:
        print_json(found.to_json())
        return
    whole = {"journey": found.name} | found.journey.to_mapping()
    typer.echo(yaml.safe_dump(whole, allow_unicode=True, sort_keys=False).rstrip())


@app.command("save")
def save(
    name: Annotated[str, typer.Argument(help="Name of the journey.")],
    file: FileArgument,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Save a journey from a file: a new one as a draft, or a new version of the one with this name, with what it changes."""
    from schwung.app.journeys import edits_of, save_journey

    place, written = opened(workspace), _written(file)
    changes = edits_of(place, name, written)
    found = save_journey(place, name, written, actor=actor())
    if json:
        print_json(found.to_json() | {"edits": [one.to_json() for one in changes]})
        return
    for one in changes:
        typer.echo(f"{one.words.in_(language())} – {one.rule.in_(language())}")
    say("{name}: version {n}", "{name}: Version {n}", name=found.name, n=found.version_no)


@app.command("start")
def start(named: JourneyArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Start a journey, or let a paused one go on. What happened before lets nobody enter."""
    from schwung.app import journeys

    _say_state(journeys.start(opened(workspace), named, actor=actor()), json)


@app.command("pause")
def pause(named: JourneyArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Hold a journey: nobody enters or moves; goals and exits still act."""
    from schwung.app import journeys

    _say_state(journeys.pause(opened(workspace), named, actor=actor()), json)


@app.command("stop")
def stop(
    named: Annotated[str | None, typer.Argument(metavar="JOURNEY", help="Number or name of the journey.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Hold all journeys and all sending until --resume.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let all journeys go on.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Stop a journey: everybody within leaves, and what is planned for them is cancelled. With --all hold every journey.

    Example: schwung journey stop "Abandoned cart"
    """
    from schwung.app import journeys

    place = opened(workspace)
    if everything or resume:
        journeys.stop_everything(place, actor=actor(), is_stopped=not resume)
        if json:
            print_json({"stopped": not resume})
        elif resume:
            say("All journeys go on.", "Alle Strecken laufen weiter.")
        else:
            say("All journeys are held.", "Alle Strecken sind angehalten.")
        return
    if named is None:
        raise typer.BadParameter("JOURNEY, --all, --resume")
    count = journeys.stop(place, named, actor=actor())
    if json:
        print_json({"stopped": True, "left": count})
    else:
        say("Stopped; {n} customers left it.", "Gestoppt; {n} Kunden haben sie verlassen.", n=count)


@app.command("delete")
def delete(named: JourneyArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Stop a journey and take it away; the record of who walked it stays."""
    from schwung.app import journeys

    found = journeys.delete(opened(workspace), named, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("{name} is deleted.", "{name} ist gelöscht.", name=found.name)


@app.command("status")
def status(
    named: JourneyArgument,
    days: Annotated[
        int | None, typer.Option(min=1, help="Count so many days back; default: since the beginning.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show how many entered, wait at each step, and left it by each way."""
    from schwung.app.journey_status import standing
    from schwung.app.journey_why import OUTCOMES, REFUSED
    from schwung.app.journeys import STATES
    from schwung.core.text import Text

    found = standing(opened(workspace), named, days=days)
    if json:
        print_json(found.to_json())
        return
    state = STATES[found.saved.state].in_(language())
    say("{name}: {state}, version {n}", "{name}: {state}, Version {n}", name=found.saved.name, state=state, n=found.saved.version_no)  # fmt: skip
    say("entered: {n}, {c} of them as control group", "eingetreten: {n}, davon {c} als Vergleichsgruppe", n=sum(found.entered.values()), c=found.entered.get("control", 0))  # fmt: skip
    for reason, times in found.refused.items():
        said = REFUSED.get(reason, Text(reason, reason))
        say("not entered: {n}, {why}", "nicht eingetreten: {n}, {why}", n=times, why=said)
    rows = []
    for one in found.steps:
        left = ", ".join(f"{OUTCOMES.get(k, Text(k, k)).in_(language())} {n}" for k, n in one.left.items())
        rows.append((one.step_id, "  " * one.depth + one.words.in_(language()), one.came, one.waiting, left))
    print_table(("id", "step", "came", "waiting", "left"), rows, right=("came", "waiting"))


@app.command("why")
def why(
    named: JourneyArgument,
    customer: Annotated[int, typer.Argument(help="Number of the customer.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Say why a customer got something from a journey, or did not.

    Example: schwung journey why "Abandoned cart" 4711
    """
    from schwung.app.journey_why import local
    from schwung.app.journey_why import why as answer

    place = opened(workspace)
    found = answer(place, named, customer)
    if json:
        print_json(found.to_json())
        return
    zone = place.settings.workspace.zone
    for one in found.lines:
        at = local(one.at, zone).in_(language()) if one.at else "–"
        typer.echo(f"{at}  {one.words.in_(language())}")


@app.command("enter")
def enter(
    named: JourneyArgument,
    customers: Annotated[list[int], typer.Argument(help="Numbers of customers.")],
    key: Annotated[str, typer.Option(help="The same key a second time enters nobody twice.")] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Let customers enter a live journey by hand; its rules of entry hold."""
    from schwung.app import journeys

    count = journeys.enter(opened(workspace), named, customers, key=key or uuid.uuid4().hex, actor=actor())
    if json:
        print_json({"asked": count})
    else:
        say("{n} customers are at the door; its rules decide.", "{n} Kunden stehen an der Tür; die Regeln entscheiden.", n=count)  # fmt: skip


@app.command("dry-run")
def dry_run(
    file: FileArgument,
    sample: Annotated[int, typer.Option(min=0, max=100, help="How many customers to follow.")] = 5,
    seed: Annotated[int, typer.Option(help="Which customers.")] = 1,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Walk the journey of a file over the customers as they are now; nothing is saved or sent.

    Example: schwung journey dry-run cart.yaml
    """
    from schwung.act.change import step_words
    from schwung.act.journey import read_journey
    from schwung.app.journey_dry_run import dry_run as walk

    journey = read_journey(file.stem, _written(file))
    found = walk(opened(workspace), journey, sample=sample, seed=seed)
    if json:
        print_json(found.to_json())
        return
    say("{n} of {m} customers would enter.", "{n} von {m} Kunden würden eintreten.", n=found.entered, m=found.customers)
    rows = [
        (item.id, "  " * depth + step_words(item).in_(language()), found.visits.get(item.id, 0))
        for depth, item in journey.items
    ]
    print_table(("id", "step", "customers"), rows, right=("customers",))
    for who, steps in found.people.items():
        typer.echo(f"{who}: " + " → ".join(one.in_(language()) for one in steps))


def _say_state(found: Any, json: bool) -> None:
    from schwung.app.journeys import STATES

    if json:
        print_json(found.to_json())
    else:
        typer.echo(f"{found.name}: {STATES[found.state].in_(language())}")


def _written(file: Path) -> Any:
    """The journey of a file, without its name."""
    import yaml

    from schwung.act.step import journey_wrong
    from schwung.core.text import Text

    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise journey_wrong((), Text("the file is no YAML", "die Datei ist kein YAML")) from error
    return {name: value for name, value in written.items() if name not in ("journey", "state")} if isinstance(written, dict) else written  # fmt: skip


@app.command("hook")
def hook(
    named: JourneyArgument,
    new: Annotated[bool, typer.Option("--new", help="Make an address, or another one; the one before ends.")] = False,
    signed: Annotated[bool, typer.Option("--signed", help="With --new: refuse what is not signed.")] = False,
    off: Annotated[bool, typer.Option("--off", help="End the address.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show the address by which a webhook without a key lets customers into a journey, and the secret to sign with."""
    from schwung.app.journey_hooks import close_hook, hook_of, open_hook

    place = opened(workspace)
    if off:
        close_hook(place, named, actor=actor())
    found = open_hook(place, named, is_signed=signed, actor=actor()) if new and not off else hook_of(place, named)
    if json:
        print_json(None if found is None else found.to_json())
    elif found is None:
        say(
            "No address. Make one with: schwung journey hook NAME --new",
            "Keine Adresse. Anlegen mit: schwung journey hook NAME --new",
        )
    else:
        say("Address: {address}", "Adresse: {address}", address=found.address)
        say("Secret: {secret}", "Geheimnis: {secret}", secret=found.secret)
        if found.is_signed:
            say("What is not signed is refused.", "Was nicht signiert ist, wird abgewiesen.")
