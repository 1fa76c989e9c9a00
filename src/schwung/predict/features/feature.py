"""A feature: what it is called, how it reads as a reason, and the groups that are read in one statement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from schwung.collect.touch import channel_title
from schwung.core.clock import DAY, Instant
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.scope import Scope

Unit = Literal["days", "count", "money", "share", "score", "times", "word", "channel"]


@dataclass(frozen=True, slots=True)
class Feature:
    """reads: as a reason, with {value} and the features in `beside` by name. zero, one, unknown: where it is 0, 1, or not
    known; without them `reads` serves, and what is not known is no reason. theme: of several that say the same, one is told.
    absent: its value where no fact speaks of it (None: not known).
    """

    name: str
    title: Text
    unit: Unit
    reads: Text
    theme: str
    zero: Text | None = None
    one: Text | None = None
    unknown: Text | None = None
    beside: tuple[str, ...] = ()
    absent: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Features that one statement reads.

    rows(scope, moments): moments has customer_id and moment_at; back come these, and a column per feature, of those customers
    of whom there is something to tell. Nothing after a row's moment may be in it: `watch` looks after that.
    """

    name: str
    needs: tuple[str, ...]
    features: tuple[Feature, ...]
    rows: Callable[[Scope, ir.Table], ir.Table]


def each_at(rows: ir.Table, cuts: Sequence[Instant]) -> ir.Table:
    """Every row at every moment: with `moment_at`."""
    parts = [rows.mutate(moment_at=ibis.literal(cut, "int64")) for cut in cuts]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def in_days(length: ir.IntegerValue) -> ir.FloatingValue:
    """Of microseconds. The cast comes first: Spark takes a bare number for a decimal, of few digits."""
    return length.cast("float64") / float(DAY)


def before(moments: ir.Table, facts: ir.Table, time: str) -> ir.Table:
    """Facts of each customer up to each of the customer's moments, with moment_at and `age` in days."""
    met = moments.join(
        facts, [moments.customer_id == facts.customer_id, facts[time] <= moments.moment_at], rname="fact_{name}"
    )
    return met.mutate(age=in_days(met.moment_at - met[time]))


def told(
    feature: Feature, reason: Mapping[str, Any], features: Mapping[str, Feature], currency: str, scale: int
) -> Text | None:
    """A reason in words; None where it is nothing to tell. reason: column, value, effect, beside."""
    value = reason.get("value")
    if value is None:
        return feature.unknown
    if value == 0 and feature.zero is not None:
        return feature.zero
    if value == 1 and feature.one is not None:
        return feature.one
    others = reason.get("beside", {})
    if any(others.get(name) is None for name in feature.beside):
        return None
    shown = {name: in_unit(features[name], others[name], currency, scale) for name in feature.beside}
    return feature.reads.fill(value=in_unit(feature, value, currency, scale), **shown)


def in_unit(feature: Feature, value: Any, currency: str, scale: int) -> Text:
    """A value as people read it; days in the German dative, as after “seit” and “vor”."""
    match feature.unit:
        case "days":
            days = round(value)
            return Text("1 day", "einem Tag") if days == 1 else Text("{n} days", "{n} Tagen").fill(n=said.count(days))
        case "money":
            return said.money(value / scale, currency)
        case "share":
            return said.share(value, 0)
        case "times":
            return said.decimal(value, 0 if value >= 10 else 1)
        case "score" | "count":
            return said.count(value)
        case "channel":
            return channel_title(str(value))
        case _:
            return Text(str(value), str(value))
