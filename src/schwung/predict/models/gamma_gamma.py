"""Gamma-gamma: what a customer's purchase will be worth."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from ibis import _

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.said import count, money
from schwung.predict.clv.gamma_gamma import FittedSpend, GammaGamma
from schwung.predict.clv.judged import errors, tenths
from schwung.predict.clv.rows import Floats
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.purchasing.held_out import cuts
from schwung.predict.purchasing.judging import TOO_SHORT, WAIT
from schwung.predict.purchasing.model import FOLDS, as_predicted
from schwung.predict.purchasing.valued import scale_of
from schwung.predict.purchasing.words import worth
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, mean_spend, of_customers

NAIVE = Text("the customer's own mean so far", "der bisherige eigene Mittelwert des Kunden")
LEFT_OUT = Text(
    "{n} customers are left out of the fit: nothing is known of what their repeat purchases were worth, or nothing is left of it.",
    "{n} Kunden sind nicht in der Anpassung: Der Wert ihrer Wiederkäufe ist nicht bekannt, oder davon ist nichts übrig.",
)
ONE_LEFT_OUT = Text(
    "One customer is left out of the fit: nothing is known of what the repeat purchases were worth, or nothing is left of it.",
    "Ein Kunde ist nicht in der Anpassung: Der Wert der Wiederkäufe ist nicht bekannt, oder davon ist nichts übrig.",
)
_SAID = Text(
    "A purchase of about {value} expected (own level between {low} and {high}).",
    "Ein Kauf von etwa {value} erwartet (eigenes Niveau zwischen {low} und {high}).",
)
_MEASURED = Text(
    "Held out: the mean worth of later purchases was missed by {mae} on average, by the customer's own mean so far by {plain}.",
    "Zurückgehalten: Der mittlere Wert späterer Käufe wurde im Mittel um {mae} verfehlt, vom bisherigen eigenen Mittelwert um {plain}.",
)


def fit_spend(frequency: Floats, spend: Floats) -> FittedSpend:
    """frequency: repeat purchases whose worth is known; spend: their mean; others do not count. InputError where none is known."""
    known = (frequency > 0) & (spend > 0)
    if len(known) and not known.any():
        raise InputError(
            "worth_not_known",
            Text(
                "Of no repeat purchase a worth above 0 in the reporting currency is known.",
                "Von keinem Wiederkauf ist ein Wert über 0 in der Berichtswährung bekannt.",
            ),
            Text(
                "Enter the exchange rates of foreign currencies (schwung rate), or correct amounts that are missing, 0 or below.",
                "Die Kurse fremder Währungen eintragen (schwung rate) oder Beträge berichtigen, die fehlen oder nicht über 0 liegen.",
            ),
        )
    return GammaGamma().fit(frequency[known], spend[known])


def left_out(customers: int) -> tuple[Text, ...]:
    """A remark on those who bought again, of whose purchases no worth is known."""
    return ((ONE_LEFT_OUT if customers == 1 else LEFT_OUT).fill(n=count(customers)),) if customers else ()


def known_spend(rows: pa.Table, scale: int) -> tuple[Floats, Floats]:
    """Repeat purchases whose worth is known, and their mean in major units, of rows of `purchases`."""
    paid = rows["paid_days"].to_numpy().astype(np.float64)
    spend = mean_spend(rows)
    return np.where(spend > 0, paid, 0.0), spend / scale


def fit(sight: Sight, options: Options) -> Trained:
    """On the repeat purchases of all customers; the first purchase does not count, as in the models of purchases."""
    rows = _repeaters(sight)
    scale = scale_of(sight)
    frequency, spend = known_spend(rows, scale)
    fitted = fit_spend(frequency, spend)
    trained = Trained(
        fitted.parameters, fitted.standard_errors, fitted.log_likelihood, fitted.customers, fitted.warnings,
        state=fitted.told(),
    )  # fmt: skip
    missing = rows.num_rows - int((frequency > 0).sum())
    remarks = left_out(missing)
    last = cuts(sight, options.horizon_days, 1)
    if not last:
        return replace(trained, remarks=(*remarks, TOO_SHORT))
    try:
        fold, classes = _judge(sight, *last[0])
    except InputError as error:
        return replace(trained, remarks=(*remarks, TOO_SHORT, error.message))
    said = _measured(sight, fold)
    quality = {**fold.model, **{f"naive_{name}": value for name, value in fold.naive.items()}}
    return replace(trained, quality=quality, checks={"spend": classes}, remarks=(said, *remarks))


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """Of everybody who bought; who has not bought again is taken for one of all."""
    fitted = GammaGamma.from_json(trained.state)
    rows = sight.run(kept_purchases(sight))
    scale = scale_of(sight)
    frequency, spend = known_spend(rows, scale)
    value = np.asarray(fitted.expected_spend(frequency, spend).value)
    low, high = fitted.spend_interval(frequency, spend, level=options.level)
    return as_predicted("expected_spend", of_customers(rows), value * scale, low * scale, high * scale)


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward: the mean worth of the purchases that came, against what was expected."""
    found = [_judge(sight, cut_at, until_at) for cut_at, until_at in cuts(sight, options.horizon_days, FOLDS)]
    if not found:
        raise InputError("facts_too_short", TOO_SHORT, WAIT)
    said = _measured(sight, found[-1][0])
    return Backtest(tuple(fold for fold, _ in found), (said,), {"spend": found[-1][1]})


def words(said: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    one = worth({each.target: each for each in said}, "expected_spend", wording, _SAID)
    return () if one is None else (one,)


def _judge(sight: Sight, cut_at: int, until_at: int) -> tuple[Fold, list[dict[str, Any]]]:
    """Customers with purchases before the cut and after it; money in major units."""
    then, later = sight.earlier(cut_at), sight.earlier(until_at)
    before = _repeaters(then)
    scale = scale_of(sight)
    fitted = fit_spend(*known_spend(before, scale))
    rows = sight.run(
        kept_purchases(then)
        .filter(_.paid_days > 0, _.spend > 0)
        .join(kept_purchases(later).select("customer_id", paid_later="paid_days", spend_later="spend"), "customer_id")
        .filter(_.paid_later > _.paid_days)
        .order_by("customer_id")
    )
    frequency, spend = known_spend(rows, scale)
    more = rows["paid_later"].to_numpy() - rows["paid_days"].to_numpy()
    came = (rows["spend_later"].to_numpy() - rows["spend"].to_numpy()) / np.maximum(more, 1) / scale
    if not len(came):
        raise InputError("facts_too_short", TOO_SHORT, WAIT)
    expected = np.asarray(fitted.expected_spend(frequency, spend).value)
    fold = Fold(cut_at, until_at, len(came), errors(expected, came), errors(spend, came), NAIVE)
    return fold, tenths(expected, came)


def _repeaters(sight: Sight) -> pa.Table:
    return sight.run(kept_purchases(sight).filter(_.frequency > 0).order_by("customer_id"))


def _measured(sight: Sight, fold: Fold) -> Text:
    currency = sight.question.currency
    return _MEASURED.fill(mae=money(fold.model["mae"], currency), plain=money(fold.naive["mae"], currency))


MODEL = Model(
    "gamma_gamma",
    Text("Worth of a purchase (gamma-gamma)", "Wert eines Kaufs (Gamma-Gamma)"),
    Text("What a purchase of each customer will be worth.", "Was ein Kauf jedes Kunden wert sein wird."),
    Text(
        "Who bought little is drawn towards the mean of all; who bought often is believed. It takes worth and frequency of "
        "purchases for independent, and says so where they are not. The interval says where the customer's own level lies, "
        "not a single purchase.",
        "Wer wenig gekauft hat, wird zum Mittel aller gezogen; wer oft gekauft hat, dem wird geglaubt. Wert und Häufigkeit der "
        "Käufe gelten als unabhängig; wo sie es nicht sind, wird es gesagt. Das Intervall sagt, wo das eigene Niveau des Kunden "
        "liegt, nicht ein einzelner Kauf.",
    ),
    "Fader & Hardie 2013",
    ("orders", "returns", "profiles"),
    (Target("expected_spend", Text("Expected worth of a purchase", "Erwarteter Wert eines Kaufs"), "money", "higher"),),
    fit,
    predict,
    backtest,
    words,
    part_of="clv",
)
