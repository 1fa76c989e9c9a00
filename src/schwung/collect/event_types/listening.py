"""What customers tell: surveys, scores, complaints, conversations."""

from schwung.collect.event_type import EventType, Property
from schwung.collect.event_types.parts import ORDER_ID_KNOWN, instant, number, text
from schwung.core.text import Text

_SURVEY = (text("survey_id", "survey", "Umfrage"), text("channel", "way of asking", "Weg der Befragung"))
_SCORE = number("score", "score; null: skipped", "Punktwert; null: übergangen")
_QUESTION = (
    text("question_id", "question", "Frage"),
    text("answer_id", "number of the answer", "Nummer der Antwort"),
    instant("asked_at", "when it was asked", "wann gefragt wurde"),
    text("comment", "in words", "in Worten"),
    text("phase", "phase of the flywheel: attract, interact or delight", "Phase des Schwungrads: attract, interact oder delight"),
    text("touchpoint", "what was asked about", "wonach gefragt wurde"),
    number("scale_low", "lowest value of the scale", "kleinster Wert der Skala"),
    number("scale_high", "highest value of the scale", "größter Wert der Skala"),
    text("better", "which end is good: higher or lower", "welches Ende gut ist: higher oder lower"),
    number("weight", "for how many the answer stands", "für wie viele die Antwort steht"),
    ORDER_ID_KNOWN,
)  # fmt: skip
_CASE = (
    text("case_id", "case", "Vorgang"),
    text("subject", "subject", "Betreff"),
    text("reason", "cause", "Ursache"),
    text("kind", "complaint, question or request", "Beschwerde, Frage oder Anliegen: complaint, question, request"),
    text("channel", "channel", "Kanal"),
    ORDER_ID_KNOWN,
)


def _answered(name: str, en: str, de: str, *aliases: str) -> EventType:
    return EventType(name, Text(en, de), (*_SURVEY, _SCORE, *_QUESTION), aliases, order_id="order_id", value="score")


def _case(name: str, en: str, de: str, *aliases: str) -> EventType:
    return EventType(name, Text(en, de), _CASE, aliases, order_id="order_id")


def _conversation(name: str, en: str, de: str, *aliases: str) -> EventType:
    return EventType(name, Text(en, de), (text("conversation_id", "conversation", "Gespräch"),), aliases)


EVENT_TYPES = (
    EventType("survey_sent", Text("Survey sent", "Umfrage verschickt"), _SURVEY, ("Sent Survey",)),
    EventType("survey_viewed", Text("Survey viewed", "Umfrage angesehen"), _SURVEY, ("Survey Opened", "Survey Shown")),
    EventType("survey_started", Text("Survey started", "Umfrage begonnen"), _SURVEY, ("Started Survey",)),
    EventType(
        "survey_answered",
        Text("Survey answered", "Umfrage beantwortet"),
        (
            *_SURVEY,
            _SCORE,
            *_QUESTION,
            text("metric", "nps, csat, ces, stars or other", "nps, csat, ces, stars oder other"),
            Property("answers", "object", Text("answers by question", "Antworten je Frage")),
        ),
        ("Survey Completed", "Survey Submitted", "Completed Survey", "Answered Survey", "Survey Response Submitted"),
        order_id="order_id",
        value="score",
    ),
    _answered("nps_answered", "NPS question answered", "NPS-Frage beantwortet", "NPS Submitted", "NPS Score Submitted"),
    _answered("csat_answered", "Satisfaction question answered", "Zufriedenheitsfrage beantwortet", "CSAT Submitted"),
    _answered("ces_answered", "Effort question answered", "Aufwandsfrage beantwortet", "CES Submitted"),
    _case("complaint_opened", "Complaint opened", "Beschwerde eröffnet", "Complaint Filed", "Complaint Created"),
    _case("case_opened", "Case opened", "Vorgang eröffnet", "Ticket Created", "Ticket Opened", "Case Created"),
    _case("case_answered", "Case answered", "Vorgang beantwortet", "Ticket Replied"),
    _case("case_resolved", "Case resolved", "Vorgang gelöst", "Ticket Solved", "Ticket Resolved"),
    _case("case_closed", "Case closed", "Vorgang geschlossen", "Ticket Closed"),
    _case("case_reopened", "Case reopened", "Vorgang wieder eröffnet", "Ticket Reopened"),
    _conversation(
        "conversation_started",
        "Conversation started",
        "Gespräch begonnen",
        "Live Chat Conversation Started",
        "Chat Started",
    ),
    _conversation(
        "conversation_ended", "Conversation ended", "Gespräch beendet", "Live Chat Conversation Ended", "Chat Ended"
    ),
)
