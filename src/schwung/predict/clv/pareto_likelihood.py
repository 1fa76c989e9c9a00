"""Log-likelihood of Pareto/NBD (Schmittlein, Morrison & Colombo 1987) with gradient and Hessian.

Purchase rates are gamma(r, α) over customers, rates of leaving gamma(s, β). With c = r + x:

ln L = ln (r)ₓ − r ln(1 + T/α) − x ln(α+T) − s ln(1 + T/β) + ln(1 + G),
G = s ∫ ((α+T)/(α+u))^c ((β+T)/(β+u))^s du / (β+u), u from tₓ to T: odds that the customer left at some u since the last purchase.
"""

import numpy as np

from schwung.predict.clv.beta_geometric import waited
from schwung.predict.clv.newton import Derivatives
from schwung.predict.clv.power_integral import Nodes, log_integral, parts
from schwung.predict.clv.rising import Rising
from schwung.predict.clv.rows import Floats, Rows


class ParetoLikelihood:
    """Of the logarithms of (r, α, s, β), for the given rows."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._bought = Rising.of(rows.frequency, rows.count)
        self._length = rows.T - rows.recency

    def __call__(self, at: Floats) -> Derivatives:
        r, alpha, s, beta = np.exp(at)
        rows = self._rows
        bought, bought1, bought2 = self._bought(r)
        value, gradient, hessian = waited(rows.T, rows.frequency, rows.count, r, alpha)
        stayed = waited(rows.T, np.zeros_like(rows.frequency), rows.count, s, beta)
        value += bought + stayed[0]
        gradient[0] += bought1
        hessian[0, 0] += bought2
        gradient[2:] += stayed[1][:2]
        hessian[2:, 2:] += stayed[2][:2, :2]
        for part in self._left(r, alpha, s, beta):
            value += part[0]
            gradient += part[1]
            hessian += part[2]
        scale = np.array([r, alpha, s, beta])
        gradient *= scale
        return value, gradient, hessian * np.outer(scale, scale) + np.diag(gradient)

    def _left(self, r: float, alpha: float, s: float, beta: float) -> list[Derivatives]:
        """ln(1 + G), block by block; rows whose last purchase is today cannot have left."""
        rows = self._rows
        open_ = np.flatnonzero(self._length > 0)
        c = r + rows.frequency[open_].astype(np.float64)
        some = rows.where(open_)
        first, second = alpha + some.recency, beta + some.recency
        s_here = np.full(len(some), s)
        length = self._length[open_]
        found = []
        for nodes in parts(c, first, s_here + 1, second, length):
            at = nodes.rows
            block = some.where(at)
            found.append(_block(nodes, block, c[at], first[at], second[at], (r, alpha, s, beta)))
        return found


def _block(nodes: Nodes, rows: Rows, c: Floats, first: Floats, second: Floats, p: tuple[float, ...]) -> Derivatives:
    _, alpha, s, beta = p
    length = rows.T - rows.recency
    late_p, late_q = 1 / (alpha + rows.T), 1 / (beta + rows.T)
    whole_p, whole_q = np.log1p(length / first), np.log1p(length / second)
    odds = np.log(s) + c * whole_p + s * whole_q - np.log(second) + nodes.logs
    less = np.exp(-np.abs(odds))
    gone = np.where(odds > 0, 1.0, less) / (1 + less)
    value = float(rows.count @ (np.maximum(odds, 0) + np.log1p(less)))

    early_p, early_q = 1 / (first[:, None] + nodes.passed), 1 / (second[:, None] + nodes.passed)
    apart_p, apart_q = late_p[:, None] - early_p, late_q[:, None] - early_q
    slopes = np.stack(
        [
            whole_p[:, None] - nodes.fallen_p,
            c[:, None] * apart_p,
            whole_q[:, None] - nodes.fallen_q + 1 / s,
            s * apart_q - early_q,
        ]
    )
    weight = rows.count * gone
    spread = weight[:, None] * nodes.shares
    means = np.einsum("kij,ij->ki", slopes, nodes.shares)
    gradient = means @ weight
    flat = slopes.reshape(4, -1)
    hessian = (flat * spread.ravel()) @ flat.T - (means * (weight * gone)) @ means.T
    hessian[0, 1] += (cross := float(np.vdot(spread, apart_p)))
    hessian[1, 0] += cross
    hessian[2, 3] += (cross := float(np.vdot(spread, apart_q)))
    hessian[3, 2] += cross
    square_p, square_q = early_p * early_p, early_q * early_q
    hessian[1, 1] += float(np.vdot(spread * c[:, None], square_p)) - float((weight * c) @ late_p**2)
    hessian[2, 2] -= float(weight.sum()) / (s * s)
    hessian[3, 3] += (s + 1) * float(np.vdot(spread, square_q)) - s * float(weight @ late_q**2)
    return value, gradient, hessian


def left_odds(p: Floats, rows: Rows) -> Floats:
    """ln G of each row."""
    r, alpha, s, beta = p
    c, length = r + rows.frequency, rows.T - rows.recency
    first, second = alpha + rows.recency, beta + rows.recency
    grown = c * np.log1p(length / first) + s * np.log1p(length / second)
    whole = log_integral(c, first, np.full(len(rows), s + 1), second, length)
    found: Floats = np.log(s) + grown - np.log(second) + whole
    return found
