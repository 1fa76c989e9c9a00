"""Wait for a local time, a weekday, a date, or a day on the profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import time as LocalTime
from typing import Any

from schwung.act.step import (
    WEEKDAY_WORDS,
    WEEKDAYS,
    StepKind,
    clock_time,
    lasting,
    line,
    mapping,
    shown_time,
    span,
    weekdays,
)
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.leaf import listed
from schwung.segment.rule import LeafError
from schwung.segment.span import said_span

MIDNIGHT = LocalTime(0)


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """In the workspace's zone. to: end of a window that begins at `time`; within it nobody waits. days: weekdays.

    on: a date; in the past nobody waits. trait: the day that the profile has under this name, `before` earlier.
    """

    time: LocalTime
    to: LocalTime | None = None
    days: tuple[str, ...] = ()
    on: date | None = None
    trait: str = ""
    before: int = 0

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"time": shown_time(self.time)}
        found |= {"to": shown_time(self.to)} if self.to else {}
        found |= {"weekdays": list(self.days)} if self.days else {}
        found |= {"date": self.on.isoformat()} if self.on else {}
        found |= {"trait": self.trait} if self.trait else {}
        return found | ({"before": said_span(self.before).en} if self.before else {})

    @property
    def weekday_numbers(self) -> tuple[int, ...]:
        return tuple(WEEKDAYS.index(one) for one in self.days)

    @property
    def words(self) -> Text:
        at = shown_time(self.time)
        if self.on:
            return Text(f"wait until {self.on.isoformat()}, {at}", f"bis {self.on.strftime('%d.%m.%Y')}, {at} warten")
        if self.trait:
            said = lasting(self.before) if self.before else None
            early = Text(f"{said.en} before", f"{said.de} vor") if said else Text("the day of", "zum Tag von")
            return Text(f"wait until {early.en} {self.trait}, {at}", f"bis {early.de} {self.trait}, {at}, warten")
        day = listed([WEEKDAY_WORDS[one] for one in self.days]) if self.days else None
        if self.to:
            to = shown_time(self.to)
            said = Text(f"go on only between {at} and {to}", f"nur zwischen {at} und {to} weiter")
        else:
            said = Text(f"wait until {at}", f"bis {at} warten")
        return Text(f"{said.en}, {day.en}", f"{said.de}, {day.de}") if day else said


def _read(written: Mapping[str, Any]) -> WaitUntil:
    data = mapping(
        {"time": written} if isinstance(written, str | int) else written,
        "time", "to", "weekdays", "date", "trait", "before",
    )  # fmt: skip
    moment, to, on = clock_time(data, "time"), clock_time(data, "to"), _date(data)
    days, trait, before = weekdays(data, "weekdays"), line(data, "trait"), span(data, "before") or 0
    if moment is None and not (on or trait):
        raise LeafError(Text("a time, a date or a trait is needed", "eine Uhrzeit, ein Datum oder ein Merkmal fehlt"))
    if bool(on) + bool(trait) + bool(days or to) > 1 or (before and not trait):
        raise LeafError(
            Text(
                "either weekdays and a window, or a date, or a trait with before",
                "entweder Wochentage und ein Zeitfenster, oder ein Datum, oder ein Merkmal mit before",
            )
        )
    if to is not None and to == moment:
        raise LeafError(Text("the window is empty", "das Zeitfenster ist leer"))
    return WaitUntil(moment or MIDNIGHT, to, days, on, trait, before)


def _date(data: Mapping[str, Any]) -> date | None:
    value = data.get("date")
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise LeafError(
            Text("“date” needs a day such as 2026-12-24", "„date“ braucht einen Tag, etwa 2026-12-24")
        ) from None


STEP = StepKind(
    "wait_until",
    Text("Wait until", "Warten bis"),
    Text(
        "Waits for a time of day, on certain weekdays; for a date; for a day on the profile; or lets through within a window only.",
        "Wartet auf eine Uhrzeit, an bestimmten Wochentagen; auf ein Datum; auf einen Tag am Profil; oder lässt nur in einem Zeitfenster durch.",
    ),
    _read,
    {"time": "09:00", "to": "20:00", "weekdays": ["mon", "tue", "wed", "thu", "fri"]},
    (
        Field("time", "text", Text("time of day", "Uhrzeit"), is_optional=True),
        Field("to", "text", Text("to", "bis"), is_optional=True),
        Field("weekdays", "choices", Text("weekdays", "Wochentage"), WEEKDAY_WORDS, is_optional=True),
        Field("date", "text", Text("date", "Datum"), is_optional=True),
        Field("trait", "text", Text("day on the profile", "Tag am Profil"), is_optional=True),
        Field("before", "span", Text("earlier by", "früher um"), is_optional=True),
    ),
    icon="calendar",
)
