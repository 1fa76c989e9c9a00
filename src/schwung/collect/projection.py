"""Events become fact rows: what every event says, column by column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schwung.collect.arrow import rows_of
from schwung.collect.event import Event
from schwung.collect.event_type import EventType, declared, misfit_of, number_of, validate
from schwung.collect.reason import Reason
from schwung.collect.tables import EVENTS
from schwung.core.money import to_minor
from schwung.core.stable_hash import bucket_of

Properties = Mapping[str, Any]
Misfits = Mapping[str, Callable[[Properties], Reason | None]]
"""By name of the event: what else must fit, beyond its declared type."""
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_NOTHING: Properties = {}


class _Campaign(msgspec.Struct):
    name: str | None = None


class _Context(msgspec.Struct):
    campaign: _Campaign | None = None


_context = msgspec.json.Decoder(_Context)


@dataclass(frozen=True, slots=True)
class Reading:
    """A batch as read. events, numbers, types, properties: of those that fit their declared type, in order of number.

    types: None where undeclared; properties: decoded for declared types only.
    """

    events: Sequence[Event]
    numbers: Sequence[int]
    types: Sequence[EventType | None]
    properties: Sequence[Properties]
    misfits: Sequence[tuple[int, Event, Reason]]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose each event of a Reading is: identifier id, 0 for a guest; whether its person was erased before."""

    identifier_of: npt.NDArray[np.int64]
    is_erased: npt.NDArray[np.bool_]


def read_events(numbered: Sequence[tuple[int, Event]], also: Misfits | None = None) -> Reading:
    """Events apart from misfits. numbered: (event_no, event) in order of number. also: more that must fit."""
    also = also or {}
    events: list[Event] = []
    numbers: list[int] = []
    types: list[EventType | None] = []
    found: list[Properties] = []
    misfits: list[tuple[int, Event, Reason]] = []
    for event_no, event in numbered:
        event_type = declared(event.name)
        properties = _NOTHING
        if event_type is not None and event_type.properties:
            reason, properties = _fit(event, event_type)
            if reason is None and event.name in also:
                reason = also[event.name](properties)
            if reason is not None:
                misfits.append((event_no, event, reason))
                continue
        events.append(event)
        numbers.append(event_no)
        types.append(event_type)
        found.append(properties)
    return Reading(events, numbers, types, found, misfits)


def _fit(event: Event, event_type: EventType) -> tuple[Reason | None, Properties]:
    if not event.properties:
        return misfit_of(event_type, _NOTHING), _NOTHING
    try:
        properties = _decode(event.properties)
    except (msgspec.DecodeError, RecursionError):
        return validate(event), _NOTHING
    return misfit_of(event_type, properties), properties


def claims_of(events: Sequence[Event]) -> pa.Table:
    """The claims of events, one row each: event_index, place, kind, value, source, happened_at."""
    index: list[int] = []
    place: list[int] = []
    kinds: list[str] = []
    values: list[str] = []
    for at, event in enumerate(events):
        for nth, (kind, value) in enumerate(event.claims):
            index.append(at)
            place.append(nth)
            kinds.append(kind)
            values.append(value)
    rows = pa.array(index, pa.int64())
    return pa.table(
        {
            "event_index": rows,
            "place": pa.array(place, pa.int8()),
            "kind": pa.array(kinds, pa.string()),
            "value": pa.array(values, pa.string()),
            "source": _sources(events).take(rows),
            "happened_at": _moments(events).take(rows),
        }
    )


def traits_of(events: Sequence[Event]) -> pa.Table | None:
    """Traits that came with events: event_index, traits (JSON), happened_at, source; None where there are none."""
    index = [at for at, event in enumerate(events) if event.traits]
    if not index:
        return None
    chosen = [events[at] for at in index]
    return pa.table(
        {
            "event_index": pa.array(index, pa.int64()),
            "traits": pa.array([event.traits for event in chosen], pa.binary()),
            "happened_at": pa.array([event.happened_at for event in chosen], pa.int64()),
            "source": pa.array([event.source for event in chosen], pa.string()),
        }
    )


def event_rows(reading: Reading, attribution: Attribution, batch_no: int, currency: str) -> pa.Table:
    """Rows of `events`. currency: what an amount is in where the event does not say."""
    identifiers = attribution.identifier_of
    erased = attribution.is_erased
    order_ids, product_ids, amounts, currencies = _stated(reading, currency)
    return rows_of(
        EVENTS,
        {
            "event_no": pa.array(reading.numbers, pa.int64()),
            "name": _texts([event.name for event in reading.events]),
            "happened_at": _moments(reading.events),
            "received_at": pa.array([event.received_at for event in reading.events], pa.int64()),
            "source": _sources(reading.events),
            "channel": _texts([event.channel for event in reading.events]),
            "campaign": pa.array([campaign_of(event.context) for event in reading.events], pa.string()),
            "identifier_id": pa.array(identifiers, pa.int64(), mask=identifiers == 0),
            "bucket": buckets(identifiers),
            "order_id": pa.array(order_ids, pa.string()),
            "product_id": pa.array(product_ids, pa.string()),
            "amount_minor": pa.array(amounts, pa.int64()),
            "currency": pa.array(currencies, pa.string()),
            "properties": _json([event.properties for event in reading.events], erased),
            "context": _json([event.context for event in reading.events], erased),
            "batch_no": pa.array(np.full(len(reading.events), batch_no, np.int64)),
        },
    )


def buckets(identifiers: npt.NDArray[np.int64]) -> pa.Array:
    """The bucket of each identifier; −1 for guests (0)."""
    return pa.array([bucket(identifier_id) for identifier_id in identifiers.tolist()], pa.int32())


@lru_cache(maxsize=200_000)
def bucket(identifier_id: int) -> int:
    """The same for one."""
    return bucket_of(identifier_id) if identifier_id else -1


def _stated(
    reading: Reading, currency: str
) -> tuple[list[str | None], list[str | None], list[int | None], list[str | None]]:
    """Order, product, amount and its currency, as the declared types say where they stand."""
    count = len(reading.events)
    order_ids: list[str | None] = [None] * count
    product_ids: list[str | None] = [None] * count
    amounts: list[int | None] = [None] * count
    currencies: list[str | None] = [None] * count
    for at, (event_type, properties) in enumerate(zip(reading.types, reading.properties, strict=True)):
        if event_type is None or not properties:
            continue
        if event_type.order_id is not None:
            order_ids[at] = text_of(properties.get(event_type.order_id))
        if event_type.product_id is not None:
            product_ids[at] = text_of(properties.get(event_type.product_id))
        for name in event_type.amount:
            stated = properties.get(name)
            if stated is not None and stated != "":
                currencies[at] = currency_of(properties, event_type.currency or "currency", currency)
                amounts[at] = minor(stated, currencies[at] or currency)
                break
    return order_ids, product_ids, amounts, currencies


def text_of(value: object) -> str | None:
    """A text property as text: numbers are written out, empty text is none."""
    return None if value is None or value == "" else str(value)


def currency_of(properties: Properties, name: str, default: str) -> str:
    stated = properties.get(name)
    return stated.upper() if isinstance(stated, str) and stated else default


def minor(value: object, currency: str) -> int | None:
    """Minor units of a stated number, rounded half up; None where it is none."""
    number = number_of(value)
    return None if number is None else _minor(number, currency)


@lru_cache(maxsize=65_536)
def _minor(number: str, currency: str) -> int:
    """Prices repeat."""
    return to_minor(number, currency)


def campaign_of(context: bytes) -> str | None:
    """The campaign that an event's context names."""
    if b'"campaign"' not in context:
        return None
    try:
        campaign = _context.decode(context).campaign
    except msgspec.DecodeError:
        return None
    return campaign.name if campaign else None


def _json(texts: list[bytes], left_out: npt.NDArray[np.bool_]) -> pa.Array:
    """JSON bytes as text; null where empty or to be left out."""
    if left_out.any():
        texts = [b"" if out else text for text, out in zip(texts, left_out.tolist(), strict=True)]
    return pa.array([text or None for text in texts], pa.binary()).cast(pa.string())


def _texts(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def _sources(events: Sequence[Event]) -> pa.Array:
    return pa.array([event.source for event in events], pa.string())


def _moments(events: Sequence[Event]) -> pa.Array:
    return pa.array([event.happened_at for event in events], pa.int64())
