"""Events become facts of the relationship: worked cases per table, repeats, late ones, nobody's."""

from collections.abc import Sequence
from typing import Any

import pytest

from schwung.collect.event import Claim
from schwung.collect.projection import read_events
from schwung.collect.projections import answers, carts, project
from schwung.collect.projections.carts import Memory, cart_rows, remembered, stored, tokens
from schwung.collect.projections.occasion import Occasion, Setting
from schwung.collect.projections.reading import lying, received
from schwung.collect.question import Question, read_question
from schwung.core.clock import DAY, HOUR
from schwung.core.stable_hash import key_of
from tests.unit.collect.test_projection import attribution, event, read

Rows = dict[str, list[dict[str, Any]]]


def rows(*events: Any, ids: Sequence[int] = (), erased: Sequence[bool] = (), questions: Any = None) -> Rows:
    reading = read(*events)
    occasions = received(reading, attribution(ids or [5] * len(reading.events), erased))
    tables = project(occasions, Setting(7, "EUR", "Europe/Berlin", questions or {}))
    return {name: table.to_pylist() for name, table in tables.items()}


def of(found: Rows, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in found[table]]


def test_an_nps_answer_and_one_that_was_skipped() -> None:
    said = {"score": 9, "phase": "delight", "comment": "gern", "order_id": "o1"}
    found = rows(event("nps_answered", said), event("nps_answered", {"score": None}), event("product_reviewed", {"rating": "4", "product_id": "p1"}))  # fmt: skip
    assert of(found, "answers", "metric", "value", "scale_low", "scale_high", "phase", "text", "product_id") == [
        ("nps", 9.0, 0.0, 10.0, "delight", "gern", None),
        ("nps", None, 0.0, 10.0, None, None, None),
        ("stars", 4.0, 1.0, 5.0, None, None, "p1"),
    ]
    assert len({row["answer_key"] for row in found["answers"]}) == 3


def test_a_survey_of_several_questions_is_a_row_each_and_a_question_keeps_its_own_scale() -> None:
    questions = {"effort": read_question("effort", "ces 1-5 lower interact")}
    said = {"survey_id": "s1", "answer_id": "r7", "answers": {"effort": 2, "why": "zu langsam", "again": None}}
    found = rows(event("survey_answered", said), event("survey_answered", said), questions=questions)
    assert of(found, "answers", "question_id", "metric", "better", "scale_high", "phase", "value", "text") == [
        ("effort", "ces", "lower", 5.0, "interact", 2.0, None),
        ("why", "other", "higher", None, None, None, "zu langsam"),
        ("again", "other", "higher", None, None, None, None),
    ]


@pytest.mark.parametrize("score", [6.5, 8.5, 11, -1])
def test_what_is_no_nps_answer_is_held_back(score: float) -> None:
    reading = read_events([(1, event("nps_answered", {"score": score}))], answers.misfits({}))
    assert [(reason.code, reason.place) for _, _, reason in reading.misfits] == [("answer_not_on_scale", "score")]
    asked = {"q": read_question("q", "nps")}
    told = event("survey_answered", {"answers": {"q": score}})
    assert [reason.place for _, _, reason in read_events([(1, told)], answers.misfits(asked)).misfits] == ["answers.q"]


def test_a_question_as_it_is_written() -> None:
    assert read_question("a", "csat") == Question("a", "csat", (1.0, 5.0))
    assert read_question("b", "ces 1-7 lower delight") == Question("b", "ces", (1.0, 7.0), "lower", "delight")
    with pytest.raises(ValueError, match="hight"):
        read_question("c", "ces hight")


def test_a_message_is_one_thing_in_many_states() -> None:
    about = {"campaign_id": "herbst"}
    found = rows(event("email_sent", about), event("email_opened", about), event("email_opened", about, happened_at=90), event("email_marked_as_spam", about), event("sms_sent", {"message_id": "x"}))  # fmt: skip
    assert len({row["message_key"] for row in found["messages"]}) == 2
    assert sorted(of(found, "messages", "channel", "state", "campaign", "happened_at"), key=str) == [
        ("email", "complained", "herbst", 10),
        ("email", "opened", "herbst", 90),
        ("email", "sent", "herbst", 10),
        ("sms", "sent", None, 10),
    ]
    others = rows(event("email_sent", about), event("email_sent", about), ids=[5, 6])
    assert len({row["message_key"] for row in others["messages"]}) == 2


def test_the_steps_of_a_case_in_any_order() -> None:
    case = {"case_id": "T1", "subject": "Bruch"}
    events = (event("case_resolved", case, happened_at=30), event("case_opened", {**case, "reason": "broken"}), event("case_answered", case, happened_at=20), event("complaint_opened", {"case_id": "T2"}), event("case_opened", {"case_id": "T3"}))  # fmt: skip
    found = rows(*events)
    assert sorted(of(found, "cases", "case_id", "state", "kind", "happened_at"), key=str) == [
        ("T1", "answered", None, 20),
        ("T1", "opened", "complaint", 10),
        ("T1", "resolved", None, 30),
        ("T2", "opened", "complaint", 10),
        ("T3", "opened", None, 10),
    ]
    assert rows(*events, *events)["cases"] == found["cases"]


def test_of_an_erased_person_no_word_stays() -> None:
    found = rows(event("case_opened", {"case_id": "T1", "subject": "von Anna"}), event("nps_answered", {"score": 3, "comment": "Anna"}), ids=[0, 0], erased=[True, True])  # fmt: skip
    assert of(found, "cases", "text", "identifier_id", "bucket") == [(None, None, -1)]
    assert of(found, "answers", "text", "value") == [(None, 3.0)]


@pytest.mark.parametrize(
    ("price", "period", "monthly"),
    [(120, "year", 1000), ("29.90", "quarterly", 997), (9.9, "Monat", 990), (9.9, None, None), (None, "month", None)],
)
def test_a_subscription_costs_so_much_a_month(price: Any, period: Any, monthly: int | None) -> None:
    found = rows(event("subscription_started", {"subscription_id": "A", "price": price, "period": period}))
    assert of(found, "subscriptions", "state", "monthly_minor") == [("started", monthly)]


def test_leads_by_number_or_by_person() -> None:
    found = rows(event("lead_captured", {"lead_id": "L1"}), event("lead_qualified", {"lead_id": "L1", "score": 70}), event("newsletter_subscribed", {}), event("form_submitted", {}))  # fmt: skip
    assert sorted(of(found, "leads", "state", "score"), key=str) == [("captured", None), ("captured", None), ("qualified", 70.0)]  # fmt: skip
    assert len({row["lead_key"] for row in found["leads"]}) == 2


def test_points_are_signed_and_a_balance_is_their_sum() -> None:
    events = (event("loyalty_joined", {"points": 100}), event("points_earned", {"points": 50, "expires_on": "2027-01-01"}), event("points_redeemed", {"points": 30}), event("points_expired", {"points": -20}), event("points_adjusted", {"points": -5}))  # fmt: skip
    found = rows(*events)
    assert sum(row["points"] for row in found["points"]) == 95
    assert {row["expires_on"] for row in found["points"]} == {None, "2027-01-01"}


def test_a_delivery_knows_its_order_and_its_promise() -> None:
    found = rows(event("order_shipped", {"order_id": 7}), event("order_delivered", {"order_id": 7, "promised_at": "1970-01-02T00:00:00Z"}))  # fmt: skip
    assert sorted(of(found, "deliveries", "state", "order_key", "promised_at")) == [
        ("delivered", key_of("web", "7"), DAY),
        ("shipped", key_of("web", "7"), None),
    ]


def test_spend_that_is_told_twice_stands_once() -> None:
    told = {"channel": "search", "amount": 12.5, "spent_on": "2026-03-01", "phase": "attract"}
    found = rows(event("spend_recorded", told), event("spend_recorded", {**told, "amount": 13, "hours": 2}, happened_at=20))  # fmt: skip
    assert of(found, "spend", "spent_on", "amount_minor", "hours", "phase") == [("2026-03-01", 1300, 2.0, "attract")]


# Carts.


def moment(name: str, at: int, properties: dict[str, Any] | None = None, device: str = "d1", **more: Any) -> Any:
    return event(name, properties or {}, happened_at=at, claims=(Claim("anonymous_id", device),), **more)


def add(at: int, price: float = 10, **more: Any) -> Any:
    device = more.pop("device", "d1")
    return moment("product_added", at, {"product_id": "p", "price": price, **more}, device)


def order(at: int, **more: Any) -> Any:
    device = more.pop("device", "d1")
    return moment("order_completed", at, {"order_id": f"o{at}", "subtotal": 25, **more}, device)


def filled(*batches: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Last word on (cart by order of appearance, state, moment, amount), batch after batch as the mirror does."""
    kept: dict[int, dict[str, Any]] = {}
    told: dict[tuple[int, str], tuple[int, int]] = {}
    for batch_no, batch in enumerate(batches, 1):
        reading = read(*batch)
        occasions = [one for one in received(reading, attribution([5] * len(batch))) if one.name in carts.NAMES]
        known = {row["cart_key"] for token, row in kept.items() if token in tokens(occasions)}
        memory = remembered([row for row in kept.values() if row["cart_key"] in known])
        for row in cart_rows(occasions, memory, Setting(batch_no, "EUR")).to_pylist():
            told[row["cart_key"], row["state"]] = row["happened_at"], row["amount_minor"]
        kept |= {row["token"]: row for row in stored(memory)}
    names = {key: place for place, key in enumerate(dict.fromkeys(key for key, _ in told))}
    return sorted((names[key], state, *rest) for (key, state), rest in told.items())


def test_a_cart_from_first_add_to_order() -> None:
    steps = (add(1), add(2, 5, quantity=2), moment("product_removed", 3, {"product_id": "p", "price": 10}), moment("checkout_started", 4), order(5))  # fmt: skip
    expected = [(0, "checkout", 4, 1000), (0, "ordered", 5, 2500), (0, "started", 1, 1000)]
    assert filled(steps) == expected
    assert filled(*[[step] for step in steps]) == expected, "one batch an event says the same"
    assert filled(steps[::-1]) == expected, "in a batch the time of the event counts"


def test_a_pause_or_an_order_begins_a_new_cart() -> None:
    late = 2 + DAY + HOUR
    assert filled([add(1), add(2)], [add(late)]) == [(0, "started", 1, 2000), (1, "started", late, 1000)]
    assert filled([add(1), order(2)], [add(3)]) == [(0, "ordered", 2, 2500), (0, "started", 1, 1000), (1, "started", 3, 1000)]  # fmt: skip


def test_an_order_days_later_closes_the_last_cart_of_its_device() -> None:
    assert filled([add(1)], [order(5 * DAY)]) == [(0, "ordered", 5 * DAY, 2500), (0, "started", 1, 1000)]
    assert filled([add(1)], [order(2, device="d2")]) == [(0, "started", 1, 1000)], "another device is another cart"


def test_what_went_into_a_cart_may_come_after_its_order() -> None:
    assert filled([order(9)], [add(8)]) == [(0, "ordered", 9, 2500), (0, "started", 8, 1000)]
    assert filled([order(9)]) == [], "an order without a cart is none"


def test_numbered_carts_go_over_devices_and_an_order_without_the_number_finds_its_cart() -> None:
    assert filled([add(1, cart_id="c1"), add(2, cart_id="c1", device="d2")], [order(3 * DAY, cart_id="c1", device="d3")]) == [
        (0, "ordered", 3 * DAY, 2500),
        (0, "started", 1, 2000),
    ]  # fmt: skip
    assert filled([add(1, cart_id="c1")], [order(2)], [add(3, cart_id="c2")])[:2] == [(0, "ordered", 2, 2500), (0, "started", 1, 1000)]  # fmt: skip


def test_the_same_order_twice_changes_nothing() -> None:
    once, server = order(2), order(2, device="d1")
    assert filled([add(1), once], [server]) == [(0, "ordered", 2, 2500), (0, "started", 1, 1000)]


def test_events_that_lie_in_the_lake_say_the_same() -> None:
    from schwung.collect.projection import event_rows

    reading = read(event("nps_answered", {"score": 9}), event("points_earned", {"points": 5}), event("page_viewed", {}))
    whose = attribution([5, 6, 7])
    fresh = project(received(reading, whose), Setting(7, "EUR"))
    lain = project(list(lying(event_rows(reading, whose, 7, "EUR"))), Setting(7, "EUR"))
    assert fresh == lain and set(fresh) == {"answers", "points"}


def test_nobody_without_a_cart_number_has_no_cart() -> None:
    one = Occasion(1, "product_added", 1, "web", None, False, {"product_id": "p", "price": 1})
    assert cart_rows([one], Memory({}, set()), Setting(1, "EUR")).num_rows == 0
