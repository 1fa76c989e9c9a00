"""Loyalty points: one row an entry, signed, so that a balance is a sum."""

from collections.abc import Iterable, Mapping

from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.relationship_tables import POINTS
from schwung.core.stable_hash import key_of

# Event → kind and sign; 0: as stated.
_KINDS: Mapping[str, tuple[str, int]] = {
    "loyalty_joined": ("joined", 1),
    "points_earned": ("earned", 1),
    "points_redeemed": ("redeemed", -1),
    "points_expired": ("expired", -1),
    "points_adjusted": ("adjusted", 0),
}


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    kind, sign = _KINDS[occasion.name]
    stated = round(occasion.number("points") or 0)
    own = occasion.text("entry_id", "transaction_id")
    yield {
        "entry_key": occasion.event_key if own is None else key_of(occasion.source, own),
        "kind": kind,
        **occasion.shared,
        "happened_at": occasion.happened_at,
        "points": sign * abs(stated) if sign else stated,
        "expires_on": occasion.day("expires_on", "expires_at"),
        "order_id": occasion.text("order_id"),
    }


PROJECTION = Projection(POINTS, frozenset(_KINDS), _rows)
