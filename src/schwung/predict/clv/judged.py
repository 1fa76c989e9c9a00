"""How good expected purchases were: against what came, and against the naive rule."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from schwung.core.text import Text
from schwung.measure.said import count as counted
from schwung.measure.said import decimal, share
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import DAYS

NAIVE = Text(
    "everybody goes on as before (repeat purchases so far ÷ time known)",
    "alle machen weiter wie bisher (bisherige Wiederkäufe ÷ bekannte Zeit)",
)
_MOST_BOUGHT = 7
_CLASSES = 10
_FAR = 0.25


def expected(fitted: FittedPurchases, held: HeldOut) -> Floats:
    """Purchases that the model expects of each row."""
    return fitted.expected_purchases(held.days / DAYS[fitted.unit], held.summary).value


def naive(held: HeldOut) -> Floats:
    """Repeat purchases so far ÷ time known × horizon; 0 of who came today."""
    T = held.summary.T * DAYS[held.summary.unit]
    found: Floats = np.divide(held.summary.frequency * held.days, T, out=np.zeros(len(T)), where=T > 0)
    return found


def measures(said: Floats, held: HeldOut) -> dict[str, float]:
    """Of expected purchases."""
    return errors(said, held.actual, held.count)


def errors(said: Floats, came: Floats, count: Floats | None = None) -> dict[str, float]:
    """mae, rmse: per customer. bias: total expected ÷ total that came − 1 (none where nothing came)."""
    weight, off = np.ones(len(said)) if count is None else count, said - came
    people, total = float(weight.sum()), float(weight @ came)
    found = {
        "mae": float(weight @ np.abs(off)) / people,
        "rmse": float(np.sqrt(weight @ off**2 / people)),
    }
    return found | ({"bias": float(weight @ said) / total - 1.0} if total else {})


def tenths(said: Floats, came: Floats) -> list[dict[str, Any]]:
    """Mean expected and actual of customers in ten classes of one size, lowest first."""
    return [
        {"expected": float(said[part].mean()), "actual": float(came[part].mean()), "n": len(part)}
        for part in np.array_split(np.argsort(said, kind="stable"), _CLASSES)
        if len(part)
    ]


def by_frequency(said: Floats, held: HeldOut) -> list[dict[str, Any]]:
    """Mean expected and actual purchases by repeat purchases so far; the last row holds all that bought as often or more."""
    place = np.minimum(held.summary.frequency, _MOST_BOUGHT)
    n, said_of, came_of = (
        np.bincount(place, weights=held.count * each, minlength=_MOST_BOUGHT + 1)
        for each in (np.ones(len(said)), said, held.actual)
    )
    return [
        {
            "frequency": bought,
            "expected": float(said_of[bought] / n[bought]),
            "actual": float(came_of[bought] / n[bought]),
            "n": round(n[bought]),
        }
        for bought in np.flatnonzero(n).tolist()
    ]


def calibration(probability: Floats, held: HeldOut) -> list[dict[str, Any]]:
    """Predicted and observed share of customers who bought at all, in ten classes of about the same size, lowest first."""
    order = np.argsort(probability, kind="stable")
    passed = np.cumsum(held.count[order]) - held.count[order] / 2
    place = np.empty(len(order), np.int64)
    place[order] = np.minimum((passed / held.count.sum() * _CLASSES).astype(np.int64), _CLASSES - 1)
    bought = (held.actual > 0).astype(np.float64)
    found = []
    for step in range(_CLASSES):
        here = place == step
        n = float(held.count[here].sum())
        if n:
            weights = held.count[here] / n
            predicted, observed = float(weights @ probability[here]), float(weights @ bought[here])
            found.append({"predicted": predicted, "observed": observed, "n": round(n)})
    return found


def ece(rows: list[dict[str, Any]]) -> float:
    """Mean distance of predicted and observed shares."""
    total = sum(row["n"] for row in rows)
    return sum(row["n"] * abs(row["predicted"] - row["observed"]) for row in rows) / total if total else 0.0


def sentences(
    model: Mapping[str, float], plain: Mapping[str, float], rows: list[dict[str, Any]], days: int
) -> tuple[Text, ...]:
    """What the held-out stretch says: the error beside the naive rule's, and on whom the model errs."""
    better = model["mae"] <= plain["mae"]
    verdict = Text("less than", "weniger als") if better else Text("more than", "mehr als")
    found = [
        Text(
            "Held out {days} days: per customer it errs by {mae} purchases, {verdict} the naive rule ({plain}).",
            "Auf {days} zurückgehaltenen Tagen irrt es je Kunde um {mae} Käufe, {verdict} die naive Regel ({plain}).",
        ).fill(days=days, mae=decimal(model["mae"], 2), verdict=verdict, plain=decimal(plain["mae"], 2))
    ]
    if "bias" in model:
        side = Text("too few", "zu wenige") if model["bias"] < 0 else Text("too many", "zu viele")
        found.append(
            Text(
                "In total it expected {side} purchases, by {off}.", "In Summe hat es {side} Käufe erwartet, um {off}."
            ).fill(side=side, off=share(abs(model["bias"]))),
        )
    wrong = [row for row in rows if row["actual"] and row["n"] >= 30]
    worst = max(wrong, key=lambda row: abs(row["expected"] / row["actual"] - 1), default=None)
    if worst is not None and abs(worst["expected"] / worst["actual"] - 1) >= _FAR:
        side = Text("too little", "zu wenig") if worst["expected"] < worst["actual"] else Text("too much", "zu viel")
        found.append(
            Text(
                "Of the {n} customers with {x} it expects {side}: {said} purchases each, {came} came.",
                "Von den {n} Kunden mit {x} erwartet es {side}: je {said} Käufe, {came} kamen.",
            ).fill(
                n=counted(worst["n"]), x=_bought(worst["frequency"]), side=side,
                said=decimal(worst["expected"], 2), came=decimal(worst["actual"], 2),
            )
        )  # fmt: skip
    return tuple(found)


def _bought(frequency: int) -> Text:
    if frequency == 0:
        return Text("one purchase so far", "bisher einem Kauf")
    said = Text("{n} purchases so far", "bisher {n} Käufen")
    if frequency == _MOST_BOUGHT:
        said = Text("{n} or more purchases so far", "bisher {n} oder mehr Käufen")
    return said.fill(n=frequency + 1)
