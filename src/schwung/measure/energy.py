"""Energy: what was put into each phase, money and hours, beside the speed that it should raise."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.money import exponent_of
from schwung.measure.missing import Missing, lacks
from schwung.measure.rolling import Windows, day_on
from schwung.measure.scope import Scope

PHASES = ("attract", "interact", "delight", "")
"""The last one: spend that no phase was stated for."""
NO_SPEND = lacks(
    "spend",
    "Spend and hours per phase are not entered: energy is not known.",
    "Ausgaben und Stunden je Phase sind nicht erfasst: Die Energie ist nicht bekannt.",
)


@dataclass(frozen=True, slots=True)
class Put:
    """Into one phase: money in major units and hours, now and in the period before."""

    amount: float
    hours: float
    amount_before: float
    hours_before: float


@dataclass(frozen=True, slots=True)
class Energy:
    """by_phase: `attract`, `interact`, `delight`, and "" for what states none."""

    by_phase: dict[str, Put]
    missing: tuple[Missing, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "by_phase": {
                phase or "none": {"amount": put.amount, "hours": put.hours, "amount_before": put.amount_before, "hours_before": put.hours_before}
                for phase, put in self.by_phase.items()
            },
            "missing": [lack.to_json() for lack in self.missing],
        }  # fmt: skip


def spend_by_phase(scope: Scope, windows: Windows) -> ir.Table:
    """phase, is_now: amount (minor units), hours; and how many rows there are at all, as the phase `any`."""
    spend = scope.table("spend", False)
    own = spend.currency.isnull() | (spend.currency == scope.question.currency)
    is_now, was = (_within(spend, *window) for window in (windows.now, windows.before))
    inside = spend.mutate(phase=spend.phase.fill_null(""), is_now=is_now).filter(is_now | was)
    summed = inside.group_by(["phase", "is_now"]).agg(
        amount=ibis.cases((own, _.amount_minor), else_=0).sum(), hours=_.hours.fill_null(0.0).sum()
    )
    there = spend.aggregate(amount=_.count()).select(
        phase=ibis.literal("any"), is_now=ibis.literal(True), amount=_.amount, hours=ibis.literal(0.0)
    )
    kinds = {"amount": "int64", "hours": "float64"}
    return summed.cast(kinds).union(there.cast(kinds))


def _within(spend: ir.Table, first: int, end: int) -> ir.BooleanValue:
    return (spend.spent_on >= day_on(first).isoformat()) & (spend.spent_on < day_on(end).isoformat())


def energy(rows: list[dict[str, Any]], currency: str) -> Energy:
    if not any(row["amount"] for row in rows if row["phase"] == "any"):
        return Energy({}, (NO_SPEND,))
    found = {(row["phase"], row["is_now"]): (row["amount"] / 10 ** exponent_of(currency), row["hours"]) for row in rows}
    nothing = (0.0, 0.0)
    return Energy({
        phase: Put(*found.get((phase, True), nothing), *found.get((phase, False), nothing))
        for phase in PHASES
        if phase or (phase, True) in found or (phase, False) in found
    })  # fmt: skip
