"""Occasions for the projections: from events just received, or from rows of `events` that lie in the lake."""

from collections.abc import Iterator

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from schwung.collect.event import Event
from schwung.collect.projection import Attribution, Reading, campaign_of
from schwung.collect.projections import NAMES, carts
from schwung.collect.projections.occasion import Occasion
from schwung.core.stable_hash import key_of

READ = NAMES | carts.NAMES
"""Names of all events that become facts of the relationship."""
_decode = msgspec.json.Decoder(dict[str, object]).decode


def received(reading: Reading, attribution: Attribution) -> list[Occasion]:
    """Of the events of a batch, those that a projection reads; one pass over their names."""
    return [_received(reading, attribution, at) for at, event in enumerate(reading.events) if event.name in READ]


def _received(reading: Reading, attribution: Attribution, at: int) -> Occasion:
    event = reading.events[at]
    return Occasion(
        reading.numbers[at],
        event.name,
        event.happened_at,
        event.source,
        int(attribution.identifier_of[at]) or None,
        bool(attribution.is_erased[at]),
        reading.properties[at],
        event.channel,
        campaign_of(event.context),
        None if attribution.is_erased[at] else _device(event),
    )


def _device(event: Event) -> int | None:
    """The browser or app, which goes on being the same when its person becomes known; else the person."""
    if event.name not in carts.NAMES or not event.claims:
        return None
    claim = next((one for one in event.claims if one.kind == "anonymous_id"), event.claims[0])
    return key_of(event.source, claim.kind, claim.value)


def lying(events: pa.Table, names: frozenset[str] = READ) -> Iterator[Occasion]:
    """Of rows of `events`, those with one of these names. Their device is not known any more: the person stands for it."""
    chosen = events.filter(pc.is_in(events["name"], value_set=pa.array(sorted(names))))
    for row in chosen.to_pylist():
        try:
            properties = _decode(row["properties"] or "{}")
        except (msgspec.DecodeError, RecursionError):
            continue
        for name in ("order_id", "product_id"):
            if row[name] is not None:
                properties.setdefault(name, row[name])
        owner = row["identifier_id"]
        device = key_of(row["source"], "person", str(owner)) if owner is not None else None
        yield Occasion(
            row["event_no"],
            row["name"],
            row["happened_at"],
            row["source"],
            owner,
            False,
            properties,
            row["channel"],
            row["campaign"],
            device,
        )
