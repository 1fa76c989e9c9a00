"""A model: what it says, how it is fitted, what it predicts, how good it was; one file each in `models/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.predict.sight import Sight

TimeUnit = Literal["day", "week"]
TargetUnit = Literal["probability", "count", "money", "date", "product", "days", "score", "group"]
"""money: minor units. date: an instant. days: a length. group: the label stands in `label`."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is asked. level: of intervals, 0 to 1. seed: of whatever is drawn. covariates: models of purchases try what is
    known of customers from the start, and take what helps. discount_rate: a year, instead of that of the settings."""

    horizon_days: int = 365
    level: float = 0.8
    time_unit: TimeUnit = "day"
    seed: int = 1
    covariates: bool = True
    discount_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One value that a model gives each customer (or each of several ranks of a customer)."""

    name: str
    title: Text
    unit: TargetUnit
    better: Literal["higher", "lower", "neither"] = "neither"


@dataclass(frozen=True, slots=True)
class Trained:
    """What fitting gave; everything in it can be kept as JSON.

    parameters, standard_errors: by name, on the user's clock; an error that does not exist (parameter at the boundary) is
    None and said in `warnings`. quality: measures on held-out data by name (auc, log_loss, ece, mae, …), higher or lower
    as the field has it. remarks: reasons in words: why this variant, what was left out. checks: rows for the pictures of the
    model's page by name of the picture (tracking, calibration, by_frequency, …). state: what `predict` needs besides.
    """

    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float | None]
    log_likelihood: float | None
    customers: int
    warnings: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()
    quality: Mapping[str, float] = field(default_factory=dict)
    checks: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fold:
    """One step of a backtest that walks forward: fitted on what was known at `cut_at`, judged on what came after.

    model, naive: measures by name, of the model and of the naive rule named in `naive_rule`.
    """

    cut_at: int
    until_at: int
    customers: int
    model: Mapping[str, float]
    naive: Mapping[str, float]
    naive_rule: Text


@dataclass(frozen=True, slots=True)
class Backtest:
    """Folds in their order; sentences: what they say, on whom the model errs."""

    folds: tuple[Fold, ...]
    sentences: tuple[Text, ...] = ()
    checks: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


PREDICTED = pa.schema(
    [
        pa.field("customer_id", pa.int64(), nullable=False),
        pa.field("target", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("label", pa.string()),
        pa.field("reasons", pa.string()),
    ]
)
"""What `predict` gives: one row per customer, target and rank (0; 0, 1, 2 … for next products). label: product_id, group.
reasons: JSON, a list of objects that `words` understands."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One prediction as it is read back, money in minor units."""

    target: str
    rank: int
    value: float | None
    low: float | None
    high: float | None
    label: str | None
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Wording:
    """What sentences about a customer need: currency and its minor units per major one, zone, names of products, days ahead
    that the predictions speak of."""

    currency: str
    scale: int
    zone: str
    product_names: Mapping[str, str] = field(default_factory=dict)
    horizon_days: int = 365


Fit = Callable[[Sight, Options], Trained]
Predict = Callable[[Sight, Trained, Options], pa.Table]
Test = Callable[[Sight, Options], Backtest]
Words = Callable[[list[Prediction], Wording], tuple[Text, ...]]
Totals = Callable[[Sight, Trained, Options], Mapping[str, Estimate]]
"""Sums over all customers with their intervals, by target; money in minor units."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model, defined once.

    says: what it predicts, in a sentence. reading: how to read its values and what it cannot know. source: of the method.
    needs: fact tables. targets: what it gives. fit, predict, backtest: see the types; they raise InputError, in a sentence,
    for what cannot be fitted, and other models go on. words: a customer's predictions as sentences; none: ().
    packages: of the extra `models` that it imports. part_of: a model that tells the same of a customer, and more.
    totals: of the targets whose sum has an interval. is_learned: False where people set it, so that nothing can be judged.
    """

    name: str
    title: Text
    says: Text
    reading: Text
    source: str
    needs: tuple[str, ...]
    targets: tuple[Target, ...]
    fit: Fit
    predict: Predict
    backtest: Test
    words: Words
    packages: tuple[str, ...] = ()
    part_of: str | None = None
    totals: Totals | None = None
    is_learned: bool = True
