"""The retention chain: first contact → satisfaction → loyalty → retention → economic success, each link on linked data.

Every customer is followed from the first satisfaction answer on, so that what is to have an effect comes before it: loyalty
in the 90 days after, retention in the 90 days after those, revenue in the 180 days after those. Strength is Pearson's
correlation with Fisher's interval (Fisher 1921), from sums; words after Cohen (1988). Money enters as log(1 + amount).
After Homburg & Bruhn's chain of effects of customer retention. A correlation is not yet a cause.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.measure.lifecycle import customer_orders
from schwung.measure.missing import Missing
from schwung.measure.promise import due_at
from schwung.measure.reading import Reading
from schwung.measure.scope import Scope
from schwung.measure.scores import scores

LEAST = 100
LOYALTY_DAYS, RETENTION_DAYS, SUCCESS_DAYS = 90, 90, 180
FOLLOW_DAYS = LOYALTY_DAYS + RETENTION_DAYS + SUCCESS_DAYS
_Z = 1.959963984540054
Stage = Literal["first_contact", "satisfaction", "loyalty", "retention", "success"]
Word = Literal["too_few", "no_variation", "not_supported", "very_weak", "weak", "medium", "strong"]
STAGES: dict[Stage, Text] = {
    "first_contact": Text("First contact", "Erstkontakt"),
    "satisfaction": Text("Satisfaction", "Zufriedenheit"),
    "loyalty": Text("Loyalty", "Loyalität"),
    "retention": Text("Retention", "Bindung"),
    "success": Text("Economic success", "Ökonomischer Erfolg"),
}
MEASURES: dict[str, Text] = {
    "first_in_time": Text("First order came in time", "Erste Bestellung kam pünktlich"),
    "first_impression": Text("First impression (attract answers)", "Erster Eindruck (Antworten zum Anziehen)"),
    "satisfaction": Text("Satisfaction (stars, CSAT, effort)", "Zufriedenheit (Sterne, CSAT, Aufwand)"),
    "recommendation": Text("Recommendation (0 to 10)", "Weiterempfehlung (0 bis 10)"),
    "cross_buying": Text("Cross-buying (different products)", "Cross-Buying (verschiedene Artikel)"),
    "full_price": Text("Price acceptance (share without discount)", "Preisakzeptanz (Anteil ohne Rabatt)"),
    "ordered_again": Text("Ordered again", "Wieder bestellt"),
    "revenue": Text("Revenue", "Umsatz"),
}
LINKS: tuple[tuple[Stage, str, Stage, str], ...] = (
    ("first_contact", "first_impression", "satisfaction", "satisfaction"),
    ("first_contact", "first_in_time", "satisfaction", "satisfaction"),
    ("satisfaction", "satisfaction", "loyalty", "recommendation"),
    ("satisfaction", "satisfaction", "loyalty", "cross_buying"),
    ("satisfaction", "satisfaction", "loyalty", "full_price"),
    ("loyalty", "recommendation", "retention", "ordered_again"),
    ("loyalty", "cross_buying", "retention", "ordered_again"),
    ("loyalty", "full_price", "retention", "ordered_again"),
    ("retention", "ordered_again", "success", "revenue"),
)
WORDS: dict[Word, Text] = {
    "too_few": Text("too few linked customers", "zu wenige verknüpfte Kunden"),
    "no_variation": Text("all alike: nothing to link", "alle gleich: nichts zu verknüpfen"),
    "not_supported": Text("the data do not support this link", "die Daten stützen dieses Glied nicht"),
    "very_weak": Text("very weak", "sehr schwach"),
    "weak": Text("weak", "schwach"),
    "medium": Text("medium", "mittel"),
    "strong": Text("strong", "stark"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """strength: correlation −1 to 1 with its 95 % interval; n: linked customers."""

    source: Stage
    measure: str
    target: Stage
    effect: str
    strength: Estimate
    word: Word

    def to_json(self) -> dict[str, Any]:
        found = self.strength
        known = self.word not in ("too_few", "no_variation")
        return {
            "from": self.source,
            "measure": self.measure,
            "to": self.target,
            "effect": self.effect,
            "strength": found.value if known else None,
            "low": found.low if known else None,
            "high": found.high if known else None,
            "n": found.n,
            "word": self.word,
        }


@dataclass(frozen=True, slots=True)
class RetentionChain:
    """All links of all customers (or those of a list), and of each kind at the time of the answer (`new`, `existing`)."""

    links: tuple[Link, ...]
    by_kind: Mapping[str, tuple[Link, ...]]
    missing: tuple[Missing, ...] = ()
    list_no: int | None = None
    list_name: Text | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "list": self.list_no,
            "list_name": self.list_name and {"en": self.list_name.en, "de": self.list_name.de},
            "links": [link.to_json() for link in self.links],
            "by_kind": {kind: [link.to_json() for link in links] for kind, links in self.by_kind.items()},
            "missing": [lack.to_json() for lack in self.missing],
        }


def retention_chain(reading: Reading) -> RetentionChain:
    """From all facts up to the end of the question's window."""
    rows = reading.rows("links", lambda scope: sums(linked(scope))).to_pylist()
    total: dict[str, float] = {}
    for row in rows:
        for name, value in row.items():
            if name != "kind":
                total[name] = total.get(name, 0) + (value or 0)
    if not total.get("customers"):
        return RetentionChain((), {}, (_NO_ANSWERS,))
    kinds = {row["kind"]: _links(row) for row in sorted(rows, key=lambda row: row["kind"], reverse=True)}
    return RetentionChain(_links(total), kinds)


_NO_ANSWERS = Missing(
    "answers",
    Text(
        f"No customer has answered a satisfaction question at least {FOLLOW_DAYS} days ago: nothing can be followed yet.",
        f"Kein Kunde hat vor mindestens {FOLLOW_DAYS} Tagen eine Zufriedenheitsfrage beantwortet: Es gibt noch nichts zu verfolgen.",
    ),
    "/imports/new?kind=answers",
    Text("Import answers", "Antworten einlesen"),
)


def linked(scope: Scope) -> ir.Table:
    """One row per customer followed to the end: kind, and the measures; null where a customer has none."""
    answers = scores(scope)
    anchors = _anchors(scope, answers)
    orders = customer_orders(scope).select("customer_id", "order_key", "ordered_at", "amount_minor")
    rows = anchors.left_join(_bought(orders, anchors), "customer_id", rname="bought_{name}")
    for part in (
        _impression(answers, anchors),
        _recommended(answers, anchors),
        _products(scope, anchors),
        _prices(scope, anchors),
        _first_delivery(scope),
    ):
        rows = rows.left_join(part, "customer_id", rname="other_{name}").drop("other_customer_id")
    return rows.select(
        kind=(rows.orders_before > 1).fill_null(False).ifelse("existing", "new"),
        first_impression=rows.first_impression,
        first_in_time=rows.first_in_time,
        satisfaction=rows.satisfaction,
        recommendation=rows.recommendation,
        cross_buying=rows.cross_buying.cast("float64"),
        full_price=rows.full_price,
        ordered_again=rows.ordered_again.fill_null(0).cast("float64"),
        revenue=(rows.revenue.fill_null(0).cast("float64") / 10 ** exponent_of(scope.question.currency) + 1).ln(),
    )


def sums(rows: ir.Table) -> ir.Table:
    """Per kind: customers, and for each link n, x, y, xx, yy, xy over those who have both."""
    found: dict[str, ir.Value] = {"customers": rows.count()}
    for nth, (_source, measure, _target, effect) in enumerate(LINKS):
        both = rows[measure].notnull() & rows[effect].notnull()
        x, y = (both.ifelse(rows[name], 0.0) for name in (measure, effect))
        parts = {"n": both.cast("int64"), "x": x, "y": y, "xx": x * x, "yy": y * y, "xy": x * y}
        found |= {f"{name}_{nth}": value.sum() for name, value in parts.items()}
    return rows.group_by("kind").agg(**found)


def _anchors(scope: Scope, answers: ir.Table) -> ir.Table:
    """Each customer's first satisfaction answer whose follow-up is complete: customer_id, since_at, satisfaction."""
    asked = answers.filter(_.metric != "nps", (_.phase != "attract").fill_null(True))
    here = ibis.window(group_by="customer_id", order_by=["answered_at", "answer_key"])
    first = asked.mutate(place=ibis.row_number().over(here)).filter(_.place == 0)
    whole = first.answered_at <= scope.question.until_at - FOLLOW_DAYS * DAY
    return first.filter(whole).select("customer_id", since_at=_.answered_at, satisfaction=_.score)


def _after(rows: ir.Table, time: str, start: int, days: int) -> ir.BooleanValue:
    """Whether the instant lies in the stretch that begins so many days after the answer."""
    since = rows.since_at + start * DAY
    return (rows[time] > since) & (rows[time] <= since + days * DAY)


def _bought(orders: ir.Table, anchors: ir.Table) -> ir.Table:
    rows = orders.join(anchors, "customer_id")
    retained = _after(rows, "ordered_at", LOYALTY_DAYS, RETENTION_DAYS)
    earned = _after(rows, "ordered_at", LOYALTY_DAYS + RETENTION_DAYS, SUCCESS_DAYS)
    rows = rows.mutate(
        before=(rows.ordered_at <= rows.since_at).ifelse(1, 0),
        retained=retained.ifelse(1, 0),
        earned=earned.ifelse(rows.amount_minor.fill_null(0), 0),
    )
    return rows.group_by("customer_id").agg(
        orders_before=_.before.sum(), ordered_again=_.retained.max(), revenue=_.earned.sum()
    )


def _impression(answers: ir.Table, anchors: ir.Table) -> ir.Table:
    rows = answers.filter(_.phase == "attract").join(anchors, "customer_id")
    return rows.filter(rows.answered_at <= rows.since_at).group_by("customer_id").agg(first_impression=_.score.mean())


def _recommended(answers: ir.Table, anchors: ir.Table) -> ir.Table:
    """The first answer on the 0–10 question from the anchor on, within the loyalty window."""
    rows = answers.filter(_.metric == "nps").join(anchors, "customer_id")
    rows = rows.filter((rows.answered_at >= rows.since_at) & (rows.answered_at <= rows.since_at + LOYALTY_DAYS * DAY))
    here = ibis.window(group_by="customer_id", order_by=["answered_at", "answer_key"])
    first = rows.mutate(place=ibis.row_number().over(here)).filter(_.place == 0)
    return first.select("customer_id", recommendation=_.score / 10)


def _products(scope: Scope, anchors: ir.Table) -> ir.Table:
    """Different products bought in the loyalty window, of those who bought."""
    lines = scope.table("order_lines", True).filter(_.is_product, _.customer_id.notnull())
    lines = lines.semi_join(customer_orders(scope), "order_key")
    rows = lines.join(anchors, "customer_id")
    inside = rows.filter(_after(rows, "ordered_at", 0, LOYALTY_DAYS))
    return inside.group_by("customer_id").agg(cross_buying=_.product_id.nunique())


def _prices(scope: Scope, anchors: ir.Table) -> ir.Table:
    """1 − discounts ÷ list price over the orders of the loyalty window; only orders whose discount is stated."""
    orders = scope.table("orders", True).filter(~_.is_cancelled, _.discount_minor.notnull(), _.customer_id.notnull())
    rows = orders.join(anchors, "customer_id")
    inside = rows.filter(_after(rows, "ordered_at", 0, LOYALTY_DAYS))
    paid = inside.group_by("customer_id").agg(amount=_.amount_minor.sum(), discount=_.discount_minor.sum())
    whole = (paid.amount + paid.discount).nullif(0)
    return paid.select("customer_id", full_price=1 - paid.discount / whole)


def _first_delivery(scope: Scope) -> ir.Table:
    """1 where the first order came by the promised moment, 0 where later; without a promise or delivery not there."""
    states = scope.table("deliveries", False).filter(_.happened_at < scope.question.until_at)
    arrived = states.group_by("order_key").agg(
        delivered_at=ibis.cases((_.state == "delivered", _.happened_at)).min(), promised_at=_.promised_at.max()
    )
    rows = scope.first_orders().join(arrived, "order_key")
    rows = rows.filter(rows.delivered_at.notnull(), rows.promised_at.notnull())
    in_time = rows.delivered_at <= due_at(scope, rows.promised_at)
    return rows.select("customer_id", first_in_time=in_time.ifelse(1.0, 0.0))


def _links(row: Mapping[str, float]) -> tuple[Link, ...]:
    names = ("n", "x", "y", "xx", "yy", "xy")
    return tuple(
        Link(source, measure, target, effect, *_judged(correlation(*(row[f"{name}_{nth}"] or 0 for name in names))))
        for nth, (source, measure, target, effect) in enumerate(LINKS)
    )


def correlation(n: float, x: float, y: float, xx: float, yy: float, xy: float) -> Estimate:
    """Pearson's r from sums, with Fisher's interval tanh(atanh r ± z ÷ √(n − 3)). value None where one side is constant."""
    count = round(n)
    if count < 4:
        return Estimate(None, n=count)
    spread_x, spread_y = xx - x * x / n, yy - y * y / n
    if spread_x <= 1e-9 * abs(xx) or spread_y <= 1e-9 * abs(yy):
        return Estimate(None, n=count)
    r = max(-1.0, min(1.0, (xy - x * y / n) / math.sqrt(spread_x * spread_y)))
    if abs(r) == 1:
        return Estimate(r, r, r, count)
    middle, half = math.atanh(r), _Z / math.sqrt(count - 3)
    return Estimate(r, math.tanh(middle - half), math.tanh(middle + half), count)


def _judged(found: Estimate) -> tuple[Estimate, Word]:
    if found.n < LEAST:
        return found, "too_few"
    if found.value is None or found.low is None or found.high is None:
        return found, "no_variation"
    if found.low <= 0 <= found.high:
        return found, "not_supported"
    size = abs(found.value)
    return found, "very_weak" if size < 0.1 else "weak" if size < 0.3 else "medium" if size < 0.5 else "strong"
