"""Parts of a page whose figures are at hand stand in it at once; the others come after it, keeping their place."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from markupsafe import Markup

from schwung.app.fresh import MOST_AGE
from schwung.core.clock import SECOND, Instant
from schwung.web.console.page import Page

_warm: OrderedDict[tuple[str, str], Instant] = OrderedDict()
_lock = threading.Lock()
_MOST = 2_000
_SURELY_WARM = MOST_AGE - 10 * SECOND


def inline(page: Page, address: str, make: Callable[[], str], *, wait: bool = False) -> Markup | None:
    """The part, if its figures were computed so lately that they are still cached, or if `wait`; else None."""
    key = (str(page.workspace.folder), address)
    now = page.workspace.clock()
    with _lock:
        made_at = _warm.get(key)
    if not wait and (made_at is None or not 0 <= now - made_at <= _SURELY_WARM):
        return None
    html = make()
    with _lock:
        _warm[key] = page.workspace.clock()
        _warm.move_to_end(key)
        while len(_warm) > _MOST:
            _warm.popitem(last=False)
    return Markup(html)
