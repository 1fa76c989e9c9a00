"""A day on the profile that comes soon or was lately: end of a contract; with `yearly` a birthday."""

from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.step import json_text
from schwung.segment.field import Field
from schwung.segment.given import Given, Needs, State
from schwung.segment.leaf import LeafKind, mapping, span
from schwung.segment.rule import LeafError
from schwung.segment.signed import FAR, signed
from schwung.segment.span import said_span


@dataclass(frozen=True, slots=True)
class Day:
    """_at: first instant of the trait's day in the workspace's zone; yearly: of the last (_last) and the next (_next) one.

    Today counts as the last one. 29 February is 28 February in years that have none.
    """

    name: str
    is_yearly: bool

    @property
    def part(self) -> "Day":
        return self

    def build(self, needs: Any, given: Given) -> ir.Table:
        (column,) = needs.values()
        profiles = given.table("profiles", False).filter(lambda rows: ~rows.is_gone)
        day = json_text(profiles.traits, f"$.{self.name}")
        rows = profiles.select("customer_id", day=day).filter(
            lambda rows: rows.day.re_search(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        )
        if self.is_yearly:
            calendar = given.table("anniversaries", False)
            rows = rows.mutate(day=rows.day.substr(5, 5))
            found = rows.join(calendar, "day")
            return found.select("customer_id", **{f"{column}_last": found.last_at, f"{column}_next": found.next_at})
        calendar = given.table("days", False)
        found = rows.join(calendar, "day")
        return found.select("customer_id", **{f"{column}_at": found.first_at})


@dataclass(frozen=True, slots=True)
class Date:
    trait: str
    direction: Literal["next", "last"]
    length: int
    is_yearly: bool = False

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"trait": self.trait, f"in_{self.direction}": said_span(self.length).en}
        return {"date": found | ({"yearly": True} if self.is_yearly else {})}

    @property
    def words(self) -> Text:
        when = (
            Text("in the next {span}", "in den nächsten {span}")
            if self.direction == "next"
            else Text("in the last {span}", "in den letzten {span}")
        )
        yearly = Text(", every year", ", jedes Jahr") if self.is_yearly else None
        said = Text("{name}: {when}", "{name}: {when}").fill(
            name=self.trait, when=when.fill(span=said_span(self.length))
        )
        return said if yearly is None else Text(said.en + yearly.en, said.de + yearly.de)

    @property
    def needs(self) -> Needs:
        return (Day(self.trait, self.is_yearly),)

    def value(self, state: State) -> ir.IntegerValue:
        day, now = self.needs[0], state.now
        if self.direction == "last":
            at = state.of(day, "_last" if self.is_yearly else "_at")
            begins, ends = at, at + self.length
            following = state.of(day, "_next") if self.is_yearly else None
        else:
            at = state.of(day, "_next" if self.is_yearly else "_at")
            begins, ends = at - self.length, at
            following = None
        holds = ((begins <= now) & (ends > now)).fill_null(False)
        later = ibis.cases(
            (holds, ends), (begins > now, begins), else_=FAR if following is None else following.fill_null(FAR)
        )
        if self.is_yearly and self.direction == "next":
            later = ibis.least(later, at.fill_null(FAR))
        return signed(holds, later)


def _read(written: Any) -> Date:
    data = mapping(written, "trait", "in_next", "in_last", "yearly")
    asked = [(name, span(data, f"in_{name}")) for name in ("next", "last")]
    given = [(name, length) for name, length in asked if length is not None]
    trait = data.get("trait")
    if len(given) != 1 or not isinstance(trait, str) or not trait.replace("_", "").isalnum():
        raise LeafError(
            Text(
                "a trait and one of in_next, in_last are expected",
                "erwartet werden ein Merkmal und eines von in_next, in_last",
            )
        )
    ((direction, length),) = given
    is_yearly = data.get("yearly") is True
    if is_yearly and length > 365 * DAY:
        raise LeafError(Text("a yearly day needs at most 365 days", "ein jährlicher Tag braucht höchstens 365 days"))
    return Date(trait, direction, length, is_yearly)  # type: ignore[arg-type]


LEAF = LeafKind(
    "date",
    Text("day on the profile", "Tag am Profil"),
    Text(
        "A day on the profile lies in the next or the last days; `yearly` takes its anniversary, for birthdays.",
        "Ein Tag am Profil liegt in den nächsten oder letzten Tagen; `yearly` nimmt den Jahrestag, für Geburtstage.",
    ),
    _read,
    {"date": {"trait": "birthday", "in_next": "7 days", "yearly": True}},
    (
        Field("trait", "text", Text("trait", "Merkmal")),
        Field("in_next", "span", Text("in the next", "in den nächsten"), is_optional=True),
        Field("in_last", "span", Text("in the last", "in den letzten"), is_optional=True),
        Field("yearly", "flag", Text("every year", "jedes Jahr"), is_optional=True),
    ),
    has_past=False,
)
