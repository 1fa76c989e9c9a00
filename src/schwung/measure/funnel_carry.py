"""Each customer's way through a funnel as windowed carries: Ibis alone, the same on every engine.

A carry is the latest start that has come as far as a step. It never falls in time, so the greatest so far is the latest: a
running maximum. ClickHouse's windowFunnel keeps the same number per step; the counts are equal to the event.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from schwung.measure.funnel import Funnel
from schwung.measure.funnel_rows import OTHER, gap_bit, step_bit

_NEVER = 2**62
_FAR = 2**57


def ways(funnel: Funnel, rows: ir.Table) -> ir.Table:
    """Per customer who began: customer_id, level (steps reached), t1 … tn (instants of the way that counts, else null).

    rows: of `funnel_rows`.
    """
    moments = _moments(funnel, rows)
    if funnel.order == "any":
        return _any_order(funnel, moments)
    marked = _marked(funnel, moments)
    return _strict(funnel, marked) if funnel.order == "strict" else _chained(funnel, marked, None)


def _moments(funnel: Funnel, rows: ir.Table) -> ir.Table:
    """One row per customer and instant: what several rows at once say is said together."""
    masks = [step_bit(nth) for nth in range(len(funnel.steps))]
    gaps = {gap_bit(funnel, after) for one in funnel.exclude for after in one.after}
    flags = {f"b{bit}": (rows.mask.bit_and_(bit) if hasattr(rows.mask, "bit_and_") else rows.mask & bit) for bit in (*masks, *sorted(gaps), OTHER)}  # fmt: skip
    flagged = rows.select(
        "customer_id", "happened_at", **{name: ibis.cases((flag != 0, 1), else_=0) for name, flag in flags.items()}
    )
    return flagged.group_by(["customer_id", "happened_at"]).agg(**{name: flagged[name].max() for name in flags})


def _so_far() -> ibis.expr.builders.WindowBuilder:
    return ibis.window(group_by="customer_id", order_by="happened_at", preceding=None, following=0)


def _before() -> ibis.expr.builders.WindowBuilder:
    return ibis.window(group_by="customer_id", order_by="happened_at", preceding=(None, 1))


def _all() -> ibis.expr.builders.WindowBuilder:
    return ibis.window(group_by="customer_id")


def _marked(funnel: Funnel, rows: ir.Table) -> ir.Table:
    """With v1 … vn: where a row is step k of a way, the instant at which that way began; else null."""
    rows = rows.mutate(v1=ibis.cases((rows[f"b{step_bit(0)}"] == 1, rows.happened_at)))
    for k in range(2, len(funnel.steps) + 1):
        before = rows[f"v{k - 1}"]
        gap = gap_bit(funnel, k - 1)
        excluded = any(k - 1 in one.after for one in funnel.exclude)
        known = _before() if funnel.later else _so_far()
        further = {"carried": before.max().over(known)}
        if excluded:
            further["came_at"] = ibis.cases((before.notnull(), rows.happened_at)).max().over(known)
            further["out_at"] = ibis.cases((rows[f"b{gap}"] == 1, rows.happened_at)).max().over(_before())
        wide = rows.mutate(**further)
        ok = (wide[f"b{step_bit(k - 1)}"] == 1) & (wide.happened_at - wide.carried <= funnel.window)
        if excluded:
            ok = ok & (wide.out_at.isnull() | (wide.out_at <= wide.came_at))
        rows = wide.mutate(**{f"v{k}": ibis.cases((ok, wide.carried))}).drop(*further)
    return rows


def _chained(funnel: Funnel, rows: ir.Table, level: ir.Table | None) -> ir.Table:
    """The first way that came as far as any: its instants, from the last step back."""
    n = len(funnel.steps)
    reached = {f"r{k}": _first(rows, rows[f"v{k}"].notnull()).over(_all()) for k in range(1, n + 1)}
    rows = rows.mutate(**reached)
    rows = rows.filter(rows.r1.notnull())
    if level is None:
        rows = rows.mutate(level=sum((rows[f"r{k}"].notnull().ifelse(1, 0) for k in range(2, n + 1)), ibis.literal(1)))
    else:
        rows = rows.inner_join(level, "customer_id")
    for k in range(n, 0, -1):
        end = rows[f"r{k}"] if k == n else ibis.cases((rows.level == k, rows[f"r{k}"]))
        if k == n:
            rows = rows.mutate(**{f"t{k}": ibis.cases((rows.level == k, end))})
            continue
        before = rows.happened_at < rows[f"t{k + 1}"] if funnel.later else rows.happened_at <= rows[f"t{k + 1}"]
        earlier = rows[f"v{k}"].notnull() & before
        latest = ibis.cases((earlier, rows.happened_at)).max().over(_all())
        rows = rows.mutate(**{f"t{k}": ibis.coalesce(end, latest)})
    times = [f"t{k}" for k in range(1, n + 1)]
    found = rows.group_by("customer_id").agg(level=rows.level.max(), **{name: rows[name].max() for name in times})
    return _typed(found, times)


def _strict(funnel: Funnel, rows: ir.Table) -> ir.Table:
    """How far each customer came before the first event that is out of turn, counted from the first step 1 on."""
    n = len(funnel.steps)
    begun = rows.mutate(r1=_first(rows, rows.v1.notnull()).over(_all()))
    begun = begun.filter(begun.happened_at >= begun.r1)
    firsts = {f"r{k}": _first(begun, begun[f"v{k}"].notnull()) for k in range(1, n + 1)}
    firsts |= {f"f{k}": _first(begun, begun[f"b{step_bit(k - 1)}"] == 1) for k in range(2, n + 1)}
    other = (begun[f"b{OTHER}"] == 1) & (begun.happened_at > begun.r1)
    per = begun.group_by("customer_id").agg(**firsts, out=_first(begun, other))
    # A place is (instant, step): at one instant other events come first, then the steps in their order.
    stops = [per.out.fill_null(_FAR) * 16]
    for k in range(2, n + 1):
        out_of_turn = per[f"f{k}"].notnull() & (per[f"r{k - 1}"].isnull() | (per[f"r{k - 1}"] > per[f"f{k}"]))
        stops.append(ibis.cases((out_of_turn, per[f"f{k}"]), else_=_FAR) * 16 + k)
    per = per.mutate(**{f"stop{nth}": stop for nth, stop in enumerate(stops)})
    return _chained(funnel, rows, _levels(per, n))


def _levels(per: ir.Table, n: int) -> ir.Table:
    stop = ibis.least(*(per[f"stop{nth}"] for nth in range(n)))
    reached = [
        ibis.cases((per[f"r{k}"].notnull() & (per[f"r{k}"] * 16 + k < stop), 1), else_=0) for k in range(2, n + 1)
    ]
    return per.select("customer_id", level=sum(reached, ibis.literal(1)))


def _any_order(funnel: Funnel, rows: ir.Table) -> ir.Table:
    """The most steps within one window that ends at an event; of several the first."""
    n = len(funnel.steps)
    latest = {
        f"l{k}": ibis.cases((rows[f"b{step_bit(k - 1)}"] == 1, rows.happened_at)).max().over(_so_far())
        for k in range(1, n + 1)
    }
    if funnel.exclude:
        out = ibis.cases((rows[f"b{gap_bit(funnel, 1)}"] == 1, rows.happened_at)).max().over(_before())
        rows = rows.mutate(**latest, out_at=out.fill_null(-_NEVER))
    else:
        rows = rows.mutate(**latest, out_at=ibis.literal(-_NEVER, "int64"))
    within = {
        f"l{k}": ibis.cases(
            ((rows.happened_at - rows[f"l{k}"] <= funnel.window) & (rows[f"l{k}"] >= rows.out_at), rows[f"l{k}"])
        )
        for k in range(1, n + 1)
    }
    rows = rows.mutate(**within)
    rows = rows.mutate(level=sum((rows[f"l{k}"].notnull().ifelse(1, 0) for k in range(1, n + 1)), ibis.literal(0)))
    place = ibis.row_number().over(
        ibis.window(group_by="customer_id", order_by=[ibis.desc("level"), ibis.asc("happened_at")])
    )
    best = rows.mutate(place=place)
    best = best.filter(best.place == 0, best.level > 0)
    return _typed(_sorted(best, n), [f"t{k}" for k in range(1, n + 1)])


def _sorted(best: ir.Table, n: int) -> ir.Table:
    """l1 … ln as t1 ≤ t2 ≤ …: the k-th is the one that k − 1 others precede; equal ones by their number."""
    columns: Sequence[ir.IntegerValue] = [best[f"l{k}"].fill_null(_NEVER) for k in range(1, n + 1)]
    ranks = [
        sum(
            (
                ((other < own) | ((other == own) & ibis.literal(at < nth))).ifelse(1, 0)
                for at, other in enumerate(columns)
            ),
            ibis.literal(0),
        )
        for nth, own in enumerate(columns)
    ]
    ranked = best.mutate(**{f"k{nth + 1}": rank for nth, rank in enumerate(ranks)})
    times = {
        f"t{k}": ibis.coalesce(*(ibis.cases((ranked[f"k{j}"] == k - 1, ranked[f"l{j}"])) for j in range(1, n + 1)))
        for k in range(1, n + 1)
    }
    return ranked.select("customer_id", "level", **times)


def _first(rows: ir.Table, hit: ir.BooleanValue) -> ir.IntegerScalar:
    return ibis.cases((hit, rows.happened_at)).min()


def _typed(found: ir.Table, times: Sequence[str]) -> ir.Table:
    return found.select("customer_id", level=found.level.cast("int64"), **{name: found[name] for name in times})
