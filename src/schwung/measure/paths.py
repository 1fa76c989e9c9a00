"""The most frequent sequences of events from an event on, or up to it, within visits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.core.clock import Instant, to_datetime
from schwung.core.text import Text
from schwung.measure.inference import Estimate, share
from schwung.measure.scope import Scope
from schwung.measure.step import wrong
from schwung.measure.visits import GAP, visit_events

Direction = Literal["from", "to"]
LONGEST = 8
MOST_ROWS = 50
DEFINITION = Text(
    "One sequence per visit in which the event occurs: from its first occurrence on, or up to its last.",
    "Eine Folge je Besuch, in dem das Ereignis vorkommt: ab seinem ersten oder bis zu seinem letzten Mal.",
)


@dataclass(frozen=True, slots=True)
class PathRow:
    """names: events in the order of time. visits, customers: with this sequence. share: of the visits with the event.

    whole: the visit begins (to) or ends (from) there; else it may be longer than was asked for.
    """

    names: tuple[str, ...]
    visits: int
    customers: int
    share: Estimate
    whole: bool


@dataclass(frozen=True, slots=True)
class Paths:
    """visits, customers: with the event. different: how many sequences there are; rows are the most frequent of them."""

    anchor: str
    direction: Direction
    length: int
    collapse: bool
    since_on: date | None
    until_on: date
    as_of: Instant
    rows: tuple[PathRow, ...]
    visits: int
    customers: int
    different: int
    snapshot_no: int = 0
    computed_at: Instant = 0

    def to_json(self) -> dict[str, Any]:
        """Shares from 0 to 1, with 95 % intervals."""
        return {
            "anchor": self.anchor,
            "direction": self.direction,
            "since": self.since_on and self.since_on.isoformat(),
            "until": self.until_on.isoformat(),
            "as_of": to_datetime(self.as_of).isoformat().replace("+00:00", "Z"),
            "visits": self.visits,
            "customers": self.customers,
            "different": self.different,
            "rows": [
                {
                    "names": list(row.names), "visits": row.visits, "customers": row.customers, "share": row.share.value,
                    "low": row.share.low, "high": row.share.high, "whole": row.whole,
                }
                for row in self.rows
            ],
        }  # fmt: skip

    def to_pandas(self) -> Any:
        """One row per sequence."""
        import pandas

        return pandas.DataFrame(
            [{"path": " → ".join(row.names), "visits": row.visits, "customers": row.customers, "share": row.share.value} for row in self.rows]
        )  # fmt: skip


def paths(
    scope: Scope,
    run: Callable[[ir.Table], pa.Table],
    anchor: str,
    direction: Direction = "from",
    length: int = 5,
    *,
    collapse: bool = True,
    gap: int = GAP,
) -> Paths:
    """length: events of a sequence, the anchor included. collapse: the same event several times in a row counts once."""
    if not anchor.strip():
        raise wrong(Text("a path needs an event", "ein Pfad braucht ein Ereignis"), anchor)
    if direction not in ("from", "to") or not 2 <= length <= LONGEST:
        raise wrong(
            Text("paths lead from or to an event and have 2 to {n} events", "Pfade führen von oder zu einem Ereignis und haben 2 bis {n} Ereignisse").fill(n=LONGEST),
            f"{direction}, {length}",
        )  # fmt: skip
    counted = _counted(_sequences(scope, anchor, direction, length, collapse, gap), length)
    rows = run(counted).to_pylist()
    first = rows[0] if rows else {"all_visits": 0, "all_paths": 0}
    customers = run(_with_anchor(scope, anchor, gap).aggregate(n=_.customer_id.nunique()))["n"][0].as_py()
    question = scope.question
    found = []
    for row in rows:
        names = tuple(row[f"s{nth}"] for nth in range(length) if row[f"s{nth}"] is not None)
        names = names if direction == "from" else names[::-1]
        estimate = share(row["visits"], row["all_visits"])
        found.append(PathRow(names, row["visits"], row["customers"], estimate, len(names) < length))
    return Paths(
        anchor, direction, length, collapse, question.since_on, question.last_day, question.as_of, tuple(found),
        first["all_visits"], customers, first["all_paths"],
    )  # fmt: skip


def _with_anchor(scope: Scope, anchor: str, gap: int) -> ir.Table:
    events = visit_events(scope, gap)
    return events.filter(events["name"] == anchor)


def _sequences(scope: Scope, anchor: str, direction: Direction, length: int, collapse: bool, gap: int) -> ir.Table:
    """Per visit with the anchor: customer_id and s0 … s(n−1), names by their distance from it; null where it was over."""
    rows = visit_events(scope, gap).select("customer_id", "visit_no", "happened_at", "event_no", "name")
    per = {"group_by": ["customer_id", "visit_no"]}
    forth = {**per, "order_by": ["happened_at", "event_no"]}
    if collapse:
        rows = rows.mutate(before=rows["name"].lag().over(ibis.window(**forth)))
        rows = rows.filter(rows.before.isnull() | (rows.before != rows["name"])).drop("before")
    rows = rows.mutate(place=ibis.row_number().over(**forth))
    met = ibis.cases((rows["name"] == anchor, rows.place))
    rows = rows.mutate(anchor_place=(met.min() if direction == "from" else met.max()).over(ibis.window(**per)))
    away = rows.place - rows.anchor_place if direction == "from" else rows.anchor_place - rows.place
    rows = rows.mutate(away=away).filter(_.away.between(0, length - 1))
    return rows.group_by(["customer_id", "visit_no"]).agg(
        **{f"s{nth}": ibis.cases((rows.away == nth, rows["name"])).max() for nth in range(length)}
    )


def _counted(sequences: ir.Table, length: int) -> ir.Table:
    names = [f"s{nth}" for nth in range(length)]
    counted = sequences.group_by(names).agg(visits=_.count(), customers=_.customer_id.nunique())
    everything = ibis.window()
    counted = counted.mutate(
        all_visits=counted.visits.sum().over(everything).cast("int64"),
        all_paths=counted.visits.count().over(everything),
    )
    return counted.order_by([ibis.desc("visits"), *(ibis.asc(name, nulls_first=True) for name in names)]).limit(
        MOST_ROWS
    )
