"""Acquisition against retention by customer equity (Blattberg & Deighton 1996, Manage Marketing by the Customer Equity Test).

For A spent on each prospect a share a(A) becomes customers; for R spent on each customer a year a share r(R) stays. With a yearly
margin m and r' = r ÷ (1 + d), a prospect is worth a·m − A + a·(m − R/r)·r'/(1 − r'). Both rates rise towards a ceiling,
ceiling·(1 − e^(−k·spend)); k follows from what is reached now. At the best point the last euro that wins a customer, and the
last one that keeps a customer, both cost what a customer is worth (Pfeifer 2005), which the tests hold it to.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.core.text import Text
from schwung.predict.budget.curves import Curve, curve_wrong
from schwung.predict.budget.plan import known_keys, number_of, within

_GRID = 400
_TURNS = 80


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that grows with spend. spend, rate: what is spent on each now, and what is reached; ceiling: what money cannot pass."""

    spend: float
    rate: float
    ceiling: float

    def __post_init__(self) -> None:
        if not 0 < self.rate < self.ceiling <= 1 or self.spend <= 0:
            raise curve_wrong(
                Text("a rate lies above 0 and below its ceiling, which is at most 1, at a spend above 0", "eine Quote liegt über 0 und unter ihrer Obergrenze, die höchstens 1 ist, bei Ausgaben über 0"),
                f"{self.rate}, {self.ceiling}, {self.spend}",
            )  # fmt: skip

    @property
    def curve(self) -> Curve:
        return Curve("exponential", self.ceiling, -self.spend / math.log1p(-self.rate / self.ceiling))


@dataclass(frozen=True, slots=True)
class EquityPlan:
    """margin: of a customer a year, before retention. discount: a year. prospects: addressed in the year; customers: there are now.

    money, hours: of the year, None: no limit. hours_each: for each euro of acquisition and of retention.
    """

    acquisition: Rate
    retention: Rate
    margin: float
    discount: float
    prospects: float = 1.0
    customers: float = 0.0
    money: float | None = None
    hours: float | None = None
    acquisition_hours: float = 0.0
    retention_hours: float = 0.0

    def kept(self, retention: float) -> float:
        """What a customer is worth beyond this year, retention paid."""
        rate = self.retention.curve.value(retention)
        if rate <= 0:
            return 0.0
        discounted = rate / (1 + self.discount)
        return (self.margin - retention / rate) * discounted / (1 - discounted)

    def equity(self, acquisition: float, retention: float) -> float:
        """Of all prospects and customers."""
        kept = self.kept(retention)
        won = self.acquisition.curve.value(acquisition) * (self.margin + kept) - acquisition
        return self.prospects * won + self.customers * kept


@dataclass(frozen=True, slots=True)
class Point:
    """Spend on each, what it reaches, what that is worth."""

    acquisition: float
    retention: float
    acquisition_rate: float
    retention_rate: float
    customer_value: float
    equity: float
    money: float
    hours: float

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("acquisition", "retention", "acquisition_rate", "retention_rate", "customer_value", "equity", "money", "hours")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Equity:
    """best: with the money and hours that there are. free: without these limits. next_money: what one more unit of money adds."""

    plan: EquityPlan
    now: Point
    best: Point
    free: Point
    next_money: float

    def sentence(self) -> Text:
        def change(name: str) -> float:
            return float(getattr(self.best, name) - getattr(self.now, name))

        words = {
            (True, True): Text("Spend more on both acquisition and retention.", "Für Akquise und für Bindung mehr ausgeben."),
            (True, False): Text("Shift money from retention to acquisition.", "Geld von der Bindung zur Akquise verlagern."),
            (False, True): Text("Shift money from acquisition to retention.", "Geld von der Akquise zur Bindung verlagern."),
            (False, False): Text("Spend less on both acquisition and retention.", "Für Akquise und für Bindung weniger ausgeben."),
        }  # fmt: skip
        if self.best.equity - self.now.equity <= 1e-3 * abs(self.best.equity):
            return Text("The split now is as good as the best one.", "Die jetzige Aufteilung ist so gut wie die beste.")
        return words[change("acquisition") > 0, change("retention") > 0]

    def to_json(self) -> dict[str, Any]:
        said = self.sentence()
        return {
            "now": self.now.to_json(), "best": self.best.to_json(), "without_limits": self.free.to_json(), "next_money": self.next_money,
            "sentence": {"en": said.en, "de": said.de},
        }  # fmt: skip


def customer_equity(plan: EquityPlan) -> Equity:
    """The best spend on each prospect and on each customer."""
    now = _point(plan, plan.acquisition.spend, plan.retention.spend)
    free = _best(plan, None, None)
    best = _best(plan, plan.money, plan.hours) if plan.money is not None or plan.hours is not None else free
    step = 0.0 if plan.money is None else max(1e-4 * plan.money, 1e-6)
    more = _best(plan, (plan.money or 0.0) + step, plan.hours).equity if step else best.equity
    return Equity(plan, now, best, free, (more - best.equity) / step if step else 0.0)


def read_equity(data: Any) -> EquityPlan:
    """From a mapping, as a YAML file holds it under `equity`. InputError budget_wrong that says what is wrong."""
    if not isinstance(data, Mapping):
        raise curve_wrong(Text("equity is a mapping", "equity ist eine Zuordnung"), data)
    known_keys(
        data, frozenset(("acquisition", "retention", "margin", "discount", "prospects", "customers", "money", "hours"))
    )
    rates, hours = {}, {}
    for name in ("acquisition", "retention"):
        part = data.get(name)
        if not isinstance(part, Mapping):
            raise curve_wrong(
                Text("{name} has spend, rate and ceiling", "{name} hat spend, rate und ceiling").fill(name=name), part
            )
        known_keys(part, frozenset(("spend", "rate", "ceiling", "hours_each")))
        rates[name] = Rate(number_of(part, "spend"), number_of(part, "rate"), number_of(part, "ceiling"))
        hours[name] = number_of(part, "hours_each", 0.0)
    return EquityPlan(
        rates["acquisition"], rates["retention"], number_of(data, "margin"), within(data.get("discount", 0.1), "discount", 0, 10),
        number_of(data, "prospects", 1.0), number_of(data, "customers", 0.0), number_of(data, "money", None), number_of(data, "hours", None),
        hours["acquisition"], hours["retention"],
    )  # fmt: skip


def _point(plan: EquityPlan, acquisition: float, retention: float) -> Point:
    kept = plan.kept(retention)
    return Point(
        acquisition, retention, plan.acquisition.curve.value(acquisition), plan.retention.curve.value(retention),
        plan.margin + kept, plan.equity(acquisition, retention),
        plan.prospects * acquisition + plan.customers * retention,
        plan.acquisition_hours * plan.prospects * acquisition + plan.retention_hours * plan.customers * retention,
    )  # fmt: skip


def _best(plan: EquityPlan, money: float | None, hours: float | None) -> Point:
    """For each spend on retention the best on acquisition is known; so a grid over one number, then a golden section."""

    def acquisition(retention: float) -> float:
        most = math.inf
        for limit, prospect, customer in (
            (money, plan.prospects, plan.customers * retention),
            (hours, plan.prospects * plan.acquisition_hours, plan.customers * retention * plan.retention_hours),
        ):
            if limit is not None and prospect > 0:
                most = min(most, max(0.0, limit - customer) / prospect)
        curve, worth = plan.acquisition.curve, plan.margin + plan.kept(retention)
        if worth <= 0:
            return 0.0
        return Curve(curve.kind, curve.b * worth, curve.k).best(1.0, 0.0, min(most, 60 * curve.k))

    def worth(retention: float) -> float:
        return plan.equity(acquisition(retention), retention)

    most = min(60 * plan.retention.curve.k, plan.margin)
    for limit, each in ((money, plan.customers), (hours, plan.customers * plan.retention_hours)):
        if limit is not None and each > 0:
            most = min(most, limit / each)
    grid = [most * nth / _GRID for nth in range(_GRID + 1)]
    place = max(range(len(grid)), key=lambda nth: worth(grid[nth]))
    low, high = grid[max(0, place - 1)], grid[min(_GRID, place + 1)]
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(_TURNS):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (left, high) if worth(left) < worth(right) else (low, right)
    retention = max((low, high, (low + high) / 2, grid[place]), key=worth)
    return _point(plan, acquisition(retention), retention)
