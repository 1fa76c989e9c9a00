"""What comes back of a message: bounces, complaints, deliveries; one form, whoever reports them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schwung.core.clock import Instant
from schwung.core.text import Text

State = Literal["delivered", "bounced", "complained", "later"]


@dataclass(frozen=True, slots=True)
class Returned:
    """state: bounced for good, later: the provider still tries. ids: what may name the message, the surest first.

    is_address: the address itself is at fault, so that nothing more may go there. happened_at: None where nobody says.
    """

    state: State
    ids: tuple[str, ...]
    is_address: bool = False
    detail: str = ""
    happened_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """A format as a function."""

    name: str
    title: Text
    read: Callable[[Mapping[str, Any]], list[Returned]]


def bare(message_id: object) -> str:
    """A Message-ID without its brackets."""
    return str(message_id or "").strip().strip("<>").strip()
