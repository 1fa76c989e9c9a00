"""What was put in: money and hours, by day, channel, campaign and phase."""

from schwung.collect.event_type import EventType
from schwung.collect.event_types.parts import CURRENCY, number, text
from schwung.core.text import Text

EVENT_TYPES = (
    EventType(
        "spend_recorded",
        Text("Spend recorded", "Ausgaben erfasst"),
        (
            text("channel", "channel", "Kanal", required=True),
            text("spent_on", "day, ISO; else the day of the event", "Tag, ISO; sonst der Tag des Ereignisses"),
            text("campaign", "campaign", "Kampagne"),
            text("phase", "attract, interact or delight", "Anziehen, Interagieren oder Begeistern"),
            number("amount", "amount spent", "ausgegebener Betrag"),
            number("hours", "hours worked", "Arbeitsstunden"),
            CURRENCY,
        ),
        ("Ad Spend Recorded", "Marketing Spend Recorded"),
        any_of=("amount", "hours"),
        amount=("amount",),
        currency="currency",
    ),
)
