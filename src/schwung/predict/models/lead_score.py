"""Which leads become customers, and what that is worth: cold, warm, hot by expected value."""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.lifecycle import customer_orders
from schwung.predict.classify.coding import Floats
from schwung.predict.classify.fitted import FittedOutcome
from schwung.predict.classify.json_text import all_alike
from schwung.predict.features import contact, contract, lead
from schwung.predict.features.frame import features_at
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.outcomes.cuts import outcome_days, too_few_to_judge
from schwung.predict.outcomes.learn import HAPPENED, Task, judged, learn, look, quality_of, reasons_of
from schwung.predict.outcomes.rows import Rows, folds_said
from schwung.predict.outcomes.words import because, chance
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

MOST_DAYS = 90
LANDMARKS = (1, 3, 7, 14, 30, 60, 120, 240)
"""Ages in days at which leads are looked at in hindsight, as long as they are leads."""
OLDEST_DAYS = 365
WARM, HOT = 1.0, 2.0
"""In expected values of an average lead."""
_SHRINK = 20.0
_FOLDS = 3
_WORTH_DAYS = 365
_FINISHED = ("converted", "lost")
_KEYS = ["customer_id", "moment_at"]
VISITS = next(group for group in contact.GROUPS if group.name == "visits")

TEMPERATURES: Mapping[str, Text] = {
    "cold": Text("cold", "kalt"),
    "warm": Text("warm", "warm"),
    "hot": Text("hot", "heiß"),
}
TITLE = Text("Leads", "Interessenten")
TASK = Task(
    "leads", "lead_days",
    Text("as often as others converted that were known as long", "so oft, wie andere kauften, die so lange bekannt waren"),
    (*lead.GROUPS, *contact.GROUPS, *contract.GROUPS),
)  # fmt: skip


def fit(sight: Sight, options: Options) -> Trained:
    """InputError where there are too few leads, or too few that became customers."""
    days = outcome_days(sight, options.horizon_days, MOST_DAYS)
    cut = sight.as_of - days * DAY
    learned = learn(
        look(sight, TASK, _looked_at(sight, days), days, cut, leads_at(sight, cut)), TASK, days, options.seed
    )
    worth = _worth(sight)
    fitted = learned.fitted
    average = fitted.positives / fitted.n * worth[""]
    remarks = (
        Text(
            "Converting means a first order, or the state converted, within {days} days; {n} looks at leads, {share} converted.",
            "Kaufen heißt: eine erste Bestellung oder der Zustand „converted“ in {days} Tagen; {n} Blicke auf Interessenten, "
            "bei {share} kam es dazu.",
        ).fill(days=days, n=said.count(fitted.n), share=said.share(fitted.positives / fitted.n)),
        Text(
            "Hot: an expected value of at least twice that of an average lead; warm: at least once; cold: below.",
            "Heiß: ein Erwartungswert von mindestens dem Doppelten eines durchschnittlichen Interessenten; warm: mindestens dem "
            "Einfachen; kalt: darunter.",
        ),
        *fitted.remarks[:1],
    )
    return Trained(
        parameters={
            "days": float(days), "share": fitted.positives / fitted.n, "worth_minor": worth[""],
            "warm_from_minor": WARM * average, "hot_from_minor": HOT * average,
        },
        standard_errors={},
        log_likelihood=None,
        customers=learned.customers,
        warnings=learned.warnings(TITLE),
        remarks=remarks,
        quality=quality_of(learned),
        checks=learned.checks,
        state={"days": days, "fitted": fitted.state(), "worth": worth, "average": average},
    )  # fmt: skip


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """conversion_probability with reasons, expected_value, temperature (in `label`) of all who are leads now."""
    state: Mapping[str, Any] = trained.state
    rows = Rows()
    frame = TASK.seen(sight, leads_at(sight, sight.as_of), state["days"], "now")
    if not frame.rows.num_rows:
        return rows.table()
    fitted = FittedOutcome.of_state(state["fitted"])
    ids = frame.rows["customer_id"].to_numpy()
    p = fitted.predict_proba(frame.rows)
    each = _worth_of(frame.rows, state["worth"])
    warm, hot = WARM * state["average"], HOT * state["average"]
    about = {"days": state["days"], "warm_from": warm, "hot_from": hot}
    value = p * each
    label = np.where(value >= hot, "hot", np.where(value >= warm, "warm", "cold"))
    rows.add(ids, "conversion_probability", p, reasons=reasons_of(fitted, frame.rows, about))
    rows.add(ids, "expected_value", value)
    rows.add(ids, "temperature", value, label=label, reasons=all_alike([about], len(ids)))
    return rows.table()


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward over the latest moments, each step as long as an outcome takes."""
    days = outcome_days(sight, options.horizon_days, MOST_DAYS)
    tests = [sight.as_of - (step + 1) * days * DAY for step in reversed(range(_FOLDS))]
    steps = judged(look(sight, TASK, _looked_at(sight, days), days), TASK, days, tests, options.seed)
    folds = tuple(
        Fold(one.cut_at, one.cut_at + days * DAY, one.n, one.model.measures(), one.naive.measures(), TASK.naive_rule)
        for one in steps
    )
    if not folds:
        raise too_few_to_judge()
    return Backtest(folds, folds_said(TITLE, folds))


def _since(sight: Sight) -> ir.Table:
    """customer_id, since_at (first seen, or first told to be a lead), first_at (first order, null: none), done_at (converted,
    lost), converted_at."""
    scope = whole(sight.scope)
    profiles = sight.scope.table("profiles", False).filter(~_.is_gone, _.first_seen_at <= sight.as_of)
    profiles = profiles.select("customer_id", "first_seen_at")
    orders = customer_orders(scope).group_by("customer_id").agg(first_at=_.ordered_at.min())
    states = scope.facts("leads").filter(_.customer_id.notnull())
    told = states.group_by("customer_id").agg(
        told_at=_.happened_at.min(),
        done_at=ibis.cases((_.state.isin(_FINISHED), _.happened_at)).min(),
        converted_at=ibis.cases((_.state == "converted", _.happened_at)).min(),
    )
    met = profiles.left_join(orders, "customer_id", rname="order_{name}").left_join(
        told, "customer_id", rname="lead_{name}"
    )
    never = ibis.literal(2**62, "int64")
    return met.select(
        "customer_id",
        since_at=ibis.least(met.first_seen_at, met.told_at.fill_null(never)),
        first_at=ibis.least(met.first_at.fill_null(never), met.converted_at.fill_null(never)),
        done_at=ibis.least(met.done_at.fill_null(never), met.first_at.fill_null(never)),
    )


def _looked_at(sight: Sight, days: int) -> ir.Table:
    """Leads at each landmark that they reached as leads and whose outcome is known."""
    people = _since(sight)
    parts = [people.mutate(moment_at=people.since_at + age * DAY) for age in LANDMARKS]
    rows = ibis.union(*parts)
    rows = rows.filter(rows.done_at > rows.moment_at, rows.moment_at + days * DAY <= sight.as_of)
    since_at = sight.question.since_at
    rows = rows if since_at is None else rows.filter(rows.since_at >= since_at)
    came = (rows.first_at <= rows.moment_at + days * DAY).cast("float64")
    return rows.select(*_KEYS, **{HAPPENED: came})


def leads_at(sight: Sight, at: int) -> ir.Table:
    """Who was a lead at a moment, and had not been one for more than a year."""
    people = _since(sight)
    known = people.filter(people.since_at <= at, people.done_at > at, people.since_at >= at - OLDEST_DAYS * DAY)
    return known.select("customer_id", moment_at=ibis.literal(at, "int64"))


def _worth(sight: Sight) -> dict[str, float]:
    """Mean spend in the year after the first order, minor units: of all (""), and by how they came, shrunk to all."""
    scope = whole(sight.scope)
    first = scope.first_orders().select("customer_id", moment_at="ordered_at")
    old = first.filter(first.moment_at + _WORTH_DAYS * DAY <= sight.as_of)
    enough = sight.run(old.aggregate(n=old.count()))["n"][0].as_py() >= _SHRINK
    came = features_at(sight, old if enough else first, (VISITS,), "worth")
    orders = customer_orders(scope).select("ordered_at", "amount_minor", who="customer_id")
    met = first.join(
        orders, [first.customer_id == orders.who, orders.ordered_at <= first.moment_at + _WORTH_DAYS * DAY]
    )
    spent = sight.run(met.group_by("customer_id").agg(spent=_.amount_minor.fill_null(0).sum().cast("float64")))
    place = pc.index_in(came.rows["customer_id"], spent["customer_id"].combine_chunks())
    values = pc.fill_null(spent["spent"].take(place), 0.0).to_numpy()
    ways = _ways(came.rows)
    mean = float(values.mean()) if len(values) else 0.0
    which = ways.indices.to_numpy()
    sums, counts = (np.bincount(which, each, len(ways.dictionary)) for each in (values, np.ones(len(which))))
    each = (sums + _SHRINK * mean) / (counts + _SHRINK)
    return {"": mean} | dict(sorted(zip(ways.dictionary.to_pylist(), each.tolist(), strict=True)))


def _ways(rows: pa.Table) -> pa.DictionaryArray:
    """How each came; what is not known has a name of its own."""
    came = rows["came_by"].combine_chunks().cast(pa.string())
    return pc.if_else(pc.equal(pc.fill_null(came, ""), ""), "–", came).dictionary_encode()


def _worth_of(rows: pa.Table, worth: Mapping[str, float]) -> Floats:
    ways = _ways(rows)
    each = np.array([worth.get(way, worth[""]) for way in ways.dictionary.to_pylist()])
    found: Floats = each[ways.indices.to_numpy()]
    return found


def words(predictions: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """Temperature with its threshold, then the probability with reasons."""
    known = {one.target: one for one in predictions}
    told_p, warmth = known.get("conversion_probability"), known.get("temperature")
    told: list[Text] = []
    if warmth is not None and warmth.value is not None and warmth.label is not None:
        about = warmth.reasons[0] if warmth.reasons else {}
        text = Text(
            "{warmth} lead: expected value {value} (warm from {warm}, hot from {hot}).",
            "Interessent, {warmth}: Erwartungswert {value} (warm ab {warm}, heiß ab {hot}).",
        )
        money = {
            name: said.money(about.get(key, 0.0) / wording.scale, wording.currency)
            for name, key in (("warm", "warm_from"), ("hot", "hot_from"))
        }
        shown = TEMPERATURES[warmth.label]
        named = Text(shown.en.capitalize(), shown.de)
        told.append(text.fill(warmth=named, value=said.money(warmth.value / wording.scale, wording.currency), **money))
    if told_p is not None and told_p.value is not None:
        about = told_p.reasons[0] if told_p.reasons else {}
        base = about.get("warm_from", 0.0)
        raises = warmth is None or warmth.value is None or warmth.value >= base
        text = Text(
            "Buys within {days} days with a probability of {p}{why}.",
            "Kauft in {days} Tagen mit einer Wahrscheinlichkeit von {p}{why}.",
        )
        told.append(
            text.fill(
                days=about.get("days", wording.horizon_days), p=chance(told_p.value),
                why=because(told_p.reasons, raises, wording),
            )
        )  # fmt: skip
    return tuple(told)


MODEL = Model(
    name="lead_score",
    title=Text("Lead score", "Lead-Score"),
    says=Text(
        "How likely a lead becomes a customer, what that is worth, and whether it is cold, warm or hot.",
        "Wie wahrscheinlich aus einem Interessenten ein Kunde wird, was das wert ist und ob er kalt, warm oder heiß ist.",
    ),
    reading=Text(
        "A lead is who is known, has not ordered, and has been known for at most a year. The expected value is the probability × "
        "what customers who came the same way spend in their first year, before costs. Cold, warm and hot compare it with an "
        "average lead; the thresholds stand with the model. It is no effect: it does not say whom contacting would help.",
        "Interessent ist, wer bekannt ist, nicht bestellt hat und seit höchstens einem Jahr bekannt ist. Der Erwartungswert ist "
        "Wahrscheinlichkeit × Umsatz, den Kunden mit demselben Weg im ersten Jahr bringen, vor Kosten. Kalt, warm und heiß "
        "vergleichen ihn mit einem durchschnittlichen Interessenten; die Schwellen stehen beim Modell. Es ist keine Wirkung: Es "
        "sagt nicht, bei wem eine Ansprache helfen würde.",
    ),
    source="Ke et al. 2017 (LightGBM); Lundberg & Lee 2017 (reasons); Platt 1999",
    needs=("orders", "events"),
    targets=(
        Target(
            "conversion_probability",
            Text("Probability to buy", "Wahrscheinlichkeit zu kaufen"),
            "probability",
            "higher",
        ),
        Target("expected_value", Text("Expected value", "Erwartungswert"), "money", "higher"),
        Target("temperature", Text("Cold, warm, hot", "Kalt, warm, heiß"), "group"),
    ),
    fit=fit,
    predict=predict,
    backtest=backtest,
    words=words,
    packages=("lightgbm",),
)
