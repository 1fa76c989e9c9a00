"""The kinds of conditions, one file each. A new one: its file, and its line here."""

from schwung.core.registry import Registry
from schwung.core.text import Text
from schwung.segment.leaf import LeafKind

LEAVES: Registry[LeafKind] = Registry(
    Text("condition", "Bedingung"),
    package=__name__,
    attribute="LEAF",
    modules=(
        "did",
        "did_not",
        "amount",
        "property",
        "followed",
        "left_off",
        "trait",
        "date",
        "kind",
        "phase",
        "prediction",
        "member",
        "consent",
        "answer",
        "postcode",
        "share",
    ),
)
