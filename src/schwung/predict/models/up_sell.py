"""Which customers buy more than before: a step up in price, or from another category."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.lifecycle import customer_orders
from schwung.predict.classify.fitted import FittedOutcome
from schwung.predict.features import goods
from schwung.predict.features.feature import each_at
from schwung.predict.features.frame import GROUPS
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.outcomes.cuts import cuts_of, outcome_days, too_few_to_judge
from schwung.predict.outcomes.learn import Learned, Task, judged, learn, look, quality_of, reasons_of
from schwung.predict.outcomes.rows import Rows, folds_said
from schwung.predict.outcomes.words import because, chance
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

MOST_DAYS = 90
_KEYS = ["customer_id", "moment_at"]
_MARKS = ("is_up", "is_new")
_NAIVE = Text("as often as customers with as many orders", "so oft wie Kunden mit so vielen Bestellungen")


@dataclass(frozen=True, slots=True)
class Sale:
    """One way to sell more. mark: the column of `goods.bought` that says that it happened."""

    task: Task
    target: str
    mark: str
    title: Text
    says: Text


SALES = (
    Sale(
        Task("steps", "orders_365", _NAIVE, (*GROUPS, *goods.GROUPS)), "up_sell_probability", "is_up",
        Text("A step up in price", "Eine Preisstufe höher"),
        Text("Buys a step up in price within {days} days: probability {p}{why}.",
             "Kauft in {days} Tagen eine Preisstufe höher: Wahrscheinlichkeit {p}{why}."),
    ),
    Sale(
        Task("categories", "orders_365", _NAIVE, (*GROUPS, *goods.GROUPS)), "cross_sell_probability", "is_new",
        Text("Another category", "Eine weitere Kategorie"),
        Text("Buys from another category within {days} days: probability {p}{why}.",
             "Kauft in {days} Tagen aus einer weiteren Kategorie: Wahrscheinlichkeit {p}{why}."),
    ),
)  # fmt: skip


def fit(sight: Sight, options: Options) -> Trained:
    """Each of the two that can be fitted; why another cannot is a remark. InputError where none can."""
    days = outcome_days(sight, options.horizon_days, MOST_DAYS)
    cuts = cuts_of(sight, days)
    known: dict[str, Learned] = {}
    refused: list[tuple[Sale, InputError]] = []
    seen = look(sight, SALES[0].task, _sold(sight, cuts, days), days, cuts[len(cuts) // 2], outcomes=_MARKS)
    for sale in SALES:
        try:
            known[sale.target] = learn(seen, sale.task, days, options.seed, sale.mark)
        except InputError as error:
            refused.append((sale, error))
    if not known:
        raise refused[0][1]
    told = {sale.target: sale for sale in SALES}
    remarks = [_told(told[name], learned, days) for name, learned in known.items()]
    remarks += [
        Text("{title}: not fitted. {why}", "{title}: nicht angepasst. {why}").fill(title=sale.title, why=error.message)
        for sale, error in refused
    ]
    quality: dict[str, float] = {}
    for name, learned in known.items():
        prefix = "" if not quality else f"_{told[name].task.name}"
        quality |= {f"{key}{prefix}": value for key, value in quality_of(learned).items()}
    return Trained(
        parameters={"days": float(days)}
        | {f"{told[name].task.name}_share": one.fitted.positives / one.fitted.n for name, one in known.items()},
        standard_errors={},
        log_likelihood=None,
        customers=max(learned.customers for learned in known.values()),
        warnings=tuple(text for name, learned in known.items() for text in learned.warnings(told[name].title)),
        remarks=tuple(remarks),
        quality=quality,
        checks={name: rows for learned in known.values() for name, rows in learned.checks.items()},
        state={"days": days, "fitted": {name: learned.fitted.state() for name, learned in known.items()}},
    )


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """Both probabilities, with reasons, of customers who are not lost."""
    rows = Rows()
    days = trained.state["days"]
    frame = SALES[0].task.seen(sight, _asked(sight, [sight.as_of]), days, "now")
    if frame.rows.num_rows:
        for name, state in trained.state["fitted"].items():
            fitted = FittedOutcome.of_state(state)
            p = fitted.predict_proba(frame.rows)
            rows.add(frame.rows["customer_id"], name, p, reasons=reasons_of(fitted, frame.rows, {"days": days}))
    return rows.table()


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward over the moments of training; steps up in price tell the folds where they can be judged."""
    days = outcome_days(sight, options.horizon_days, MOST_DAYS)
    cuts = cuts_of(sight, days)
    tests = [cut for cut in cuts if cuts[0] + days * DAY <= cut]
    found: list[tuple[Sale, list[Fold]]] = []
    seen = look(sight, SALES[0].task, _sold(sight, cuts, days), days, outcomes=_MARKS)
    for sale in SALES:
        steps = judged(seen, sale.task, days, tests, options.seed, sale.mark)
        folds = [
            Fold(one.cut_at, one.cut_at + days * DAY, one.n, one.model.measures(), one.naive.measures(), _NAIVE)
            for one in steps
        ]
        if folds:
            found.append((sale, folds))
    if not found:
        raise too_few_to_judge()
    said_of = [text for sale, folds in found for text in folds_said(sale.title, folds)]
    return Backtest(tuple(found[0][1]), tuple(said_of))


def _asked(sight: Sight, cuts: list[Instant]) -> ir.Table:
    """Customers whose last order at the moment is at most `lost_after_days` old."""
    orders = each_at(customer_orders(whole(sight.scope)).select("customer_id", "ordered_at"), cuts)
    last = orders.filter(_.ordered_at <= _.moment_at).group_by(_KEYS).agg(last_at=_.ordered_at.max())
    last = last.filter(last.moment_at - last.last_at <= sight.question.lost_after)
    return last.select(*_KEYS)


def _sold(sight: Sight, cuts: list[Instant], days: int) -> ir.Table:
    """Moments with both outcomes."""
    asked = _asked(sight, cuts)
    lines = goods.bought(whole(sight.scope)).select("ordered_at", "is_up", "is_new", who="customer_id")
    met = asked.join(
        lines,
        [asked.customer_id == lines.who, lines.ordered_at > asked.moment_at, lines.ordered_at <= asked.moment_at + days * DAY],
    )  # fmt: skip
    marks = met.group_by(_KEYS).agg(**{mark: met[mark].cast("float64").max() for mark in _MARKS})
    both = asked.left_join(marks, _KEYS, rname="sold_{name}")
    return both.select(*_KEYS, **{mark: both[mark].fill_null(0.0) for mark in _MARKS})


def _told(sale: Sale, learned: Learned, days: int) -> Text:
    fitted = learned.fitted
    return Text(
        "{title} within {days} days: {n} cases, {share} did.", "{title} in {days} Tagen: {n} Fälle, {share} kauften so."
    ).fill(title=sale.title, days=days, n=said.count(fitted.n), share=said.share(fitted.positives / fitted.n))


def words(predictions: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """A sentence for each probability."""
    known = {one.target: one for one in predictions}
    told = []
    for sale in SALES:
        one = known.get(sale.target)
        if one is None or one.value is None:
            continue
        about: Mapping[str, Any] = one.reasons[0] if one.reasons else {}
        why = because(one.reasons, True, wording)
        told.append(sale.says.fill(days=about.get("days", wording.horizon_days), p=chance(one.value), why=why))
    return tuple(told)


MODEL = Model(
    name="up_sell",
    title=Text("More from customers", "Mehr von Kunden"),
    says=Text(
        "How likely a customer buys a step up in price, or from another category.",
        "Wie wahrscheinlich ein Kunde eine Preisstufe höher oder aus einer weiteren Kategorie kauft.",
    ),
    reading=Text(
        "A step up is at least a quarter dearer than anything that the customer had bought of the category. Customers who are lost have no prediction. It is no effect: it does not say whom an offer would "
        "move.",
        "Eine Stufe höher ist, was mindestens ein Viertel teurer ist als alles, was der Kunde aus der Kategorie hatte. Verlorene Kunden haben keine Vorhersage. Es ist keine Wirkung: Es sagt nicht, wen "
        "ein Angebot bewegen würde.",
    ),
    source="Ke et al. 2017 (LightGBM); Lundberg & Lee 2017 (reasons); Platt 1999",
    needs=("orders", "order_lines", "products"),
    targets=(
        Target("up_sell_probability", Text("Probability of a step up", "Wahrscheinlichkeit einer Stufe höher"), "probability", "higher"),
        Target("cross_sell_probability", Text("Probability of another category", "Wahrscheinlichkeit einer weiteren Kategorie"), "probability", "higher"),
    ),
    fit=fit,
    predict=predict,
    backtest=backtest,
    words=words,
    packages=("lightgbm",),
)  # fmt: skip
