"""What a channel is: it gets a finished message with an address and says what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in the words of its receiver. text: of an e-mail its plain part, of a webhook the JSON; html: e-mail only.

    headers: further ones, by name; those of an e-mail are signed too.
    """

    subject: str
    html: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    template_version: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """key: the message's own, the same at every try. address: an e-mail address, or where a webhook goes. name: of the receiver."""

    key: str
    address: str
    rendered: Rendered
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. provider_id: what the provider calls it. answer: what a webhook gave back, where it was JSON."""

    provider_id: str
    answer: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken. reason: a stable code; detail: the provider's words. is_address: the address itself is at fault."""

    reason: str
    detail: str = ""
    is_address: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """It was not taken, for certain; it may be tried again. after_seconds: not before; 0: as the caller likes."""

    reason: str
    detail: str = ""
    after_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it was taken: it must not be sent again by itself."""

    reason: str
    detail: str = ""


Outcome: TypeAlias = Sent | Refused | Later | Unknown


class Channel(Protocol):
    """One way to reach people. Safe to be called by several threads at once."""

    name: str

    def send(self, message: Outgoing) -> Outcome:
        """One try. What can go wrong outside is an outcome, never an exception."""

    def close(self) -> None: ...
