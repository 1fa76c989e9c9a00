"""When a message is tried again, and what the answer of a mail server means (RFC 5321, RFC 3463)."""

import random
import re
from typing import Literal

from schwung.core.clock import HOUR, MINUTE, Instant

MOST_ATTEMPTS = 8
_FIRST = MINUTE
_LONGEST = 6 * HOUR
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_DEAD = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"}
"""Subject and detail of RFC 3463 that say: no such mailbox, no such domain, bad syntax, moved, null MX, disabled."""

Meaning = Literal["temporary", "bad_address", "refused"]


def pause(attempts: int, message_no: int) -> Instant:
    """After that many attempts: ever longer, up to 6 hours, a fifth more or less, so that not all come again at once."""
    spread = random.Random(f"{message_no}:{attempts}").uniform(0.8, 1.2)
    return round(min(_FIRST * 4 ** (attempts - 1), _LONGEST) * spread)


def meaning(code: int, text: str = "") -> Meaning:
    """What a refusal says: try again, the address is dead, or not this message."""
    found = _ENHANCED.search(text)
    if found:
        if found[1] == "4":
            return "temporary"
        if found[1] == "5":
            return "bad_address" if f"{found[2]}.{found[3]}" in _DEAD else "refused"
    if 400 <= code < 500:
        return "temporary"
    return "bad_address" if code in (550, 551, 553) and not found else "refused"
