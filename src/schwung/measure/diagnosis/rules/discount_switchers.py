"""Better terms go to new customers than to the loyal."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.finding import Evidence, Finding, Link, Money
from schwung.measure.diagnosis.rule import Context, Rule, Threshold
from schwung.measure.inference import difference

_TITLE = Text("Discount share, first orders", "Rabattanteil, erste Bestellungen")
_LOYAL = Text("existing customers", "Bestandskunden")


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    rows = {row.cuts["kind"]: row for row in context.ask("discount_share", "kind", 90)}
    fresh, loyal = rows.get("lead"), rows.get("existing")
    if fresh is None or loyal is None or fresh.too_few or loyal.too_few:
        return []
    more = difference(fresh.estimate, loyal.estimate, 30)
    if more.word != "clearly_higher" or more.value is None or more.value < rule.limit(context):
        return []
    sold = {row.cuts["kind"]: row.estimate.value for row in context.ask("revenue", "kind", 90)}
    listed = (sold.get("lead") or 0.0) / max(0.01, 1 - (fresh.estimate.value or 0)) * context.period.days / 90
    basis = Text(
        "{points} more discount × {sold} first orders at list price",
        "{points} mehr Rabatt × {sold} erste Bestellungen zum Listenpreis",
    )
    return [
        rule.finding(
            Text("First orders get {new} off, the loyal {loyal}.", "Erste Bestellungen bekommen {new} Rabatt, Bestandskunden {loyal}.").fill(
                new=said.share(fresh.estimate.value or 0), loyal=said.share(loyal.estimate.value or 0)),
            [Evidence(_TITLE, "share", fresh.estimate, loyal.estimate, _LOYAL)],
            Link(Text("Set the terms beside each other", "Konditionen nebeneinander legen"), "/metrics/discount_share?by=kind"),
            Link(Text("Discount share by campaign", "Rabattanteil nach Kampagne"), "/metrics/discount_share?by=campaign"),
            money=Money(more.value * listed, max(0.0, (more.low or 0) * listed), (more.high or 0) * listed,
                        basis.fill(points=said.points(more.value), sold=said.money(listed, context.currency))),
        )
    ]  # fmt: skip


RULE = Rule(
    name="discount_switchers",
    title=Text("Better terms for switchers than for the loyal", "Bessere Konditionen für Wechsler als für Treue"),
    sort="standing",
    phase="attract",
    definition=Text(
        "Discount share of first orders against that of existing customers, over 90 days.",
        "Rabattanteil erster Bestellungen gegen den der Bestandskunden, über 90 Tage.",
    ),
    threshold=Threshold(
        0.03, "share", Text("it is higher by at least so many points", "er um mindestens so viele Punkte höher ist")
    ),
    judge=judge,
)
