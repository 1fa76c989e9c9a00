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
_FURTHEST = 500.0
_HALVINGS = 25
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
    near = p * least / alpha + q * least / beta - 1
    gone = np.where(near > 0, _GONE / np.maximum(near, 1e-300), _FURTHEST)
    way = np.minimum(np.log1p(length / least), np.minimum(gone, _FURTHEST))
    fall = _falls(p, alpha, q, beta, least, way) * way
    hard = np.flatnonzero((way > _SIZES[1][1]) | (fall > _SIZES[1][2]))
    if len(hard):
        some = (p[hard], alpha[hard], q[hard], beta[hard], least[hard])
        way[hard] = _until_gone(*some, way[hard])
        fall[hard] = _falls(*some, way[hard]) * way[hard]
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


def _falls(p: Floats, alpha: Floats, q: Floats, beta: Floats, least: Floats, way: Floats) -> Floats:
    """Steepest slope of the integrand's logarithm in v, up to that way: at one of its ends, for it only grows steeper."""
    near = p * least / alpha + q * least / beta - 1
    grown = least * np.exp(way)
    far = p * grown / (alpha + grown - least) + q * grown / (beta + grown - least) - 1
    return np.maximum(np.abs(near), np.abs(far))


def _until_gone(p: Floats, alpha: Floats, q: Floats, beta: Floats, least: Floats, way: Floats) -> Floats:
    """How far it takes to fall to nothing, at most `way`; by halving."""
    low, high = np.zeros(len(p)), way.copy()
    for step in range(_HALVINGS):
        middle = 0.5 * (low + high) if step else high
        passed = least * np.expm1(middle)
        is_left = middle - p * np.log1p(passed / alpha) - q * np.log1p(passed / beta) > -_GONE
        low, high = np.where(is_left, middle, low), np.where(is_left, high, middle)
    return high


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
    """Of each row; −∞ where the length is 0. What lies beyond the furthest node of an endless one falls as a power."""
    found = np.full(len(p), -np.inf)
    open_ = np.flatnonzero(length > 0)
    p, alpha, q, beta, length = (each[open_] for each in (p, alpha, q, beta, length))
    for nodes in parts(p, alpha, q, beta, length):
        found[open_[nodes.rows]] = nodes.logs
    least, endless = np.minimum(alpha, beta), np.isinf(length)
    passed = np.log(least) + _FURTHEST
    rest = passed - p * (passed - np.log(alpha)) - q * (passed - np.log(beta)) - np.log(np.maximum(p + q - 1, 1e-300))
    found[open_] = np.where(endless, np.logaddexp(found[open_], rest), found[open_])
    return found
