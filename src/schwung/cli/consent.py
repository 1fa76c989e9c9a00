"""schwung consent: what may be sent to whom, the wordings agreed to, double opt-in, proof from files."""

from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer(
    no_args_is_help=True, help="Consent: what may be sent to whom, by which words it was given, and its proof."
)
CustomerArgument = Annotated[int, typer.Argument(metavar="CUSTOMER", help="Number of the customer.")]


@app.command("status")
def status(
    customer: CustomerArgument,
    channel: Annotated[str, typer.Option(help="email, sms, phone, letter …")] = "email",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Say for each purpose whether a customer may be written to, by what right, or why not."""
    from schwung.app.law import may_all
    from schwung.app.merge import customer_unknown
    from schwung.core.text import Text
    from schwung.unify.consent import PURPOSES

    place = opened(workspace)
    with place.store.read() as tx:
        found = may_all(tx, customer, channel, place.clock())
    if found["contract"].reason == "gone":
        raise customer_unknown(str(customer))
    if json:
        print_json({
            name: {"allowed": one.is_allowed, "basis": one.basis, "reason": one.reason or None, "identifier_id": one.identifier_id}
            for name, one in found.items()
        })  # fmt: skip
        return
    contract = Text("Orders, invoices, account", "Bestellung, Rechnung, Konto")
    rows = [
        (PURPOSES.get(name, contract).in_(language()), one.is_allowed, one.words.in_(language())) for name, one in found.items()
    ]  # fmt: skip
    print_table(("purpose", "allowed", "why"), rows)


@app.command("texts")
def texts(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List the wordings that people agree to, with their versions."""
    from schwung.app.consent_texts import KINDS
    from schwung.app.consent_texts import counted_texts as known

    found = known(opened(workspace))
    if json:
        print_json([one.to_json() for one in found])
        return
    rows = [
        (
            one.name,
            one.version,
            KINDS[one.kind].in_(language()),
            ", ".join(one.purposes),
            one.used,
            one.text.in_(language()),
        )
        for one in found
    ]
    print_table(("name", "version", "kind", "purpose", "used", "text"), rows, right=("version", "used"))


@app.command("start")
def start(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Add wordings to begin with and the mail that asks for confirmation; what is there stays."""
    from schwung.app.consent_start import start as begin

    added = begin(opened(workspace), actor())
    if json:
        print_json({"added": added})
    elif added:
        say(
            "Added: {names}. Adapt them to your shop.",
            "Angelegt: {names}. Bitte an den Shop anpassen.",
            names=", ".join(added),
        )
    else:
        say("All of it is there already.", "Alles ist schon da.")


@app.command("save")
def save(
    name: Annotated[str, typer.Argument(help="Name of the text: small letters, digits, hyphens.")],
    en: Annotated[str, typer.Option(help="The text in English.")],
    de: Annotated[str, typer.Option(help="The text in German.")],
    purpose: Annotated[
        list[str] | None, typer.Option(help="What a yes to it grants; several times for several.")
    ] = None,
    channel: Annotated[str, typer.Option(help="email, sms, phone, letter …")] = "email",
    notice: Annotated[bool, typer.Option(help="A notice to buyers (§ 7 (3) UWG), no consent.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Save a wording as a new version; earlier versions stay as proof."""
    from schwung.app.consent_texts import save_text
    from schwung.core.text import Text

    found = save_text(
        opened(workspace), name, Text(en, de), actor(), purposes=purpose or (), channel=channel,
        kind="notice" if notice else "consent",
    )  # fmt: skip
    if json:
        print_json(found.to_json())
    else:
        say("{name}: version {n}", "{name}: Fassung {n}", name=found.name, n=found.version)


@app.command("request")
def request(
    email: Annotated[str, typer.Argument(help="Address that was entered.")],
    text: Annotated[str, typer.Argument(help="Name of the consent text.")],
    source: Annotated[str, typer.Option(help="Where it was entered, such as the form's address.")] = "by_hand",
    spoken: Annotated[str | None, typer.Option("--language", help="en or de; default: the workspace's.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Ask the owner of an address to confirm (double opt-in)."""
    from schwung.app.double_opt_in import request as ask

    planned = ask(opened(workspace), email, text, source=source, language=spoken)
    if json:
        print_json({"planned": planned})
    elif planned:
        say("The e-mail that asks for confirmation is planned.", "Die E-Mail zur Bestätigung ist geplant.")
    else:
        say("One was sent a short while ago; no second one.", "Vor Kurzem ging schon eine; keine zweite.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV of consents, or of own customers.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Import consents, or own customers by § 7 (3) UWG, from a CSV file.

    Consents: email, purpose, channel, state, given_at, source, proof, text, expires_at. Own customers: email, order_id,
    sold_at, goods, notice, notice_at.
    """
    from schwung.app.consent_import import import_consents

    done = import_consents(opened(workspace), file.read_bytes(), actor())
    if json:
        print_json(done.to_json())
        return
    say(
        "{read} lines: {kept} new, {unproved} of them without full proof (not written to), {unknown} of addresses unknown here, "
        "{wrong} wrong.",
        "{read} Zeilen: {kept} neu, davon {unproved} ohne vollen Nachweis (werden nicht angeschrieben), {unknown} mit hier "
        "unbekannter Adresse, {wrong} falsch.",
        read=done.read, kept=done.kept, unproved=done.unproved, unknown=done.unknown, wrong=len(done.wrong) + done.more_wrong,
    )  # fmt: skip
    if done.wrong:
        print_table(("line", "why"), [(one.line, one.why.in_(language())) for one in done.wrong], right=("line",))


@app.command("keys")
def keys(
    drop_old: Annotated[
        bool,
        typer.Option("--drop-old", help="Links sent before are no longer believed, those to unsubscribe included."),
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Sign links in e-mails with a new key from now on; those sent before stay good."""
    from schwung.app.signed_links import rotate_link_keys

    rotate_link_keys(opened(workspace), actor(), drop_old=drop_old)
    if json:
        print_json({"changed": True, "dropped": drop_old})
    else:
        say("Links are signed with a new key from now on.", "Links werden ab jetzt mit einem neuen Schlüssel signiert.")
