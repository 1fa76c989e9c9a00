"""The Segment spec read: names, identifiers, contents, what is refused and why."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schwung.collect.event import Event
from schwung.collect.wire import Accepted, Reception, Refused, read_batch, read_event, read_events
from schwung.core.clock import DAY, MINUTE, SECOND, to_datetime
from schwung.unify.identifier import alias_kind, normalize

NOW = 1_795_176_000_000_000  # 20 November 2026, 12:00 UTC
EMAIL = "Anna.Muster@Example.org"


def reception(**more: Any) -> Reception:
    return Reception("shop", NOW, normalize, alias_kind, lambda: "made-up", **more)


def read(event: object, *, call: Any = None, **more: Any) -> Accepted | Refused:
    return read_event(json.dumps(event).encode(), call, reception(**more))


def taken(event: dict[str, object], **more: Any) -> Event:
    found = read({"type": "track", "event": "Visited", "messageId": "m", **event}, **more)
    assert isinstance(found, Accepted), found.reason
    return found.event


def refused(event: object, **more: Any) -> Refused:
    found = read(event, **more)
    assert isinstance(found, Refused)
    return found


def claims(event: Event) -> dict[str, str]:
    return {claim.kind: claim.value for claim in event.claims}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("track", "visited"), ("identify", "profile_identified"), ("page", "page_viewed"), ("screen", "screen_viewed"),
        ("group", "group_joined"), ("alias", "profile_aliased"),
    ],
)  # fmt: skip
def test_names_of_calls(call: str, name: str) -> None:
    assert taken({"type": call}).name == name
    assert taken({"type": "dance"}, call=call).name == name, "the path says more than the type"


def test_identifiers_strongest_first_and_normalized() -> None:
    event = taken(
        {"userId": 17, "anonymousId": " device ", "context": {"traits": {"email": EMAIL, "phone": "0171 2345678"}}}
    )
    assert event.claims == (
        ("user_id", "17"),
        ("email", "anna.muster@example.org"),
        ("phone", "+491712345678"),
        ("anonymous_id", "device"),
    )
    assert taken({"userId": "", "anonymousId": None}).claims == ()
    assert taken({"userId": "null", "anonymousId": "undefined"}).claims == ()


def test_the_e_mail_of_an_order_is_the_buyers_and_that_of_a_referral_is_not() -> None:
    assert claims(taken({"event": "Order Completed", "properties": {"order_id": "1", "email": EMAIL}})) == {
        "email": EMAIL.lower()
    }
    assert taken({"event": "Invite Sent", "properties": {"email": EMAIL}}).claims == ()
    assert taken({"event": "Something Else", "properties": {"email": EMAIL}}).claims == ()


def test_alias_links_a_former_user_or_device() -> None:
    device = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert [tuple(claim) for claim in taken({"type": "alias", "userId": "new", "previousId": "old"}).claims] == [
        ("user_id", "new"), ("user_id", "old"),
    ]  # fmt: skip
    assert claims(taken({"type": "alias", "userId": "new", "previousId": device})) == {
        "user_id": "new",
        "anonymous_id": device,
    }


def test_contents_of_page_group_and_identify() -> None:
    page = taken(
        {
            "type": "page",
            "name": "Home",
            "category": "Shop",
            "properties": {"name": "Start", "url": "https://a.example/"},
        }
    )
    assert json.loads(page.properties) == {"name": "Start", "category": "Shop", "url": "https://a.example/"}
    group = taken(
        {"type": "group", "groupId": "g-1", "traits": {"name": "Firm", "email": "info@firm.example"}, "userId": "anna"}
    )
    assert json.loads(group.properties) == {
        "group_id": "g-1",
        "group_traits": {"name": "Firm", "email": "info@firm.example"},
    }
    assert (group.traits, claims(group)) == (b"", {"user_id": "anna"})
    identify = taken({"type": "identify", "userId": "anna", "traits": {"email": EMAIL, "age": 31}})
    assert json.loads(identify.traits) == {"email": EMAIL, "age": 31}
    assert claims(identify)["email"] == EMAIL.lower()


def test_a_missing_id_is_made() -> None:
    assert taken({"messageId": None}).message_id == "made-up"


@pytest.mark.parametrize(
    ("event", "code", "place"),
    [
        ({"type": "track"}, "no_name", "event"),
        ({"type": "track", "event": " !? "}, "no_name", "event"),
        ({"type": "track", "event": 7}, "wrong_type", "event"),
        ({}, "unknown_call", "type"),
        ([], "wrong_type", ""),
        ({"type": "track", "event": "x", "userId": ["a"]}, "wrong_type", "userId"),
        ({"type": "track", "event": "x", "userId": "x" * 257}, "id_too_long", "userId"),
        ({"type": "track", "event": "x", "messageId": "x" * 257}, "id_too_long", "messageId"),
        ({"type": "track", "event": "x", "properties": "text"}, "wrong_type", "properties"),
        ({"type": "track", "event": "x", "context": []}, "wrong_type", "context"),
        ({"type": "track", "event": "x", "timestamp": "20.11.2026"}, "time_unreadable", "timestamp"),
        ({"type": "track", "event": "x", "timestamp": "1969-12-31T23:59:59Z"}, "time_unreadable", "timestamp"),
        ({"type": "track", "event": "x", "timestamp": "2026-11-22T12:00:00Z"}, "time_in_future", "timestamp"),
        ({"type": "track", "event": "x", "properties": {"a": "x" * 33_000}}, "event_too_large", ""),
    ],
)
def test_what_is_refused_says_why_in_both_languages(event: object, code: str, place: str) -> None:
    found = refused(event)
    assert (found.reason.code, found.reason.place) == (code, place)
    assert found.reason.text.en != found.reason.text.de
    assert "{" not in found.reason.text.en + found.reason.text.de


def test_what_is_refused_keeps_a_key_and_its_content() -> None:
    event = {
        "type": "track",
        "messageId": "m-1",
        "userId": "anna",
        "writeKey": "secret",
        "context": {"ip": "203.0.113.9"},
    }
    one, again, other = refused(event), refused(event), refused({**event, "messageId": "m-2"})
    assert one.key == again.key != other.key
    assert json.loads(one.body) == {"type": "track", "messageId": "m-1", "userId": "anna", "context": {}}
    assert len(refused({"type": "track", "event": "x", "properties": {"a": "x" * 33_000}}).body) < 100


def when(timestamp: object, sent_at: object = None) -> int:
    return taken({"timestamp": timestamp, "sentAt": sent_at}).happened_at


def iso(instant: int) -> str:
    return to_datetime(instant).isoformat()


def test_the_clients_clock_is_corrected_by_when_it_sent() -> None:
    """happened = timestamp + (received − sent), where the difference is more than the network's."""
    assert when(iso(NOW - 10 * MINUTE)) == NOW - 10 * MINUTE
    assert when(iso(NOW - 10 * MINUTE), iso(NOW - SECOND)) == NOW - 10 * MINUTE
    for wrong in (-90 * DAY, -7 * MINUTE, 7 * MINUTE, 90 * DAY):
        assert when(iso(NOW - 10 * MINUTE + wrong), iso(NOW + wrong)) == NOW - 10 * MINUTE
    assert when(iso(NOW + MINUTE)) == NOW, "what lies a little ahead happened now"
    assert when(None) == NOW


def test_a_batch_says_once_when_it_was_sent() -> None:
    def batch(sent_at: object) -> int:
        event = {"type": "track", "event": "x", "timestamp": iso(NOW - DAY)}
        read = read_batch(json.dumps({"batch": [event], "sentAt": sent_at}).encode())
        (found,) = read_events(read.batch, read.sent_at, read.context, reception())
        assert isinstance(found, Accepted)
        return found.event.happened_at

    assert batch(iso(NOW - 60 * MINUTE)) == NOW - DAY + 60 * MINUTE
    assert batch("just now") == batch(None) == NOW - DAY, "a sentAt that cannot be read harms no event"


@pytest.mark.parametrize(
    "text", ["2026-11-20T10:00:00Z", "2026-11-20T11:00:00+01:00", "2026-11-20 10:00:00", "2026-11-20T10:00:00.000000000Z", 1795168800, 1795168800000, 1795168800000.0]
)  # fmt: skip
def test_spellings_of_a_time(text: object) -> None:
    assert when(text) == 1_795_168_800_000_000


def test_a_retry_has_the_same_key_whatever_the_clock_says_when_it_is_sent() -> None:
    def key(**more: object) -> bytes:
        found = read({"type": "track", "event": "x", "messageId": "m", **more})
        assert isinstance(found, Accepted)
        return found.key

    stamp = {"timestamp": "2026-11-20T10:00:00.123Z"}
    assert key(**stamp, sentAt="2026-11-20T10:00:01Z") == key(**stamp, sentAt="2026-11-20T11:00:00Z")
    assert int.from_bytes(key(**stamp)[:6], "big") == 1_795_168_800_123
    assert key(**stamp) != key(timestamp="2026-11-20T10:00:00.124Z")
    seven = "019aa0f7-5c7b-7000-8000-000000000001"
    assert int.from_bytes(key(messageId=seven)[:6], "big") == 0x019AA0F75C7B
    assert int.from_bytes(key(messageId="01KAG7XQ3VABCDEFGHJKMNPQRS")[:6], "big") == 0x019AA07EDC7B
    assert key(messageId="0f8fad5b-d9cb-469f-a165-70867728950e")[:6] == bytes(6)


def test_the_context_of_a_batch_stands_in_for_missing_ones() -> None:
    batch = read_batch(
        b'{"batch": [{"type": "track", "event": "a"}, {"type": "track", "event": "b", "context": {"locale": "de"}}],'
        b' "context": {"locale": "en", "ip": "203.0.113.9"}}'
    )
    events = [
        one.event for one in read_events(batch.batch, None, batch.context, reception()) if isinstance(one, Accepted)
    ]
    assert [json.loads(event.context) for event in events] == [{"locale": "en"}, {"locale": "de"}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    ["type", "event", "messageId", "userId", "anonymousId", "previousId", "groupId", "name", "timestamp", "sentAt", "properties", "traits", "context"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(fields, json_values, max_size=8), st.sampled_from([None, "track", "alias", "group", "page"]))
def test_whatever_comes_is_taken_or_refused_with_a_reason(content: dict[str, object], call: Any) -> None:
    found = read(content, call=call, requires_consent=len(content) % 2 == 0)
    assert len(found.key) == 14
    if isinstance(found, Accepted):
        assert found.event.name and 0 <= found.event.happened_at <= NOW
        for part in (found.event.properties, found.event.traits, found.event.context):
            assert not part or isinstance(msgspec.json.decode(part), dict)
    else:
        assert found.reason.text.de and json.loads(found.body) is not None
