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
)
