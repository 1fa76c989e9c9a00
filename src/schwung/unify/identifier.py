"""Identifier kinds, strongest first: how each value is normalized, what is no identifier at all, how many a profile may hold."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from schwung.core.text import Text

MOST_CHARACTERS = 256
MOST_IDENTIFIERS = 200
"""Most identifiers of all kinds in one profile. Every merge adds at least one, so this bounds merges as well."""


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """One kind of identifier.

    most: how many of this kind a profile may hold; a link that would exceed it is refused.
    joins_accounts: whether a link of this kind may join two profiles that both have a user id. A shared device may not.
    read: the normalized value, or None for what is no such identifier; gets the text and the workspace's country.
    """

    name: str
    title: Text
    most: int
    joins_accounts: bool
    read: Callable[[str, str], str | None]


def _plain(text: str, country: str) -> str | None:
    return text


def _email(text: str, country: str) -> str | None:
    """Case-folded whole: providers that tell cases apart before the @ do not exist in practice.

    A domain in the DNS's spelling is the one that people read (RFC 3490). Look-alikes stay apart: they are others' addresses.
    """
    text = text.removeprefix("mailto:").lower()
    if "xn--" in text:
        local, _, domain = text.rpartition("@")
        with suppress(UnicodeError):
            text = f"{local}@{domain.encode('ascii').decode('idna')}"
    return text if _EMAIL.fullmatch(text) else None


def _phone(text: str, country: str) -> str | None:
    """E.164: + and 8 to 15 digits. A number without country code gets the workspace's one; its leading 0 falls."""
    text = text.removeprefix("tel:")
    if not _PHONE.fullmatch(text):
        return None
    digits = "".join(str(int(sign)) for sign in text.replace("(0)", "") if sign.isdecimal())
    if not text.startswith("+"):
        code, trunk = DIAL_CODES.get(country, ("", "0"))
        if digits.startswith("00"):
            digits = digits[2:]
        elif not code:
            return None
        elif country == "US" or country == "CA":
            digits = code + digits.removeprefix("1")
        else:
            digits = code + (digits.removeprefix(trunk) if trunk else digits)
    if not 8 <= len(digits) <= 15 or len(set(digits[2:])) == 1:
        return None
    return "+" + digits


def _card(text: str, country: str) -> str | None:
    """Number of a loyalty card, never of a means of payment: capital letters and digits."""
    return unicodedata.normalize("NFC", re.sub(r"[\s\-._/]", "", text).upper()) or None


_EMAIL = re.compile(r"[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+\.[^\s@<>\"(),;:.]{2,}")
_PHONE = re.compile(r"\+?[\d\s().\-/]+")

KINDS: Mapping[str, IdentifierKind] = {
    kind.name: kind
    for kind in (
        IdentifierKind("user_id", Text("customer number", "Kundennummer"), 5, True, _plain),
        IdentifierKind("email", Text("e-mail", "E-Mail"), 10, True, _email),
        IdentifierKind("phone", Text("phone", "Telefon"), 10, True, _phone),
        IdentifierKind("card", Text("loyalty card", "Kundenkarte"), 10, True, _card),
        IdentifierKind("anonymous_id", Text("device", "Gerät"), 100, False, _plain),
    )
}
ORDER: Mapping[str, int] = {name: place for place, name in enumerate(KINDS)}
"""Place of a kind: 0 is the strongest."""

BLOCKED = frozenset(
    (
        "-", "0", "-1", "1970-01-01", "null", "(null)", "nil", "none", "undefined", "nan", "n/a", "na", "unknown", "anonymous",
        "guest", "gast", "unbekannt", "keine", "test", "true", "false", "{}", "[]", "[object object]", "test@test.com",
        "test@test.de", "test@example.com", "a@a.com", "example@example.com", "none@none.com", "no@email.com",
        "noemail@noemail.com", "keine@email.de", "mail@mail.com", "00000000-0000-0000-0000-000000000000",
    )
)  # fmt: skip
"""What forms, tills and broken scripts send instead of an identifier; compared after normalization, any case."""

DIAL_CODES: Mapping[str, tuple[str, str]] = {
    "AT": ("43", "0"), "AU": ("61", "0"), "BE": ("32", "0"), "BG": ("359", "0"), "BR": ("55", "0"), "CA": ("1", ""),
    "CH": ("41", "0"), "CY": ("357", ""), "CZ": ("420", ""), "DE": ("49", "0"), "DK": ("45", ""), "EE": ("372", ""),
    "ES": ("34", ""), "FI": ("358", "0"), "FR": ("33", "0"), "GB": ("44", "0"), "GR": ("30", ""), "HR": ("385", "0"),
    "HU": ("36", "06"), "IE": ("353", "0"), "IN": ("91", "0"), "IS": ("354", ""), "IT": ("39", ""), "JP": ("81", "0"),
    "LI": ("423", ""), "LT": ("370", "0"), "LU": ("352", ""), "LV": ("371", ""), "MT": ("356", ""), "MX": ("52", ""),
    "NL": ("31", "0"), "NO": ("47", ""), "NZ": ("64", "0"), "PL": ("48", ""), "PT": ("351", ""), "RO": ("40", "0"),
    "SE": ("46", "0"), "SI": ("386", "0"), "SK": ("421", "0"), "TR": ("90", "0"), "UA": ("380", "0"), "US": ("1", ""),
}  # fmt: skip
"""ISO 3166 country → country code and the trunk prefix that falls away after it (ITU-T E.164, E.164.D)."""


def normalize(kind: str, raw: object, country: str = "DE") -> str | None:
    """The value as it is stored and compared, or None where it is no identifier.

    raw: text or a whole number. Longer than 256 characters, control characters and blocked words are none.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    if isinstance(raw, float):
        if not raw.is_integer():
            return None
        raw = int(raw)
    text = str(raw).strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text or len(text) > MOST_CHARACTERS or not text.isprintable():
        return None
    value = KINDS[kind].read(text, country)
    return None if value is None or len(value) > MOST_CHARACTERS or value.lower() in BLOCKED else value


def alias_kind(previous_id: str) -> str:
    """Kind of an alias call's `previousId`, which may be either: a UUID is a device, anything else a user id."""
    return "anonymous_id" if _UUID.fullmatch(previous_id.strip()) else "user_id"


_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.I)
