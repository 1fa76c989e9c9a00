"""Who saw or changed what, and when. Rows say nothing about a person but a number."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text

ACTS: Mapping[str, Text] = {
    "viewed": Text("Profile viewed", "Profil angesehen"),
    "searched": Text("Customers searched", "Kunden gesucht"),
    "exported": Text("Everything about the person exported", "Alles über die Person ausgegeben"),
    "erased": Text("Person erased", "Person gelöscht"),
    "merged": Text("Merged by hand", "Von Hand zusammengeführt"),
    "unmerged": Text("Separated", "Getrennt"),
    "trait_set": Text("Trait set by hand", "Merkmal von Hand gesetzt"),
    "consent_recorded": Text("Consent recorded", "Einwilligung festgehalten"),
    "consent_confirmed": Text("Consent confirmed from the mailbox", "Einwilligung aus dem Postfach bestätigt"),
    "consent_text_saved": Text("Consent text saved", "Einwilligungstext gespeichert"),
    "own_customer_recorded": Text("Own customer recorded (§ 7 (3) UWG)", "Bestandskunde festgehalten (§ 7 Abs. 3 UWG)"),
    "link_key_changed": Text("Key of signed links changed", "Schlüssel signierter Links gewechselt"),
    "opted_out": Text("Opt-out recorded", "Abmeldung festgehalten"),
    "opted_in": Text("Opt-out lifted", "Abmeldung aufgehoben"),
    "suppressed": Text("Address suppressed", "Adresse gesperrt"),
    "unsuppressed": Text("Address released", "Adresse freigegeben"),
    "retired": Text("Identifier retired", "Kennung stillgelegt"),
    "blocked": Text("Value blocked as identifier", "Wert als Kennung gesperrt"),
    "readmitted": Text("Erased value admitted again", "Gelöschter Wert wieder zugelassen"),
    "key_created": Text("Key created", "Schlüssel angelegt"),
    "key_rotated": Text("Key rotated", "Schlüssel gewechselt"),
    "key_revoked": Text("Key revoked", "Schlüssel widerrufen"),
    "source_changed": Text("Consent setting of a source changed", "Einwilligungsregel einer Quelle geändert"),
    "settings_changed": Text("Settings changed", "Einstellungen geändert"),
    "webhook_changed": Text("Mapping of a webhook changed", "Zuordnung eines Webhooks geändert"),
    "rate_set": Text("Exchange rate entered", "Wechselkurs eingetragen"),
    "rate_removed": Text("Exchange rate removed", "Wechselkurs entfernt"),
    "import_started": Text("Import started", "Import gestartet"),
    "import_stopped": Text("Import stopped", "Import angehalten"),
    "list_created": Text("Customer list saved", "Kundenliste gespeichert"),
    "lead_points_changed": Text("Rules of the lead points changed", "Regeln der Lead-Punkte geändert"),
    "phase_rules_changed": Text("Rules of the phases changed", "Regeln der Phasen geändert"),
    "finding_rule_changed": Text("Rule of findings changed", "Regel der Befunde geändert"),
    "list_changed": Text("Customer list renamed", "Kundenliste umbenannt"),
    "list_deleted": Text("Customer list deleted", "Kundenliste gelöscht"),
    "segment_saved": Text("saved a segment", "Segment gespeichert"),
    "journey_saved": Text("Journey saved", "Strecke gespeichert"),
    "journey_live": Text("Journey started", "Strecke gestartet"),
    "journey_paused": Text("Journey paused", "Strecke pausiert"),
    "journey_stopped": Text("Journey stopped", "Strecke gestoppt"),
    "journey_deleted": Text("Journey deleted", "Strecke gelöscht"),
    "journey_hook_opened": Text(
        "Address of a journey for webhooks made", "Adresse einer Strecke für Webhooks angelegt"
    ),
    "journey_hook_closed": Text(
        "Address of a journey for webhooks ended", "Adresse einer Strecke für Webhooks beendet"
    ),
    "task_done": Text("Task done", "Aufgabe erledigt"),
    "task_reopened": Text("Task opened again", "Aufgabe wieder geöffnet"),
    "journey_entered": Text("Customers entered into a journey by hand", "Kunden von Hand in eine Strecke gebracht"),
    "experiment_saved": Text("Experiment saved", "Experiment gespeichert"),
    "experiment_ended": Text("Experiment ended", "Experiment beendet"),
    "exposed": Text("Customers put into an experiment", "Kunden in ein Experiment genommen"),
    "sending_stopped": Text("Sending stopped", "Versand angehalten"),
    "sending_resumed": Text("Sending resumed", "Versand fortgesetzt"),
    "message_planned": Text("Message planned by hand", "Nachricht von Hand geplant"),
    "message_resent": Text("Message sent again by hand", "Nachricht von Hand erneut versandt"),
    "message_marked": Text("Message marked as sent", "Nachricht als versandt vermerkt"),
    "message_cancelled": Text("Message cancelled by hand", "Nachricht von Hand abgesagt"),
    "template_saved": Text("Template saved", "Vorlage gespeichert"),
    "template_deleted": Text("Template deleted", "Vorlage gelöscht"),
    "list_restored": Text("Customer list restored", "Kundenliste wiederhergestellt"),
    "list_viewed": Text("Customers of a list viewed", "Kunden einer Liste angesehen"),
    "personas_found": Text("Personas found", "Personas bestimmt"),
    "training_asked": Text("Training of models asked for", "Training von Modellen verlangt"),
    "live_viewed": Text("Live events viewed", "Live-Ereignisse angesehen"),
    "quarantine_viewed": Text("Held events viewed", "Zurückgehaltene Ereignisse angesehen"),
    "quarantine_replayed": Text("Held events replayed", "Zurückgehaltene Ereignisse erneut geprüft"),
    "quarantine_dropped": Text("Held events dropped", "Zurückgehaltene Ereignisse verworfen"),
}

DETAILS: Mapping[str, Text] = {
    "categories": Text("categories", "Kategorien"),
    "channel": Text("channel", "Kanal"),
    "currency": Text("currency", "Währung"),
    "delete_orders": Text("orders too", "auch Bestellungen"),
    "dropped": Text("dropped", "verworfen"),
    "events": Text("events", "Ereignisse"),
    "experiment_no": Text("experiment", "Experiment"),
    "found": Text("found", "gefunden"),
    "grace_hours": Text("valid for hours", "gültig noch Stunden"),
    "held": Text("still held", "weiter zurückgehalten"),
    "identifier_id": Text("identifier", "Kennung"),
    "identifiers": Text("identifiers", "Kennungen"),
    "import_no": Text("import", "Import"),
    "key": Text("key", "Schlüssel"),
    "kind": Text("kind", "Art"),
    "known": Text("known already", "schon bekannt"),
    "list_no": Text("list", "Liste"),
    "message_no": Text("message", "Nachricht"),
    "names": Text("settings", "Einstellungen"),
    "origin": Text("origin", "Herkunft"),
    "other": Text("other customer", "anderer Kunde"),
    "purpose": Text("purpose", "Zweck"),
    "rate": Text("rate", "Kurs"),
    "reason": Text("reason", "Grund"),
    "replayed": Text("replayed", "erneut geprüft"),
    "requires_consent": Text("requires consent", "verlangt Einwilligung"),
    "scope": Text("scope", "Bereich"),
    "section": Text("section", "Abschnitt"),
    "size": Text("customers", "Kunden"),
    "source": Text("source", "Quelle"),
    "state": Text("state", "Stand"),
    "text": Text("text", "Text"),
    "successor": Text("successor", "Nachfolger"),
    "template": Text("template", "Vorlage"),
    "topic": Text("topic", "Thema"),
    "trait": Text("trait", "Merkmal"),
    "valid_from_on": Text("from", "ab"),
    "version": Text("version", "Fassung"),
    "webhook": Text("webhook", "Webhook"),
}
"""What the details of acts are called. A key without a name is shown as it is."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    audit_no: int
    happened_at: Instant
    actor: str
    act: str
    customer_id: int | None
    details: Mapping[str, Any]


def add(tx: Transaction, now: Instant, actor: str, act: str, customer_id: int | None = None, /, **details: Any) -> None:
    """One row, in the commit of the act itself.

    actor: `operator:7`, `key:3`, `cli:anna` (the login name), `system`. details: numbers and codes, never a value
    that says who the person is.
    """
    if act not in ACTS:
        raise KeyError(f"no act is named {act!r}")
    text = json.dumps(details, ensure_ascii=False, sort_keys=True)
    tx.run("audit.add", now=now, actor=actor[:200], act=act, customer_id=customer_id, details=text)


def entries(
    workspace: Workspace, *, customer_id: int | None = None, before_no: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """Newest first. before_no: the last audit_no of the page before."""
    if not 1 <= limit <= 1_000:
        raise InputError(
            "limit_invalid",
            Text(en="The limit must lie between 1 and 1,000.", de="Die Grenze muss zwischen 1 und 1.000 liegen."),
            Text(en="Choose another one.", de="Eine andere wählen."),
        )
    before = 2**62 if before_no is None else max(0, min(before_no, 2**62))
    with workspace.store.read() as tx:
        if customer_id is None:
            rows = tx.rows("audit.newest", before_no=before, limit=limit)
        else:
            rows = tx.rows("audit.of_customer", customer_id=customer_id, before_no=before, limit=limit)
    return [AuditEntry(**{**row, "details": json.loads(row["details"])}) for row in rows]


def note(workspace: Workspace, actor: str, act: str, /, **details: Any) -> None:
    """One row in a commit of its own, for acts that change nothing else."""
    with workspace.store.write() as tx:
        add(tx, workspace.clock(), actor, act, None, **details)
