"""schwung customers: list, show, timeline, merge, unmerge, consent, opt-outs, audit."""

import getpass
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="List, show, merge and unmerge customers.")
CustomerArgument = Annotated[
    str,
    typer.Argument(
        metavar="CUSTOMER", help="A customer number, or an identifier such as anna@example.com or user_id:17."
    ),
]


def actor() -> str:
    """Who the audit names: the login name on this machine."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli:unknown"


def opened(folder: Path) -> "Workspace":
    from schwung.app.wiring import open_workspace

    return open_workspace(folder)


def say(en: str, de: str, **values: object) -> None:
    typer.echo(Text(en, de).fill(**values).in_(language()))


@app.command("list")
def list_(
    search: Annotated[str, typer.Option("--search", "-s", help="Beginnings of words of name, e-mail or number.")] = "",
    kind: Annotated[str | None, typer.Option(help="lead, new, existing, dormant, lost, won_back.")] = None,
    sort: Annotated[str, typer.Option(help="last_order, revenue or name.")] = "last_order",
    limit: Annotated[int, typer.Option(min=1, max=500, help="Rows of a page.")] = 25,
    after: Annotated[str | None, typer.Option(help="Where the page before ended (`next` of --json).")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List customers, page by page."""
    from schwung.app.customer_json import page_json, read_list_place
    from schwung.app.customer_list import list_customers

    place = opened(workspace)
    page = list_customers(
        place, kind=kind, search=search, sort=sort, descending=sort != "name",  # type: ignore[arg-type]
        after=read_list_place(after, sort), limit=limit,
    )  # fmt: skip
    found = page_json(page)
    if json:
        print_json(found)
        return
    columns = ("customer_id", "full_name", "email", "kind", "last_order_at", "order_count", "revenue_minor")
    currency = place.settings.workspace.currency
    print_table(columns, (_listed(row, currency) for row in found["customers"]), right=("customer_id", *columns[-3:]))
    more = "+" if page.more_than else ""
    say("{n} found.", "{n} gefunden.", n=f"{page.count}{more}")
    if found["next"]:
        say("Next page: --after {place}", "Nächste Seite: --after {place}", place=found["next"])


def _listed(row: Mapping[str, Any], currency: str) -> tuple[object, ...]:
    from schwung.core.money import to_major
    from schwung.measure.lifecycle import KINDS
    from schwung.renderers.numbers import number

    last = str(row["last_order_at"])[:10] if row["last_order_at"] else None
    revenue = number(float(to_major(row["revenue_minor"], currency)), currency, language())
    name = row["full_name"] or row["user_id"]
    return row["customer_id"], name, row["email"], KINDS[row["kind"]].in_(language()), last, row["order_count"], revenue


@app.command("show")
def show(customer: CustomerArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show identifiers, merges, traits, consents and key figures of a customer. The view is noted in the audit."""
    from schwung.app.customer_json import customer_json
    from schwung.app.customers import find_customer, show_customer

    place = opened(workspace)
    found = show_customer(place, find_customer(place, customer), actor())
    shown = customer_json(found, place.clock())
    if json:
        print_json(shown)
        return
    typer.echo(f"{found.customer_id}  {found.name or ''}")
    _table(
        "Identifiers", "Kennungen", ("identifier_id", "kind", "value", "source", "first_seen_at"), shown["identities"]
    )
    _table(
        "Merges", "Zusammenführungen", ("merge_no", "from_customer_id", "cause", "moved_at", "leaving"), shown["merges"]
    )
    traits = [{"name": name, **one} for name, one in shown["traits"].items()]
    _table("Traits", "Merkmale", ("name", "value", "source", "observed_at"), traits)
    _table("Consents", "Einwilligungen", ("purpose", "channel", "state", "given_at"), shown["permissions"]["in_force"])
    _table(
        "Opt-outs", "Abmeldungen", ("topic", "channel", "opted_out_at", "lifted_at"), shown["permissions"]["opt_outs"]
    )
    figures = shown["figures"] or {}
    _table("Figures", "Zahlen", ("name", "value"), [{"name": name, "value": value} for name, value in figures.items()])


@app.command("timeline")
def timeline(
    customer: CustomerArgument,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Entries of a page.")] = 30,
    after: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Everything that happened with a customer, newest first."""
    from schwung.app import audit
    from schwung.app.customer_json import timeline_json
    from schwung.app.customers import find_customer
    from schwung.app.timeline import read_place
    from schwung.app.timeline import timeline as read

    place = opened(workspace)
    customer_id = find_customer(place, customer)
    page = read(place, customer_id, after=read_place(after), limit=limit)
    with place.store.write() as tx:
        audit.add(tx, place.clock(), actor(), "viewed", customer_id)
    if json:
        print_json(timeline_json(page))
        return
    columns = ("happened_at", "title", "source", "channel", "amount_minor", "currency")
    rows = [{**row, "title": row["title"][language()]} for row in timeline_json(page)["entries"]]
    print_table(columns, ([row[name] for name in columns] for row in rows), right=("amount_minor",))
    if page.next:
        say("Next page: --after {place}", "Nächste Seite: --after {place}", place=page.next)


@app.command("merge")
def merge(
    customer: CustomerArgument, other: CustomerArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False
) -> None:
    """Declare two customers one person. It can be taken back with unmerge."""
    from schwung.app.customers import find_customer
    from schwung.app.merge import merge as join

    place = opened(workspace)
    stays = join(place, find_customer(place, customer), find_customer(place, other), actor())
    _done(json, {"customer_id": stays}, "They are customer {id} now.", "Beide sind jetzt Kunde {id}.", id=stays)


@app.command("unmerge")
def unmerge(
    customer: CustomerArgument,
    merge_no: Annotated[int | None, typer.Option("--merge", help="Merge to take back, as `show` lists it.")] = None,
    identifier: Annotated[
        list[int] | None, typer.Option(help="Number of an identifier that leaves; repeatable.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Separate a customer; events, traits and consents follow their identifiers. Without options: its only merge."""
    from schwung.app.customers import find_customer
    from schwung.app.merge import merges_of, separable
    from schwung.app.merge import unmerge as separate

    place = opened(workspace)
    customer_id = find_customer(place, customer)
    leaving = set(identifier or ())
    if not leaving:
        with place.store.read() as tx:
            leaving = set(separable(merges_of(tx, customer_id), merge_no).proposal.leaving)
    if not yes and not json:
        say(
            "These identifiers leave: {ids}.", "Diese Kennungen gehen: {ids}.", ids=", ".join(map(str, sorted(leaving)))
        )
        typer.confirm(Text("Separate them?", "Trennen?").in_(language()), abort=True)
    stays, left = separate(place, customer_id, leaving, actor())
    result = {"customer_id": stays, "separated_id": left}
    _done(json, result, "Customers {a} and {b} now.", "Jetzt Kunde {a} und Kunde {b}.", a=stays, b=left)


@app.command("consent")
def consent(
    customer: CustomerArgument,
    purpose: Annotated[str, typer.Argument(help="advertising, newsletter, survey, tracking, …")],
    channel: Annotated[str, typer.Argument(help="email, sms, phone, letter, … or any.")],
    state: Annotated[str, typer.Argument(help="granted, refused or withdrawn.")],
    proof: Annotated[str | None, typer.Option(help="How it was given; needed for a grant.")] = None,
    legal_basis: Annotated[
        str, typer.Option(help="consent, contract, legitimate_interest, own_customer, legal_duty.")
    ] = "consent",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Record what a person allowed or refused."""
    from schwung.app.consents import record_consent
    from schwung.app.customers import find_customer

    place = opened(workspace)
    customer_id = find_customer(place, customer)
    record_consent(
        place, customer_id, actor(), purpose=purpose, channel=channel, state=state, proof=proof, legal_basis=legal_basis, source="cli"
    )  # fmt: skip
    _done(json, {"customer_id": customer_id, "state": state}, "Recorded.", "Festgehalten.")


@app.command("opt-out")
def opt_out(
    customer: CustomerArgument,
    topic: Annotated[str, typer.Argument(help="advertising, newsletter, survey, … or objection (Art. 21 GDPR).")],
    channel: Annotated[str, typer.Option(help="One channel, or any.")] = "any",
    lift: Annotated[bool, typer.Option("--lift", help="The person wants it again.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Record that a person does not want something, or wants it again."""
    from schwung.app import consents
    from schwung.app.customers import find_customer

    place = opened(workspace)
    customer_id = find_customer(place, customer)
    act: Callable[..., object] = consents.lift_opt_out if lift else consents.opt_out
    act(place, customer_id, actor(), topic, channel)
    _done(json, {"customer_id": customer_id, "topic": topic, "lifted": lift}, "Recorded.", "Festgehalten.")


@app.command("retire")
def retire(
    kind: Annotated[str, typer.Argument(help="email, phone, card, …")],
    value: Annotated[str, typer.Argument(help="The value that changed hands.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """A value changed hands: what comes with it from now on belongs to somebody else."""
    from schwung.app.customers import retire as stop

    done = stop(opened(workspace), kind, value, actor())
    _done(json, {"retired": done}, "Retired: {done}.", "Stillgelegt: {done}.", done=done)


@app.command("block")
def block(
    kind: Annotated[str, typer.Argument(help="email, phone, card, user_id, anonymous_id.")],
    value: Annotated[str, typer.Argument(help="A value that names nobody, such as the shop's own address.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """A value names nobody: it is no identifier from now on."""
    from schwung.app.customers import block as refuse

    refuse(opened(workspace), kind, value, actor())
    _done(json, {"blocked": True}, "Blocked.", "Gesperrt.")


@app.command("readmit")
def readmit(
    kind: Annotated[str, typer.Argument(help="email, phone, card, user_id, anonymous_id.")],
    value: Annotated[str, typer.Argument(help="An identifier of someone who was erased and came back.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Someone who was erased came back by their own will: take their identifier again."""
    from schwung.app.buried import readmit as admit

    found = admit(opened(workspace), kind, value, actor())
    _done(json, {"readmitted": found}, "Admitted again: {found}.", "Wieder zugelassen: {found}.", found=found)


@app.command("problems")
def problems(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Traits that were left out because of their type or length, by source."""
    from schwung.app.profiles import trait_problems

    rows = trait_problems(opened(workspace))
    if json:
        print_json(rows)
        return
    columns = ("name", "source", "reason", "seen_count", "last_at")
    print_table(columns, ([row[name] for name in columns] for row in rows), right=("seen_count",))


@app.command("audit")
def audit(
    customer: Annotated[str | None, typer.Argument(help="A customer; all when left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows.")] = 50,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Who saw, exported or changed what about whom."""
    from schwung.app.audit import entries
    from schwung.app.customer_json import audit_json
    from schwung.app.customers import find_customer

    place = opened(workspace)
    customer_id = (
        int(customer) if customer and customer.isdigit() else find_customer(place, customer) if customer else None
    )
    rows = [audit_json(one) for one in entries(place, customer_id=customer_id, limit=limit)]
    if json:
        print_json(rows)
        return
    columns = ("happened_at", "actor", "act", "customer_id", "details")
    print_table(columns, ([row[name] for name in columns] for row in rows))


def _table(en: str, de: str, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        print_table(columns, ([row[name] for name in columns] for row in rows), title=Text(en, de).in_(language()))


def _done(json: bool, result: Mapping[str, Any], en: str, de: str, **values: object) -> None:
    if json:
        print_json(result)
    else:
        say(en, de, **values)
