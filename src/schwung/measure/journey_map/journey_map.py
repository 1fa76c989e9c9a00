"""From the counts to the map: a column for each phase, the losses, and sentences that read them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schwung.core.period import Period
from schwung.core.text import Text
from schwung.measure.acquisition import quantile
from schwung.measure.friction import Friction, Outflow
from schwung.measure.inference import Difference, Estimate, difference, mean, net_promoter_score, share
from schwung.measure.journey_map.contacts import channel_title, touchpoint_title
from schwung.measure.journey_map.rows import NEXT
from schwung.measure.phase import PHASES, Rules

Row = Mapping[str, Any]
LEAST = 30
"""With fewer customers there is no share, with fewer answers no word on the feeling."""
MOST = 3
"""Channels and touchpoints shown of each phase."""
PHASE_OF = {"attract_interact": "buy", "interact_delight": "use", "delight_attract": "engage"}
METRICS: Mapping[str, Text] = {
    "nps": Text("NPS", "NPS"),
    "csat": Text("CSAT", "CSAT"),
    "ces": Text("CES", "CES"),
    "stars": Text("Stars", "Sterne"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A channel or touchpoint with its share of the phase's contacts."""

    name: str
    title: Text
    contacts: int
    share: float


@dataclass(frozen=True, slots=True)
class Column:
    """One phase. people: customers in it at any time of the period; before: of the period before. onward: share that went
    on to the next phase within the period, None after the last; change: against the period before. median, ninth: seconds
    until then. emotion: mean of the answers, 0 to 100; by_metric: the same by metric, NPS as a score of −1 to 1.
    """

    phase: str
    people: int
    before: int
    contacts: int
    channels: tuple[Part, ...]
    touchpoints: tuple[Part, ...]
    onward: Estimate | None
    change: Difference | None
    median: float | None
    ninth: float | None
    emotion: Estimate
    by_metric: Mapping[str, Estimate]
    losses: tuple[Outflow, ...]

    @property
    def growth(self) -> float | None:
        """Change of people as a share; None where there were too few before."""
        return self.people / self.before - 1 if self.before >= LEAST else None

    def to_json(self) -> dict[str, Any]:
        return {
            "phase": self.phase, "title": _both(PHASES[self.phase]), "people": self.people, "people_before": self.before,
            "contacts": self.contacts,
            "channels": [{"channel": one.name, "contacts": one.contacts, "share": one.share} for one in self.channels],
            "touchpoints": [{"touchpoint": one.name, "contacts": one.contacts, "share": one.share} for one in self.touchpoints],
            "onward": self.onward and _estimate(self.onward),
            "onward_change": self.change and {"value": self.change.value, "low": self.change.low, "high": self.change.high, "word": self.change.word},
            "wait_seconds": {"median": self.median, "ninetieth": self.ninth},
            "emotion": _estimate(self.emotion) | {"by_metric": {name: _estimate(one) for name, one in self.by_metric.items()}},
            "losses": [flow.name for flow in self.losses],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """What stands out. path: where in the console something can be done about it; act: what the link says."""

    text: Text
    path: str = ""
    act: Text | None = None

    def to_json(self) -> dict[str, Any]:
        return {"text": _both(self.text), "path": self.path, "act": self.act and _both(self.act)}


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody noted on a day of the period. phase: None where it belongs to all."""

    noted_on: date
    text: Text
    phase: str | None
    by: str

    def to_json(self) -> dict[str, Any]:
        return {"noted_on": self.noted_on.isoformat(), "text": _both(self.text), "phase": self.phase, "by": self.by}


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """list_no, list_name: of the customer list that it tells of; None: all customers. friction: the flywheel's own.

    compared: another map beside this one: of the period before, or of other customers.
    """

    period: Period
    currency: str
    columns: tuple[Column, ...]
    friction: Friction
    sentences: tuple[Sentence, ...]
    rules: Rules
    list_no: int | None = None
    list_name: Text | None = None
    notes: tuple[Note, ...] = ()
    compared: "JourneyMap | None" = None

    @property
    def beside(self) -> Text | None:
        """How the map beside this one is called."""
        if self.compared is None:
            return None
        if self.compared.period != self.period:
            return Text("before", "davor")
        return self.compared.list_name or Text("all", "alle")

    @property
    def losses(self) -> tuple[Outflow, ...]:
        """Largest first."""
        return tuple(sorted(self.friction.outflows, key=lambda flow: (-flow.amount, flow.name)))

    def to_json(self) -> dict[str, Any]:
        """Shares from 0 to 1, money in major units."""
        return {
            "since": self.period.since_on.isoformat(),
            "until": self.period.until_on.isoformat(),
            "currency": self.currency,
            "list": self.list_no,
            "list_name": self.list_name and _both(self.list_name),
            "phases": [column.to_json() for column in self.columns],
            "friction": self.friction.to_json(),
            "sentences": [one.to_json() for one in self.sentences],
            "annotations": [one.to_json() for one in self.notes],
            "compared": self.compared and self.compared.to_json(),
        }

    def to_pandas(self) -> Any:
        """One row per phase."""
        import pandas

        rows = [
            {
                "phase": one.phase, "people": one.people, "contacts": one.contacts, "onward": one.onward and one.onward.value,
                "median_seconds": one.median, "emotion": one.emotion.value, "answers": one.emotion.n, "lost": sum(flow.amount for flow in one.losses),
            }
            for one in self.columns
        ]  # fmt: skip
        return pandas.DataFrame(rows).set_index("phase")


def columns(
    moved: Sequence[Row], touched: Sequence[Row], said: Sequence[Row], friction: Friction
) -> tuple[Column, ...]:
    """moved, touched, said: rows of `onward`, `by_channel` and `answers`."""
    return tuple(_column(phase, moved, touched, said, friction) for phase in PHASES)


def _column(phase: str, moved: Sequence[Row], touched: Sequence[Row], said: Sequence[Row], friction: Friction) -> Column:  # fmt: skip
    now, before = ([row for row in moved if row["phase"] == phase and row["which"] == which] for which in (0, 1))
    went, was = (share(_sum(row for row in rows if row["took"] is not None), _sum(rows)) for rows in (now, before))
    times = sorted((row["took"], row["customers"]) for row in now if row["took"] is not None)
    own = [row for row in touched if row["phase"] == phase]
    answered = [row for row in said if row["column"] == phase]
    flows = [flow for flow in friction.outflows if PHASE_OF[flow.hand_over] == phase]
    has_next = phase in NEXT
    return Column(
        phase, _sum(now), _sum(before), sum(row["contacts"] for row in own),
        _parts(own, "channel", channel_title), _parts(own, "touchpoint", touchpoint_title),
        went if has_next else None, difference(went, was, LEAST) if has_next else None,
        quantile(times, 0.5), quantile(times, 0.9),
        mean(sum(row["n"] for row in answered), *(sum(row[name] for row in answered) for name in ("total", "squares"))),
        {row["metric"]: _of_metric(row) for row in sorted(answered, key=lambda row: [*METRICS].index(row["metric"]))},
        tuple(sorted(flows, key=lambda flow: (-flow.amount, flow.name))),
    )  # fmt: skip


def _of_metric(row: Row) -> Estimate:
    if row["metric"] == "nps":
        return net_promoter_score(row["promoters"], row["detractors"], row["whole"])
    return mean(row["n"], row["total"], row["squares"])


def _parts(rows: Sequence[Row], by: str, title: Any) -> tuple[Part, ...]:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row[by] or "unknown"] += row["contacts"]
    whole = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST]
    return tuple(Part(name, title(name), count, count / whole) for name, count in ranked)


def _sum(rows: Iterable[Row]) -> int:
    return sum(int(row["customers"]) for row in rows)


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "de": text.de}


def _estimate(one: Estimate) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
