"""On whom recommendations err: what the first products of customers kept out of the calibration promised, and what came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.said import count as counted
from schwung.predict.kinds import by_kind, worst_kind
from schwung.predict.purchasing.traits import TRAITS, traits_of
from schwung.predict.recommend.candidates import first_by_worth
from schwung.predict.recommend.choose import TOP
from schwung.predict.recommend.learn import AGAIN, STEP, KeptOut, Lesson
from schwung.predict.recommend.purchases import Floats
from schwung.predict.sight import Sight

_KINDS: Mapping[str, Text] = {
    **TRAITS,
    "products": Text("Products bought so far", "Bisher gekaufte Artikel"),
    "pause": Text("Days since the last purchase", "Tage seit dem letzten Kauf"),
}
_PROMISED = Text(
    "Held out ({days} days): the first {k} of {n} customers together were said to bring {said}; {came} came.",
    "Zurückgehalten ({days} Tage): Die ersten {k} von {n} Kunden sollten zusammen {said} bringen; {came} kamen.",
)
_MANY, _PAUSE = (1, 4, 9), (30, 90, 180)


@dataclass(frozen=True, eq=False)
class Promises:
    """Of each customer who was kept out: what the first products were expected to bring (purchases, or major units), what came.
    kinds: means of both by kind of customer."""

    said: Floats
    came: Floats
    kinds: list[dict[str, Any]]

    def sentences(self, days: int, shown: Callable[[float], Text]) -> tuple[Text, ...]:
        """What came in all, then of whom it is furthest off."""
        if not len(self.said):
            return ()
        said, came = (shown(float(one.sum())) for one in (self.said, self.came))
        whole = _PROMISED.fill(n=counted(len(self.said)), k=TOP, days=days, said=said, came=came)
        return (whole, *worst_kind(self.kinds, shown))


def purchases(sight: Sight | None, lesson: Lesson) -> Promises:
    """How many of the first products customers were expected to buy, and how many they bought. Without a sight nothing is known
    of the customers but their purchases."""
    found = lesson.kept_out.where(lesson.kept_out.kind != STEP)
    return _promises(sight, lesson, found, np.ones(len(found.p)))


def gains(sight: Sight, lesson: Lesson) -> Promises:
    """What the first offers were expected to bring, and what they brought, in major units."""
    found = lesson.kept_out.where((lesson.kept_out.kind != AGAIN) & (lesson.kept_out.gain > 0))
    return _promises(sight, lesson, found, found.gain / 10 ** exponent_of(sight.question.currency))


def _promises(sight: Sight | None, lesson: Lesson, found: KeptOut, worth: Floats) -> Promises:
    shelf = lesson.split.before
    order, _ = first_by_worth(found.customer, found.product, found.p * worth, TOP)
    who, place = np.unique(found.customer[order], return_inverse=True)
    if not len(who):
        return Promises(np.zeros(0), np.zeros(0), [])
    said, came = (np.bincount(place, (one * worth)[order]).astype(np.float64) for one in (found.p, found.bought))
    many = np.diff(shelf.purchases.orders.indptr)[who]
    traits = {} if sight is None else traits_of(sight, pa.array(shelf.purchases.customers[who]))
    columns = traits | {
        "products": _spans(many.astype(float), _MANY),
        "pause": _spans(shelf.recency_days[who], _PAUSE),
    }
    return Promises(said, came, by_kind(said, came, columns, _KINDS))


def _spans(values: Floats, edges: tuple[int, ...]) -> Any:
    """In words: up to each edge, beyond the last."""
    starts = (1 if edges is _MANY else 0, *(edge + 1 for edge in edges))
    names = [f"{low}–{high}" if low != high else str(low) for low, high in zip(starts, (*edges, ""), strict=True)]
    return np.array(names, object)[np.searchsorted(edges, np.floor(values))]
