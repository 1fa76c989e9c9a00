"""Orders on their way: shipped, delivered, and until when that was promised."""

from collections.abc import Iterable, Mapping

from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.relationship_tables import DELIVERIES
from schwung.core.stable_hash import key_of

_STATES: Mapping[str, str] = {"order_shipped": "shipped", "order_delivered": "delivered"}
NAMES = frozenset(_STATES)


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    order_id = occasion.text("order_id")
    if order_id is None:
        return
    yield {
        "order_key": key_of(occasion.source, order_id),
        "state": _STATES[occasion.name],
        "order_id": order_id,
        **occasion.shared,
        "happened_at": occasion.happened_at,
        "promised_at": occasion.instant("promised_at", "estimated_delivery_at"),
    }


PROJECTION = Projection(DELIVERIES, NAMES, _rows)
