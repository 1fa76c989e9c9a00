"""An event type, declared: its name, what others call it, its properties, and which of them the facts read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import import_module
from typing import Any, Literal, NamedTuple

import msgspec

from schwung.collect.event import Event
from schwung.collect.reason import Reason, shown
from schwung.core.text import Text

Kind = Literal["text", "number", "whole", "flag", "instant", "currency", "object", "list"]
_KINDS: Mapping[str, Text] = {
    "text": Text("text", "Text"),
    "number": Text("a number", "eine Zahl"),
    "whole": Text("a whole number", "eine ganze Zahl"),
    "flag": Text("true or false", "true oder false"),
    "instant": Text("a point in time (ISO 8601)", "ein Zeitpunkt (ISO 8601)"),
    "currency": Text("a currency code such as EUR", "ein Währungscode wie EUR"),
    "object": Text("an object", "ein Objekt"),
    "list": Text("a list of objects", "eine Liste von Objekten"),
}
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_CURRENCY = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an event type.

    kind: numbers may come as text where only one reading is possible: `"12.90"` is, `"12,90"` and `"1.234"` are not.
    of: properties of each object in a list. claims: the identifier kind that it names of the person who acted.
    """

    name: str
    kind: Kind
    text: Text
    required: bool = False
    of: tuple["Property", ...] = ()
    claims: str | None = None


@dataclass(frozen=True, slots=True)
class EventType:
    """aliases: other names for the same, as others write them. any_of: at least one of these must be there.

    order_id, product_id, currency: the property that gives it, or None. amount: properties that give the amount, in
    major units, first one found wins. value: what it is worth where it is no revenue (points, scores, ratings).
    claims, claim_marks: derived from the properties: (property, identifier kind), and how its name stands in JSON.
    """

    name: str
    title: Text
    properties: tuple[Property, ...] = ()
    aliases: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    order_id: str | None = None
    product_id: str | None = None
    amount: tuple[str, ...] = ()
    currency: str | None = None
    value: str | None = None
    claims: tuple[tuple[str, str], ...] = ()
    claim_marks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        found = tuple((known.name, known.claims) for known in self.properties if known.claims)
        object.__setattr__(self, "claims", found)
        object.__setattr__(self, "claim_marks", tuple(f'"{name}"'.encode() for name, _ in found))
        names = {known.name for known in self.properties}
        read = {*self.any_of, *self.amount, *filter(None, (self.order_id, self.product_id, self.currency, self.value))}
        if read - names:
            raise ValueError(
                f"event type {self.name} reads properties that it does not declare: {sorted(read - names)}"
            )


class EventTypes(Mapping[str, EventType]):
    """Every declared event type by name, read from the subject files on first use."""

    def __init__(self, package: str, modules: tuple[str, ...]) -> None:
        self._package, self._modules = package, modules

    @cached_property
    def _all(self) -> dict[str, EventType]:
        listed = [kind for module in self._modules for kind in import_module(f"{self._package}.{module}").EVENT_TYPES]
        named = {kind.name: kind for kind in listed}
        if len(named) != len(listed):
            raise ValueError("an event type is declared twice")
        return named

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Normalized other name → name."""
        found = {snake(alias): kind.name for kind in self._all.values() for alias in kind.aliases}
        taken = found.keys() & self._all.keys()
        if taken:
            raise ValueError(f"an alias is the name of another event type: {sorted(taken)}")
        return found

    def subjects(self) -> dict[str, tuple[EventType, ...]]:
        """Subject file → its event types, for pages and docs."""
        return {module: import_module(f"{self._package}.{module}").EVENT_TYPES for module in self._modules}

    def __getitem__(self, name: str) -> EventType:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


# One line per subject file.
EVENT_TYPES = EventTypes(
    "schwung.collect.event_types",
    (
        "calls",
        "orders",
        "products",
        "carts",
        "promotions",
        "sharing",
        "accounts",
        "messages",
        "listening",
        "shop",
        "spend",
        "own",
    ),
)

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTERS = re.compile(r"[\W_]+")
MOST_NAME_CHARACTERS = 200


def snake(raw: str) -> str:
    """`Order Completed`, `orderCompleted`, `ORDER-COMPLETED` → `order_completed`."""
    return _NO_LETTERS.sub("_", _WORD_STARTS.sub("_", raw)).strip("_").lower()[:MOST_NAME_CHARACTERS]


@lru_cache(maxsize=8192)
def name_of(raw: str) -> str:
    """Our name of an event that a client named `raw`; empty for what holds no letter or digit."""
    name = snake(raw)
    return EVENT_TYPES.aliases.get(name, name)


@lru_cache(maxsize=8192)
def declared(name: str) -> EventType | None:
    return EVENT_TYPES.get(name)


_object = msgspec.json.Decoder(dict[str, Any])


def validate(event: Event) -> Reason | None:
    """Why the event does not fit its declared type, or None. An undeclared event always fits."""
    event_type = declared(event.name)
    if event_type is None or not event_type.properties:
        return None
    try:
        properties = _object.decode(event.properties) if event.properties else {}
    except (msgspec.DecodeError, RecursionError):
        return Reason(
            "properties_unreadable",
            Text(
                en="The properties cannot be read: a number is too large or the nesting too deep.",
                de="Die Eigenschaften sind nicht lesbar: Eine Zahl ist zu groß oder die Schachtelung zu tief.",
            ),
        )
    return misfit_of(event_type, properties)


def misfit_of(event_type: EventType, properties: Mapping[str, Any]) -> Reason | None:
    """The same for properties already decoded."""
    if event_type.any_of and all(properties.get(name) is None for name in event_type.any_of):
        return Reason(
            "property_missing",
            Text(en="{title} needs one of: {names}.", de="{title} braucht eines von: {names}.").fill(
                title=event_type.title, names=", ".join(event_type.any_of)
            ),
            event_type.any_of[0],
        )
    if _all_fit(event_type.properties, properties):
        return None
    return _first_misfit(event_type.title, event_type.properties, properties, "")


class _Expected(NamedTuple):
    """Properties by name, and which must be there. of: keeps them alive, since they are found by identity."""

    of: tuple[Property, ...]
    known: Mapping[str, Property]
    required: tuple[str, ...]


_expected: dict[int, _Expected] = {}


def _all_fit(properties: tuple[Property, ...], stated: Mapping[str, Any]) -> bool:
    """The quick look that nearly every event passes: at what is there, not at all that may be."""
    expected = _expected.get(id(properties))
    if expected is None:
        known = {one.name: one for one in properties}
        required = tuple(one.name for one in properties if one.required)
        expected = _expected[id(properties)] = _Expected(properties, known, required)
    if any(stated.get(name) in (None, "") for name in expected.required):
        return False
    for name, value in stated.items():
        one = expected.known.get(name)
        if one is None or value is None or value == "":
            continue
        if not _fits(one.kind, value):
            return False
        if one.kind == "list" and not all(_all_fit(one.of, held) for held in value):
            return False
    return True


def _first_misfit(
    title: Text, expected: tuple[Property, ...], properties: Mapping[str, Any], path: str
) -> Reason | None:
    for known in expected:
        value = properties.get(known.name)
        place = f"{path}{known.name}"
        if value is None or (value == "" and known.kind != "text"):
            if known.required:
                return Reason(
                    "property_missing",
                    Text(en="{title} needs “{place}” ({text}).", de="{title} braucht „{place}“ ({text}).").fill(
                        title=title, place=place, text=known.text
                    ),
                    place,
                )
            continue
        if known.required and value == "":
            return _wrong(known, value, place)
        if not _fits(known.kind, value):
            return _wrong(known, value, place)
        if known.kind == "list":
            for number, held in enumerate(value):
                found = _first_misfit(title, known.of, held, f"{place}[{number}].")
                if found is not None:
                    return found
    return None


def _fits(kind: Kind, value: Any) -> bool:
    if kind == "text":
        return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
    if kind == "number" and value.__class__ is float:
        return bool(-1e15 < value < 1e15)
    if kind in ("number", "whole"):
        number = number_of(value)
        return number is not None and (kind == "number" or float(number).is_integer())
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "object":
        return isinstance(value, dict)
    if kind == "list":
        return isinstance(value, list) and all(isinstance(held, dict) for held in value)
    if kind == "currency":
        return isinstance(value, str) and bool(_CURRENCY.fullmatch(value))
    return isinstance(value, str) and _is_instant(value)


def _is_instant(value: str) -> bool:
    from schwung.collect.arrival import read_instant
    from schwung.collect.reason import Misfit

    try:
        read_instant("", value)
    except Misfit:
        return False
    return True


def number_of(value: Any) -> str | None:
    """A number as decimal text, or None where it is none or more than one reading is possible.

    Text counts where it is digits with at most one point. `"1.234"` could be a thousand in German: None.
    Absolute values from 10¹⁵ on are none.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return str(value) if -1e15 < value < 1e15 else None
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and not _THOUSANDS.fullmatch(value):
        return value
    return None


def _wrong(known: Property, value: Any, place: str) -> Reason:
    if known.kind in ("number", "whole") and isinstance(value, str):
        return Reason(
            "not_a_number",
            Text(
                en="“{value}” in “{place}” is no plain number. Send a number with a point, such as 12.90.",
                de="„{value}“ in „{place}“ ist keine eindeutige Zahl. Erwartet: eine Zahl mit Punkt, etwa 12.90.",
            ).fill(value=shown(value), place=place),
            place,
        )
    return Reason(
        "wrong_type",
        Text(en="“{place}” must be {kind}, not “{value}”.", de="„{place}“ muss {kind} sein, nicht „{value}“.").fill(
            place=place, kind=_KINDS[known.kind], value=shown(value)
        ),
        place,
    )
