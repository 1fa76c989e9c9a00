"""Links that tell which message they were followed from, and a picture that tells that it was opened: signed, for those who agreed."""

import base64
import hashlib
import hmac
import html
import re
from collections.abc import Callable
from dataclasses import dataclass

_HREF = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?://[^"'>\s]+)\2""", re.I)
_BODY_END = re.compile(r"</body\s*>", re.I)
_SIGNATURE_BYTES = 12
PICTURE = 0
"""Number of the link that is the picture."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What a signed token says: the message, which of its links of how many, and where it leads; url empty: the picture."""

    message_no: int
    link_no: int
    link_count: int
    url: str


def sign(secret: bytes, touch: Touch) -> str:
    """A token for an address. Nobody can make one, nor lead it elsewhere, without the workspace's key."""
    told = f"{touch.message_no:x}.{touch.link_no:x}.{touch.link_count:x}.{touch.url}".encode()
    return _text(_signature(secret, told) + told)


def read(secret: bytes, token: str) -> Touch | None:
    """What the token says, or None where it is not ours."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        signature, told = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, _signature(secret, told)):
            return None
        message_no, link_no, link_count, url = told.decode().split(".", 3)
        return Touch(int(message_no, 16), int(link_no, 16), int(link_count, 16), url)
    except (ValueError, TypeError):
        return None


def tracked(
    page: str, message_no: int, secret: bytes, address: Callable[[str], str], is_own: Callable[[str], bool]
) -> tuple[str, int]:
    """The page with its links led by way of `address(token)` and a picture at its end; and how many links it has.

    is_own: links that stay as they are, such as the one to unsubscribe: they say by themselves who follows them.
    """
    count, links = 0, sum(not is_own(html.unescape(found[3])) for found in _HREF.finditer(page))

    def led(found: re.Match[str]) -> str:
        nonlocal count
        url = html.unescape(found[3])
        if is_own(url):
            return found[0]
        count += 1
        token = sign(secret, Touch(message_no, count, links, url))
        return f"{found[1]}{found[2]}{html.escape(address(token), quote=True)}{found[2]}"

    page = _HREF.sub(led, page)
    token = sign(secret, Touch(message_no, PICTURE, links, ""))
    picture = f'<img src="{html.escape(address(token), quote=True)}" width="1" height="1" alt="" style="display:block">'
    end = _BODY_END.search(page)
    return (page[: end.start()] + picture + page[end.start() :] if end else page + picture), count


def _signature(secret: bytes, told: bytes) -> bytes:
    return hmac.new(secret, b"schwung tracking\x1f" + told, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
