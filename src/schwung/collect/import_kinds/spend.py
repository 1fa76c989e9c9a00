"""Spend and hours, one row per day, channel, campaign and phase."""

from schwung.collect.import_kind import Field, Kind
from schwung.collect.import_kinds.orders import CURRENCY
from schwung.core.text import Text

KIND = Kind(
    "spend",
    Text("Spend and hours", "Ausgaben und Stunden"),
    (
        Field("spent_on", "day", Text("day", "Tag"), ("date", "day", "datum", "spend date", "week", "date week", "woche", "monat", "month"), required=True),
        Field("channel", "text", Text("channel", "Kanal"), ("medium", "platform", "source", "werbekanal", "plattform", "quelle"), required=True),
        Field("campaign", "text", Text("campaign", "Kampagne"), ("campaign name", "utm campaign", "kampagnenname")),
        Field("phase", "text", Text("phase of the flywheel", "Phase des Schwungrads"), ("stage",)),
        Field("amount", "number", Text("amount spent", "ausgegebener Betrag"), ("spend", "cost", "costs", "budget", "ausgaben", "kosten", "betrag")),
        CURRENCY,
        Field("hours", "number", Text("hours worked", "Arbeitsstunden"), ("working hours", "effort", "stunden", "aufwand")),
    ),
    any_of=(("amount", "hours"),),
)  # fmt: skip
