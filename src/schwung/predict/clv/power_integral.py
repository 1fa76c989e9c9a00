"""∫ ((α+t)/(α+u))^p ((β+t)/(β+u))^q du, u from t to an end: what Pareto/NBD rests on; by quadrature, any p, q, α, β > 0.

With v = ln(m+u), m the smaller of α and β, the integrand is a product of an exponential and a smooth step, so a few nodes of Gauss &
Legendre are exact; what has fallen by exp(−40) is cut off.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from schwung.predict.clv.quadrature import legendre
from schwung.predict.clv.rows import Floats, Ints

_SIZES = ((8, 1.6, 2.5), (16, 3.2, 9.0), (32, 9.0, 30.0), (64, 40.0, 60.0), (128, np.inf, np.inf))
"""Nodes; enough while the way in v and the fall of the integrand's logarithm are no longer."""
_GONE = 40.0
_VALUES = 2**17


@dataclass(frozen=True, slots=True)
class Nodes:
    """Of some rows: which they are; passed = u − t (rows × nodes); logs of the integrand's parts; share of each node; ln of the whole."""

    rows: Ints
    passed: Floats
    fallen_p: Floats
    """ln((α+u)/(α+t))"""
    fallen_q: Floats
    shares: Floats
    logs: Floats


def parts(p: Floats, alpha: Floats, q: Floats, beta: Floats, length: Floats) -> Iterator[Nodes]:
    """p, q: exponents; alpha, beta: α+t, β+t; length: end − t, which may be infinite. One of each per row."""
    least = np.minimum(alpha, beta)
    way = np.log1p(length / least)
    near = p * least / alpha + q * least / beta - 1
    grown = least + np.minimum(length, 1e300)
    far = p * grown / (alpha + length.clip(max=1e300)) + q * grown / (beta + length.clip(max=1e300)) - 1
    way = np.minimum(way, np.where(near > 0, _GONE / np.maximum(near, 1e-300), 600.0))
    fall = np.maximum(np.abs(near), np.abs(far)) * way
    left = np.ones(len(p), bool)
    for size, most_way, most_fall in _SIZES:
        chosen = np.flatnonzero(left & (way <= most_way) & (fall <= most_fall))
        left[chosen] = False
        step = max(1, _VALUES // (8 * size))
        for start in range(0, len(chosen), step):
            rows = chosen[start : start + step]
            yield _nodes(
                rows,
                size,
                way[rows, None],
                least[rows, None],
                p[rows, None],
                alpha[rows, None],
                q[rows, None],
                beta[rows, None],
            )


def _nodes(
    rows: Ints, size: int, way: Floats, least: Floats, p: Floats, alpha: Floats, q: Floats, beta: Floats
) -> Nodes:
    places, weights = legendre(size)
    grown = np.expm1(way * places)
    passed = least * grown
    fallen_p, fallen_q = np.log1p(passed / alpha), np.log1p(passed / beta)
    shares = np.exp(-p * fallen_p - q * fallen_q)
    shares *= 1 + grown
    shares *= weights
    whole = shares.sum(axis=1, keepdims=True)
    shares /= whole
    return Nodes(rows, passed, fallen_p, fallen_q, shares, np.log(least * way * whole)[:, 0])


def log_integral(p: Floats, alpha: Floats, q: Floats, beta: Floats, length: Floats) -> Floats:
    """−∞ where the length is 0."""
    found = np.full(len(p), -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for nodes in parts(p, alpha, q, beta, length):
            found[nodes.rows] = nodes.logs
    return np.where(length > 0, found, -np.inf)
