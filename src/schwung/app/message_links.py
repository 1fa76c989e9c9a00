"""Links of one message to pages of ours: to unsubscribe, and to the preferences of a person. They are signed, and need no sign-in."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from schwung.app.signed_links import preferences_link, unsubscribe_link
from schwung.app.wiring import Workspace

MessageLinks: TypeAlias = Callable[[Workspace, int | None, str], Mapping[str, str]]


def message_links(workspace: Workspace, identifier_id: int | None, purpose: str) -> Mapping[str, str]:
    """By the address that is written to and the purpose; empty where nobody is named."""
    if identifier_id is None:
        return {"unsubscribe_url": "", "preferences_url": ""}
    return {
        "unsubscribe_url": unsubscribe_link(workspace, identifier_id, purpose),
        "preferences_url": preferences_link(workspace, identifier_id),
    }
