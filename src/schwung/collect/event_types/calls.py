"""Calls other than track: a page seen, a profile told, a group joined."""

from schwung.collect.event_type import EventType
from schwung.collect.event_types.parts import text
from schwung.core.text import Text

_PLACE = (text("name", "name", "Name"), text("category", "category", "Kategorie"))

EVENT_TYPES = (
    EventType(
        "page_viewed",
        Text("Page viewed", "Seite angesehen"),
        (*_PLACE, text("url", "address", "Adresse"), text("title", "title", "Titel"), text("path", "path", "Pfad")),
        ("Loaded a Page", "Viewed Page", "Page View", "pageview", "$pageview"),
    ),
    EventType(
        "screen_viewed",
        Text("Screen viewed", "Bildschirm angesehen"),
        _PLACE,
        ("Loaded a Screen", "Viewed Screen", "Screen View"),
    ),
    EventType("profile_identified", Text("Profile identified", "Profil erkannt"), (), ("identify",)),
    EventType(
        "profile_aliased",
        Text("Profile given a second id", "Profil mit zweiter Kennung"),
        (text("previous_id", "former id", "frühere Kennung"),),
        ("alias",),
    ),
    EventType(
        "group_joined", Text("Group joined", "Gruppe beigetreten"), (text("group_id", "group", "Gruppe"),), ("group",)
    ),
)
