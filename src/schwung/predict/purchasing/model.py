"""A model of purchases as the registry has it: BG/NBD, MBG/NBD, Pareto/NBD differ in their process only."""

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.predict.clv.covariates import Decided
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.judged import NAIVE
from schwung.predict.clv.purchase_model import PurchaseModel
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import DAYS, PurchaseSummary
from schwung.predict.model import PREDICTED, Backtest, Fold, Model, Options, Target, Trained
from schwung.predict.purchasing.counts import count_interval
from schwung.predict.purchasing.held_out import cuts
from schwung.predict.purchasing.judging import TOO_SHORT, WAIT, Checks, covariates, fit_now, fit_then, hold_out, judge
from schwung.predict.purchasing.traits import asked_by, grouped, read_grouped, with_traits
from schwung.predict.purchasing.words import purchase_words
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, of_customers

FOLDS = 3
TARGETS = (
    Target("p_alive", Text("Still a customer", "Noch Kunde"), "probability", "higher"),
    Target("expected_orders", Text("Expected purchases", "Erwartete Käufe"), "count", "higher"),
    Target("next_order", Text("Next purchase", "Nächster Kauf"), "date", "neither"),
)
_LIKELY_GONE = 0.5


def purchase_model(found: PurchaseModel, title: Text, says: Text, reading: Text, source: str) -> Model:
    """The registry's entry."""
    family = Family(found)
    return Model(
        found.process.name, title, says, reading, source, ("orders", "returns", "profiles"), TARGETS,
        family.fit, family.predict, family.backtest, purchase_words, part_of="clv", totals=family.totals,
    )  # fmt: skip


class Family:
    """fit, predict, backtest of one purchase model on a workspace's facts."""

    def __init__(self, model: PurchaseModel) -> None:
        self._model = model

    def fit(self, sight: Sight, options: Options) -> Trained:
        """On all that is known; judged, and its covariates decided, on a part that is held out."""
        last = cuts(sight, options.horizon_days, 1)
        decided, found = Decided((), (), ()), None
        remarks: tuple[Text, ...] = (TOO_SHORT,)
        if last:
            try:
                held = hold_out(sight, options, *last[0])
                decided = covariates(self._model, held, options)
                found = judge(sight, *fit_then(self._model, held, decided.groupings))
                remarks = (*found.sentences, *decided.reasons)
            except InputError as error:  # too little was known then; now there is more
                remarks = (TOO_SHORT, error.message)
        fitted = fit_now(sight, self._model, decided.groupings, options)
        checks = {} if found is None else {**found.checks, "covariates": list(decided.rows)}
        return Trained(
            fitted.parameters,
            fitted.standard_errors,
            fitted.log_likelihood,
            fitted.customers,
            fitted.warnings,
            remarks=remarks,
            quality={} if found is None else found.quality,
            checks=checks,
            state=json.loads(fitted.to_json()),
        )

    def predict(self, sight: Sight, trained: Trained, options: Options) -> pa.Table:
        """What `TARGETS` name, of everybody who bought and did not object."""
        fitted = self._model.from_json(trained.state)
        names = asked_by(fitted.process)
        rows = with_traits(sight, kept_purchases(sight), names)
        found = sight.run(rows.select("customer_id", "frequency", "recency", "age", "paid_days", "spend", *names))
        summary = grouped(fitted.process, of_customers(found), found)
        parts = [alive(fitted, summary, options.level), orders(fitted, summary, options)]
        parts.append(next_order(fitted, summary, options.level, sight.as_of))
        return pa.concat_tables(
            [as_predicted(name, summary, *values) for name, values in zip(NAMES, parts, strict=True)]
        )

    def totals(self, sight: Sight, trained: Trained, options: Options) -> Mapping[str, Estimate]:
        """Customers who are left, and their purchases within the horizon."""
        fitted = self._model.from_json(trained.state)
        return sums(fitted, fitted, read_grouped(sight, fitted.process, options.time_unit), options)

    def backtest(self, sight: Sight, options: Options) -> Backtest:
        """Walks forward; the naive rule is that everybody goes on as before."""
        folds: list[Fold] = []
        checks: Checks = {}
        said: tuple[Text, ...] = ()
        for cut_at, until_at in cuts(sight, options.horizon_days, FOLDS):
            held = hold_out(sight, options, cut_at, until_at)
            groupings = covariates(self._model, held, options).groupings
            found = judge(sight, *fit_then(self._model, held, groupings), has_checks=False)
            folds.append(Fold(cut_at, until_at, held.customers, found.model, found.naive, NAIVE))
            checks, said = found.checks, found.sentences
        if not folds:
            raise InputError("facts_too_short", TOO_SHORT, WAIT)
        return Backtest(tuple(folds), said, checks)


Values = tuple[Floats, Floats, Floats]
"""value, low, high per customer; NaN: none."""
NAMES = tuple(target.name for target in TARGETS)


def sums(
    alive: FittedPurchases, purchases: FittedPurchases, summary: PurchaseSummary, options: Options
) -> dict[str, Estimate]:
    """Over all customers. The sum of purchases lies within it by what the parameters leave open and by chance."""
    horizon = options.horizon_days / DAYS[purchases.unit]
    return {
        "p_alive": alive.p_alive(summary).total(options.level, observed=False),
        "expected_orders": purchases.expected_purchases(horizon, summary).total(options.level),
    }


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
