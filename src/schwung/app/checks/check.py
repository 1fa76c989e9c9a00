"""How a check of doctor is declared, and what it may find."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from schwung.app.wiring import Workspace
from schwung.core.text import Text

State = Literal["ok", "note", "error"]


@dataclass(frozen=True, slots=True)
class Look:
    """What a check saw. note: worth knowing, nothing is broken. error: somebody must act. step: what to do."""

    state: State
    detail: Text
    step: Text | None = None


def ok(detail: Text) -> Look:
    return Look("ok", detail)


@dataclass(frozen=True, slots=True)
class Check:
    """look: the question. repair: what sets it right where that is safe; called only if `look` was not ok.

    thorough: takes seconds on large workspaces; the health page leaves it out.
    """

    name: str
    title: Text
    look: Callable[[Workspace], Look]
    repair: Callable[[Workspace], object] | None = None
    thorough: bool = False


def listed(words: Sequence[object], most: int = 5) -> str:
    """The first words, and how many more there are."""
    shown = ", ".join(str(word) for word in words[:most])
    return f"{shown} (+{len(words) - most})" if len(words) > most else shown
