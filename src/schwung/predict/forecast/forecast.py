"""The forecast by week or month: expected courses with intervals, simulated with errors as large as backtests saw."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.period import start_of
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.measure.local_time import first_day
from schwung.measure.said import share
from schwung.predict.clv.rows import Floats
from schwung.predict.forecast.course import Course, course
from schwung.predict.forecast.known import LEAST_DAYS, Known, base, known
from schwung.predict.sight import Sight

Unit = Literal["week", "month"]
MEASURES: Mapping[str, Text] = {
    "new_customers": Text("New customers", "Neue Kunden"),
    "orders": Text("Orders", "Bestellungen"),
    "revenue": Text("Revenue", "Umsatz"),
}
DAYS: Mapping[Unit, int] = {"week": 7, "month": 30}
LEVEL = 0.8
_DRAWS = 2_000
_LEAST_ORDERS = 0.05
"""Fewer are not worth a line."""
_ORIGINS = 8
_LEAST_ORIGINS = 3
_WIDENED = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
_COVERED = Text(
    "In {n} forecasts made as of earlier days, {share} of what came lay within the {level} intervals.",
    "In {n} Vorhersagen mit früherem Stand lagen {share} dessen, was kam, in den {level}-Intervallen.",
)
_UNTESTED = Text(
    "The facts are too short for forecasts as of earlier days, so the intervals are those of chance alone and too narrow.",
    "Die Fakten reichen nicht für Vorhersagen mit früherem Stand; die Intervalle sind daher nur die des Zufalls und zu eng.",
)
_SEASON = Text("The season of the last two years is in it.", "Die Saison der letzten zwei Jahre ist darin.")
_NO_SEASON = Text(
    "Fewer than two years are known: the season is not in it.", "Weniger als zwei Jahre sind bekannt: Die Saison ist nicht darin."
)  # fmt: skip
_GUESTS = Text("Guests are not in it.", "Gäste sind nicht darin.")


@dataclass(frozen=True, slots=True)
class Ahead:
    """One period: first day in ISO; of each measure the value with its interval, revenue in minor units."""

    on: str
    values: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Forecast:
    """total: over all periods. cohorts: by month of the first order (`new`: customers to come), orders and revenue of all
    periods. past: what came in periods of the same length before. coverage: by measure, share of what came within the
    intervals of forecasts as of earlier days; None where there were too few."""

    unit: Unit
    as_of: Instant
    currency: str
    level: float
    periods: tuple[Ahead, ...]
    total: Mapping[str, Estimate]
    cohorts: Mapping[str, Mapping[str, Estimate]]
    past: tuple[tuple[str, Mapping[str, float]], ...]
    coverage: Mapping[str, float] | None
    tested: int
    remarks: tuple[Text, ...]

    def to_json(self) -> dict[str, Any]:
        """Revenue in minor units."""
        from schwung.core.clock import to_datetime

        def told(values: Mapping[str, Estimate]) -> dict[str, Any]:
            return {name: {key: asdict(one)[key] for key in ("value", "low", "high")} for name, one in values.items()}

        return {
            "unit": self.unit,
            "as_of": to_datetime(self.as_of).isoformat().replace("+00:00", "Z"),
            "currency": self.currency,
            "level": self.level,
            "periods": [{"on": one.on, **told(one.values)} for one in self.periods],
            "total": told(self.total),
            "cohorts": {name: told(values) for name, values in self.cohorts.items()},
            "past": [{"on": on, **values} for on, values in self.past],
            "coverage": None if self.coverage is None else dict(self.coverage),
            "tested": self.tested,
            "remarks": [{"en": one.en, "de": one.de} for one in self.remarks],
        }


@dataclass(frozen=True, slots=True)
class _Spread:
    """Variance of the logarithm: at each period by itself, and added with each period; widened so that backtests are covered."""

    own: float
    step: float
    widened: float = 1.0

    def variance(self, lead: Floats, expected: Floats) -> Floats:
        found: Floats = self.widened * (self.own + self.step * lead) + 1.0 / np.maximum(expected, 1.0)
        return found


def forecast(sight: Sight, unit: Unit, periods: int, *, level: float = LEVEL, seed: int = 1) -> Forecast:
    """periods: weeks, or months of 30 days, from tomorrow on. InputError where too little is known."""
    length = DAYS[unit]
    facts = known(sight)
    ahead = course(facts, base(sight), length * periods)
    tests = _tests(sight, facts, length, periods)
    spreads = {name: _spread([one[name] for one in tests], level) for name in MEASURES}
    coverage = None if len(tests) < _LEAST_ORIGINS else {name: spreads[name][1] for name in MEASURES}
    random = np.random.default_rng(seed)
    expected = _by_period(ahead, length)
    paths = {name: _paths(expected[name], _unit(facts, name), spreads[name][0], random) for name in MEASURES}
    remarks = [_covered(coverage, len(tests), level) if coverage is not None else _UNTESTED]
    remarks += [_SEASON if ahead.has_season else _NO_SEASON, _GUESTS]
    starts = [first_day(facts.today + 1 + place * length, "day").isoformat() for place in range(periods)]
    return Forecast(
        unit,
        sight.as_of,
        sight.question.currency,
        level,
        tuple(
            Ahead(on, {name: _estimate(expected[name][place], paths[name][:, place], level) for name in MEASURES})
            for place, on in enumerate(starts)
        ),
        {name: _estimate(float(expected[name].sum()), paths[name].sum(axis=1), level) for name in MEASURES},
        _cohorts(ahead, paths, expected, level, random),
        _past(facts, length, periods),
        coverage,
        len(tests),
        tuple(remarks),
    )


Errors = tuple[Floats, Floats]
"""Of one forecast as of an earlier day: logarithm of came ÷ expected by period, and what was expected."""


def _tests(sight: Sight, facts: Known, length: int, periods: int) -> list[dict[str, Errors]]:
    """Forecasts as of earlier days, judged on what came."""
    most = min(periods, (facts.days - LEAST_DAYS) // (2 * length))
    if most < 1:
        return []
    spare = facts.days - LEAST_DAYS - most * length
    step = max(length, min(28, spare // _ORIGINS))
    found = []
    for place in range(min(_ORIGINS, spare // step + 1)):
        cut = facts.today - most * length - place * step
        at = start_of(first_day(cut + 1, "day"), sight.question.zone) - 1
        try:
            said = _by_period(course(facts.until(cut), base(sight.earlier(at)), most * length), length)
        except InputError:
            continue
        came = _sums(facts, cut - facts.start + 1, length, most)
        found.append(
            {
                name: (np.log((came[name] + 0.5) / (said[name] + 0.5)), said[name] / _unit(facts, name))
                for name in MEASURES
            }
        )
    return found


def _unit(facts: Known, name: str) -> float:
    """By which a sum becomes a number of orders, whose chance is that of counting."""
    return max(float(facts.minor.sum()), 1.0) / max(float(facts.orders.sum()), 1.0) if name == "revenue" else 1.0


def _spread(errors: Sequence[Errors], level: float) -> tuple[_Spread, float]:
    """As all tests say, widened until tests that are left out one by one are covered; and the share that is."""
    if len(errors) < _LEAST_ORIGINS:
        return _Spread(0.0, 0.0), 0.0
    half, covered = NormalDist().inv_cdf(0.5 + level / 2), 0.0
    for widened in _WIDENED:
        hits = []
        for place, (off, expected) in enumerate(errors):
            others = _fitted([one for other, one in enumerate(errors) if other != place], widened)
            hits.append(np.abs(off) <= half * np.sqrt(others.variance(_leads(off), expected)))
        covered = float(np.mean(np.concatenate(hits)))
        if covered >= level - 0.02:
            break
    return _fitted(errors, widened), covered


def _fitted(errors: Sequence[Errors], widened: float) -> _Spread:
    """Least squares of squared errors, less what chance explains, on 1 and the lead; neither below 0."""
    squares = np.concatenate([off**2 - 1.0 / np.maximum(expected, 1.0) for off, expected in errors])
    lead = np.concatenate([_leads(off) for off, _ in errors])
    if len(np.unique(lead)) < 2:
        return _Spread(max(0.0, float(squares.mean())), 0.0, widened)
    slope, start = np.polyfit(lead, squares, 1)
    if slope < 0:
        return _Spread(max(0.0, float(squares.mean())), 0.0, widened)
    if start < 0:
        return _Spread(0.0, max(0.0, float(squares @ lead / (lead @ lead))), widened)
    return _Spread(float(start), float(slope), widened)


def _leads(off: Floats) -> Floats:
    return np.arange(1, len(off) + 1, dtype=np.float64)


def _paths(expected: Floats, unit: float, spread: _Spread, random: np.random.Generator) -> Floats:
    """Imagined courses: draws × periods. Errors of a period by itself, with the chance of counting (expected ÷ unit), and errors
    that stay and add up."""
    shape = (_DRAWS, len(expected))
    counted = 1.0 / np.maximum(expected / unit, 1.0)
    chance = np.sqrt(spread.widened * spread.own + counted) * random.standard_normal(shape)
    stays = np.cumsum(np.sqrt(spread.widened * spread.step) * random.standard_normal(shape), axis=1)
    found: Floats = expected * np.exp(chance + stays)
    return found


def _estimate(value: float, drawn: Floats, level: float) -> Estimate:
    low, high = np.quantile(drawn, (0.5 - level / 2, 0.5 + level / 2))
    return Estimate(float(value), float(min(low, value)), float(max(high, value)))


def _by_period(ahead: Course, length: int) -> dict[str, Floats]:
    parts = {"new_customers": ahead.new, "orders": ahead.orders, "revenue": ahead.minor}
    return {name: daily.reshape(-1, length).sum(axis=1) for name, daily in parts.items()}


def _sums(facts: Known, start: int, length: int, count: int) -> dict[str, Floats]:
    parts = {"new_customers": facts.new, "orders": facts.orders, "revenue": facts.minor}
    return {
        name: daily[start : start + count * length].reshape(count, length).sum(axis=1) for name, daily in parts.items()
    }


def _past(facts: Known, length: int, periods: int) -> tuple[tuple[str, Mapping[str, float]], ...]:
    count = min(max(2 * periods, 26), facts.days // length)
    sums = _sums(facts, facts.days - count * length, length, count)
    starts = [first_day(facts.today + 1 - (count - place) * length, "day").isoformat() for place in range(count)]
    return tuple((on, {name: float(sums[name][place]) for name in MEASURES}) for place, on in enumerate(starts))


def _cohorts(
    ahead: Course,
    paths: Mapping[str, Floats],
    expected: Mapping[str, Floats],
    level: float,
    random: np.random.Generator,
) -> dict[str, dict[str, Estimate]]:
    """The error of the whole moves all cohorts; beside it each has its own chance."""
    moved = {name: paths[name].sum(axis=1) / max(float(expected[name].sum()), 1e-9) for name in ("orders", "revenue")}
    found = {}
    for name, (orders, minor) in ahead.cohorts.items():
        count = float(orders.sum())
        if count < _LEAST_ORDERS:
            continue
        own = np.exp(random.standard_normal(_DRAWS) / np.sqrt(max(count, 1.0)))
        found[name] = {
            "orders": _estimate(count, count * moved["orders"] * own, level),
            "revenue": _estimate(float(minor.sum()), float(minor.sum()) * moved["revenue"] * own, level),
        }
    return dict(sorted(found.items()))


def _covered(coverage: Mapping[str, float], tested: int, level: float) -> Text:
    mean = float(np.mean(list(coverage.values())))
    return _COVERED.fill(n=tested, share=share(mean, 0), level=share(level, 0))
