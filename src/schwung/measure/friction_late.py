"""What late deliveries and returns of a period cost, from their sums by day."""

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.effect import Effect
from schwung.measure.friction import Outflow, Waiting
from schwung.measure.friction_deliveries import LATE_AFTER_DAYS, NEXT_DAYS
from schwung.measure.friction_pricing import Stake, Words, Worth, effect_of, outflow, too_few
from schwung.measure.missing import Missing, lacks
from schwung.measure.rolling import ByDay, Windows

LATE = Words(
    "late",
    "interact_delight",
    Text("Late deliveries", "Verspätete Lieferungen"),
    Text("late deliveries", "zu spät geliefert"),
    Text("late deliveries", "verspätete Lieferungen"),
    Text(
        f"Comparable customers who were served in time: {{expected}} order again within {NEXT_DAYS} days of the delivery.",
        f"Vergleichbare Kunden mit pünktlicher Lieferung: {{expected}} bestellen binnen {NEXT_DAYS} Tagen danach wieder.",
    ),
    Text("After a late delivery: {happened}.", "Nach einer verspäteten Lieferung: {happened}."),
    Text(
        f"Late: after the promised day; without one, more than {LATE_AFTER_DAYS} days after the order. Compared within the "
        "same month and number of orders so far: {n} late with {others} timely deliveries of 12 months whose "
        f"{NEXT_DAYS} days are over.",
        f"Verspätet: nach dem zugesagten Tag; ohne Zusage mehr als {LATE_AFTER_DAYS} Tage nach der Bestellung. Verglichen "
        "im selben Monat und bei gleicher Zahl bisheriger Bestellungen: {n} verspätete mit {others} pünktlichen Lieferungen "
        f"aus 12 Monaten, deren {NEXT_DAYS} Tage vorbei sind.",
    ),
)
RETURNED = Words(
    "returned",
    "interact_delight",
    Text("Returns", "Rückgaben"),
    Text("goods returned", "zurückgegeben"),
    Text("orders with returns", "Bestellungen mit Rückgabe"),
    Text(
        f"Comparable customers who kept their goods: {{expected}} order again within {NEXT_DAYS} days of the order.",
        f"Vergleichbare Kunden, die ihre Ware behielten: {{expected}} bestellen binnen {NEXT_DAYS} Tagen nach der Bestellung wieder.",
    ),
    Text("Of those who sent goods back: {happened}.", "Von denen, die Ware zurückgaben: {happened}."),
    Text(
        "Compared within the same month and number of orders so far: {n} orders with returns and {others} without, of 12 "
        f"months whose {NEXT_DAYS} days are over. Late orders count as late only. Refunds are not in it; revenue has them.",
        "Verglichen im selben Monat und bei gleicher Zahl bisheriger Bestellungen: {n} Bestellungen mit und {others} ohne "
        f"Rückgabe aus 12 Monaten, deren {NEXT_DAYS} Tage vorbei sind. Verspätete zählen nur als verspätet. Erstattungen "
        "stehen im Umsatz, nicht hier.",
    ),
)


def late(rows: ByDay, windows: Windows, worth: Worth, currency: str) -> Outflow | Missing:
    """Late deliveries × the next orders that customers served in time place more × value of an order."""
    deliveries = rows.where(rows["which"] == "delivery")
    if not len(deliveries):
        return lacks(
            "deliveries",
            "When orders were delivered is not known: late deliveries have no price.",
            "Wann geliefert wurde, ist nicht bekannt: Verspätungen haben keinen Preis.",
        )
    effect = effect_of(_binary(deliveries), windows, NEXT_DAYS)
    if effect is None:
        return too_few("late", LATE.cases)
    is_late = deliveries["is_hit"].astype(bool)
    now, others = (deliveries.where(kept).within(windows.now) for kept in (is_late, ~is_late))
    waiting = Waiting(
        Text("days from order to delivery", "Tage von der Bestellung bis zur Lieferung"),
        now.total("waited") / max(1.0, now.total("cases")),
        others.total("waited") / others.total("cases") if others.total("cases") else None,
    )
    return _priced(
        LATE, deliveries.where(is_late), windows, effect, worth, currency, rows, "late", _first(deliveries), waiting
    )


def returned(rows: ByDay, windows: Windows, worth: Worth, currency: str) -> Outflow | Missing:
    """Orders of which goods came back × the next orders that customers who kept theirs place more × value of an order."""
    back = rows.where(rows["which"] == "return")
    if not len(back):
        return lacks(
            "returns",
            "No return is known to belong to an order: returns have no price.",
            "Von keiner Rückgabe ist die Bestellung bekannt: Rückgaben haben keinen Preis.",
        )
    effect = effect_of(_binary(rows.where(rows["which"] == "order")), windows, NEXT_DAYS)
    if effect is None:
        return too_few("returned", RETURNED.cases)
    return _priced(
        RETURNED, back, windows, effect, worth, currency, rows, "returned", _first(rows.where(rows["which"] == "order"))
    )


def _priced(
    words: Words, hits: ByDay, windows: Windows, effect: Effect, worth: Worth, currency: str, rows: ByDay, which: str,
    first_day: int, waiting: Waiting | None = None,
) -> Outflow:  # fmt: skip
    cases = hits.within(windows.now).total("cases")
    basis = Text(
        "{n} {what} × {rate} fewer next orders × {worth}", "{n} {what} × {rate} weniger Folgebestellungen × {worth}"
    )
    if effect.lost <= 0:
        basis = Text("{n} {what}, not followed by fewer orders", "{n} {what}, danach wurde nicht seltener bestellt")
    return outflow(
        words,
        windows,
        effect,
        Stake(lambda window: hits.total_in("cases", window), lambda window: worth.value, worth.error),
        basis.fill(
            n=said.count(cases),
            what=words.cases,
            rate=said.points(effect.lost),
            worth=said.money(worth.value, currency),
        ),
        customers=int(rows.where(rows["which"] == which).total("n")),
        first_day=first_day,
        waiting=waiting,
    )


def _binary(rows: ByDay) -> ByDay:
    """An outcome of 0 or 1 is its own square."""
    return ByDay({**rows.columns, "again_squared": rows["again"]})


def _first(rows: ByDay) -> int:
    return int(rows["day"].min())
