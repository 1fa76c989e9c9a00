"""A message: the states that it goes through, and why it is where it is, in words."""

from collections.abc import Mapping

from schwung.act import legality
from schwung.core.text import Text

STATES: Mapping[str, Text] = {
    "planned": Text("waiting for its time", "wartet auf ihre Zeit"),
    "held": Text("held by a stop switch", "angehalten durch einen Stoppschalter"),
    "claimed": Text("being sent", "wird gerade versandt"),
    "sent": Text("sent", "versandt"),
    "failed": Text("failed", "fehlgeschlagen"),
    "unknown": Text("outcome not known", "Ausgang unbekannt"),
    "blocked": Text("must not be sent", "darf nicht versandt werden"),
    "lapsed": Text("too late, no longer of use", "zu spät, nicht mehr sinnvoll"),
    "cancelled": Text("cancelled", "abgesagt"),
}
OPEN_STATES = ("planned", "held", "claimed")

REASONS: Mapping[str, Text] = {
    **legality.REASONS,
    # why it waits
    "cap": Text("the person has had enough messages for now", "die Person hat vorerst genug Nachrichten erhalten"),
    "quiet_hours": Text("it is a quiet hour where the person lives", "am Ort der Person ist Ruhezeit"),
    "holiday": Text("it is a holiday or a day without messages", "es ist Feiertag oder ein Tag ohne Nachrichten"),
    "warm_up": Text(
        "the sending domain is new and may send only so many a day",
        "die Absenderdomain ist neu und darf täglich nur eine bestimmte Menge versenden",
    ),
    "temporary": Text(
        "the receiving server asked to try again later",
        "der empfangende Server bat um einen späteren Versuch",
    ),
    "connection": Text("the server could not be reached", "der Server war nicht erreichbar"),
    "stopped": Text("a stop switch is on", "ein Stoppschalter ist gesetzt"),
    "resent": Text("sent again by hand", "von Hand erneut versandt"),
    # how it ended
    "too_late": Text("its time was over before it could go", "ihre Zeit war um, bevor sie versandt werden konnte"),
    "bad_address": Text("the address does not exist", "die Adresse gibt es nicht"),
    "address_unusable": Text("the address cannot be written to", "an die Adresse lässt sich nicht schreiben"),
    "address_forbidden": Text(
        "the address is not public, or has no https", "die Adresse ist nicht öffentlich oder ohne https"
    ),
    "too_large": Text("it is too large", "sie ist zu groß"),
    "turned_away": Text("the receiving server refuses it for good", "der empfangende Server lehnt sie endgültig ab"),
    "tried_out": Text("every attempt failed", "alle Versuche sind gescheitert"),
    "unrenderable": Text("its text could not be made", "ihr Text ließ sich nicht erzeugen"),
    "no_channel": Text("its channel is not set up", "ihr Kanal ist nicht eingerichtet"),
    "sender_gone": Text(
        "the sending process ended before the answer was kept",
        "der sendende Prozess endete, bevor die Antwort gespeichert war",
    ),
    "answer_lost": Text(
        "the connection was lost before the answer came",
        "die Verbindung brach ab, bevor die Antwort kam",
    ),
    "marked": Text("marked as sent by hand", "von Hand als versandt vermerkt"),
    "by_hand": Text("cancelled by hand", "von Hand abgesagt"),
    "journey_goal": Text("the goal of its journey was reached", "das Ziel ihrer Strecke ist erreicht"),
    "journey_exited": Text("the person left its journey", "die Person hat ihre Strecke verlassen"),
    "journey_stopped": Text("its journey was stopped for the person", "ihre Strecke wurde für die Person gestoppt"),
    "forgotten": Text("the person was erased", "die Person wurde gelöscht"),
}
"""Words for every code in `message.reason`. One more reason is one more line."""


def reason_text(code: str | None) -> Text | None:
    """The words of a reason; a code without words stands for itself."""
    return None if code is None else REASONS.get(code) or Text(code, code)


_BOTH = " / "


def told_in_both(why: Text) -> str:
    """What is kept with a message, for readers of either language."""
    return f"{why.en}{_BOTH}{why.de}"


def told_by_itself(kept: str) -> Text:
    """The same for one reader; the words of a provider are one text."""
    en, is_both, de = kept.partition(_BOTH)
    return Text(en, de) if is_both else Text(kept, kept)
