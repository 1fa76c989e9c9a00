"""Which marketing channel brought a visit: campaign tags first, then click ids, then the referrer."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import msgspec

from schwung.core.text import Text

CHANNELS: Mapping[str, Text] = {
    "paid_search": Text("Paid search", "Bezahlte Suche"),
    "organic_search": Text("Organic search", "Organische Suche"),
    "paid_social": Text("Paid social", "Bezahlte soziale Medien"),
    "social": Text("Social", "Soziale Medien"),
    "email": Text("E-mail", "E-Mail"),
    "sms": Text("SMS", "SMS"),
    "messenger": Text("Messenger", "Messenger"),
    "push": Text("Push", "Push"),
    "display": Text("Display", "Display-Werbung"),
    "video": Text("Video", "Video-Werbung"),
    "audio": Text("Audio", "Audio-Werbung"),
    "affiliate": Text("Affiliate", "Affiliate"),
    "offline": Text("Offline", "Offline"),
    "referral": Text("Referral", "Verweis"),
    "other": Text("Other campaign", "Sonstige Kampagne"),
    "direct": Text("Direct", "Direkt"),
}
"""Every channel that an event can get; orders and spend may carry other words, which their source states."""
_NOT_KNOWN = Text("unknown", "unbekannt")


def channel_title(name: str) -> Text:
    """A channel as people read it; another word than ours stays as its source states it, without underscores."""
    return CHANNELS.get(name) or (_NOT_KNOWN if name == "unknown" else Text(*[name.replace("_", " ")] * 2))


# Campaign medium → channel, first match wins. The list follows Google Analytics' default channel group (2024).
_MEDIA: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (channel, re.compile(pattern))
    for channel, pattern in (
        ("email", r"^(e[-_ ]?mail|newsletter|mail|nl)$"),
        ("sms", r"^(sms|text)$"),
        ("messenger", r"^(whatsapp|telegram|messenger|chat)$"),
        ("push", r"(^|[-_ ])push$|^(mobile|web|app)[-_ ]?(push|notification)$|notification"),
        ("affiliate", r"^(affiliates?|partner)$"),
        ("paid_social", r"^(paid|cpc|ppc|cpm|cpa)[-_ ]?(social|soc)|social[-_ ]?(paid|ads?|cpc|cpm)"),
        ("display", r"^(display|banner|interstitial|expandable|cpm|native|retargeting|remarketing)$"),
        ("video", r"video"),
        ("audio", r"^(audio|podcast|radio[-_ ]?stream)$"),
        ("social", r"^(social|social[-_ ](network|media)|sm|organic[-_ ]?social)$"),
        ("offline", r"^(qr|qr[-_ ]?code|print|flyer|poster|offline|radio|tv|letter|brief|fair|messe|catalog|katalog)$"),
        ("organic_search", r"^(organic|organic[-_ ]?search|seo)$"),
        ("referral", r"^(referral|link|app|backlink)$"),
    )
)
_PAID = re.compile(r"^(.*cp.*|ppc|retargeting|paid.*|sea|sem|ads?)$")
_SEARCH_CLICKS = frozenset(("gclid", "gbraid", "wbraid", "msclkid", "yclid"))
_SOCIAL_CLICKS = frozenset(("ttclid", "li_fat_id", "twclid", "sccid", "epik", "rdt_cid"))
_SEARCH = re.compile(
    r"(^|\.)(google|bing|duckduckgo|ecosia|startpage|qwant|yahoo|yandex|baidu|brave|metager|naver|seznam)(\.|$)"
)
_SOCIAL = re.compile(
    r"(^|\.)(facebook|fb|instagram|linkedin|lnkd|twitter|x|t|pinterest|tiktok|youtube|youtu|reddit|xing|threads"
    r"|mastodon|snapchat|vk|tumblr|bsky)\.(com|net|de|co|in|be|me|social|app|it)$"
)
_MAIL = re.compile(r"(^|\.)(mail|webmail|outlook|gmx|web|navigator|posteo|proton)\.[a-z.]+$|(^|\.)mail\.google\.com$")


class Campaign(msgspec.Struct, frozen=True):
    """`context.campaign`: the utm tags. Parts that are no text are refused, and then the campaign is unknown."""

    name: str | None = None
    source: str | None = None
    medium: str | None = None


class Page(msgspec.Struct, frozen=True):
    """`context.page` as far as it tells where a visitor came from."""

    url: str | None = None
    referrer: str | None = None
    search: str | None = None


def channel_of(campaign: Campaign | None, page: Page | None) -> str | None:
    """The channel of a touch. None where nothing tells: no campaign, and no page or a page reached from the same site."""
    campaign = campaign or Campaign()
    page = page or Page()
    return _channel(
        (campaign.medium or "").strip().lower(),
        (campaign.source or "").strip().lower(),
        bool(campaign.name),
        page.url or "",
        page.search or "",
        page.referrer,
    )


@lru_cache(maxsize=4096)
def _channel(medium: str, source: str, named: bool, url: str, search: str, referrer: str | None) -> str | None:
    host, query = _split(url)
    tags = {
        name.lower(): values[0] for name, values in parse_qs(query or search.lstrip("?"), max_num_fields=200).items()
    }
    medium = medium or tags.get("utm_medium", "").strip().lower()
    source = source or tags.get("utm_source", "").strip().lower()
    named = named or "utm_campaign" in tags
    if medium or source or named:
        return _of_campaign(medium, source, tags)
    if not _SEARCH_CLICKS.isdisjoint(tags):
        return "paid_search"
    if not _SOCIAL_CLICKS.isdisjoint(tags):
        return "paid_social"
    if not host and not referrer:
        return None
    from_host = _split(referrer or "")[0]
    if not from_host:
        return "direct"
    return None if _site(from_host) == _site(host) else _of_host(from_host)


def _of_campaign(medium: str, source: str, tags: Mapping[str, str]) -> str:
    domain = source if "." in source else f"{source}.com"
    if _PAID.match(medium) and not any(pattern.search(medium) for name, pattern in _MEDIA if name == "display"):
        if _SOCIAL.search(domain) or "social" in medium:
            return "paid_social"
        if _SEARCH.search(domain) or medium in ("sea", "sem") or not _SEARCH_CLICKS.isdisjoint(tags):
            return "paid_search"
        return "video" if "video" in medium else "other"
    for channel, pattern in _MEDIA:
        if pattern.search(medium):
            return channel
    if source in ("newsletter", "email", "e-mail", "mail"):
        return "email"
    if not medium and source:
        found = _of_host(domain)
        return "other" if found == "referral" else found
    return "other"


def _of_host(host: str) -> str:
    if _MAIL.search(host):
        return "email"
    if _SEARCH.search(host):
        return "organic_search"
    return "social" if _SOCIAL.search(host) else "referral"


def _split(url: str) -> tuple[str, str]:
    """Host and query of an address; both empty for what is none."""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        return (parts.hostname or "").lower(), parts.query
    except ValueError:
        return "", ""


def _site(host: str) -> str:
    """The last two labels: close enough to tell a site's own pages from a stranger's."""
    return ".".join(host.removeprefix("www.").split(".")[-2:])
