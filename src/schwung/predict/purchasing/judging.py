"""A model of purchases on a workspace's facts: held out, its covariates decided, judged, fitted on all that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.clv import judged
from schwung.predict.clv.covariates import Decided, decide, grouped
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.grouping import Grouping
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.purchase_model import PurchaseModel, fit_process
from schwung.predict.clv.summary import DAYS
from schwung.predict.clv.tracking import tracking
from schwung.predict.kinds import by_kind, worst_kind
from schwung.predict.model import Options
from schwung.predict.purchasing.held_out import held_out
from schwung.predict.purchasing.tracking import course_of
from schwung.predict.purchasing.traits import TRAITS, read_grouped
from schwung.predict.sight import Sight

TOO_SHORT = Text(
    "The facts are too short to hold out a part of them, so nothing says how good it is.",
    "Die Fakten reichen nicht, um einen Teil zurückzuhalten; daher sagt nichts, wie gut es ist.",
)
WAIT = Text(
    "Wait for more orders, or ask for a shorter horizon.",
    "Weitere Bestellungen abwarten oder einen kürzeren Horizont wählen.",
)
Checks = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, eq=False)
class Judged:
    """expected: of each row of what was held out. model, naive: measures of both."""

    expected: np.ndarray
    model: Mapping[str, float]
    naive: Mapping[str, float]
    quality: Mapping[str, float]
    checks: Checks
    sentences: tuple[Text, ...]


def hold_out(sight: Sight, options: Options, cut_at: int, until_at: int) -> HeldOut:
    """With the traits of customers. InputError where nobody had bought by then."""
    held = held_out(sight, cut_at, until_at, options.time_unit, tuple(TRAITS))
    if held is None:
        raise InputError("facts_too_short", TOO_SHORT, WAIT)
    return held


def covariates(model: PurchaseModel, held: HeldOut, options: Options) -> Decided:
    """Which traits foretell better what was held out; none where that is not asked for."""
    return decide(model, held, TRAITS) if options.covariates else Decided((), (), ())


def fit_then(model: PurchaseModel, held: HeldOut, groupings: tuple[Grouping, ...]) -> tuple[FittedPurchases, HeldOut]:
    """On what was known at the cut; what it is to be judged on."""
    process = grouped(model, groupings)
    known = held.grouped(process)
    return fit_process(process, known.summary), known


def fit_now(sight: Sight, model: PurchaseModel, groupings: tuple[Grouping, ...], options: Options) -> FittedPurchases:
    """On all that is known."""
    process = grouped(model, groupings)
    return fit_process(process, read_grouped(sight, process, options.time_unit))


def judge(sight: Sight, fitted: FittedPurchases, held: HeldOut, *, has_checks: bool = True) -> Judged:
    """What it expected beside what came: in total, by week, by frequency, by kind of customer, against the naive rule."""
    expected, plain = judged.expected(fitted, held), judged.naive(held)
    model, naive = judged.measures(expected, held), judged.measures(plain, held)
    rows = judged.by_frequency(expected, held)
    kinds = by_kind(expected, held.actual, held.columns, TRAITS, held.count)
    said = judged.sentences(model, naive, rows, held.days)
    said = (*said, *worst_kind(kinds, lambda value: decimal(value, 2)))
    if not has_checks:
        return Judged(expected, model, naive, {}, {"by_frequency": rows, "kinds": kinds}, said)
    bought = fitted.probability_of_purchase(held.days / DAYS[fitted.unit], held.summary).value
    reliability = judged.calibration(bought, held)
    quality = {
        **model,
        "ece": judged.ece(reliability),
        **{f"naive_{name}": value for name, value in naive.items()},
        "held_out_days": float(held.days),
        "held_out_customers": float(held.customers),
    }
    checks = {
        "tracking": tracking(fitted, course_of(sight), held.cut),
        "by_frequency": rows,
        "calibration": reliability,
        "against_naive": [{"measure": name, "model": model[name], "naive": naive[name]} for name in model],
        "kinds": kinds,
    }
    return Judged(expected, model, naive, quality, checks, said)
