"""Parts of a page whose figures are at hand stand in it at once; the others come after it, keeping their place."""

from collections.abc import Callable

from markupsafe import Markup

from schwung.app.fresh import NotAtHand, only_at_hand
from schwung.core.clock import Instant


class Part(Markup):
    """A part of a page. since: of when its figures are, where of more than a minute ago. is_due: the page loads it anew."""

    since: Instant | None = None
    is_due: bool = False


def inline(make: Callable[[], str], *, wait: bool = False) -> Part | None:
    """The part with what is at hand, however old, or newly made if `wait`; None: the page loads it by an address of its
    own. Templates show it by `part_or_later`."""
    if wait:
        return Part(make())
    try:
        with only_at_hand() as glance:
            part = Part(make())
    except NotAtHand:
        return None
    part.since, part.is_due = glance.since, glance.is_due
    return part
