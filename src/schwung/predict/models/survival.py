"""How long contracts run: the day until which one is more likely to run than not."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import said
from schwung.predict.classify.quality import Quality, quality
from schwung.predict.days import day_text
from schwung.predict.lifetime import ContractLifetime, FittedLifetime
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.outcomes.cuts import known_days
from schwung.predict.outcomes.rows import Rows
from schwung.predict.outcomes.spans import KNOWN_AT_START, spans
from schwung.predict.sight import Sight

MONTH = 365.25 / 12
_STEPS = 3
NAIVE = Text(
    "everybody ends as often as all did before, whatever the age", "alle enden so oft wie bisher alle, gleich wie alt"
)


def fit(sight: Sight, options: Options) -> Trained:
    """Kaplan–Meier of all subscriptions, Cox by plan, price and trial where these tell something."""
    rows = _read(sight)
    fitted = _fitted(rows, options.seed)
    parameters = {f"median_{name}": value for name, value in _medians(fitted).items()}
    errors: dict[str, float | None] = dict.fromkeys(parameters)
    found: dict[str, float] = {}
    if fitted.cox is not None:
        parameters |= fitted.cox.coefficients
        errors |= fitted.cox.standard_errors
        found["concordance"] = fitted.cox.concordance
    last = _judge(sight, sight.as_of - _days(sight, options) * DAY, _days(sight, options), options.seed)
    warnings = list(fitted.warnings)
    if last is not None:
        found |= last[0].measures() | {"log_loss_naive": last[1].log_loss}
    return Trained(
        parameters=parameters,
        standard_errors=errors,
        log_likelihood=None if fitted.cox is None else fitted.cox.log_likelihood,
        customers=fitted.n,
        warnings=tuple(warnings),
        remarks=(_seen(fitted), *fitted.remarks),
        quality=found,
        checks={"survival": _curve(fitted)} | ({} if last is None else {"calibration": list(last[0].reliability)}),
        state=fitted.state(),
    )


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """risk_date and stay_probability of customers whose subscriptions run; of several the one that ends first."""
    fitted = FittedLifetime.of_state(trained.state)
    rows = _read(sight)
    rows = rows.filter(pc.invert(rows["ended"]))
    told = Rows()
    if not rows.num_rows:
        return told.table()
    age, beside = rows["age"].to_numpy(), _beside(rows)
    median, low, high = fitted.remaining(age, beside, options.level)
    stays = fitted.stays(age, options.horizon_days, beside)
    ids = rows["customer_id"].to_numpy()
    order = np.lexsort((np.nan_to_num(median, nan=np.inf), ids))
    first = order[np.unique(ids[order], return_index=True)[1]]
    days = [sight.as_of + part[first] * DAY for part in (median, low, high)]
    told.add(ids[first], "risk_date", *days)
    told.add(ids[first], "stay_probability", stays[first])
    return told.table()


def backtest(sight: Sight, options: Options) -> Backtest:
    """Walks forward: fitted on what had ended by then, judged by which contracts that ran then still ran afterwards."""
    days = _days(sight, options)
    folds = []
    for back in range(_STEPS, 0, -1):
        cut = sight.as_of - back * days * DAY
        found = _judge(sight, cut, days, options.seed)
        if found is not None:
            mine, naive = found
            folds.append(Fold(cut, cut + days * DAY, mine.n, mine.measures(), naive.measures(), NAIVE))
    if not folds:
        _fitted(_read(sight), options.seed)
        raise InputError(
            "too_few_ended",
            Text("Too few contracts ended within the time to judge by.", "In der Zeit endeten zu wenige Verträge, um zu urteilen."),
            Text("Wait for more, or take a longer time.", "Mehr abwarten oder einen längeren Zeitraum nehmen."),
        )  # fmt: skip
    return Backtest(tuple(folds), (_said(folds),))


def words(predictions: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """The day and its bounds."""
    known = {one.target: one for one in predictions}
    risk = known.get("risk_date")
    if risk is None:
        return ()
    if risk.value is None:
        if risk.low is None:
            return ()
        text = Text(
            "The contract runs longer than was ever observed of half of those like it; not before {low} with a probability of 90%.",
            "Der Vertrag läuft länger, als es je bei der Hälfte gleicher Verträge zu sehen war; mit 90 % nicht vor dem {low}.",
        )
        return (text.fill(low=day_text(risk.low, wording.zone)),)
    text = Text(
        "The contract runs, more likely than not, until {day}{bounds}.",
        "Der Vertrag läuft eher als nicht bis {day}{bounds}.",
    )
    bounds = Text(" (or longer than was observed)", " (oder länger, als zu sehen war)")
    if risk.low is not None and risk.high is not None:
        bounds = Text(" (80%: {low} to {high})", " (80 %: {low} bis {high})").fill(
            low=day_text(risk.low, wording.zone), high=day_text(risk.high, wording.zone)
        )
    return (text.fill(day=day_text(risk.value, wording.zone), bounds=bounds),)


def _read(sight: Sight) -> pa.Table:
    """Spans in one order on every engine."""
    rows = sight.run(spans(sight))
    rows = rows.filter(pc.and_(pc.greater(rows["age"], 0.0), pc.invert(rows["came_back"])))
    return rows.sort_by([("subscription_key", "ascending")])


def _fitted(rows: pa.Table, seed: int) -> FittedLifetime:
    """Ages in whole days: times that all differ make Cox regression slow and say no more."""
    age = np.maximum(np.ceil(rows["age"].to_numpy()), 1.0)
    return ContractLifetime(seed=seed).fit(age, rows["ended"].to_numpy(zero_copy_only=False), covariates=_beside(rows))


def _beside(rows: pa.Table) -> Any:
    frame = rows.select(list(KNOWN_AT_START)).to_pandas()
    frame["plan"] = frame["plan"].fillna("–")
    return frame.drop(columns=["monthly"]) if frame["plan"].nunique() > 1 else frame


def _days(sight: Sight, options: Options) -> int:
    return max(1, min(options.horizon_days, known_days(sight) // (_STEPS + 1)))


def _judge(sight: Sight, cut: Instant, days: int, seed: int) -> tuple[Quality, Quality] | None:
    """Of contracts that ran at the cut: whether they still ran `days` later. None where that says too little."""
    then = sight.earlier(cut)
    before, after = _read(then), _read(sight.earlier(cut + days * DAY))
    try:
        fitted = _fitted(before, seed)
    except InputError:
        return None
    running = before.filter(pc.invert(before["ended"]))
    now = dict(zip(after["subscription_key"].to_pylist(), after["ended"].to_pylist(), strict=True))
    ended = np.array([float(now.get(key, True)) for key in running["subscription_key"].to_pylist()])
    p = 1 - fitted.stays(running["age"].to_numpy(), days, _beside(running))
    known = ~np.isnan(p)
    if min(ended[known].sum(), (1 - ended[known]).sum()) < 5:
        return None
    age = before["age"].to_numpy()
    rate = float(before["ended"].to_numpy(zero_copy_only=False).sum()) / age.sum()
    naive = np.full(int(known.sum()), 1 - np.exp(-rate * days))
    return quality(ended[known], p[known]), quality(ended[known], naive)


def _medians(fitted: FittedLifetime) -> dict[str, float]:
    """Of all contracts, where half of them were seen to end."""
    below = np.flatnonzero(fitted.survival <= 0.5)
    return {"days": float(fitted.times[below[0]])} if len(below) else {}


def _curve(fitted: FittedLifetime) -> list[dict[str, Any]]:
    """Kaplan–Meier by month, with its 95 % interval."""
    months = np.arange(int(fitted.times[-1] / MONTH) + 1)
    place = np.searchsorted(fitted.times, months * MONTH, side="right") - 1
    return [
        {"month": int(month), "kept": fitted.survival[row], "low": fitted.low[row], "high": fitted.high[row]}
        for month, row in zip(months, place, strict=True)
    ]


def _seen(fitted: FittedLifetime) -> Text:
    return Text(
        "{n} contracts, {ended} of them ended, seen up to an age of {days} days; beyond that nothing is said.",
        "{n} Verträge, davon {ended} beendet, beobachtet bis zu einem Alter von {days} Tagen; darüber hinaus wird nichts gesagt.",
    ).fill(n=said.count(fitted.n), ended=said.count(fitted.ended), days=said.count(float(fitted.times[-1])))


def _said(folds: Sequence[Fold]) -> Text:
    won = sum(fold.model["log_loss"] < fold.naive["log_loss"] for fold in folds)
    return Text(
        "In {won} of {n} steps its probabilities were truer than one rate for all (log-loss); in the last they lay {ece} off.",
        "In {won} von {n} Schritten waren ihre Wahrscheinlichkeiten wahrer als eine Rate für alle (Log-Loss); im letzten lagen "
        "sie {ece} daneben.",
    ).fill(won=won, n=len(folds), ece=said.points(folds[-1].model["ece"]))


MODEL = Model(
    name="survival",
    title=Text("Contract lifetime", "Vertragsdauer"),
    says=Text("How long running contracts still run.", "Wie lange laufende Verträge noch laufen."),
    reading=Text(
        "The date is the day by which half of the contracts of the same age and kind have ended; the bounds hold the end with "
        "the level asked for. Beyond the ages that were observed nothing is said: then the date is empty. Plan, price and trial "
        "are those of the start.",
        "Das Datum ist der Tag, bis zu dem die Hälfte der Verträge gleichen Alters und gleicher Art beendet ist; zwischen den "
        "Grenzen liegt das Ende mit dem verlangten Niveau. Über beobachtete Alter hinaus wird nichts gesagt: Dann ist das Datum "
        "leer. Tarif, Preis und Probezeit sind die des Beginns.",
    ),
    source="Kaplan & Meier 1958; Cox 1972; lifelines (Davidson-Pilon)",
    needs=("subscriptions",),
    targets=(
        Target("risk_date", Text("Runs, more likely than not, until", "Läuft eher als nicht bis"), "date", "higher"),
        Target(
            "stay_probability",
            Text("Probability to run on", "Wahrscheinlichkeit weiterzulaufen"),
            "probability",
            "higher",
        ),
    ),
    fit=fit,
    predict=predict,
    backtest=backtest,
    words=words,
    packages=("lifelines",),
)
