"""Points that were given out weigh much against revenue."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.finding import Evidence, Finding, Link, Money
from schwung.measure.diagnosis.rule import Context, Rule, Threshold
from schwung.measure.diagnosis.texts import metric
from schwung.measure.inference import Estimate

_TITLE = Text("Open points ÷ a year's revenue", "Offene Punkte ÷ Umsatz eines Jahres")


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    owed, sold = context.one("points_liability"), context.one("revenue", 365)
    if owed is None or sold is None or not sold.estimate.value or not owed.estimate.value:
        return []
    part = owed.estimate.value / sold.estimate.value
    if part < rule.limit(context):
        return []
    return [
        rule.finding(
            Text("Open points are worth {owed}: {part} of a year's revenue.", "Offene Punkte sind {owed} wert: {part} eines Jahresumsatzes.").fill(
                owed=said.money(owed.estimate.value, context.currency), part=said.share(part)),
            [Evidence(_TITLE, "share", Estimate(part, n=owed.estimate.n))],
            Link(Text("Check expiry and redemption", "Verfall und Einlösung prüfen"), "/metrics/redemption_rate"),
            metric("points_liability", Text("points liability", "Punkteverbindlichkeit")),
            money=Money(owed.estimate.value, None, None, Text("open points × their value, as the settings say", "offene Punkte × Punktwert laut Einstellungen")),
        )
    ]  # fmt: skip


RULE = Rule(
    name="points_liability",
    title=Text("Points weigh much", "Punkte wiegen schwer"),
    sort="standing",
    phase="delight",
    definition=Text("Value of open points ÷ revenue of a year.", "Wert offener Punkte ÷ Umsatz eines Jahres."),
    threshold=Threshold(0.02, "share", Text("the share is at least this", "der Anteil mindestens so groß ist")),
    judge=judge,
)
