"""What customers tell: surveys, scores, complaints, conversations."""

from schwung.collect.event_type import EventType, Property
from schwung.collect.event_types.parts import ORDER_ID_KNOWN, number, text
from schwung.core.text import Text

_SURVEY = (text("survey_id", "survey", "Umfrage"), text("channel", "way of asking", "Weg der Befragung"))
_SCORE = number("score", "score", "Punktwert")
_CASE = (
    text("case_id", "case", "Vorgang"),
    text("subject", "subject", "Betreff"),
    text("reason", "cause", "Ursache"),
    ORDER_ID_KNOWN,
)


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
            text("question_id", "question", "Frage"),
            _SCORE,
            Property("answers", "object", Text("answers by question", "Antworten je Frage")),
        ),
        ("Survey Completed", "Survey Submitted", "Completed Survey", "Answered Survey", "Survey Response Submitted"),
        value="score",
    ),
    EventType(
        "nps_answered",
        Text("NPS question answered", "NPS-Frage beantwortet"),
        (*_SURVEY, _SCORE),
        ("NPS Submitted", "NPS Score Submitted"),
        value="score",
    ),
    EventType(
        "case_opened",
        Text("Case opened", "Vorgang eröffnet"),
        _CASE,
        ("Complaint Filed", "Ticket Created", "Ticket Opened", "Case Created"),
        order_id="order_id",
    ),
    EventType(
        "case_answered", Text("Case answered", "Vorgang beantwortet"), _CASE, ("Ticket Replied",), order_id="order_id"
    ),
    EventType(
        "case_closed",
        Text("Case closed", "Vorgang geschlossen"),
        _CASE,
        ("Ticket Closed", "Ticket Solved", "Case Resolved"),
        order_id="order_id",
    ),
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
