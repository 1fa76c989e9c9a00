"""Alternating least squares (Hu, Koren & Volinsky 2008) by the package `implicit`: the only file that knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.predict.recommend.ranking import Places, Scores

FACTORS, ROUNDS = 64, 10
_WEIGHT = 2.0
"""How much more a purchase counts than none."""
_BATCH = 20_000


@dataclass(frozen=True)
class Als:
    """Rows must be those that it was fitted on, in their order."""

    fitted: Any
    name: str = "als"

    @classmethod
    def fit(cls, owned: scipy.sparse.csr_matrix, seed: int) -> Als:
        """SetupError where the package is not there."""
        try:
            from implicit.cpu.als import AlternatingLeastSquares
            from threadpoolctl import threadpool_limits
        except ImportError as error:
            raise SetupError(
                "package_missing",
                Text("The package “implicit” is not installed.", "Das Paket „implicit“ ist nicht installiert."),
                Text("Install it: pip install 'schwung[models]'", "Installieren: pip install 'schwung[models]'"),
            ) from error
        # A penalty of so much leaves of the matrix what stands out from chance: of one whose purchases fell at random, the
        # largest singular value is about the roots of a mean row and a mean column together.
        by_chance = sum(float(np.sqrt(owned.nnz / many)) for many in owned.shape)
        with threadpool_limits(1, "blas"):  # threads of a second layer only stand in the way of the package's own
            fitted = AlternatingLeastSquares(
                factors=min(FACTORS, max(2, min(owned.shape) - 1)), alpha=_WEIGHT, iterations=ROUNDS,
                regularization=_WEIGHT * by_chance, random_state=seed,
            )  # fmt: skip
            fitted.fit(owned.tocsr(), show_progress=False)
        return cls(fitted)

    def top(self, owned: scipy.sparse.csr_matrix, allowed: NDArray[np.bool_], k: int) -> tuple[Places, Scores]:
        from threadpoolctl import threadpool_limits

        rows, barred = np.arange(owned.shape[0]), np.flatnonzero(~allowed)
        k_most = min(k, owned.shape[1])
        places = np.full((len(rows), k), -1, np.int64)
        scores = np.zeros((len(rows), k), np.float32)
        with threadpool_limits(1, "blas"):
            for at in range(0, len(rows), _BATCH):
                part = rows[at : at + _BATCH]
                found, values = self.fitted.recommend(
                    part,
                    owned[part],
                    N=k_most,
                    filter_already_liked_items=True,
                    filter_items=barred if len(barred) else None,
                )
                good = values > np.finfo(np.float32).min / 2
                places[at : at + _BATCH, :k_most] = np.where(good, found, -1)
                scores[at : at + _BATCH, :k_most] = np.where(good, values, 0)
        return places, scores
