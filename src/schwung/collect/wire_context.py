"""What is kept of an event's `context`: never the network address; device data only with consent."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schwung.collect.reason import Misfit, Reason
from schwung.collect.touch import Campaign, Page, channel_of
from schwung.core.text import Text

EMPTY = b""
DEVICE_FIELDS = ("device", "location", "network", "os", "screen")
DEVICE_NAMES = frozenset(("device", "location", "network", "os", "screen", "userAgent", "userAgentData"))
"""What tells a device; kept only where consent is stated, or where the source needs none (but the user agent never)."""
_is_address_name = lru_cache(maxsize=4_096)(
    re.compile(
        r"(?:(?:.*[_\-. ])?(?i:ip)|.*[a-z0-9](?:Ip|IP))(?:[_\-. ]?(?i:addr(?:esse?)?|adresse))?"
        r"|(?:.*[_\-. ])?(?i:remote[_\-. ]?addr(?:ess)?|x[_\-. ]?forwarded[_\-. ]?for)",
        re.DOTALL,
    ).fullmatch
)
"""A word “ip” at the end of a name, however it is joined: `ip`, `browser_ip`, `clientIp`, `customer_ip_address`,
`IP-Adresse`; not `zip`."""
_ENDING = re.compile(rb'(?:ip|IP|Ip|ddr|DDR|ddress|DDRESS|dresse|DRESSE|for|For|FOR)"\s*:')

_REMEMBERED_BYTES = 512

_encode = msgspec.json.Encoder().encode
_anything = msgspec.json.Decoder()
T = TypeVar("T")


class _Context(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """The parts that are kept, as they came. Everything else, `ip` above all, is not read."""

    app: Raw | UnsetType = UNSET
    campaign: Raw | UnsetType = UNSET
    consent: Raw | UnsetType = UNSET
    device: Raw | UnsetType = UNSET
    group_id: Raw | UnsetType = UNSET
    library: Raw | UnsetType = UNSET
    locale: Raw | UnsetType = UNSET
    location: Raw | UnsetType = UNSET
    network: Raw | UnsetType = UNSET
    os: Raw | UnsetType = UNSET
    page: Raw | UnsetType = UNSET
    referrer: Raw | UnsetType = UNSET
    screen: Raw | UnsetType = UNSET
    timezone: Raw | UnsetType = UNSET
    traits: Raw | UnsetType = UNSET
    user_agent: Raw | UnsetType = UNSET
    user_agent_data: Raw | UnsetType = UNSET


class _Consent(msgspec.Struct, rename="camel"):
    category_preferences: dict[str, bool] = {}


class Kept(NamedTuple):
    """What an event's context leaves behind.

    content: JSON, or empty. traits: JSON object, or empty. may_know: the anonymous id may be kept.
    channel: what page and campaign tell of a touch.
    """

    content: bytes
    traits: bytes
    may_know: bool
    channel: str | None
    campaign: Campaign | None
    page: Page | None


_context = msgspec.json.Decoder(_Context)
_consent = msgspec.json.Decoder(_Consent)
_campaign = msgspec.json.Decoder(Campaign)
_page = msgspec.json.Decoder(Page)


def keep(raw: bytes, requires_consent: bool, categories: frozenset[str]) -> Kept:
    """raw: the context, or empty. Misfit where it is no object. Servers send the same context again and again."""
    if len(raw) <= _REMEMBERED_BYTES:
        return _keep_remembered(raw, requires_consent, categories)
    return _keep(raw, requires_consent, categories)


def _keep(raw: bytes, requires_consent: bool, categories: frozenset[str]) -> Kept:
    try:
        context = _context.decode(raw) if raw and raw != b"null" else _Context()
    except msgspec.ValidationError as error:
        raise _not_an_object("context") from error
    granted = _has_consent(context, categories)
    traits = EMPTY if context.traits is UNSET else read_object("context.traits", bytes(context.traits))
    context.traits = UNSET  # they have their own place
    if not granted:
        context.user_agent = context.user_agent_data = UNSET
        if requires_consent:
            for field in DEVICE_FIELDS:
                setattr(context, field, UNSET)
    content: bytes = _encode(context)
    campaign = None if context.campaign is UNSET else _part(_campaign, context.campaign)
    page = None if context.page is UNSET else _part(_page, context.page)
    return Kept(
        EMPTY if content == b"{}" else without_addresses(content),
        traits,
        granted or not requires_consent,
        channel_of(campaign, page),
        campaign,
        page,
    )


_keep_remembered = lru_cache(maxsize=2_048)(_keep)


def _has_consent(context: _Context, categories: frozenset[str]) -> bool:
    """Whether `context.consent.categoryPreferences` grants all of `categories`; where none are given, all it names."""
    if context.consent is UNSET:
        return False
    consent = _part(_consent, context.consent)
    return consent is not None and grants(consent.category_preferences, categories)


def grants(preferences: Mapping[str, Any], categories: frozenset[str]) -> bool:
    if categories:
        return all(preferences.get(category) is True for category in categories)
    return bool(preferences) and all(granted is True for granted in preferences.values())


def channel_of_page(kept: Kept, properties: bytes) -> str | None:
    """The channel of a page call, which may tell of its page in its properties only."""
    if kept.page is not None or not properties:
        return kept.channel
    return channel_of(kept.campaign, _part(_page, Raw(properties)))


def read_object(field: str, content: bytes) -> bytes:
    """A JSON object without network addresses; empty for null. Misfit for anything else."""
    if content[:1] == b"{":
        return without_addresses(content)
    if content == b"null":
        return EMPTY
    raise _not_an_object(field)


def _not_an_object(field: str) -> Misfit:
    return Misfit(
        Reason(
            "wrong_type",
            Text(en="{field} must be an object.", de="{field} muss ein Objekt sein.").fill(field=field),
            field,
        )
    )


def _part(decoder: "msgspec.json.Decoder[T]", raw: Raw) -> T | None:
    """The part, or None where it has another shape: a wrong tag is no reason to refuse an order."""
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError:
        return None


def without_addresses(content: bytes) -> bytes:
    """The same JSON without network addresses, at any depth. Misfit for numbers beyond reason beside one."""
    if not _may_hold_address(content) or not _holds_address(content):
        return content
    try:
        cleaned: bytes = _encode(strip_addresses(_anything.decode(content)))
    except msgspec.DecodeError as error:
        raise Misfit(
            Reason("number_out_of_range", Text(en="A number is too large.", de="Eine Zahl ist zu groß."))
        ) from error
    except RecursionError as error:
        raise Misfit(
            Reason("json_too_deep", Text(en="The JSON is nested too deeply.", de="Das JSON ist zu tief geschachtelt."))
        ) from error
    return cleaned


def _may_hold_address(content: bytes) -> bool:
    """How names end: a quick look that spares most events the search."""
    return (
        b'ip"' in content or b'IP"' in content or b'Ip"' in content
        or b'ddress"' in content or b'ddr"' in content or b'DDR"' in content or b'DDRESS"' in content
        or b'dresse"' in content or b'DRESSE"' in content or b'for"' in content or b'For"' in content or b'FOR"' in content
    )  # fmt: skip


def _holds_address(content: bytes) -> bool:
    """Whether a name in it is one of a network address."""
    for found in _ENDING.finditer(content):
        end = content.index(b'"', found.start())
        name = content[content.rfind(b'"', 0, end) + 1 : end]
        if _is_address_name(name.decode("utf-8", "replace")):
            return True
    return False


def is_address_name(name: str) -> bool:
    """Whether a property or column of this name holds a network address."""
    return _is_address_name(name.strip()) is not None


def strip_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: strip_addresses(held) for name, held in value.items() if not _is_address_name(name)}
    if isinstance(value, list):
        return [strip_addresses(held) for held in value]
    return value
