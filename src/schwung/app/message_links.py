"""Links of one message to pages of ours: to unsubscribe, and to the preferences of a person. They are signed, and need no sign-in."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TypeAlias

from schwung.app.wiring import Workspace

MessageLinks: TypeAlias = Callable[[Workspace, int | None, str], Mapping[str, str]]
_PAGES = "schwung.app.signed_links"


def message_links(workspace: Workspace, identifier_id: int | None, purpose: str) -> Mapping[str, str]:
    """By the address that is written to and the purpose; empty where nobody is named."""
    if identifier_id is None or find_spec(_PAGES) is None:
        return {"unsubscribe_url": "", "preferences_url": ""}
    pages = import_module(_PAGES)
    return {
        "unsubscribe_url": pages.unsubscribe_link(workspace, identifier_id, purpose),
        "preferences_url": pages.preferences_link(workspace, identifier_id),
    }
