"""Answers to surveys, one row an answer to one question; an empty value is a question that was skipped."""

from collections.abc import Sequence

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.core.text import Text

_ORDER = ("order", "order no", "invoice", "bestellnr", "auftrag", "auftragsnummer")
_PHASE = Field("phase", "text", Text("phase of the flywheel", "Phase des Schwungrads"), ("stage",))
ORDER_ID: Sequence[Field] = (Field("order_id", "text", Text("order number", "Bestellnummer"), _ORDER),)

KIND = Kind(
    "answers",
    Text("Answers to surveys", "Antworten auf Umfragen"),
    (
        Field("answer_id", "text", Text("number of the answer", "Nummer der Antwort"), ("response id", "review id", "id", "antwort id", "bewertungs id")),
        Field(
            "answered_at", "instant", Text("when it was answered", "wann geantwortet wurde"),
            ("date", "timestamp", "submitted at", "completed at", "response date", "review creation date", "created at", "datum", "zeitpunkt", "beantwortet am", "eingegangen am"),
            required=True,
        ),
        Field("asked_at", "instant", Text("when it was asked", "wann gefragt wurde"), ("sent at", "invited at", "gefragt am", "versandt am")),
        *PERSON,
        Field("survey_id", "text", Text("survey", "Umfrage"), ("survey name", "wave", "umfrage id", "welle", "befragung")),
        Field("question_id", "text", Text("question", "Frage"), ("question id", "item", "frage id")),
        Field("metric", "text", Text("kind of question", "Art der Frage"), ("metric type", "question type", "kennzahl", "fragetyp")),
        Field("value", "number", Text("answer on its scale", "Antwort auf ihrer Skala"), ("score", "rating", "answer", "nps", "csat", "ces", "stars", "review score", "punktwert", "wert", "antwort", "bewertung", "sterne", "note")),
        Field("scale_low", "number", Text("lowest value of the scale", "kleinster Wert der Skala"), ("scale min", "skala von")),
        Field("scale_high", "number", Text("highest value of the scale", "größter Wert der Skala"), ("scale max", "skala bis")),
        Field("better", "text", Text("which end is good", "welches Ende gut ist"), ("direction", "richtung")),
        _PHASE,
        Field("touchpoint", "text", Text("what was asked about", "wonach gefragt wurde"), ("contact point", "kontaktpunkt", "anlass")),
        Field("channel", "text", Text("way of asking", "Weg der Befragung"), ("survey channel", "kanal", "befragungsweg")),
        Field("campaign", "text", Text("campaign", "Kampagne"), ("campaign id", "kampagnen id")),
        *ORDER_ID,
        Field("product_id", "text", Text("product number", "Artikelnummer"), ("product", "sku", "item id", "artikelnr", "artikel")),
        Field("weight", "number", Text("weight of the answer", "Gewicht der Antwort"), ("survey weight", "gewicht", "gewichtung")),
        Field("text", "text", Text("in words", "in Worten"), ("comment", "verbatim", "review comment message", "feedback", "kommentar", "freitext", "begruendung")),
    ),
)  # fmt: skip
