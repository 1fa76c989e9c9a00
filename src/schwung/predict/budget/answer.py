"""The best split of a plan: per channel, in all, with more or less money, and how sure that is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.budget.allocate import Activity, Split, at_price, fits, split
from schwung.predict.budget.curves import Curve
from schwung.predict.budget.plan import Channel, Plan

CENT = 0.01
_ROUGH = 1e-5
"""Tolerance of the splits that are drawn: their spread is far wider."""


@dataclass(frozen=True, slots=True)
class Share:
    """One channel's part. effort in the unit of the channel, to the cent; low, high: where the best effort lies if the curves
    are only known so well. next_money: what one more unit of money would bring here; None where it takes no money."""

    name: str
    purpose: str
    unit: str
    effort: float
    money: float
    hours: float
    outcome: float
    value: float
    next_money: float | None
    current: float | None
    current_outcome: float | None
    low: float | None = None
    high: float | None = None
    at_end: str = ""

    @property
    def change(self) -> float | None:
        return None if self.current is None else self.effort - self.current

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "purpose": self.purpose, "unit": self.unit, "effort": self.effort, "money": self.money, "hours": self.hours,
            "outcome": self.outcome, "value": self.value, "next_money": self.next_money, "current": self.current,
            "current_outcome": self.current_outcome, "change": self.change, "low": self.low, "high": self.high, "at": self.at_end or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """The best split of another sum of money. change: against the plan's, 0.1 for 10 % more. value None: the minima take more."""

    change: float
    money: float
    value: float | None
    next_money: float | None
    efforts: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        return {"change": self.change, "money": self.money, "value": self.value, "next_money": self.next_money, "efforts": dict(self.efforts)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Budget:
    """efforts: exact, before they were rounded to the cent. gap: what the best split could bring more at most; 0: proved.

    next_money, next_hour: what one more unit of each brings. current_value: of the efforts now, where all are known.
    value_low, value_high: of this split, as well as the curves are known; gain_*: against the efforts now. enough: the sum at
    which the next unit of money brings just itself back; None where that is beyond what can be spent, or not in money.
    """

    plan: Plan
    shares: tuple[Share, ...]
    efforts: tuple[float, ...]
    value: float
    money: float
    hours: float
    next_money: float
    next_hour: float
    gap: float
    scenarios: tuple[Scenario, ...]
    current_value: float | None = None
    current_money: float | None = None
    value_low: float | None = None
    value_high: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    enough: float | None = None

    @property
    def gain(self) -> float | None:
        return None if self.current_value is None else self.value - self.current_value

    def sentences(self) -> tuple[Text, ...]:
        """What the answer means."""
        found = [_next_sentence(self)]
        if self.next_hour > 0:
            hour = f"{self.next_hour:.2f}"
            found.append(Text("One more hour brings {n}.", "Eine weitere Stunde bringt {n}.").fill(n=Text(hour, hour.replace(".", ","))))  # fmt: skip
        if self.gap:
            found.append(Text("Not proved to be the best: {gap} more may be possible.", "Nicht als bestes bewiesen: {gap} mehr sind möglich.").fill(gap=f"{self.gap:.3g}"))  # fmt: skip
        if self.gain is not None and self.gain_low is not None and self.gain_low <= 0:
            found.append(
                Text(
                    "The curves are not known well enough to say that this is better than the split now.",
                    "Die Kurven sind nicht genau genug bekannt, um zu sagen, dass das besser ist als die jetzige Aufteilung.",
                )
            )
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Efforts to the cent in `channels`, exact ones in `exact`."""
        return {
            "money": self.plan.money, "hours": self.plan.hours, "currency": self.plan.currency,
            "spent": self.money, "hours_used": self.hours, "value": self.value, "value_low": self.value_low, "value_high": self.value_high,
            "level": self.plan.level, "next_money": self.next_money, "next_hour": self.next_hour, "gap": self.gap, "enough": self.enough,
            "current_value": self.current_value, "current_money": self.current_money,
            "gain": self.gain, "gain_low": self.gain_low, "gain_high": self.gain_high,
            "channels": [one.to_json() for one in self.shares],
            "exact": {share.name: effort for share, effort in zip(self.shares, self.efforts, strict=True)},
            "scenarios": [one.to_json() for one in self.scenarios],
            "sentences": [{"en": one.en, "de": one.de} for one in self.sentences()],
        }  # fmt: skip

    def to_pandas(self) -> Any:
        """One row per channel."""
        import pandas

        return pandas.DataFrame([one.to_json() for one in self.shares])


def allocate(plan: Plan) -> Budget:
    """The split that brings most. InputError budget_too_small where the least efforts take more than there is."""
    activities = [one.activity() for one in plan.channels]
    if not fits(activities, plan.money, plan.hours):
        raise InputError(
            "budget_too_small",
            Text("The least amounts of the channels take more than there is.", "Die Mindestbeträge der Kanäle brauchen mehr, als da ist."),
            Text("Lower a minimum, or give more money or hours.", "Einen Mindestbetrag senken oder mehr Geld oder Stunden geben."),
        )  # fmt: skip
    best = split(activities, plan.money, plan.hours)
    rounded = to_cents(activities, best, plan.money, plan.hours)
    draws = _drawn(plan)
    spans = _spans(plan, draws)
    shares = tuple(_share(one, effort, span) for one, effort, span in zip(plan.channels, rounded, spans, strict=True))
    now = [one.current for one in plan.channels]
    known = [effort for effort in now if effort is not None]
    is_known = len(known) == len(now)
    return Budget(
        plan, shares, best.efforts, best.value, math.fsum(one.money for one in shares), math.fsum(one.hours for one in shares),
        best.money_price, best.hour_price, best.gap, tuple(_scenario(plan, activities, change) for change in plan.scenarios),
        current_value=_value(activities, known) if is_known else None,
        current_money=math.fsum(one.money_each * effort for one, effort in zip(plan.channels, known, strict=True)) if is_known else None,
        enough=_enough(activities, plan), **_outlook(plan, draws, rounded, known if is_known else None),
    )  # fmt: skip


def to_cents(activities: Sequence[Activity], best: Split, money: float, hours: float | None) -> list[float]:
    """Efforts in whole cents that keep every limit: rounded down, what is left given where it brings most."""
    floors = [max(math.floor(x / CENT + 1e-6), math.ceil(one.low / CENT - 1e-6)) for one, x in zip(activities, best.efforts, strict=True)]  # fmt: skip
    left_money = money - math.fsum(one.money_each * cents * CENT for one, cents in zip(activities, floors, strict=True))
    left_hours = math.inf if hours is None else hours - math.fsum(one.hours_each * cents * CENT for one, cents in zip(activities, floors, strict=True))  # fmt: skip
    order = sorted(range(len(floors)), key=lambda nth: -(best.efforts[nth] / CENT - floors[nth]))
    for nth in order:
        one = activities[nth]
        room = (one.high / CENT + 1e-6) - floors[nth] >= 1 and best.efforts[nth] / CENT - floors[nth] > 1e-4
        if room and one.money_each * CENT <= left_money + 1e-9 and one.hours_each * CENT <= left_hours + 1e-9:
            floors[nth] += 1
            left_money -= one.money_each * CENT
            left_hours -= one.hours_each * CENT
    return [round(cents * CENT, 2) for cents in floors]


def _share(one: Channel, effort: float, span: tuple[float | None, float | None]) -> Share:
    outcome = one.curve.value(effort)
    slope = one.worth * one.curve.slope(effort)
    end = "max" if effort >= one.high - CENT / 2 else "min" if one.low > 0 and effort <= one.low + CENT / 2 else ""
    return Share(
        one.name, one.purpose, one.unit, effort, one.money_each * effort, one.hours_each * effort, outcome, one.worth * outcome,
        slope / one.money_each if one.money_each and math.isfinite(slope) else None,
        one.current, None if one.current is None else one.curve.value(one.current), span[0], span[1], end,
    )  # fmt: skip


def _scenario(plan: Plan, activities: Sequence[Activity], change: float) -> Scenario:
    money = round(plan.money * (1 + change), 2)
    if not fits(activities, money, plan.hours):
        return Scenario(change, money, None, None, {})
    found = split(activities, money, plan.hours)
    efforts = to_cents(activities, found, money, plan.hours)
    return Scenario(change, money, found.value, found.money_price, {one.name: effort for one, effort in zip(plan.channels, efforts, strict=True)})  # fmt: skip


def _enough(activities: Sequence[Activity], plan: Plan) -> float | None:
    """Where the next unit of money brings just itself back, hours left aside."""
    activities = [one for one in activities if one.money_each]
    reach = 1_000 * max(plan.money, 1.0)
    efforts = at_price(activities, 1.0, reach)
    if any(x >= reach / one.money_each * 0.999 for x, one in zip(efforts, activities, strict=True) if one.high > x):
        return None
    return round(math.fsum(one.money_each * x for one, x in zip(activities, efforts, strict=True)), 2)


def _drawn(plan: Plan) -> list[list[Curve]]:
    """Curves of all channels, drawn as well as they are known; none where all count as known exactly."""
    if not plan.draws or not any(one.errors or one.draws for one in plan.channels):
        return []
    chance = np.random.default_rng(plan.seed)
    columns = [_curves(one, plan.draws, chance) for one in plan.channels]
    return [list(row) for row in zip(*columns, strict=True)]


def _curves(one: Channel, count: int, chance: np.random.Generator) -> list[Curve]:
    if one.draws:
        return [one.draws[nth] for nth in chance.integers(0, len(one.draws), count)]
    curve = one.curve
    noise = chance.standard_normal((count, 3))
    found = []
    for row in noise:
        parts = {}
        for z, name in zip(row, ("b", "k", "n"), strict=True):
            value = getattr(curve, name)
            spread = one.errors.get(name, 0.0) / value if value else 0.0
            parts[name] = value * math.exp(z * math.sqrt(math.log1p(spread**2)))
        most = 1.0 if curve.kind == "power" else 20.0
        found.append(Curve(curve.kind, parts["b"], parts["k"], min(max(parts["n"], 0.05), most)))
    return found


def _spans(plan: Plan, draws: Sequence[Sequence[Curve]]) -> list[tuple[float | None, float | None]]:
    """Where the best effort of each channel lies, over the drawn curves."""
    if not draws:
        return [(None, None)] * len(plan.channels)
    efforts = np.array([split([one.activity(curve) for one, curve in zip(plan.channels, row, strict=True)], plan.money, plan.hours, _ROUGH).efforts for row in draws])  # fmt: skip
    ends = np.quantile(efforts, [(1 - plan.level) / 2, (1 + plan.level) / 2], axis=0)
    return [(round(float(low), 2), round(float(high), 2)) for low, high in ends.T]


def _outlook(
    plan: Plan, draws: Sequence[Sequence[Curve]], efforts: Sequence[float], now: Sequence[float] | None
) -> dict[str, float]:
    """How much this split brings, and how much more than now, over the drawn curves."""
    if not draws:
        return {}
    ends = [(1 - plan.level) / 2, (1 + plan.level) / 2]
    activities = [[one.activity(curve) for one, curve in zip(plan.channels, row, strict=True)] for row in draws]
    values = np.array([_value(row, efforts) for row in activities])
    low, high = np.quantile(values, ends).tolist()
    found = {"value_low": low, "value_high": high}
    if now is not None:
        gains = values - np.array([_value(row, now) for row in activities])
        found["gain_low"], found["gain_high"] = np.quantile(gains, ends).tolist()
    return found


def _value(activities: Sequence[Activity], efforts: Sequence[float]) -> float:
    return math.fsum(one.curve.value(x) for one, x in zip(activities, efforts, strict=True))


def _next_sentence(found: Budget) -> Text:
    price = f"{found.next_money:.2f}"
    if found.next_money <= 0:
        return Text("More money would bring nothing: every channel is at its limit.", "Mehr Geld brächte nichts: Jeder Kanal ist an seiner Grenze.")  # fmt: skip
    said = Text("One more {unit} brings {n}.", "Ein weiterer {unit} bringt {n}.") if found.next_money >= 1 else Text(
        "One more {unit} brings only {n}: where outcomes are counted in money, less would be better.",
        "Ein weiterer {unit} bringt nur {n}: Wo Ergebnisse in Geld gezählt sind, wäre weniger besser.",
    )  # fmt: skip
    return said.fill(unit=found.plan.currency, n=Text(price, price.replace(".", ",")))
