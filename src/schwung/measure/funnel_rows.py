"""What the steps of a funnel have to do with each fact: one row per customer and instant, a bit per step."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import Instant
from schwung.measure.funnel import Funnel
from schwung.measure.scope import TableOf
from schwung.measure.step import FACTS, Step

OTHER = 1 << 19
"""An event that is no step: it ends the way of a strict funnel. Ten steps and nine gaps take the bits below."""


@dataclass(frozen=True, slots=True)
class Span:
    """since_at: step 1 not before; None: no lower end. until_at: step 1 before. Later steps may follow within the window."""

    since_at: Instant | None
    until_at: Instant


def step_bit(step: int) -> int:
    """step: from 0."""
    return 1 << step


def gap_bit(funnel: Funnel, after: int) -> int:
    """An exclusion between the step `after` (from 1) and the next. In any order all gaps are one."""
    return 1 << (len(funnel.steps) + (0 if funnel.order == "any" else after - 1))


def bits(funnel: Funnel) -> list[tuple[Step, int]]:
    """Every step and exclusion with its bits."""
    found = [(step, step_bit(nth)) for nth, step in enumerate(funnel.steps)]
    for one in funnel.exclude:
        found.append((one.step, reduce(int.__or__, (gap_bit(funnel, after) for after in one.after))))
    return found


def funnel_rows(funnel: Funnel, span: Span, table: TableOf) -> ir.Table:
    """customer_id, happened_at, mask: rows that matter, several per customer and instant. Guests are left out."""
    asked = bits(funnel)
    parts = [
        _part(funnel, span, kind, [one for one in asked if one[0].kind == kind], table)
        for kind in dict.fromkeys(["event"] * (funnel.order == "strict") + [step.kind for step, _ in asked])
    ]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def _part(funnel: Funnel, span: Span, kind: str, asked: Sequence[tuple[Step, int]], table: TableOf) -> ir.Table:
    rows = table("events" if kind == "event" else kind, True)
    time = "happened_at" if kind == "event" else str(FACTS[kind].time)
    at = rows[time]
    tests = [rows.customer_id.notnull(), at < span.until_at + (0 if funnel.order == "any" else funnel.window + 1)]
    if span.since_at is not None:
        tests.append(at >= span.since_at)
    if kind == "orders":
        tests.append(~rows.is_cancelled)
    strict = funnel.order == "strict"
    if kind == "event" and not strict:
        tests.append(rows["name"].isin(list(dict.fromkeys(step.name for step, _ in asked))))
    rows = rows.filter(*tests)
    mask = _mask(rows, asked)
    if strict and kind == "event":
        mask = ibis.cases((mask == 0, OTHER), else_=mask)
    found = rows.select("customer_id", happened_at=rows[time], mask=mask.cast("int32"))
    if not strict and any(step.where for step, _ in asked):
        found = found.filter(_.mask != 0)
    if funnel.order == "any" or not asked:
        return found
    # Who begins after the period does not begin: only later steps may lie beyond its end.
    late = (found.happened_at >= span.until_at) & (found.mask % 2 == 1)
    return found.mutate(mask=ibis.cases((late, found.mask - 1), else_=found.mask).cast("int32"))


def _mask(rows: ir.Table, asked: Sequence[tuple[Step, int]]) -> ir.IntegerValue:
    """Steps that only ask for a name share one CASE; the others are tested one by one."""
    plain: dict[str, int] = {}
    values: list[ir.IntegerValue] = []
    for step, bit in asked:
        if step.kind == "event" and not step.where:
            plain[step.name] = plain.get(step.name, 0) | bit
        else:
            values.append(ibis.cases((step.holds(rows), bit), else_=0))
    if plain:
        values.insert(0, ibis.cases(*((rows["name"] == name, bit) for name, bit in plain.items()), else_=0))
    return reduce(add, values) if values else ibis.literal(0)
