"""Entries of a loyalty programme, one row each: joined, earned, redeemed, expired, adjusted."""

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.collect.import_kinds.answers import ORDER_ID
from schwung.core.text import Text

KIND = Kind(
    "points",
    Text("Loyalty points", "Treuepunkte"),
    (
        Field("entry_id", "text", Text("number of the entry", "Nummer der Buchung"), ("id", "transaction id", "buchung", "buchungsnummer")),
        Field("happened_at", "instant", Text("when it was entered", "wann gebucht wurde"), ("date", "booked at", "created at", "timestamp", "datum", "gebucht am", "buchungsdatum"), required=True),
        Field("kind", "text", Text("joined, earned, redeemed, expired or adjusted", "Beitritt, gesammelt, eingelöst, verfallen oder berichtigt"), ("type", "entry type", "art", "buchungsart"), required=True),
        *PERSON,
        Field("points", "number", Text("points", "Punkte"), ("amount", "points amount", "value", "punktzahl", "anzahl"), required=True),
        Field("expires_on", "day", Text("day on which they expire", "Tag des Verfalls"), ("expiry", "expires", "valid until", "gueltig bis", "verfall", "verfaellt am")),
        *ORDER_ID,
    ),
)  # fmt: skip
