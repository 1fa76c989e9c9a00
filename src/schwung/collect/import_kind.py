"""What a file can hold: a kind of import declares its fields, their types, their texts, and the names that files use."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from schwung.core.registry import Registry
from schwung.core.text import Text

FieldType = Literal["text", "number", "instant", "day", "bool"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field that a column of a file can become.

    synonyms: names of columns in English and German, folded as `fold` does; the field's own name counts too.
    required: a row without it is rejected. personal: leaves the rejects file when the person is erased.
    """

    name: str
    type: FieldType
    title: Text
    synonyms: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of import.

    any_of: of each of these groups at least one field must be mapped or constant.
    extra: columns that are not mapped may be taken along under a name (traits of customers, properties of events).
    """

    name: str
    title: Text
    fields: tuple[Field, ...]
    any_of: tuple[tuple[str, ...], ...] = ()
    extra: Literal["traits", "properties"] | None = None
    settings: frozenset[str] = field(default=frozenset())

    def find(self, name: str) -> Field | None:
        return next((item for item in self.fields if item.name == name), None)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.fields if item.required)


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@lru_cache(4096)
def fold(name: str) -> str:
    """A column's name without case, umlauts, blanks and punctuation: “Kunden-Nr.” and “kundennr” are one."""
    return "".join(letter for letter in name.casefold().translate(_UMLAUTS) if letter.isalnum())


# Who it was: the fields that become identifiers, strongest first, as unify orders its kinds.
PERSON = (
    Field(
        "user_id",
        "text",
        Text("customer number", "Kundennummer"),
        (
            "customer id", "customer", "customer no", "customer number", "cust id", "user", "user id", "client id", "household id",
            "person id", "member id", "buyer id", "customer unique id", "account id", "kunde", "kundennr", "kundennummer", "kdnr", "kd nr", "kunden nr", "kunden id", "kundenid", "nutzer", "debitor", "debitorennummer",
        ),
    ),
    Field("email", "text", Text("e-mail", "E-Mail"), ("e mail", "mail", "email address", "customer email", "e-mail-adresse", "mailadresse", "kunden email")),
    Field("phone", "text", Text("phone", "Telefon"), ("telephone", "mobile", "phone number", "tel", "telefonnummer", "handy", "mobil", "rufnummer")),
    Field("card", "text", Text("customer card", "Kundenkarte"), ("card number", "loyalty card", "card no", "kartennummer", "kundenkartennummer", "karte")),
    Field("anonymous_id", "text", Text("device or visitor", "Gerät oder Besucher"), ("visitor id", "device id", "cookie id", "session id", "besucher", "geraete id")),
)  # fmt: skip
PERSON_NAMES = tuple(item.name for item in PERSON)

KINDS: Registry[Kind] = Registry(
    Text("kind of import", "Art des Imports"),
    "schwung.collect.import_kinds",
    "KIND",
    (
        *("order_lines", "orders", "customers", "products", "events", "spend"),
        *("answers", "messages", "cases", "subscriptions", "leads", "points"),
    ),
)
