"""Shifted beta-geometric: how long contracts are kept."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.contracts import contracts
from schwung.measure.customer_value import MONTH
from schwung.measure.said import count, share
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.sbg import FittedContracts, ShiftedBetaGeometric
from schwung.predict.model import PREDICTED, Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.purchasing.held_out import cuts
from schwung.predict.purchasing.judging import TOO_SHORT
from schwung.predict.purchasing.model import FOLDS
from schwung.predict.purchasing.words import worth
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

NAIVE = Text("everybody cancels at the mean rate so far", "alle kündigen mit der bisherigen mittleren Rate")
_DAYS = MONTH / 86_400_000_000
_NOBODY = Text("There is no subscription in this window.", "In diesem Zeitraum gibt es kein Abonnement.")
_KEPT = Text("Keeps the subscription for {days} days with a probability of {p}.", "Behält das Abonnement mit einer Wahrscheinlichkeit von {p} noch {days} Tage.")  # fmt: skip
_WORTH = Text("It is expected to bring {value} in that time.", "In dieser Zeit bringt es voraussichtlich {value} ein.")
_MONTHS = Text(
    "A month counts as a renewal, whatever the period of payment; a pause that ends counts as kept.",
    "Ein Monat zählt als Verlängerung, gleich welcher Zahlungszeitraum; eine Pause, die endet, zählt als behalten.",
)


def tenures(sight: Sight) -> ir.Table:
    """Per subscription that ran: subscription_key, customer_id, tenure (months that were renewed or declined), churned, running_minor (what it
    brings a month now; 0: it runs no more)."""
    scope = whole(sight.scope)
    rows = sight.without_objected(contracts(scope))
    rows = rows.mutate(is_last=_.happened_at == _.happened_at.max().over(group_by="subscription_key"))
    each = rows.group_by("subscription_key").agg(
        customer_id=_.customer_id.max(),
        started_at=_.happened_at.min(where=_.is_running),
        ended_at=_.happened_at.max(where=_.is_last & ~_.is_running),
        running_minor=_.monthly_minor.max(where=_.is_last & _.is_running),
    )
    each = each.filter(_.started_at.notnull())
    each = each.mutate(churned=_.ended_at.notnull(), until_at=_.ended_at.fill_null(scope.question.as_of))
    whole_months = (each.until_at - each.started_at) // MONTH
    rows = each.select(
        "subscription_key",
        "customer_id",
        "churned",
        tenure=whole_months + each.churned.cast("int64"),
        running_minor=each.running_minor.fill_null(0),
        first_at="started_at",
    )
    since_at = sight.question.since_at
    return rows if since_at is None else rows.filter(_.first_at >= since_at)


@dataclass(frozen=True, eq=False)
class _Counted:
    tenure: Floats
    churned: Any
    count: Floats


def _counted(sight: Sight) -> _Counted:
    rows = _tenures(sight).group_by(["tenure", "churned"]).agg(n=_.count())
    found = sight.run(rows).sort_by([("tenure", "ascending"), ("churned", "ascending")])
    if not found.num_rows:
        raise InputError("no_subscriptions", _NOBODY, Text("Import subscriptions, or take a longer window.", "Abonnements importieren oder einen längeren Zeitraum nehmen."))  # fmt: skip
    return _Counted(found["tenure"].to_numpy(), found["churned"].to_numpy(zero_copy_only=False), found["n"].to_numpy())


def fit(sight: Sight, options: Options) -> Trained:
    """On the tenures of all subscriptions, running ones as far as they came."""
    known = _counted(sight)
    fitted = ShiftedBetaGeometric().fit(known.tenure, known.churned, known.count)
    quality: dict[str, float] = {}
    remarks: tuple[Text, ...] = (_MONTHS,)
    folds = _folds(sight, options, 1)
    if folds:
        quality = {**folds[0].model, **{f"naive_{name}": value for name, value in folds[0].naive.items()}}
    else:
        remarks = (*remarks, TOO_SHORT)
    return Trained(
        fitted.parameters, fitted.standard_errors, fitted.log_likelihood, fitted.customers, fitted.warnings, remarks,
        quality, {"survival": _survival(fitted, known)}, fitted.told(),
    )  # fmt: skip


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """Of customers with a running subscription: that one is kept through the horizon (the surest), what all bring until then."""
    fitted = ShiftedBetaGeometric.from_json(trained.state)
    rows = sight.run(_tenures(sight).filter(~_.churned).order_by(["customer_id", "tenure"]))
    months = max(1, round(options.horizon_days / _DAYS))
    ages, place = np.unique(rows["tenure"].to_numpy(), return_inverse=True)
    kept = fitted.survival(np.full(len(ages), months), ages)
    discount = _monthly(sight.question.value.discount_rate)
    life = fitted.lifetime(discount, ages, periods=months, with_now=False)
    minor = rows["running_minor"].to_numpy().astype(np.float64)
    parts = []
    for target, found, weight in (("kept", kept, np.ones(len(minor))), ("contract_value", life, minor)):
        low, high = found.interval(options.level)
        values = [np.asarray(one)[place] * weight for one in (found.value, low, high)]
        parts.append(_per_customer(target, rows["customer_id"].to_numpy(), values, surest=target == "kept"))
    return pa.concat_tables(parts)


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward: the share of running subscriptions that were kept."""
    found = _folds(sight, options, FOLDS)
    if not found:
        raise InputError("facts_too_short", TOO_SHORT, Text("Wait for more facts, or ask for a shorter horizon.", "Weitere Fakten abwarten oder einen kürzeren Horizont wählen."))  # fmt: skip
    said = Text(
        "Of {n} running subscriptions {came} were kept, {expected} was expected, {plain} by the naive rule.",
        "Von {n} laufenden Abonnements wurden {came} behalten; erwartet waren {expected}, nach der naiven Regel {plain}.",
    )
    texts = tuple(
        said.fill(
            n=count(fold.customers), came=share(fold.model["kept"]), expected=share(fold.model["expected"]),
            plain=share(fold.naive["expected"]),
        )
        for fold in found
    )  # fmt: skip
    return Backtest(tuple(found), texts)


def words(said: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    known = {one.target: one for one in said}
    kept = known.get("kept")
    found = (
        [] if kept is None or kept.value is None else [_KEPT.fill(p=share(kept.value, 0), days=wording.horizon_days)]
    )
    brought = worth(known, "contract_value", wording, _WORTH)
    return tuple(found if brought is None else [*found, brought])


def _folds(sight: Sight, options: Options, most: int) -> list[Fold]:
    found = []
    for cut_at, until_at in cuts(sight, options.horizon_days, most):
        then = sight.earlier(cut_at)
        months = max(1, round((until_at - cut_at) / MONTH))
        try:
            known = _counted(then)
            fitted = ShiftedBetaGeometric().fit(known.tenure, known.churned, known.count)
        except InputError:
            continue
        rows = sight.run(_kept(then, sight.earlier(until_at)))
        age, came, n = (rows[name].to_numpy().astype(np.float64) for name in ("tenure", "kept", "n"))
        if not len(age) or not n.sum():
            continue
        expected = np.asarray(fitted.survival(np.full(len(age), months), age).value)
        rate = float(known.count @ known.churned) / float(known.count @ known.tenure)
        model, naive = (_measures(said, came, n) for said in (expected, np.full(len(age), (1 - rate) ** months)))
        found.append(Fold(cut_at, until_at, int(n.sum()), model, naive, NAIVE))
    return found


def _kept(then: Sight, later: Sight) -> ir.Table:
    """Subscriptions that ran then, by tenure: how many, and how many of them run later."""
    running = _tenures(then).filter(~_.churned).select("subscription_key", "tenure")
    after = _tenures(later).select("subscription_key", is_lost="churned")
    both = running.join(after, "subscription_key", rname="a_{name}")
    return both.group_by("tenure").agg(n=_.count(), kept=(~_.is_lost).cast("int64").sum()).order_by("tenure")


def _tenures(sight: Sight) -> ir.Table:
    return sight.keep("tenures", lambda: tenures(sight))


def _measures(expected: Floats, came: Floats, n: Floats) -> dict[str, float]:
    people = float(n.sum())
    said, kept = float(n @ expected) / people, float(came.sum()) / people
    return {"expected": said, "kept": kept, "error": said - kept}


def _survival(fitted: FittedContracts, known: _Counted) -> list[dict[str, Any]]:
    """Share still there after each renewal: Kaplan–Meier of what is known, and the model."""
    found, still = [], 1.0
    for month in range(1, int(known.tenure.max(initial=0)) + 1):
        asked = float(known.count[known.tenure >= month].sum())
        lost = float(known.count[(known.tenure == month) & known.churned].sum())
        if not asked:
            break
        still *= 1 - lost / asked
        found.append(
            {"month": month, "actual": still, "expected": float(fitted.survival(month).value[0]), "n": round(asked)}
        )
    return found


def _monthly(rate: float | None) -> float:
    return 0.0 if rate is None else float((1 + rate) ** (1 / 12) - 1)


def _per_customer(target: str, ids: Any, values: list[Floats], *, surest: bool) -> pa.Table:
    """One row per customer: the highest, or the sum, over the customer's subscriptions."""
    known, starts = np.unique(ids, return_index=True)
    gather = np.maximum.reduceat if surest else np.add.reduceat
    numbers = [gather(one, starts) if len(starts) else one for one in values]
    size, nothing = len(known), pa.nulls(len(known), pa.string())
    rank = pa.repeat(pa.scalar(0, pa.int32()), size)
    columns = [pa.array(known, pa.int64()), pa.repeat(target, size), rank, *map(pa.array, numbers), nothing, nothing]
    return pa.Table.from_arrays(columns, schema=PREDICTED)


MODEL = Model(
    "sbg",
    Text("Contracts (shifted beta-geometric)", "Verträge (verschobenes Beta-geometrisches Modell)"),
    Text(
        "How likely a running subscription is kept, and what it will bring.",
        "Wie wahrscheinlich ein laufendes Abonnement behalten wird und was es einbringen wird.",
    ),
    Text(
        "At each renewal a customer cancels with a probability of its own; who cancels easily goes first, so those who stayed "
        "long stay longer. It knows nothing of behavior; ask the churn model for reasons.",
        "Bei jeder Verlängerung kündigt ein Kunde mit eigener Wahrscheinlichkeit; wer leicht kündigt, geht zuerst, daher bleiben "
        "langjährige länger. Verhalten kennt es nicht; Gründe nennt das Abwanderungsmodell.",
    ),
    "Fader & Hardie 2007",
    ("subscriptions", "profiles"),
    (
        Target("kept", Text("Subscription kept", "Abonnement behalten"), "probability", "higher"),
        Target(
            "contract_value",
            Text("Value to come of subscriptions", "Künftiger Wert der Abonnements"),
            "money",
            "higher",
        ),
    ),
    fit,
    predict,
    backtest,
    words,
)
