"""Value proved: what all journeys together earned beyond what would have come anyway, by month, with its interval."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from schwung.act.experiment.design import Design
from schwung.act.experiment.effect import effect, valid_half
from schwung.act.experiment.result import LEAST, TUNED_FOR, arm_of, by_day
from schwung.core.period import first_day_of, next_unit
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.missing import Missing

MONTHS = 12
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Worth:
    """Major units. people: treated to whom it belongs; without: those of journeys and months whose groups are too small."""

    value: float
    low: float
    high: float
    people: int
    without: int


@dataclass(frozen=True, slots=True)
class Proved:
    """whole: of the months together; None: nothing is known. months: by the month in which people's days were over, those of
    which something is known. journeys: how many are in it; untold: those of which too few were followed."""

    whole: Worth | None
    months: Mapping[date, Worth]
    journeys: int
    untold: tuple[str, ...]
    missing: tuple[Missing, ...]
    currency: str

    @property
    def words(self) -> Text:
        if self.missing:
            return Text("Margins are not known.", "Die Margen sind nicht bekannt.")
        if not self.journeys and not self.untold:
            return Text(
                "No journey has held anybody back, so nobody knows what they bring.",
                "Keine Strecke hat jemanden zurückgehalten; was sie bringen, weiß deshalb niemand.",
            )
        if self.whole is None:
            return Text(
                "Too early: each group of a journey needs {least} people who were followed to the end.",
                "Zu früh: Jede Gruppe einer Strecke braucht {least} Personen, die bis zum Ende verfolgt sind.",
            ).fill(least=LEAST)
        values = {name: said.money(getattr(self.whole, name), self.currency) for name in ("low", "high")}
        if self.whole.low > 0:
            return Text(
                "Journeys earned at least {low} that would not have come anyway.",
                "Die Strecken haben mindestens {low} verdient, die sonst nicht gekommen wären.",
            ).fill(**values)
        if self.whole.high < 0:
            return Text("Journeys cost margin.", "Die Strecken haben Marge gekostet.")
        return Text("Not proved yet: between {low} and {high}.", "Noch nicht belegt: zwischen {low} und {high}.").fill(
            **values
        )

    def to_json(self) -> dict[str, Any]:
        def told(one: Worth | None) -> dict[str, Any] | None:
            return None if one is None else {name: getattr(one, name) for name in Worth.__slots__}

        months = [{"month": day.isoformat()[:7], **(told(one) or {})} for day, one in self.months.items()]
        found: dict[str, Any] = {"currency": self.currency, "value": told(self.whole), "months": months}
        found |= {
            "journeys": self.journeys,
            "too_early": list(self.untold),
            "words": {"en": self.words.en, "de": self.words.de},
        }
        return found | ({"missing": [one.to_json() for one in self.missing]} if self.missing else {})


def proved(
    known: Sequence[tuple[str, Design, pa.Table]], today: date, currency: str, missing: tuple[Missing, ...] = ()
) -> Proved:
    """known: per holdout its name, design and rows of `outcomes.statistics`. The last twelve months count."""
    first = first_day_of(today, "month")
    months = [first]
    while len(months) < MONTHS:
        months.insert(0, first_day_of(months[0] - timedelta(days=1), "month"))
    if missing:
        return Proved(None, {}, 0, (), missing, currency)
    whole = _worth(known, months[0], next_unit(first, "month"))
    parts = {month: _worth(known, month, next_unit(month, "month")) for month in months}
    untold = tuple(name for name, *one in known if _worth([(name, *one)], months[0], next_unit(first, "month")) is None)
    return Proved(
        whole, {day: one for day, one in parts.items() if one}, len(known) - len(untold), untold, missing, currency
    )


def _worth(known: Sequence[tuple[str, Design, pa.Table]], since: date, until: date) -> Worth | None:
    """From a day to before another. Effects of different journeys are added as they are: whoever was in several of them was
    drawn independently for each."""
    value, squared, everybody, people, without = 0.0, 0.0, 0, 0, 0
    days = {"since": float((since - _EPOCH).days), "until": float((until - _EPOCH).days - 1)}
    for _name, design, sums in known:
        control = arm_of(by_day(sums, design.control), "margin", **days)
        for one in design.arms[1:]:
            treated = arm_of(by_day(sums, one.arm), "margin", **days)
            if treated is None:
                continue
            if control is None or min(control.n, treated.n) < LEAST:
                without += treated.n
                continue
            found = effect(control, treated)
            value += found.value * treated.n
            squared += (found.standard_error * treated.n) ** 2
            everybody, people = everybody + control.n + treated.n, people + treated.n
    if not people:
        return None
    half = valid_half(squared, everybody, tuned_for=TUNED_FOR) if squared else math.inf
    return Worth(value, value - half, value + half, people, without)
