"""What becomes of a message to a customer: e-mail, SMS, push, chat."""

from schwung.collect.event_type import EventType, Property
from schwung.collect.event_types.parts import text
from schwung.core.text import Text

_MESSAGE = (
    text("message_id", "message", "Nachricht"),
    text("campaign_id", "campaign", "Kampagne"),
    text("campaign_name", "name of the campaign", "Name der Kampagne"),
    text("email_id", "e-mail", "E-Mail"),
    text("email_subject", "subject", "Betreff"),
    text("link_url", "link", "Verweis"),
    text("reason", "reason", "Grund"),
    text("channel", "channel", "Kanal"),
)
# Field names, English and German, by channel.
_CHANNELS = {
    "email": ("E-mail", "E-Mail", ("Email",)),
    "sms": ("SMS", "SMS", ("SMS", "Text Message")),
    "push": ("Push notification", "Push-Nachricht", ("Push Notification", "Push")),
    "message": ("Message", "Nachricht", ("Message",)),
}
_STATES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("sent", "sent", "verschickt", ("Sent",)),
    ("delivered", "delivered", "zugestellt", ("Delivered", "Received")),
    ("opened", "opened", "geöffnet", ("Opened", "Open")),
    ("link_clicked", "link clicked", "Verweis angeklickt", ("Link Clicked", "Clicked", "Tapped")),
    ("bounced", "bounced", "unzustellbar", ("Bounced",)),
    ("failed", "failed", "fehlgeschlagen", ("Failed", "Dropped")),
    ("marked_as_spam", "marked as spam", "als Spam gemeldet", ("Marked as Spam", "Spam Reported", "Complained")),
    ("converted", "led to what it was sent for", "führte zum Ziel", ("Converted",)),
    ("unsubscribed", "unsubscribed", "abbestellt", ("Unsubscribed",)),
)


def _types() -> tuple[EventType, ...]:
    return tuple(
        EventType(
            f"{channel}_{state}",
            Text(f"{en} {state_en}", f"{de} {state_de}"),
            _MESSAGE,
            tuple(
                f"{word} {other}"
                for word in words
                for other in others
                if f"{word} {other}".lower().replace(" ", "_") != f"{channel}_{state}"
            ),
        )
        for channel, (en, de, words) in _CHANNELS.items()
        for state, state_en, state_de, others in _STATES
    )


EVENT_TYPES = (
    *_types(),
    EventType(
        "message_held_back",
        Text("Message held back (control group)", "Nachricht zurückgehalten (Vergleichsgruppe)"),
        _MESSAGE,
    ),
    EventType(
        "message_replied",
        Text("Message answered", "Nachricht beantwortet"),
        (*_MESSAGE, Property("text", "text", Text("what was written", "was geschrieben wurde"))),
        ("Message Replied To", "Email Replied"),
    ),
)
