"""What lets customers enter a journey."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar, Literal, TypeAlias

from schwung.act.step import (
    WEEKDAY_WORDS,
    WEEKDAYS,
    choice,
    clock_time,
    flag,
    lasting,
    line,
    shown_time,
    weekdays,
)
from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment.leaf import listed, mapping, number, span, step
from schwung.segment.rule import IS_KEPT, Lapsed, LeafError, lapsed
from schwung.unify.identifier import KINDS as KINDS_OF_IDENTIFIERS

MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event or fact."""

    kind: ClassVar[str] = "event"
    step: Step

    def to_json(self) -> dict[str, Any]:
        return self.step.to_json()

    @property
    def words(self) -> Text:
        return self.step.label()


@dataclass(frozen=True, slots=True)
class Gone:
    """A kept trigger that names what is gone: it lets nobody in."""

    kind: ClassVar[str] = "event"
    lapsed: Lapsed

    def to_json(self) -> Any:
        return self.lapsed.to_json()

    @property
    def words(self) -> Text:
        return self.lapsed.words


@dataclass(frozen=True, slots=True)
class Moved:
    """Entering or leaving a segment."""

    kind: ClassVar[str] = "segment"
    segment: str
    entered: bool

    def to_json(self) -> dict[str, Any]:
        return {"entered" if self.entered else "left": self.segment}

    @property
    def words(self) -> Text:
        if self.entered:
            return Text("enters “{name}”", "betritt „{name}“").fill(name=self.segment)
        return Text("leaves “{name}”", "verlässt „{name}“").fill(name=self.segment)


@dataclass(frozen=True, slots=True)
class OnDay:
    """A day on the profile, so long before (negative) or after it, at a local time."""

    kind: ClassVar[str] = "date"
    trait: str
    offset_days: int
    time: time
    is_yearly: bool

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"date": self.trait, "time": shown_time(self.time)}
        if self.offset_days:
            found["before" if self.offset_days < 0 else "after"] = f"{abs(self.offset_days)} days"
        return found | ({"yearly": True} if self.is_yearly else {})

    @property
    def words(self) -> Text:
        at, days = shown_time(self.time), abs(self.offset_days)
        said = lasting(days * DAY) if days else None
        if said is None:
            when = Text("on the day of", "am Tag von")
        elif self.offset_days < 0:
            when = Text(f"{said.en} before", f"{said.de} vor")
        else:
            when = Text(f"{said.en} after", f"{said.de} nach")
        yearly = Text(", every year", ", jedes Jahr") if self.is_yearly else None
        said = Text(f"{when.en} {self.trait}, {at}", f"{when.de} {self.trait}, {at}")
        return Text(said.en + yearly.en, said.de + yearly.de) if yearly else said


@dataclass(frozen=True, slots=True)
class Regularly:
    """Everybody who meets the entry rule, on a schedule."""

    kind: ClassVar[str] = "schedule"
    every: Literal["day", "week", "month"]
    time: time
    days: tuple[str, ...] = ()
    day_of_month: int = 1

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"every": self.every, "time": shown_time(self.time)}
        found |= {"weekdays": list(self.days)} if self.days else {}
        return found | ({"day": self.day_of_month} if self.every == "month" else {})

    @property
    def weekday_numbers(self) -> tuple[int, ...]:
        return tuple(WEEKDAYS.index(one) for one in self.days)

    @property
    def words(self) -> Text:
        at = shown_time(self.time)
        if self.every == "month":
            return Text(
                f"on day {self.day_of_month} of every month, {at}", f"am {self.day_of_month}. jedes Monats, {at}"
            )
        if self.days:
            named = listed([WEEKDAY_WORDS[one] for one in self.days])
            return Text(f"every {named.en}, {at}", f"jeden {named.de}, {at}")
        return Text(f"every day, {at}", f"täglich, {at}")


@dataclass(frozen=True, slots=True)
class ByHand:
    """By a person, by the API, or from another journey; that works for every journey."""

    kind: ClassVar[str] = "manual"

    def to_json(self) -> str:
        return "manual"

    @property
    def words(self) -> Text:
        return Text("by hand, API or another journey", "von Hand, per API oder aus einer anderen Strecke")


@dataclass(frozen=True, slots=True)
class Called:
    """A webhook from outside. path: where in its JSON the customer is named; identifier: as what (email, user_id …)."""

    kind: ClassVar[str] = "webhook"
    path: str
    identifier: str

    def to_json(self) -> dict[str, Any]:
        return {"webhook": self.path, "identifier": self.identifier}

    @property
    def words(self) -> Text:
        return Text("webhook, customer by {path}", "Webhook, Kunde nach {path}").fill(path=self.path)


Trigger: TypeAlias = Happened | Gone | Moved | OnDay | Regularly | ByHand | Called
KINDS: Mapping[str, Text] = {
    "event": Text("Event or fact", "Ereignis oder Fakt"),
    "segment": Text("Segment entered or left", "Segment betreten oder verlassen"),
    "date": Text("Day on the profile", "Tag am Profil"),
    "schedule": Text("Schedule", "Zeitplan"),
    "manual": Text("By hand or API", "Von Hand oder API"),
    "webhook": Text("Webhook", "Webhook"),
}
EXAMPLES: Mapping[str, Any] = {
    "event": {"event": "product_added", "where": [{"property": "category", "value": "coffee"}]},
    "segment": {"entered": "Regulars at risk"},
    "date": {"date": "birthday", "before": "7 days", "time": "09:00", "yearly": True},
    "schedule": {"every": "week", "weekdays": ["mon"], "time": "09:00"},
    "manual": "manual",
    "webhook": {"webhook": "customer.email", "identifier": "email"},
}


def read_trigger(written: Any) -> Trigger:
    if written in ("manual", "api"):
        return ByHand()
    if isinstance(written, str):
        return Happened(step(written))
    if not isinstance(written, Mapping):
        raise LeafError(
            Text(
                "one of event, fact, entered, left, date, every, webhook or manual is expected",
                "erwartet wird eines von event, fact, entered, left, date, every, webhook oder manual",
            )
        )
    for name, read in (
        ("entered", _moved),
        ("left", _moved),
        ("date", _on_day),
        ("every", _regularly),
        ("webhook", _called),
    ):
        if name in written:
            return read(written)
    try:
        return Happened(step(mapping(written, "event", "fact", "where", "title")))
    except LeafError as error:
        if IS_KEPT.get():
            return Gone(lapsed(written, error))
        raise


def _moved(written: Mapping[str, Any]) -> Trigger:
    data = mapping(written, "entered", "left")
    if len(data) != 1:
        raise LeafError(Text("either entered or left", "entweder entered oder left"))
    name = "entered" if "entered" in data else "left"
    return Moved(line(data, name, is_needed=True), name == "entered")


def _on_day(written: Mapping[str, Any]) -> Trigger:
    data = mapping(written, "date", "before", "after", "time", "yearly")
    before, after = span(data, "before"), span(data, "after")
    if before and after:
        raise LeafError(Text("either before or after", "entweder before oder after"))
    length = after or -(before or 0)
    if length % DAY:
        raise LeafError(Text("before and after are whole days", "before und after sind ganze Tage"))
    trait = line(data, "date", most=100, is_needed=True)
    if not trait.replace("_", "").isalnum():
        raise LeafError(Text("a trait has letters, digits and _", "ein Merkmal hat Buchstaben, Ziffern und _"))
    return OnDay(trait, length // DAY, clock_time(data, "time") or MORNING, flag(data, "yearly"))


def _regularly(written: Mapping[str, Any]) -> Trigger:
    data = mapping(written, "every", "time", "weekdays", "day")
    every, days = choice(data, "every", ("day", "week", "month"), "day"), weekdays(data, "weekdays")
    day = int(number(data.get("day", 1), "day", whole=True, least=1))
    if (every == "week") != bool(days) or ("day" in data and every != "month") or day > 31:
        raise LeafError(
            Text(
                "a week needs weekdays, and only a month has a day, 1 to 31",
                "eine Woche braucht weekdays, und nur ein Monat hat day, 1 bis 31",
            )
        )
    return Regularly(every, clock_time(data, "time") or MORNING, days, day)  # type: ignore[arg-type]


def _called(written: Mapping[str, Any]) -> Trigger:
    data = mapping(written, "webhook", "identifier")
    return Called(
        line(data, "webhook", is_needed=True), choice(data, "identifier", tuple(KINDS_OF_IDENTIFIERS), "email")
    )
