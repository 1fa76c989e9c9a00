"""Rules that rank products for customers. Each takes histories (customers × products) and gives the best products per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy
from numpy.typing import NDArray

Places = NDArray[np.int64]
Scores = NDArray[np.float32]
NEIGHBOURS = 60
"""Similar products that are kept of each."""
_SHRUNK = 10.0
"""Customers who are added to the size of a pair: pairs that few had count less."""
_BLOCK = 2_000
_CELLS = 4_000_000


class Ranker(Protocol):
    """top: the k best products of each row that it does not hold and that are `allowed`, best first; −1 where there is none."""

    @property
    def name(self) -> str: ...

    def top(self, owned: scipy.sparse.csr_matrix, allowed: NDArray[np.bool_], k: int) -> tuple[Places, Scores]: ...


@dataclass(frozen=True)
class Popularity:
    """share: of customers who bought it lately."""

    share: NDArray[np.float64]
    name: str = "popularity"

    @classmethod
    def fit(cls, lately: scipy.sparse.csr_matrix) -> Popularity:
        active = max(1, int((np.diff(lately.indptr) > 0).sum()))
        return cls(np.bincount(lately.indices, minlength=lately.shape[1]) / active)

    def top(self, owned: scipy.sparse.csr_matrix, allowed: NDArray[np.bool_], k: int) -> tuple[Places, Scores]:
        rows = owned.shape[0]
        order = np.argsort(-self.share, kind="stable")
        order = order[allowed[order] & (self.share[order] > 0)]
        rank = np.full(owned.shape[1], -1, np.int64)
        rank[order] = np.arange(len(order))
        places = np.full((rows, k), -1, np.int64)
        held = np.bincount(np.repeat(np.arange(rows), np.diff(owned.indptr)), rank[owned.indices] >= 0, rows)
        by_size = np.argsort(held, kind="stable")
        start = 0
        while start < rows:
            width = min(len(order), k + int(held[by_size[start]]) * 2 + 8)
            end = int(np.searchsorted(held[by_size], max(0, width - k), side="right"))
            end = max(start + 1, min(end, start + max(1, _CELLS // max(1, width))))
            chosen = by_size[start:end]
            width = min(len(order), max(width, k + int(held[chosen[-1]])))
            places[chosen] = self._first_free(owned[chosen], rank, order[:width], k)
            start = end
        scores = np.where(places >= 0, self.share[places], 0.0).astype(np.float32)
        return places, scores

    @staticmethod
    def _first_free(owned: scipy.sparse.csr_matrix, rank: Places, best: Places, k: int) -> Places:
        rows = owned.shape[0]
        free = np.ones((rows, len(best)), bool)
        row, place = np.repeat(np.arange(rows), np.diff(owned.indptr)), rank[owned.indices]
        inside = (place >= 0) & (place < len(best))
        free[row[inside], place[inside]] = False
        nth = np.cumsum(free, axis=1)
        found = np.full((rows, k), -1, np.int64)
        row, place = np.nonzero(free & (nth <= k))
        found[row, nth[row, place] - 1] = best[place]
        return found


@dataclass(frozen=True)
class ItemCosine:
    """similar: products × products, the nearest of each in its row; nothing is similar to itself."""

    similar: scipy.sparse.csr_matrix
    name: str = "cosine"

    @classmethod
    def fit(cls, owned: scipy.sparse.csr_matrix) -> ItemCosine:
        return cls(similarity(owned))

    def top(self, owned: scipy.sparse.csr_matrix, allowed: NDArray[np.bool_], k: int) -> tuple[Places, Scores]:
        reach = (self.similar @ scipy.sparse.diags(allowed.astype(np.float32))).tocsr()
        places = np.full((owned.shape[0], k), -1, np.int64)
        scores = np.zeros((owned.shape[0], k), np.float32)
        for at in range(0, owned.shape[0], _BLOCK):
            rows = owned[at : at + _BLOCK]
            found = rows @ reach
            found = found - found.multiply(rows)
            found.eliminate_zeros()
            chosen = top_of_rows(found, k)
            has = chosen >= 0
            places[at : at + _BLOCK][has] = found.indices[chosen[has]]
            scores[at : at + _BLOCK][has] = found.data[chosen[has]]
        return places, scores


def similarity(owned: scipy.sparse.csr_matrix, most: int = NEIGHBOURS) -> scipy.sparse.csr_matrix:
    """Cosine of the products by their buyers, shrunk where few had both."""
    buyers = np.bincount(owned.indices, minlength=owned.shape[1]).astype(np.float32)
    turned = owned.T.tocsr()
    parts = []
    for at in range(0, owned.shape[1], _BLOCK):
        rows = turned[at : at + _BLOCK] @ owned
        row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr)) + at
        rows.data = rows.data / (np.sqrt(buyers[row] * buyers[rows.indices]) + _SHRUNK)
        rows.data[row == rows.indices] = 0.0
        rows.eliminate_zeros()
        kept = top_of_rows(rows, most)
        has = kept >= 0
        line = np.nonzero(has)[0]
        parts.append((line + at, rows.indices[kept[has]], rows.data[kept[has]]))
    row, column, data = (np.concatenate(each) for each in zip(*parts, strict=True))
    return scipy.sparse.csr_matrix((data.astype(np.float32), (row, column)), (owned.shape[1], owned.shape[1]))


def top_of_rows(rows: scipy.sparse.csr_matrix, k: int) -> Places:
    """Where in `rows.data` the k largest of each row stand, largest first; −1 where a row holds fewer."""
    lengths = np.diff(rows.indptr)
    found = np.full((rows.shape[0], k), -1, np.int64)
    by_size = np.argsort(lengths, kind="stable")
    sizes = lengths[by_size]
    start = int(np.searchsorted(sizes, 0, side="right"))
    while start < len(by_size):
        width = max(k, 2 * int(sizes[start]))
        end = min(int(np.searchsorted(sizes, width, side="right")), start + max(1, _CELLS // width))
        chosen = by_size[start:end]
        at = rows.indptr[chosen].astype(np.int64)[:, None] + np.arange(width)
        inside = np.arange(width) < lengths[chosen][:, None]
        values = np.where(inside, -rows.data[np.where(inside, at, 0)], np.inf)
        if width > k:
            best = np.argpartition(values, k - 1, axis=1)[:, :k]
            best = np.take_along_axis(best, np.argsort(np.take_along_axis(values, best, 1), axis=1, kind="stable"), 1)
        else:
            best = np.argsort(values, axis=1, kind="stable")
        taken = np.take_along_axis(at, best, 1)
        found[chosen] = np.where(np.take_along_axis(inside, best, 1), taken, -1)
        start = end
    return found


def filled(places: Places, scores: Scores, spare: Places) -> tuple[Places, Scores, NDArray[np.bool_]]:
    """Empty places taken by what stands first in `spare` and not yet in the row; True where that was so."""
    short = np.flatnonzero((places < 0).any(1))
    is_spare = np.zeros(places.shape, bool)
    if not len(short):
        return places, scores, is_spare
    mine, others = places[short], spare[short]
    known = (others[:, :, None] == mine[:, None, :]).any(2) | (others < 0)
    both = np.concatenate([mine, others], axis=1)
    empty = np.concatenate([mine < 0, known], axis=1)
    order = np.argsort(empty, axis=1, kind="stable")[:, : places.shape[1]]
    values = np.concatenate([scores[short], np.zeros(others.shape, np.float32)], axis=1)
    places, scores = places.copy(), scores.copy()
    gone = np.take_along_axis(empty, order, 1)
    places[short] = np.where(gone, -1, np.take_along_axis(both, order, 1))
    scores[short] = np.where(gone, 0, np.take_along_axis(values, order, 1))
    is_spare[short] = (order >= mine.shape[1]) & ~gone
    return places, scores, is_spare
