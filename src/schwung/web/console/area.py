"""What an area of the console is: a place in the navigation, and routes."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from fastapi import APIRouter

from schwung.app.access import Role
from schwung.app.wiring import Workspace
from schwung.web.console import AREAS

Group = Literal["home", "measure", "customers", "act", "data", "account"]
GROUPS: tuple[Group, ...] = ("home", "measure", "customers", "act", "data")


@dataclass(frozen=True, slots=True)
class Area:
    """One area. Its name in the navigation is the text `title` of its texts.toml.

    group: heading under which it stands in the navigation; "account": reached from the foot; None: not listed.
    role: the least role that sees it listed. waiting: how many things wait there for a person, shown beside the name.
    """

    name: str
    path: str
    router: APIRouter
    group: Group | None = None
    icon: str = "circle"
    role: Role = "viewer"
    waiting: Callable[[Workspace], int] | None = None


def areas() -> list[Area]:
    """All areas in the order of the navigation."""
    return [import_module(f"schwung.web.console.{name}.routes").AREA for name in AREAS]
