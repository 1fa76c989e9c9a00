"""From a plan as data to its answer: the split, customer equity, or both; and from fitted curves to a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from schwung.core.text import Text
from schwung.predict.budget.answer import Budget, allocate
from schwung.predict.budget.curves import curve_wrong
from schwung.predict.budget.equity import Equity, customer_equity, read_equity
from schwung.predict.budget.fit import FittedChannel
from schwung.predict.budget.plan import Channel, Plan, read_plan

OUTCOMES: Mapping[str, Text] = {
    "revenue": Text("Revenue", "Umsatz"),
    "margin": Text("Margin", "Marge"),
    "orders": Text("Orders", "Bestellungen"),
    "new_customers": Text("New customers", "Neukunden"),
}
"""What curves can be fitted to, of a workspace."""
BEYOND = 1.5
"""How far beyond the highest spend seen a curve is trusted, where the data show its bend; else not at all."""
OBSERVED = Text(
    "The curves come from orders credited to channels, period by period. They describe; what a channel causes shows only in an experiment.",
    "Die Kurven stammen aus Bestellungen, die Kanälen Zeitraum für Zeitraum zugerechnet sind. Sie beschreiben; was ein Kanal bewirkt, zeigt nur ein Experiment.",
)  # fmt: skip
NONE_SUPPORTED = Text(
    "The data support no curve, so there is nothing to split. Enter curves, or vary the spend on purpose and ask again.",
    "Die Daten stützen keine Kurve, also gibt es nichts aufzuteilen. Kurven eingeben, oder die Ausgaben gezielt verändern und wieder fragen.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a workspace's data say of its channels' curves."""

    unit: str
    outcome: str
    since_on: date
    until_on: date
    periods: int
    channels: tuple[FittedChannel, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit, "outcome": self.outcome, "since": self.since_on.isoformat(), "until": self.until_on.isoformat(),
            "periods": self.periods, "channels": [one.to_json() for one in self.channels], "remark": {"en": OBSERVED.en, "de": OBSERVED.de},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """budget None: no channels were given, or the data support no curve."""

    budget: Budget | None = None
    equity: Equity | None = None
    evidence: Evidence | None = None

    def to_json(self) -> dict[str, Any]:
        """The split; beside it `equity` and `evidence` where they were asked for."""
        found: dict[str, Any] = self.budget.to_json() if self.budget else {}
        if self.budget is None and self.evidence is not None:
            found = {"channels": [], "sentences": [{"en": NONE_SUPPORTED.en, "de": NONE_SUPPORTED.de}]}
        if self.equity:
            found["equity"] = self.equity.to_json()
        if self.evidence:
            found["evidence"] = self.evidence.to_json()
        return found

    def to_pandas(self) -> Any:
        """One row per channel."""
        import pandas

        return pandas.DataFrame() if self.budget is None else self.budget.to_pandas()


def solve_budget(data: Mapping[str, Any], currency: str = "EUR") -> Answered:
    """data: as docs/how-to/budget.md tells. InputError budget_wrong, budget_too_small."""
    if not isinstance(data, Mapping) or not ("channels" in data or "equity" in data):
        raise curve_wrong(
            Text("a plan has channels, equity, or both", "ein Plan hat channels, equity oder beides"), data
        )
    equity = customer_equity(read_equity(data["equity"])) if "equity" in data else None
    return Answered(allocate(read_plan(data, currency)) if "channels" in data else None, equity)


def plan_of(fitted: Sequence[FittedChannel], money: float | None, base: Plan) -> Plan | None:
    """The channels whose curves the data support; what is spent on them now, unless told otherwise. None where there is none."""
    channels = tuple(
        Channel(
            one.name, one.curve, high=one.most * (BEYOND if one.verdict == "ok" else 1.0), current=round(one.mean, 2),
            errors=one.errors or {}, draws=one.draws,
        )
        for one in fitted
        if one.supported and one.curve is not None
    )  # fmt: skip
    if not channels:
        return None
    return replace(base, money=money if money is not None else round(sum(one.current or 0.0 for one in channels), 2), channels=channels)  # fmt: skip


def plan_data(plan: Plan) -> dict[str, Any]:
    """The plan as a file holds it, to be changed and asked again."""
    channels = []
    for one in plan.channels:
        curve = {"kind": one.curve.kind, "b": _short(one.curve.b), "k": _short(one.curve.k)}
        curve |= {"n": _short(one.curve.n)} if one.curve.kind in ("hill", "power") else {}
        entry: dict[str, Any] = {"name": one.name, "purpose": one.purpose, "curve": curve}
        entry |= {"errors": {name: _short(value) for name, value in one.errors.items()}} if one.errors else {}
        entry |= {"unit": one.unit} if one.unit != "money" else {}
        entry |= {"min": one.low} if one.low else {}
        entry |= {"max": _short(one.high)} if one.high < 1e15 else {}
        entry |= {"current": one.current} if one.current is not None else {}
        channels.append(entry)
    return {"money": plan.money, **({"hours": plan.hours} if plan.hours is not None else {}), "currency": plan.currency, "channels": channels}  # fmt: skip


def _short(value: float) -> float:
    return float(f"{value:.6g}")
