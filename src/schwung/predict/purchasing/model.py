"""A model of purchases as the registry has it: BG/NBD, MBG/NBD, Pareto/NBD differ in their process only."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.clv import judged
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.purchase_model import PurchaseModel
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import DAYS, PurchaseSummary
from schwung.predict.clv.tracking import tracking
from schwung.predict.model import PREDICTED, Backtest, Fold, Model, Options, Target, Trained
from schwung.predict.purchasing.counts import count_interval
from schwung.predict.purchasing.held_out import cuts, held_out
from schwung.predict.purchasing.tracking import course_of
from schwung.predict.purchasing.words import purchase_words
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, of_customers, read

FOLDS = 3
TARGETS = (
    Target("p_alive", Text("Still a customer", "Noch Kunde"), "probability", "higher"),
    Target("expected_orders", Text("Expected purchases", "Erwartete Käufe"), "count", "higher"),
    Target("next_order", Text("Next purchase", "Nächster Kauf"), "date", "neither"),
)
TOO_SHORT = Text(
    "The facts are too short to hold out a part of them, so nothing says how good it is.",
    "Die Fakten reichen nicht, um einen Teil zurückzuhalten; daher sagt nichts, wie gut es ist.",
)
_LIKELY_GONE = 0.5


def purchase_model(found: PurchaseModel, title: Text, says: Text, reading: Text, source: str) -> Model:
    """The registry's entry."""
    family = Family(found)
    return Model(
        found.process.name, title, says, reading, source, ("orders", "returns", "profiles"), TARGETS,
        family.fit, family.predict, family.backtest, purchase_words, part_of="clv",
    )  # fmt: skip


class Family:
    """fit, predict, backtest of one purchase model on a workspace's facts."""

    def __init__(self, model: PurchaseModel) -> None:
        self._model = model

    def fit(self, sight: Sight, options: Options) -> Trained:
        """On all that is known; judged on a part that is held out."""
        fitted = self._model.fit(read(sight, options.time_unit).summary)
        trained = Trained(
            fitted.parameters,
            fitted.standard_errors,
            fitted.log_likelihood,
            fitted.customers,
            fitted.warnings,
            state=json.loads(fitted.to_json()),
        )
        last = cuts(sight, options.horizon_days, 1)
        if not last:
            return replace(trained, remarks=(TOO_SHORT,))
        try:
            quality, checks, said = self._judged(sight, options, *last[0])
        except InputError as error:  # too little was known then; now there is more
            return replace(trained, remarks=(TOO_SHORT, error.message))
        return replace(trained, quality=quality, checks=checks, remarks=said)

    def predict(self, sight: Sight, trained: Trained, options: Options) -> pa.Table:
        """What `TARGETS` name, of everybody who bought and did not object."""
        fitted = self.fitted(trained)
        rows = sight.run(
            kept_purchases(sight).select("customer_id", "frequency", "recency", "age", "paid_days", "spend")
        )
        summary = of_customers(rows)
        parts = [alive(fitted, summary, options.level), orders(fitted, summary, options)]
        parts.append(next_order(fitted, summary, options.level, sight.as_of))
        return pa.concat_tables(
            [as_predicted(name, summary, *values) for name, values in zip(NAMES, parts, strict=True)]
        )

    def backtest(self, sight: Sight, options: Options) -> Backtest:
        """Walks forward; the naive rule is that everybody goes on as before."""
        folds: list[Fold] = []
        rows: list[dict[str, Any]] = []
        said: tuple[Text, ...] = ()
        for cut_at, until_at in cuts(sight, options.horizon_days, FOLDS):
            held, fitted = self._known(sight, options, cut_at, until_at)
            expected = judged.expected(fitted, held)
            model, naive = judged.measures(expected, held), judged.measures(judged.naive(held), held)
            folds.append(Fold(cut_at, until_at, held.customers, model, naive, judged.NAIVE))
            rows = judged.by_frequency(expected, held)
            said = judged.sentences(model, naive, rows, held.days)
        if not folds:
            raise InputError("facts_too_short", TOO_SHORT, Text("Wait for more orders, or ask for a shorter horizon.", "Weitere Bestellungen abwarten oder einen kürzeren Horizont wählen."))  # fmt: skip
        return Backtest(tuple(folds), said, {"by_frequency": rows})

    def fitted(self, trained: Trained) -> FittedPurchases:
        """As it was fitted."""
        return self._model.from_json(trained.state)

    def _known(self, sight: Sight, options: Options, cut_at: int, until_at: int) -> tuple[HeldOut, FittedPurchases]:
        held = held_out(sight, cut_at, until_at, options.time_unit)
        if held is None:
            raise InputError("facts_too_short", TOO_SHORT, Text("Wait for more orders.", "Weitere Bestellungen abwarten."))  # fmt: skip
        return held, self._model.fit(held.summary)

    def _judged(
        self, sight: Sight, options: Options, cut_at: int, until_at: int
    ) -> tuple[Mapping[str, float], Mapping[str, list[dict[str, Any]]], tuple[Text, ...]]:
        held, fitted = self._known(sight, options, cut_at, until_at)
        expected = judged.expected(fitted, held)
        horizon = held.days / DAYS[fitted.unit]
        bought = np.asarray(fitted.probability_of_purchase(horizon, held.summary).value)
        model, naive = judged.measures(expected, held), judged.measures(judged.naive(held), held)
        rows, reliability = judged.by_frequency(expected, held), judged.calibration(bought, held)
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
        }
        return quality, checks, judged.sentences(model, naive, rows, held.days)


Values = tuple[Floats, Floats, Floats]
"""value, low, high per customer; NaN: none."""
NAMES = tuple(target.name for target in TARGETS)


def alive(fitted: FittedPurchases, summary: PurchaseSummary, level: float) -> Values:
    """How far the parameters leave it open."""
    found = fitted.p_alive(summary)
    return found.value, *found.interval(level)


def orders(fitted: FittedPurchases, summary: PurchaseSummary, options: Options) -> Values:
    """Within what the number of purchases will lie."""
    horizon, process, p = options.horizon_days / DAYS[fitted.unit], fitted.process, fitted.values
    clocked = fitted.on_its_clock(summary)
    rows, place = clocked.distinct, clocked.place
    mean = process.expected(p, rows, horizon)
    low, high = count_interval(mean, process.pairs(p, rows, horizon), process.silent(p, rows, horizon), options.level)
    return mean[place], low[place], high[place]


def next_order(fitted: FittedPurchases, summary: PurchaseSummary, level: float, as_of: int) -> Values:
    """Instants; none of customers of whom no purchase is likelier than one."""
    found = fitted.next_purchase(summary, level=level)
    gone = found.never > _LIKELY_GONE
    scale = DAYS[fitted.unit] * DAY
    value, low, high = (
        np.where(gone, np.nan, as_of + scale * waits) for waits in (found.median, found.low, found.high)
    )
    return value, low, high


def as_predicted(target: str, summary: PurchaseSummary, value: Floats, low: Floats, high: Floats) -> pa.Table:
    """Rows of one target, without labels."""
    count = len(value)
    numbers = (pa.array(values, pa.float64(), from_pandas=True) for values in (value, low, high))
    nothing = pa.nulls(count, pa.string())
    ids = pa.array(summary.customers, pa.int64())
    rank = pa.repeat(pa.scalar(0, pa.int32()), count)
    return pa.Table.from_arrays([ids, pa.repeat(target, count), rank, *numbers, nothing, nothing], schema=PREDICTED)
