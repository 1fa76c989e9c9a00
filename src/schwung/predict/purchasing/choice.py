"""Which model of purchases is taken: the one that erred least on what was held out, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.clv.bg_nbd import BetaGeoNBD
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.clv.pareto_nbd import ParetoNBD
from schwung.predict.clv.purchase_model import PurchaseModel
from schwung.predict.purchasing import judged
from schwung.predict.purchasing.held_out import HeldOut

MODELS: Mapping[str, PurchaseModel] = {
    one.process.name: one for one in (ModifiedBetaGeoNBD(), ParetoNBD(), BetaGeoNBD())
}
"""In the order in which they are taken where they err alike: of one-time buyers the first two say less than 100 %."""
DEFAULT = next(iter(MODELS))
_MOST_ROWS = 30_000
_ALIKE = 0.005
"""Errors that differ by less are alike."""
UNTRIED = Text(
    "{title} was taken untried: the facts are too short to hold out a part of them.",
    "{title} wurde ungeprüft genommen: Die Fakten reichen nicht, um einen Teil zurückzuhalten.",
)
_BEST = Text(
    "{title} was taken: on {days} held-out days its error (RMSE) is {own}; {others}.",
    "{title} wurde genommen: Auf {days} zurückgehaltenen Tagen ist sein Fehler (RMSE) {own}; {others}.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """rows: of each model its measures."""

    model: PurchaseModel
    reason: Text
    rows: tuple[dict[str, Any], ...]


def choose(held: HeldOut | None) -> Choice:
    """The default where nothing was held out, or nothing could be fitted on what was known then."""
    tried = {} if held is None else _tried(_sampled(held))
    if not tried or held is None:
        first = MODELS[DEFAULT]
        return Choice(first, UNTRIED.fill(title=first.process.title), ())
    least = min(row["rmse"] for row in tried.values())
    name = next(name for name in MODELS if name in tried and tried[name]["rmse"] <= least * (1 + _ALIKE))
    others = [
        Text("{title} {error}", "{title} {error}").fill(
            title=MODELS[other].process.title, error=decimal(row["rmse"], 3)
        )
        for other, row in tried.items()
        if other != name
    ]
    reason = _BEST.fill(
        title=MODELS[name].process.title, days=held.days, own=decimal(tried[name]["rmse"], 3), others=_listed(others)
    )
    return Choice(MODELS[name], reason, tuple(tried.values()))


def _tried(held: HeldOut) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, model in MODELS.items():
        try:
            measured = judged.measures(judged.expected(model.fit(held.summary), held), held)
        except InputError:
            continue
        found[name] = {"model": name, **measured}
    return found


def _sampled(held: HeldOut) -> HeldOut:
    """Every so many-th distinct row where there are very many: enough to tell models apart."""
    step = -(-len(held.summary) // _MOST_ROWS)
    if step <= 1:
        return held
    at = np.arange(step // 2, len(held.summary), step)
    return HeldOut(held.cut_at, held.until_at, held.days, held.summary.chosen(at), held.actual[at])


def _listed(texts: list[Text]) -> Text:
    if not texts:
        return Text("no other could be fitted", "kein anderes war anzupassen")
    return Text(", ".join(text.en for text in texts), ", ".join(text.de for text in texts))
