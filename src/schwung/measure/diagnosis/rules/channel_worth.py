"""A channel brings customers who are worth clearly less than the others."""

from collections.abc import Sequence

from schwung.collect.touch import channel_title
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.finding import Evidence, Finding, Link, Money
from schwung.measure.diagnosis.rule import Context, Rule, Threshold
from schwung.measure.inference import corrected, difference

_TITLE = Text("Customer lifetime value", "Kundenwert")
_ALL = Text("all channels", "alle Kanäle")


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    whole = context.one("predicted_lifetime_value", 365)
    rows = [
        row
        for row in context.ask("predicted_lifetime_value", "channel", 365)
        if not row.too_few and row.estimate.value is not None
    ]
    if whole is None or len(rows) < 2 or not whole.estimate.value:
        return []
    found = []
    for row, lower in zip(rows, corrected([difference(row.estimate, whole.estimate, 30) for row in rows]), strict=True):
        if lower.word != "clearly_lower" or lower.relative is None or -lower.relative < rule.limit(context):
            continue
        n, name = row.estimate.n, str(row.cuts["channel"])
        part = n * context.period.days / 365
        basis = Text(
            "{n} customers a year × {each} less × {days} ÷ 365 days",
            "{n} Kunden im Jahr × {each} weniger × {days} ÷ 365 Tage",
        )
        assert lower.value is not None and lower.low is not None and lower.high is not None
        found.append(
            rule.finding(
                Text("Customers who came by {channel} are worth {value}; all are {all}.",
                     "Kunden aus dem Kanal {channel} sind {value} wert; alle {all}.").fill(
                    channel=channel_title(name), value=said.money(row.estimate.value or 0, context.currency), all=said.money(whole.estimate.value, context.currency)),
                [Evidence(_TITLE, "money", row.estimate, whole.estimate, _ALL)],
                Link(Text("Check terms and targeting there", "Konditionen und Zielgruppe dort prüfen"), "/metrics/discount_share?by=channel"),
                Link(Text("Value by channel", "Kundenwert nach Kanal"), "/metrics/predicted_lifetime_value?by=channel"),
                money=Money(-lower.value * part, max(0.0, -lower.high * part), -lower.low * part,
                            basis.fill(n=said.count(n), each=said.money(-lower.value, context.currency), days=context.period.days)),
                slice=name,
            )
        )  # fmt: skip
    return found


RULE = Rule(
    name="channel_worth",
    title=Text("A channel's customers are worth less", "Kunden eines Kanals sind weniger wert"),
    sort="standing",
    phase="attract",
    definition=Text(
        "Lifetime value of customers first seen in a year by a channel (without a trained model: so far), against all; corrected for all channels looked at.",
        "Wert der Kunden, die ein Kanal binnen eines Jahres brachte, über ihre Lebenszeit (ohne trainiertes Modell: bisher), gegen alle; korrigiert für alle Kanäle.",
    ),
    threshold=Threshold(
        0.15, "share", Text("it is lower by at least this share", "er um mindestens diesen Anteil niedriger ist")
    ),
    judge=judge,
)
