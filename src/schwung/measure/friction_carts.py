"""Attract → interact: carts that were not ordered. Lost: what comparable carts bring, less what was ordered later instead."""

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from schwung.core.clock import DAY
from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.friction import Outflow, Waiting
from schwung.measure.friction_pricing import Stake, Words, effect_of, outflow, too_few
from schwung.measure.lifecycle import NEVER, customer_orders, stays
from schwung.measure.missing import Missing, lacks
from schwung.measure.rolling import ByDay, Windows, local_day
from schwung.measure.scope import Scope

DECIDED_DAYS = 7
"""A cart that is neither ordered nor followed by another one or an order for so long is left."""
FOLLOW_DAYS = 60
CARTS = Words(
    "carts",
    "attract_interact",
    Text("Carts not ordered", "Warenkörbe ohne Bestellung"),
    Text("carts not ordered", "Warenkörbe nicht bestellt"),
    Text("carts left", "verlassene Warenkörbe"),
    Text("Of comparable carts, {expected} are ordered.", "Von vergleichbaren Warenkörben werden {expected} bestellt."),
    Text(
        f"These were not, nor was anything else for {DECIDED_DAYS} days; {{happened}} of these customers ordered later, within "
        f"{FOLLOW_DAYS} days, which is taken off.",
        f"Diese nicht, und {DECIDED_DAYS} Tage lang auch sonst nichts; {{happened}} dieser Kunden bestellten später, "
        f"binnen {FOLLOW_DAYS} Tagen, was abgezogen ist.",
    ),
    Text(
        f"Left: {DECIDED_DAYS} days without an order or another cart; counted on the day on which they are over. Compared within "
        "the same month and number of orders so far: {n} left carts with all {others} of 12 months.",
        f"Verlassen: {DECIDED_DAYS} Tage ohne Bestellung und ohne weiteren Warenkorb; gezählt an dem Tag, an dem sie vorbei sind. "
        "Verglichen im selben Monat und bei gleicher Zahl bisheriger Bestellungen: {n} verlassene mit allen {others} aus 12 Monaten.",
    ),
)
_AT_CHECKOUT = Text("Only carts that reached the checkout count.", "Es zählen nur Warenkörbe, die bis zur Kasse kamen.")
_ALL = Text(
    "No cart that was left is known to have reached the checkout, so all carts count.",
    "Von keinem verlassenen Warenkorb ist bekannt, dass er bis zur Kasse kam; daher zählen alle.",
)


def sums(carts: ir.Table, windows: Windows) -> ir.Table:
    """carts: `decided`. By day on which it was decided, is_hit (left, else ordered), level (orders so far), reached (the checkout): cases,
    again (an order came within `FOLLOW_DAYS`), again_squared, amount; and the period's distinct customers who left one."""
    carts = carts.filter(carts.day >= windows.first, carts.day <= windows.last)
    by_day = carts.group_by(["day", "is_hit", "level", "reached"]).agg(
        n=_.count(), again=_.came_back.sum(), again_squared=_.came_back.sum(),
        amount=_.amount_minor.fill_null(0).sum(), waited=_.waited.sum(),
    )  # fmt: skip
    now = carts.filter(carts.is_hit, carts.day >= windows.now[0])
    zero = ibis.literal(0).cast("int64")
    who = now.group_by("reached").agg(n=_.customer_id.nunique())
    who = who.select(
        day=ibis.literal(-1).cast("int64"), is_hit=ibis.literal(True), level=zero, reached=_.reached, n=_.n, again=zero,
        again_squared=zero, amount=zero, waited=zero,
    )  # fmt: skip
    wide = dict.fromkeys(("day", "level", "n", "again", "again_squared", "amount", "waited"), "int64")
    return ibis.union(by_day.cast(wide), who.select(by_day.columns).cast(wide))


def left(scope: Scope, windows: Windows) -> ir.Table:
    """Carts that count as left: at the checkout where any of them is known to have reached it, else all. With day."""
    rows = decided(scope)
    rows = rows.filter(rows.is_hit, rows.day >= windows.first, rows.day <= windows.last)
    return rows.mutate(whole=rows.reached.max().over(ibis.window())).filter(_.reached == _.whole)


def decided(scope: Scope) -> ir.Table:
    """Customers' carts that were ordered or left: customer_id, cart_key, day, is_hit, level, reached, came_back, amount_minor."""
    ready = scope.ready("carts", until_now=True)
    if ready is not None:
        return ready
    here = ibis.window(group_by="customer_id", order_by=["came_at", "cart_key"])
    rows = _carts(scope).mutate(next_cart_at=_.came_at.lead().over(here).fill_null(NEVER))
    between = _between_orders(scope)
    rows = rows.left_join(
        between, [rows.customer_id == between.who, between.from_at < rows.came_at, between.next_at >= rows.came_at]
    )
    next_order_at = rows.next_at.fill_null(NEVER)
    ordered = (rows.ordered_at <= rows.came_at + DECIDED_DAYS * DAY).fill_null(False)
    goes_on = ibis.least(rows.next_cart_at, next_order_at) <= rows.came_at + DECIDED_DAYS * DAY
    so_far = rows.so_far.fill_null(0)
    found = rows.select(
        "customer_id", "cart_key", "amount_minor",
        goes_on=goes_on,
        is_hit=~ordered,
        reached=rows.reached,
        day=local_day(scope, rows.came_at) + DECIDED_DAYS,
        level=ibis.cases((so_far == 0, 0), (so_far == 1, 1), (so_far < 4, 2), else_=3).cast("int64"),
        came_back=(next_order_at <= rows.came_at + FOLLOW_DAYS * DAY).ifelse(1, 0),
        waited=ibis.cases((ordered, (rows.ordered_at - rows.came_at) // 1_000_000), else_=0),
    )  # fmt: skip
    return found.filter(~_.is_hit | ~_.goes_on).drop("goes_on")


def _between_orders(scope: Scope) -> ir.Table:
    """Customers' time before, between and after their orders: who, so_far (orders until then), from_at, next_at."""
    orders = stays(customer_orders(scope), scope.question)
    after = orders.select(who=_.customer_id, so_far=_.nth, from_at=_.ordered_at, next_at=_.next_at)
    first = orders.filter(orders.nth == 1)
    before = first.select(
        who=_.customer_id,
        so_far=ibis.literal(0, "int64"),
        from_at=ibis.literal(-NEVER, "int64"),
        next_at=_.ordered_at,
    )
    return after.cast({"so_far": "int64"}).union(before)


def _carts(scope: Scope) -> ir.Table:
    """One row a cart: cart_key, customer_id, came_at, ordered_at (null: not), reached, amount_minor before the order."""
    question = scope.question

    def state(name: str, customer: bool = False) -> ir.Table:
        rows = scope.table("carts", customer).filter(_.state == name, _.happened_at < question.until_at)
        own = rows.currency.isnull() | (rows.currency == question.currency)
        return rows.mutate(amount_minor=ibis.cases((own, rows.amount_minor)))

    started = state("started", True).filter(_.customer_id.notnull())
    started = started.select("cart_key", "customer_id", "amount_minor", came_at=_.happened_at)
    paying = state("checkout").select("cart_key", paid_minor=_.amount_minor, paying_at=_.happened_at)
    ordered = state("ordered").select("cart_key", ordered_at=_.happened_at)
    rows = started.left_join(paying, "cart_key", rname="p_{name}").left_join(ordered, "cart_key", rname="o_{name}")
    return rows.select(
        "cart_key", "customer_id", "came_at", "ordered_at",
        reached=rows.paying_at.notnull() | rows.ordered_at.notnull(),
        amount_minor=ibis.greatest(rows.amount_minor, ibis.coalesce(rows.paid_minor, rows.amount_minor)),
    )  # fmt: skip


def carts(rows: ByDay, windows: Windows, currency: str) -> Outflow | Missing:
    """Carts left × (share of comparable carts that are ordered − orders that came later instead) × value of the carts."""
    if not len(rows):
        return lacks(
            "carts",
            "Carts are not known: what is left between visit and order has no price.",
            "Warenkörbe sind nicht bekannt: Was zwischen Besuch und Bestellung verloren geht, hat keinen Preis.",
        )
    reached = rows["reached"].astype(bool)
    knows_checkout = bool((reached & rows["is_hit"].astype(bool)).any())
    rows = rows.where(reached) if knows_checkout else rows
    by_day = rows.where(rows["day"] >= 0)
    effect = effect_of(_against_all(by_day), windows, FOLLOW_DAYS - DECIDED_DAYS)
    if effect is None:
        return too_few("carts", CARTS.cases)
    left = by_day.where(by_day["is_hit"].astype(bool))
    minor = 10 ** exponent_of(currency)

    def worth(window: tuple[int, int]) -> float:
        return left.total_in("amount", window) / minor / max(1.0, left.total_in("n", window))

    basis = Text(
        "{n} {what} × {rate} orders fewer × {worth}", "{n} {what} × {rate} Bestellungen weniger × {worth}"
    ).fill(
        n=said.count(left.within(windows.now).total("n")),
        what=CARTS.cases,
        rate=said.decimal(effect.lost, 2),
        worth=said.money(worth(windows.now), currency),
    )
    if effect.lost <= 0:
        fewer = Text("{n} {what}, not followed by fewer orders", "{n} {what}, danach wurde nicht seltener bestellt")
        basis = fewer.fill(n=said.count(left.within(windows.now).total("n")), what=CARTS.cases)
    note = _AT_CHECKOUT if knows_checkout else _ALL
    words = Words(
        CARTS.name, CARTS.hand_over, CARTS.title, CARTS.cause, CARTS.cases, CARTS.expected, CARTS.happened,
        Text(f"{note.en} {CARTS.comparison.en}", f"{note.de} {CARTS.comparison.de}"),
    )  # fmt: skip
    return outflow(
        words,
        windows,
        effect,
        Stake(lambda window: left.total_in("n", window), worth),
        basis,
        customers=int(rows.where(rows["day"] < 0).total("n")),
        first_day=int(by_day["day"].min()),
        waiting=_waiting(by_day.where(~by_day["is_hit"].astype(bool)).within(windows.now)),
    )


def _waiting(ordered: ByDay) -> Waiting:
    return Waiting(
        Text(
            "days from the first article to the order, where ordered",
            "Tage vom ersten Artikel bis zur Bestellung, wo bestellt",
        ),
        ordered.total("waited") / max(1.0, ordered.total("n")) / 86_400,
    )


def _against_all(rows: ByDay) -> ByDay:
    """Left carts with whether an order came later, beside all carts with whether they were ordered."""
    is_left = rows["is_hit"].astype(bool)
    left = rows.where(is_left)
    names = ("day", "level", "n", "again", "again_squared")
    ordered = np.where(is_left, 0, rows["n"])
    whole = {"day": rows["day"], "level": rows["level"], "n": rows["n"], "again": ordered, "again_squared": ordered}
    columns = {name: np.concatenate([left[name], whole[name]]) for name in names}
    is_hit = np.concatenate([np.ones(len(left), dtype=bool), np.zeros(len(rows), dtype=bool)])
    return ByDay({**columns, "is_hit": is_hit})
