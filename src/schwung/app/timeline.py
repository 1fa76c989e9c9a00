"""Everything that happened with one customer, newest first: events, orders, returns, what is on its way, what we did."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import msgspec
import pyarrow as pa

from schwung.app import audit
from schwung.app.customer_facts import customer_rows
from schwung.app.facts import Facts, open_facts
from schwung.app.order_goods import goods_of, ordered_goods
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from schwung.collect.event_type import EVENT_TYPES
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text

SHOWN_AS_FACTS = ("order_completed", "order_refunded")
"""Events that stand in the timeline as the order or the return that they became."""
_LINES = "lines"
_ACTS = frozenset(audit.ACTS) - {"viewed", "searched", "exported", "task_done"}
"""Acts that stand in the timeline; a task that is done is an event."""


class Place(NamedTuple):
    """Where a page ends: newest first by instant, then rank of the entry's kind, then number."""

    happened_at: Instant
    rank: int
    number: int

    def __str__(self) -> str:
        return f"{self.happened_at}.{self.rank}.{self.number}"


@dataclass(frozen=True, slots=True)
class Entry:
    """kind: received (not in the lake yet), event, order, return, act (ours). details: what else is known."""

    place: Place
    kind: str
    name: str
    title: Text
    identifier_id: int | None
    source: str
    channel: str | None
    amount_minor: int | None
    currency: str | None
    details: Mapping[str, Any]

    @property
    def happened_at(self) -> Instant:
        return self.place.happened_at


@dataclass(frozen=True, slots=True)
class Timeline:
    """next: hand it in as `after` for the page that follows; None at the end."""

    entries: tuple[Entry, ...]
    next: Place | None


_RANKS = {"received": 4, "event": 3, "order": 2, "return": 1, "act": 0}
_TITLES = {
    "order": Text("Order", "Bestellung"),
    "test": Text("Test order", "Testbestellung"),
    "cancelled": Text("Cancelled order", "Stornierte Bestellung"),
    "return": Text("Return", "Rückgabe"),
}


def timeline(workspace: Workspace, customer_id: int, *, after: Place | None = None, limit: int = 50) -> Timeline:
    """One page; orders and returns say in `details` what they held (`goods`). Facts later than `as of` are left out."""
    with workspace.store.read() as tx:
        identifiers = {
            (row["kind"], row["value"]): row["identifier_id"]
            for row in tx.rows("identity.of_customer", customer_id=customer_id)
        }
    ids = sorted(identifiers.values())
    found: list[Entry] = []
    with open_facts(workspace) as facts:
        for kind, (table, key) in _FACTS.items():
            rows = _page(facts, table, ids, key, _RANKS[kind], after, limit)
            found += [_READ[kind](row) for row in rows]
        with workspace.store.read() as tx:
            found += [one for one in _received(tx, facts, identifiers) if _is_after(one.place, after)]
            found += [one for one in _acts(tx, customer_id) if _is_after(one.place, after)]
        found.sort(key=lambda one: one.place, reverse=True)
        page = _with_goods(facts, ids, found[:limit])
    return Timeline(page, page[-1].place if len(found) > limit else None)


def _with_goods(facts: Facts, ids: Sequence[int], page: Sequence[Entry]) -> tuple[Entry, ...]:
    orders = [one.place.number for one in page if one.kind == "order"]
    returned = [line["product_id"] for one in page for line in one.details.get(_LINES, ()) if line["product_id"]]
    goods, names = ordered_goods(facts, ids, orders, returned)

    def told(one: Entry) -> Entry:
        if one.kind == "order":
            return replace(one, details={**one.details, "goods": goods.get(one.place.number, [])})
        if one.kind == "return":
            details = {name: value for name, value in one.details.items() if name != _LINES}
            return replace(one, details={**details, "goods": goods_of(one.details[_LINES], names)})
        return one

    return tuple(told(one) for one in page)


def read_place(text: str | None) -> Place | None:
    """A place as `str(place)` wrote it. InputError for anything else."""
    if not text:
        return None
    parts = text.split(".")
    if len(parts) != 3 or not all(
        part.lstrip("-").isascii() and part.lstrip("-").isdigit() and len(part) < 20 for part in parts
    ):
        raise InputError(
            "place_invalid",
            Text(en="This is no place in a timeline.", de="Das ist keine Stelle in einem Verlauf."),
            Text(en="Use `next` of the page before.", de="`next` der vorigen Seite verwenden."),
        )
    return Place(*(int(part) for part in parts))


_FACTS = {
    "event": ("events", "event_no"),
    "order": ("orders", "order_key"),
    "return": ("returns", "return_key"),
}


def _is_after(place: Place, after: Place | None) -> bool:
    return after is None or place < after


def _page(
    facts: Facts, table: str, ids: Sequence[int], key: str, rank: int, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """The newest rows, or those after a place; what happened at its very moment is told apart by rank and number."""
    if facts.snapshot is None or table not in facts.snapshot.tables:
        return []
    name = str(facts.workspace.lake.tables[table].time)
    same = after if after is not None and rank == after.rank else None
    moment = None if after is None else after.happened_at if rank <= after.rank else after.happened_at - 1

    def page(tables: Mapping[str, ir.Table]) -> ir.Table:
        rows = tables[table]
        if table == "events":
            rows = rows.filter(~(rows["name"].isin(SHOWN_AS_FACTS) & rows["order_id"].notnull()))
        if same is not None:
            place = tables["place"]
            rows = rows.cross_join(place).filter(
                lambda row: (row["place_at"] > row[name]) | (row["place_number"] > row[key])
            )
            rows = rows.drop("place_at", "place_number")
        newest = [rows[name].desc(), rows[key].desc()]
        if table == "returns":  # of several lines each
            rows = rows.mutate(nth=ibis.dense_rank().over(ibis.window(order_by=newest)))
            return rows.filter(rows.nth <= limit).order_by("nth")
        return rows.order_by(newest).limit(limit + 1)

    place = {"place": pa.table({"place_at": [same.happened_at], "place_number": [same.number]})} if same else {}
    found = customer_rows(
        facts,
        ("timeline", table, limit, same is not None),
        page,
        [table],
        ids,
        place,
        None if moment is None else min(moment, facts.as_of),
    )
    return _whole_returns(found.to_pylist()) if table == "returns" else list(found.to_pylist())


def _whole_returns(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What came back at one moment under one number is one entry."""
    same = ("return_key", "return_id", "returned_at", "identifier_id", "source", "channel", "currency")
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in lines:
        found.setdefault(tuple(line[name] for name in same), []).append(line)
    return [dict(zip(same, named, strict=True)) | {_LINES: held} for named, held in found.items()]


def _event(row: dict[str, Any]) -> Entry:
    details = {name: row[name] for name in ("order_id", "product_id", "campaign") if row[name]}
    details |= {"properties": _read(row["properties"]), "context": _read(row["context"])}
    return Entry(
        Place(row["happened_at"], _RANKS["event"], row["event_no"]), "event", row["name"], title_of(row["name"]),
        row["identifier_id"], row["source"], row["channel"], row["amount_minor"], row["currency"], details,
    )  # fmt: skip


def _order(row: dict[str, Any]) -> Entry:
    left_out = {"content_hash", "version", "bucket", "order_key", "identifier_id", "source", "channel"}
    details = {name: value for name, value in row.items() if value is not None and name not in left_out}
    title = _TITLES["test" if row.get("is_test") else "cancelled" if row["is_cancelled"] else "order"]
    return Entry(
        Place(row["ordered_at"], _RANKS["order"], row["order_key"]), "order", "order", title,
        row["identifier_id"], row["source"], row["channel"], row["amount_minor"], row["currency"], details,
    )  # fmt: skip


def _return(row: dict[str, Any]) -> Entry:
    lines = row[_LINES]
    goods = [line["quantity"] for line in lines if line["is_product"] and line["quantity"] is not None]
    reasons = [line["reason"] for line in lines if line["reason"] is not None]
    said = {
        "return_id": row["return_id"],
        "quantity": sum(goods) if goods else None,
        "reason": max(reasons, default=None),
    }
    details = {name: str(value) for name, value in said.items() if value is not None}
    amounts = [line["amount_minor"] for line in lines if line["amount_minor"] is not None]
    amount = sum(amounts) if amounts else None
    return Entry(
        Place(row["returned_at"], _RANKS["return"], row["return_key"]), "return", "return", _TITLES["return"],
        row["identifier_id"], row["source"], row["channel"], amount, row["currency"], {**details, _LINES: lines},
    )  # fmt: skip


_READ = {"event": _event, "order": _order, "return": _return}


def _received(tx: Transaction, facts: Facts, identifiers: Mapping[tuple[str, str], int]) -> Iterator[Entry]:
    """Events that came in after the snapshot and name one of the customer's identifiers."""
    for chunk in tx.rows("person.newer_chunks", batch_no=facts.snapshot_no):
        for number, event in enumerate(unpack(bytes(chunk["body"])), chunk["first_event_no"]):
            owner = next((identifiers[found] for found in event.claims if found in identifiers), None)
            if owner is not None and event.happened_at <= facts.as_of:
                yield Entry(
                    Place(event.happened_at, _RANKS["received"], number), "received", event.name, title_of(event.name),
                    owner, event.source, event.channel, None, None, {"properties": _read(event.properties)},
                )  # fmt: skip


def _acts(tx: Transaction, customer_id: int) -> Iterator[Entry]:
    """What operators did to the customer, from the audit."""
    for row in tx.rows("audit.acts_of", customer_id=customer_id):
        if row["act"] in _ACTS:
            yield Entry(
                Place(row["happened_at"], _RANKS["act"], row["audit_no"]), "act", row["act"], audit.ACTS[row["act"]],
                None, row["actor"], None, None, None, json.loads(row["details"]),
            )  # fmt: skip


def title_of(name: str) -> Text:
    """The declared title of an event type, or its name in words."""
    declared = EVENT_TYPES.get(name)
    words = name.replace("_", " ").strip().capitalize() or "?"
    return declared.title if declared else Text(words, words)


def _read(text: str | bytes | None) -> Any:
    try:
        return msgspec.json.decode(text) if text else {}
    except (msgspec.DecodeError, RecursionError):
        return {}
