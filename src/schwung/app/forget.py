"""Erases a person (Art. 17 GDPR): a request in the store is the queue; a crash at any line is finished by the next run."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from schwung.app import audit
from schwung.app.erase_facts import ErasedFacts, ErasurePlan, erase_facts
from schwung.app.erase_files import erase_files, erase_from_chunks, erase_from_quarantine
from schwung.app.lane import REFRESH, Held, lane, lease
from schwung.app.merge import customer_unknown
from schwung.app.ports import Transaction
from schwung.app.publish import finish_open_batch, open_batch, publish
from schwung.app.refresh import forget_customers
from schwung.app.resolve import mark_of
from schwung.app.wiring import Workspace
from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.unify.mention import Person

_REFRESH_SECONDS = 900.0  # a nightly rebuild of a long list
STORE_TABLES = (
    "double_opt_in",
    "own_customer",
    "identifier",
    "link",
    "kept_apart",
    "move",
    "trait",
    "consent",
    "opt_out",
    "suppression",
    "membership",
    "exposure",
    "message_fate",
    "message_touch",
    "message",
    "enrollment",
    "heard",
    "journey_refusal",
    "task",
    "webhook_call",
)
"""Tables of the operational store that hold a person's rows, by identifier."""

NOTES: Mapping[str, Text] = {
    "write_ahead_log": Text(
        "PostgreSQL's write-ahead log may hold the deleted rows until its segments are overwritten; an archive of it longer.",
        "Das Write-Ahead-Log von PostgreSQL kann die gelöschten Zeilen enthalten, bis seine Segmente überschrieben sind; "
        "ein Archiv davon länger.",
    ),
    "backups": Text(
        "Backups of the database, of the folder and of the machine are the operator's: delete the person there, or let them expire.",
        "Sicherungen der Datenbank, des Ordners und der Maschine liegen beim Betreiber: dort löschen oder ablaufen lassen.",
    ),
    "checkpoint": Text(
        "A reader kept SQLite's log from being emptied; the nightly run does it, or at once: schwung retain --apply",
        "Ein Leser hielt das Log von SQLite fest; der nächtliche Lauf leert es, oder sofort: schwung retain --apply",
    ),
    "statistics": Text(
        "PostgreSQL's statistics may hold single values of the deleted rows: schwung's database role may not rewrite them. "
        "As its owner run: VACUUM FULL pg_statistic",
        "Die Statistik von PostgreSQL kann einzelne Werte der gelöschten Zeilen enthalten: schwungs Datenbankrolle darf sie "
        "nicht neu schreiben. Als Eigentümer ausführen: VACUUM FULL pg_statistic",
    ),
    "orders_kept": Text(
        "Orders, returns, answers, cases, points and the like stay without any personal data under a random number, so that "
        "totals stay (Art. 17(3) GDPR).",
        "Bestellungen, Rückgaben, Antworten, Vorgänge, Punkte und dergleichen bleiben ohne personenbezogene Daten unter "
        "einer Zufallsnummer, damit Summen stimmen "
        "(Art. 17 Abs. 3 DSGVO).",
    ),
    "exports_outside": Text(
        "Files that people downloaded, and messages already sent, are out of reach.",
        "Heruntergeladene Dateien und bereits versandte Nachrichten sind nicht erreichbar.",
    ),
    "tombstones": Text(
        "Keyed hashes of the identifiers remain, so that an import does not bring the person back.",
        "Verschlüsselte Prüfwerte der Kennungen bleiben, damit ein Import die Person nicht zurückbringt.",
    ),
    "uploads": Text(
        "Uploaded files that named the person were deleted whole; what was imported from them for others stays.",
        "Hochgeladene Dateien, die die Person nannten, wurden ganz gelöscht; was daraus für andere importiert ist, bleibt.",
    ),
}


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was done. lake, store, files: counts by name. notes: keys of NOTES."""

    customer_id: int
    identifiers: int
    lake_deleted: Mapping[str, int] = field(default_factory=dict)
    lake_kept: Mapping[str, int] = field(default_factory=dict)
    store: Mapping[str, int] = field(default_factory=dict)
    events_emptied: int = 0
    files: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def report_json(report: ErasureReport) -> dict[str, Any]:
    """The report with its notes as texts."""
    notes = {name: {"en": NOTES[name].en, "de": NOTES[name].de} for name in report.notes}
    return {**asdict(report), "notes": notes}


def forget(workspace: Workspace, customer_id: int, actor: str, *, delete_orders: bool = False) -> ErasureReport:
    """Erase a customer with all identifiers. InputError when there is none. Runs to its end before it returns."""
    _mirror_what_waits(workspace)
    with lane(workspace, "erasure") as held:
        finish_open_batch(workspace, held)
        finish_erasures(workspace, held)
        with workspace.store.write() as tx:
            batch_no = _request(workspace, tx, held, customer_id, actor, delete_orders)
        return _finish(workspace, held, batch_no)


def _erase_rows(workspace: Workspace, held: Held, batch_no: int) -> None:
    """The rows: lake, chunks, files, store, in this order; the store's own rows and the publication in one commit."""
    with workspace.store.read() as tx:
        row = tx.row("person.of_batch", batch_no=batch_no)
        if row is None or row["state"] != "open":
            return
        plan = ErasurePlan.read(json.loads(row["plan"]))
        known = tx.rows("identity.some", identifier_ids=list(plan.identifier_ids))
    country = workspace.settings.workspace.country
    person = Person(frozenset((one["kind"], one["value"]) for one in known), country)
    facts = erase_facts(workspace, plan)
    emptied = erase_from_chunks(workspace, person)
    files = erase_files(workspace, person, plan.customer_ids)

    def strike(tx: Transaction) -> None:
        store = _strike(tx, plan, person, facts)
        notes = ("tombstones", "exports_outside", *(("orders_kept",) if facts.kept else ()))
        notes += ("uploads",) if files["uploads"] else ()
        report = ErasureReport(
            plan.customer_id, len(plan.identifier_ids), facts.deleted, facts.kept, store, emptied, files, notes
        )
        tx.run("person.strike", erasure_no=batch_no, report=json.dumps(asdict(report)))

    publish(workspace, held, batch_no, {}, strike)


def finish_erasures(workspace: Workspace, held: Held) -> int:
    """Bring erasures to their end that a crash left; how many."""
    with workspace.store.read() as tx:
        waiting = [row["erasure_no"] for row in tx.rows("person.unfinished")]
    for batch_no in waiting:
        _finish(workspace, held, batch_no)
    return len(waiting)


def _finish(workspace: Workspace, held: Held, batch_no: int) -> ErasureReport:
    """Rows, then bytes. A refresh of the customer list that read the person before must not write them after."""
    with lease(workspace, REFRESH, "erasure", wait=_REFRESH_SECONDS):
        _erase_rows(workspace, held, batch_no)
        return _erase_bytes(workspace, batch_no)


def _mirror_what_waits(workspace: Workspace) -> None:
    """Orders that were received but are not facts yet would otherwise be lost to the totals. What comes later waits."""
    from schwung.app.mirror import mirror_next

    with workspace.store.read() as tx:
        newest = tx.value("person.newest_waiting")
    while newest is not None:
        with lane(workspace, "erasure") as held:
            mirror_next(workspace, held)
        with workspace.store.read() as tx:
            if not tx.value("person.is_waiting", chunk_no=newest):
                return


def _request(
    workspace: Workspace, tx: Transaction, held: Held, customer_id: int, actor: str, delete_orders: bool
) -> int:
    """Fix what is to be erased, with the tombstones, in one commit: from here on the person does not come back."""
    identifiers = tx.rows("identity.of_customer", customer_id=customer_id)
    if not identifiers or any(row["kind"] == "erased" for row in identifiers):
        raise customer_unknown(str(customer_id))
    if tx.value("person.unfinished_import") is not None:
        raise SetupError(
            "import_unfinished",
            Text(en="An import is not finished; its file may name the person.", de="Ein Import ist nicht fertig; seine Datei kann die Person nennen."),
            Text(en="Finish or discard it, then erase.", de="Ihn beenden oder verwerfen, dann löschen."),
        )  # fmt: skip
    ids = [row["identifier_id"] for row in identifiers]
    now = workspace.clock()
    batch_no = open_batch(tx, held, "erasure", now)
    customers = {row["customer_id"] for row in tx.rows("person.customers_ever", identifier_ids=ids)} | {customer_id}
    plan = ErasurePlan(
        batch_no, customer_id, tuple(ids), tuple(sorted(customers)), 2**52 + secrets.randbelow(2**52), delete_orders
    )
    tx.run("person.request", erasure_no=batch_no, plan=json.dumps(asdict(plan)), now=now)
    marks = [mark_of(workspace.secret, row["kind"], row["value"]) for row in identifiers]
    tx.run_many("person.bury", [{"mark": mark, "now": now} for mark in marks])
    tx.run("store.draw", name="known", count=1)
    audit.add(tx, now, actor, "erased", customer_id, identifiers=len(ids), delete_orders=delete_orders)
    return batch_no


def _strike(tx: Transaction, plan: ErasurePlan, person: Person, facts: ErasedFacts) -> dict[str, int]:
    ids, customers = list(plan.identifier_ids), list(plan.customer_ids)
    counts = {"quarantine": erase_from_quarantine(tx, person)}
    tx.run("kept.drop_all")
    tx.run("lists.shrink", identifier_ids=ids)
    tx.run("lists.forget_search", identifier_ids=ids)
    for name in STORE_TABLES:
        counts[name] = tx.run(f"person.delete_{name}", identifier_ids=ids)
    forget_customers(tx, customers)
    for name in ("watch", "change"):
        counts[f"segment_{name}"] = tx.run(f"segments.forget_{name}", customer_ids=customers)
    tx.run("person.delete_touched", customer_ids=customers)
    counts["audit"] = tx.run("person.empty_audit", customer_ids=customers)
    for kind, value in sorted(person.identifiers):
        tx.run("person.unblock", kind=kind, value=value)
    if facts.first_at is not None:
        tx.run(
            "person.add_fresh", identifier_id=plan.fresh_id, value=secrets.token_hex(16), first_seen_at=facts.first_at, batch_no=plan.batch_no
        )  # fmt: skip
    return counts


def _erase_bytes(workspace: Workspace, batch_no: int) -> ErasureReport:
    """The bytes: old files and log of the lake, free pages of the store; then the report is final."""
    workspace.lake.purge()
    unreached: Any = workspace.store.purge()
    with workspace.store.write() as tx:
        row = tx.row("person.of_batch", batch_no=batch_no)
        stored = json.loads(row["report"]) if row else {}
        stored["notes"] = list(dict.fromkeys((*stored["notes"], *unreached)))
        tx.run("person.finish", erasure_no=batch_no, report=json.dumps(stored), now=workspace.clock())
    return ErasureReport(**{**stored, "notes": tuple(stored["notes"])})
