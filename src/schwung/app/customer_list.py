"""Finds customers for people: pages by key, kinds as tabs, search by the beginnings of words."""

import threading
from dataclasses import dataclass
from typing import Any, Literal, get_args

from schwung.app.ports import Transaction
from schwung.app.refresh import fold
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.lifecycle import KINDS

Sort = Literal["last_order", "revenue", "name"]
SORTS: tuple[Sort, ...] = get_args(Sort)
MOST_HITS = 1_000
"""Up to so many hits are counted and sorted as a list; beyond, a page walks the sort order."""
MOST_WORDS = 3
_COUNTS_AGE = 60 * SECOND
_COLUMN = {"last_order": "last_order_at", "revenue": "revenue_minor", "name": "name_key"}
_END = {"last_order": 2**63 - 1, "revenue": 2**63 - 1, "name": "\U0010ffff"}
_START = {"last_order": -1, "revenue": -(2**63) + 1, "name": ""}
_counts: dict[str, tuple[int, dict[str, int]]] = {}
_lock = threading.Lock()

Place = tuple[Any, int]
"""Where a page ends: value of the sort column, customer id."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of customer_list; next, previous: where the neighbors begin, None at the ends.

    count: customers that match; more_than: the count stopped there, there are more.
    """

    rows: list[dict[str, Any]]
    next: Place | None
    previous: Place | None
    count: int
    more_than: bool


def list_customers(
    workspace: Workspace,
    *,
    kind: str | None = None,
    search: str = "",
    sort: Sort = "last_order",
    descending: bool = True,
    after: Place | None = None,
    before: Place | None = None,
    limit: int = 25,
) -> Page:
    """One page. search: words; each must begin a word of name, e-mail or number. InputError for an unknown kind or sort."""
    _check(kind, sort)
    words = sorted(fold(search).split(), key=len, reverse=True)[:MOST_WORDS]
    back = before is not None
    with workspace.store.read() as tx:
        hits = _hits(tx, words[0]) if words else None
        if hits is not None and len(hits) <= MOST_HITS:
            found = _of_hits(tx, hits, kind, words, sort, descending)
            rows = _beside(found, sort, descending, after, before, limit)
            count, more_than = len(found), False
        else:
            rows = _walk(tx, kind, words, sort, descending != back, before if back else after, limit + 1)
            count, more_than = _count(workspace, tx, kind, words)
    more = len(rows) > limit
    rows = rows[:limit]
    if back:
        rows.reverse()
    place = _place_of(sort)
    return Page(
        rows=rows,
        next=place(rows[-1]) if rows and (back or more) else None,
        previous=place(rows[0]) if rows and (more if back else after is not None) else None,
        count=count,
        more_than=more_than,
    )


def customer_row(workspace: Workspace, customer_id: int) -> dict[str, Any] | None:
    """The list's row of one customer."""
    with workspace.store.read() as tx:
        return tx.row("customer_list.one", customer_id=customer_id)


def kind_counts(workspace: Workspace) -> dict[str, int]:
    """Customers by kind, every kind named, at most 60 s old."""
    key, now = str(workspace.folder), workspace.clock()
    with _lock:
        known = _counts.get(key)
    if known is not None and 0 <= now - known[0] <= _COUNTS_AGE:
        return known[1]
    with workspace.store.read() as tx:
        found = {row["kind"]: row["customers"] for row in tx.rows("customer_list.by_kind")}
    counts = {kind: found.get(kind, 0) for kind in KINDS}
    with _lock:
        _counts[key] = (now, counts)
    return counts


def _check(kind: str | None, sort: str) -> None:
    if (kind is not None and kind not in KINDS) or sort not in SORTS:
        raise InputError(
            "unknown_name",
            Text(en="Unknown: {name}.", de="Unbekannt: {name}.").fill(name=kind if sort in SORTS else sort),
            Text(en="Kinds: {kinds}; sorts: {sorts}.", de="Arten: {kinds}; Sortierungen: {sorts}.").fill(
                kinds=", ".join(KINDS), sorts=", ".join(SORTS)
            ),
        )


def check_kind(kind: str) -> None:
    """InputError for a kind that does not exist; empty: any."""
    _check(kind or None, SORTS[0])


def word_patterns(words: list[str]) -> dict[str, str]:
    """For LIKE: three patterns, the unused ones fit everything."""
    escaped = [
        f"% {word.replace(chr(92), chr(92) * 2).replace('%', chr(92) + '%').replace('_', chr(92) + '_')}%"
        for word in words
    ]
    return dict(zip(("one", "two", "three"), [*escaped, "%", "%", "%"], strict=False))


def _prefix(word: str) -> dict[str, str]:
    """The range of words that begin so."""
    return {"low": word, "high": word + "\U0010ffff"}


def _hits(tx: Transaction, word: str) -> list[int]:
    return [row["customer_id"] for row in tx.rows("customer_list.hits", **_prefix(word), most=MOST_HITS + 1)]


def _of_hits(
    tx: Transaction, hits: list[int], kind: str | None, words: list[str], sort: Sort, descending: bool
) -> list[dict[str, Any]]:
    rows = tx.rows("customer_list.existing", customer_ids=hits)
    met = [row for row in rows if kind in (None, row["kind"]) and all(f" {word}" in row["words"] for word in words)]
    return sorted(met, key=_place_of(sort), reverse=descending)


def _beside(
    rows: list[dict[str, Any]], sort: Sort, descending: bool, after: Place | None, before: Place | None, limit: int
) -> list[dict[str, Any]]:
    """The rows after a place, or those before it, nearest first; one more than asked for if there is one."""
    place = _place_of(sort)
    if before is not None:
        return [row for row in reversed(rows) if (place(row) > before if descending else place(row) < before)][
            : limit + 1
        ]
    if after is not None:
        rows = [row for row in rows if (place(row) < after if descending else place(row) > after)]
    return rows[: limit + 1]


def _walk(
    tx: Transaction, kind: str | None, words: list[str], sort: Sort, down: bool, start: Place | None, most: int
) -> list[dict[str, Any]]:
    value, customer_id = start or ((_END if down else _START)[sort], 2**62 if down else -1)
    name = f"customer_list.{sort}_{'down' if down else 'up'}{'_of_kind' if kind else ''}"
    asked = {"kind": kind} if kind else {}
    return tx.rows(name, value=value, customer_id=customer_id, most=most, **word_patterns(words), **asked)


def _count(workspace: Workspace, tx: Transaction, kind: str | None, words: list[str]) -> tuple[int, bool]:
    """Exact without a search; with one at most MOST_HITS, and whether there are more."""
    if not words:
        counts = kind_counts(workspace)
        return (counts[kind] if kind else sum(counts.values())), False
    found = tx.value(
        "customer_list.count_hits", **_prefix(words[0]), **word_patterns(words), kind=kind or "", most=MOST_HITS + 1
    )
    return min(found, MOST_HITS), found > MOST_HITS


def _place_of(sort: Sort) -> Any:
    column = _COLUMN[sort]
    return lambda row: (row[column], row["customer_id"])
