"""Leads, one row each: when they were captured, qualified, handed over, converted or lost."""

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.core.text import Text

KIND = Kind(
    "leads",
    Text("Leads", "Interessenten"),
    (
        Field("lead_id", "text", Text("number of the lead", "Nummer des Interessenten"), ("lead", "id", "contact id", "interessent id"), required=True),
        Field("captured_at", "instant", Text("when it was captured", "wann er gewonnen wurde"), ("created at", "date", "first contact date", "lead date", "erfasst am", "erstkontakt", "datum"), required=True),
        Field("qualified_at", "instant", Text("when it was qualified", "wann er qualifiziert wurde"), ("mql at", "qualifiziert am")),
        Field("handed_over_at", "instant", Text("when it was handed over", "wann er übergeben wurde"), ("sql at", "assigned at", "uebergeben am")),
        Field("converted_at", "instant", Text("when it became a customer", "wann er Kunde wurde"), ("won at", "won date", "gewonnen am", "abschluss am")),
        Field("lost_at", "instant", Text("when it was lost", "wann er verloren ging"), ("lost date", "disqualified at", "verloren am")),
        *PERSON,
        Field("score", "number", Text("score", "Punktwert"), ("lead score", "punkte", "bewertung")),
        Field("channel", "text", Text("channel", "Kanal"), ("source", "origin", "lead source", "utm source", "quelle", "herkunft")),
        Field("campaign", "text", Text("campaign", "Kampagne"), ("utm campaign", "landing page id", "kampagnenname")),
    ),
)  # fmt: skip
