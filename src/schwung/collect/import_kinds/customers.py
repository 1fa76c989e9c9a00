"""Customers, one row each: identifiers that belong together, and lasting facts."""

from schwung.collect.import_kind import PERSON, PERSON_NAMES, Field, Kind
from schwung.core.text import Text

KIND = Kind(
    "customers",
    Text("Customers", "Kunden"),
    (
        *PERSON,
        Field("name", "text", Text("name", "Name"), ("full name", "customer name", "kundenname")),
        Field("first_name", "text", Text("first name", "Vorname"), ("given name", "forename")),
        Field("last_name", "text", Text("last name", "Nachname"), ("surname", "family name", "familienname")),
        Field("company", "text", Text("company", "Firma"), ("firm", "organisation", "organization", "unternehmen")),
        Field("street", "text", Text("street", "Straße"), ("address", "anschrift", "adresse", "street address")),
        Field("postcode", "text", Text("postcode", "Postleitzahl"), ("zip", "zip code", "postal code", "customer zip code prefix", "plz")),
        Field("city", "text", Text("city", "Ort"), ("town", "customer city", "stadt", "wohnort")),
        Field("region", "text", Text("region", "Region"), ("state", "customer state", "province", "bundesland")),
        Field("country", "text", Text("country", "Land"), ("country code", "staat")),
        Field("language", "text", Text("language", "Sprache"), ("locale", "lang")),
        Field("gender", "text", Text("gender", "Geschlecht"), ("sex", "anrede", "salutation")),
        Field("birthday", "day", Text("date of birth", "Geburtsdatum"), ("birth date", "dob", "born on", "geburtstag", "geboren am")),
        Field("created_at", "instant", Text("customer since", "Kunde seit"), ("registered at", "signup date", "customer since", "angelegt am", "registriert am", "erstellt am")),
    ),
    any_of=(PERSON_NAMES,),
    extra="traits",
)  # fmt: skip
