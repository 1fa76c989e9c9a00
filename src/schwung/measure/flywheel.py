"""The flywheel of a period: speed, weight, friction, and the energy put in. Sums from the engine, inference here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.period import Period
from schwung.measure import energy as energies
from schwung.measure import friction_carts, friction_deliveries, friction_late, friction_referrals, speed, weight
from schwung.measure.energy import Energy
from schwung.measure.friction import Friction, Outflow, known
from schwung.measure.friction_pricing import worth_of
from schwung.measure.inference import Estimate
from schwung.measure.missing import Missing, lacks
from schwung.measure.moved import Measure
from schwung.measure.reading import Made, Reading, held
from schwung.measure.referrals import referral_events
from schwung.measure.rolling import ByDay, Windows
from schwung.measure.scope import Scope
from schwung.measure.scores import is_scored, with_next

_ANSWER = (
    "customer_id", "answer_key", "answered_at", "metric", "question_id", "phase", "touchpoint", "value", "scale_low",
    "scale_high", "better",
)  # fmt: skip
NO_ORDERS = lacks("orders", "There are no orders yet.", "Es gibt noch keine Bestellungen.")


@dataclass(frozen=True, slots=True)
class Flywheel:
    """period: the days that it tells of. currency: of all money. phases: what customers feel in each, 0 to 100."""

    period: Period
    currency: str
    speed: Measure
    weight: Measure
    friction: Friction
    energy: Energy
    phases: dict[str, Estimate]

    def to_json(self) -> dict[str, Any]:
        """Everything but the trends; money in major units."""
        return {
            "since": self.period.since_on.isoformat(),
            "until": self.period.until_on.isoformat(),
            "currency": self.currency,
            "speed": self.speed.to_json(),
            "weight": self.weight.to_json()
            | {"by_phase": {name: {"value": one.value, "low": one.low, "high": one.high, "n": one.n} for name, one in self.phases.items()}},
            "friction": self.friction.to_json(),
            "energy": self.energy.to_json(),
        }  # fmt: skip


def flywheel(
    reading: Reading, period: Period, campaigns: Sequence[str] = (), windows: Windows | None = None
) -> Flywheel:
    """reading: of a scope without cuts, its window ending with the period. campaigns: those that ask for a referral.
    windows: where another period than the one right before is compared with."""
    windows, currency = windows or Windows.of(period), reading.scope.question.currency
    if reading.scope.ready("answers") is None:
        reading.keep("answers", answers_of)
    if reading.scope.ready("referrals") is None:
        reading.keep("referrals", referral_events)
    reading.keep("standing", lambda scope: weight.standing(_said(scope), windows))
    stood = reading.rows("answers_by_day", lambda scope: weight.answers_by_day(held(scope, "standing"), windows))
    shared = reading.rows("shared", lambda scope: weight.shared(held(scope, "standing"), windows))
    answered = ByDay.of(stood)
    both = shared.to_pylist()[0] if len(answered) else {}
    spent = reading.rows("spend_by_phase", lambda scope: energies.spend_by_phase(_said(scope), windows))
    return Flywheel(
        period,
        currency,
        _speed(reading, windows),
        weight.weight(answered, {name: value or 0.0 for name, value in both.items()}, windows),
        friction(reading, campaigns, windows),
        energies.energy(spent.to_pylist(), currency),
        weight.by_phase(answered, windows),
    )


def answers_of(scope: Scope) -> ir.Table:
    """Those with a value, of customers; what the flywheel reads of them, and `scores.NEXT`."""
    answers = scope.table("answers", True).filter(_.value.notnull(), _.customer_id.notnull())
    answers = answers.select(*_ANSWER)
    told = answers.mutate(is_scored=ibis.and_(*is_scored(answers)).fill_null(False))
    return with_next(told, "is_scored").drop("is_scored")


def _said(scope: Scope) -> Scope:
    """The same with the columns of answers that the flywheel reads, where they are held."""
    said = scope.ready("answers")
    if said is None:
        return scope
    return replace(scope, table=lambda name, customer: said if name == "answers" else scope.table(name, customer))


def friction(reading: Reading, campaigns: Sequence[str], windows: Windows) -> Friction:
    """The outflows alone: what the journey map and the findings show of the same money."""
    currency = reading.scope.question.currency
    for name, made in _SORTED.items():
        if reading.scope.ready(name, until_now=True) is None:
            reading.keep(f"own_{name}", made)
    rows = ByDay.of(
        reading.rows("deliveries", lambda scope: friction_deliveries.sums(_sorted(scope, "courses"), windows))
    )
    carts = ByDay.of(reading.rows("carts_by_day", lambda scope: friction_carts.sums(_sorted(scope, "carts"), windows)))
    flows: list[Outflow | Missing] = [friction_carts.carts(carts, windows, currency)]
    worth = worth_of(rows.where(rows["which"] == "order"), windows, currency)
    if worth is None:
        return known([NO_ORDERS])
    flows += [late(rows, windows, worth, currency) for late in (friction_late.late, friction_late.returned)]
    promoters = reading.rows("promoters", lambda scope: friction_referrals.sums(_said(scope), windows, campaigns))
    return known([*flows, friction_referrals.not_asked(ByDay.of(promoters), windows, worth, currency)])


_SORTED: Mapping[str, Made] = {"courses": friction_deliveries.courses, "carts": friction_carts.decided}
"""What costs much and is read in whole."""


def _sorted(scope: Scope, name: str) -> ir.Table:
    own = scope.ready(f"own_{name}")
    return _SORTED[name](scope) if own is None else own


def _speed(reading: Reading, windows: Windows) -> Measure:
    orders = ByDay.of(reading.rows("orders_by_day", lambda scope: speed.orders_by_day(scope, windows)))
    if not len(orders):
        return Measure("speed", Estimate(None), missing=(NO_ORDERS,))
    referrals = reading.rows("referrals_by_day", lambda scope: speed.referrals_by_day(scope, windows))
    return speed.speed(orders, ByDay.of(referrals), windows)
