"""From cases by day and a matched comparison to an outflow in money."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.effect import LEAST, Effect, matched
from schwung.measure.friction import HandOver, Outflow, Waiting
from schwung.measure.missing import Missing
from schwung.measure.rolling import ByDay, Window, Windows

YEAR = 365
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Words:
    """What an outflow is called, and its sentences. cases: plural, within a line. `{expected}`, `{happened}`, `{n}`,
    `{others}` in the sentences are filled from the comparison."""

    name: str
    hand_over: HandOver
    title: Text
    cause: Text
    cases: Text
    expected: Text
    happened: Text
    comparison: Text


@dataclass(frozen=True, slots=True)
class Stake:
    """What a window puts at stake. cases: how many; worth: what each stands for, in major units; error: of the mean."""

    cases: Callable[[Window], float]
    worth: Callable[[Window], float]
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class Worth:
    """Mean amount of an order in the year before the end of the period, in major units."""

    value: float
    error: float


def worth_of(orders: ByDay, windows: Windows, currency: str) -> Worth | None:
    """orders: day, amount and squared (minor units), priced. None without orders."""
    year = orders.within((windows.last + 1 - YEAR, windows.last + 1))
    n = year.total("priced")
    if not n:
        return None
    minor = 10 ** exponent_of(currency)
    mean = year.total("amount") / n
    spread = max(0.0, year.total("squared") / n - mean**2) / n
    return Worth(mean / minor, math.sqrt(spread) / minor)


def effect_of(rows: ByDay, windows: Windows, follow_days: int) -> Effect | None:
    """The comparison over the year whose follow-up is complete at the end of the period."""
    end = windows.last + 1 - follow_days
    year = rows.within((end - YEAR, end))
    return matched(year) if len(year) else None


def outflow(
    words: Words, windows: Windows, effect: Effect, stake: Stake, basis: Text, *,
    customers: int, first_day: int, waiting: Waiting | None = None,
) -> Outflow:  # fmt: skip
    """cases × what is lost per case × worth. first_day: windows that start before it are not whole."""
    rate = effect.lost

    def priced(window: Window) -> float | None:
        return stake.cases(window) * max(0.0, rate) * stake.worth(window) if window[0] >= first_day else None

    cases, worth = stake.cases(windows.now), stake.worth(windows.now)
    raw = cases * rate * worth
    error = cases * math.hypot(worth * effect.error, rate * stake.error)
    filled = {
        "expected": said.share(effect.expected),
        "happened": said.share(effect.happened),
        "n": said.count(effect.n),
        "others": said.count(effect.compared),
    }
    return Outflow(
        name=words.name,
        hand_over=words.hand_over,
        title=words.title,
        cause=words.cause,
        customers=customers,
        cases=round(cases),
        amount=max(0.0, raw),
        low=max(0.0, raw - _Z * error),
        high=max(0.0, raw + _Z * error),
        basis=basis,
        expected=words.expected.fill(**filled),
        happened=words.happened.fill(**filled),
        comparison=words.comparison.fill(**filled),
        waiting=waiting,
        before=priced(windows.before),
        noise=math.sqrt(cases + stake.cases(windows.before)) * max(0.0, rate) * worth,
        trend=tuple(priced(window) for window in windows.trend),
    )


def too_few(name: str, what: Text) -> Missing:
    return Missing(
        name,
        Text(
            "Too few {what} for a comparison (at least {least} on either side within 12 months).",
            "Zu wenige {what} für einen Vergleich (mindestens {least} auf jeder Seite binnen 12 Monaten).",
        ).fill(what=what, least=LEAST),
    )
