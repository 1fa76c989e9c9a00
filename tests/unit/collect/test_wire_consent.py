"""Privacy at the door: network addresses never, device data by consent, wherever they hide."""

import json
from typing import Any

import pytest

from schwung.collect.wire import Accepted, Reception, Refused, read_event
from schwung.collect.wire_context import without_addresses
from schwung.unify.identifier import alias_kind, normalize

ADDRESS = "203.0.113.77"
CONTEXT: dict[str, object] = {
    "ip": ADDRESS,
    "userAgent": "Mozilla",
    "userAgentData": {"mobile": True},
    "device": {"id": "D"},
    "os": {"name": "iOS"},
    "screen": {"width": 1},
    "network": {"wifi": True},
    "location": {"city": "Ulm"},
    "locale": "de-DE",
    "page": {"url": "https://shop.example/a", "referrer": ""},
    "library": {"name": "x"},
    "unknown": {"ip": ADDRESS},
}


def read(
    context: dict[str, object], *, requires: bool, categories: frozenset[str] = frozenset(), **more: Any
) -> Accepted | Refused:
    event = {"type": "track", "event": "Visited", "userId": "anna", "anonymousId": "device", "context": context, **more}
    reception = Reception("shop", 1_795_176_000_000_000, normalize, alias_kind, lambda: "m", requires, categories)
    return read_event(json.dumps(event).encode(), None, reception)


def kept(consent: object, *, requires: bool, categories: frozenset[str] = frozenset()) -> tuple[set[str], set[str]]:
    """Names of the parts of context, kinds of identifiers."""
    context = CONTEXT if consent is None else {**CONTEXT, "consent": {"categoryPreferences": consent}}
    found = read(context, requires=requires, categories=categories)
    assert isinstance(found, Accepted)
    return set(json.loads(found.event.context)), {claim.kind for claim in found.event.claims}


ALWAYS = {"locale", "page", "library"}
DEVICE = {"device", "os", "screen", "network", "location"}
AGENT = {"userAgent", "userAgentData"}


def test_without_the_setting_only_the_user_agent_needs_consent() -> None:
    assert kept(None, requires=False) == (ALWAYS | DEVICE, {"user_id", "anonymous_id"})
    assert kept({"Analytics": True}, requires=False) == (
        ALWAYS | DEVICE | AGENT | {"consent"},
        {"user_id", "anonymous_id"},
    )


@pytest.mark.parametrize(
    "consent", [None, {}, {"Analytics": False}, {"Analytics": True, "Ads": False}, {"Analytics": "yes"}, "yes"]
)
def test_with_the_setting_and_without_consent_nothing_of_the_device_is_kept(consent: object) -> None:
    parts, kinds = kept(consent, requires=True)
    assert (parts - {"consent"}, kinds) == (ALWAYS, {"user_id"})


def test_with_the_setting_and_consent_all_is_kept() -> None:
    everything = (ALWAYS | DEVICE | AGENT | {"consent"}, {"user_id", "anonymous_id"})
    assert kept({"Analytics": True}, requires=True) == everything
    assert kept({"Analytics": True, "Ads": False}, requires=True, categories=frozenset(["Analytics"])) == everything
    assert kept({"Ads": True}, requires=True, categories=frozenset(["Analytics"]))[1] == {"user_id"}


def test_an_alias_to_a_device_needs_consent_too() -> None:
    device = "0f8fad5b-d9cb-469f-a165-70867728950e"
    found = read({}, requires=True, type="alias", previousId=device)
    assert isinstance(found, Accepted)
    assert [claim.kind for claim in found.event.claims] == ["user_id"]


@pytest.mark.parametrize(
    "name",
    ["ip", "IP", "ip_address", "ipAddress", "request_ip", "client_ip", "browser_ip", "customer_ip_address", "clientIP",
     "userIpAddress", "remote_addr", "REMOTE_ADDR", "last-ip", "X-Forwarded-For", "IP-Adresse"],
)  # fmt: skip
def test_no_network_address_in_any_place(name: str) -> None:
    places = {"properties": {name: ADDRESS, "a": [{name: ADDRESS}]}, "traits": {name: ADDRESS}, name: ADDRESS}
    for type_ in ("track", "identify", "page", "group", "wrong"):
        found = read(
            {**CONTEXT, "page": {name: ADDRESS}, "traits": {name: ADDRESS}}, requires=False, **places, type=type_
        )
        assert ADDRESS not in str(found)


def test_what_is_refused_is_kept_by_the_same_rules() -> None:
    for requires, consent, left in (
        (True, {"A": False}, {"locale", "page", "library", "unknown", "consent"}),
        (False, None, set(CONTEXT) - AGENT - {"ip"}),
        (True, {"A": True}, set(CONTEXT) - {"ip"} | {"consent"}),
    ):
        context = CONTEXT if consent is None else {**CONTEXT, "consent": {"categoryPreferences": consent}}
        found = read(context, requires=requires, type="wrong")
        assert isinstance(found, Refused)
        body = json.loads(found.body)
        assert set(body["context"]) == left
        assert ("anonymousId" in body) == (not requires or consent == {"A": True})
        assert ADDRESS not in found.body.decode()


@pytest.mark.parametrize(
    "name",
    ["zip", "billing_zip", "ship", "VIP", "isVip", "tip", "membership", "clip", "address", "email_address", "for"],
)
def test_names_that_only_end_like_one_stay(name: str) -> None:
    content = json.dumps({"a": {name: "10115"}, "ip": ADDRESS}).encode()
    assert json.loads(without_addresses(content)) == {"a": {name: "10115"}}
