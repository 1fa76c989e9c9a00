"""Does a text speak of a person? Looks for the identifiers of one who is to be erased."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schwung.unify.identifier import normalize

_LONG = 6
_NAMES = frozenset(
    ("userid", "user_id", "previousid", "anonymousid", "anonymous_id", "customer", "customer_id", "customerid", "card")
)


@dataclass(frozen=True)
class Person:
    """identifiers: (kind, value) of one person, normalized."""

    identifiers: frozenset[tuple[str, str]]
    country: str = "DE"

    @cached_property
    def values(self) -> frozenset[str]:
        return frozenset(value.casefold() for _, value in self.identifiers)

    @cached_property
    def telling(self) -> frozenset[str]:
        """Values that mean this person wherever they stand; short ones and mere numbers may mean anything."""
        return frozenset(value for value in self.values if len(value) >= _LONG and not re.fullmatch(r"[\d\W]+", value))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the values, standing alone."""
        phones = [re.escape(value[-8:]) for kind, value in self.identifiers if kind == "phone"]
        found = [re.escape(value) for value in sorted(self.values, key=len, reverse=True)]
        return re.compile(
            rf"(?<![\w@+])(?<!\w[.\-]){'(?:' + '|'.join(found) + ')'}(?!\w|[-.@]\w)"
            + "".join(f"|{phone}" for phone in phones),
            re.I,
        )

    def claimed(self, claims: Iterable[tuple[str, str]]) -> bool:
        """An event's claims name this person."""
        return any(tuple(claim) in self.identifiers for claim in claims)

    def in_text(self, text: str) -> bool:
        """Any of the identifiers stands in the text by itself, whatever surrounds it."""
        return bool(self.values) and self.pattern.search(text) is not None

    def in_value(self, value: Any, name: str = "") -> bool:
        """A JSON value names this person. Short values and numbers count only under names that hold identifiers."""
        if isinstance(value, Mapping):
            return any(self.in_value(inner, str(key).lower()) for key, inner in value.items())
        if isinstance(value, list):
            if len(value) == 2 and all(isinstance(part, str) for part in value) and tuple(value) in self.identifiers:
                return True  # a claim: kind and value
            return any(self.in_value(inner, name) for inner in value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            return False
        text = str(value).strip().casefold()
        if text in self.telling or (text in self.values and (name in _NAMES or name.endswith(("phone", "email")))):
            return True
        if "phone" in name and ("phone", normalize("phone", str(value), self.country) or "") in self.identifiers:
            return True
        return any(told in text for told in self.telling)


def may_name(value: Any, name: str = "") -> Iterator[str]:
    """Texts in a JSON value that could be someone's identifier: short ones and mere numbers only under names that hold
    identifiers."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from may_name(inner, str(key).lower())
    elif isinstance(value, list):
        for inner in value:
            yield from may_name(inner, name)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value).strip()
        telling = len(text) >= _LONG and not re.fullmatch(r"[\d\W]+", text)
        if text and (telling or name in _NAMES or name.endswith(("phone", "email"))):
            yield text
