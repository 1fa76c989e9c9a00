"""Events become rows: columns, buckets, amounts, claims; misfits stay out."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from schwung.collect.event import Claim, Event
from schwung.collect.projection import Attribution, Reading, claims_of, event_rows, read_events, traits_of
from schwung.collect.tables import EVENTS
from schwung.core.stable_hash import bucket_of


def event(name: str, properties: dict[str, Any] | None = None, **more: Any) -> Event:
    body = b"" if properties is None else json.dumps(properties).encode()
    given = {"message_id": "m1", "call": "track", "happened_at": 10, "received_at": 20, "source": "web", "claims": ()}
    return Event(**{**given, "name": name, "properties": body, **more})


def read(*events: Event) -> Reading:
    return read_events(list(enumerate(events, 101)))


def attribution(ids: Sequence[int], erased: Sequence[bool] = ()) -> Attribution:
    return Attribution(np.array(ids, np.int64), np.array([*erased, *[False] * (len(ids) - len(erased))]))


def rows(*events: Event, ids: Sequence[int] = (), erased: Sequence[bool] = ()) -> list[dict[str, Any]]:
    found = event_rows(read(*events), attribution(ids or [0] * len(events), erased), 7, "EUR")
    assert found.column_names == list(EVENTS.names)
    return found.to_pylist()


def test_a_row_says_what_the_event_says() -> None:
    seen = event(
        "product_viewed",
        {"product_id": "p1", "price": 9.995, "currency": "chf", "name": "Kaffee"},
        channel="email",
        context=b'{"campaign":{"name":"autumn","source":"x"}}',
    )
    assert rows(seen, ids=[5]) == [
        {
            "event_no": 101,
            "name": "product_viewed",
            "happened_at": 10,
            "received_at": 20,
            "source": "web",
            "channel": "email",
            "campaign": "autumn",
            "identifier_id": 5,
            "bucket": bucket_of(5),
            "order_id": None,
            "product_id": "p1",
            "amount_minor": 1000,
            "currency": "CHF",
            "properties": '{"product_id": "p1", "price": 9.995, "currency": "chf", "name": "Kaffee"}',
            "context": '{"campaign":{"name":"autumn","source":"x"}}',
            "batch_no": 7,
        }
    ]


def test_a_guest_has_no_identifier_and_bucket_minus_one() -> None:
    row = rows(event("page_viewed", {}))[0]
    assert row["identifier_id"] is None and row["bucket"] == -1


def test_an_erased_person_leaves_no_words() -> None:
    told = event("page_viewed", {"title": "secret"}, context=b'{"page":{}}')
    found = rows(told, told, ids=[0, 3], erased=[True])
    assert (found[0]["properties"], found[0]["context"]) == (None, None)
    assert found[1]["properties"] == '{"title": "secret"}'


def test_an_undeclared_event_is_kept_as_it_is() -> None:
    row = rows(event("moon_landed", {"order_id": "o1", "total": 3}))[0]
    assert (row["order_id"], row["amount_minor"], row["currency"]) == (None, None, None)
    assert row["properties"] == '{"order_id": "o1", "total": 3}'


def test_numbers_as_identifiers_become_text_and_currency_has_a_default() -> None:
    row = rows(event("order_completed", {"order_id": 4711, "subtotal": "12.50"}))[0]
    assert (row["order_id"], row["amount_minor"], row["currency"]) == ("4711", 1250, "EUR")
    yen = rows(event("order_completed", {"order_id": 1, "total": 500, "currency": "JPY"}))[0]
    assert yen["amount_minor"] == 500


@pytest.mark.parametrize("context", [b"", b"{}", b'{"campaign":7}', b'{"campaign":{"name":7}}', b'{"campaign":null}'])
def test_a_campaign_that_is_none_is_none(context: bytes) -> None:
    assert rows(event("page_viewed", {}, context=context))[0]["campaign"] is None


def test_misfits_are_apart_with_their_reason() -> None:
    good = event("order_completed", {"order_id": "o1", "total": 1})
    bad = event("order_completed", {"order_id": "o2", "total": "1,50"})
    empty = event("order_completed")
    huge = Event("m", "track", "order_completed", 1, 2, "web", (), b'{"order_id":"x","total":1e999}')
    reading = read(bad, good, empty, huge)
    assert (list(reading.numbers), [one.name for one in reading.events]) == ([102], ["order_completed"])
    assert [(number, reason.code) for number, _, reason in reading.misfits][:2] == [
        (101, "not_a_number"),
        (103, "property_missing"),
    ]
    assert [number for number, _, _ in reading.misfits] == [101, 103, 104]


def test_claims_and_traits_in_order() -> None:
    first = event("page_viewed", {}, claims=(Claim("user_id", "u1"), Claim("anonymous_id", "d1")))
    second = event(
        "profile_identified", {}, claims=(Claim("email", "a@b.de"),), traits='{"city":"Köln"}'.encode(), happened_at=11
    )
    claims = claims_of([first, second]).to_pylist()
    assert [(row["event_index"], row["place"], row["kind"], row["value"]) for row in claims] == [
        (0, 0, "user_id", "u1"),
        (0, 1, "anonymous_id", "d1"),
        (1, 0, "email", "a@b.de"),
    ]
    assert claims[2]["happened_at"] == 11 and claims[2]["source"] == "web"
    traits = traits_of([first, second])
    assert traits is not None
    assert traits.to_pylist() == [
        {"event_index": 1, "traits": '{"city":"Köln"}'.encode(), "happened_at": 11, "source": "web"}
    ]
    assert traits_of([first]) is None


def test_an_empty_batch() -> None:
    assert rows() == [] and claims_of([]).num_rows == 0
