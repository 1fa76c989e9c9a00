"""Purchase models with what is known of customers from the start (channel, first basket, country), and cohort by cohort.

Covariates multiply the scale parameters (Fader & Hardie 2007, “Incorporating time-invariant covariates”): α, and β or a and b, are those
of the first level times exp(effect). They are used only where they foretell better what was held out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.grouping import Groups
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.judged import expected
from schwung.predict.clv.newton import Derivatives, Objective, inverse, maximize
from schwung.predict.clv.one_thread import one_thread
from schwung.predict.clv.purchase_model import PurchaseModel
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import PurchaseSummary

_FURTHEST = 8.0


@dataclass(frozen=True, slots=True)
class Effect:
    """A level beside the first one of its column: the parameter is `factor` times that one's; low, high: 95 %."""

    column: str
    level: str
    parameter: str
    factor: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class FittedGroups:
    """One fit per group of equal covariates. pooled: without covariates. p_value: of the likelihood ratio against it."""

    pooled: FittedPurchases
    groups: Groups
    fits: tuple[FittedPurchases, ...]
    log_likelihood: float
    freedom: int
    p_value: float
    effects: tuple[Effect, ...] = ()

    def __repr__(self) -> str:
        lines = [
            f"{self.pooled.model} in {len(self.fits)} groups; likelihood ratio against one for all: p = {self.p_value:.3g}"
        ]
        lines += [
            f"  {each.column} = {each.level}: {each.parameter} × {each.factor:.3g} ({each.low:.3g} to {each.high:.3g})"
            for each in self.effects
        ]
        return "\n".join(lines)

    def expected_purchases(self, horizon: float, summary: PurchaseSummary, columns: Mapping[str, Any]) -> Floats:
        """Of each customer, by the parameters of their group."""
        return self._each(summary, columns, lambda fitted, some: fitted.expected_purchases(horizon, some).value)

    def p_alive(self, summary: PurchaseSummary, columns: Mapping[str, Any]) -> Floats:
        return self._each(summary, columns, lambda fitted, some: fitted.p_alive(some).value)

    def _each(self, summary: PurchaseSummary, columns: Mapping[str, Any], ask: Any) -> Floats:
        seen = Groups.of(columns, self.groups.groupings)
        known = {tuple(levels): place for place, levels in enumerate(self.groups.combined.tolist())}
        found = np.empty(len(summary))
        for place, levels in enumerate(seen.combined.tolist()):
            rows = np.flatnonzero(seen.place == place)
            group = known.get(tuple(levels))
            found[rows] = ask(self.pooled if group is None else self.fits[group], summary.chosen(rows))
        return found


def fit_with_covariates(model: PurchaseModel, summary: PurchaseSummary, columns: Mapping[str, Any]) -> FittedGroups:
    """columns: one value per customer, by name; numbers with many values are cut into fifths, rare values put together."""
    groups = Groups.of(columns)
    pooled = model.fit(summary)
    process, design = model.process, groups.design
    changed = [process.parameters.index(name) for name in process.covaried]
    size, count = len(process.parameters), design.shape[1]
    matrices = np.zeros((len(design), size, size + count * len(changed)))
    matrices[:, :, :size] = process.chart.matrix
    for step, place in enumerate(changed):
        matrices[:, place, size + step * count : size + (step + 1) * count] = design
    parts = [summary.chosen(np.flatnonzero(groups.place == place)).distinct for place in range(len(design))]
    objective = _together([process.likelihood(rows) for rows in parts], matrices)
    start = np.concatenate(
        [np.linalg.solve(process.chart.matrix, np.log(pooled.values)), np.zeros(count * len(changed))]
    )
    reach = np.full(count * len(changed), _FURTHEST)
    low, high = np.concatenate([process.chart.low, -reach]), np.concatenate([process.chart.high, reach])
    with one_thread():
        best = maximize(objective, start, low, high)
        covariance = inverse(-best.hessian)
    fits = tuple(
        _group(pooled, matrix @ best.at, matrix @ covariance @ matrix.T, rows.customers)
        for matrix, rows in zip(matrices, parts, strict=True)
    )
    errors = np.sqrt(np.diag(covariance))
    effects = tuple(
        _effect(groups.effects[place], process.covaried[step], best.at[at], errors[at])
        for step in range(len(changed))
        for place, at in enumerate(range(size + step * count, size + (step + 1) * count))
    )
    return _compared(pooled, groups, fits, best.value, count * len(changed), effects)


def fit_by(model: PurchaseModel, summary: PurchaseSummary, column: npt.ArrayLike, name: str = "cohort") -> FittedGroups:
    """One fit of its own for each level of the column (a cohort), beside one for all."""
    groups = Groups.of({name: column})
    pooled = model.fit(summary)
    fits = tuple(
        model.fit(summary.chosen(np.flatnonzero(groups.place == place))) for place in range(len(groups.combined))
    )
    value = sum(each.log_likelihood or 0.0 for each in fits)
    return _compared(pooled, groups, fits, value, (len(fits) - 1) * len(model.process.parameters), ())


def decide(fitted: FittedGroups, held: HeldOut, columns: Mapping[str, Any]) -> tuple[bool, Text]:
    """Whether groups foretell what was held out clearly better than one fit for all, and why. fitted: on what was known at the cut."""
    from schwung.predict.clv.summary import DAYS

    plain = expected(fitted.pooled, held)
    grouped = fitted.expected_purchases(
        held.days / DAYS[fitted.pooled.unit], fitted.pooled.on_its_clock(held.summary), columns
    )
    gain = (plain - held.actual) ** 2 - (grouped - held.actual) ** 2
    better = bool(gain.mean() > gain.std() / np.sqrt(len(gain)))
    names = ", ".join(each.name for each in fitted.groups.groupings)
    roots = [decimal(float(np.sqrt(np.mean((each - held.actual) ** 2))), 3) for each in (plain, grouped)]
    said = Text(
        "{names}: used. With it, held-out purchases per customer are missed by {grouped}, without it by {plain} (root mean square).",
        "{names}: verwendet. Damit werden die zurückgehaltenen Käufe je Kunde um {grouped} verfehlt, ohne um {plain} (quadratisches Mittel).",
    )
    if not better:
        said = Text(
            "{names}: not used. With it, held-out purchases per customer are missed by {grouped}, without it by {plain} (root mean "
            "square): no clear gain.",
            "{names}: nicht verwendet. Damit werden die zurückgehaltenen Käufe je Kunde um {grouped} verfehlt, ohne um {plain} "
            "(quadratisches Mittel): kein klarer Gewinn.",
        )
    return better, said.fill(names=names, grouped=roots[1], plain=roots[0])


def _together(objectives: list[Objective], matrices: Floats) -> Objective:
    """Sum of the groups' log-likelihoods, each of its own linear part of the coordinates."""

    def whole(at: Floats) -> Derivatives:
        value, gradient, hessian = 0.0, np.zeros(len(at)), np.zeros((len(at), len(at)))
        for objective, matrix in zip(objectives, matrices, strict=True):
            part = objective(matrix @ at)
            value += part[0]
            gradient += matrix.T @ part[1]
            hessian += matrix.T @ part[2] @ matrix
        return value, gradient, hessian

    return whole


def _group(pooled: FittedPurchases, logs: Floats, covariance: Floats, customers: float) -> FittedPurchases:
    values, names = np.exp(logs), list(pooled.parameters)
    errors = values * np.sqrt(np.diag(covariance))
    return replace(
        pooled,
        parameters=dict(zip(names, values.tolist(), strict=True)),
        standard_errors=dict(zip(names, errors.tolist(), strict=True)),
        center=tuple(logs.tolist()),
        covariance=covariance,
        sides=None,
        log_likelihood=None,
        customers=round(customers),
    )


def _effect(which: tuple[str, str], parameter: str, value: float, error: float) -> Effect:
    low, high = value - 1.959963984540054 * error, value + 1.959963984540054 * error
    return Effect(*which, parameter, float(np.exp(value)), float(np.exp(low)), float(np.exp(high)))


def _compared(
    pooled: FittedPurchases,
    groups: Groups,
    fits: tuple[FittedPurchases, ...],
    value: float,
    freedom: int,
    effects: tuple[Effect, ...],
) -> FittedGroups:
    ratio = max(0.0, 2 * (value - (pooled.log_likelihood or 0.0)))
    p_value = float(chi2.sf(ratio, freedom)) if freedom else 1.0
    return FittedGroups(pooled, groups, fits, value, freedom, p_value, effects)
