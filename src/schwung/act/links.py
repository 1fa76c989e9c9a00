"""Links of a message: those to the shop's own pages say from which message they were followed (UTM)."""

import html
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit


def utm_query(source: str, medium: str, campaign: str) -> str:
    return urlencode({"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}, quote_via=quote)


def with_utm(url: str, query: str, domains: Sequence[str]) -> str:
    """The link with `query`, if it leads to one of the domains or below; what it says itself stays."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return url
    if not query or parts.scheme.lower() not in ("http", "https") or not is_within(host, domains):
        return url
    said = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = "&".join(part for part in query.split("&") if part.split("=")[0] not in said)
    joined = "&".join(part for part in (parts.query, added) if part)
    return urlunsplit(parts._replace(query=joined))


def with_utm_in_html(escaped: str, query: str, domains: Sequence[str]) -> str:
    """The same for the value of an attribute."""
    return html.escape(with_utm(html.unescape(escaped), query, domains), quote=True)


def is_within(host: str, domains: Sequence[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in domains)


def goes_nowhere(url: str) -> bool:
    """Empty, a lone #, javascript, or an address without a host."""
    found = url.strip()
    if found.lower().startswith(("mailto:", "tel:", "sms:")):
        return len(found.split(":", 1)[1].strip()) < 3
    try:
        parts = urlsplit(found)
    except ValueError:
        return True
    return parts.scheme.lower() not in ("http", "https") or "." not in (parts.hostname or "")
