"""The flywheel of a period: speed, weight, friction, and the energy put in. Sums from the engine, inference here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
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
from schwung.measure.referrals import referral_events
from schwung.measure.rolling import ByDay, Windows
from schwung.measure.scope import Scope

Run = Callable[[ir.Table], pa.Table]
Keep = Callable[[ir.Table, str], ir.Table]
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
    scope: Scope,
    period: Period,
    run: Run,
    campaigns: Sequence[str] = (),
    windows: Windows | None = None,
    keep: Keep = lambda rows, name: rows,
) -> Flywheel:
    """scope: without cuts, its window ending with the period. campaigns: those that ask for a referral. windows: where
    another period than the one right before is compared with. keep: holds rows at hand that are read several times."""
    windows = windows or Windows.of(period)
    scope = at_hand(scope, keep)
    standing = keep(weight.standing(scope, windows), "standing")
    answered = ByDay.of(run(weight.answers_by_day(standing, windows)))
    both = run(weight.shared(standing, windows)).to_pylist()[0] if len(answered) else {}
    return Flywheel(
        period,
        scope.question.currency,
        _speed(scope, windows, run),
        weight.weight(answered, {name: value or 0.0 for name, value in both.items()}, windows),
        friction(scope, period, run, campaigns, windows, keep),
        energies.energy(run(energies.spend_by_phase(scope, windows)).to_pylist(), scope.question.currency),
        weight.by_phase(answered, windows),
    )


def at_hand(scope: Scope, keep: Keep) -> Scope:
    """The same with the few events and the columns of answers that the flywheel reads, each read once."""
    answers = scope.table("answers", True).filter(_.value.notnull(), _.customer_id.notnull())
    said, referred = keep(answers.select(*_ANSWER), "answers"), keep(referral_events(scope), "referrals")
    return replace(
        scope,
        table=lambda name, customer: said if name == "answers" else scope.table(name, customer),
        at_hand=lambda what: referred if what == "referrals" else scope.ready(what),
    )


def friction(
    scope: Scope,
    period: Period,
    run: Run,
    campaigns: Sequence[str] = (),
    windows: Windows | None = None,
    keep: Keep = lambda rows, name: rows,
) -> Friction:
    """The outflows alone: what the journey map and the findings show of the same money."""
    windows, currency = windows or Windows.of(period), scope.question.currency
    courses = friction_deliveries.courses(scope)
    courses = courses if scope.ready("courses", until_now=True) is not None else keep(courses, "courses")
    rows = ByDay.of(run(friction_deliveries.sums(courses, windows)))
    carts = ByDay.of(run(friction_carts.sums(keep(friction_carts.decided(scope), "carts"), windows)))
    flows: list[Outflow | Missing] = [friction_carts.carts(carts, windows, currency)]
    worth = worth_of(rows.where(rows["which"] == "order"), windows, currency)
    if worth is None:
        return known([NO_ORDERS])
    flows += [late(rows, windows, worth, currency) for late in (friction_late.late, friction_late.returned)]
    promoters = ByDay.of(run(friction_referrals.sums(scope, windows, campaigns)))
    return known([*flows, friction_referrals.not_asked(promoters, windows, worth, currency)])


def _speed(scope: Scope, windows: Windows, run: Run) -> Measure:
    orders = ByDay.of(run(speed.orders_by_day(scope, windows)))
    if not len(orders):
        return Measure("speed", Estimate(None), missing=(NO_ORDERS,))
    return speed.speed(orders, ByDay.of(run(speed.referrals_by_day(scope, windows))), windows)
