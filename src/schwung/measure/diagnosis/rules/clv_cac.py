"""A channel's customers bring less than three times what they cost to win."""

from collections.abc import Sequence

from schwung.collect.touch import channel_title
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.finding import Evidence, Finding, Link, Money
from schwung.measure.diagnosis.rule import Context, Rule, Threshold
from schwung.measure.inference import Estimate

_TITLE = Text("CLV : CAC", "CLV : CAC")


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    limit = rule.limit(context)
    costs = {row.cuts["channel"]: row.estimate for row in context.ask("customer_acquisition_cost", "channel", 365)}
    found = []
    for row in context.ask("clv_cac_ratio", "channel", 365):
        ratio, name = row.estimate, str(row.cuts["channel"])
        cost = costs.get(row.cuts["channel"])
        if (
            row.too_few
            or ratio.value is None
            or ratio.high is None
            or ratio.high >= limit
            or cost is None
            or not cost.value
        ):
            continue
        spent = cost.value * cost.n
        found.append(
            rule.finding(
                Text("Customers won by {channel} bring {ratio} times their cost; {limit} is the aim.",
                     "Kunden aus dem Kanal {channel} bringen das {ratio}-Fache ihrer Kosten; Ziel ist das {limit}-Fache.").fill(
                    channel=channel_title(name), ratio=said.decimal(ratio.value, 1), limit=said.decimal(limit, 1)),
                [Evidence(_TITLE, "ratio", ratio, Estimate(limit), Text("the aim", "das Ziel"))],
                Link(Text("Save its customers as a list", "Kunden des Kanals als Liste sichern"), "/lists"),
                Link(Text("CLV : CAC by channel", "CLV : CAC nach Kanal"), "/metrics/clv_cac_ratio?by=channel"),
                money=_money(context, spent, ratio, limit),
                slice=name,
            )
        )  # fmt: skip
    return found


def _money(context: Context, spent: float, ratio: Estimate, limit: float) -> Money:
    """Spend beyond what the customers' value bears, scaled from a year to the period."""
    part = context.period.days / 365

    def beyond(value: float) -> float:
        return max(0.0, spent * (1 - value / limit)) * part

    basis = Text(
        "spend of a year {spent} × (1 − {ratio} ÷ {limit}) × {days} ÷ 365 days",
        "Ausgaben eines Jahres {spent} × (1 − {ratio} ÷ {limit}) × {days} ÷ 365 Tage",
    )
    return Money(
        beyond(ratio.value or 0), beyond(ratio.high or 0), beyond(ratio.low or 0),
        basis.fill(spent=said.money(spent, context.currency), ratio=said.decimal(ratio.value or 0, 2),
                   limit=said.decimal(limit, 1), days=context.period.days),
    )  # fmt: skip


RULE = Rule(
    name="clv_cac",
    title=Text("CLV : CAC under the aim", "CLV : CAC unter dem Ziel"),
    sort="standing",
    phase="attract",
    definition=Text(
        "What customers first seen in a year by a channel bring over their lifetime (without a trained model: so far) ÷ what was spent there to win them; the whole interval lies under the aim.",
        "Was Kunden, die ein Kanal binnen eines Jahres brachte, über ihre Lebenszeit einbringen (ohne trainiertes Modell: bisher), ÷ Ausgaben dort; das ganze Intervall liegt unter dem Ziel.",
    ),
    threshold=Threshold(3.0, "ratio", Text("the ratio lies under this", "das Verhältnis darunter liegt"), 0.1, 20.0),
    judge=judge,
)
