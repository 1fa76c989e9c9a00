"""Moves between customer kinds and between phases in a period: who stands where at its start and its end, and how long
it took from entering the one to entering the other. Both ends come from the facts, for all customers at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY, Instant
from schwung.core.period import Period
from schwung.core.text import Text
from schwung.measure.lifecycle import KINDS, customer_orders, kind_of, stays
from schwung.measure.phase import PHASES, Rules
from schwung.measure.phases.stays import stays as phase_stays
from schwung.measure.reading import Reading
from schwung.measure.scope import Scope

HISTORY_DAYS = 90
"""So far before the period stays in a phase are followed back; who is longer in one counts as longer than that."""
ARRIVED = "arrived"
"""Where those come from who were not known at the start."""


@dataclass(frozen=True, slots=True)
class Move:
    """days: median between entering the one and entering the other; None: unknown, or longer than is followed back."""

    origin: str
    target: str
    customers: int
    days: float | None = None
    is_longer: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"from": self.origin, "to": self.target, "customers": self.customers, "median_days": self.days, "is_longer": self.is_longer}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moves:
    """names: what there is to be, in order. moves: all pairs that occur; those who stayed have origin = target."""

    names: Mapping[str, Text]
    moves: tuple[Move, ...]

    @property
    def before(self) -> dict[str, int]:
        """Customers at the start."""
        return {name: sum(one.customers for one in self.moves if one.origin == name) for name in self.names}

    @property
    def after(self) -> dict[str, int]:
        """Customers at the end."""
        return {name: sum(one.customers for one in self.moves if one.target == name) for name in self.names}

    @property
    def arrived(self) -> int:
        return sum(one.customers for one in self.moves if one.origin == ARRIVED)

    def of(self, origin: str, target: str) -> Move | None:
        return next((one for one in self.moves if (one.origin, one.target) == (origin, target)), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "names": {name: {"en": text.en, "de": text.de} for name, text in self.names.items()},
            "before": self.before,
            "after": self.after,
            "arrived": self.arrived,
            "moves": [one.to_json() for one in self.moves],
        }


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Kinds and phases in a period. rules: by which the phases are assigned."""

    period: Period
    kinds: Moves
    phases: Moves
    rules: Rules
    dormant_after_days: int
    lost_after_days: int

    def to_json(self) -> dict[str, Any]:
        return {
            "since": self.period.since_on.isoformat(),
            "until": self.period.until_on.isoformat(),
            "kinds": self.kinds.to_json() | {"dormant_after_days": self.dormant_after_days, "lost_after_days": self.lost_after_days},
            "phases": self.phases.to_json() | {"rules": self.rules.to_json()},
        }  # fmt: skip

    def to_pandas(self) -> Any:
        """One row per move: of (kinds or phases), from, to, customers, median_days."""
        import pandas

        both = (("kinds", self.kinds), ("phases", self.phases))
        return pandas.DataFrame([{"of": name} | move.to_json() for name, moves in both for move in moves.moves])


def lifecycle(reading: Reading, period: Period, rules: Rules) -> Lifecycle:
    """reading: of a scope without cuts and start, its window ending with the period."""
    question, since_at = reading.scope.question, period.since_at
    kinds = reading.rows("kinds", lambda scope: kind_moves(scope, since_at))
    phases = reading.rows("phases", lambda scope: phase_moves(scope, rules, since_at))
    return Lifecycle(
        period,
        _moves(KINDS, kinds.to_pylist()),
        _moves(PHASES, phases.to_pylist()),
        rules,
        question.dormant_after_days,
        question.lost_after_days,
    )


def kind_moves(scope: Scope, since_at: Instant) -> ir.Table:
    """origin (null: not known then), target, days (null where it stayed the same), customers: kinds at the two ends."""
    until_at = scope.question.until_at
    return _pairs(kinds_at(scope, since_at), kinds_at(scope, until_at))


def phase_moves(scope: Scope, rules: Rules, since_at: Instant) -> ir.Table:
    """The same for phases; days is −1 where the first one began before what is followed back."""
    until_at = scope.question.until_at
    rows = phase_stays(scope, rules, since_at - HISTORY_DAYS * DAY, until_at)
    rows = rows.rename(name="phase", since="entered_at")
    then = rows.filter(rows.since < since_at, rows.left_at >= since_at)
    now = rows.filter(rows.left_at >= until_at)
    return _pairs(then, now)


def _pairs(then: ir.Table, now: ir.Table) -> ir.Table:
    rows = now.left_join(then, "customer_id", rname="was_{name}")
    took = (rows.since - rows.was_since) // DAY
    days = ibis.cases(
        (rows.was_name.isnull() | (rows.was_name == rows.name), ibis.null("int64")), (rows.was_is_older, -1), else_=took
    )
    return rows.select(origin=rows.was_name, target=rows.name, days=days).group_by(["origin", "target", "days"]).agg(customers=_.count())  # fmt: skip


def kinds_at(scope: Scope, moment: Instant) -> ir.Table:
    """customer_id, name, since, is_older (never): the kind of everyone known before an instant."""
    question = scope.question
    rows = stays(customer_orders(scope), question)
    second = ibis.window(group_by="customer_id", order_by=["ordered_at", "order_key"], preceding=None, following=0)
    rows = rows.mutate(second_at=ibis.cases((rows.nth == 2, rows.ordered_at)).max().over(second))
    rows = rows.filter(rows.ordered_at < moment, rows.next_at >= moment)
    rows = rows.mutate(name=kind_of(rows, ibis.literal(moment, "int64"), question))
    since = ibis.cases(
        (rows.name == "lost", rows.ordered_at + question.lost_after),
        (rows.name == "dormant", rows.ordered_at + question.dormant_after),
        (rows.name == "won_back", rows.returned_at),
        (rows.name == "existing", ibis.greatest(rows.second_at, ibis.coalesce(rows.broke_at, rows.second_at))),
        else_=rows.ordered_at,
    )
    buyers = rows.select("customer_id", "name", since=since)
    profiles = scope.table("profiles", False)
    profiles = profiles.filter(~profiles.is_gone, profiles.first_seen_at < moment)
    leads = profiles.anti_join(buyers, "customer_id").select(
        "customer_id", name=ibis.literal("lead"), since="first_seen_at"
    )
    return buyers.union(leads).mutate(is_older=ibis.literal(False))


def _moves(names: Mapping[str, Text], rows: Iterable[Mapping[str, Any]]) -> Moves:
    found: dict[tuple[str, str], list[tuple[int | None, int]]] = defaultdict(list)
    for row in rows:
        found[row["origin"] or ARRIVED, row["target"]].append((row["days"], row["customers"]))
    order = [ARRIVED, *names]
    keys = sorted(found, key=lambda key: (order.index(key[0]), order.index(key[1])))
    return Moves(names, tuple(_move(*key, found[key]) for key in keys))


def _move(origin: str, target: str, counts: list[tuple[int | None, int]]) -> Move:
    customers = sum(count for _, count in counts)
    known = [(float("inf") if days < 0 else days, count) for days, count in counts if days is not None]
    if not known:
        return Move(origin, target, customers)
    days = _median(known)
    return (
        Move(origin, target, customers, None, True) if days == float("inf") else Move(origin, target, customers, days)
    )


def _median(counts: list[tuple[float, int]]) -> float:
    """Of values with how often each occurs."""
    whole, places, seen = sum(count for _, count in counts), [], 0
    wanted = sorted({(whole - 1) // 2, whole // 2})
    for value, count in sorted(counts):
        places += [value for place in wanted if seen <= place < seen + count]
        seen += count
    return sum(places) / len(places)
