"""Which rule ranks best in this shop: all of them on the same held-out time; popularity stays unless another is clearly better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.inference import Estimate, share
from schwung.predict.recommend.als import Als
from schwung.predict.recommend.ranking import ItemCosine, Ranker, filled
from schwung.predict.recommend.split import Shelf, Split

TOP = 5
RANKERS: Mapping[str, Text] = {
    "popularity": Text("popularity", "Beliebtheit"),
    "cosine": Text("what buyers of the same products have", "was Käufer derselben Artikel haben"),
    "als": Text("matrix factorization (ALS)", "Matrixzerlegung (ALS)"),
}
_Z = 1.959963984540054
_LEAST_PAIRS = 2_000
"""Purchases below which a factorization is not worth trying."""


@dataclass(frozen=True, slots=True)
class Judged:
    """On customers who bought something new in the window: hit: share with at least one of the TOP among it; recall: share of
    it that was among the TOP; beyond: how much its hit rate is above popularity's, paired by customer."""

    name: str
    hit: Estimate
    recall: float
    recall_error: float
    beyond: float
    beyond_low: float


@dataclass(frozen=True, slots=True)
class Choice:
    """judged: all that were tried, popularity first. name: what is used. missing: what could not be tried, and why."""

    name: str
    judged: tuple[Judged, ...]
    missing: tuple[Text, ...] = ()

    @property
    def used(self) -> Judged:
        return next(one for one in self.judged if one.name == self.name)

    def sentence(self, window_days: int) -> Text:
        """What was chosen and why, with the numbers."""
        used, popular = self.used, self.judged[0]
        values = {
            "n": said.count(used.hit.n), "k": TOP, "days": window_days, "rule": RANKERS[used.name],
            "hit": said.share(used.hit.value or 0.0), "low": said.share(used.hit.low or 0.0),
            "high": said.share(used.hit.high or 0.0), "popular": said.share(popular.hit.value or 0.0),
        }  # fmt: skip
        if used is popular:
            return Text(
                "Popularity is used: no other rule was clearly better. Of {n} customers who bought something new in the {days} days held out, {hit} ({low} to {high}) bought one of their {k} products.",
                "Verwendet wird die Beliebtheit: Keine andere Regel war klar besser. Von {n} Kunden, die in den {days} zurückgehaltenen Tagen etwas Neues kauften, kauften {hit} ({low} bis {high}) einen ihrer {k} Artikel.",
            ).fill(**values)  # fmt: skip
        return Text(
            "Used is: {rule}. Of {n} customers who bought something new in the {days} days held out, {hit} ({low} to {high}) bought one of their {k} products; by popularity alone it would have been {popular}.",
            "Verwendet wird: {rule}. Von {n} Kunden, die in den {days} zurückgehaltenen Tagen etwas Neues kauften, kauften {hit} ({low} bis {high}) einen ihrer {k} Artikel; nach Beliebtheit allein wären es {popular} gewesen.",
        ).fill(**values)  # fmt: skip


def fit_ranker(name: str, at: Shelf, seed: int) -> Ranker:
    """A rule fitted on a shelf. SetupError where its package is missing."""
    if name == "popularity":
        return at.popularity
    return ItemCosine.fit(at.purchases.owned) if name == "cosine" else Als.fit(at.purchases.owned, seed)


def hits_of(places: NDArray[np.int64], wanted: scipy.sparse.csr_matrix) -> NDArray[np.float64]:
    """How many of each row's places the row of `wanted` holds."""
    row, slot = np.nonzero(places >= 0)
    top = scipy.sparse.csr_matrix((np.ones(len(row), np.float32), (row, places[row, slot])), wanted.shape)
    return np.asarray(top.multiply(wanted).sum(1)).ravel().astype(float)


def choose(split: Split, seed: int, tried: tuple[str, ...] = tuple(RANKERS)) -> tuple[Choice, dict[str, Ranker]]:
    """Judges all rules; also the fitted ones by name."""
    rankers: dict[str, Ranker] = {}
    missing: list[Text] = []
    for name in tried:
        if name == "als" and split.before.purchases.orders.nnz < _LEAST_PAIRS:
            missing.append(
                Text("Too few purchases for a matrix factorization.", "Zu wenige Käufe für eine Matrixzerlegung.")
            )
            continue
        try:
            rankers[name] = fit_ranker(name, split.before, seed)
        except SetupError as error:
            missing.append(Text(f"{error.message.en} {error.step.en}", f"{error.message.de} {error.step.de}"))
    judged = judge(split, rankers)
    better = [one for one in judged[1:] if one.beyond_low > 0]
    best = max(better, key=lambda one: (one.hit.value or 0.0, one.recall)) if better else judged[0]
    return Choice(best.name, judged, tuple(missing)), rankers


def judge(split: Split, rankers: Mapping[str, Ranker]) -> tuple[Judged, ...]:
    """Each rule on the window, in their order; popularity is among them. What is sold out today was for sale then."""
    owned = split.before.purchases.owned
    buyers = np.flatnonzero(np.diff(split.new.indptr) > 0)
    wanted = split.new[buyers]
    many = np.diff(wanted.indptr).astype(float)
    allowed = np.ones(owned.shape[1], bool)
    spare, _ = split.before.popularity.top(owned, allowed, 2 * TOP)
    found = {}
    for name, ranker in rankers.items():
        places = filled(*ranker.top(owned, allowed, TOP), spare)[0]
        found[name] = hits_of(places[buyers], wanted)
    return tuple(_judged(name, hits, found["popularity"], many) for name, hits in found.items())


def _judged(name: str, hits: NDArray[np.float64], popular: NDArray[np.float64], many: NDArray[np.float64]) -> Judged:
    got, n = hits > 0, len(hits)
    apart = got.astype(float) - (popular > 0)
    part = hits / many
    low = float(apart.mean() - _Z * apart.std() / np.sqrt(n))
    return Judged(
        name, share(int(got.sum()), n), float(part.mean()), float(part.std() / np.sqrt(n)), float(apart.mean()), low
    )
