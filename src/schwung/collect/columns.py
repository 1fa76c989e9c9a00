"""Columns that many fact tables share, so that they read the same everywhere."""

from schwung.collect.table import Column, ColumnType
from schwung.core.text import Text

SOURCE = Column("source", "string", Text("where it came from", "woher es kam"), required=True)
VERSION = Column(
    "version", "int64", Text("batch that wrote this version", "Stapel, der diese Fassung schrieb"), required=True
)
CURRENCY = Column("currency", "string", Text("ISO 4217 currency", "Währung nach ISO 4217"))
IDENTIFIER = Column(
    "identifier_id",
    "int64",
    Text("strongest identifier of the person; null: a guest", "stärkste Kennung der Person; leer: Gast"),
)
BUCKET = Column(
    "bucket",
    "int32",
    Text("stable hash of the identifier, 0 to 63; −1 for guests", "stabiler Hash der Kennung, 0 bis 63; −1 bei Gästen"),
    required=True,
)
BATCH = Column("batch_no", "int64", Text("batch that wrote the row", "Stapel, der die Zeile schrieb"), required=True)
HASH = Column(
    "content_hash",
    "int64",
    Text(
        "hash of the content, to tell a change from a repeat",
        "Hash des Inhalts, um Änderung von Wiederholung zu trennen",
    ),
)


def column(
    name: str,
    type_: ColumnType,
    en: str,
    de: str,
    *,
    personal: bool = False,
    required: bool = False,
    late: bool = False,
) -> Column:
    return Column(name, type_, Text(en, de), personal, required, late)
