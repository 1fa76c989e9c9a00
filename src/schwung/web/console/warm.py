"""Parts of a page whose figures are at hand stand in it at once; the others come after it, keeping their place."""

from collections.abc import Callable

from markupsafe import Markup

from schwung.app.fresh import NotAtHand, only_at_hand


def inline(make: Callable[[], str], *, wait: bool = False) -> Markup | None:
    """The part, if its figures are at hand, or if `wait`; else None: the page loads it by an address of its own."""
    if wait:
        return Markup(make())
    try:
        with only_at_hand():
            return Markup(make())
    except NotAtHand:
        return None
