"""Whose event is it? The claims of a batch become identifiers, links, merges and traits in one commit."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schwung.app.observe import Observed, read_observations, write_observations
from schwung.app.ports import Store, Transaction
from schwung.app.wiring import Workspace
from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.unify.claims import KIND_NAMES, Claims, Numbers, ends, pairs, read_claims, strongest
from schwung.unify.decide import Decision, JoiningLink, decide
from schwung.unify.identifier import ORDER
from schwung.unify.known import Known

_SLICE = 20_000  # values of one lookup
_known: WeakKeyDictionary[Store, Known] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Resolution:
    """identifier_of: by event_index; 0 for a guest. is_erased: by event_index; the event carries an erased person's
    identifier: it is a guest's, and whoever stores it leaves out its personal columns.
    touched: customers whose profile changed (those that went into others included), ascending.
    top: identifiers above it, and customers with such a number, are new in this batch.
    """

    identifier_of: Numbers
    is_erased: npt.NDArray[np.bool_]
    touched: tuple[int, ...]
    created: int = 0
    merged: int = 0
    refused: int = 0
    linked: int = 0
    blocked: int = 0
    top: int = 0


@dataclass(slots=True)
class _Found:
    """What the store says about a batch before anything is written. identifier_ids: per distinct value, 0 = new."""

    identifier_ids: Numbers
    top: int
    new_pairs: Numbers
    pair_claims: Numbers
    decision: Decision
    members: Mapping[int, Sequence[int]]


def mark_of(secret: bytes, kind: str, value: str) -> str:
    """Keyed hash by which an erased identifier is known again (BLAKE2b, 128 bits)."""
    return hashlib.blake2b(f"{kind}\x1f{value}".encode(), key=secret[:64], digest_size=16).hexdigest()


def resolve(
    workspace: Workspace,
    batch_no: int,
    claims: pa.Table,
    traits: pa.Table | None = None,
    *,
    event_count: int | None = None,
) -> Resolution:
    """Attribute the events of a batch. Needs the lane. A second time with the same claims changes nothing.

    claims: event_index int64, place int8 (0 = strongest), kind string, value string (normalized); optional:
        source string, happened_at int64 (when a new identifier was first seen, and by which source).
    traits: event_index int64, traits (JSON object as string or binary), happened_at int64, source string; or well-formed ones
        in columns, as `observe.read_columns` takes them.
    """
    known = _known.setdefault(workspace.store, Known())
    read, order = read_claims(claims)
    count = event_count if event_count is not None else int(read.event.max(initial=-1)) + 1
    with workspace.store.read() as tx:
        _refresh(tx, known)
        read, order, blocked = _without_blocked(read, order, known)
        is_erased = np.zeros(count, np.bool_)
        ids = _look_up(tx, read, known)
        dead = _tombstoned(tx, workspace.secret, read, ids)
        if dead.any():
            is_erased[read.event[dead[read.value_no]]] = True
            dropped = is_erased[read.event]
            read, order = read.without(dropped), order[~dropped]
            ids = _look_up(tx, read, known)
        found, identifier_of = _decide(tx, known, read, ids, count)
        observed = read_observations(tx, traits, identifier_of, found.top)
    about = _about(claims, order, read, workspace.clock())
    with workspace.store.write() as tx:
        touched = _write(tx, batch_no, read, found, about, workspace.clock(), observed)
    known.identifiers.learn(read.texts(), found.identifier_ids.tolist())
    known.links.learn(found.new_pairs.tolist(), [True] * len(found.new_pairs))
    return Resolution(
        identifier_of,
        is_erased,
        touched,
        created=int((ids == 0).sum()),
        merged=len([1 for goes, stays in found.decision.merges.items() if goes != stays and goes <= found.top]),
        refused=len(found.decision.refused),
        linked=len(found.new_pairs),
        blocked=blocked,
        top=found.top,
    )


def _refresh(tx: Transaction, known: Known) -> None:
    epoch = tx.value("store.counter", name="known")
    if epoch != known.epoch:
        known.forget(epoch)
        known.blocked = frozenset(f"{ORDER[row['kind']]}{row['value']}" for row in tx.rows("identity.blocked"))


def _without_blocked(claims: Claims, order: Numbers, known: Known) -> tuple[Claims, Numbers, int]:
    if not known.blocked:
        return claims, order, 0
    blocked = np.fromiter((key in known.blocked for key in claims.texts()), np.bool_, len(claims.values))
    if not blocked.any():
        return claims, order, 0
    dropped = blocked[claims.value_no]
    return claims.without(dropped), order[~dropped], int(dropped.sum())


def _look_up(tx: Transaction, claims: Claims, known: Known) -> Numbers:
    """Identifier per distinct value, 0 where there is none: from memory, the rest from the store."""
    keys = claims.texts()
    ids = np.fromiter((found or 0 for found in known.identifiers.find(keys)), np.int64, len(keys))
    met = []
    for kind_no, kind in enumerate(KIND_NAMES):
        asked = np.flatnonzero((ids == 0) & (claims.kinds == kind_no)).tolist()
        for at in range(0, len(asked), _SLICE):
            place_of = {claims.values[no]: no for no in asked[at : at + _SLICE]}
            for value, identifier_id in tx.tuples("identity.find", kind=kind, values=list(place_of)):
                no = place_of[value]
                ids[no] = identifier_id
                met.append(no)
    known.identifiers.learn((keys[no] for no in met), (int(ids[no]) for no in met))
    return ids


def _tombstoned(tx: Transaction, secret: bytes, claims: Claims, ids: Numbers) -> npt.NDArray[np.bool_]:
    dead = np.zeros(len(ids), np.bool_)
    if tx.value("identity.has_tombstones"):
        fresh = np.flatnonzero(ids == 0).tolist()
        for at in range(0, len(fresh), _SLICE):
            numbers = fresh[at : at + _SLICE]
            place_of = {mark_of(secret, KIND_NAMES[claims.kinds[no]], claims.values[no]): no for no in numbers}
            for row in tx.rows("identity.tombstones", marks=list(place_of)):
                dead[place_of[row["mark"]]] = True
    return dead


def _decide(tx: Transaction, known: Known, claims: Claims, ids: Numbers, count: int) -> tuple[_Found, Numbers]:
    """New identifiers get the next numbers in the order of arrival; links that are new are decided upon."""
    top = tx.value("store.counter", name="identifier")
    fresh = ids == 0
    ids = ids.copy()
    ids[fresh] = top + 1 + np.arange(int(fresh.sum()))
    identifier_of = strongest(claims, ids, count)
    pair_keys, pair_claims = pairs(claims, ids, identifier_of)
    unknown = np.fromiter((met is None for met in known.links.find(pair_keys.tolist())), np.bool_, len(pair_keys))
    pair_keys, pair_claims = pair_keys[unknown], pair_claims[unknown]
    stored = _stored_links(tx, pair_keys, top)
    known.links.learn(stored.tolist(), [True] * len(stored))
    new = ~np.isin(pair_keys, stored)
    pair_keys, pair_claims = pair_keys[new], pair_claims[new]
    low, high = ends(pair_keys)
    kind_of = dict(zip(ids.tolist(), claims.kinds.tolist(), strict=True))
    customer_of = _customers(tx, np.unique(np.concatenate([low, high])), top)
    links = [
        JoiningLink(one, other, customer_of[one], customer_of[other], KIND_NAMES[max(kind_of[one], kind_of[other])])
        for one, other in zip(low.tolist(), high.tolist(), strict=True)
        if customer_of[one] != customer_of[other]
    ]
    decision = _decision(tx, links, kind_of, top)
    going = [goes for goes, stays in decision.merges.items() if goes != stays and goes <= top]
    members: dict[int, list[int]] = {}
    for row in tx.rows("identity.members", customer_ids=going) if going else ():
        members.setdefault(row["customer_id"], []).append(row["identifier_id"])
    return _Found(ids, top, pair_keys, pair_claims, decision, members), identifier_of


def _stored_links(tx: Transaction, pair_keys: Numbers, top: int) -> Numbers:
    """Those of the pairs that have a link already, in whatever state. Only pairs of old identifiers can."""
    low, high = ends(pair_keys)
    asked = np.unique(low[high <= top]).tolist()
    found = [
        (low_id << 32) | high_id
        for at in range(0, len(asked), _SLICE)
        for low_id, high_id in tx.tuples("identity.known_links", low_ids=asked[at : at + _SLICE])
    ]
    return np.intersect1d(np.array(found, np.int64), pair_keys)


def _customers(tx: Transaction, identifier_ids: Numbers, top: int) -> dict[int, int]:
    """Customer of each identifier; a new one is its own."""
    found = {identifier_id: identifier_id for identifier_id in identifier_ids[identifier_ids > top].tolist()}
    old = identifier_ids[identifier_ids <= top].tolist()
    for at in range(0, len(old), _SLICE):
        found.update(tx.tuples("identity.customers_of", identifier_ids=old[at : at + _SLICE]))
    return found


def _decision(tx: Transaction, links: Sequence[JoiningLink], kind_of: Mapping[int, int], top: int) -> Decision:
    touched = {customer for link in links for customer in (link.low_customer_id, link.high_customer_id)}
    counts: dict[int, dict[str, int]] = {new: {KIND_NAMES[kind_of[new]]: 1} for new in touched if new > top}
    old = sorted(customer for customer in touched if customer <= top)
    for at in range(0, len(old), _SLICE):
        for row in tx.rows("identity.counts", customer_ids=old[at : at + _SLICE]):
            counts.setdefault(row["customer_id"], {})[row["kind"]] = row["number"]
    apart: Iterable[tuple[int, int]] = ()
    if old and tx.value("identity.has_apart"):
        apart = [(row["one"], row["other"]) for row in tx.rows("identity.apart", customer_ids=old)]
    return decide(links, counts, apart)


def _about(table: pa.Table, order: Numbers, claims: Claims, now: int) -> tuple[list[str], list[int]]:
    """Source and first instant of each distinct value, from its first claim."""
    rows = order[claims.first]
    sources, instants = [""] * len(rows), [now] * len(rows)
    if "source" in table.column_names:
        sources = [source or "" for source in table["source"].take(rows).to_pylist()]
    if "happened_at" in table.column_names:
        instants = [now if seen is None else seen for seen in table["happened_at"].take(rows).to_pylist()]
    return sources, instants


def _write(
    tx: Transaction,
    batch_no: int,
    claims: Claims,
    found: _Found,
    about: tuple[list[str], list[int]],
    now: int,
    observed: Observed,
) -> tuple[int, ...]:
    """All changes of the batch; the customers whose profile they change."""
    tx.run("identity.forget_touched")
    touched = _write_identifiers(tx, batch_no, claims, found, about)
    _write_links(tx, batch_no, claims, found, about[0], now)
    touched |= _write_moves(tx, batch_no, found, now)
    told = write_observations(tx, observed, found.top, now)
    for at in range(0, len(told), _SLICE):
        touched.update(
            customer for _, customer in tx.tuples("identity.customers_of", identifier_ids=told[at : at + _SLICE])
        )
    touched.difference_update(customer for (customer,) in tx.tuples("identity.touched_by", batch_no=batch_no))
    tx.load("touched", ("batch_no", "customer_id"), [(batch_no, customer) for customer in sorted(touched)])
    return tuple(customer for (customer,) in tx.tuples("identity.touched", batch_no=batch_no))


def _write_identifiers(
    tx: Transaction, batch_no: int, claims: Claims, found: _Found, about: tuple[list[str], list[int]]
) -> set[int]:
    """New identifiers, each with the customer that it belongs to at the end of the batch; those customers."""
    new = np.flatnonzero(found.identifier_ids > found.top).tolist()
    if tx.value("store.draw", name="identifier", count=len(new)) != found.top + len(new):
        raise SetupError(
            "lane_lost",
            Text(en="Another process unifies at the same time.", de="Ein anderer Prozess ordnet gleichzeitig zu."),
            Text(en="It goes on there; nothing is lost.", de="Dort geht es weiter; nichts ist verloren."),
        )
    ids, stays_of, (sources, instants) = found.identifier_ids.tolist(), found.decision.merges, about
    columns = ("identifier_id", "kind", "value", "customer_id", "source", "first_seen_at", "batch_no")
    rows = [
        (
            one,
            KIND_NAMES[claims.kinds[no]],
            claims.values[no],
            stays_of.get(one, one),
            sources[no],
            instants[no],
            batch_no,
        )
        for no, one in ((no, ids[no]) for no in new)
    ]
    tx.load("identifier", columns, rows)
    return {row[3] for row in rows}


def _write_links(tx: Transaction, batch_no: int, claims: Claims, found: _Found, sources: list[str], now: int) -> None:
    low, high = (numbers.tolist() for numbers in ends(found.new_pairs))
    why = {(one, other): reason for one, other, reason in found.decision.refused}
    brought = claims.value_no[found.pair_claims].tolist()
    tx.load(
        "link",
        ("low_id", "high_id", "state", "why", "source", "linked_at", "batch_no"),
        [
            (*pair, "refused" if pair in why else "open", why.get(pair), sources[no], now, batch_no)
            for pair, no in zip(zip(low, high, strict=True), brought, strict=True)
        ],
    )


def _write_moves(tx: Transaction, batch_no: int, found: _Found, now: int) -> set[int]:
    """Identifiers that were there before follow their customer; the customers on both sides."""
    stays_of = found.decision.merges
    moved = [(member, goes, stays_of[goes]) for goes, members in found.members.items() for member in members]
    tx.run_many("identity.assign", [{"identifier_id": member, "to_customer_id": stays} for member, _, stays in moved])
    tx.load(
        "move",
        ("identifier_id", "from_customer_id", "to_customer_id", "cause", "batch_no", "moved_at"),
        [(*move, "link", batch_no, now) for move in moved],
    )
    return {customer for _, *both in moved for customer in both}
