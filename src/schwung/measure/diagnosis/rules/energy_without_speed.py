"""More is put into a phase, and the wheel turns no faster."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.finding import PHASES, Evidence, Finding, Link, Money
from schwung.measure.diagnosis.rule import Context, Rule, Threshold
from schwung.measure.inference import Estimate


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    speed = context.flywheel.speed
    if speed.before is None or speed.difference is None or speed.difference.word in ("clearly_higher", "too_few"):
        return []
    found = []
    for phase, title in PHASES.items():
        put = context.flywheel.energy.by_phase.get(phase)
        if put is None or not put.amount_before or put.amount / put.amount_before - 1 < rule.limit(context):
            continue
        more = put.amount - put.amount_before
        found.append(
            rule.finding(
                Text("{more} more was put into “{phase}”, and the wheel turns no faster.",
                     "In „{phase}“ flossen {more} mehr, und das Rad dreht nicht schneller.").fill(
                    more=said.money(more, context.currency), phase=title),
                [Evidence(Text("Speed", "Tempo"), "share", speed.estimate, speed.before, Text("the period before", "der Zeitraum davor")),
                 Evidence(Text("Spend", "Ausgaben"), "money", Estimate(put.amount), Estimate(put.amount_before), Text("the period before", "der Zeitraum davor"))],
                Link(Text("Check the campaigns of the phase", "Kampagnen der Phase prüfen"), "/metrics/campaign_roi"),
                Link(Text("Spend by phase", "Ausgaben nach Phase"), "/metrics/energy_spend?by=phase"),
                money=Money(more, None, None, Text("spend now − spend before", "Ausgaben jetzt − Ausgaben davor")),
                slice=phase,
            )
        )  # fmt: skip
    return found


RULE = Rule(
    name="energy_without_speed",
    title=Text("Energy without speed", "Energie ohne Tempo"),
    sort="standing",
    phase="attract",
    definition=Text(
        "Spend in a phase rose, the flywheel's speed did not clearly.",
        "Die Ausgaben einer Phase stiegen, das Tempo des Schwungrads nicht klar.",
    ),
    threshold=Threshold(
        0.25,
        "share",
        Text("spend rose by at least this share", "die Ausgaben um mindestens diesen Anteil stiegen"),
        0.01,
        5.0,
    ),
    judge=judge,
)
