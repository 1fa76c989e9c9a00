"""Customer lifetime value: what each customer will bring, by the model of purchases that erred least."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from ibis import _

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.customer_value import terms
from schwung.measure.inference import Estimate
from schwung.measure.said import money, share
from schwung.predict.clv.choice import MODELS, Choice, choose
from schwung.predict.clv.gamma_gamma import FittedSpend, GammaGamma
from schwung.predict.clv.judged import by_frequency, expected
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.clv.worth import Worth
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.models.gamma_gamma import fit_spend, known_spend
from schwung.predict.purchasing import model as purchasing
from schwung.predict.purchasing import words as said_of
from schwung.predict.purchasing.held_out import cuts, held_out
from schwung.predict.purchasing.model import FOLDS, TOO_SHORT
from schwung.predict.purchasing.valued import scale_of, so_far, valued
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, of_customers

NAIVE = Text(
    "simple formula: what a customer brought again so far ÷ time known × horizon",
    "einfache Formel: bisheriger Wert der Wiederkäufe ÷ bekannte Zeit × Horizont",
)
EQUITY = Text(
    "The customers of today are expected to bring {value} within {days} days ({low} to {high} at {level}); by the simple formula {plain}.",
    "Die heutigen Kunden bringen in {days} Tagen voraussichtlich {value} ({low} bis {high} bei {level}); nach der einfachen Formel {plain}.",
)  # fmt: skip
_MEASURED = Text(
    "Held out {days} days: per customer it errs by {mae}, the simple formula by {plain}; in total by {off}.",
    "Auf {days} zurückgehaltenen Tagen irrt es je Kunde um {mae}, die einfache Formel um {plain}; in Summe um {off}.",
)
_NOTHING_CAME = Text(
    "Held out {days} days, in which nothing came: per customer it errs by {mae}, the simple formula by {plain}.",
    "Auf {days} zurückgehaltenen Tagen, in denen nichts kam, irrt es je Kunde um {mae}, die einfache Formel um {plain}.",
)
_EVER = Text("over all days that are asked", "über alle gefragten Tage")
_COUNTED = Text("Counted: {terms}.", "Gerechnet: {terms}.")
_WORTH = Text(
    "Expected to bring {value} within {days} days, most likely {low} to {high}.",
    "Bringt in {days} Tagen voraussichtlich {value}, am ehesten {low} bis {high}.",
)
_LIFETIME = Text(
    "Over the whole relationship {value}, what was brought so far included.",
    "Über die ganze Beziehung {value}, das Bisherige eingeschlossen.",
)
_WAIT = Text("Wait for more orders, or ask for a shorter horizon.", "Weitere Bestellungen abwarten oder einen kürzeren Horizont wählen.")  # fmt: skip
_CLASSES = 10


@dataclass(frozen=True, eq=False)
class Base:
    """The customers at a moment. paid: repeat purchases whose worth is known; spend: their mean, major units, in the summary."""

    rows: pa.Table
    summary: PurchaseSummary
    paid: Floats


def fit(sight: Sight, options: Options) -> Trained:
    """Chooses the model of purchases by what was held out, fits it and the model of worth on all that is known."""
    found = valued(sight)
    last = cuts(sight, options.horizon_days, 1)
    choice, quality, checks, remarks = _held_out(sight, options, last[0] if last else None)
    base = _base(sight)
    fitted = choice.model.fit(base.summary.in_weeks() if options.time_unit == "week" else base.summary)
    spend = _fit_spend(base)
    state = {"process": fitted.process.name, "purchases": fitted.told(), "spend": spend.told(), **found.to_json()}
    state["valuation"] = repr(replace(sight.question.value, is_predicted=False))
    trained = Trained(
        {**fitted.parameters, **spend.parameters},
        {**fitted.standard_errors, **spend.standard_errors},
        _together(fitted.log_likelihood, spend.log_likelihood),
        fitted.customers,
        (*fitted.warnings, *spend.warnings),
        state=state,
    )
    equity = _worth(sight, trained, base, options).total(options.level)
    plain = float(_naive(base, options.horizon_days).sum()) * found.margin
    told = {"customer_equity": equity.value, "customer_equity_low": equity.low, "customer_equity_high": equity.high}
    counted = _COUNTED.fill(terms=terms(sight.question, _EVER))
    words = (_equity(sight, equity, plain, options), *remarks, choice.reason, counted, *found.remarks)
    return replace(trained, quality={**quality, **_known(told), "simple_formula": plain}, checks=checks, remarks=words)


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """What `TARGETS` name, of everybody who bought and did not object."""
    base, scale = _base(sight), scale_of(sight)
    worth = _worth(sight, trained, base, options)
    fitted, spend = worth.purchases, worth.spend
    low, high = (one * scale for one in worth.interval(options.level))
    value = worth.value * scale
    brought, later = base.rows["brought"].to_numpy(), _lifetime(sight, worth) * scale
    since, rate = base.summary.T / 365.25, sight.question.value.discount_rate
    shrunk = np.ones(len(since)) if rate is None else (1 + rate) ** -since
    life = brought + later * shrunk
    ratio = np.divide(later, value, out=np.ones(len(value)), where=value > 0) * shrunk
    each = spend.spend_interval(base.paid, _spend(base), level=options.level)
    parts = {
        "p_alive": purchasing.alive(fitted, base.summary, options.level),
        "expected_orders": purchasing.orders(fitted, base.summary, options),
        "next_order": purchasing.next_order(fitted, base.summary, options.level, sight.as_of),
        "expected_spend": (worth.each * scale, *(one * worth.margin * scale for one in each)),
        "clv": (value, low, high),
        "lifetime_value": (life, life - (value - low) * ratio, life + (high - value) * ratio),
    }
    if cost := float(trained.state["cost_minor"]):
        first, *bounds = parts["lifetime_value"]
        parts["net_lifetime_value"] = (first - cost, *(bound - cost for bound in bounds))
    return pa.concat_tables([purchasing.as_predicted(name, base.summary, *one) for name, one in parts.items()])


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward: chosen and fitted on what was known, judged by what customers brought after."""
    folds: list[Fold] = []
    checks: dict[str, list[dict[str, Any]]] = {}
    said: list[Text] = []
    for cut in cuts(sight, options.horizon_days, FOLDS):
        fold, rows, choice = _fold(sight, options, *cut)
        folds.append(fold)
        checks = {"value": rows, "choice": list(choice.rows)}
        said = [choice.reason, _measured(sight, fold)]
    if not folds:
        raise InputError("facts_too_short", TOO_SHORT, _WAIT)
    return Backtest(tuple(folds), tuple(said), checks)


def words(said: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """Whether still a customer, how many orders, when, and what they are worth."""
    known = {one.target: one for one in said}
    life = "net_lifetime_value" if "net_lifetime_value" in known else "lifetime_value"
    worth = (said_of.worth(known, "clv", wording, _WORTH), said_of.worth(known, life, wording, _LIFETIME))
    return (*said_of.purchase_words(said, wording), *(text for text in worth if text is not None))


def _base(sight: Sight, *, with_past: bool = True) -> Base:
    rows = kept_purchases(sight)
    if with_past:
        rows = rows.left_join(so_far(sight), "customer_id", rname="w_{name}").mutate(brought=_.brought.fill_null(0.0))
    found = sight.run(rows.order_by("customer_id"))
    paid, spend = known_spend(found, scale_of(sight))
    return Base(found, replace(of_customers(found), spend=spend), paid)


def _spend(base: Base) -> Floats:
    assert base.summary.spend is not None
    return base.summary.spend


def _fit_spend(base: Base) -> FittedSpend:
    return fit_spend(base.paid, _spend(base))


def _worth(sight: Sight, trained: Trained, base: Base, options: Options) -> Worth:
    state = trained.state
    purchases = MODELS[state["process"]].from_json(state["purchases"])
    spend = GammaGamma.from_json(state["spend"])
    rate = sight.question.value.discount_rate
    return Worth(purchases, spend, base.summary, float(options.horizon_days), rate, float(state["margin"]), base.paid)


def _lifetime(sight: Sight, worth: Worth) -> Floats:
    """Value to come within the horizon of the settings, counted from the first order; without one, within the horizon from now."""
    months = sight.question.value.horizon_months
    if months is None:
        return worth.value
    return worth.within(months * 365.25 / 12 - worth.summary.distinct.T)


def _naive(base: Base, days: float) -> Floats:
    """Major units."""
    T = base.summary.T
    brought = base.paid * _spend(base)
    found: Floats = np.divide(brought * days, T, out=np.zeros(len(T)), where=T > 0)
    return found


def _held_out(
    sight: Sight, options: Options, cut: tuple[int, int] | None
) -> tuple[Choice, dict[str, float], dict[str, list[dict[str, Any]]], tuple[Text, ...]]:
    if cut is None:
        return choose(None), {}, {}, (TOO_SHORT,)
    try:
        fold, rows, choice = _fold(sight, options, *cut)
    except InputError as error:
        return choose(None), {}, {}, (TOO_SHORT, error.message)
    held = held_out(sight, *cut, options.time_unit)
    assert held is not None
    bought = by_frequency(expected(choice.model.fit(held.summary), held), held)
    checks = {"value": rows, "choice": list(choice.rows), "by_frequency": bought}
    quality = {**fold.model, **{f"naive_{name}": value for name, value in fold.naive.items()}}
    return choice, quality, checks, (_measured(sight, fold),)


def _fold(sight: Sight, options: Options, cut_at: int, until_at: int) -> tuple[Fold, list[dict[str, Any]], Choice]:
    """Value of repeat purchases between the cut and its end, expected and as it came; major units, undiscounted, revenue."""
    held = held_out(sight, cut_at, until_at, options.time_unit)
    if held is None:
        raise InputError("facts_too_short", TOO_SHORT, _WAIT)
    choice = choose(held)
    then, later = sight.earlier(cut_at), sight.earlier(until_at)
    base = _base(then, with_past=False)
    fitted = choice.model.fit(held.summary)
    worth = Worth(fitted, _fit_spend(base), base.summary, float(held.days), paid=base.paid)
    after = sight.run(
        kept_purchases(then).select("customer_id", before="spend").join(kept_purchases(later).select("customer_id", "spend"), "customer_id").order_by("customer_id")
    )  # fmt: skip
    came = np.maximum(after["spend"].to_numpy() - after["before"].to_numpy(), 0.0) / scale_of(sight)
    model, naive = _measures(worth.value, came), _measures(_naive(base, held.days), came)
    fold = Fold(cut_at, until_at, len(came), model, naive, NAIVE)
    order = np.argsort(worth.value, kind="stable")
    rows = [
        {"expected": float(worth.value[part].mean()), "actual": float(came[part].mean()), "n": len(part)}
        for part in np.array_split(order, _CLASSES)
        if len(part)
    ]
    return fold, rows, choice


def _measures(said: Floats, came: Floats) -> dict[str, float]:
    off, total = said - came, float(came.sum())
    found = {"mae": float(np.abs(off).mean()), "rmse": float(np.sqrt((off**2).mean()))}
    return found | ({"bias": float(said.sum()) / total - 1.0} if total else {})


def _measured(sight: Sight, fold: Fold) -> Text:
    currency = sight.question.currency
    known = {
        "days": round((fold.until_at - fold.cut_at) / 86_400_000_000),
        "mae": money(fold.model["mae"], currency),
        "plain": money(fold.naive["mae"], currency),
    }
    bias = fold.model.get("bias")
    return _NOTHING_CAME.fill(**known) if bias is None else _MEASURED.fill(**known, off=share(bias))


def _equity(sight: Sight, equity: Estimate, plain: float, options: Options) -> Text:
    currency = sight.question.currency
    shown = {name: money(getattr(equity, name) or 0.0, currency) for name in ("value", "low", "high")}
    return EQUITY.fill(**shown, days=options.horizon_days, level=share(options.level, 0), plain=money(plain, currency))


def _together(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _known(values: dict[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


MODEL = Model(
    "clv",
    Text("Customer lifetime value", "Kundenwert (CLV)"),
    Text(
        "What each customer will bring: purchases to come × their worth, discounted, as revenue or margin.",
        "Was jeder Kunde einbringen wird: künftige Käufe × ihr Wert, abgezinst, als Umsatz oder Marge.",
    ),
    Text(
        "The model of purchases is the one that erred least on what was held out; the settings of value say whether revenue or "
        "margin counts, whether later money counts less and whether the cost of winning is deducted. The interval of a customer "
        "is wide, since chance decides over single purchases; that of all together is narrow. It knows nothing of season, prices "
        "and campaigns to come.",
        "Das Kaufmodell ist das mit dem kleinsten Fehler auf zurückgehaltenen Daten; die Einstellungen zum Wert sagen, ob Umsatz oder "
        "Marge zählt, ob späteres Geld weniger zählt und ob die Akquisitionskosten abgezogen werden. Das Intervall eines Kunden ist "
        "weit, weil über einzelne Käufe der Zufall entscheidet; das aller zusammen ist schmal. Saison, Preise und künftige Kampagnen "
        "kennt es nicht.",
    ),
    "Fader, Hardie & Lee 2005; Fader & Hardie 2013",
    ("orders", "returns", "profiles"),
    (
        *purchasing.TARGETS,
        Target(
            "expected_spend", Text("Expected worth of a purchase", "Erwarteter Wert eines Kaufs"), "money", "higher"
        ),
        Target("clv", Text("Value to come", "Künftiger Wert"), "money", "higher"),
        Target("lifetime_value", Text("Lifetime value", "Wert über die Lebenszeit"), "money", "higher"),
        Target(
            "net_lifetime_value",
            Text("Lifetime value less acquisition cost", "Wert über die Lebenszeit abzüglich Akquisitionskosten"),
            "money",
            "higher",
        ),
    ),
    fit,
    predict,
    backtest,
    words,
)
