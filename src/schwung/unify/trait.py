"""Traits: lasting facts about a person, typed, each with its source and time; the latest observation wins."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from schwung.core.text import Text

MOST_TRAITS = 100
MOST_BYTES = 8_192
"""Most bytes of one trait's JSON; longer ones are reported and left out."""


@dataclass(frozen=True, slots=True)
class TraitType:
    """A declared trait. read: the value as it is kept, or None for a wrong type. names: what sources call it."""

    name: str
    title: Text
    expects: Text
    read: Callable[[Any], Any]
    names: tuple[str, ...] = ()


class Observation(NamedTuple):
    """What a source said about one trait of one identifier. value: JSON text; `null` takes the trait back."""

    identifier_id: int
    name: str
    value: str
    observed_at: int
    source: str


class TraitProblem(NamedTuple):
    """A value that was left out; the value itself is not kept."""

    name: str
    source: str
    reason: str


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).replace("\x00", "").strip()


def _day(value: Any) -> str | None:
    """ISO day of an ISO day, an ISO instant or a German date."""
    text = str(value).strip() if isinstance(value, str) else ""
    if german := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        day, month, year = (int(part) for part in german.groups())
        text = f"{year:04}-{month:02}-{day:02}"
    try:
        return (date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()).isoformat()
    except ValueError:
        return None


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number == number and abs(number) != float("inf") else None


def _country(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else text.upper() if len(text) == 2 else text


def _language(value: Any) -> str | None:
    """de of de-DE."""
    text = _text(value)
    return text[:2].lower() if text and re.fullmatch(r"[A-Za-z]{2}([-_].*)?", text) else None


def _address(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if not isinstance(value, dict):
        return None
    return {str(name)[:40]: str(part)[:200] for name, part in value.items() if isinstance(part, str | int)}


_TEXT = Text("text", "Text")
_DAY = Text("a day such as 1990-05-17", "ein Tag wie 1990-05-17")

RESERVED: Mapping[str, TraitType] = {
    trait.name: trait
    for trait in (
        TraitType("email", Text("E-mail", "E-Mail"), _TEXT, _text),
        TraitType("name", Text("Name", "Name"), _TEXT, _text, ("full_name", "fullName")),
        TraitType("first_name", Text("First name", "Vorname"), _TEXT, _text, ("firstName", "firstname")),
        TraitType("last_name", Text("Last name", "Nachname"), _TEXT, _text, ("lastName", "lastname")),
        TraitType("phone", Text("Phone", "Telefon"), _TEXT, _text),
        TraitType("address", Text("Address", "Anschrift"), Text("an object", "ein Objekt"), _address),
        TraitType("birthday", Text("Birthday", "Geburtstag"), _DAY, _day, ("birthdate", "date_of_birth")),
        TraitType("country", Text("Country", "Land"), _TEXT, _country),
        TraitType(
            "language",
            Text("Language", "Sprache"),
            Text("a code such as de", "ein Kürzel wie de"),
            _language,
            ("locale",),
        ),
        TraitType("gender", Text("Gender", "Geschlecht"), _TEXT, _text),
        TraitType("age", Text("Age", "Alter"), Text("a number", "eine Zahl"), _number),
        TraitType("title", Text("Title", "Titel"), _TEXT, _text),
        TraitType(
            "company", Text("Company", "Firma"), Text("text or an object", "Text oder Objekt"), lambda value: value
        ),
        TraitType("created_at", Text("Customer since", "Kunde seit"), _DAY, _day, ("createdAt",)),
    )
}
"""The reserved traits of the Segment spec's identify call, under our names. Others are kept as they come."""

_encode = msgspec.json.Encoder(order="sorted").encode
_BY_NAME = {name: trait for trait in RESERVED.values() for name in (trait.name, *trait.names)}


def read_traits(traits: Mapping[str, Any], source: str) -> tuple[dict[str, str], list[TraitProblem]]:
    """Name → JSON text of the traits that an event carries, and what was left out.

    null takes a trait back. The country inside an address counts as country where none stands beside it.
    """
    kept: dict[str, str] = {}
    problems = []
    address = traits.get("address")
    if isinstance(address, dict) and address.get("country") and "country" not in traits:
        traits = {**traits, "country": address["country"]}
    for given, value in list(traits.items())[:MOST_TRAITS]:
        declared = _BY_NAME.get(given)
        name = declared.name if declared else given[:100].replace("\x00", "")
        read = declared.read(value) if declared and value is not None else value
        if read is None and value is not None:
            problems.append(TraitProblem(name, source, "wrong_type"))
            continue
        text = _encode(read).decode()
        if len(text) > MOST_BYTES:
            problems.append(TraitProblem(name, source, "too_long"))
        elif name:
            kept[name] = text.replace("\\u0000", "")
    if len(traits) > MOST_TRAITS:
        problems.append(TraitProblem("*", source, "too_many"))
    return kept, problems


def latest(observations: Iterable[Observation]) -> dict[str, Observation]:
    """Per trait the observation that counts: the latest; ties by source, then by identifier."""
    found: dict[str, Observation] = {}
    for seen in sorted(observations, key=lambda one: (one.observed_at, one.source, one.identifier_id)):
        found[seen.name] = seen
    return {name: seen for name, seen in sorted(found.items()) if seen.value != "null"}


def full_name(traits: Mapping[str, Any]) -> str | None:
    """Name, or first and last name, or company."""
    parts = (traits.get("first_name"), traits.get("last_name"))
    company = traits.get("company")
    named: Iterator[Any] = iter(
        (
            traits.get("name"),
            " ".join(str(part) for part in parts if part),
            company if isinstance(company, str) else None,
        )
    )
    return next((str(name) for name in named if name), None)
