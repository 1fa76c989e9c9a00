"""Complaints, questions and requests from a help desk, one row a case: when each step happened."""

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.collect.import_kinds.answers import ORDER_ID
from schwung.core.text import Text

KIND = Kind(
    "cases",
    Text("Cases", "Vorgänge"),
    (
        Field("case_id", "text", Text("number of the case", "Nummer des Vorgangs"), ("ticket", "ticket id", "ticket no", "case", "case no", "id", "vorgang", "vorgangsnummer", "ticketnummer"), required=True),
        Field("opened_at", "instant", Text("when it was opened", "wann er eröffnet wurde"), ("created at", "opened", "date", "complaint date", "eroeffnet am", "erstellt am", "eingang", "datum"), required=True),
        Field("answered_at", "instant", Text("first answer", "erste Antwort"), ("first response at", "first reply", "responded at", "erste reaktion", "beantwortet am")),
        Field("resolved_at", "instant", Text("when it was resolved", "wann er gelöst wurde"), ("solved at", "resolution date", "geloest am", "erledigt am")),
        Field("closed_at", "instant", Text("when it was closed", "wann er geschlossen wurde"), ("closed", "geschlossen am", "abgeschlossen am")),
        *PERSON,
        Field("kind", "text", Text("complaint, question or request", "Beschwerde, Frage oder Anliegen"), ("type", "ticket type", "art", "vorgangsart")),
        Field("cause", "text", Text("cause", "Ursache"), ("reason", "category", "topic", "grund", "kategorie", "thema")),
        Field("channel", "text", Text("channel", "Kanal"), ("via", "contact channel", "eingangskanal")),
        *ORDER_ID,
        Field("text", "text", Text("subject", "Betreff"), ("title", "description", "message", "anliegen text", "beschreibung", "nachricht")),
    ),
)  # fmt: skip
