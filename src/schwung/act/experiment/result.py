"""The result of an experiment: its groups, the effect on each outcome with its interval, how that grew, what is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy

from schwung.act.experiment.arm import Arm
from schwung.act.experiment.design import Design
from schwung.act.experiment.effect import Effect, effect
from schwung.act.experiment.outcomes import NAMES, OUTCOMES, Outcome
from schwung.act.experiment.size import minimum_detectable_effect, sample_ratio
from schwung.core.clock import Instant, to_datetime
from schwung.measure.missing import Missing

LEAST = 30
"""Fewer people of a group whose days are over say nothing."""
BROKEN_BELOW = 0.001
"""Below this chance the groups did not come out as they were drawn."""
MOST_LOOKS = 50
TUNED_FOR = 1_000
"""Intervals are narrowest at so many people; from 150 to a million they are less than twice as wide as fixed ones."""
LEVEL = 0.95
State = Literal["empty", "broken", "early", "gain", "loss", "open"]
Sums = Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]


@dataclass(frozen=True, slots=True)
class Group:
    """people: who met it; followed: whose days are over. means: of each outcome, of those followed."""

    arm: str
    share: float
    people: int
    followed: int
    means: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Look:
    """The effect as it stood at the end of a day, by people followed until then."""

    day: date
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome of one group against the control. relative: effect ÷ control; total: for all treated who were followed.

    detectable: the least difference that so many people show in four of five cases.
    """

    outcome: Outcome
    arm: str
    effect: Effect
    relative: float | None
    detectable: float
    looks: tuple[Look, ...]

    @property
    def total(self) -> tuple[float, float, float]:
        n = self.effect.n_treated
        return self.effect.value * n, self.effect.low * n, self.effect.high * n

    def to_json(self) -> dict[str, Any]:
        looks = [{"day": one.day.isoformat(), "value": one.value, "low": one.low, "high": one.high, "n": one.n} for one in self.looks]  # fmt: skip
        told = {"outcome": self.outcome.name, "arm": self.arm, "unit": self.outcome.unit, **self.effect.to_json()}
        value, low, high = self.total
        return told | {
            "relative": self.relative,
            "detectable": self.detectable,
            "total": {"value": value, "low": low, "high": high},
            "looks": looks,
        }


@dataclass(frozen=True, slots=True)
class Slice:
    """The effect among some of the people. effect: None where too few were followed."""

    value: str
    arm: str
    followed: int
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Sliced:
    """Slices of one cut, their intervals as wide as it takes for all of them to hold together. differs: chance (p-value) that
    slices differ so much where the effect is the same everywhere; None: fewer than two slices."""

    cut: str
    outcome: str
    slices: tuple[Slice, ...]
    differs: float | None

    def to_json(self) -> dict[str, Any]:
        rows = [
            {"value": one.value, "arm": one.arm, "followed": one.followed}
            | ({} if one.effect is None else {"effect": one.effect.to_json()})
            for one in self.slices
        ]
        return {"by": self.cut, "outcome": self.outcome, "differs_p_value": self.differs, "slices": rows}


@dataclass(frozen=True)
class Result:
    """mixed: people whom a merge put into two groups; they are in no figure. ratio_p: chance of such sizes of the groups where
    they were drawn as planned. next_at: when the next person's days are over. missing: why margins are not known."""

    name: str
    design: Design
    as_of: Instant
    currency: str
    groups: tuple[Group, ...]
    mixed: int
    ratio_p: float | None
    next_at: Instant | None
    compared: tuple[Compared, ...]
    missing: tuple[Missing, ...] = ()
    sliced: Sliced | None = None

    @property
    def people(self) -> int:
        return sum(one.people for one in self.groups)

    @property
    def followed(self) -> int:
        return sum(one.followed for one in self.groups)

    @property
    def is_broken(self) -> bool:
        return self.ratio_p is not None and self.ratio_p < BROKEN_BELOW

    @property
    def main(self) -> str:
        """The outcome that decides: margin, else revenue."""
        return "revenue" if self.missing else "margin"

    def of(self, outcome: str, arm: str | None = None) -> Compared | None:
        """The first treated group's, unless another is named."""
        return next((one for one in self.compared if one.outcome.name == outcome and arm in (None, one.arm)), None)

    @cached_property
    def state(self) -> State:
        if not self.people:
            return "empty"
        if self.is_broken:
            return "broken"
        found = [one.effect for one in self.compared if one.outcome.name == self.main]
        if not found:
            return "early"
        if any(one.low > 0 for one in found):
            return "gain"
        return "loss" if all(one.high < 0 for one in found) else "open"

    def to_json(self) -> dict[str, Any]:
        from schwung.act.experiment.words import sentence

        told = sentence(self)
        groups = [
            {
                "arm": one.arm,
                "share": one.share,
                "people": one.people,
                "followed": one.followed,
                "means": dict(one.means),
            }
            for one in self.groups
        ]
        found: dict[str, Any] = {
            "name": self.name,
            **self.design.to_json(),
            "as_of": to_datetime(self.as_of).isoformat().replace("+00:00", "Z"),
            "currency": self.currency,
            "state": self.state,
            "sentence": {"en": told.en, "de": told.de},
            "groups": groups,
            "merged_between_groups": self.mixed,
            "sample_ratio_p_value": self.ratio_p,
            "effects": [one.to_json() for one in self.compared],
        }
        if self.missing:
            found["missing"] = [one.to_json() for one in self.missing]
        return found | ({} if self.sliced is None else {"cut": self.sliced.to_json()})


def result(
    name: str, design: Design, as_of: Instant, currency: str, sizes: pa.Table, sums: pa.Table, missing: tuple[Missing, ...]
) -> Result:  # fmt: skip
    """sizes, sums: rows of `outcomes.sizes` and `outcomes.statistics`. Intervals are always valid, adjusted by the time
    before, and wider where several groups are compared with one control."""
    size = {row["arm"]: row for row in sizes.to_pylist()}
    arms = {one.arm: by_day(sums, one.arm) for one in design.arms}
    known = [name for name in NAMES if not (missing and name == "margin")]
    groups = tuple(
        Group(one.arm, one.share, size.get(one.arm, {}).get("n", 0), _followed(arms[one.arm]), _means(arms[one.arm], known))
        for one in design.arms
    )  # fmt: skip
    counts = [one.people for one in groups]
    ratio = sample_ratio(counts, [one.share for one in groups]) if sum(counts) else None
    compared = []
    treated = groups[1:]
    level = 1 - (1 - LEVEL) / len(treated)
    if groups[0].followed >= LEAST:
        for group in treated:
            if group.followed >= LEAST:
                both = arms[design.control], arms[group.arm]
                told = (_compared(one, group.arm, *both, level) for one in OUTCOMES if one.name in known)
                compared += [one for one in told if one.effect.standard_error > 0]
    ahead = [row["next_at"] for row in size.values() if row["next_at"] is not None]
    mixed = size[None]["n"] if None in size else 0
    return Result(
        name, design, as_of, currency, groups, mixed, ratio, min(ahead, default=None), tuple(compared), missing
    )


def sliced(design: Design, cut: str, outcome: str, sums: pa.Table) -> Sliced:
    """sums: rows of `outcomes.statistics` with that cut. Bonferroni's correction over all slices and groups."""
    values = sorted({"" if one is None else str(one) for one in sums["value"].to_pylist()})
    treated = [one.arm for one in design.arms[1:]]
    pairs: list[tuple[str, str, Arm | None, Arm | None]] = []
    column = [("" if one is None else str(one)) for one in sums["value"].to_pylist()]
    for value in values:
        rows = sums.filter(pa.array([one == value for one in column]))
        parts = {arm: arm_of(by_day(rows, arm), outcome) for arm in design.shares}
        pairs += [(value, arm, parts[design.control], parts[arm]) for arm in treated]
    full = [(value, arm, one, two) for value, arm, one, two in pairs if one and two and min(one.n, two.n) >= LEAST]
    level = 1 - (1 - LEVEL) / max(1, len(full))
    told = {
        (value, arm): effect(one, two, level=level, always_valid=True, tuned_for=TUNED_FOR)
        for value, arm, one, two in full
    }
    slices = tuple(
        Slice(value, arm, sum(one.n for one in parts if one), told.get((value, arm))) for value, arm, *parts in pairs
    )
    return Sliced(cut, outcome, slices, _differs([one for one in told.values() if one.standard_error > 0]))


def _differs(effects: Sequence[Effect]) -> float | None:
    """Cochran's Q."""
    if len(effects) < 2:
        return None
    weight = np.array([one.standard_error**-2 for one in effects])
    value = np.array([one.value for one in effects])
    middle = (weight @ value) / weight.sum()
    return float(scipy.stats.chi2.sf(weight @ (value - middle) ** 2, len(effects) - 1))


def by_day(sums: pa.Table, arm: str) -> Sums:
    """Columns of one group in the order of the days; those of the same day together."""
    rows = sums.filter(pc.equal(sums["arm"], arm))
    days = rows["day"].to_numpy()
    known, place = np.unique(days, return_inverse=True)
    names = (
        "n",
        "before",
        "before_squares",
        *(f"{name}_{what}" for name in NAMES for what in ("sum", "squares", "cross")),
    )
    found = {name: np.bincount(place, rows[name].to_numpy(), minlength=len(known)) for name in names}
    return {"day": known.astype(float), **found}


def _followed(sums: Sums) -> int:
    return round(float(sums["n"].sum()))


def _means(sums: Sums, names: Sequence[str]) -> dict[str, float]:
    n = float(sums["n"].sum())
    return {name: float(sums[f"{name}_sum"].sum()) / n for name in names} if n else {}


def arm_of(sums: Sums, outcome: str, until: float = np.inf, since: float = -np.inf) -> Arm | None:
    """Of the people whose days were over from `since` to `until`. None where there are not two."""
    kept = (sums["day"] <= until) & (sums["day"] >= since)
    n = round(float(sums["n"][kept].sum()))
    if n < 2:
        return None
    columns = (f"{outcome}_sum", f"{outcome}_squares", "before", "before_squares", f"{outcome}_cross")
    return Arm(n, *(float(sums[name][kept].sum()) for name in columns))


def _compared(outcome: Outcome, arm: str, control: Sums, treated: Sums, level: float) -> Compared:
    one, two = arm_of(control, outcome.name), arm_of(treated, outcome.name)
    assert one is not None and two is not None
    found = effect(one, two, level=level, always_valid=True, tuned_for=TUNED_FOR)
    spread = found.standard_error**2 / (1 / one.n + 1 / two.n)
    least = minimum_detectable_effect(spread, one.n, two.n)
    relative = found.value / one.mean if one.mean > 0 else None
    return Compared(outcome, arm, found, relative, least, _looks(outcome.name, control, treated, level))


def _looks(outcome: str, control: Sums, treated: Sums, level: float) -> tuple[Look, ...]:
    days = np.union1d(control["day"], treated["day"])
    if len(days) > MOST_LOOKS:
        days = days[np.unique(np.linspace(0, len(days) - 1, MOST_LOOKS).round().astype(int))]
    found = []
    for day in days.tolist():
        one, two = arm_of(control, outcome, day), arm_of(treated, outcome, day)
        if one and two and min(one.n, two.n) >= LEAST:
            seen = effect(one, two, level=level, always_valid=True, tuned_for=TUNED_FOR)
            shown = date(1970, 1, 1) + timedelta(days=int(day))
            found.append(Look(shown, seen.value, seen.low, seen.high, one.n + two.n))
    return tuple(found)
