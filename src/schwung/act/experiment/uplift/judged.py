"""Uplift, judged on people that a model has not seen; and the sentence when there is nothing to choose people by."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from schwung.act.experiment.uplift.learners import LEARNERS, RESPONSE, Learner, Score
from schwung.act.experiment.uplift.learners import response as response_model
from schwung.act.experiment.uplift.qini import GRID, Curve, curve, resampled
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import said
from schwung.predict.classify.coding import Column, Flags, Floats

FOLDS = 5
DRAWS = 200
LEAST_SUCCESSES = 20
"""Fewer successes of a group teach nothing."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A point of a curve: when that share of people is treated, what is gained per person of all, with its 95 % interval."""

    share: float
    gained: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One model on people that it had not seen. low, high: 95 % of resamples of its Qini per person squared.

    beyond: share of resamples in which it is above the response model. drawn: its curve at 21 places.
    """

    name: str
    title: Text
    curve: Curve
    low: float
    high: float
    beyond: float
    drawn: tuple[Drawn, ...]

    @property
    def qini(self) -> float:
        return self.curve.per_person_squared

    def to_json(self) -> dict[str, Any]:
        other = {"causalml": self.curve.per_person, "causalml_normalised": self.curve.of_all_gained}
        return {
            "name": self.name, "qini_per_person_squared": self.qini, "low": self.low, "high": self.high,
            "above_response": self.beyond, "curve": [asdict(one) for one in self.drawn], "in_other_conventions": other | {"scikit_uplift": self.curve.of_best},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Uplift:
    """models: those that were tried, the best first; response: the plain one beside them. score: of the best, fitted to all;
    use it only where `is_usable`."""

    models: tuple[Judged, ...]
    response: Judged
    n: int
    score: Score

    @property
    def is_usable(self) -> bool:
        """The best one's interval is above 0 and it beats choosing by response."""
        best = self.models[0]
        return best.low > 0 and best.qini > self.response.qini

    @property
    def words(self) -> Text:
        best = self.models[0]
        if self.is_usable:
            third = _gain_at(best.curve, 0.3)
            return Text(
                "Some are moved more than others: the 30% whom the {model} put first bring {share} of all that treating everybody gains.",
                "Manche bewegt es mehr als andere: Die 30 %, die das Verfahren ({model}) voranstellt, bringen {share} dessen, was es bei allen bringt.",
            ).fill(model=best.title, share=said.share(third, 0))
        if best.low <= 0:
            return Text(
                "No usable difference between people: whom it moves more cannot be told from chance ({n} people). Treat all or nobody.",
                "Kein brauchbarer Unterschied zwischen Menschen: Wen es mehr bewegt, ist vom Zufall nicht zu trennen ({n} Personen). Alle behandeln oder niemanden.",
            ).fill(n=said.count(self.n))
        return Text(
            "No usable difference between people: choosing by plain response does as well.",
            "Kein brauchbarer Unterschied zwischen Menschen: Die Auswahl nach bloßer Reaktion leistet ebenso viel.",
        )

    def to_json(self) -> dict[str, Any]:
        told = {"en": self.words.en, "de": self.words.de}
        return {
            "n": self.n, "is_usable": self.is_usable, "words": told,
            "models": [one.to_json() for one in self.models], "response": self.response.to_json(),
        }  # fmt: skip


def learn(matrix: Floats, treated: Flags, success: Floats, columns: Sequence[Column], *, seed: int = 1) -> Uplift:
    """matrix: a row per person of what was known before; treated, success: what was done and whether it worked.

    Each model says the scores of a fifth of people from the other four fifths. InputError where either group has too few
    successes or failures.
    """
    for group in (treated, ~treated):
        hits = float(success[group].sum())
        if min(hits, float(group.sum()) - hits) < LEAST_SUCCESSES:
            raise InputError(
                "uplift_too_few",
                Text(
                    "Each group needs at least {n} people with and without success.",
                    "Jede Gruppe braucht mindestens {n} Personen mit und ohne Erfolg.",
                ).fill(n=LEAST_SUCCESSES),
                Text("Wait until more people have been followed.", "Warten, bis mehr Personen verfolgt sind."),
            )
    if not columns:
        raise InputError(
            "uplift_nothing_known",
            Text("Nothing that was known before tells these people apart.", "Nichts, was vorher bekannt war, unterscheidet diese Menschen."),
            Text("Treat all or nobody, or bring more facts.", "Alle behandeln oder niemanden, oder mehr Fakten einlesen."),
        )  # fmt: skip
    folds = _folds(treated, success, seed)
    plain = _seen_by(response_model, matrix, treated, success, columns, folds, seed)
    against, _gains = resampled(plain, treated, success, DRAWS, seed)
    models = []
    for name, (title, learner) in LEARNERS.items():
        score = _seen_by(learner, matrix, treated, success, columns, folds, seed)
        models.append(_judged(name, title, score, treated, success, seed, against))
    models.sort(key=lambda one: -one.qini)
    best = LEARNERS[models[0].name][1](matrix, treated, success, columns, seed)
    response = _judged("response", RESPONSE, plain, treated, success, seed, against)
    return Uplift(tuple(models), response, len(matrix), best)


def _judged(
    name: str, title: Text, score: Floats, treated: Flags, success: Floats, seed: int, against: Floats
) -> Judged:
    """The same resamples for all models, so that they can be compared draw by draw."""
    draws, gains = resampled(score, treated, success, DRAWS, seed)
    low, high = (float(bound) for bound in np.quantile(draws, (0.025, 0.975)))
    told = curve(score, treated, success)
    heights = (np.interp(GRID, told.share, told.gained), *np.quantile(gains, (0.025, 0.975), axis=0))
    # Gains are counted among those who were treated; what treating so many would bring is told.
    places = zip(GRID, *(height / treated.mean() for height in heights), strict=True)
    drawn = tuple(Drawn(*(float(value) for value in place)) for place in places)
    return Judged(name, title, told, low, high, float((draws > against).mean()), drawn)


def _seen_by(
    learner: Learner,
    matrix: Floats,
    treated: Flags,
    success: Floats,
    columns: Sequence[Column],
    folds: np.ndarray,
    seed: int,
) -> Floats:
    """Scores out of fold, each fold's by its rank, since models of different folds need not have one scale."""
    found = np.zeros(len(matrix))
    for fold in range(FOLDS):
        held = folds == fold
        score = learner(matrix[~held], treated[~held], success[~held], columns, seed)(matrix[held])
        _, place, count = np.unique(score, return_inverse=True, return_counts=True)
        middle = np.cumsum(count) - (count + 1) / 2
        found[held] = middle[place] / max(1, int(held.sum()))
    return found


def _folds(treated: Flags, success: Floats, seed: int) -> np.ndarray:
    """Shuffled, each with its part of successes and failures of either group."""
    random = np.random.default_rng(seed)
    found = np.zeros(len(treated), np.int64)
    for group in (treated, ~treated):
        for hit in (True, False):
            here = np.flatnonzero(group & ((success > 0) == hit))
            found[random.permutation(here)] = np.arange(len(here)) % FOLDS
    return found


def _gain_at(told: Curve, share: float) -> float:
    """Of all that treating everybody gains, what the first ones bring."""
    whole = float(told.gained[-1])
    return float(np.interp(share, told.share, told.gained)) / whole if whole else 0.0
