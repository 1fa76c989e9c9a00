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
from schwung.predict.clv.choice import DEFAULT, MODELS, Choice, choose
from schwung.predict.clv.covariates import Decided
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.gamma_gamma import FittedSpend, GammaGamma
from schwung.predict.clv.judged import errors, tenths
from schwung.predict.clv.process import Process
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.clv.worth import Worth
from schwung.predict.kinds import by_kind, worst_kind
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.models.gamma_gamma import fit_spend, known_spend, left_out
from schwung.predict.purchasing import model as purchasing
from schwung.predict.purchasing import words as said_of
from schwung.predict.purchasing.held_out import cuts
from schwung.predict.purchasing.judging import (
    TOO_SHORT,
    WAIT,
    Checks,
    covariates,
    fit_now,
    fit_then,
    hold_out,
    judge,
)
from schwung.predict.purchasing.model import FOLDS
from schwung.predict.purchasing.traits import TRAITS, asked_by, grouped, with_traits
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
ENDLESS = "customer_equity_without_end"
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
_ALIVE = Text(
    "{title} foretells purchases best here, but says of one-time buyers that they are customers still, by assumption: whether "
    "somebody is one still, and when the next order comes, is told by {other}.",
    "{title} sagt Käufe hier am besten voraus, hält Einmalkäufer aber per Annahme für Kunden: Ob jemand noch Kunde ist und wann die "
    "nächste Bestellung kommt, sagt {other}.",
)


@dataclass(frozen=True, eq=False)
class Base:
    """The customers at a moment. paid: repeat purchases whose worth is known; spend: their mean, major units, in the summary."""

    rows: pa.Table
    summary: PurchaseSummary
    paid: Floats

    def of(self, process: Process) -> PurchaseSummary:
        """For a process that tells customers apart, or does not."""
        return grouped(process, self.summary, self.rows)


@dataclass(frozen=True, eq=False)
class Tried:
    """What was held out: the model that was taken and its covariates, how good it was."""

    choice: Choice
    decided: Decided
    fold: Fold | None = None
    checks: Checks | None = None
    sentences: tuple[Text, ...] = ()


def fit(sight: Sight, options: Options) -> Trained:
    """Chooses the model of purchases by what was held out, fits it and the model of worth on all that is known."""
    found = valued(sight)
    tried = _held_out(sight, options)
    fitted = fit_now(sight, tried.choice.model, tried.decided.groupings, options)
    alive, remarks = fitted, found.remarks
    if not fitted.tells_of_one_time_buyers:
        alive = fit_now(sight, MODELS[DEFAULT], tried.decided.groupings, options)
        remarks = (_ALIVE.fill(title=fitted.process.title, other=alive.process.title), *remarks)
    base = _base(sight, asked_by(fitted.process))
    spend = _fit_spend(base)
    remarks = (*remarks, *left_out(int(((base.summary.frequency > 0) & (base.paid == 0)).sum())))
    state = {"purchases": fitted.told(), "alive": alive.told(), "spend": spend.told(), **found.to_json()}
    state["valuation"] = repr(replace(sight.question.value, is_predicted=False))
    trained = Trained(
        {**fitted.parameters, **spend.parameters},
        {**fitted.standard_errors, **spend.standard_errors},
        _together(fitted.log_likelihood, spend.log_likelihood),
        fitted.customers,
        (*fitted.warnings, *spend.warnings),
        state=state,
    )
    worth = _worth(sight, trained, base, options)
    equity, endless = worth.total(options.level), _endless(worth, options.level)
    plain = float(_naive(base, options.horizon_days).sum()) * found.margin
    told = {"customer_equity": equity.value, "customer_equity_low": equity.low, "customer_equity_high": equity.high}
    if endless is not None:
        told |= {
            f"{ENDLESS}{end}": value
            for end, value in (("", endless.value), ("_low", endless.low), ("_high", endless.high))
        }
    counted = _COUNTED.fill(terms=terms(sight.question, _EVER))
    chosen = (tried.choice.reason, *tried.decided.reasons)
    words = (_equity(sight, equity, plain, options), *tried.sentences, *chosen, counted, *remarks)
    quality = {**_quality(tried.fold), **_known(told), "simple_formula": plain}
    return replace(trained, quality=quality, checks=tried.checks or {}, remarks=words)


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """What `TARGETS` name, of everybody who bought and did not object."""
    purchases, scale = _model_of(trained.state["purchases"]), scale_of(sight)
    base = _base(sight, asked_by(purchases.process))
    worth = _worth(sight, trained, base, options)
    spend = worth.spend
    low, high = (one * scale for one in worth.interval(options.level))
    value = worth.value * scale
    brought, later = base.rows["brought"].to_numpy(), _lifetime(sight, worth) * scale
    since, rate = base.summary.T / 365.25, _rate(sight, options)
    shrunk = np.ones(len(since)) if rate is None else (1 + rate) ** -since
    life = brought + later * shrunk
    ratio = np.divide(later, value, out=np.ones(len(value)), where=value > 0) * shrunk
    each = spend.spend_interval(base.paid, _spend(base), level=options.level)
    alive = _model_of(trained.state["alive"])
    asked = base.of(alive.process)
    parts = {
        "p_alive": purchasing.alive(alive, asked, options.level),
        "expected_orders": purchasing.orders(purchases, worth.summary, options),
        "next_order": purchasing.next_order(alive, asked, options.level, sight.as_of),
        "expected_spend": (worth.each * scale, *(one * worth.margin * scale for one in each)),
        "clv": (value, low, high),
        "lifetime_value": (life, life - (value - low) * ratio, life + (high - value) * ratio),
    }
    if cost := float(trained.state["cost_minor"]):
        first, *bounds = parts["lifetime_value"]
        parts["net_lifetime_value"] = (first - cost, *(bound - cost for bound in bounds))
    return pa.concat_tables([purchasing.as_predicted(name, base.summary, *one) for name, one in parts.items()])


def totals(sight: Sight, trained: Trained, options: Options) -> dict[str, Estimate]:
    """Customers who are left, their purchases, what they are worth within the horizon and, where later money counts less,
    without an end (customer equity)."""
    purchases, alive = (_model_of(trained.state[name]) for name in ("purchases", "alive"))
    base = _base(sight, asked_by(purchases.process), with_past=False)
    worth, scale = _worth(sight, trained, base, options), scale_of(sight)
    found = dict(purchasing.sums(alive, purchases, worth.summary, options))
    endless = _endless(worth, options.level)
    found["clv"] = worth.total(options.level).scaled(scale)
    return found if endless is None else found | {ENDLESS: endless.scaled(scale)}


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward: chosen and fitted on what was known, judged by what customers brought after."""
    found = [_tried(sight, options, *cut) for cut in cuts(sight, options.horizon_days, FOLDS)]
    folds = tuple(one.fold for one in found if one.fold is not None)
    if not folds:
        raise InputError("facts_too_short", TOO_SHORT, WAIT)
    last = found[-1]
    checks = {name: rows for name, rows in (last.checks or {}).items() if name != "tracking"}
    return Backtest(folds, (last.choice.reason, *last.decided.reasons, *last.sentences), checks)


def words(said: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """Whether still a customer, how many orders, when, and what they are worth."""
    known = {one.target: one for one in said}
    life = "net_lifetime_value" if "net_lifetime_value" in known else "lifetime_value"
    worth = (said_of.worth(known, "clv", wording, _WORTH), said_of.worth(known, life, wording, _LIFETIME))
    return (*said_of.purchase_words(said, wording), *(text for text in worth if text is not None))


def _base(sight: Sight, by: tuple[str, ...] = (), *, with_past: bool = True) -> Base:
    """by: traits in the rows."""
    rows = with_traits(sight, kept_purchases(sight), by)
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


def _model_of(told: dict[str, Any]) -> FittedPurchases:
    return MODELS[told["model"]].from_json(told)


def _worth(sight: Sight, trained: Trained, base: Base, options: Options) -> Worth:
    purchases, spend = _model_of(trained.state["purchases"]), GammaGamma.from_json(trained.state["spend"])
    rate, margin = _rate(sight, options), float(trained.state["margin"])
    return Worth(purchases, spend, base.of(purchases.process), float(options.horizon_days), rate, margin, base.paid)


def _rate(sight: Sight, options: Options) -> float | None:
    rate = options.discount_rate
    return sight.question.value.discount_rate if rate is None else rate


def _endless(worth: Worth, level: float) -> Estimate | None:
    """What the customers of today are worth without an end (residual value); None without a discount: it would not be finite."""
    return replace(worth, horizon_days=np.inf).total(level) if worth.discount_rate else None


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


def _held_out(sight: Sight, options: Options) -> Tried:
    last = cuts(sight, options.horizon_days, 1)
    nothing = Tried(choose(None), Decided((), (), ()), sentences=(TOO_SHORT,))
    if not last:
        return nothing
    try:
        return _tried(sight, options, *last[0])
    except InputError as error:
        return replace(nothing, sentences=(TOO_SHORT, error.message))


def _tried(sight: Sight, options: Options, cut_at: int, until_at: int) -> Tried:
    """Value of repeat purchases between the cut and its end, expected and as it came; major units, undiscounted, revenue."""
    held = hold_out(sight, options, cut_at, until_at)
    choice = choose(held)
    decided = covariates(choice.model, held, options)
    fitted, known = fit_then(choice.model, held, decided.groupings)
    then, later = sight.earlier(cut_at), sight.earlier(until_at)
    base = _base(then, tuple(TRAITS), with_past=False)
    worth = Worth(fitted, _fit_spend(base), base.of(fitted.process), float(held.days), paid=base.paid)
    after = sight.run(
        kept_purchases(then).select("customer_id", before="spend").join(kept_purchases(later).select("customer_id", "spend"), "customer_id").order_by("customer_id")
    )  # fmt: skip
    came = np.maximum(after["spend"].to_numpy() - after["before"].to_numpy(), 0.0) / scale_of(sight)
    plain = errors(_naive(base, held.days), came)
    fold = Fold(cut_at, until_at, len(came), errors(worth.value, came), plain, NAIVE)
    kinds = by_kind(worth.value, came, {name: base.rows[name].to_numpy() for name in TRAITS}, TRAITS)
    currency = sight.question.currency
    bought = judge(sight, fitted, known).checks
    checks = {
        "value": tenths(worth.value, came),
        "choice": list(choice.rows),
        "covariates": list(decided.rows),
        **{name: bought[name] for name in ("tracking", "by_frequency", "calibration")},
        "kinds": kinds,
    }
    said = (_measured(sight, fold), *worst_kind(kinds, lambda value: money(value, currency)))
    return Tried(choice, decided, fold, checks, said)


def _quality(fold: Fold | None) -> dict[str, float]:
    return {} if fold is None else {**fold.model, **{f"naive_{name}": value for name, value in fold.naive.items()}}


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
    totals=totals,
)
