"""What schwung itself did: events of the source `schwung`."""

from schwung.collect.event_type import EventType, Property
from schwung.collect.event_types.parts import number, text
from schwung.core.text import Text

EVENT_TYPES = (
    EventType(
        "alert_raised",
        Text("Alert raised", "Alarm ausgelöst"),
        (
            Property("alert_no", "whole", Text("number of the alert", "Nummer des Alarms"), required=True),
            text("metric", "metric", "Kennzahl", required=True),
            text("direction", "above or below", "above (über) oder below (unter)"),
            number("bound", "bound, in the metric's unit", "Grenze in der Einheit der Kennzahl"),
            number("value", "value, in the metric's unit", "Wert in der Einheit der Kennzahl"),
            Property("days", "whole", Text("days that it looks at", "betrachtete Tage")),
        ),
        value="value",
    ),
    EventType(
        "consent_given",
        Text("Consent given", "Einwilligung erteilt"),
        (
            text("purpose", "what was agreed to", "worin eingewilligt wurde", required=True),
            text("channel", "channel", "Kanal"),
            text("text", "name of the consent text", "Name des Einwilligungstextes"),
            Property("version", "whole", Text("its version", "seine Version")),
        ),
    ),
    *(
        EventType(
            name,
            title,
            (
                text("segment", "name of the segment", "Name des Segments"),
                Property("segment_no", "whole", Text("number of the segment", "Nummer des Segments"), required=True),
            ),
        )
        for name, title in (
            ("segment_entered", Text("Segment entered", "Segment betreten")),
            ("segment_left", Text("Segment left", "Segment verlassen")),
        )
    ),
    *(
        EventType(
            name,
            title,
            (
                text("journey", "name of the journey", "Name der Strecke"),
                Property("journey_no", "whole", Text("number of the journey", "Nummer der Strecke"), required=True),
                text("arm", "treated or control", "treated (behandelt) oder control (Vergleichsgruppe)"),
                text("reason", "why it ended", "warum sie endete"),
            ),
        )
        for name, title in (
            ("journey_entered", Text("Journey entered", "Strecke betreten")),
            ("journey_completed", Text("Journey walked to its end", "Strecke bis zum Ende durchlaufen")),
            ("journey_goal_reached", Text("Goal of the journey reached", "Ziel der Strecke erreicht")),
            ("journey_exited", Text("Journey left", "Strecke verlassen")),
            ("journey_stopped", Text("Journey stopped for the customer", "Strecke für den Kunden gestoppt")),
        )
    ),
    *(
        EventType(
            name,
            title,
            (
                text("title", "what is to be done", "was zu tun ist", required=True),
                text("owner", "whose task it is", "wessen Aufgabe es ist"),
                text("journey", "name of the journey", "Name der Strecke"),
                Property("journey_no", "whole", Text("number of the journey", "Nummer der Strecke")),
                Property("task_no", "whole", Text("number of the task", "Nummer der Aufgabe")),
            ),
        )
        for name, title in (
            ("task_created", Text("Task for the team", "Aufgabe für das Team")),
            ("task_done", Text("Task done", "Aufgabe erledigt")),
        )
    ),
)
