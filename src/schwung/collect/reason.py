"""Why an event was not taken: a stable code, the place, and a sentence that the sender understands."""

from dataclasses import dataclass

from schwung.core.text import Text


@dataclass(frozen=True, slots=True)
class Reason:
    """code: stable, groups alike misfits. place: the field or property at fault, or empty for the event as a whole."""

    code: str
    text: Text
    place: str = ""


class Misfit(Exception):
    """An event that cannot be taken as it is."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text.en)
        self.reason = reason


def shown(value: object) -> str:
    """A value as it may stand in a sentence: short, and without control characters."""
    text = "".join(character if character.isprintable() else "·" for character in str(value)[:41])
    return f"{text[:40]}…" if len(text) > 40 else text
