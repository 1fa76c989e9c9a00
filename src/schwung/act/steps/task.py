"""A task for a person of the team."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, line, mapping, span
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.span import said_span


@dataclass(frozen=True, slots=True)
class Task:
    """owner: who shall do it; empty: anybody. due_in: until when."""

    title: str
    owner: str = ""
    due_in: int | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in ("title", "owner", "note") if getattr(self, name)}
        return found | ({"due_in": said_span(self.due_in).en} if self.due_in else {})

    @property
    def words(self) -> Text:
        if self.owner:
            return Text("task for {owner}: {title}", "Aufgabe für {owner}: {title}").fill(
                owner=self.owner, title=self.title
            )
        return Text("task: {title}", "Aufgabe: {title}").fill(title=self.title)


def _read(written: Mapping[str, Any]) -> Task:
    data = mapping({"title": written} if isinstance(written, str) else written, "title", "owner", "due_in", "note")
    return Task(
        line(data, "title", is_needed=True), line(data, "owner"), span(data, "due_in"), line(data, "note", most=2_000)
    )


STEP = StepKind(
    "task",
    Text("Task for a person", "Aufgabe für eine Person"),
    Text("Puts a task on the list of somebody in the team.", "Legt eine Aufgabe für jemanden im Team an."),
    _read,
    {"title": "Call the customer", "owner": "maria@example.com", "due_in": "2 days"},
    (
        Field("title", "text", Text("what is to be done", "was zu tun ist")),
        Field("owner", "text", Text("who", "wer"), is_optional=True),
        Field("due_in", "span", Text("due in", "fällig in"), is_optional=True),
        Field("note", "text", Text("note", "Notiz"), is_optional=True),
    ),
    icon="checkbox",
    is_effect=True,
)
