"""Messages that were sent elsewhere, one row a message: when each state was reached."""

from collections.abc import Sequence

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.core.text import Text


def _moment(name: str, en: str, de: str, *synonyms: str, required: bool = False) -> Field:
    return Field(name, "instant", Text(en, de), synonyms, required=required)


_STATES: Sequence[Field] = (
    _moment("sent_at", "when it was sent", "wann sie versandt wurde", "sent", "send time", "date", "versandt am", "gesendet am", "datum", required=True),
    _moment("delivered_at", "when it was delivered", "wann sie zugestellt wurde", "delivered", "zugestellt am"),
    _moment("opened_at", "when it was opened", "wann sie geöffnet wurde", "opened", "open time", "geoeffnet am"),
    _moment("clicked_at", "when a link was clicked", "wann ein Verweis angeklickt wurde", "clicked", "click time", "geklickt am"),
    _moment("bounced_at", "when it bounced", "wann sie unzustellbar war", "bounced", "unzustellbar am"),
    _moment("complained_at", "when it was reported as spam", "wann sie als Spam gemeldet wurde", "spam", "complaint time", "beschwert am"),
    _moment("unsubscribed_at", "when the person unsubscribed", "wann abbestellt wurde", "unsubscribed", "opt out", "abgemeldet am"),
)  # fmt: skip

KIND = Kind(
    "messages",
    Text("Messages", "Nachrichten"),
    (
        Field("message_id", "text", Text("number of the message", "Nummer der Nachricht"), ("id", "mail id", "nachricht id")),
        *_STATES,
        *PERSON,
        Field("channel", "text", Text("channel", "Kanal"), ("medium", "nachrichtenkanal")),
        Field("campaign", "text", Text("campaign", "Kampagne"), ("campaign name", "mailing", "newsletter", "kampagnenname")),
    ),
)  # fmt: skip
