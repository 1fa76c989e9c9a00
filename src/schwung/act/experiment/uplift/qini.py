"""Qini: what is gained beyond chance when those are treated first whom a score puts first (Radcliffe 2007).

Packages call four different numbers Qini; `Curve` gives all of them, and the one per person squared is the one to compare.
"""

from dataclasses import dataclass

import numpy as np

from schwung.predict.classify.coding import Flags, Floats

GRID = np.linspace(0.0, 1.0, 21)
"""Shares of people at which a curve is drawn."""


@dataclass(frozen=True, slots=True)
class Curve:
    """share: of people treated, from 0 to 1, ties together; gained: successes beyond the control until there, per person."""

    share: Floats
    gained: Floats
    n: int
    best: float

    @property
    def per_person_squared(self) -> float:
        """Area between the curve and chance: gain and people both per person."""
        return float(np.trapezoid(self.gained - self.share * self.gained[-1], self.share))

    @property
    def per_person(self) -> float:
        """Gain counted in people (causalml's without normalising)."""
        return self.per_person_squared * self.n

    @property
    def of_all_gained(self) -> float:
        """As a share of what treating all gains (causalml's normalised)."""
        return self.per_person_squared / abs(float(self.gained[-1])) if self.gained[-1] else 0.0

    @property
    def of_best(self) -> float:
        """As a share of what knowing everybody's end beforehand would gain (scikit-uplift's)."""
        return self.per_person_squared / self.best if self.best else 0.0


def curve(score: Floats, treated: Flags, success: Floats) -> Curve:
    """Highest scores first. treated: who was; success: 1 or 0."""
    share, gained = _gains(score, treated, success)
    ideal = Curve(*_gains(np.where(treated, success, -success), treated, success), len(score), 0.0)
    return Curve(share, gained, len(score), ideal.per_person_squared)


def resampled(score: Floats, treated: Flags, success: Floats, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Qini per person squared of as many resamples of people (Poisson bootstrap), and a row of gains at `GRID` for each."""
    random = np.random.default_rng(seed)
    order = np.argsort(-score, kind="stable")
    ends = _ends(score[order])
    found, gains = np.empty(draws), np.empty((draws, len(GRID)))
    for draw in range(draws):
        weight = random.poisson(1.0, len(score)).astype(np.float64)
        share, gained = _cumulated(weight, treated[order], success[order], ends)
        found[draw] = np.trapezoid(gained - share * gained[-1], share)
        gains[draw] = np.interp(GRID, share, gained)
    return found, gains


def _gains(score: Floats, treated: Flags, success: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(-score, kind="stable")
    return _cumulated(np.ones(len(score)), treated[order], success[order], _ends(score[order]))


def _ends(score: Floats) -> np.ndarray:
    """Places at which a run of equal scores ends."""
    return np.append(np.flatnonzero(np.diff(score)), len(score) - 1)


def _cumulated(weight: Floats, treated: Flags, success: Floats, ends: np.ndarray) -> tuple[Floats, Floats]:
    many, few = np.cumsum(weight * treated)[ends], np.cumsum(weight * ~treated)[ends]
    hits, misses = np.cumsum(weight * treated * success)[ends], np.cumsum(weight * ~treated * success)[ends]
    expected = np.divide(misses * many, few, out=np.zeros_like(many), where=few > 0)
    n = float(weight.sum())
    return np.append(0.0, (many + few) / n), np.append(0.0, (hits - expected) / n)
