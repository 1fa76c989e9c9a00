"""What the engine counts for a journey map, from the stays in phases: people, moves onward with their wait, contacts, answers."""

from itertools import pairwise

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import SECOND
from schwung.core.period import Period
from schwung.measure.journey_map.contacts import contacts
from schwung.measure.phase import PHASES, WHEEL
from schwung.measure.scope import Scope
from schwung.measure.scores import scores

ORDER = [*PHASES]
NEXT = dict(pairwise(ORDER))
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_FALLBACK = {"attract": "explore", "interact": "use", "delight": "engage"}


def onward(stays: ir.Table, periods: tuple[Period, ...], until_at: int) -> ir.Table:
    """which (place of the period), phase, took (seconds from entering the phase to entering the next one, by the minute,
    from two days on by the hour; null: not gone there): customers who were in the phase at any time of the period, each by
    the first stay that touches it."""
    later = ibis.window(group_by="customer_id", order_by="entered_at", rows=(1, None))
    arms = []
    for phase, after in NEXT.items():
        entered = ibis.cases((stays.phase == after, stays.entered_at)).min()
        arms.append((stays.phase == phase, entered.over(later)))
    rows = stays.mutate(next_at=ibis.cases(*arms))
    parts = []
    for which, period in enumerate(periods):
        end = min(period.until_at, until_at)
        inside = rows.filter(rows.entered_at < end, rows.left_at > period.since_at)
        first = inside.group_by(["customer_id", "phase"]).agg(
            entered_at=_.entered_at.min(), next_at=ibis.cases((_.next_at < end, _.next_at)).min()
        )
        took = (first.next_at - first.entered_at) // SECOND
        rounded = ibis.cases((took < 2 * _DAY, took // _MINUTE * _MINUTE), else_=took // _HOUR * _HOUR)
        parts.append(first.select("phase", which=ibis.literal(which, "int64"), took=rounded.cast("int64")))
    both = parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0]
    return both.group_by(["which", "phase", "took"]).agg(customers=_.count())


def by_channel(scope: Scope, stays: ir.Table, since_at: int) -> ir.Table:
    """phase (in which the customer was at that moment), channel, touchpoint: contacts."""
    rows = contacts(scope, since_at)
    there = stays.select(who="customer_id", phase="phase", entered_at="entered_at", left_at="left_at")
    known = rows.join(
        there, [rows.customer_id == there.who, rows["at"] >= there.entered_at, rows["at"] < there.left_at]
    )
    return known.group_by(["phase", "channel", "touchpoint"]).agg(contacts=_.count())


def answers(scope: Scope, stays: ir.Table, since_at: int) -> ir.Table:
    """phase, metric: n, total, squares of the scores (0 to 100); of NPS also whole, promoters, detractors.

    An answer belongs to the phase in which the customer was right before it. Where the question says another third of the
    flywheel, that counts: attract is Explore, interact is Use, delight is Engage (effort: Ask).
    """
    said = scores(scope).filter(_.answered_at >= since_at)
    before = stays.select(who="customer_id", stay="phase", entered_at="entered_at", left_at="left_at")
    rows = said.join(before, [said.customer_id == before.who, said.answered_at > before.entered_at, said.answered_at <= before.left_at])  # fmt: skip
    fits = [((rows.phase == third) & rows.stay.isin(both), rows.stay) for third, both in WHEEL.items()]
    effort = ((rows.phase == "delight") & (rows.metric == "ces"), ibis.literal("ask"))
    others = [(rows.phase == third, ibis.literal(phase)) for third, phase in _FALLBACK.items()]
    rows = rows.mutate(column=ibis.cases(*fits, effort, *others, else_=rows.stay))
    value = rows.score / 10
    is_whole = (rows.metric == "nps") & (value == value.round())
    rows = rows.mutate(
        is_whole=is_whole.cast("int64"),
        is_promoter=(is_whole & (rows.score >= 90)).cast("int64"),
        is_detractor=(is_whole & (rows.score <= 60)).cast("int64"),
    )
    return rows.group_by(["column", "metric"]).agg(
        n=_.count(), total=_.score.sum(), squares=(_.score * _.score).sum(),
        whole=_.is_whole.sum(), promoters=_.is_promoter.sum(), detractors=_.is_detractor.sum(),
    )  # fmt: skip
