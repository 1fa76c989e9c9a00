"""Reads all rules together: states by their thresholds, changes against earlier periods, corrected over all that is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.core.period import Period
from schwung.core.text import Text
from schwung.measure.diagnosis.change import EARLIER, Change, changes
from schwung.measure.diagnosis.finding import Finding, Money
from schwung.measure.diagnosis.rule import SERIES, Context, Read, Rule
from schwung.measure.diagnosis.rules import BY_NAME, RULES
from schwung.measure.diagnosis.rules.nps_falling import evidence as nps_evidence
from schwung.measure.inference import holm
from schwung.measure.rolling import ByDay, Windows
from schwung.measure.scope import Scope

ALARMS = 0.05
"""Chance of any false alarm about a change, over all rules and slices of a period."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """findings: by money, the dearest first. looked: how many numbers were compared with earlier periods."""

    period: Period
    currency: str
    findings: tuple[Finding, ...]
    looked: int

    @property
    def changes(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.sort == "change")

    def to_json(self) -> dict[str, Any]:
        """Money in major units."""
        return {
            "since": self.period.since_on.isoformat(),
            "until": self.period.until_on.isoformat(),
            "currency": self.currency,
            "looked": self.looked,
            "findings": [one.to_json() for one in self.findings],
        }


def diagnose(context: Context, rules: Sequence[Rule] = RULES) -> Diagnosis:
    """rules: those that are switched on."""
    judged, looked = judged_changes(context.period, context.read, context.limits, rules)
    found = [_said(context, rule, change) for rule, change in judged]
    found += [one for rule in rules if rule.judge for one in rule.judge(rule, context)]
    found.sort(key=lambda one: (one.money is None, -(one.money.amount if one.money else 0.0), one.rule, one.slice))
    ranked = tuple(one.ranked(place) for place, one in enumerate(found, 1))
    return Diagnosis(context.period, context.currency, ranked, looked)


def judged_changes(
    period: Period, read: Read, limits: Mapping[str, float], rules: Sequence[Rule] = RULES
) -> tuple[list[tuple[Rule, Change]], int]:
    """What is clearly worse than before, corrected over all (Holm), and how much was looked at."""
    windows = Windows.of(period)
    single = [rule for rule in rules if rule.series]
    if not single:
        return [], 0
    rows = ByDay.of(read(lambda scope: ibis.union(*(_series(rule, scope, windows) for rule in single), distinct=False)))
    looked: list[tuple[Rule, Change]] = []
    for rule in single:
        own = rows.where(rows["rule"] == rule.name)
        ended = Windows(windows.last - rule.follow_days, windows.days)
        looked += [(rule, one) for one in changes(own, ended, rule.better, rule.least, rule.cumulated)]
    by_name: dict[str, Change] = {rule.name: one for rule, one in looked if not one.slice}
    looked += [(rule, both) for rule in rules if rule.unites and (both := _united(rule, by_name)) is not None]
    adjusted = holm([one.p for _, one in looked])
    found = [
        (rule, replace(one, p=p))
        for (rule, one), p in zip(looked, adjusted, strict=True)
        if p < ALARMS and one.relative >= limits.get(rule.name, rule.threshold.default)
    ]
    return found, len(looked)


def _series(rule: Rule, scope: Scope, windows: Windows) -> ir.Table:
    """Only the days that the earlier periods need; who is at risk has to be summed up from the first day on."""
    assert rule.series is not None
    rows = rule.series(scope, windows)
    last = windows.last - rule.follow_days
    rows = rows.filter(rows.day <= last)
    if not rule.cumulated:
        rows = rows.filter(rows.day > last - windows.days * (EARLIER + 1) - 1)
    return rows.mutate(rule=ibis.literal(rule.name)).select(*SERIES)


def _united(rule: Rule, found: Mapping[str, Change]) -> Change | None:
    """The first one together with the clearest of the others: as sure as the less sure of both."""
    first, *others = rule.unites
    beside = [found[name] for name in others if name in found]
    if first not in found or not beside:
        return None
    clearest = min(beside, key=lambda one: one.p)
    return replace(found[first], p=max(found[first].p, clearest.p), excess=clearest.excess)


def _said(context: Context, rule: Rule, change: Change) -> Finding:
    if rule.say is not None:
        return replace(rule.say(rule, context, change), slice=change.slice, p=change.p)
    nps = BY_NAME["nps_falling"]
    assert nps.say is not None
    one = nps.say(rule, context, change)
    claim = Text(
        "Customers are lost or come back less, and recommend less: {now} in place of {usual}.",
        "Kunden gehen verloren oder kommen seltener wieder und empfehlen weniger: {now} statt {usual}.",
    )
    marks = {name: round(100 * (part.value or 0)) for name, part in (("now", change.now), ("usual", change.usual))}
    money: Money | None = None
    return replace(
        one, claim=claim.fill(**marks), evidence=nps_evidence(change), money=money, unpriced=_COUNTED, p=change.p
    )


_COUNTED = Text(
    "Its money stands at the findings that it joins.", "Sein Geld steht bei den Befunden, die es verbindet."
)
