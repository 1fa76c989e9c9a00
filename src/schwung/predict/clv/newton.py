"""Maximum of a smooth log-likelihood of few parameters within a box: Newton with a trust region, from one start.

Indefinite curvature is met by the absolute values of the eigenvalues; coordinates that press against the box are held there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from schwung.predict.clv.rows import Floats

Derivatives = tuple[float, Floats, Floats]
"""Value, gradient, Hessian."""
Objective = Callable[[Floats], Derivatives]
_STEPS = 300
_RADIUS = 4.0
_CLOSE = 1e-7
"""A step that small, in logarithms, leaves an error of about its square."""
_FAR = 1e-2
_GAIN = 1e-12
_OPEN = 6.0
"""A standard error of a logarithm beyond which there is nothing to speak of."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """held: coordinates at the box, or along which nothing changes any more."""

    at: Floats
    value: float
    gradient: Floats
    hessian: Floats
    held: tuple[int, ...]
    steps: int

    @property
    def free(self) -> list[int]:
        return [place for place in range(len(self.at)) if place not in self.held]


def maximize(objective: Objective, start: Floats, low: Floats, high: Floats) -> Optimum:
    """The objective must be finite in the box."""
    at = np.clip(start, low, high)
    value, gradient, hessian = objective(at)
    radius, steps = 1.0, 0
    while steps < _STEPS:
        steps += 1
        free = _free(at, gradient, low, high)
        if not free.any():
            break
        move = np.zeros_like(at)
        move[free] = _step(gradient[free], hessian[np.ix_(free, free)], radius)
        tried = np.clip(at + move, low, high)
        move = tried - at
        foreseen = float(gradient @ move + 0.5 * move @ hessian @ move)
        if foreseen <= _GAIN * (1 + abs(value)) and np.abs(move).max() > _FAR:
            break  # a ridge: far to go, nothing to gain
        found = objective(tried)
        gain = found[0] - value
        if np.abs(move).max() <= _CLOSE:
            if gain > -1e-9 * (1 + abs(value)):
                at, (value, gradient, hessian) = tried, found
            break
        if gain <= 0 and gain < -1e-12 * abs(value):
            radius = 0.25 * min(radius, float(np.linalg.norm(move)))
            if radius < 1e-12:
                break
            continue
        if gain > 0.75 * foreseen:
            radius = min(_RADIUS, 2 * radius)
        at, (value, gradient, hessian) = tried, found
    held = _undetermined(hessian, set(np.flatnonzero((at <= low) | (at >= high)).tolist()))
    return Optimum(at, value, gradient, hessian, tuple(sorted(held)), steps)


def _free(at: Floats, gradient: Floats, low: Floats, high: Floats) -> np.ndarray:
    return ~(((at <= low) & (gradient <= 0)) | ((at >= high) & (gradient >= 0)))


def _step(gradient: Floats, hessian: Floats, radius: float) -> Floats:
    """Newton's step, no longer than the radius."""
    curvature, axes = np.linalg.eigh(-hessian)
    bent = np.maximum(np.abs(curvature), 1e-12 * max(1.0, float(np.abs(curvature).max())))
    along = axes.T @ gradient
    damping = 0.0
    while np.linalg.norm(along / (bent + damping)) > radius:
        damping = max(2.5 * damping, 1e-3 * float(bent.min()), 1e-3 * float(np.linalg.norm(along)) / radius)
    step: Floats = axes @ (along / (bent + damping))
    return step


def _undetermined(hessian: Floats, held: set[int]) -> set[int]:
    """The held, and coordinates whose standard error exceeds _OPEN even then: the widest first, until none is left."""
    while len(held) < len(hessian):
        free = [place for place in range(len(hessian)) if place not in held]
        bends, axes = np.linalg.eigh(-hessian[np.ix_(free, free)])
        wide = (axes**2) @ (1 / np.maximum(bends, 1e-300))
        if wide.max() <= _OPEN**2:
            break
        held = held | {free[int(wide.argmax())]}
    return held


def inverse(curvature: Floats) -> Floats:
    """Of a matrix that is positive definite but for rounding."""
    if not len(curvature):
        return curvature
    bends, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    bends = np.maximum(bends, 1e-10 * max(float(bends.max()), 1e-300))
    found: Floats = (axes / bends) @ axes.T
    return found
