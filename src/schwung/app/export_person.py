"""Everything about one person in one ZIP: JSON and CSV per table, and a covering letter after Art. 15 GDPR."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from schwung.app import audit
from schwung.app.customer_json import when
from schwung.app.customers import Customer, read_customer
from schwung.app.erase_files import quarantined
from schwung.app.export_letter import covering_letter
from schwung.app.facts import open_facts
from schwung.app.ports import Transaction
from schwung.app.wiring import TABLES, Workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from schwung.collect.readable import readable
from schwung.core.clock import to_datetime
from schwung.core.text import LANGUAGES
from schwung.renderers.letter import render
from schwung.unify.mention import Person

Rows = list[dict[str, Any]]
_FORMULA = re.compile(r"[=@\t\r]|[+\-](?![\d\s()./\-]*$)")
_INTERNAL = ("bucket", "content_hash", "version", "batch_no")


def export_person(workspace: Workspace, customer_id: int, actor: str, *, folder: Path | None = None) -> Path:
    """Write the ZIP, readable by its owner only, and note it in the audit. Its path.

    folder: `files/exports` of the workspace unless named; there it goes with the retention period and with erasure.
    """
    now = workspace.clock()
    with workspace.store.read() as tx:
        customer = read_customer(tx, workspace, customer_id)
        tables = _of_store(tx, customer, workspace.settings.workspace.country)
    tables |= _of_lake(workspace, customer)
    target = folder or workspace.files_folder / "exports"
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"customer-{customer_id}-{to_datetime(now).strftime('%Y%m%dT%H%M%SZ')}.zip"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    _write(workspace, path, customer, {name: rows for name, rows in tables.items() if rows})
    with workspace.store.write() as tx:
        audit.add(tx, now, actor, "exported", customer_id)
    return path


def _of_store(tx: Transaction, customer: Customer, country: str) -> dict[str, Rows]:
    ids = [one.identifier_id for one in customer.identities]
    names = ("identifier_id", "kind", "value", "source", "first_seen_at", "retired_at")
    said = customer.permissions
    consents = [{name: getattr(one, name) for name in one.__slots__} for one in said.statements]
    person = Person(frozenset((one.kind, one.value) for one in customer.identities), country)
    return {
        "identifiers": [{name: getattr(one, name) for name in names} for one in customer.identities],
        "traits": tx.rows("profile.known_traits", identifier_ids=ids),
        "consents": consents,
        "opt_outs": [dict(row) for row in said.opt_outs],
        "own_customer": tx.rows("law.own", customer_id=customer.customer_id),
        "consent_texts": [
            row for row in tx.rows("law.texts") if row["text_no"] in {one.text_no for one in said.statements}
        ],
        "suppressions": [dict(row) for row in said.suppressions],
        "lists": tx.rows("lists.of_identifiers", identifier_ids=ids),
        "journeys": tx.rows("journeys.of_identifiers", identifier_ids=ids),
        "tasks": tx.rows("tasks.of_identifiers", identifier_ids=ids),
        "experiments": tx.rows("experiments.of_identifiers", identifier_ids=ids),
        "planned_messages": tx.rows("messages.of_customers", identifier_ids=ids),
        "what_became_of_messages": tx.rows("messages.fates_of", identifier_ids=ids),
        "key_figures": [dict(customer.figures)] if customer.figures else [],
        "quarantine": [
            {**row, "body": bytes(row["body"]).decode("utf-8", "replace")} for row in quarantined(tx, person)
        ],
    }


def _of_lake(workspace: Workspace, customer: Customer) -> dict[str, Rows]:
    """Facts of all identifiers, whatever `as of` says, and what was received after the snapshot."""
    ids = [one.identifier_id for one in customer.identities]
    claims = {(one.kind, one.value) for one in customer.identities}
    found: dict[str, Rows] = {}
    with open_facts(workspace) as facts:
        for name, table in TABLES.items():
            if table.person is None or name == "identities":
                continue
            rows = facts.everything(name)
            owners = ids if table.person == "identifier_id" else [customer.customer_id]
            chosen = rows.filter(rows[table.person].isin(owners))
            order = [column for column in (table.time, *table.key) if column]
            found[name] = facts.run(chosen.order_by(order) if order else chosen).to_pylist()
        with workspace.store.read() as tx:
            waiting = tx.rows("person.newer_chunks", batch_no=facts.snapshot_no)
    events = (event for chunk in waiting for event in unpack(bytes(chunk["body"])))
    found["received"] = [_event(event) for event in events if any(claim in claims for claim in event.claims)]
    return found


def _event(event: Event) -> dict[str, Any]:
    texts = {name: getattr(event, name).decode("utf-8", "replace") for name in ("properties", "traits", "context")}
    rest = {name: getattr(event, name) for name in ("name", "happened_at", "received_at", "source", "channel")}
    return {**rest, "claims": json.dumps(event.claims, ensure_ascii=False), **texts}


def _write(workspace: Workspace, path: Path, customer: Customer, tables: Mapping[str, Rows]) -> None:
    shown = {name: [_shown(row) for row in rows] for name, rows in tables.items()}
    counts = {name: len(rows) for name, rows in shown.items()}
    sources = sorted({str(row["source"]) for rows in shown.values() for row in rows if row.get("source")})
    addressee = [customer.name] if customer.name else []
    everything = {"customer_id": customer.customer_id, "exported_at": when(workspace.clock()), "tables": shown}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for language in LANGUAGES:
            letter = covering_letter(workspace, language, addressee, counts, sources)
            archive.writestr("Anschreiben.pdf" if language == "de" else "letter.pdf", render(letter))
        archive.writestr("everything.json", json.dumps(everything, ensure_ascii=False, indent=1, default=str))
        for name, rows in shown.items():
            archive.writestr(f"json/{name}.json", json.dumps(rows, ensure_ascii=False, indent=1, default=str))
            archive.writestr(f"csv/{name}.csv", "\ufeff" + _csv(rows))


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Instants as ISO 8601, JSON as JSON, without our bookkeeping."""
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if name in _INTERNAL or name == "words" or name == "name_key":
            continue
        shown[name] = when(value) if name.endswith("_at") else _json_or(value, name)
    return shown


def _json_or(value: Any, name: str) -> Any:
    if isinstance(value, str) and name in ("properties", "context", "traits", "value", "claims", "body"):
        return readable(value)
    return value


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """With a header; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    columns: Iterable[str] = dict.fromkeys(name for row in rows for name in row)
    names = list(columns)
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return target.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text
