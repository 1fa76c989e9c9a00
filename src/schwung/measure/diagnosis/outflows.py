"""Findings that say what the wheel's outflows cost."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.finding import Evidence, Finding, Link, Money
from schwung.measure.diagnosis.rule import Context, Rule, Threshold
from schwung.measure.diagnosis.texts import save_list
from schwung.measure.inference import Estimate

AT_LEAST = Threshold(
    0.0,
    "count",
    Text("the money lost is at least this, at the low end of its interval", "der Verlust am unteren Ende des Intervalls mindestens so groß ist"),
    0.0,
    1e9,
)  # fmt: skip
_CASES = Text("Cases in the period", "Fälle im Zeitraum")
_BEFORE = Text("the period before, in money", "der Zeitraum davor, in Geld")


def of_outflow(rule: Rule, context: Context, name: str, claim: Text, look: Link) -> Sequence[Finding]:
    """The outflow as a finding, where its whole interval lies above the threshold."""
    flow = context.outflow(name)
    if flow is None or flow.low <= rule.limit(context):
        return []
    lost = Estimate(flow.amount, flow.low, flow.high, flow.cases)
    beside = None if flow.before is None else Estimate(flow.before)
    evidence = [
        Evidence(_CASES, "count", Estimate(flow.cases, n=flow.customers)),
        Evidence(flow.title, "money", lost, beside, _BEFORE if beside else None),
    ]
    return [
        rule.finding(
            claim.fill(n=said.count(flow.customers)),
            evidence,
            save_list(name),
            look,
            money=Money(flow.amount, flow.low, flow.high, flow.basis),
        )
    ]
