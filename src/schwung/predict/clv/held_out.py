"""A model beside what came after it: purchases up to a day are known, those after it are held out. On arrays.

Errors are per customer. Naive rules stand beside the models: everybody goes on at the rate so far; everybody buys as often as in the
stretch before, of the same length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.rows import Floats, Ints
from schwung.predict.clv.summary import DAYS, PurchaseSummary
from schwung.predict.clv.transactions import Purchases, day_number


@dataclass(frozen=True, eq=False)
class HeldOut:
    """summary: customers as known at the end of day `cut`. actual: purchases of each after it, until the end of `until`; before: repeat
    purchases in the stretch of the same length up to the cut."""

    summary: PurchaseSummary
    actual: Ints
    before: Ints
    cut: int
    until: int

    @property
    def days(self) -> int:
        return self.until - self.cut


@dataclass(frozen=True, slots=True)
class Errors:
    """total: expected purchases of all. mae, rmse: per customer. correlation: of expected and actual; None if one does not vary."""

    total: float
    actual: float
    mae: float
    rmse: float
    correlation: float | None

    @property
    def bias(self) -> float:
        return self.total / self.actual - 1 if self.actual else float("nan")


@dataclass(frozen=True, slots=True)
class Choice:
    """errors: by name of model or naive rule. chosen: name of a model."""

    errors: Mapping[str, Errors]
    chosen: str
    reason: Text


def hold_out(log: Purchases, cut: int | str | date, until: int | str | date | None = None) -> HeldOut:
    """cut, until: days since 1970, or dates. until: default the last day of the log."""
    known = cut if isinstance(cut, int) else day_number(cut)
    end = int(log.day.max()) if until is None else until if isinstance(until, int) else day_number(until)
    summary = log.summary(known)
    place = np.full(len(log.names), -1)
    place[np.unique(log.who[log.day <= known])] = np.arange(len(summary))
    days = end - known
    again = ~log.is_first & (place[log.who] >= 0)

    def bought(since: int, last: int) -> Ints:
        rows = again & (log.day > since) & (log.day <= last)
        return np.bincount(place[log.who[rows]], minlength=len(summary)).astype(np.int64)

    return HeldOut(summary, bought(known, end), bought(known - days, known), known, end)


def expected(fitted: FittedPurchases, held: HeldOut) -> Floats:
    """Purchases that the model expects of each in the held-out stretch."""
    return fitted.expected_purchases(held.days / DAYS[fitted.unit], held.summary).value


def constant_rate(held: HeldOut) -> Floats:
    """Repeat purchases so far ÷ age, for as long."""
    days = held.summary.T * DAYS[held.summary.unit]
    return np.divide(held.summary.frequency * held.days, days, out=np.zeros(len(days)), where=days > 0)


def errors(said: Floats, actual: Ints) -> Errors:
    off = said - actual
    varies = np.ptp(said) > 0 and np.ptp(actual) > 0
    return Errors(
        float(said.sum()),
        float(actual.sum()),
        float(np.abs(off).mean()),
        float(np.sqrt(np.mean(off**2))),
        float(np.corrcoef(said, actual)[0, 1]) if varies else None,
    )


def choose(models: Mapping[str, FittedPurchases], held: HeldOut, default: str) -> Choice:
    """The model with the least squared error on what was held out; the default, where the best is not clearly better than it.

    Clearly: by more than the standard error of the difference, customer by customer.
    """
    said = {name: expected(fitted, held) for name, fitted in models.items()}
    rules = {"constant_rate": constant_rate(held), "as_before": held.before.astype(np.float64)}
    found = {name: errors(each, held.actual) for name, each in (said | rules).items()}
    best = min(models, key=lambda name: found[name].rmse)
    gain = (said[default] - held.actual) ** 2 - (said[best] - held.actual) ** 2
    unclear = best != default and gain.mean() <= gain.std() / np.sqrt(len(gain))
    chosen = default if unclear else best
    naive = min(rules, key=lambda name: found[name].rmse)
    return Choice(found, chosen, _reason(found, chosen, best, naive, held.days))


def _reason(found: Mapping[str, Errors], chosen: str, best: str, naive: str, days: int) -> Text:
    shown = {name: decimal(found[name].rmse, 3) for name in found}
    beaten = found[naive].rmse < found[chosen].rmse
    if chosen != best:
        first = Text(
            "On {days} held-out days {best} errs by {low} purchases per customer (root mean square) and {chosen} by {high}; "
            "that is no clear difference, so the default {chosen} stays.",
            "Auf {days} zurückgehaltenen Tagen irrt {best} um {low} Käufe je Kunde (quadratisches Mittel) und {chosen} um {high}; "
            "das ist kein klarer Unterschied, also bleibt die Vorgabe {chosen}.",
        )
    else:
        first = Text(
            "On {days} held-out days {chosen} errs least of the models: by {high} purchases per customer (root mean square).",
            "Auf {days} zurückgehaltenen Tagen irrt {chosen} von den Modellen am wenigsten: um {high} Käufe je Kunde (quadratisches Mittel).",
        )
    second = Text(" The naive rule errs by {plain}{less}.", " Die naive Regel irrt um {plain}{less}.").fill(
        plain=shown[naive],
        less=Text(", less than the model", ", weniger als das Modell") if beaten else Text(", more", ", mehr"),
    )
    told = first.fill(days=days, best=best, chosen=chosen, low=shown[best], high=shown[chosen])
    return Text(told.en + second.en, told.de + second.de)


def by_frequency(said: Floats, held: HeldOut, most: int = 7) -> list[dict[str, float]]:
    """Mean expected and actual purchases by repeat purchases so far; the last row holds all from `most` up."""
    place = np.minimum(held.summary.frequency, most)
    size = np.bincount(place, minlength=most + 1)
    sums = [np.bincount(place, weights=each, minlength=most + 1) for each in (said, held.actual)]
    return [
        {"frequency": step, "customers": int(size[step]), "expected": sums[0][step] / size[step], "actual": sums[1][step] / size[step]}
        for step in range(most + 1)
        if size[step]
    ]  # fmt: skip


def calibration(probability: Floats, held: HeldOut, classes: int = 10) -> list[dict[str, float]]:
    """Predicted and observed share of those who bought at all, in classes of one size, lowest first."""
    order = np.argsort(probability, kind="stable")
    bought = held.actual > 0
    return [
        {"customers": len(part), "predicted": float(probability[part].mean()), "observed": float(bought[part].mean())}
        for part in np.array_split(order, classes)
        if len(part)
    ]


def tracking(fitted: FittedPurchases, log: Purchases, until: int, step: int = 7) -> list[dict[str, float]]:
    """Cumulative repeat purchases, actual and expected of customers as they came, every `step` days since the first purchase."""
    known = log.until(until)
    first = known.is_first
    began = int(known.day.min())
    ends = np.arange(began + step - 1, until + 1, step)
    starts, came = np.unique(known.day[first], return_counts=True)
    lasted = np.arange(0, until - began + 1, dtype=np.float64)
    points = np.unique(np.round(np.linspace(0, lasted[-1], min(len(lasted), 200))))
    grown = np.interp(lasted, points, [float(fitted.new_customers(at / DAYS[fitted.unit]).value[0]) for at in points])
    again = np.sort(known.day[~first])
    return [
        {
            "day": int(end),
            "actual": int(np.searchsorted(again, end, side="right")),
            "expected": float(came[starts <= end] @ grown[end - starts[starts <= end]]),
        }
        for end in ends
    ]
