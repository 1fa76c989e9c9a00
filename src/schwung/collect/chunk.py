"""How the events of one commit lie in the store: msgpack, compressed."""

import zlib
from collections.abc import Sequence

import msgspec

from schwung.collect.event import Event

_encode = msgspec.msgpack.Encoder().encode
_events = msgspec.msgpack.Decoder(list[Event])


def pack(events: Sequence[Event]) -> bytes:
    return zlib.compress(_encode(events), 1)


def unpack(body: bytes) -> list[Event]:
    """The events of a chunk's body, in their order. ValueError when it is damaged."""
    try:
        return _events.decode(zlib.decompress(body))
    except (zlib.error, msgspec.DecodeError) as error:
        raise ValueError(f"a chunk is damaged: {error}") from error
