"""Keeps the customer list of the operational store true: names, words to find them, kind, orders, revenue."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.facts import Facts, open_facts
from schwung.app.ports import Transaction
from schwung.app.report import question_of
from schwung.app.wiring import Workspace
from schwung.measure.lifecycle import NEVER
from schwung.measure.scope import Scope, TableOf
from schwung.measure.summary import customer_summary

SLICE = 50_000
"""Customers of one reading and one commit."""
FEW = 2_000
"""So many customers are read from their own buckets; more by one pass over the facts."""
MOST_WORDS = 16
_LONGEST_WORD = 64
_COLUMNS = (
    "customer_id", "full_name", "name_key", "email", "user_id", "country", "kind", "kind_changes_at", "first_seen_at",
    "first_order_at", "last_order_at", "order_count", "revenue_minor", "words", "batch_no",
)  # fmt: skip
_NO_ORDERS = {
    "order_count": 0,
    "first_order_at": 0,
    "last_order_at": 0,
    "revenue_minor": 0,
    "kind": "lead",
    "kind_changes_at": NEVER,
    "country": None,
}

Row = dict[str, Any]


def refresh_touched(workspace: Workspace) -> int:
    """Refresh the customers whose orders, returns or profile changed since the last time. How many."""
    with open_facts(workspace) as facts:
        with workspace.store.read() as tx:
            done = tx.value("store.counter", name="customer_list") or 0
        touched: list[int] = []
        if facts.snapshot_no > done:
            touched = _touched(facts, done)
            for ids in _slices(touched):
                _write(workspace, facts, _rows(workspace, facts, ids), ids)
        _close(workspace, facts)
    return len(touched)


def refresh_all(workspace: Workspace, progress: Callable[[int], object] = lambda done: None) -> int:
    """Rebuild the whole list in slices; rows that did not change are not written. How many customers.

    progress: told how many are done.
    """
    count = 0
    with open_facts(workspace) as facts:
        for low, high in _ranges(workspace, facts):
            summary = customer_summary(_scope(facts, _between(facts, low, high)))
            profiles = facts.table("profiles")
            rows = _joined(workspace, facts, profiles.filter(profiles["customer_id"].between(low, high)), summary)
            with workspace.store.read() as tx:
                listed = [row["customer_id"] for row in tx.rows("customer_list.between", low=low, high=high)]
            _write(workspace, facts, rows, listed)
            count += len(rows)
            progress(count)
        _close(workspace, facts)
    return count


def words_of(*texts: str | None) -> list[str]:
    """Case-folded words by which a person is found: the text's words, the halves of an address, their parts."""
    found: dict[str, None] = {}
    for text in texts:
        folded = fold(text or "")
        for part in (*folded.split(), *re.split(r"[\s@]+", folded), *re.split(r"[\W_]+", folded)):
            if part:
                found[part[:_LONGEST_WORD]] = None
    return list(found)[:MOST_WORDS]


def fold(text: str) -> str:
    """One form for upper and lower case and for compatible letters. In Python: stores fold differently."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def forget_customers(tx: Transaction, customer_ids: Sequence[int]) -> None:
    """Strike customers from the list and its words, within an erasure's commit."""
    _strike(tx, tx.rows("customer_list.existing", customer_ids=list(customer_ids)))


def _touched(facts: Facts, since: int) -> list[int]:
    """Customers with a fact of a batch after `since`."""
    found: ir.Table | None = None
    for name in ("orders", "returns", "profiles", "identities"):
        rows = facts.table(name, customer=name in ("orders", "returns"))
        rows = rows.filter(rows["version"] > since, rows["customer_id"].notnull()).select("customer_id")
        found = rows if found is None else found.union(rows)
    assert found is not None
    return sorted(facts.run(found.distinct())["customer_id"].to_pylist())


def _ranges(workspace: Workspace, facts: Facts) -> Iterator[tuple[int, int]]:
    """Ranges of customer ids with at most SLICE customers each, over lake and list."""
    ids = facts.run(facts.table("profiles").select("customer_id").order_by("customer_id"))["customer_id"]
    low = 0
    for place in range(SLICE, len(ids) + SLICE, SLICE):
        high = ids[place].as_py() - 1 if place < len(ids) else NEVER
        yield low, high
        low = high + 1


def _rows(workspace: Workspace, facts: Facts, ids: Sequence[int]) -> list[Row]:
    """The list's rows of some customers; one that is gone has none."""
    profiles = facts.table("profiles")
    asked = ibis.memtable(pa.table({"customer_id": pa.array(ids, pa.int64())}))
    table = _of_few(facts, ids) if len(ids) <= FEW else _of_many(facts, asked)
    return _joined(workspace, facts, profiles.semi_join(asked, "customer_id"), customer_summary(_scope(facts, table)))


def _scope(facts: Facts, table: TableOf) -> Scope:
    return Scope(question_of(facts, (), None, None), table)


def _between(facts: Facts, low: int, high: int) -> TableOf:
    def table(name: str, customer: bool) -> ir.Table:
        rows = facts.table(name, customer=True)
        return rows.filter(rows["customer_id"].between(low, high))

    return table


def _of_many(facts: Facts, asked: ir.Table) -> TableOf:
    return lambda name, customer: facts.table(name, customer=True).semi_join(asked, "customer_id")


def _of_few(facts: Facts, ids: Sequence[int]) -> TableOf:
    identities = facts.table("identities")
    asked = ibis.memtable(pa.table({"customer_id": pa.array(ids, pa.int64())}))
    owned = facts.run(identities.semi_join(asked, "customer_id").select("identifier_id", "customer_id"))
    owners = ibis.memtable(owned)
    identifier_ids = owned["identifier_id"].to_pylist()
    return lambda name, customer: facts.of_customer(name, identifier_ids).join(owners, "identifier_id")


def _joined(workspace: Workspace, facts: Facts, profiles: ir.Table, summary: ir.Table) -> list[Row]:
    """Profile, orders and identifiers of each customer as the list's row."""
    bought = {row["customer_id"]: row for row in facts.run(summary).to_pylist()}
    profiles = profiles.filter(~profiles["is_gone"]).select("customer_id", "first_seen_at", "country", "traits")
    known = facts.run(profiles).to_pylist()
    identifiers: dict[int, dict[str, list[str]]] = {}
    with workspace.store.read() as tx:
        for row in tx.rows("customer_list.identifiers", customer_ids=[row["customer_id"] for row in known]):
            identifiers.setdefault(row["customer_id"], {}).setdefault(row["kind"], []).append(row["value"])
    return [
        _row(profile, bought.get(profile["customer_id"], _NO_ORDERS), identifiers.get(profile["customer_id"], {}))
        | {"batch_no": facts.snapshot_no}
        for profile in known
    ]


def _row(profile: Row, bought: Mapping[str, Any], identifiers: Mapping[str, list[str]]) -> Row:
    traits = json.loads(profile["traits"]) if profile["traits"] else {}
    name = _text(traits.get("name")) or " ".join(
        filter(None, (_text(traits.get("first_name")), _text(traits.get("last_name"))))
    )
    emails, numbers = identifiers.get("email", []), identifiers.get("user_id", [])
    email = _text(traits.get("email")) or (emails[-1] if emails else None)
    others = (value for kind in ("phone", "card") for value in identifiers.get(kind, ()))
    words = words_of(name, email, *numbers, *emails, *others)
    return {
        **bought,
        "customer_id": profile["customer_id"],
        "full_name": name or None,
        "name_key": fold(name or email or (numbers[-1] if numbers else ""))[:100],
        "email": email,
        "user_id": numbers[-1] if numbers else None,
        "country": profile["country"] or bought["country"],
        "first_seen_at": profile["first_seen_at"],
        "words": f" {' '.join(words)} ",
    }


def _text(value: object) -> str | None:
    return str(value).replace("\x00", "").strip()[:200] or None if isinstance(value, str | int) else None


def _write(workspace: Workspace, facts: Facts, rows: Sequence[Row], listed: Iterable[int]) -> None:
    """Replace what changed; strike listed customers without a row. A row from a later state stays."""
    wanted = {row["customer_id"]: row for row in rows}
    with workspace.store.write() as tx:
        ids = sorted({*wanted, *listed})
        before = {row["customer_id"]: row for row in tx.rows("customer_list.existing", customer_ids=ids)}
        later = {key for key, row in before.items() if row["batch_no"] > facts.snapshot_no}
        gone = [row for key, row in before.items() if key not in later and _differs(row, wanted.get(key))]
        fresh = [row for key, row in wanted.items() if key not in later and _differs(row, before.get(key))]
        _strike(tx, gone, keeping={row["customer_id"]: set(row["words"].split()) for row in fresh})
        tx.load("customer_list", _COLUMNS, [tuple(row[column] for column in _COLUMNS) for row in fresh])
        old = {row["customer_id"]: set(row["words"].split()) for row in gone}
        words = sorted(
            (word, row["customer_id"])
            for row in fresh
            for word in set(row["words"].split()) - old.get(row["customer_id"], set())
        )
        tx.load("customer_search", ("word", "customer_id"), words)


def _differs(row: Row, other: Row | None) -> bool:
    return other is None or any(row[column] != other[column] for column in _COLUMNS if column != "batch_no")


def _strike(tx: Transaction, rows: Sequence[Row], keeping: Mapping[int, set[str]] | None = None) -> None:
    """Delete rows and their words, except the words that the customer keeps."""
    kept = keeping or {}
    tx.run("customer_list.strike", customer_ids=[row["customer_id"] for row in rows])
    words = [
        {"word": word, "customer_id": row["customer_id"]}
        for row in rows
        for word in set(row["words"].split()) - kept.get(row["customer_id"], set())
    ]
    if words:
        tx.run_many("customer_list.strike_word", words)


def _close(workspace: Workspace, facts: Facts) -> None:
    """Note the state that was read, and change the kinds that time alone changes."""
    lost_after = question_of(facts, (), None, None).lost_after
    with workspace.store.write() as tx:
        tx.run("customer_list.refreshed", batch_no=facts.snapshot_no)
        tx.run("customer_list.due", as_of=facts.as_of, lost_after=lost_after, never=NEVER)


def _slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), SLICE):
        yield ids[at : at + SLICE]
