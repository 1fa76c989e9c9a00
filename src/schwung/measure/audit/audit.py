"""From the engine's sums to the five views."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from schwung.core.period import Period, Unit, first_day_of
from schwung.core.text import Text
from schwung.measure.audit.rows import DECILES, MOST_ORDERS, by_age, by_place, concentration, first_baskets
from schwung.measure.audit.sentences import sentences
from schwung.measure.audit.views import Age, Audit, BasePeriod, Cohort, Move, OnePeriod, Slice, TwoPeriods
from schwung.measure.local_time import first_day, key_of_day, label
from schwung.measure.scope import Scope

Run = Callable[[ir.Table], pa.Table]
Row = Mapping[str, Any]
NEEDED = (0.5, 0.8)
_LEAST_COHORT = 100


def audit(scope: Scope, period: Period, unit: Unit, run: Run, begins_on: date, cohort: str | None = None) -> Audit:
    """scope: not cut, its end that of views 3 to 5. period: of views 1 and 2. unit: of cohorts and ages. begins_on: day of the first fact.

    Where the period before starts earlier than the facts there is no view 2. cohort: of view 3; None: the oldest that is
    whole and not small.
    """
    before = before_of(period)
    placed = run(by_place(scope, period, before, unit)).to_pylist()
    needed = run(concentration(scope, period, NEEDED)).to_pylist()[0]
    cells = run(by_age(scope, unit)).to_pylist()
    firsts = {row["cohort"]: row for row in run(first_baskets(scope, unit)).to_pylist()}
    last = scope.question.last_day
    cohorts = _cohorts(cells, firsts, unit, begins_on, last)
    one = _one(placed, needed)
    two = _two(placed, one.total_minor) if before.since_on >= begins_on else None
    chosen = cohort if cohort in {each.name for each in cohorts} else _telling(cohorts)
    base = _base(cells, unit, last)
    said = sentences(one, two, next((each for each in cohorts if each.name == chosen), None), cohorts, base, unit, scope.question.currency)  # fmt: skip
    return Audit(
        unit, scope.question.currency, period.since_on.isoformat(), period.until_on.isoformat(),
        one, two, chosen, cohorts, base, said,
    )  # fmt: skip


def usual_period(begins_on: date, last_day: date, zone: str) -> tuple[Period, Unit]:
    """The longest calendar unit of which two whole ones have passed, and the last whole one; else the last months there are."""
    units: tuple[Unit, ...] = ("year", "quarter", "month")
    for unit in units:
        after = _following(last_day)
        end = after if first_day_of(after, unit) == after else first_day_of(last_day, unit)
        since = first_day_of(_day_before(end), unit)
        earlier = first_day_of(_day_before(since), unit)
        if earlier >= begins_on:
            return Period(since, _day_before(end), zone), unit
    return Period(max(begins_on, first_day_of(last_day, "month")), last_day, zone), "month"


def unit_of(period: Period) -> Unit | None:
    """The calendar unit that the period is exactly."""
    units: tuple[Unit, ...] = ("year", "quarter", "month")
    return next((unit for unit in units if [*period.parts(unit)] == [period]), None)


def before_of(period: Period) -> Period:
    """The calendar unit before, where the period is one; else as many days right before it."""
    unit = unit_of(period)
    if unit is None:
        return period.before()
    until = _day_before(period.since_on)
    return Period(first_day_of(until, unit), until, period.zone)


def _following(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


# -- views 1 and 2 ----------------------------------------------------------------------------------------------------


def _one(placed: Sequence[Row], needed: Row) -> OnePeriod:
    buying = [row for row in placed if row["decile"] is not None]
    guests = [row for row in placed if row["is_guest"]]
    others = [row for row in placed if row["decile"] is None and not row["is_guest"]]
    minor, customers = _sum(buying, "minor"), _sum(buying, "customers")
    once = _sum([row for row in buying if row["order_count"] == 1], "customers")
    return OnePeriod(
        customers=customers,
        orders=_sum(buying, "orders"),
        minor=minor,
        deciles=_slices(buying, "decile", range(1, DECILES + 1), minor),
        by_orders=_slices(buying, "order_count", range(1, MOST_ORDERS + 1), minor),
        guests_minor=_sum(guests, "minor"),
        guest_orders=_sum(guests, "orders"),
        returns_only_minor=_sum(others, "minor"),
        needed={
            round(share * 100): (needed[f"needed_{round(share * 100)}"] or 0) / customers
            if customers and minor > 0
            else None
            for share in NEEDED
        },
        once=once / customers if customers else None,
        unvalued=_sum(placed, "unvalued"),
    )


def _slices(rows: Sequence[Row], column: str, values: Iterable[int], total: int) -> list[Slice]:
    found, cumulated = [], 0
    for value in values:
        own = [row for row in rows if row[column] == value]
        if not own:
            continue
        minor = _sum(own, "minor")
        cumulated += minor
        found.append(
            Slice(
                str(value), _sum(own, "customers"), _sum(own, "orders"), minor,
                minor / total if total > 0 else None, cumulated / total if total > 0 else None,
                min(row["least_minor"] for row in own), max(row["most_minor"] for row in own),
            )
        )  # fmt: skip
    return found


_MOVES: Mapping[str, Text] = {
    "new": Text("First order in this period", "Erste Bestellung in diesem Zeitraum"),
    "returned": Text("Ordered before, but not in the period before", "Früher bestellt, im Zeitraum davor nicht"),
    "more": Text("Ordered in both, brought more", "In beiden bestellt, mehr gebracht"),
    "same": Text("Ordered in both, brought the same", "In beiden bestellt, gleich viel gebracht"),
    "less": Text("Ordered in both, brought less", "In beiden bestellt, weniger gebracht"),
    "gone": Text("Ordered in the period before only", "Nur im Zeitraum davor bestellt"),
    "returns_only": Text("Returns without an order", "Rückgaben ohne Bestellung"),
    "guests": Text("Guests", "Gäste"),
}


def _move_of(row: Row) -> str:
    if row["is_guest"]:
        return "guests"
    now, before = row["decile"] is not None, row["decile_before"] is not None
    if now and before:
        return {1: "more", 0: "same", -1: "less"}[row["move"]]
    if now:
        return "new" if row["is_new"] else "returned"
    return "gone" if before else "returns_only"


def _two(placed: Sequence[Row], total: int) -> TwoPeriods:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in placed:
        groups[_move_of(row)].append(row)
    moves = [
        Move(name, title, 0 if name == "guests" else _sum(groups[name], "customers"), _sum(groups[name], "minor_before"), _sum(groups[name], "minor"))
        for name, title in _MOVES.items()
    ]  # fmt: skip
    matrix: dict[tuple[int, int], int] = defaultdict(int)
    for row in placed:
        place = (row["decile_before"] or 0, row["decile"] or 0)
        if place != (0, 0):
            matrix[place] += row["customers"]
    both = [row for row in placed if row["decile"] is not None and row["decile_before"] is not None]
    before = [row for row in placed if row["decile_before"] is not None]
    count = _sum(before, "customers")
    return TwoPeriods(
        minor_before=sum(move.minor_before for move in moves),
        minor=total,
        moves=moves,
        factors=_factors(before, [row for row in placed if row["decile"] is not None]),
        matrix=dict(matrix),
        stayed=_sum(both, "customers") / count if count else None,
    )


def _factors(before: Sequence[Row], now: Sequence[Row]) -> dict[str, float]:
    """Shares of the change of customers × orders a customer × money an order, averaged over all orders of changing them."""
    first = (_sum(before, "customers"), _sum(before, "orders_before"), _sum(before, "minor_before"))
    second = (_sum(now, "customers"), _sum(now, "orders"), _sum(now, "minor"))
    names = ("customers", "orders_per_customer", "money_per_order")
    if 0 in first[:2] or 0 in second[:2]:
        return {}
    a = (first[0], first[1] / first[0], first[2] / first[1])
    b = (second[0], second[1] / second[0], second[2] / second[1])
    d = [after - earlier for earlier, after in zip(a, b, strict=True)]
    found = {}
    for place, name in enumerate(names):
        p, q = (other for other in range(3) if other != place)
        found[name] = d[place] * ((a[p] * a[q] + b[p] * b[q]) / 3 + (a[p] * b[q] + b[p] * a[q]) / 6)
    return found


# -- views 3, 4 and 5 -------------------------------------------------------------------------------------------------


def _cohorts(cells: Sequence[Row], firsts: Mapping[int, Row], unit: Unit, begins_on: date, last: date) -> list[Cohort]:
    by_cohort: dict[int, dict[int, Row]] = defaultdict(dict)
    for cell in cells:
        if cell["cohort"] is not None:
            by_cohort[cell["cohort"]][cell["period"]] = cell
    oldest, newest = key_of_day(first_day_of(begins_on, unit), unit), key_of_day(last, unit)
    return [_cohort(key, by_cohort[key], firsts[key], unit, newest, key == oldest, last) for key in sorted(by_cohort)]


def _cohort(key: int, cells: Mapping[int, Row], first: Row, unit: Unit, newest: int, may_be_older: bool, last: date) -> Cohort:  # fmt: skip
    ages, sum_minor, size = [], 0, first["size"]
    early = sum(cell["minor"] for period, cell in cells.items() if period < key)
    for period in range(key, newest + 1):
        cell = cells.get(period, {"active": 0, "orders": 0, "minor": 0})
        sum_minor += cell["minor"]
        ages.append(
            Age(
                period - key, label(period, unit), cell["active"], cell["active"] / size, cell["orders"], cell["minor"],
                sum_minor / size, _is_open(period, unit, last),
            )
        )  # fmt: skip
    return Cohort(label(key, unit), size, first["first_minor"], ages, early, may_be_older)


def _telling(cohorts: Sequence[Cohort]) -> str | None:
    """The oldest cohort that began within the facts and is not small; else the largest."""
    known = [one for one in cohorts if not one.may_be_older and one.size >= _LEAST_COHORT]
    if known:
        return known[0].name
    return max(cohorts, key=lambda one: one.size).name if cohorts else None


def _base(cells: Sequence[Row], unit: Unit, last: date) -> list[BasePeriod]:
    by_period: dict[int, list[Row]] = defaultdict(list)
    for cell in cells:
        by_period[cell["period"]].append(cell)
    if not by_period:
        return []
    found = []
    for period in range(min(by_period), max(by_period) + 1):
        rows = by_period[period]
        known = [row for row in rows if row["cohort"] is not None]
        own = [row for row in known if row["cohort"] == period]
        found.append(
            BasePeriod(
                name=label(period, unit),
                active=_sum(known, "active"),
                new=_sum(own, "active"),
                orders=_sum(rows, "orders"),
                minor=_sum(rows, "minor"),
                new_minor=_sum(own, "minor"),
                by_cohort={
                    label(row["cohort"], unit): row["minor"] for row in sorted(known, key=lambda row: row["cohort"])
                },
                guests_minor=_sum([row for row in rows if row["is_guest"]], "minor"),
                without_order_minor=_sum([r for r in rows if r["cohort"] is None and not r["is_guest"]], "minor"),
                so_far=_is_open(period, unit, last),
            )
        )
    return found


def _is_open(key: int, unit: Unit, last: date) -> bool:
    return first_day(key + 1, unit) > _following(last)


def _sum(rows: Iterable[Row], column: str) -> int:
    return sum(int(row[column] or 0) for row in rows)
