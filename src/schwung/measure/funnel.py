"""A funnel as data: steps in an order, a window, exclusions, a breakdown; read from YAML, JSON or the builder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from schwung.core.clock import DAY, HOUR, MINUTE, SECOND
from schwung.core.text import Text
from schwung.measure.step import Step, wrong

Order = Literal["in_order", "strict", "any"]
ORDERS: Mapping[Order, Text] = {
    "in_order": Text("In this order", "In dieser Reihenfolge"),
    "strict": Text("Directly one after another", "Unmittelbar nacheinander"),
    "any": Text("In any order", "In beliebiger Reihenfolge"),
}
ORDER_TEXTS: Mapping[Order, Text] = {
    "in_order": Text(
        "Other events may lie between the steps. Steps at the same instant count as in order.",
        "Zwischen den Schritten dürfen andere Ereignisse liegen. Schritte im selben Augenblick gelten als in der Reihenfolge.",
    ),
    "strict": Text(
        "From a customer's first step 1 on, any other event, or a later step out of turn, ends the way.",
        "Ab dem ersten Schritt 1 eines Kunden beendet jedes andere Ereignis und jeder vorgezogene spätere Schritt den Weg.",
    ),
    "any": Text(
        "All steps within one window, whichever comes first.",
        "Alle Schritte innerhalb eines Zeitfensters, gleich welcher zuerst kommt.",
    ),
}
UNITS: Mapping[str, int] = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}
UNIT_TEXTS: Mapping[str, Text] = {
    "minute": Text("minutes", "Minuten"),
    "hour": Text("hours", "Stunden"),
    "day": Text("days", "Tage"),
    "week": Text("weeks", "Wochen"),
}
_WINDOW = re.compile(r"(\d+)\s*(second|minute|hour|day|week)s?")
MOST_STEPS = 10
LONGEST = 10 * 366 * DAY
BREAKDOWNS = (
    "channel", "campaign", "country", "product", "category", "source", "kind", "list", "day", "week", "month", "quarter", "year",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Whoever does this after `after` (a step's number) and before the next step does not get there."""

    step: Step
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """window: microseconds from step 1 to the last. by: a breakdown or None.

    later: a step must be later than the one before, not at the same instant; so it is where two steps ask for the same event
    or fact, since one event would be both.
    """

    steps: tuple[Step, ...]
    window: int = 7 * DAY
    order: Order = "in_order"
    exclude: tuple[Exclusion, ...] = ()
    by: str | None = None
    later: bool = False
    name: str = ""

    @classmethod
    def read(cls, data: Any) -> "Funnel":
        """From a mapping as in docs/how-to/funnels.md. InputError that says what is wrong."""
        if not isinstance(data, Mapping):
            raise wrong(Text("it is no mapping", "sie ist keine Zuordnung"), data)
        unknown = set(data) - {"name", "steps", "window", "order", "exclude", "by", "later", "since", "until"}
        if unknown:
            raise wrong(Text("there is no such entry", "diesen Eintrag gibt es nicht"), ", ".join(map(str, unknown)))
        given = data.get("steps")
        if not isinstance(given, list | tuple) or not 2 <= len(given) <= MOST_STEPS:
            raise wrong(
                Text("it needs 2 to {n} steps", "sie braucht 2 bis {n} Schritte").fill(n=MOST_STEPS), given or "steps"
            )
        steps = tuple(Step.read(one) for one in given)
        order = str(data.get("order") or "in_order").replace(" ", "_")
        if order not in get_args(Order):
            raise wrong(Text("orders are {o}", "Reihenfolgen sind {o}").fill(o=", ".join(get_args(Order))), order)
        by = data.get("by") or None
        if by is not None and by not in BREAKDOWNS and not str(by).startswith("properties."):
            raise wrong(
                Text(
                    "it can be cut by {n} or properties.NAME", "aufteilen lässt sie sich nach {n} oder properties.NAME"
                ).fill(n=", ".join(BREAKDOWNS)),
                by,
            )
        exclude = tuple(_read_exclusion(one, len(steps)) for one in data.get("exclude") or ())
        if exclude and order == "strict":
            raise wrong(
                Text("“strict” needs no exclusions: any other event ends the way", "„strict“ braucht keine Ausschlüsse: jedes andere Ereignis beendet den Weg"),
                order,
            )  # fmt: skip
        twice = len({(step.kind, step.name) for step in steps}) < len(steps)
        if order == "any" and len(set(steps)) < len(steps):
            raise wrong(
                Text("in any order all steps differ", "in beliebiger Reihenfolge sind alle Schritte verschieden"), order
            )
        later = twice if data.get("later") is None else bool(data["later"])
        window = read_window(data.get("window", 7 * DAY // SECOND))
        name = str(data.get("name") or "")[:120]
        return cls(steps, window, order, exclude, by, later, name)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, Any]:
        """What `read` reads."""
        exclude = [one.step.to_json() | {"after": list(one.after)} for one in self.exclude]
        return {
            **({"name": self.name} if self.name else {}),
            "steps": [one.to_json() for one in self.steps],
            "window": write_window(self.window),
            "order": self.order,
            **({"exclude": exclude} if exclude else {}),
            **({"by": self.by} if self.by else {}),
            "later": self.later,
        }

    def cut(self, by: str | None) -> "Funnel":
        """The same funnel with another breakdown, checked."""
        return Funnel.read(replace(self, by=None).to_json() | {"by": by})


def read_window(value: Any) -> int:
    """`"7 days"`, `"30 minutes"`, or a number of seconds, in microseconds."""
    found = _WINDOW.fullmatch(str(value).strip()) if isinstance(value, str) else None
    unit = {"second": SECOND, **UNITS}[found[2]] if found else SECOND
    number = int(found[1]) if found else value
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number * unit <= LONGEST:
        return number * unit
    raise wrong(
        Text("a window is like “7 days” or “30 minutes”", "ein Zeitfenster ist etwa „7 days“ oder „30 minutes“"), value
    )


def write_window(window: int) -> str:
    unit, size = window_parts(window)
    return f"{size} {unit}{'s' if size != 1 else ''}"


def window_parts(window: int) -> tuple[str, int]:
    """The longest unit that divides it, and how many."""
    for unit in ("week", "day", "hour", "minute"):
        if window % UNITS[unit] == 0 and (unit != "week" or window > 13 * DAY):
            return unit, window // UNITS[unit]
    return "second", window // SECOND


def _read_exclusion(data: Any, steps: int) -> Exclusion:
    step = Step.read(
        {name: value for name, value in data.items() if name != "after"} if isinstance(data, Mapping) else data
    )
    given = data.get("after") if isinstance(data, Mapping) else None
    given = range(1, steps) if given is None else given if isinstance(given, list | tuple) else [given]
    after = tuple(given)
    if not after or any(not isinstance(one, int) or not 1 <= one < steps for one in after):
        raise wrong(Text("“after” is the number of a step before the last", "„after“ ist die Nummer eines Schritts vor dem letzten"), after)  # fmt: skip
    return Exclusion(step, after)
