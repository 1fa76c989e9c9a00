"""The forecast by week or month: expected courses with intervals, imagined many times and corrected by how far earlier forecasts were off."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from schwung.core.clock import Instant
from schwung.core.period import start_of
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.measure.local_time import first_day
from schwung.measure.said import share
from schwung.predict.clv.rows import Floats
from schwung.predict.forecast.course import Course, course
from schwung.predict.forecast.erring import (
    Tried,
    Unit,
    an_order,
    bounds,
    came,
    edges,
    judged,
    on_day,
    stretched,
    tests,
)
from schwung.predict.forecast.known import Base, Ints, Known, LeftOut, base, known, left_out
from schwung.predict.sight import Sight

MEASURES: Mapping[str, Text] = {
    "new_customers": Text("New customers", "Neue Kunden"),
    "orders": Text("Orders", "Bestellungen"),
    "revenue": Text("Revenue", "Umsatz"),
}
LEVEL = 0.8
_DRAWS = 2_000
_TWO_YEARS = 728
_LEAST_ORDERS = 0.05
"""Fewer are not worth a line."""
_COVERED = Text(
    "Forecasts made as of earlier days, with intervals chosen by what was known then: {n}; {share} of what came lay within the {level} intervals.",
    "Vorhersagen mit früherem Stand, deren Intervalle nur nach damals Bekanntem gewählt wurden: {n}; {share} dessen, was kam, lagen in den {level}-Intervallen.",
)
_UNJUDGED = Text(
    "The intervals are as wide as what is known leaves it open, and as {n} forecasts as of earlier days were off; the facts are too short to judge them on others.",
    "Die Intervalle sind so weit, wie das Bekannte es offen lässt und {n} Vorhersagen mit früherem Stand danebenlagen; die Fakten reichen nicht, sie an weiteren zu prüfen.",
)
_UNTESTED = Text(
    "The facts are too short for forecasts as of earlier days: the intervals are as wide as what is known leaves it open, and are not tested on this shop.",
    "Die Fakten reichen nicht für Vorhersagen mit früherem Stand: Die Intervalle sind so weit, wie das Bekannte es offen lässt, und an diesem Laden nicht geprüft.",
)
_SEASON = Text("The season is in it, as seen over two years and more.", "Die Saison ist darin, wie sie über zwei Jahre und länger war.")  # fmt: skip
_NO_SEASON = Text(
    "Fewer than two years are known, so the season is uncertain; the intervals are wider for it.", "Weniger als zwei Jahre sind bekannt, die Saison ist also unsicher; die Intervalle sind deshalb weiter."
)  # fmt: skip
_REVENUE = Text(
    "Revenue is goods by the day of the order less goods that come back by the day of the return.",
    "Umsatz ist Ware nach Bestelltag abzüglich zurückgegebener Ware nach Rückgabetag.",
)
_LEFT_OUT = {
    "guests": Text(
        "Guests are not in it ({share} of the orders of the last year).",
        "Gäste sind nicht darin ({share} der Bestellungen des letzten Jahres).",
    ),
    "objected": Text(
        "Customers who objected to profiling (Art. 21 GDPR) are not in it ({share} of the orders of the last year).",
        "Kunden, die der Profilbildung widersprochen haben (Art. 21 DSGVO), sind nicht darin ({share} der Bestellungen des letzten Jahres).",
    ),
    "unvalued": Text(
        "Orders whose amount is not known in the reporting currency are counted, their revenue is not in it ({share} of the orders of the last year); their rates are missing (schwung rate).",
        "Bestellungen, deren Betrag in der Berichtswährung nicht bekannt ist, sind gezählt, ihr Umsatz ist nicht darin ({share} der Bestellungen des letzten Jahres); ihre Kurse fehlen (schwung rate).",
    ),
}


@dataclass(frozen=True, slots=True)
class Ahead:
    """One period: first and last day in ISO; of each measure the value with its interval, revenue in minor units.
    so_far: what came in it before today, where it has begun; it is not in the values."""

    on: str
    until: str
    values: Mapping[str, Estimate]
    so_far: Mapping[str, float] | None = None

    @property
    def whole(self) -> Mapping[str, Estimate]:
        """With what came so far."""
        came = self.so_far or dict.fromkeys(self.values, 0.0)

        def plus(number: float | None, more: float) -> float:
            return (number or 0.0) + more

        return {
            name: Estimate(plus(one.value, came[name]), plus(one.low, came[name]), plus(one.high, came[name]))
            for name, one in self.values.items()
        }


@dataclass(frozen=True, slots=True)
class Forecast:
    """total: over all periods. cohorts: by month of the first order (`new`: customers to come), orders and revenue of all
    periods. past: what came in whole periods before. tested: forecasts as of earlier days; coverage: by measure, share of
    what came within intervals that only what was known on that day had chosen, in `judged` of them; None where there
    were none. left_out: shares of the orders of the last year that are not in it."""

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
    judged: int
    left_out: LeftOut
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
            "periods": [
                {"on": one.on, "until": one.until, **told(one.values)}
                | ({"so_far": dict(one.so_far)} if one.so_far is not None else {})
                for one in self.periods
            ],
            "total": told(self.total),
            "cohorts": {name: told(values) for name, values in self.cohorts.items()},
            "past": [{"on": on, **values} for on, values in self.past],
            "coverage": None if self.coverage is None else dict(self.coverage),
            "tested": self.tested,
            "judged": self.judged,
            "left_out": asdict(self.left_out),
            "remarks": [{"en": one.en, "de": one.de} for one in self.remarks],
        }


def forecast(sight: Sight, unit: Unit, periods: int, *, level: float = LEVEL, seed: int = 1) -> Forecast:
    """periods: weeks from tomorrow on, or calendar months after what is left of this one. InputError where too little is
    known."""

    def base_at(day: int) -> Base:
        return base(sight.earlier(start_of(first_day(day + 1, "day"), sight.question.zone) - 1))

    aside = left_out(sight)
    seen = imagined(known(sight), base(sight), base_at, unit, periods, seed=seed)
    return seen.forecast(level, (sight.as_of, sight.question.currency, aside))


def imagined(
    facts: Known, now: Base, base_at: Callable[[int], Base], unit: Unit, periods: int, *, seed: int = 1
) -> "Imagined":
    """now, base_at: the customers of today, and at the end of an earlier day. InputError where too little is known."""
    ends = edges(facts.today, unit, periods)
    ahead = course(facts, now, ends, _DRAWS, np.random.default_rng(seed))
    return Imagined(facts, unit, ends, ahead, tests(facts, base_at, unit, periods, seed))


@dataclass(frozen=True, eq=False)
class Imagined:
    """ahead: what is to come; tried: the same as of earlier days, beside what came."""

    facts: Known
    unit: Unit
    ends: Ints
    ahead: Course
    tried: list[dict[str, Tried]]

    def forecast(self, level: float, said: tuple[Instant, str, LeftOut]) -> Forecast:
        """said: moment, currency, what is left out."""
        (as_of, currency, aside), facts, ends, ahead = said, self.facts, self.ends, self.ahead
        found = {name: judged([one[name] for one in self.tried], level) for name in MEASURES}
        checked = len(found["orders"][1])
        coverage = {name: float(np.mean(shares)) for name, (_, shares) in found.items()} if checked else None
        told = {name: _Told(an_order(facts, name), found[name][0], level) for name in MEASURES}
        each = {name: told[name].each(ahead.expected[name], ahead.drawn[name]) for name in MEASURES}
        return Forecast(
            self.unit,
            as_of,
            currency,
            level,
            tuple(
                Ahead(
                    on_day(facts.today, int(ends[place])),
                    on_day(facts.today, int(ends[place + 1]) - 1),
                    {name: each[name][place] for name in MEASURES},
                    _so_far(facts) if self.unit == "month" and not place else None,
                )
                for place in range(len(ends) - 1)
            ),
            {name: told[name].one(ahead.expected[name].sum(), ahead.drawn[name].sum(axis=1)) for name in MEASURES},
            _cohorts(ahead, told),
            _past(facts, self.unit, len(ends) - 1),
            coverage,
            len(self.tried),
            checked,
            aside,
            (
                _tested(coverage, len(self.tried), checked, level),
                _SEASON if facts.days >= _TWO_YEARS else _NO_SEASON,
                _REVENUE,
                *(
                    text.fill(share=share(part, 1))
                    for name, text in _LEFT_OUT.items()
                    if (part := getattr(aside, name)) > 0
                ),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """How a measure's draws become intervals. order: what is counted in."""

    order: float
    widened: float
    level: float

    def each(self, expected: Floats, drawn: Floats) -> list[Estimate]:
        low, high = bounds(stretched(drawn, self.widened, self.order), self.level)
        return [
            Estimate(float(value), float(least), float(most))
            for value, least, most in zip(expected, np.minimum(low, expected), np.maximum(high, expected), strict=True)
        ]

    def one(self, expected: float, drawn: Floats) -> Estimate:
        return self.each(np.array([expected]), drawn[:, None])[0]


def _so_far(facts: Known) -> dict[str, float] | None:
    """What came in the month that has begun."""
    days = first_day(facts.today + 1, "day").day - 1
    if not days:
        return None
    ends: Ints = np.array([max(facts.days - days, 0), facts.days])
    return {name: float(one[0]) for name, one in came(facts, ends).items()}


def _past(facts: Known, unit: Unit, periods: int) -> tuple[tuple[str, Mapping[str, float]], ...]:
    """Whole periods before, oldest first."""
    if unit == "week":
        count = min(max(2 * periods, 26), facts.days // 7)
        ends = facts.days - np.arange(count, -1, -1) * 7
    else:
        days = range(facts.start, facts.today + 2)
        ends = np.array([day - facts.start for day in days if first_day(day, "day").day == 1], np.int64)
        ends = ends[-max(2 * periods, 26) - 1 :]
    sums = came(facts, ends)
    starts = [first_day(facts.start + int(end), "day").isoformat() for end in ends[:-1]]
    return tuple((on, {name: float(sums[name][place]) for name in MEASURES}) for place, on in enumerate(starts))


def _cohorts(ahead: Course, told: Mapping[str, _Told]) -> dict[str, dict[str, Estimate]]:
    return {
        name: {measure: told[measure].one(*values) for measure, values in found.items()}
        for name, found in sorted(ahead.cohorts.items())
        if found["orders"][0] >= _LEAST_ORDERS
    }


def _tested(coverage: Mapping[str, float] | None, tested: int, checked: int, level: float) -> Text:
    if coverage is None:
        return _UNJUDGED.fill(n=tested) if tested >= 3 else _UNTESTED
    mean = float(np.mean(list(coverage.values())))
    within = share(level, 0)
    return _COVERED.fill(n=checked, share=share(mean, 0), level=Text(within.en, within.de.replace("\u00a0%", "-%")))
