"""Rising factorials summed over customers, without special functions: Σ ln(c)(c+1)…(c+n−1) = Σⱼ (customers with n > j) ln(c+j).

Exact for any c > 0, however large: nothing cancels.
"""

from dataclasses import dataclass

import numpy as np

from schwung.predict.clv.rows import Floats, Ints


@dataclass(frozen=True, eq=False)
class Rising:
    """over[j]: customers whose n exceeds j."""

    over: Floats

    @classmethod
    def of(cls, n: Ints, count: Floats) -> "Rising":
        if not len(n):
            return cls(np.empty(0))
        per = np.bincount(n, weights=count).astype(np.float64)
        return cls(np.cumsum(per[::-1])[::-1][1:].copy())

    def __call__(self, c: float) -> tuple[float, float, float]:
        """Σ ln (c)ₙ and its first two derivatives by c."""
        at = c + np.arange(len(self.over))
        inverse = 1 / at
        each = self.over * inverse
        return float(self.over @ np.log(at)), float(each.sum()), -float(each @ inverse)
