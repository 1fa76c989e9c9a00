"""Nodes and weights: of the beta distribution (Gauss & Jacobi, by Golub & Welsch 1969), and on intervals (Gauss & Legendre)."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from schwung.predict.clv.one_thread import one_thread
from schwung.predict.clv.rows import Floats

Mixed = Callable[..., Floats]
_LEAST = 1e-100
_SIZES = ((8, 0.4, 1.0), (16, 1.0, 4.0), (32, 8.0, 10.0), (64, 40.0, 40.0), (128, np.inf, np.inf))
"""Nodes; enough while `spread` and `near` are no larger: then 10 digits hold."""
_VALUES = 2**17


def beta_nodes(a: float, b: Floats, size: int) -> tuple[Floats, Floats]:
    """Nodes and weights (each: len(b) × size) with which Σ w f(q) is E f(q), q ~ beta(a, b). Any a, b > 0, small or large."""
    k = np.arange(1, size)
    first, second = a - 1, (b - 1)[:, None]
    both = first + second
    double = 2 * k + both
    diagonal = np.empty((len(b), size))
    diagonal[:, 0] = a / (a + b)
    diagonal[:, 1:] = (2 * k**2 + 2 * k * (both + 1) + both * (first + 1)) / (double * (double + 2))
    square = np.empty((len(b), size - 1))
    square[:, 0] = a * b / ((a + b) ** 2 * (a + b + 1))
    rest = double[:, 1:]
    square[:, 1:] = (k * (k + first) * (k + second) * (k + both))[:, 1:] / (rest**2 * (rest**2 - 1))
    matrix = np.zeros((len(b), size, size))
    places = np.arange(size)
    matrix[:, places, places] = diagonal
    matrix[:, places[1:], places[:-1]] = np.sqrt(square)
    with one_thread():
        nodes, vectors = np.linalg.eigh(matrix)
    return np.clip(nodes, 0.0, 1.0), vectors[:, 0, :] ** 2


@lru_cache(maxsize=64)
def legendre(size: int) -> tuple[Floats, Floats]:
    """On 0 … 1."""
    nodes, weights = np.polynomial.legendre.leggauss(size)
    return (nodes + 1) / 2, weights / 2


def beta_mean(
    function: Mixed, a: float, b: Floats, columns: tuple[Floats, ...], spread: Floats, near: Floats, most: int = 128
) -> Floats:
    """E f(q, *columns), q ~ beta(a, b), for each row.

    function: of q (rows × nodes) and of the columns (rows × 1). near: f can be continued no further than 1/near beyond 0 … 1;
    spread: the same in units of the spread of q. most: nodes at most.
    """
    found = np.empty(len(b))
    left = np.ones(len(b), bool)
    for size, most_spread, most_near in _SIZES:
        chosen = np.flatnonzero(left & (((spread <= most_spread) & (near <= most_near)) | (size >= most)))
        left[chosen] = False
        step = max(1, _VALUES // size)
        if not len(chosen):
            continue
        known, place = np.unique(b[chosen], return_inverse=True)
        nodes, weights = _nodes_of(a, known, size)
        for start in range(0, len(chosen), step):
            rows, at = chosen[start : start + step], place[start : start + step]
            values = function(np.maximum(nodes[at], _LEAST), *(column[rows, None] for column in columns))
            found[rows] = np.einsum("ij,ij->i", weights[at], values)
    return found


def _nodes_of(a: float, b: Floats, size: int) -> tuple[Floats, Floats]:
    """In steps, so that memory stays small."""
    step = max(1, 2**22 // size**2)
    parts = [beta_nodes(a, b[start : start + step], size) for start in range(0, len(b), step)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
