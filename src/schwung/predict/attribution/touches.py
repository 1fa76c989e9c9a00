"""Journeys of a workspace, built on the engine: what brought each order, and what brought none.

A touch is an event with a channel that is not direct, of a known customer. Before an order count all touches within the
lookback, so that one touch may count before several orders, as for the cut `channel`. Touches that no order of the customer
followed within the lookback make journeys without conversion: stretches of at most one lookback. They count once the
lookback after their last touch is over; until then they are open.
"""

from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from schwung.core.clock import DAY
from schwung.measure.cuts import DIRECT
from schwung.measure.margin import order_margins
from schwung.measure.scope import Scope
from schwung.measure.spending import attracts

MOST_TOUCHES = 100
"""Of a journey its last ones."""
BETWEEN = "\x1f"
_PLACE = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """by: `channel` or `campaign`. only_new: first orders alone. half_life_days: of time decay."""

    by: str = "channel"
    lookback_days: int = 30
    only_new: bool = False
    half_life_days: float = 7.0


def orders(scope: Scope, wish: Wish) -> ir.Table:
    """Orders of the window that were not cancelled: order_key, customer_id (null for guests), ordered_at, value, margin."""
    bare = scope.bare
    rows = bare.sales().select("order_key", "customer_id", "ordered_at", value="amount_minor")
    if wish.only_new:
        rows = rows.semi_join(bare.first_orders(), "order_key")
    margins = order_margins(bare).select("order_key", margin="margin_minor")
    return rows.left_join(margins, "order_key").drop("order_key_right")


def totals(bought: ir.Table) -> ir.Table:
    """One row: orders, guests, and how many of them have a known margin."""
    return bought.aggregate(orders=_.count(), guests=_.customer_id.isnull().sum(), with_margin=_.margin.notnull().sum())


def journeys(scope: Scope, wish: Wish, bought: ir.Table, before: ir.Table) -> ir.Table:
    """Per different journey: path (as `names_of` reads it), won, value, margin (sums of minor units), lost, and open, how many may
    still lead to an order. bought: of `orders`; before: of `before_orders`."""
    paths = _paths(before, "order_key").join(bought, "order_key")
    zero, one = (ibis.literal(number, "int64") for number in (0, 1))
    ordered = paths.select(
        "path", won=one, value=paths.value.fill_null(0), margin=paths.margin.fill_null(0), lost=zero, open=zero
    )
    idle = _without_order(scope, wish)
    ended = idle.group_by("journey").agg(over_at=_.happened_at.max() + wish.lookback_days * DAY)
    rest = _paths(idle, "journey").join(ended, "journey")
    question = scope.question
    if question.since_at is not None:
        rest = rest.filter(rest.over_at >= question.since_at)
    is_open = (rest.over_at >= question.until_at).cast("int64")
    idled = rest.select("path", won=zero, value=zero, margin=zero, lost=one - is_open, open=is_open)
    sums = {name: _[name].sum() for name in ("won", "value", "margin", "lost", "open")}
    return ordered.union(idled).group_by("path").agg(**sums)


def names_of(paths: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists of names, the first touch first."""
    return pc.split_pattern(pc.replace_substring_regex(paths, f"(^|{BETWEEN})[0-9]{{{_PLACE}}}", "\\1"), BETWEEN)


def decayed(wish: Wish, bought: ir.Table, before: ir.Table) -> ir.Table:
    """Per name the credit by time decay: won, value, margin."""
    age = (before.happened_at - before.newest_at) / (wish.half_life_days * DAY)
    rows = before.mutate(weight=ibis.literal(2.0) ** age)
    rows = rows.mutate(part=rows.weight / rows.weight.sum().over(ibis.window(group_by="order_key")))
    rows = rows.select("order_key", "touch", "part").join(bought, "order_key")
    return rows.group_by("touch").agg(
        won=_.part.sum(),
        value=(_.part * _.value.fill_null(0)).sum(),
        margin=(_.part * _.margin.fill_null(0)).sum(),
    )


def shared(bought: ir.Table, before: ir.Table) -> ir.Table:
    """Orders credited evenly to the distinct names before each: touch, ordered_at, part, value and margin (minor
    units of that part)."""
    rows = before.select("order_key", "touch").distinct()
    rows = rows.mutate(part=1.0 / _.touch.count().over(ibis.window(group_by="order_key")))
    rows = rows.join(bought, "order_key")
    worth = {name: rows.part * rows[name].fill_null(0) for name in ("value", "margin")}
    return rows.select("touch", "ordered_at", "part", **worth)


def spent(scope: Scope, wish: Wish) -> ir.Table:
    """Per name what was spent in the window: minor, hours, brings (1: some of it to attract). Of new customers alone: only that."""
    where = attracts if wish.only_new else None
    rows = scope.bare.facts("spend", where=where, customer=False)
    rows = rows.filter(rows[wish.by].notnull())
    return rows.group_by(touch=wish.by).agg(
        minor=_.amount_minor.sum(), hours=_.hours.sum(), brings=attracts(rows).cast("int64").max()
    )


def _touches(scope: Scope, wish: Wish, lookbacks: int) -> ir.Table:
    """customer_id, happened_at, event_no, touch, from so many lookbacks before the window on."""
    question = scope.question
    events = scope.table("events", True)
    tests = [
        events[wish.by].notnull(), events.channel.lower().notin(DIRECT), events.order_id.isnull(),
        events.customer_id.notnull(), events.happened_at < question.until_at,
    ]  # fmt: skip
    if question.since_at is not None:
        tests.append(events.happened_at >= question.since_at - lookbacks * wish.lookback_days * DAY)
    return events.filter(*tests).select("customer_id", "happened_at", "event_no", touch=wish.by)


def before_orders(scope: Scope, wish: Wish, bought: ir.Table) -> ir.Table:
    """Touches before orders: order_key, touch, happened_at, from_end, newest_at; the last MOST_TOUCHES of each order."""
    bought = bought.filter(_.customer_id.notnull()).select("order_key", "customer_id", "ordered_at")
    touches = _touches(scope, wish, 1).rename(who="customer_id")
    met = bought.join(
        touches,
        [
            bought.customer_id == touches.who,
            touches.happened_at <= bought.ordered_at,
            touches.happened_at >= bought.ordered_at - wish.lookback_days * DAY,
        ],
    )
    met = met.mutate(newest_at=met.happened_at.max().over(ibis.window(group_by="order_key")))
    return _latest(met, "order_key", "newest_at")


def _without_order(scope: Scope, wish: Wish) -> ir.Table:
    """Touches that no order followed within the lookback: journey (a text), touch, happened_at, from_end."""
    touches = _touches(scope, wish, 3)
    lookback = wish.lookback_days * DAY
    ever = replace(scope.bare, question=replace(scope.question, by=(), since_on=None))
    bought = ever.sales().filter(_.customer_id.notnull()).select("ordered_at", who="customer_id")
    idle = touches.anti_join(
        bought,
        [
            touches.customer_id == bought.who,
            touches.happened_at <= bought.ordered_at,
            touches.happened_at >= bought.ordered_at - lookback,
        ],
    )
    here = {"group_by": "customer_id", "order_by": ["happened_at", "event_no"]}
    before = idle.happened_at.lag().over(ibis.window(**here))
    idle = idle.mutate(begins=ibis.cases((before.isnull() | (idle.happened_at - before > lookback), 1), else_=0))
    idle = idle.mutate(run=idle.begins.sum().over(ibis.window(**here, preceding=None, following=0)).cast("int64"))
    first_at = idle.happened_at.min().over(ibis.window(group_by=["customer_id", "run"]))
    stretch = (idle.happened_at - first_at) // lookback
    key = idle.customer_id.cast("string") + "/" + idle.run.cast("string") + "/" + stretch.cast("string")
    return _latest(idle.mutate(journey=key), "journey")


def _latest(rows: ir.Table, journey: str, *also: str) -> ir.Table:
    place = ibis.row_number().over(group_by=journey, order_by=[ibis.desc("happened_at"), ibis.desc("event_no")])
    rows = rows.mutate(from_end=place).filter(_.from_end < MOST_TOUCHES)
    return rows.select(journey, "touch", "happened_at", "from_end", *also)


def _paths(rows: ir.Table, journey: str) -> ir.Table:
    """journey, path: its names, each after the number of its place, by which engines sort alike. Equal journeys have equal
    numbers, for these count from the end."""
    place = (10**_PLACE + MOST_TOUCHES - rows.from_end).cast("string").substr(1)
    rows = rows.mutate(placed=place + rows.touch)
    found = rows.group_by(journey).agg(names=_.placed.collect())
    return found.select(journey, path=found.names.sort().join(BETWEEN))
