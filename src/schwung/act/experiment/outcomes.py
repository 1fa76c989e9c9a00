"""What people did after they met an experiment, as sums by group and day: all that effects, intervals and charts need."""

from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.expr.types.groupby import GroupedTable

from schwung.act.experiment.design import Design
from schwung.core.clock import DAY
from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.customer_value import flows
from schwung.measure.cuts import CUTS, UNKNOWN, touches_of
from schwung.measure.lifecycle import customer_orders
from schwung.measure.scope import Scope
from schwung.measure.step import FACTS, Step
from schwung.measure.valuation import Basis

Unit = Literal["share", "count", "money"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that is compared. is_harm: more of it is worse."""

    name: str
    title: Text
    unit: Unit
    is_harm: bool = False


OUTCOMES: tuple[Outcome, ...] = (
    Outcome("conversion", Text("Reached the goal", "Ziel erreicht"), "share"),
    Outcome("orders", Text("Orders each", "Bestellungen je Person"), "count"),
    Outcome("revenue", Text("Revenue each", "Umsatz je Person"), "money"),
    Outcome("margin", Text("Margin each", "Marge je Person"), "money"),
    Outcome("unsubscribed", Text("Unsubscribed or complained", "Abgemeldet oder beschwert"), "share", is_harm=True),
)
NAMES = tuple(one.name for one in OUTCOMES)
CUT_KIND, CUT_CHANNEL = "kind", "channel"
INSIDE, OUTSIDE = "in", "out"


def people(exposures: ir.Table, identities: ir.Table) -> ir.Table:
    """exposures: identifier_id, arm, exposed_at. Per person: customer_id, arm, exposed_at (the first), arms (how many: who was
    merged from two groups has more than one, and belongs to none)."""
    owned = exposures.join(identities.select("identifier_id", "customer_id"), "identifier_id")
    return owned.group_by("customer_id").agg(
        arm=_.arm.min(), exposed_at=_.exposed_at.min(), arms=_.arm.nunique().cast("int64")
    )


def sizes(rows: ir.Table, design: Design, as_of: int) -> ir.Table:
    """Of `people`: arm (null: of several groups), n, over (whose days are over), next_at (when the next one's are)."""
    end_at = rows.exposed_at + design.window_days * DAY
    rows = rows.mutate(arm=ibis.cases((rows.arms == 1, rows.arm)), end_at=end_at)
    return rows.group_by("arm").agg(
        n=_.count(),
        over=(_.end_at <= as_of).sum().cast("int64"),
        next_at=_.end_at.min(where=_.end_at > as_of),
    )


def statistics(
    scope: Scope, rows: ir.Table, design: Design, cut: str | None = None, past: Basis = "margin"
) -> ir.Table:
    """Sums over `people` of one group whose days are over, by group and the day on which they were.

    arm, day (UTC, since 1970), n, before, before_squares, and of each outcome its sum, `_squares`, `_cross` (with before).
    With a cut also `value`: kind, channel (both right before the first meeting), or a list's number (in it then, or not).
    past: what of the time before explains what comes after; where margins are not known, revenue.
    """
    met = followed(scope, rows, design, cut, past)
    keys = ["arm", "day", *(["value"] if cut else [])]
    sums = {"n": _.count(), "before": _.past.sum(), "before_squares": (_.past * _.past).sum()}
    for name in NAMES:
        sums |= {
            f"{name}_sum": _[name].sum(),
            f"{name}_squares": (_[name] * _[name]).sum(),
            f"{name}_cross": (_[name] * _.past).sum(),
        }
    return met.mutate(day=(_.exposed_at + design.window_days * DAY) // DAY).group_by(keys).agg(**sums)


def followed(scope: Scope, rows: ir.Table, design: Design, cut: str | None = None, past: Basis = "margin") -> ir.Table:
    """Per person of one group whose days are over: customer_id, arm, exposed_at, the outcomes, past (margin or revenue of the
    time before), and `value` of a cut. Money in major units; all of it floats."""
    window, before = design.window_days * DAY, design.before_days * DAY
    met = rows.filter(rows.arms == 1, rows.exposed_at + window <= scope.question.as_of).drop("arms")
    scale = float(10 ** exponent_of(scope.question.currency))
    orders = customer_orders(scope).select("customer_id", "order_key", at="ordered_at")
    money = {"revenue": flows(scope, "revenue"), "margin": flows(scope, "margin")}
    found = _joined(met, _within(met, orders, window).agg(orders=_.count()))
    for name, rows_of in money.items():
        found = _joined(found, _within(met, rows_of, window).agg(**{name: _.minor.sum() / scale}))
    found = _joined(found, _earlier(met, money[past], before).agg(past=_.minor.sum() / scale))
    found = _joined(found, _within(met, _goal(scope, design.goal), window).agg(conversion=_.count()))
    found = _joined(found, _within(met, _unsubscribed(scope), window).agg(unsubscribed=_.count()))
    names = (*NAMES, "past")
    found = found.mutate(**{name: found[name].cast("float64").fill_null(0.0) for name in names})
    found = found.mutate(**{name: _once(found[name]) for name in ("conversion", "unsubscribed")})
    return found if cut is None else _cut(scope, found, cut)


def _within(met: ir.Table, facts: ir.Table, window: int) -> GroupedTable:
    """Facts (customer_id, at) of each person in the days after the first meeting."""
    at = facts["at"]
    rows = met.join(
        facts,
        [met.customer_id == facts.customer_id, at > met.exposed_at, at <= met.exposed_at + window],
        rname="fact_{name}",
    )
    return rows.group_by("customer_id")


def _earlier(met: ir.Table, facts: ir.Table, before: int) -> GroupedTable:
    at = facts["at"]
    rows = met.join(
        facts,
        [met.customer_id == facts.customer_id, at <= met.exposed_at, at > met.exposed_at - before],
        rname="fact_{name}",
    )
    return rows.group_by("customer_id")


def _joined(rows: ir.Table, more: ir.Table) -> ir.Table:
    return rows.left_join(more, "customer_id", rname="more_{name}").drop("more_customer_id")


def _once(count: ir.FloatingValue) -> ir.FloatingValue:
    return ibis.cases((count > 0, 1.0), else_=0.0)


def _goal(scope: Scope, goal: Step | None) -> ir.Table:
    if goal is None:
        return customer_orders(scope).select("customer_id", at="ordered_at")
    name = "events" if goal.kind == "event" else goal.kind
    time = "happened_at" if goal.kind == "event" else FACTS[goal.kind].time
    rows = scope.table(name, True)
    rows = rows.filter(rows.customer_id.notnull(), rows[str(time)] < scope.question.until_at, goal.holds(rows))
    return rows.select("customer_id", at=str(time))


def _unsubscribed(scope: Scope) -> ir.Table:
    rows = scope.table("messages", True)
    left = rows.state.isin(("unsubscribed", "complained"))
    rows = rows.filter(rows.customer_id.notnull(), rows.happened_at < scope.question.until_at, left)
    return rows.select("customer_id", at="happened_at")


def _cut(scope: Scope, rows: ir.Table, cut: str) -> ir.Table:
    """With `value`: what was known at the first meeting and so cannot be of the experiment's making."""
    if cut == CUT_KIND:
        return CUTS["kind"].add(scope, rows, "exposed_at").rename(value="kind")
    if cut == CUT_CHANNEL:
        met = rows.select("customer_id", order_key="customer_id", ordered_at="exposed_at")
        events = scope.table("events", True).filter(_.happened_at < scope.question.until_at)
        last = touches_of(met, events, "channel").select(customer_id="order_key", value="touch")
        found = _joined(rows, last)
        return found.mutate(value=found["value"].fill_null(UNKNOWN))
    members = scope.table("memberships", True)
    members = members.filter(members.segment_id == int(cut), members.customer_id.notnull())
    inside = rows.join(members, "customer_id", rname="list_{name}")
    still = inside.left_at.isnull() | (inside.left_at > inside.exposed_at)
    inside = inside.filter(inside.joined_at <= inside.exposed_at, still)
    found = _joined(rows, inside.select("customer_id", was=ibis.literal(INSIDE)).distinct())
    return found.mutate(value=found.was.fill_null(OUTSIDE)).drop("was")
