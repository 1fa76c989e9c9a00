"""Customers as JSON, the same for command line, HTTP and exports. Instants are ISO 8601 in UTC."""

import json
from collections.abc import Mapping
from typing import Any

from schwung.app.audit import ACTS, AuditEntry
from schwung.app.consents import Permissions
from schwung.app.customer_list import Page
from schwung.app.customers import Customer
from schwung.app.merge import Merge
from schwung.app.timeline import Entry, Timeline
from schwung.core.clock import Instant, to_datetime
from schwung.core.text import Text


def when(instant: Instant | None) -> str | None:
    """ISO 8601; None for none and for the list's 0 (never)."""
    return to_datetime(instant).isoformat().replace("+00:00", "Z") if instant else None


def both(text: Text) -> dict[str, str]:
    return {"en": text.en, "de": text.de}


def customer_json(customer: Customer, now: Instant) -> dict[str, Any]:
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "is_erased": customer.is_erased,
        "identities": [
            {
                "identifier_id": one.identifier_id,
                "kind": one.kind,
                "value": None if one.kind == "erased" else one.value,
                "source": one.source,
                "first_seen_at": when(one.first_seen_at),
                "retired_at": when(one.retired_at),
            }
            for one in customer.identities
        ],
        "links": [
            {
                "low_id": one.low_id,
                "high_id": one.high_id,
                "state": one.state,
                "why": one.why,
                "source": one.source,
                "linked_at": when(one.linked_at),
            }
            for one in customer.links
        ],
        "merges": [merge_json(one) for one in customer.merges],
        "traits": {
            name: {"value": json.loads(one.value), "source": one.source, "observed_at": when(one.observed_at)}
            for name, one in customer.traits.items()
        },
        "permissions": permissions_json(customer.permissions, now),
        "figures": None if customer.figures is None else figures_json(customer.figures),
    }


def merge_json(merge: Merge) -> dict[str, Any]:
    return {
        "merge_no": merge.merge_no,
        "from_customer_id": merge.from_customer_id,
        "cause": merge.cause,
        "moved_at": when(merge.moved_at),
        "identifier_ids": list(merge.identifier_ids),
        "leaving": sorted(merge.proposal.leaving),
        "holding": [list(link) for link in merge.proposal.holding],
    }


def permissions_json(said: Permissions, now: Instant) -> dict[str, Any]:
    return {
        "has_objected": said.has_objected,
        "in_force": [
            {
                "purpose": purpose,
                "channel": channel,
                "state": one.state if one.state != "granted" or one.holds(now) else "expired",
                "legal_basis": one.legal_basis,
                "source": one.source,
                "proof": one.proof,
                "given_at": when(one.given_at),
                "expires_at": when(one.expires_at),
            }
            for (purpose, channel), one in sorted(said.in_force.items())
        ],
        "statements": len(said.statements),
        "opt_outs": [_instants(row) for row in said.opt_outs],
        "suppressions": [_instants(row) for row in said.suppressions],
    }


def figures_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the customer list; 0 as an instant means never."""
    left_out = ("words", "name_key", "batch_no", "kind_changes_at")
    return {name: value for name, value in _instants(row).items() if name not in left_out}


def timeline_json(found: Timeline) -> dict[str, Any]:
    return {
        "entries": [entry_json(one) for one in found.entries],
        "next": None if found.next is None else str(found.next),
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "happened_at": when(entry.happened_at),
        "kind": entry.kind,
        "name": entry.name,
        "title": both(entry.title),
        "identifier_id": entry.identifier_id,
        "source": entry.source,
        "channel": entry.channel,
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "details": entry.details,
    }


def audit_json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "audit_no": entry.audit_no,
        "happened_at": when(entry.happened_at),
        "actor": entry.actor,
        "act": entry.act,
        "title": both(ACTS[entry.act]) if entry.act in ACTS else None,
        "customer_id": entry.customer_id,
        "details": entry.details,
    }


def page_json(page: Page) -> dict[str, Any]:
    """next, previous: `value~customer_id`, to be handed back as `after` and `before`."""
    return {
        "customers": [figures_json(row) for row in page.rows],
        "count": page.count,
        "more_than": page.more_than,
        "next": place_text(page.next),
        "previous": place_text(page.previous),
    }


def place_text(place: tuple[Any, int] | None) -> str | None:
    return None if place is None else f"{place[1]}~{place[0]}"


def read_list_place(text: str | None, sort: str) -> tuple[Any, int] | None:
    """The place that `place_text` wrote, or None for none and for nonsense."""
    if not text:
        return None
    number, _, value = text.partition("~")
    try:
        return (value if sort == "name" else int(value), int(number))
    except ValueError:
        return None


def _instants(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: when(value) if name.endswith("_at") else value for name, value in row.items()}
