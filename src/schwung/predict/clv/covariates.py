"""Purchase models with what is known of customers from the start, and cohort by cohort; used only where they foretell better."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.clv.choice import is_better
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.grouped import Grouped
from schwung.predict.clv.grouping import Grouping
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.judged import expected, measures
from schwung.predict.clv.process import Process
from schwung.predict.clv.purchase_model import PurchaseModel, fit_process
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import PurchaseSummary

_MOST_ROWS = 20_000
_CHANCE = 0.01
"""Of the likelihood ratio."""
_CLEARLY = 2.0
"""Standard errors of the difference: of three columns that say nothing, one would look helpful in every sixth shop by one."""
_USED = Text(
    "{names}: used. On {days} held-out days the error per customer (RMSE) is {own} with it, {plain} without.",
    "{names}: verwendet. Auf {days} zurückgehaltenen Tagen ist der Fehler je Kunde (RMSE) {own} damit, {plain} ohne.",
)
_NOT_USED = Text(
    "{names}: not used. On {days} held-out days the error per customer (RMSE) is {own} with it, {plain} without: no clear gain.",
    "{names}: nicht verwendet. Auf {days} zurückgehaltenen Tagen ist der Fehler je Kunde (RMSE) {own} damit, {plain} ohne: kein "
    "klarer Gewinn.",
)
_ALIKE = Text(
    "{names}: not used. Nearly all customers are alike in it.",
    "{names}: nicht verwendet. Darin gleichen sich fast alle Kunden.",
)


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
    """pooled: one fit for all. fitted: with the groups; it is asked with summaries that `grouped` gives. p_value: of the
    likelihood ratio of both."""

    pooled: FittedPurchases
    fitted: FittedPurchases
    process: Grouped

    def __repr__(self) -> str:
        lines = [f"{self.pooled.model} by group; likelihood ratio against one for all: p = {self.p_value:.3g}"]
        lines += [
            f"  {each.column} = {each.level}: {each.parameter} × {each.factor:.3g} ({each.low:.3g} to {each.high:.3g})"
            for each in self.effects
        ]
        return "\n".join(lines)

    def grouped(self, summary: PurchaseSummary, columns: Mapping[str, Any]) -> PurchaseSummary:
        """The summary, knowing the groups of its customers."""
        return replace(summary, group=self.process.place(columns))

    @property
    def freedom(self) -> int:
        return len(self.process.effects)

    @property
    def p_value(self) -> float:
        ratio = 2 * ((self.fitted.log_likelihood or 0.0) - (self.pooled.log_likelihood or 0.0))
        return float(scipy.stats.chi2.sf(max(ratio, 0.0), self.freedom)) if self.freedom else 1.0

    @property
    def effects(self) -> tuple[Effect, ...]:
        found = []
        names = self.process.parameters[len(self.process.process.parameters) :]
        for name, (parameter, column, level) in zip(names, self.process.effects, strict=True):
            bounds = self.fitted.parameter_interval(name)
            found.append(Effect(column, level, parameter, self.fitted.parameters[name], *bounds))
        return tuple(found)

    def of_level(self, column: str, level: str) -> dict[str, float]:
        """Parameters of the customers with this level, of the first level of every other column."""
        place = self.process.place(
            {one.name: [level if one.name == column else one.levels[0]] for one in self.process.groupings}
        )
        p = self.process.of_group(self.fitted.values, int(place[0]))
        return dict(zip(self.process.process.parameters, p.tolist(), strict=True))


def fit_with_covariates(model: PurchaseModel, summary: PurchaseSummary, columns: Mapping[str, Any]) -> FittedGroups:
    """columns: one value per customer, by name; numbers with many values are cut into fifths, rare values put together."""
    groupings = tuple(Grouping.of(name, values, summary.count) for name, values in columns.items())
    return _fitted(model, summary, columns, Grouped(model.process, groupings, model.process.covaried))


def fit_by(model: PurchaseModel, summary: PurchaseSummary, column: npt.ArrayLike, name: str = "cohort") -> FittedGroups:
    """Parameters of their own for each level of the column (a cohort)."""
    grouping = Grouping.of(name, column, summary.count)
    return _fitted(model, summary, {name: column}, Grouped(model.process, (grouping,), model.process.parameters))


def _fitted(
    model: PurchaseModel, summary: PurchaseSummary, columns: Mapping[str, Any], process: Grouped
) -> FittedGroups:
    known = replace(summary, group=process.place(columns))
    return FittedGroups(model.fit(summary), fit_process(process, known), process)


@dataclass(frozen=True, slots=True)
class Decided:
    """groupings: columns that foretell what was held out clearly better than without them. reasons: a sentence for each column.
    rows: of each its error beside the one without it."""

    groupings: tuple[Grouping, ...]
    reasons: tuple[Text, ...]
    rows: tuple[dict[str, Any], ...]


def decide(model: PurchaseModel, held: HeldOut, titles: Mapping[str, Text] | None = None) -> Decided:
    """Column by column of `held.columns`, the most helpful one first; each must add to those taken before, beyond chance in what was
    known and clearly in what was held out. Nothing where the model itself cannot be fitted."""
    groupings = [Grouping.of(name, values, held.count) for name, values in held.columns.items()]
    few = held.chosen(held.some(_MOST_ROWS))
    plain = _told(few, model.process)
    if plain is None:
        return Decided((), (), ())
    alone = {one.name: _told(few, grouped(model, (one,))) for one in groupings if len(one.levels) > 1}
    errors = {name: measures(said.expected, few)["rmse"] for name, said in alone.items() if said is not None}
    taken: tuple[Grouping, ...] = ()
    best, texts, rows = plain, dict[str, Text](), []
    for one in sorted(groupings, key=lambda each: errors.get(each.name, np.inf)):
        names = (titles or {}).get(one.name, Text(one.name, one.name))
        said = _told(few, grouped(model, (*taken, one))) if taken and one.name in errors else alone.get(one.name)
        if said is None:
            texts[one.name] = _ALIKE.fill(names=names)
            continue
        with_it, without = (measures(each.expected, few)["rmse"] for each in (said, best))
        is_used = is_better(said.expected, best.expected, few, _CLEARLY) and said.differs_from(best)
        texts[one.name] = (_USED if is_used else _NOT_USED).fill(
            names=names, days=held.days, own=decimal(with_it, 4), plain=decimal(without, 4)
        )
        rows.append(
            {"title_en": names.en, "title_de": names.de, "with": with_it, "without": without, "is_used": is_used}
        )
        if is_used:
            taken, best = (*taken, one), said
    return Decided(taken, tuple(texts[one.name] for one in groupings), tuple(rows))


def grouped(model: PurchaseModel, groupings: tuple[Grouping, ...]) -> Process:
    """The process of the model; with groupings, of customers who are told apart by them."""
    return Grouped(model.process, groupings, model.process.covaried) if groupings else model.process


@dataclass(frozen=True, eq=False)
class _Told:
    """What a fit expects of the rows that were held out, and how likely it made what was known."""

    expected: Floats
    log_likelihood: float
    size: int

    def differs_from(self, plain: "_Told") -> bool:
        """Whether what was known tells customers apart beyond chance too: the likelihood ratio against the plainer fit."""
        ratio = max(2 * (self.log_likelihood - plain.log_likelihood), 0.0)
        return bool(scipy.stats.chi2.sf(ratio, self.size - plain.size) < _CHANCE)


def _told(held: HeldOut, process: Process) -> _Told | None:
    """None where it cannot be fitted."""
    known = held.grouped(process)
    try:
        fitted = fit_process(process, known.summary)
    except InputError:
        return None
    return _Told(expected(fitted, known), fitted.log_likelihood or 0.0, len(process.parameters))
