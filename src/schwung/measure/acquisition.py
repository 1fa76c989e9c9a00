"""The acquisition funnel: customers first known in a period, from awareness to the first order, stage by stage.

Stages after the classic purchase funnel (Lewis 1898 and its successors in six stages). Who reaches a later stage has
reached all before it: an order without a cart is one that was decided elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY, SECOND
from schwung.core.period import Period
from schwung.core.text import Text
from schwung.measure.cuts import UNKNOWN
from schwung.measure.inference import Estimate, share
from schwung.measure.phases.facts import happenings
from schwung.measure.reading import Reading
from schwung.measure.scope import Scope

AGAIN = "looked again"
"""A second look at products, at another instant."""


@dataclass(frozen=True, slots=True)
class Stage:
    """facts: any of them shows that a customer is in it; none: everybody who is known."""

    title: Text
    text: Text
    facts: tuple[str, ...] = ()


STAGES: dict[str, Stage] = {
    "awareness": Stage(Text("Awareness", "Aufmerksamkeit"), Text("first contact of any kind", "erster Kontakt, gleich welcher")),
    "interest": Stage(
        Text("Interest", "Interesse"), Text("looks at a product, clicks in a message, leaves an address", "sieht einen Artikel an, klickt in einer Nachricht, hinterlässt eine Adresse"),
        ("looked", "newsletter", "clicked", "lead_captured"),
    ),
    "consideration": Stage(Text("Consideration", "Erwägung"), Text("looks again, is a qualified lead", "sieht sich noch einmal um, ist qualifizierter Interessent"), (AGAIN, "lead_qualified")),
    "intent": Stage(Text("Intent", "Absicht"), Text("fills a cart, begins a trial", "füllt einen Warenkorb, beginnt eine Probezeit"), ("cart", "trial", "lead_offered")),
    "evaluation": Stage(Text("Evaluation", "Prüfung"), Text("goes to the checkout, sees the final price", "geht zur Kasse, sieht den Endpreis"), ("checkout",)),
    "purchase": Stage(Text("Purchase", "Kauf"), Text("orders for the first time", "bestellt zum ersten Mal"), ("ordered", "subscribed")),
}  # fmt: skip
CUTS: dict[str, Text] = {"channel": Text("Channel", "Kanal"), "campaign": Text("Campaign", "Kampagne")}
QUIET_DAYS = 30
"""Who did nothing for so long has left; all others may still go on."""
LEAST = 30
NO_CAMPAIGN = "no campaign"
_STEP = 60


@dataclass(frozen=True, slots=True)
class StageFigures:
    """entered = converted + left + under way. of_before, conversion: shares of those who entered. Times in seconds, of those
    who went on to the next stage; None where nobody did."""

    name: str
    entered: int
    converted: int
    left: int
    under_way: int
    conversion: Estimate | None
    median: float | None = None
    ninth: float | None = None

    def to_json(self) -> dict[str, Any]:
        found = self.conversion
        return {
            "stage": self.name, "entered": self.entered, "converted": self.converted, "left": self.left, "under_way": self.under_way,
            "conversion": found and found.value, "low": found and found.low, "high": found and found.high,
            "median_seconds": self.median, "ninetieth_seconds": self.ninth,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """One channel or campaign of the first contact."""

    name: str
    stages: tuple[StageFigures, ...]


@dataclass(frozen=True, slots=True)
class Acquisition:
    """period: of the first contact. stages: of all; slices: by channel and by campaign, most customers first."""

    period: Period
    stages: tuple[StageFigures, ...]
    slices: Mapping[str, tuple[Slice, ...]]

    def to_json(self) -> dict[str, Any]:
        return {
            "since": self.period.since_on.isoformat(),
            "until": self.period.until_on.isoformat(),
            "quiet_days": QUIET_DAYS,
            "stages": [one.to_json() for one in self.stages],
            **{
                f"by_{cut}": [{cut: one.name, "stages": [each.to_json() for each in one.stages]} for one in slices]
                for cut, slices in self.slices.items()
            },
        }

    def to_pandas(self) -> Any:
        """One row per stage."""
        import pandas

        return pandas.DataFrame([one.to_json() for one in self.stages]).set_index("stage")


def ways(scope: Scope, period: Period) -> ir.Table:
    """customer_id, channel, campaign (of the first contact that has one), last_at, and {stage}_at of everybody first known
    in the period: when the stage was reached, null where not."""
    until = scope.question.until_at
    profiles = scope.table("profiles", False)
    profiles = profiles.filter(
        ~profiles.is_gone, profiles.first_seen_at >= period.since_at, profiles.first_seen_at < period.until_at
    ).select("customer_id", awareness="first_seen_at")
    names = tuple(
        dict.fromkeys(name for stage in STAGES.values() for name in (*stage.facts, "visited") if name != AGAIN)
    )
    rows = happenings(scope.table, names, dict.fromkeys(names, period.since_at), until)
    rows = rows.semi_join(profiles, "customer_id").distinct()
    nth = ibis.row_number().over(group_by=["customer_id", "fact"], order_by="at")
    rows = rows.mutate(fact=ibis.cases(((rows.fact == "looked") & (nth > 0), AGAIN), else_=rows.fact))
    first = {
        name: ibis.cases((_.fact.isin(stage.facts), _["at"])).min() for name, stage in STAGES.items() if stage.facts
    }
    seen = rows.group_by("customer_id").agg(last_at=_["at"].max(), **first)
    known = profiles.left_join(seen, "customer_id", rname="seen_{name}")
    known = known.left_join(_first_contacts(scope, profiles, period), "customer_id", rname="came_{name}")
    stages = [*STAGES]
    reached = {}
    for nth, name in enumerate(stages):
        later = [known[one] for one in stages[nth:]]
        reached[f"{name}_at"] = ibis.least(*later) if len(later) > 1 else later[0]
    return known.select(
        "customer_id", "channel", "campaign", last_at=ibis.greatest(known.awareness, ibis.coalesce(known.last_at, known.awareness)), **reached
    )  # fmt: skip


def acquisition(reading: Reading, period: Period) -> Acquisition:
    """reading: of a scope without cuts and start; its end says until when they are followed."""
    rows = reading.rows("ways", lambda scope: _counted(scope, ways(scope, period))).to_pylist()
    slices = {cut: _slices(rows, cut) for cut in CUTS}
    return Acquisition(period, _figures(rows), slices)


def left_at(scope: Scope, period: Period, stage: str) -> ir.Table:
    """customer_id of those who came as far as the stage and left there."""
    rows = ways(scope, period)
    return rows.filter(_place(rows) == [*STAGES].index(stage), _is_quiet(scope, rows)).select("customer_id")


def _first_contacts(scope: Scope, profiles: ir.Table, period: Period) -> ir.Table:
    events = scope.table("events", True)
    events = events.filter(
        events.happened_at >= period.since_at, events.happened_at < scope.question.until_at, events.channel.notnull()
    ).semi_join(profiles, "customer_id")
    place = ibis.row_number().over(group_by="customer_id", order_by=["happened_at", "event_no"])
    return events.mutate(place=place).filter(_.place == 0).select("customer_id", "channel", "campaign")


def _place(rows: ir.Table) -> ir.IntegerValue:
    """Number of the last stage reached, from 0."""
    later = [*STAGES][1:]
    return ibis.cases(*((rows[f"{name}_at"].notnull(), nth) for nth, name in reversed([*enumerate(later, 1)])), else_=0)


def _is_quiet(scope: Scope, rows: ir.Table) -> ir.BooleanValue:
    return rows.last_at < scope.question.until_at - QUIET_DAYS * DAY


def _counted(scope: Scope, rows: ir.Table) -> ir.Table:
    """channel, campaign, place, is_quiet, stage, took (seconds, by the minute): customers. took is null in one row per
    customer, which counts the customer; the others tell how long each step took."""
    names = [*STAGES]
    rows = rows.mutate(place=_place(rows), is_quiet=_is_quiet(scope, rows))
    parts = [_each(rows, "", ibis.null("int64"))]
    for before, after in pairwise(names):
        took = (rows[f"{after}_at"] - rows[f"{before}_at"]) // (_STEP * SECOND) * _STEP
        parts.append(_each(rows.filter(rows[f"{after}_at"].notnull()), before, took))
    both = parts[0].union(*parts[1:])
    return both.group_by(["channel", "campaign", "place", "is_quiet", "stage", "took"]).agg(customers=_.count())


def _each(rows: ir.Table, stage: str, took: ir.IntegerValue) -> ir.Table:
    return rows.select(
        "channel",
        "campaign",
        "is_quiet",
        place=rows.place.cast("int64"),
        stage=ibis.literal(stage),
        took=took.cast("int64"),
    )


def _slices(rows: Sequence[Mapping[str, Any]], cut: str) -> tuple[Slice, ...]:
    missing = UNKNOWN if cut == "channel" else NO_CAMPAIGN
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[cut] or missing].append(row)
    found = [Slice(name, _figures(own)) for name, own in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.stages[0].entered, one.name)))


def _figures(rows: Sequence[Mapping[str, Any]]) -> tuple[StageFigures, ...]:
    """From the counts; the times from how often each occurred."""
    people = [row for row in rows if not row["stage"]]
    found = []
    for nth, name in enumerate(STAGES):
        entered = _sum(row for row in people if row["place"] >= nth)
        converted = _sum(row for row in people if row["place"] > nth)
        stopped = [row for row in people if row["place"] == nth]
        is_last = nth == len(STAGES) - 1
        left = 0 if is_last else _sum(row for row in stopped if row["is_quiet"])
        times = sorted((row["took"], row["customers"]) for row in rows if row["stage"] == name)
        found.append(
            StageFigures(
                name, entered, converted, left, 0 if is_last else entered - converted - left,
                None if is_last else share(converted, entered), quantile(times, 0.5), quantile(times, 0.9),
            )
        )  # fmt: skip
    return tuple(found)


def quantile(counts: Sequence[tuple[float, int]], at: float) -> float | None:
    """The smallest value that at least so large a share does not exceed. counts: (value, how often), ascending."""
    whole, seen = sum(count for _, count in counts), 0
    for value, count in counts:
        seen += count
        if seen >= at * whole - 1e-9:
            return value
    return None


def _sum(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(row["customers"]) for row in rows)
