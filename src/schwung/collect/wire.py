"""The Segment spec on the wire: bodies to events, one event at a time, so that a bad one harms no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast, get_args

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schwung.collect.arrival import happened, key_of_id, own_milliseconds, read_instant
from schwung.collect.event import Call, Claim, Event
from schwung.collect.event_type import declared, name_of
from schwung.collect.reason import Misfit, Reason, shown
from schwung.collect.wire_context import EMPTY, Kept, channel_of_page, keep, read_object
from schwung.core.clock import Instant
from schwung.core.text import Text

MOST_EVENT_BYTES = 32 * 1024
MOST_BODY_BYTES = 500 * 1024
MOST_BATCH_EVENTS = 5_000
MOST_ID_CHARACTERS = 256
CALLS: tuple[Call, ...] = get_args(Call)
_NAMES = {
    "identify": "profile_identified",
    "page": "page_viewed",
    "screen": "screen_viewed",
    "group": "group_joined",
    "alias": "profile_aliased",
}

Id = str | int | None


class WireEvent(msgspec.Struct, rename="camel", gc=False):
    """One event as clients send it; what is not named here is not read."""

    type: str | None = None
    message_id: Id = None
    user_id: Id = None
    anonymous_id: Id = None
    previous_id: Id = None
    group_id: Id = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    timestamp: str | int | float | None = None
    original_timestamp: str | int | float | None = None
    sent_at: str | int | float | None = None
    properties: Raw | UnsetType = UNSET
    traits: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET


class WireBatch(msgspec.Struct, rename="camel", gc=False):
    """The body of a batch call. context: for events that bring none of their own."""

    batch: list[Raw]
    write_key: str | None = None
    sent_at: str | int | float | None = None
    context: Raw | UnsetType = UNSET


class _Key(msgspec.Struct, rename="camel"):
    write_key: str | None = None


@dataclass(frozen=True, slots=True)
class Reception:
    """What the reader of a body must know.

    normalize: value of an identifier of a kind, or None for none. alias_kind: kind of an alias call's previousId.
    new_id: an id for an event that brings none.
    requires_consent: drop anonymous id and device data where `consent_categories` (empty: every one that is
    named) are not all granted.
    """

    source: str
    received_at: Instant
    normalize: Callable[[str, object], str | None]
    alias_kind: Callable[[str], str]
    new_id: Callable[[], str]
    requires_consent: bool = False
    consent_categories: frozenset[str] = frozenset()


class Accepted(NamedTuple):
    """An event and the key under which it counts once."""

    key: bytes
    event: Event


class Refused(NamedTuple):
    """An event that cannot be taken. body: JSON, without addresses of the network and without what lacks consent."""

    key: bytes
    reason: Reason
    body: bytes
    source: str
    message_id: str | None
    name: str | None
    received_at: Instant


_batch = msgspec.json.Decoder(WireBatch)
_event = msgspec.json.Decoder(WireEvent)
_key = msgspec.json.Decoder(_Key)
_anything = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


def read_batch(body: bytes) -> WireBatch:
    """msgspec.DecodeError or RecursionError for broken JSON, UnicodeDecodeError for what is no UTF-8."""
    body.decode()
    return _batch.decode(body)


def read_write_key(body: bytes) -> str | None:
    """`writeKey` of a single event. The errors of `read_batch`."""
    body.decode()
    return _key.decode(body).write_key


def read_events(
    events: Sequence[Raw], sent_at: str | float | None, context: Raw | UnsetType, reception: Reception
) -> list[Accepted | Refused]:
    """Each event of a batch by itself, in order. sent_at, context: for those that bring none of their own."""
    sent = _sent("", sent_at)
    shared = EMPTY if context is UNSET else bytes(context)
    return [_read(raw, None, sent, shared, reception) for raw in events]


def read_event(body: bytes, call: Call | None, reception: Reception) -> Accepted | Refused:
    """One event. call: from the path, or None where `type` says it."""
    return _read(body, call, None, EMPTY, reception)


def _read(
    body: bytes | Raw, call: Call | None, sent: Instant | None, context: bytes, reception: Reception
) -> Accepted | Refused:
    try:
        return _accept(body, call, sent, context, reception)
    except Misfit as misfit:
        return _refuse(bytes(body), call, misfit.reason, reception)
    except msgspec.ValidationError as error:
        return _refuse(bytes(body), call, _wrong_type(error), reception)


def _accept(
    body: bytes | Raw, call: Call | None, sent: Instant | None, context: bytes, reception: Reception
) -> Accepted:
    if len(body) > MOST_EVENT_BYTES:
        raise _too_large(len(body))
    wire = _event.decode(body)
    call = call or _call(wire.type)
    stamp = wire.timestamp if wire.timestamp is not None else wire.original_timestamp
    stamped_at = None if stamp is None else read_instant("timestamp", stamp)
    if wire.sent_at is not None:
        sent = _sent("sentAt", wire.sent_at)
    message_id = _id("messageId", wire.message_id) or reception.new_id()
    name = _NAMES.get(call) or _name(wire.event)
    kept = keep(
        context if wire.context is UNSET else bytes(wire.context),
        reception.requires_consent,
        reception.consent_categories,
    )
    traits, properties = _contents(call, wire, kept)
    event = Event(
        message_id,
        call,
        name,
        happened(stamped_at, sent, reception.received_at),
        reception.received_at,
        reception.source,
        _claims(call, name, wire, traits, properties, kept.may_know, reception),
        properties,
        traits,
        kept.content,
        channel_of_page(kept, properties) if call == "page" else kept.channel,
    )
    return Accepted(key_of_id(reception.source, message_id, own_milliseconds(stamped_at, message_id)), event)


def _sent(field: str, value: str | float | None) -> Instant | None:
    """When the client sent it. field: empty where a time that cannot be read must harm no event."""
    if value is None:
        return None
    try:
        return read_instant(field, value)
    except Misfit:
        if field:
            raise
        return None


def _too_large(size: int) -> Misfit:
    return Misfit(
        Reason(
            "event_too_large",
            Text(
                en="The event has {size} bytes; 32 KB are the most.",
                de="Das Ereignis hat {size} Byte; erlaubt sind 32 KB.",
            ).fill(size=size),
        )
    )


def _call(type_: str | None) -> Call:
    if type_ not in CALLS:
        raise Misfit(
            Reason(
                "unknown_call",
                Text(
                    en="The type “{type}” is none of track, identify, page, screen, group, alias.",
                    de="Der Typ „{type}“ ist keiner von track, identify, page, screen, group, alias.",
                ).fill(type=shown(type_ or "")),
                "type",
            )
        )
    return type_


def _id(field: str, raw: Id) -> str | None:
    if raw is None or raw == "":
        return None
    text = raw if isinstance(raw, str) else str(raw)
    if len(text) > MOST_ID_CHARACTERS:
        raise Misfit(
            Reason(
                "id_too_long",
                Text(
                    en="{field} has {length} characters; {most} are the most.",
                    de="{field} hat {length} Zeichen; erlaubt sind {most}.",
                ).fill(field=field, length=len(text), most=MOST_ID_CHARACTERS),
                field,
            )
        )
    return text


def _name(raw: str | None) -> str:
    name = name_of(raw or "")
    if not name:
        raise Misfit(
            Reason(
                "no_name",
                Text(
                    en="A track call needs the name of its event.",
                    de="Ein track-Aufruf braucht den Namen seines Ereignisses.",
                ),
                "event",
            )
        )
    return name


def _contents(call: Call, wire: WireEvent, kept: Kept) -> tuple[bytes, bytes]:
    """Traits and properties as JSON objects, without addresses of the network."""
    traits = EMPTY if wire.traits is UNSET else read_object("traits", bytes(wire.traits))
    properties = EMPTY if wire.properties is UNSET else read_object("properties", bytes(wire.properties))
    if call == "group":
        group = {"group_id": _id("groupId", wire.group_id), "group_traits": Raw(traits or b"{}")}
        return EMPTY, _encode(group)
    if call in ("page", "screen") and (wire.name or wire.category):
        own = _decoded("properties", properties) if properties else {}
        properties = _encode({"name": wire.name, "category": wire.category} | own)
    if call == "alias":
        properties = _encode({"previous_id": _id("previousId", wire.previous_id)})
    return traits or kept.traits, properties or b"{}"


def _claims(
    call: Call, name: str, wire: WireEvent, traits: bytes, properties: bytes, may_know: bool, reception: Reception
) -> tuple[Claim, ...]:
    """Identifiers, strongest first, each normalized; those without consent are left out."""
    found: list[tuple[str, object]] = []
    if wire.user_id is not None:
        found.append(("user_id", _id("userId", wire.user_id)))
    if may_know and wire.anonymous_id is not None:
        found.append(("anonymous_id", _id("anonymousId", wire.anonymous_id)))
    if call == "alias" and (previous := _id("previousId", wire.previous_id)):
        kind = reception.alias_kind(previous)
        if may_know or kind != "anonymous_id":
            found.append((kind, previous))
    if traits and (b'"email"' in traits or b'"phone"' in traits or b'"card"' in traits):
        own = _decoded("traits", traits)
        found.extend((kind, own.get(kind)) for kind in ("email", "phone", "card"))
    event_type = declared(name)
    if event_type is not None and event_type.claims and any(place in properties for place in event_type.claim_marks):
        own = _decoded("properties", properties)
        found.extend((kind, own.get(place)) for place, kind in event_type.claims)
    if len(found) > 2:
        found.sort(key=_order)
    claims: list[Claim] = []
    for kind, raw in found:
        value = reception.normalize(kind, raw) if raw else None
        if value is not None and (claim := Claim(kind, value)) not in claims:
            claims.append(claim)
    return tuple(claims)


_ORDER = {"user_id": 0, "email": 1, "phone": 2, "card": 3, "anonymous_id": 4}


def _order(found: tuple[str, object]) -> int:
    return _ORDER[found[0]]


def _decoded(field: str, content: bytes) -> dict[str, object]:
    try:
        return cast(dict[str, object], _anything.decode(content))
    except msgspec.DecodeError as error:
        raise Misfit(
            Reason(
                "number_out_of_range",
                Text(en="A number in {field} is too large.", de="Eine Zahl in {field} ist zu groß.").fill(field=field),
                field,
            )
        ) from error


def _wrong_type(error: msgspec.ValidationError) -> Reason:
    """`Expected … - at `$.userId`` becomes a sentence that names the field."""
    field = str(error).partition("`$")[2].strip("`.") or "the event"
    return Reason(
        "wrong_type",
        Text(
            en="{field} has a type that the spec does not allow.",
            de="{field} hat einen Typ, den die Spezifikation nicht erlaubt.",
        ).fill(field=Text(en=field, de="das Ereignis" if field == "the event" else field)),
        "" if field == "the event" else field,
    )


def _refuse(body: bytes, call: Call | None, reason: Reason, reception: Reception) -> Refused:
    from schwung.collect.wire_scrub import scrubbed

    content = scrubbed(body, reception.requires_consent, reception.consent_categories)
    if reason.code == "event_too_large":  # it can never be replayed; its head tells what it was
        content = {name: value for name, value in content.items() if len(str(value)) <= MOST_ID_CHARACTERS}
    if call:
        content.setdefault("type", call)
    raw_id, raw_name = content.get("messageId"), content.get("event")
    message_id = raw_id[:MOST_ID_CHARACTERS] if isinstance(raw_id, str) else None
    own = f"{message_id or ''}\x1f{body.hex()}"
    return Refused(
        key_of_id(reception.source, own, 0),
        reason,
        _encode(content),
        reception.source,
        message_id.replace("\x00", "") if message_id else None,
        name_of(raw_name) or None if isinstance(raw_name, str) else None,
        reception.received_at,
    )
