"""What the lake knows of customers. Identifier values stay in the operational store; here are numbers only."""

from schwung.collect.table import Column, Table
from schwung.core.text import Text

IDENTITIES = Table(
    "identities",
    (
        Column("identifier_id", "int64", Text("identifier", "Kennung"), required=True),
        Column(
            "customer_id",
            "int64",
            Text("customer that it belongs to now", "Kunde, zu dem sie jetzt gehört"),
            required=True,
        ),
        Column("version", "int64", Text("batch that moved it", "Stapel, der sie zuordnete"), required=True),
    ),
    Text("Identities", "Identitäten"),
    key=("identifier_id",),
    sort=("identifier_id",),
)

PROFILES = Table(
    "profiles",
    (
        Column("customer_id", "int64", Text("customer", "Kunde"), required=True),
        Column("first_seen_at", "int64", Text("first seen (UTC)", "zuerst gesehen (UTC)"), required=True),
        Column("country", "string", Text("country", "Land")),
        Column("language", "string", Text("language", "Sprache")),
        Column(
            "is_gone",
            "bool",
            Text("merged into another customer or erased", "in anderen Kunden aufgegangen oder gelöscht"),
            required=True,
        ),
        Column(
            "has_objected", "bool", Text("objected under Art. 21 GDPR", "Widerspruch nach Art. 21 DSGVO"), required=True
        ),
        Column("traits", "string", Text("lasting facts as JSON", "dauerhafte Merkmale als JSON"), personal=True),
        Column(
            "version",
            "int64",
            Text("batch that wrote this version", "Stapel, der diese Fassung schrieb"),
            required=True,
        ),
    ),
    Text("Profiles", "Profile"),
    key=("customer_id",),
    person="customer_id",
    sort=("customer_id",),
)

MEMBERSHIPS = Table(
    "memberships",
    (
        Column("segment_id", "int64", Text("number of the list", "Nummer der Liste"), required=True),
        Column(
            "kind",
            "string",
            Text("list, persona or segment", "list, persona oder segment: Liste, Persona oder Segment"),
            required=True,
        ),
        Column(
            "identifier_id",
            "int64",
            Text("identifier of a customer in it", "Kennung eines Kunden darin"),
            required=True,
        ),
        Column("bucket", "int32", Text("stable hash of the identifier", "stabiler Hash der Kennung"), required=True),
        Column("joined_at", "int64", Text("in it since (UTC)", "darin seit (UTC)"), required=True),
        Column(
            "left_at", "int64", Text("out of it since (UTC); null: in it", "nicht mehr darin seit (UTC); leer: darin")
        ),
        Column(
            "version",
            "int64",
            Text("batch that wrote this version", "Stapel, der diese Fassung schrieb"),
            required=True,
        ),
    ),
    Text("Memberships", "Zugehörigkeiten"),
    key=("identifier_id", "segment_id"),
    sort=("bucket", "identifier_id", "segment_id"),
)
"""A customer is in a saved list by every identifier that it had then; of several rows one suffices."""

TABLES = (IDENTITIES, PROFILES, MEMBERSHIPS)
