"""Who is in which phase: at one moment, and as stays over time. Everything for all customers at once, from facts."""

from collections.abc import Mapping
from functools import reduce

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import Instant
from schwung.measure.lifecycle import NEVER
from schwung.measure.phase import Rules
from schwung.measure.phases.facts import happenings
from schwung.measure.scope import Scope


def phases_at(scope: Scope, rules: Rules, moment: Instant) -> ir.Table:
    """customer_id, phase of every profile that is known before an instant, by what happened before it."""
    since = _since(rules, moment)
    rows = happenings(scope.table, rules.facts, since, moment)
    last = rows.group_by("customer_id").agg(**{name: ibis.cases((_.fact == name, _.at)).max() for name in rules.facts})
    known = _profiles(scope, moment).left_join(last, "customer_id", rname="of_{name}")
    return known.select("customer_id", phase=phase_of(known, rules, ibis.literal(moment - 1, "int64")))


def stays(scope: Scope, rules: Rules, since_at: Instant, until_at: Instant) -> ir.Table:
    """customer_id, phase, entered_at, left_at (NEVER: still in it) of all profiles between two instants, in order.

    A stay that began before `since_at` begins there, unless the profile is younger: `is_older` says so.
    """
    rows = happenings(scope.table, rules.facts, _since(rules, since_at), until_at)
    rows = rows.distinct()
    following = rows.at.lead().over(ibis.window(group_by=["customer_id", "fact"], order_by="at")).fill_null(NEVER)
    rows = rows.mutate(following=following)
    instants = [rows.select("customer_id", "fact", "at")]
    for fact in rules.facts:
        for lasts in sorted({rule.lasts for rule in rules.rules if rule.fact == fact and rule.lasts is not None}):
            over = rows.filter(rows.fact == fact, rows.following > rows["at"] + lasts, rows["at"] + lasts < until_at)
            instants.append(over.select("customer_id", fact=ibis.literal(""), at=over["at"] + lasts))
    profiles = _profiles(scope, until_at)
    begins = ibis.greatest(profiles.first_seen_at, since_at)
    instants.append(profiles.select("customer_id", fact=ibis.literal(""), at=begins))
    every = reduce(lambda one, other: one.union(other), instants)
    moments = every.group_by(["customer_id", "at"]).agg(
        **{name: ibis.cases((_.fact == name, _["at"])).max() for name in rules.facts}
    )
    so_far = ibis.window(group_by="customer_id", order_by="at", preceding=None, following=0)
    moments = moments.mutate(**{name: moments[name].max().over(so_far) for name in rules.facts})
    known = moments.join(profiles, "customer_id", rname="profile_{name}")
    known = known.select("customer_id", "at", "first_seen_at", phase=phase_of(known, rules, known["at"]))
    known = known.filter(known["at"] >= ibis.greatest(known.first_seen_at, since_at))
    here = ibis.window(group_by="customer_id", order_by="at")
    known = known.mutate(was=known.phase.lag().over(here))
    changes = known.filter(known.was.isnull() | (known.was != known.phase))
    return changes.select(
        "customer_id",
        "phase",
        entered_at=changes["at"],
        left_at=changes["at"].lead().over(here).fill_null(NEVER),
        is_older=(changes["at"] == since_at) & (changes.first_seen_at < since_at),
    )


def _profiles(scope: Scope, moment: Instant) -> ir.Table:
    profiles = scope.table("profiles", False)
    return profiles.filter(~profiles.is_gone, profiles.first_seen_at < moment).select("customer_id", "first_seen_at")


def _since(rules: Rules, moment: Instant) -> dict[str, int | None]:
    """From when on a fact can still matter at a moment and later."""
    reach = {name: rules.reach(name) for name in rules.facts}
    return {name: None if lasts is None else moment - lasts for name, lasts in reach.items()}


def phase_of(rows: ir.Table | Mapping[str, ir.Value], rules: Rules, at: ir.IntegerValue) -> ir.StringValue:
    """rows: a column per fact with the instant at which it happened last, null where it did not."""
    arms = []
    for rule in rules.rules:
        last = rows[rule.fact]
        holds = last.notnull() if rule.lasts is None else (last > at - rule.lasts).fill_null(False)
        for name in rule.unless:
            holds = holds & ~(rows[name] >= last).fill_null(False)
        arms.append((holds, rule.phase))
    return ibis.cases(*arms, else_=rules.otherwise)
