"""What is kept of an event's `context`: never the network address; device data only with consent."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from schwung.collect.reason import Misfit, Reason
from schwung.collect.touch import Campaign, Page, channel_of
from schwung.core.text import Text

EMPTY = b""
DEVICE_FIELDS = ("device", "location", "network", "os", "screen")
DEVICE_NAMES = frozenset(("device", "location", "network", "os", "screen", "userAgent", "userAgentData"))
"""What tells a device; kept only where consent is stated, or where the source needs none (but the user agent never)."""
ADDRESS_NAMES = frozenset(
    ("ip", "ip_address", "ipAddress", "ipaddress", "request_ip", "requestIP", "remote_addr", "client_ip", "clientIp")
)
_ADDRESS = re.compile(rb'"(?:' + b"|".join(sorted(name.encode() for name in ADDRESS_NAMES)) + rb')"\s*:')

_encode = msgspec.json.Encoder().encode
_anything = msgspec.json.Decoder()
T = TypeVar("T")


class Context(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
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

    def encoded(self, requires_consent: bool, granted: bool) -> bytes:
        """JSON of what is kept; traits have their own place."""
        self.traits = UNSET
        if not granted:
            self.user_agent = self.user_agent_data = UNSET
            if requires_consent:
                for field in DEVICE_FIELDS:
                    setattr(self, field, UNSET)
        content: bytes = _encode(self)
        return EMPTY if content == b"{}" else without_addresses(content)


class _Consent(msgspec.Struct, rename="camel"):
    category_preferences: dict[str, bool] = {}


_context = msgspec.json.Decoder(Context)
_consent = msgspec.json.Decoder(_Consent)
_campaign = msgspec.json.Decoder(Campaign)
_page = msgspec.json.Decoder(Page)


def read_context(raw: Raw | UnsetType) -> Context:
    """Misfit where it is no object."""
    if raw is UNSET or bytes(raw) == b"null":
        return Context()
    try:
        return _context.decode(raw)
    except msgspec.ValidationError as error:
        raise Misfit(
            Reason("wrong_type", Text(en="context must be an object.", de="context muss ein Objekt sein."), "context")
        ) from error


def has_consent(context: Context, categories: frozenset[str]) -> bool:
    """Whether `context.consent.categoryPreferences` grants all of `categories`; where none are given, all it names."""
    if context.consent is UNSET:
        return False
    consent = _part(_consent, context.consent)
    return consent is not None and grants(consent.category_preferences, categories)


def grants(preferences: Mapping[str, Any], categories: frozenset[str]) -> bool:
    if categories:
        return all(preferences.get(category) is True for category in categories)
    return bool(preferences) and all(granted is True for granted in preferences.values())


def touch_of(context: Context, properties: bytes) -> str | None:
    """The marketing channel that the event tells of. properties: those of a page call, else empty."""
    if context.campaign is UNSET and context.page is UNSET and not properties:
        return None
    page = None if context.page is UNSET else _part(_page, context.page)
    if page is None and properties:
        page = _part(_page, Raw(properties))
    return channel_of(None if context.campaign is UNSET else _part(_campaign, context.campaign), page)


def _part(decoder: "msgspec.json.Decoder[T]", raw: Raw) -> T | None:
    """The part, or None where it has another shape: a wrong tag is no reason to refuse an order."""
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError:
        return None


def without_addresses(content: bytes) -> bytes:
    """The same JSON without network addresses, at any depth. Misfit for numbers beyond reason beside one."""
    if not _ADDRESS.search(content):
        return content
    try:
        cleaned: bytes = _encode(strip_addresses(_anything.decode(content)))
    except msgspec.DecodeError as error:
        raise Misfit(
            Reason("number_out_of_range", Text(en="A number is too large.", de="Eine Zahl ist zu groß."))
        ) from error
    return cleaned


def strip_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: strip_addresses(held) for name, held in value.items() if name not in ADDRESS_NAMES}
    if isinstance(value, list):
        return [strip_addresses(held) for held in value]
    return value
