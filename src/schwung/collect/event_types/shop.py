"""Outside the web shop: apps, events, till, loyalty."""

from schwung.collect.event_type import EventType
from schwung.collect.event_types.parts import LOYALTY_CARD, ORDER_ID_KNOWN, number, text
from schwung.core.text import Text

_APP = (text("version", "version", "Version"), text("build", "build", "Build"))
_POINTS = (
    number("points", "points", "Punkte", required=True),
    text("program", "program", "Programm"),
    ORDER_ID_KNOWN,
    LOYALTY_CARD,
    text("entry_id", "number of the entry", "Nummer der Buchung"),
    text("expires_on", "day on which they expire", "Tag des Verfalls"),
)
_OCCASION = (text("occasion_id", "event", "Veranstaltung"), text("name", "name", "Name"), text("place", "place", "Ort"))

EVENT_TYPES = (
    EventType("app_installed", Text("App installed", "App installiert"), _APP, ("Application Installed",)),
    EventType("app_opened", Text("App opened", "App geöffnet"), _APP, ("Application Opened",)),
    EventType("app_updated", Text("App updated", "App aktualisiert"), _APP, ("Application Updated",)),
    EventType("app_uninstalled", Text("App removed", "App entfernt"), _APP, ("Application Uninstalled",)),
    EventType(
        "points_earned",
        Text("Points earned", "Punkte gesammelt"),
        _POINTS,
        ("Loyalty Points Earned",),
        order_id="order_id",
        value="points",
    ),
    EventType(
        "points_redeemed",
        Text("Points redeemed", "Punkte eingelöst"),
        _POINTS,
        ("Loyalty Points Redeemed",),
        order_id="order_id",
        value="points",
    ),
    EventType(
        "points_expired",
        Text("Points expired", "Punkte verfallen"),
        _POINTS,
        ("Loyalty Points Expired",),
        order_id="order_id",
        value="points",
    ),
    EventType(
        "points_adjusted",
        Text("Points adjusted", "Punkte berichtigt"),
        _POINTS,
        ("Loyalty Points Adjusted",),
        order_id="order_id",
        value="points",
    ),
    EventType(
        "loyalty_joined",
        Text("Loyalty programme joined", "Treueprogramm beigetreten"),
        (number("points", "points for joining", "Punkte für den Beitritt"), *_POINTS[1:2], LOYALTY_CARD),
        ("Loyalty Program Joined", "Loyalty Member Joined", "Loyalty Enrolled"),
        value="points",
    ),
    EventType(
        "occasion_registered",
        Text("Registered for an event", "Zu einer Veranstaltung angemeldet"),
        _OCCASION,
        ("Webinar Registered", "Event Registered"),
    ),
    EventType(
        "occasion_attended",
        Text("Event attended", "Veranstaltung besucht"),
        _OCCASION,
        ("Webinar Attended", "Event Attended"),
    ),
    EventType(
        "store_visited",
        Text("Shop visited", "Laden besucht"),
        (text("store_id", "shop", "Laden"), LOYALTY_CARD),
        ("Visited Store",),
    ),
)
