"""Which model of purchases is taken: the one that erred least on what was held out, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.clv import judged
from schwung.predict.clv.bg_nbd import BetaGeoNBD
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.clv.pareto_nbd import ParetoNBD
from schwung.predict.clv.purchase_model import PurchaseModel
from schwung.predict.clv.rows import Floats

MODELS: Mapping[str, PurchaseModel] = {
    one.process.name: one for one in (ModifiedBetaGeoNBD(), ParetoNBD(), BetaGeoNBD())
}
DEFAULT = next(iter(MODELS))
"""Of one-time buyers it says less than 100 %."""
_MOST_ROWS = 30_000
UNTRIED = Text(
    "{title} was taken untried: the facts are too short to hold out a part of them.",
    "{title} wurde ungeprüft genommen: Die Fakten reichen nicht, um einen Teil zurückzuhalten.",
)
_BEST = Text(
    "{title} was taken: on {days} held-out days its error per customer (RMSE) is {own}; {others}.",
    "{title} wurde genommen: Auf {days} zurückgehaltenen Tagen ist sein Fehler je Kunde (RMSE) {own}; {others}.",
)
_UNCLEAR = Text(
    "{title} was taken: on {days} held-out days its error per customer (RMSE) is {own}, and no other is clearly better; {others}.",
    "{title} wurde genommen: Auf {days} zurückgehaltenen Tagen ist sein Fehler je Kunde (RMSE) {own}, und kein anderes ist klar "
    "besser; {others}.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """rows: of each model its measures."""

    model: PurchaseModel
    reason: Text
    rows: tuple[dict[str, Any], ...]


def choose(held: HeldOut | None) -> Choice:
    """The least squared error; the default where no other is clearly better, where nothing was held out, or nothing could be
    fitted on what was known then."""
    few = None if held is None else held.chosen(held.some(_MOST_ROWS))
    said = {} if few is None else _said(few)
    if not said or few is None:
        first = MODELS[DEFAULT]
        return Choice(first, UNTRIED.fill(title=first.process.title), ())
    found = {name: judged.measures(each, few) for name, each in said.items()}
    best = min(found, key=lambda name: found[name]["rmse"])
    is_unclear = DEFAULT in said and not is_better(said[best], said[DEFAULT], few)
    name = DEFAULT if is_unclear else best
    others = [f"{MODELS[other].process.title.en} {{{other}}}" for other in found if other != name]
    errors = {each: decimal(measured["rmse"], 3) for each, measured in found.items()}
    listed = Text(", ".join(others), ", ".join(others)).fill(**errors) if others else _NO_OTHER
    reason = (_UNCLEAR if is_unclear and len(found) > 1 else _BEST).fill(
        title=MODELS[name].process.title, days=few.days, own=errors[name], others=listed
    )
    return Choice(MODELS[name], reason, tuple({"model": each, **measured} for each, measured in found.items()))


def is_better(one: Floats, other: Floats, held: HeldOut, errors: float = 1.0) -> bool:
    """Whether the squared errors of expected purchases are less by more than so many standard errors of the difference."""
    weight, n = held.count, held.count.sum()
    gain = (other - held.actual) ** 2 - (one - held.actual) ** 2
    mean = float(weight @ gain) / n
    return bool(mean > errors * np.sqrt(float(weight @ (gain - mean) ** 2)) / n)


def _said(held: HeldOut) -> dict[str, Floats]:
    """Expected purchases by each model that can be fitted."""
    found: dict[str, Floats] = {}
    for name, model in MODELS.items():
        try:
            found[name] = judged.expected(model.fit(held.summary), held)
        except InputError:
            continue
    return found


_NO_OTHER = Text("no other could be fitted", "kein anderes war anzupassen")
