"""An event as schwung keeps it: what happened, when, to whom, from which source."""

from typing import Literal, NamedTuple

import msgspec

Call = Literal["track", "identify", "page", "screen", "group", "alias"]


class Claim(NamedTuple):
    """An identifier as an event carries it: `kind` one of unify's identifier kinds, `value` normalized."""

    kind: str
    value: str


class Event(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One event, validated and normalized, as it lies in a chunk of the operational store.

    Its number (`event_no`) is the chunk's `first_event_no` + its place in the chunk; it is given at commit.
    name: our name (`order_completed`); for calls other than track the call's own past participle (`profile_identified`, `page_viewed`).
    happened_at, received_at: microseconds UTC, clock skew already corrected.
    claims: identifiers, strongest first; the first one becomes the event's identifier. Empty: nobody's (a guest).
    properties: JSON object as bytes. traits: JSON object as bytes, or empty. context: the kept part of `context`, JSON bytes.
    """

    message_id: str
    call: Call
    name: str
    happened_at: int
    received_at: int
    source: str
    claims: tuple[Claim, ...]
    properties: bytes
    traits: bytes = b""
    context: bytes = b""
    channel: str | None = None
