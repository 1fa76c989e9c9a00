"""docs/reference/events.md: the declared event types."""

from collections.abc import Iterable

from schwung.cli.reference import Pages, table
from schwung.collect.event_type import EVENT_TYPES, EventType, Property

_HEAD = """# Event types

Names are written by any client as it likes (`Order Completed`, `orderCompleted`); they mean the same. Events of other names
are taken too and listed as undeclared. A declared event whose properties do not fit goes to quarantine.
"""


def pages() -> Pages:
    parts = [_HEAD]
    for subject, types in EVENT_TYPES.subjects().items():
        parts.append(f"## {subject.replace('_', ' ').capitalize()}\n")
        parts.extend(_section(one) for one in types)
    return {"reference/events.md": "\n".join(parts)}


def _section(one: EventType) -> str:
    also = f" Also: {', '.join(one.aliases)}." if one.aliases else ""
    head = f"### {one.name}\n\n{one.title.en} · {one.title.de}.{also}\n"
    rows = list(_properties(one.properties))
    return head + ("\n" + table(("property", "type", "", "English", "Deutsch"), rows) if rows else "")


def _properties(properties: Iterable[Property], before: str = "") -> Iterable[tuple[str, ...]]:
    for known in properties:
        name = f"`{before}{known.name}`"
        yield name, known.kind, "required" if known.required else "", known.text.en, known.text.de
        yield from _properties(known.of, f"{before}{known.name}[].")
