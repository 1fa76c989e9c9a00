"""A customer's timeline as it is told: days as heads, one sentence each, what it was about, the amount."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from schwung.app.access import operators
from schwung.app.timeline import Entry
from schwung.collect.touch import CHANNELS
from schwung.core.clock import Instant
from schwung.web.console import format as shown
from schwung.web.console.page import Page

FILTERS = ("all", "purchases", "visits", "ours")
_KINDS = {"purchases": {"order", "return"}, "visits": {"event", "received"}, "ours": {"act"}}
_ICONS = {
    "order": "shopping-bag",
    "return": "truck-return",
    "act": "user-check",
    "page_viewed": "eye",
    "screen_viewed": "device-mobile",
    "product_viewed": "eye",
    "products_searched": "search",
    "product_added": "shopping-cart",
    "product_removed": "shopping-cart",
    "cart_viewed": "shopping-cart",
    "checkout_started": "credit-card",
    "payment_info_entered": "credit-card",
    "order_completed": "shopping-bag",
    "order_cancelled": "ban",
    "order_refunded": "receipt-refund",
    "order_delivered": "truck-delivery",
    "profile_identified": "id",
    "message_sent": "mail",
    "message_opened": "mail",
    "message_clicked": "click",
    "survey_answered": "star",
    "case_opened": "alert-circle",
    "nps_answered": "star",
    "csat_answered": "star",
    "ces_answered": "star",
    "product_reviewed": "star",
    "complaint_opened": "alert-circle",
    "case_answered": "message",
    "case_resolved": "circle-check",
    "case_closed": "circle-check",
    "order_shipped": "package",
    "payment_failed": "alert-triangle",
    "loyalty_joined": "id-badge-2",
    "signed_up": "user-plus",
    "signed_in": "login",
    "customer_referred": "users-plus",
    "merged": "git-merge",
    "unmerged": "arrows-split-2",
}
_WORDS = (
    ("cart", "shopping-cart"),
    ("order", "package"),
    ("product", "tag"),
    ("message", "mail"),
    ("email", "mail"),
    ("case", "alert-circle"),
    ("survey", "message"),
    ("points", "gift"),
    ("subscription", "refresh"),
    ("trial", "refresh"),
    ("lead", "user-plus"),
    ("referral", "users-plus"),
    ("view", "eye"),
)
_OURS = ("message_", "email_", "coupon_sent", "points_")
_MESSAGE_ID = 16
"""At least so long is an id that a client made up for a message."""
_GOOD = {"order_delivered"}
_BAD = {"case_opened", "complaint_opened", "complaint_filed", "payment_failed"}
_SCALES = {"nps_answered": 10, "csat_answered": 5, "ces_answered": 7, "product_reviewed": 5}
"""Highest value of each kind of answer, where the event does not say."""
_TOLD = (
    "title",
    "product_name",
    "name",
    "query",
    "subject",
    "topic",
    "text",
    "rating",
    "score",
    "category",
    "url",
    "path",
    "plan",
    "points",
    "campaign_name",
    "segment",
    "journey",
)


@dataclass(frozen=True, slots=True)
class Told:
    """icon, tone ("", "we", "good", "bad"), the sentence, its detail, a quote, the amount in minor units."""

    at: Instant
    icon: str
    tone: str
    sentence: str
    detail: str
    quote: str
    amount_minor: int | None
    currency: str | None


def days(page: Page, entries: Iterable[Entry], chosen: str) -> list[tuple[str, list[Told]]]:
    """Entries by local day, newest first."""
    zone = page.workspace.settings.workspace.zone
    kept = [entry for entry in entries if chosen == "all" or entry.kind in _KINDS[chosen]]

    def day(entry: Entry) -> date:
        return shown.local(entry.happened_at, zone).date()

    today = shown.local(page.workspace.clock(), zone).date()
    told = []
    for on, group in groupby(kept, key=day):
        named = shown.day_with_weekday(on, page.language)
        head = page.words("timeline.today", day=named) if on == today else named
        told.append((head, [_tell(page, entry) for entry in group]))
    return told


def days_between(first: Instant, last: Instant, orders: int) -> int | None:
    """Mean number of days between orders; None below two orders."""
    return None if orders < 2 else round((last - first) / 86_400_000_000 / (orders - 1))


def since_in_words(page: Page, instant: Instant, until: date) -> str:
    """How long ago; where the data end before today, how long before their end. Empty for never (0)."""
    if not instant:
        return ""
    zone = page.workspace.settings.workspace.zone
    days = max(0, (until - shown.local(instant, zone).date()).days)
    if until == shown.local(page.workspace.clock(), zone).date():
        return page.words("days_ago", n=days) if days else page.words("today")
    return page.words("before_end", n=days) if days else page.words("last_day")


def _tell(page: Page, entry: Entry) -> Told:
    details = entry.details
    sentence: str = entry.title.in_(page.language)
    parts: list[str] = []
    amount = entry.amount_minor if entry.kind in {"order", "return"} or entry.name.startswith("order_") else None
    if entry.kind == "order":
        key = "test" if details.get("is_test") else "cancelled" if details.get("is_cancelled") else "order"
        sentence = page.words(f"timeline.{key}", number=str(details.get("order_id", "")))
        parts = [_held(page, details), _channel(page, entry), str(details.get("country") or "")]
    elif entry.kind == "return":
        sentence = page.words("timeline.return", number=_number(str(details.get("return_id", ""))))
        quantity = float(details.get("quantity") or 0)
        pieces = page.words("timeline.pieces", n=round(quantity)) if quantity else ""
        parts = [_held(page, details), pieces, str(details.get("reason") or "")]
        amount = -amount if amount is not None else None
    elif entry.kind == "act":
        parts = [actor(page, entry.source)]
    else:
        parts = [
            _answer(entry) or _about(details),
            _cause(entry),
            _channel(page, entry),
            str(details.get("campaign") or ""),
            entry.source,
        ]
        if entry.kind == "received":
            parts.append(page.words("timeline.on_its_way"))
    quote = str(_properties(details).get("comment") or _properties(details).get("answer") or "")
    detail = " · ".join(dict.fromkeys(part for part in parts if part))
    return Told(entry.happened_at, _icon(entry), _tone(entry), sentence, detail, quote[:500], amount, entry.currency)


def actor(page: Page, name: str) -> str:
    """Who acted: an operator by name, else the account on the machine or what the program calls itself."""
    kind, _, rest = name.partition(":")
    if kind == "operator" and rest.isdigit():
        known = next((one for one in operators(page.workspace) if one.operator_id == int(rest)), None)
        return (known.name or known.email or name) if known else page.words("timeline.gone_operator")
    return page.words("timeline.command_line", name=rest) if kind == "cli" else name


def _number(return_id: str) -> str:
    """Where the source gives no number of its own, the event's id follows the order's: only the order's is told."""
    order, _, message = return_id.rpartition("/")
    return order if order and len(message) >= _MESSAGE_ID else return_id


def _channel(page: Page, entry: Entry) -> str:
    name = entry.channel or ""
    return CHANNELS[name].in_(page.language) if name in CHANNELS else name.replace("_", " ")


def _held(page: Page, details: Any) -> str:
    """The two dearest goods, and how many more there are."""
    goods: list[tuple[str, float]] = details.get("goods") or []
    counted = len(goods) > 1 or "return_id" not in details
    named = [
        f"{name.strip().capitalize() if name.isupper() else name.strip()}"
        + (f" × {shown.integer(quantity, page.language)}" if counted and quantity != 1 else "")
        for name, quantity in goods[:2]
    ]
    first = ", ".join(named)
    return page.words("timeline.lines_more", first=first, n=len(goods) - 2) if len(goods) > 2 else first


def _about(details: Any) -> str:
    properties = _properties(details)
    product = properties.get("product")
    if isinstance(product, dict) and product.get("name"):
        return str(product["name"])[:120]
    found = next((properties[name] for name in _TOLD if isinstance(properties.get(name), str | int | float)), None)
    return str(found if found is not None else details.get("product_id") or "")[:120]


def _answer(entry: Entry) -> str:
    """An answer on its scale: 9/10. Empty for what is none, and for a question that was skipped."""
    properties = _properties(entry.details)
    score = properties.get("rating" if entry.name == "product_reviewed" else "score")
    highest = properties.get("scale_high") or _SCALES.get(entry.name)
    return f"{score}/{highest}" if highest and isinstance(score, str | int | float) and score != "" else ""


def _cause(entry: Entry) -> str:
    return (
        str(_properties(entry.details).get("reason") or "")[:120]
        if "case" in entry.name or "complaint" in entry.name
        else ""
    )


def _properties(details: Any) -> dict[str, Any]:
    found = details.get("properties")
    return found if isinstance(found, dict) else {}


def _icon(entry: Entry) -> str:
    known = _ICONS.get(entry.name) or _ICONS.get(entry.kind)
    return known or next((icon for word, icon in _WORDS if word in entry.name), "activity")


def _tone(entry: Entry) -> str:
    if entry.kind == "act" or entry.name.startswith(_OURS):
        return "we"
    return "good" if entry.name in _GOOD else "bad" if entry.name in _BAD else ""
