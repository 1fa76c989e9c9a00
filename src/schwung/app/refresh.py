"""Keeps the customer list of the operational store true: names, words to find them, kind, orders, revenue."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, repeat
from types import MappingProxyType
from typing import Any

import ibis
import ibis.expr.types as ir
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.bulk import bulk
from schwung.app.facts import Facts, open_facts
from schwung.app.ports import Transaction
from schwung.app.report import question_of
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.measure.lifecycle import NEVER
from schwung.measure.question import Question
from schwung.measure.scope import Scope, TableOf
from schwung.measure.summary import customer_summary

SLICE = 50_000
"""Customers of one commit; when more were touched, the whole list is rebuilt."""
FEW = 2_000
"""So many customers are read from their own buckets; more by one pass over the facts."""
MOST_WORDS = 16
_LONGEST_WORD = 64
_COLUMNS = (
    "customer_id", "full_name", "name_key", "email", "user_id", "country", "kind", "kind_changes_at", "first_seen_at",
    "first_order_at", "last_order_at", "order_count", "revenue_minor", "words", "batch_no",
)  # fmt: skip
_WORDS = _COLUMNS.index("words")
_READ = (
    "customer_id", "first_seen_at", "traits", "country", "kind", "kind_changes_at", "first_order_at", "last_order_at",
    "order_count", "revenue_minor",
)  # fmt: skip
_NO_ORDERS = {
    "kind": "lead",
    "kind_changes_at": NEVER,
    "first_order_at": 0,
    "last_order_at": 0,
    "order_count": 0,
    "revenue_minor": 0,
}
INDEXES = ("last_order", "revenue", "name", "kind_last_order", "kind_revenue", "kind_name", "due")
_WORDS_AT_ONCE = 500_000
_BEHIND = ("orders", "returns", "profiles", "identities")

Row = tuple[Any, ...]
"""A row of the list, in the order of its columns."""


class _Traits(msgspec.Struct):
    """Of a profile's traits those that name a person."""

    name: Any = None
    first_name: Any = None
    last_name: Any = None
    email: Any = None


_traits = msgspec.json.Decoder(_Traits).decode


def refresh_touched(workspace: Workspace) -> int:
    """Refresh the customers whose orders, returns or profile changed since the last time. How many."""
    with open_facts(workspace) as facts:
        with workspace.store.read() as tx:
            done = tx.value("store.counter", name="customer_list") or 0
            is_broken_off = not done and tx.value("customer_list.some") is not None
        touched = _touched(facts, done) if facts.snapshot_no > done else []
        if len(touched) <= SLICE and not is_broken_off:
            if touched:
                rows = _of_few(facts, touched) if len(touched) <= FEW else _of_many(facts, touched)
                _write(workspace, facts, _rows(workspace, facts, rows), touched)
            _close(workspace, facts)
            return len(touched)
    return refresh_all(workspace)


def refresh_all(workspace: Workspace, progress: Callable[[int], object] = lambda done: None) -> int:
    """Rebuild the whole list in slices; rows that did not change are not written. How many customers.

    progress: told how many are done.
    """
    count = low = 0
    with open_facts(workspace, frugal=True) as facts, bulk() as tidy:
        question = _question(facts, facts.as_of)
        listed = _listed(facts.table("profiles"), lambda name, _: facts.table(name, customer=True), question)
        first = _First.begun(workspace)
        for batch in facts.engine.stream(listed.order_by("customer_id"), SLICE):
            high, rows = batch["customer_id"][-1].as_py(), _rows(workspace, facts, batch)
            if first is not None:
                first.add(rows)
            else:
                _write(workspace, facts, rows, _between(workspace, low, high))
            low = high + 1
            count += batch.num_rows
            tidy()
            progress(count)
        if first is not None:
            first.end()
        else:
            _write(workspace, facts, (), _between(workspace, low, NEVER))
        _close(workspace, facts)
    return count


def words_of(*texts: str | None) -> list[str]:
    """Case-folded words by which a person is found: the text's words, the halves of an address, their parts."""
    found: dict[str, None] = {}
    for text in texts:
        folded = fold(text or "")
        if folded.isalnum():
            found[folded[:_LONGEST_WORD]] = None
            continue
        for part in (*folded.split(), *_HALVES(folded), *_PARTS(folded)):
            if part:
                found[part[:_LONGEST_WORD]] = None
    return list(found)[:MOST_WORDS]


_HALVES = re.compile(r"[\s@]+").split
_PARTS = re.compile(r"[\W_]+").split


def sought(words: str) -> set[str]:
    """Of a row's words those that begin no other: who is sought by the beginnings of words is found by these alone."""
    ordered = sorted(words.split())
    return {word for word, after in pairwise((*ordered, "")) if not after.startswith(word)}


def fold(text: str) -> str:
    """One form for upper and lower case and for compatible letters. In Python: stores fold differently."""
    return (text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()).strip()


def forget_customers(tx: Transaction, customer_ids: Sequence[int]) -> None:
    """Strike customers from the list and its words, within an erasure's commit."""
    _strike(tx, tx.tuples("customer_list.existing", customer_ids=list(customer_ids)))


# -- what the facts say -------------------------------------------------------------------------------------------------


def _touched(facts: Facts, since: int) -> list[int]:
    """Customers with a fact of a batch after `since`."""
    tables: dict[str, ir.Table | pa.Table] = {name: facts.everything(name, since=since) for name in _BEHIND}
    tables["owners"] = facts.everything("identities")
    tables["done"] = pa.table({"done": pa.array([since], pa.int64())})
    return sorted(facts.prepared("touched", _newer, tables)["customer_id"].to_pylist())


def _newer(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    done = tables["done"]["done"].as_scalar()
    owners = tables["owners"]
    found = [tables[name].filter(tables[name]["version"] > done) for name in _BEHIND]
    owned = [rows.select("identifier_id").join(owners, "identifier_id") for rows in found[:2]]
    return ibis.union(*(rows.select("customer_id") for rows in (*owned, *found[2:])), distinct=True)


def _of_few(facts: Facts, customer_ids: Sequence[int]) -> pa.Table:
    """The list's facts about some customers, from their identifiers' buckets alone."""
    asked = pa.table({"customer_id": pa.array(customer_ids, pa.int64())})
    owned: dict[str, ir.Table | pa.Table] = {"identities": facts.everything("identities"), "asked": asked}
    owners = facts.prepared("owners", _owned, owned)
    identifier_ids = owners["identifier_id"].to_pylist()
    tables: dict[str, ir.Table | pa.Table] = {
        **{name: facts.in_buckets(name, identifier_ids) for name in ("orders", "returns")},
        "profiles": facts.everything("profiles"),
        "owners": owners,
        "asked": asked,
    }

    def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
        def table(name: str, _: bool) -> ir.Table:
            return facts.known(name, tables[name], moment).join(tables["owners"], "identifier_id")

        profiles = tables["profiles"].semi_join(tables["asked"], "customer_id")
        return _listed(profiles, table, _question(facts, moment))

    return facts.prepared(("listed", _question(facts, 0)), build, tables)


def _owned(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    return tables["identities"].semi_join(tables["asked"], "customer_id").select("identifier_id", "customer_id")


def _of_many(facts: Facts, customer_ids: Sequence[int]) -> pa.Table:
    asked = facts.engine.memtable(pa.table({"customer_id": pa.array(customer_ids, pa.int64())}), "asked")

    def table(name: str, _: bool) -> ir.Table:
        return facts.table(name, customer=True).semi_join(asked, "customer_id")

    profiles = facts.table("profiles").semi_join(asked, "customer_id")
    return facts.run(_listed(profiles, table, _question(facts, facts.as_of)))


def _listed(profiles: ir.Table, table: TableOf, question: Question) -> ir.Table:
    """Columns _READ of each customer that is there."""
    profiles = profiles.filter(~profiles["is_gone"]).select("customer_id", "first_seen_at", "country", "traits")
    rows = profiles.left_join(customer_summary(Scope(question, table)), "customer_id", rname="last_{name}")
    country = ibis.coalesce(rows["country"].nullif(""), rows["last_country"])
    filled = {name: rows[name].fill_null(value) for name, value in _NO_ORDERS.items()}
    return rows.mutate(country=country, **filled).select(*_READ)


def _question(facts: Facts, moment: Instant) -> Question:
    return replace(question_of(facts, (), None, None), as_of=moment)


# -- rows ---------------------------------------------------------------------------------------------------------------


def _rows(workspace: Workspace, facts: Facts, found: pa.Table | pa.RecordBatch) -> list[Row]:
    """Facts and identifiers of each customer as the list's row."""
    ids = found["customer_id"].to_pylist()
    if not ids:
        return []
    values: dict[tuple[int, str], list[str]] = {}
    with workspace.store.read() as tx:
        low, high = min(ids), max(ids)
        if len(ids) > FEW:
            identifiers = tx.tuples("customer_list.identifiers_between", low=low, high=high)
        else:
            identifiers = tx.tuples("customer_list.identifiers", customer_ids=ids)
        for customer, kind, value in identifiers:
            values.setdefault((customer, kind), []).append(value)
    columns = (found[name].to_pylist() for name in _READ)
    return [_row(values, *row) for row in zip(*columns, repeat(facts.snapshot_no), strict=False)]


def _row(
    values: Mapping[tuple[int, str], list[str]],
    customer_id: int,
    first_seen_at: int,
    traits: str | None,
    country: str | None,
    kind: str,
    kind_changes_at: int,
    first_order_at: int,
    last_order_at: int,
    order_count: int,
    revenue_minor: int,
    batch_no: int,
) -> Row:
    told = _traits(traits) if traits else _Traits()
    name = _text(told.name) or " ".join(filter(None, (_text(told.first_name), _text(told.last_name))))
    numbers, emails = values.get((customer_id, "user_id"), ()), values.get((customer_id, "email"), ())
    others = (*values.get((customer_id, "phone"), ()), *values.get((customer_id, "card"), ()))
    email = _text(told.email) or (emails[-1] if emails else None)
    number = numbers[-1] if numbers else None
    words = " ".join(words_of(*dict.fromkeys((name, email, *numbers, *emails, *others))))
    return (
        customer_id, name or None, fold(name or email or number or "")[:100], email, number, country, kind,
        kind_changes_at, first_seen_at, first_order_at, last_order_at, order_count, revenue_minor, f" {words} ", batch_no,
    )  # fmt: skip


def _text(value: object) -> str | None:
    return str(value).replace("\x00", "").strip()[:200] or None if isinstance(value, str | int) else None


# -- into the store -----------------------------------------------------------------------------------------------------


def _between(workspace: Workspace, low: int, high: int) -> list[int]:
    with workspace.store.read() as tx:
        return [customer for (customer,) in tx.tuples("customer_list.between", low=low, high=high)]


def _write(workspace: Workspace, facts: Facts, rows: Sequence[Row], listed: Iterable[int]) -> None:
    """Replace what changed; strike listed customers without a row. A row from a later state stays."""
    wanted = {row[0]: row for row in rows}
    with workspace.store.write() as tx:
        ids = sorted({*wanted, *listed})
        before = {row[0]: row for row in tx.tuples("customer_list.existing", customer_ids=ids)}
        later = {key for key, row in before.items() if row[-1] > facts.snapshot_no}
        gone = [row for key, row in before.items() if key not in later and _differs(row, wanted.get(key))]
        fresh = [row for key, row in wanted.items() if key not in later and _differs(row, before.get(key))]
        new = {row[0]: sought(row[_WORDS]) for row in fresh}
        kept = {row[0]: sought(row[_WORDS]) & new[row[0]] for row in gone if row[0] in new}
        _strike(tx, gone, kept)
        for customer_id, some in kept.items():
            new[customer_id] -= some
        tx.load("customer_list", _COLUMNS, fresh)
        words = sorted((word, customer_id) for customer_id, added in new.items() for word in added)
        tx.load("customer_search", ("word", "customer_id"), words)


class _First:
    """A list that was never filled to its end: its rows first, then what is sorted, in its order.

    Rows that come by number find their places in indexes all over: half of the time went there. After a crash it begins anew.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._words: list[pa.Array] = []
        self._customers: list[np.ndarray[Any, np.dtype[np.int64]]] = []

    @classmethod
    def begun(cls, workspace: Workspace) -> "_First | None":
        with workspace.store.write() as tx:
            if tx.value("store.counter", name="customer_list"):
                return None
            for name in ("words", "rows"):
                tx.run(f"customer_list.clear_{name}")
            for name in INDEXES:
                tx.run(f"customer_list.drop_{name}")
        return cls(workspace)

    def add(self, rows: Sequence[Row]) -> None:
        with self._workspace.store.write() as tx:
            tx.load("customer_list", _COLUMNS, rows)
        words = [sought(row[_WORDS]) for row in rows]
        self._words.append(pa.array([word for some in words for word in some], pa.string()))
        self._customers.append(np.repeat([row[0] for row in rows], [len(some) for some in words]))

    def end(self) -> None:
        words = pa.chunked_array(self._words, pa.string()).combine_chunks()
        customers = np.concatenate([np.empty(0, np.int64), *self._customers])
        order = pc.sort_indices(words).to_numpy()
        for at in range(0, len(order), _WORDS_AT_ONCE):
            some = order[at : at + _WORDS_AT_ONCE]
            pairs = zip(words.take(pa.array(some)).to_pylist(), customers[some].tolist(), strict=True)
            with self._workspace.store.write() as tx:
                tx.load("customer_search", ("word", "customer_id"), pairs)
        for name in INDEXES:
            with self._workspace.store.write() as tx:
                tx.run(f"customer_list.create_{name}")


def _differs(row: Row, other: Row | None) -> bool:
    return other is None or row[:-1] != other[:-1]


def _strike(tx: Transaction, rows: Sequence[Row], kept: Mapping[int, Collection[str]] = MappingProxyType({})) -> None:
    """Delete rows and their words, except the words that the customer keeps."""
    tx.run("customer_list.strike", customer_ids=[row[0] for row in rows])
    words = [
        {"word": word, "customer_id": row[0]}
        for row in rows
        for word in set(row[_WORDS].split()).difference(kept.get(row[0], ()))
    ]
    if words:
        tx.run_many("customer_list.strike_word", words)


def _close(workspace: Workspace, facts: Facts) -> None:
    """Note the state that was read, and change the kinds that time alone changes."""
    lost_after = question_of(facts, (), None, None).lost_after
    with workspace.store.write() as tx:
        tx.run("customer_list.refreshed", batch_no=facts.snapshot_no)
        tx.run("customer_list.due", as_of=facts.as_of, lost_after=lost_after, never=NEVER)
