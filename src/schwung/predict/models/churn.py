"""Who leaves: customers without a contract by their behavior, those with one by whether they cancel."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _

from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.contracts import contracts
from schwung.measure.lifecycle import customer_orders
from schwung.predict.classify.fitted import FittedOutcome
from schwung.predict.days import day_text
from schwung.predict.features import alive
from schwung.predict.features.feature import each_at
from schwung.predict.features.frame import GROUPS, Frame
from schwung.predict.kinds import worst_kind
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.outcomes.cuts import cuts_of, outcome_days, too_few_to_judge
from schwung.predict.outcomes.learn import HAPPENED, Learned, Task, judged, learn, look, quality_of, reasons_of
from schwung.predict.outcomes.rows import Rows, folds_said
from schwung.predict.outcomes.words import because, chance
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

_FORGET = 1e-9


def _with_alive(sight: Sight, frame: Frame, days: float) -> Frame:
    return Frame(alive.add_alive(sight, frame.rows, days), (*frame.features, *alive.FEATURES))


@dataclass(frozen=True, slots=True)
class Part:
    """Customers of one kind. asked(sight, cuts): customer_id, moment_at of those who may leave. left(sight, asked, days): the
    same with `happened`. most(sight): days after which a silence counts as leaving."""

    task: Task
    title: Text
    asked: Callable[[Sight, list[Instant]], ir.Table]
    left: Callable[[Sight, ir.Table, int], ir.Table]
    most: Callable[[Sight], int]


def _running(sight: Sight, cuts: list[Instant]) -> ir.Table:
    """customer_id, moment_at of customers with a running subscription at the moment."""
    states = contracts(whole(sight.scope)).filter(_.customer_id.notnull())
    each = each_at(states, cuts)
    each = each.filter(each.is_running, each.happened_at <= each.moment_at, each.next_at > each.moment_at)
    return each.select("customer_id", "moment_at").distinct()


def _buying(sight: Sight, cuts: list[Instant]) -> ir.Table:
    """Customers who are not lost yet: their last order is at most `lost_after_days` old. Those with a contract are not in it."""
    orders = each_at(customer_orders(whole(sight.scope)).select("customer_id", "ordered_at"), cuts)
    orders = orders.filter(orders.ordered_at <= orders.moment_at)
    last = orders.group_by(["customer_id", "moment_at"]).agg(last_at=_.ordered_at.max())
    last = last.filter(last.moment_at - last.last_at <= sight.question.lost_after)
    return last.select("customer_id", "moment_at").anti_join(_running(sight, cuts), ["customer_id", "moment_at"])


def _silent(sight: Sight, asked: ir.Table, days: int) -> ir.Table:
    orders = customer_orders(whole(sight.scope)).select("ordered_at", who="customer_id")
    later = asked.join(
        orders,
        [asked.customer_id == orders.who, orders.ordered_at > asked.moment_at, orders.ordered_at <= asked.moment_at + days * DAY],
    )  # fmt: skip
    came = later.select("customer_id", "moment_at").distinct()
    return _marked(asked, came, happened=0.0)


def _cancelled(sight: Sight, asked: ir.Table, days: int) -> ir.Table:
    """No subscription runs any more at the end of the days."""
    states = contracts(whole(sight.scope)).filter(_.is_running, _.customer_id.notnull())
    states = states.select("happened_at", "next_at", who="customer_id")
    end = asked.moment_at + days * DAY
    runs = asked.join(states, [asked.customer_id == states.who, states.happened_at <= end, states.next_at > end])
    return _marked(asked, runs.select("customer_id", "moment_at").distinct(), happened=0.0)


def _marked(asked: ir.Table, some: ir.Table, happened: float) -> ir.Table:
    """`happened` of the moments in `some`, the other outcome of the rest."""
    keys = ["customer_id", "moment_at"]
    met = asked.left_join(some.mutate(is_in=True), keys, rname="some_{name}")
    value = ibis.cases((met.is_in.fill_null(False), happened), else_=1.0 - happened)
    return met.select(*keys, **{HAPPENED: value.cast("float64")})


PARTS = (
    Part(
        Task(
            "orders", "days_since_order",
            Text("as often as others left after as long a pause", "so oft, wie andere nach einer so langen Pause wegblieben"),
            GROUPS, _with_alive, "p_order",
        ),
        Text("Customers without a contract", "Kunden ohne Vertrag"),
        _buying, _silent, lambda sight: sight.question.lost_after_days,
    ),
    Part(
        Task(
            "contracts", "contract_days",
            Text("as often as others cancelled after as long a time", "so oft, wie andere nach so langer Zeit kündigten"),
            GROUPS,
        ),
        Text("Customers with a contract", "Kunden mit Vertrag"),
        _running, _cancelled, lambda sight: 365,
    ),
)  # fmt: skip
SAID = {
    "orders": Text(
        "Without a contract: leaving means no order within {days} days; {n} cases, {share} left.",
        "Ohne Vertrag: Wegbleiben heißt keine Bestellung in {days} Tagen; {n} Fälle, {share} blieben weg.",
    ),
    "contracts": Text(
        "With a contract: leaving means that no subscription runs any more after {days} days; {n} cases, {share} left.",
        "Mit Vertrag: Wegbleiben heißt, dass nach {days} Tagen kein Abonnement mehr läuft; {n} Fälle, {share} kündigten.",
    ),
}


LEAVES = {
    "orders": Text(
        "No order within {days} days: probability {p}{why}.",
        "Keine Bestellung in {days} Tagen: Wahrscheinlichkeit {p}{why}.",
    ),
    "contracts": Text(
        "Cancels within {days} days: probability {p}{why}.", "Kündigt in {days} Tagen: Wahrscheinlichkeit {p}{why}."
    ),
}
GONE = Text(
    "If nothing is bought until {day}, the customer is more likely gone for good than not.",
    "Wird bis {day} nichts gekauft, ist der Kunde eher für immer verloren als nicht.",
)


def fit(sight: Sight, options: Options) -> Trained:
    """Each part that can be fitted; why another cannot is a remark. InputError where none can."""
    known: dict[str, tuple[Learned, int]] = {}
    refused: dict[str, InputError] = {}
    for part in PARTS:
        try:
            known[part.task.name] = _learn(sight, part, options)
        except InputError as error:
            refused[part.task.name] = error
    if not known:
        raise next(iter(refused.values()))
    remarks = [_told(name, learned, days) for name, (learned, days) in known.items()]
    remarks += [_why_not(part, refused[part.task.name]) for part in PARTS if part.task.name in refused]
    remarks += [text for learned, _days in known.values() for text in learned.fitted.remarks[:1]]
    remarks += [
        text
        for name, (learned, _d) in known.items()
        for text in worst_kind(learned.checks[f"{name}_kinds"], said.share)
    ]
    first, _first_days = next(iter(known.values()))
    quality = quality_of(first)
    for name, (learned, _days) in list(known.items())[1:]:
        quality |= {f"{key}_{name}": value for key, value in quality_of(learned).items()}
    return Trained(
        parameters={f"{name}_days": float(days) for name, (_l, days) in known.items()}
        | {f"{name}_share": learned.fitted.positives / learned.fitted.n for name, (learned, _d) in known.items()},
        standard_errors={},
        log_likelihood=None,
        customers=sum(learned.customers for learned, _days in known.values()),
        warnings=tuple(
            text for part in PARTS if part.task.name in known for text in known[part.task.name][0].warnings(part.title)
        ),
        remarks=tuple(remarks),
        quality=quality,
        checks={name: rows for learned, _days in known.values() for name, rows in learned.checks.items()},
        state={name: {"days": days, "fitted": learned.fitted.state()} for name, (learned, days) in known.items()},
    )


def _learn(sight: Sight, part: Part, options: Options) -> tuple[Learned, int]:
    days = outcome_days(sight, options.horizon_days, part.most(sight))
    cuts = cuts_of(sight, days)
    asked = _since(sight, part.asked(sight, cuts))
    seen = look(sight, part.task, part.left(sight, asked, days), days, cuts[len(cuts) // 2])
    return learn(seen, part.task, days, options.seed), days


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """churn_probability with reasons, value_at_risk; risk_date of customers without a contract."""
    rows = Rows()
    for part in PARTS:
        state: Mapping[str, Any] | None = trained.state.get(part.task.name)
        if state is None:
            continue
        asked = _since(sight, part.asked(sight, [sight.as_of]))
        frame = part.task.seen(sight, asked, state["days"], "now")
        if not frame.rows.num_rows:
            continue
        fitted = FittedOutcome.of_state(state["fitted"])
        ids = frame.rows["customer_id"].to_numpy()
        p = fitted.predict_proba(frame.rows)
        rows.add(
            ids,
            "churn_probability",
            p,
            reasons=reasons_of(fitted, frame.rows, {"part": part.task.name, "days": state["days"]}),
        )
        spend = frame.rows["spend_365"].to_numpy(zero_copy_only=False)
        if part.task.name == "contracts":
            spend = np.maximum(spend, 12 * np.nan_to_num(frame.rows["monthly"].to_numpy(zero_copy_only=False)))
        # More came back than was bought: there is nothing to lose.
        rows.add(ids, "value_at_risk", p * np.maximum(spend, 0.0))
        if part.task.name == "orders":
            _risk_dates(sight, rows, ids, options.level)
    return rows.table()


def _risk_dates(sight: Sight, rows: Rows, ids: Any, level: float) -> None:
    """The day on which, nothing being bought, it becomes more likely than not that the customer is gone."""
    found = alive.alive_at(sight, [sight.as_of])
    if not found:
        return
    known = found[0]
    mine = np.isin(known.customer_ids, ids)
    shares = (0.5, 0.5 + level / 2, 0.5 - level / 2)
    value, low, high = (
        alive.instants(known.first_day, known.silence(min(max(share, _FORGET), 1 - _FORGET)), sight.as_of)[mine]
        for share in shares
    )
    rows.add(known.customer_ids[mine], "risk_date", value, low, high)


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward over the moments of training, each part that can be fitted; the part with more cases tells the folds."""
    found: list[tuple[Part, list[Fold]]] = []
    for part in PARTS:
        try:
            days = outcome_days(sight, options.horizon_days, part.most(sight))
        except InputError:
            continue
        cuts = cuts_of(sight, days)
        tests = [cut for cut in cuts if cuts[0] + days * DAY <= cut]
        asked = _since(sight, part.asked(sight, cuts))
        steps = []
        with suppress(InputError):
            seen = look(sight, part.task, part.left(sight, asked, days), days)
            steps = judged(seen, part.task, days, tests, options.seed)
        folds = [
            Fold(
                one.cut_at,
                one.cut_at + days * DAY,
                one.n,
                one.model.measures(),
                one.naive.measures(),
                part.task.naive_rule,
            )
            for one in steps
        ]
        if folds:
            found.append((part, folds))
    if not found:
        outcome_days(sight, options.horizon_days, sight.question.lost_after_days)
        raise too_few_to_judge()
    best = max(found, key=lambda one: one[1][-1].customers)
    said_of = [text for part, folds in found for text in folds_said(part.title, folds)]
    return Backtest(tuple(best[1]), tuple(said_of))


def _since(sight: Sight, asked: ir.Table) -> ir.Table:
    """Where somebody asked for a beginning: customers whose first order is not older."""
    since_at = sight.question.since_at
    if since_at is None:
        return asked
    first = customer_orders(whole(sight.scope)).group_by("customer_id").agg(first_at=_.ordered_at.min())
    return asked.anti_join(first.filter(first.first_at < since_at), "customer_id")


def _told(name: str, learned: Learned, days: int) -> Text:
    fitted = learned.fitted
    share = said.share(fitted.positives / fitted.n)
    return SAID[name].fill(days=said.count(days), n=said.count(fitted.n), share=share)


def _why_not(part: Part, error: InputError) -> Text:
    return Text("{title}: not fitted. {why}", "{title}: nicht angepasst. {why}").fill(
        title=part.title, why=error.message
    )


def words(predictions: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """The probability with its reasons, then the date."""
    known = {one.target: one for one in predictions}
    told: list[Text] = []
    leaves = known.get("churn_probability")
    if leaves is not None and leaves.value is not None:
        about: Mapping[str, Any] = leaves.reasons[0] if leaves.reasons else {}
        text = LEAVES.get(about.get("part", ""), LEAVES["orders"])
        told.append(
            text.fill(
                p=chance(leaves.value), days=said.count(about.get("days", wording.horizon_days)),
                why=because(leaves.reasons, leaves.value >= 0.5, wording),
            )
        )  # fmt: skip
    risk = known.get("risk_date")
    if risk is not None and risk.value is not None:
        told.append(GONE.fill(day=day_text(risk.value, wording.zone)))
    return tuple(told)


def risk_first(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Customers by what their leaving would cost, most first: rows of `value_at_risk`."""
    ranked = sorted(rows, key=lambda row: (-(row["value"] or 0.0), row["customer_id"]))
    return [int(row["customer_id"]) for row in ranked]


MODEL = Model(
    name="churn",
    title=Text("Churn", "Abwanderung"),
    says=Text(
        "How likely a customer leaves, why, and what that would cost.",
        "Wie wahrscheinlich ein Kunde wegbleibt, warum, und was das kosten würde.",
    ),
    reading=Text(
        "Without a contract, leaving is a silence of the stated days; with one, that no subscription runs any more. Customers "
        "who are lost already have no prediction. value_at_risk is the probability × what was bought in the last year, never below 0. The date "
        "is the day on which a customer without a contract, buying nothing, is more likely gone than not; its bounds are the "
        "days on which that becomes unlikely to be wrong. Reasons say what the model goes by, not what would help.",
        "Ohne Vertrag ist Wegbleiben eine Stille von den genannten Tagen, mit Vertrag, dass kein Abonnement mehr läuft. Wer schon "
        "verloren ist, hat keine Vorhersage. value_at_risk ist Wahrscheinlichkeit × Umsatz des letzten Jahres, nie unter 0. Das Datum ist der "
        "Tag, an dem ein Kunde ohne Vertrag, der nichts kauft, eher verloren ist als nicht; die Grenzen sind die Tage, an denen "
        "das kaum noch falsch ist. Gründe sagen, wonach das Modell urteilt, nicht, was helfen würde.",
    ),
    source="Ke et al. 2017 (LightGBM); Lundberg & Lee 2017 (reasons); Platt 1999; Batislam, Denizel & Filiztekin 2007",
    needs=("orders",),
    targets=(
        Target(
            "churn_probability", Text("Probability to leave", "Wahrscheinlichkeit wegzubleiben"), "probability", "lower"
        ),
        Target("risk_date", Text("More likely gone than not from", "Eher verloren als nicht ab"), "date"),
        Target("value_at_risk", Text("Value at risk", "Gefährdeter Wert"), "money", "lower"),
    ),
    fit=fit,
    predict=predict,
    backtest=backtest,
    words=words,
    packages=("lightgbm",),
)
