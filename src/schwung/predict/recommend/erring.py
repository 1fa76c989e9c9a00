"""On whom recommendations err: what the first products of customers kept out of the calibration promised, and what came."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.predict.kinds import by_kind
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
_MANY, _PAUSE = (1, 4, 9), (30, 90, 180)


def purchases_by_kind(sight: Sight, lesson: Lesson) -> list[dict[str, Any]]:
    """Per customer: how many of the first products they were expected to buy, and how many they bought."""
    found = lesson.kept_out.where(lesson.kept_out.kind != STEP)
    return _by_kind(sight, lesson, found, np.ones(len(found.p)))


def gains_by_kind(sight: Sight, lesson: Lesson) -> list[dict[str, Any]]:
    """Per customer: what the first offers were expected to bring, and what they brought, in major units."""
    found = lesson.kept_out.where((lesson.kept_out.kind != AGAIN) & (lesson.kept_out.gain > 0))
    return _by_kind(sight, lesson, found, found.gain / 10 ** exponent_of(sight.question.currency))


def _by_kind(sight: Sight, lesson: Lesson, found: KeptOut, worth: Floats) -> list[dict[str, Any]]:
    shelf = lesson.split.before
    order, _ = first_by_worth(found.customer, found.product, found.p * worth, TOP)
    who, place = np.unique(found.customer[order], return_inverse=True)
    if not len(who):
        return []
    said, came = (np.bincount(place, (one * worth)[order]).astype(np.float64) for one in (found.p, found.bought))
    many = np.diff(shelf.purchases.orders.indptr)[who]
    columns = traits_of(sight, pa.array(shelf.purchases.customers[who])) | {
        "products": _spans(many.astype(float), _MANY),
        "pause": _spans(shelf.recency_days[who], _PAUSE),
    }
    return by_kind(said, came, columns, _KINDS)


def _spans(values: Floats, edges: tuple[int, ...]) -> Any:
    """In words: up to each edge, beyond the last."""
    starts = (1 if edges is _MANY else 0, *(edge + 1 for edge in edges))
    names = [f"{low}–{high}" if low != high else str(low) for low, high in zip(starts, (*edges, ""), strict=True)]
    return np.array(names, object)[np.searchsorted(edges, np.floor(values))]
