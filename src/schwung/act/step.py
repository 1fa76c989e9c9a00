"""What a step of a journey is, and how the files in `steps/` read their parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Protocol

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.leaf import mapping as mapping
from schwung.segment.leaf import number as number
from schwung.segment.leaf import span as span
from schwung.segment.rule import LeafError
from schwung.segment.span import said_span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_WORDS: Mapping[str, Text] = {
    "mon": Text("Monday", "Montag"),
    "tue": Text("Tuesday", "Dienstag"),
    "wed": Text("Wednesday", "Mittwoch"),
    "thu": Text("Thursday", "Donnerstag"),
    "fri": Text("Friday", "Freitag"),
    "sat": Text("Saturday", "Samstag"),
    "sun": Text("Sunday", "Sonntag"),
}
NEXT = "next"
"""The way out of a step that has only one."""


class Does(Protocol):
    """What one step does, without its id and the steps within it. words: a clause for pages and `schwung plan`."""

    def to_json(self) -> dict[str, Any]:
        """Its parameters, as they are written under the name of its kind."""

    @property
    def words(self) -> Text: ...


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways out of a step that has steps within it. name: also of the outcome. key: where its steps are written."""

    name: str
    words: Text
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepKind:
    """One kind of step. name: its key in a journey. fields: its form. is_effect: the control group passes it without effect.

    ways: what leads out of it, where steps stand within it. is_end: nothing comes after it. is_loop: its way leads back to it.
    """

    name: str
    title: Text
    definition: Text
    read: Callable[[Mapping[str, Any]], Does]
    example: Mapping[str, Any]
    fields: tuple[Field, ...]
    icon: str
    is_effect: bool = False
    is_end: bool = False
    is_loop: bool = False
    ways: Callable[[Mapping[str, Any]], Sequence[Way]] = field(default=lambda written: ())


def journey_wrong(place: Sequence[str], why: Text) -> InputError:
    """place: names and numbers from the outside in; the step's kind or id is the last."""
    where = " › ".join(place) or "journey"
    return InputError(
        "journey_wrong",
        Text("The journey is wrong at {place}: {why}.", "Die Strecke ist falsch bei {place}: {why}.").fill(
            place=where, why=why
        ),
        Text("See docs/how-to/journeys.md.", "Siehe docs/de/how-to/journeys.md."),
    )


def clock_time(written: Mapping[str, Any], name: str) -> time | None:
    """A time of day such as "09:00"; YAML reads 9:00 without quotes as a number of minutes."""
    value = written.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    try:
        found = time.fromisoformat(str(value).strip().zfill(5))
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise LeafError(
            Text("“{name}” needs a time such as 09:00", "„{name}“ braucht eine Uhrzeit, etwa 09:00").fill(name=name)
        )
    return found


def shown_time(moment: time) -> str:
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def weekdays(written: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Days by their first three letters, in the order of the week; empty: not said."""
    value = written.get(name)
    if value is None:
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, Sequence) or not values or any(str(one)[:3].lower() not in WEEKDAYS for one in values):
        raise LeafError(
            Text("“{name}” needs days: {known}", "„{name}“ braucht Tage: {known}").fill(
                name=name, known=", ".join(WEEKDAYS)
            )
        )
    asked = {str(one)[:3].lower() for one in values}
    return tuple(one for one in WEEKDAYS if one in asked)


def line(written: Mapping[str, Any], name: str, *, most: int = 200, is_needed: bool = False) -> str:
    """One line of text; empty where there is none."""
    value = written.get(name)
    if value is None and not is_needed:
        return ""
    if not isinstance(value, str | int | float) or isinstance(value, bool) or not str(value).strip():
        raise LeafError(Text("“{name}” needs a text", "„{name}“ braucht einen Text").fill(name=name))
    found = " ".join(str(value).split())
    if len(found) > most:
        raise LeafError(
            Text("“{name}” has more than {most} letters", "„{name}“ hat mehr als {most} Zeichen").fill(
                name=name, most=most
            )
        )
    return found


def choice(written: Mapping[str, Any], name: str, known: Sequence[str], unsaid: str) -> str:
    value = written.get(name, unsaid)
    if value not in known:
        raise LeafError(
            Text("“{name}” is one of {known}", "„{name}“ ist eines von {known}").fill(name=name, known=", ".join(known))
        )
    return str(value)


def flag(written: Mapping[str, Any], name: str, unsaid: bool = False) -> bool:
    value = written.get(name, unsaid)
    if not isinstance(value, bool):
        raise LeafError(Text("“{name}” is true or false", "„{name}“ ist true oder false").fill(name=name))
    return value


def lasting(length: int) -> Text:
    """A length of time by itself: 3 days, 3 Tage."""
    said = said_span(length)
    return Text(said.en, said.de.removesuffix("n") if said.de.endswith("Tagen") else said.de)
