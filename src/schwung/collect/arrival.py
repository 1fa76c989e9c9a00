"""When an event happened: the client's clock read, its error corrected; and the key under which it counts once."""

from datetime import UTC, datetime
from hashlib import blake2b

from schwung.collect.reason import Misfit, Reason, shown
from schwung.core.clock import DAY, SECOND, Instant
from schwung.core.text import Text

KEY_BYTES = 14
CLOCK_ERROR = 5 * SECOND
"""A difference between sentAt and arrival up to this is the network's; beyond it the client's clock is wrong."""
_LAST = 9_000_000_000 * SECOND
_CROCKFORD = {letter: number for number, letter in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}


def read_instant(field: str, value: str | int | float) -> Instant:
    """Microseconds of ISO 8601 text (UTC where it names no zone) or of a number of seconds or milliseconds.

    Misfit for anything else and for years before 1970 or after 2254.
    """
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            # A float holds microseconds exactly until the year 2255; that is quicker than subtracting the epoch.
            instant = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * SECOND)
        else:
            instant = int(value * (1_000 if abs(value) >= 100_000_000_000 else SECOND))
    except (ValueError, OverflowError):
        instant = -1
    if 0 <= instant < _LAST:
        return instant
    raise Misfit(
        Reason(
            "time_unreadable",
            Text(
                en="“{value}” in {field} is no point in time. Expected: ISO 8601, such as 2026-11-20T09:30:00Z.",
                de="„{value}“ in {field} ist kein Zeitpunkt. Erwartet: ISO 8601, etwa 2026-11-20T09:30:00Z.",
            ).fill(value=shown(value), field=field),
            field,
        )
    )


def happened(stamped_at: Instant | None, sent_at: Instant | None, received_at: Instant) -> Instant:
    """The instant by our clock.

    With sentAt the client's clock error (received − sent) is taken off, where it is more than the network's delay.
    What then lies in the future happened now; more than a day ahead without sentAt is a Misfit.
    """
    if stamped_at is None:
        return received_at
    if sent_at is not None and abs(received_at - sent_at) > CLOCK_ERROR:
        stamped_at += received_at - sent_at
    elif stamped_at > received_at + DAY:
        raise Misfit(
            Reason(
                "time_in_future",
                Text(
                    en="The timestamp lies more than a day in the future. Check the sender's clock.",
                    de="Der Zeitpunkt liegt mehr als einen Tag in der Zukunft. Die Uhr des Absenders prüfen.",
                ),
                "timestamp",
            )
        )
    return max(0, min(stamped_at, received_at))


def own_milliseconds(stamped_at: Instant | None, message_id: str) -> int:
    """The id's own time: the client's stamp before correction, else the time inside a UUIDv7 or ULID, else 0.

    A client stamps once, so a retry repeats it, and keys lie in the order of time.
    """
    if stamped_at is not None:
        return stamped_at // 1_000
    if len(message_id) == 36 and message_id[14] == "7" and message_id[8] == "-":
        try:
            return int(message_id[:8] + message_id[9:13], 16)
        except ValueError:
            return 0
    if len(message_id) == 26 and message_id[0] in "01234567":
        milliseconds = 0
        for letter in message_id[:10].upper():
            if letter not in _CROCKFORD:
                return 0
            milliseconds = milliseconds * 32 + _CROCKFORD[letter]
        return milliseconds
    return 0


def key_of_id(source: str, message_id: str, own_ms: int) -> bytes:
    """What makes an event unique within `seen`: 6 bytes own milliseconds, 8 bytes BLAKE2b of source and id."""
    named = f"{source}\x1f{message_id}".encode()
    return own_ms.to_bytes(6, "big") + blake2b(named, digest_size=8).digest()
