"""A shop of 320 customers for the flywheel, every figure of which can be worked out by hand. Period: 4 to 31 December 2026.

All first order on 10 June for 20 euros. Served late: 1 to 120, of whom 1 to 30 order again; in time: 121 to 320, of whom 121
to 200 order again. 221 to 320 send goods back, and order a cart on 1 September.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from schwung.collect.relationship_tables import ANSWERS, CARTS, DELIVERIES, MESSAGES
from schwung.collect.tables import EVENTS, ORDERS, RETURNS, SPEND
from schwung.core.stable_hash import bucket_of
from schwung.measure.example import arrow, instant

AS_OF = "2026-12-31"
JUNE, JULY, SEPTEMBER = "2026-06-10", "2026-07-10", "2026-09-01"
LATE, IN_TIME, BACK = range(1, 121), range(121, 321), range(221, 321)
Row = Mapping[str, Any]


def tables() -> dict[str, pa.Table]:
    found = {
        "orders": (ORDERS, _orders()),
        "deliveries": (DELIVERIES, _deliveries()),
        "returns": (RETURNS, _returns()),
        "carts": (CARTS, _carts()),
        "answers": (ANSWERS, _answers()),
        "messages": (MESSAGES, _messages()),
        "events": (EVENTS, _events()),
        "spend": (SPEND, _spend()),
    }
    return {name: arrow(table, list(rows)) for name, (table, rows) in found.items()}


def _who(number: int) -> dict[str, Any]:
    return {"identifier_id": number, "customer_id": number, "bucket": bucket_of(number), "currency": "EUR"}


def _key(number: int, day: str) -> int:
    return number * 10_000 + int(day[5:7]) * 100 + int(day[8:10])


def _order(number: int, day: str) -> Row:
    shared = {"is_cancelled": False, "is_net": False, "country": "DE", "order_id": f"{number} {day}"}
    return _who(number) | shared | {"order_key": _key(number, day), "ordered_at": instant(day), "amount_minor": 2000}


def _orders() -> Iterator[Row]:
    days = {
        JUNE: range(1, 321),
        JULY: [*range(1, 31), *range(121, 201)],
        SEPTEMBER: BACK,
        "2026-11-10": range(214, 218),
        "2026-12-05": range(201, 211),  # after 178 days: not lost yet
        "2026-12-20": (211, 212),  # after 193 days: back
    }
    for day, numbers in days.items():
        yield from (_order(number, day) for number in numbers)


def _delivered(numbers: Iterable[int], ordered: str, day: str) -> Iterator[Row]:
    for number in numbers:
        yield _who(number) | {
            "order_key": _key(number, ordered), "order_id": f"{number} {ordered}", "state": "delivered",
            "happened_at": instant(f"{day} 15:00"),
        }  # fmt: skip


def _deliveries() -> Iterator[Row]:
    yield from _delivered(LATE, JUNE, "2026-06-20")
    yield from _delivered(IN_TIME, JUNE, "2026-06-12")
    yield from _delivered(range(201, 211), "2026-12-05", "2026-12-15")


def _returns() -> Iterator[Row]:
    for number, ordered, day in [*((number, JUNE, "2026-06-25") for number in BACK), (211, "2026-12-20", "2026-12-28")]:
        yield _who(number) | {
            "return_key": _key(number, day), "line_key": 0, "return_id": f"R{number}", "order_key": _key(number, ordered),
            "returned_at": instant(day), "amount_minor": 500, "is_product": True,
        }  # fmt: skip


def _cart(number: int, day: str, *states: str) -> Iterator[Row]:
    for hour, state in enumerate(states):
        yield _who(number) | {
            "cart_key": _key(number, day), "state": state, "amount_minor": 5000, "happened_at": instant(f"{day} {8 + hour:02d}:00")
        }  # fmt: skip


def _carts() -> Iterator[Row]:
    """Left: 100 in September; in the period 41 to 43, and the second one of 46. 45 never came to the checkout; the cart of
    44 is not decided yet."""
    for number in [*range(31, 121), *range(201, 211)]:
        yield from _cart(number, SEPTEMBER, "started", "checkout")
    for number in BACK:
        yield from _cart(number, SEPTEMBER, "started", "checkout", "ordered")
    for number in (41, 42, 43):
        yield from _cart(number, "2026-12-01", "started", "checkout")
    yield from _cart(44, "2026-12-26", "started", "checkout")
    yield from _cart(45, "2026-12-10", "started")
    yield from _cart(46, "2026-12-10", "started", "checkout")
    yield from _cart(46, "2026-12-12", "started", "checkout")


def _answer(number: int, day: str, value: float | None, **stated: Any) -> Row:
    nps = {
        "metric": "nps",
        "question_id": "nps",
        "scale_low": 0.0,
        "scale_high": 10.0,
        "better": "higher",
        "phase": "delight",
    }
    found = {"answer_key": _key(number, day), "answered_at": instant(day), "value": value}
    return _who(number) | nps | found | stated


def _answers() -> Iterator[Row]:
    yield from (_answer(number, "2026-07-01", 9.0) for number in range(1, 201))
    yield _answer(220, "2026-12-01", 10.0)
    yield _answer(221, "2026-12-01", 8.0)
    five = {"scale_low": 1.0, "scale_high": 5.0}
    yield _answer(
        222, "2026-12-20", 3.0, metric="csat", question_id="parcel", touchpoint="delivery", phase="interact", **five
    )
    yield _answer(
        223, "2026-12-20", 2.0, metric="ces", question_id="effort", scale_low=1.0, scale_high=7.0, better="lower"
    )
    yield _answer(224, "2026-12-20", None)


def _messages() -> Iterator[Row]:
    for number in range(101, 201):
        yield _who(number) | {
            "message_key": number, "state": "sent", "happened_at": instant("2026-07-03"), "channel": "email", "campaign": "friends"
        }  # fmt: skip


def _events() -> Iterator[Row]:
    brought = [*((number, "2026-07-20") for number in range(101, 111)), (213, "2026-12-10"), (201, "2026-12-10")]
    for nth, (number, day) in enumerate(brought):
        at = instant(day)
        yield _who(number) | {"event_no": nth + 1, "name": "referral_converted", "happened_at": at, "received_at": at}


def _spend() -> Iterator[Row]:
    rows = [
        ("2026-12-10", "attract", 50_000, 10.0),
        ("2026-12-12", "delight", 0, 3.0),
        ("2026-11-10", "attract", 40_000, None),
    ]
    for nth, (day, phase, amount, hours) in enumerate(rows):
        yield {
            "spend_key": nth,
            "spent_on": day,
            "channel": "paid_search",
            "phase": phase,
            "amount_minor": amount,
            "currency": "EUR",
            "hours": hours,
        }
