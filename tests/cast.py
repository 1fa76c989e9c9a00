"""Anna, Ben, Cem and one small shop with known answers, for tests, docs and pictures.

They come in the way everybody does: as events of the Segment spec, received, unified, mirrored. All numbers below hold at
the frozen clock's moment, 20 November 2026, 13:00 in Berlin, with the standard settings.
"""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Hashable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.conninfo import conninfo_to_dict

from schwung.app.lane import lane
from schwung.app.mirror import mirror_next
from schwung.app.quarantine import reception
from schwung.app.receive import Receiver
from schwung.app.refresh import refresh_touched
from schwung.app.wiring import Workspace
from schwung.collect.wire import Accepted, Refused, read_event

SOURCE = "shop"
REVENUE = 232.0
"""20 + 30 + 10 (Anna) + 40 − 5 (Ben) + 50 + 50 (Cem) + 25 (Emil) + 12 (a guest); Cem's cancelled 99 do not count."""
ORDERS = 8
REVENUE_BY_MONTH = {"2026-02": 25, "2026-03": 20, "2026-05": 50, "2026-06": 50, "2026-10": 30, "2026-11": 57}
REVENUE_28_DAYS = 57.0
REVENUE_28_DAYS_BEFORE = 30.0
REPEAT_PURCHASE_RATE = 0.5
"""Anna and Cem of Anna, Ben, Cem and Emil."""
KINDS = {"lead": 1, "new": 1, "existing": 0, "won_back": 1, "dormant": 1, "lost": 1}
"""Dana, Ben, nobody, Anna (222 days away, then back), Cem (172 days), Emil (292 days)."""
ORDERS_BY_CHANNEL = {"organic_search": 1, "email": 1, "print": 1, "unknown": 5}
"""Anna's first order by her search, her last one by a newsletter (her direct visit after it does not count); Ben's order
states print itself."""
GUEST_ORDERS = 1


_TOLD = tempfile.TemporaryDirectory(prefix="schwung-cast-")
_told: dict[Hashable, Path] = {}


def fill(workspace: Workspace) -> None:
    """The whole story into an empty workspace, up to the published snapshot and the customer list."""
    once(workspace, "cast", _tell)


def once(workspace: Workspace, name: str, tell: Callable[[Workspace], object]) -> None:
    """`tell`, into an empty workspace. Where one with the same store has had it before, at the same moment, with the same
    settings and rows, what came of it is copied."""
    lake, store = workspace.folder / "lake", _SQLite if workspace.store.dialect == "sqlite" else _Postgres
    settings = (workspace.folder / "schwung.toml").read_bytes()
    with closing(store(workspace)) as rows:
        alike = (name, workspace.clock(), rows.settings(settings), rows.dump())
        if alike not in _told:
            tell(workspace)
            _told[alike] = Path(_TOLD.name) / str(len(_told))
            shutil.copytree(lake, _told[alike] / "lake")
            rows.save(_told[alike])
        else:
            shutil.copytree(_told[alike] / "lake", lake, dirs_exist_ok=True)
            rows.take(_told[alike])


class _SQLite:
    def __init__(self, workspace: Workspace) -> None:
        self._database = sqlite3.connect(workspace.folder / "store.db")
        self.close = self._database.close

    def settings(self, written: bytes) -> bytes:
        return written

    def dump(self) -> str:
        return "".join(self._database.iterdump())

    def save(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / "store.db")) as copied:
            self._database.backup(copied)

    def take(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / "store.db")) as told:
            told.backup(self._database)


class _Postgres:
    """Whose databases are copied on the server. A workspace's connections are ended: it makes others."""

    def __init__(self, workspace: Workspace) -> None:
        self._url = workspace.settings.store.url
        given = conninfo_to_dict(self._url)
        self._name = str(given["dbname"])
        self._server = psycopg.connect(autocommit=True, **{**given, "dbname": "postgres"})
        self.close = self._server.close

    def settings(self, written: bytes) -> bytes:
        return written.replace(self._name.encode(), b"")

    def dump(self) -> str:
        with psycopg.connect(self._url) as database:
            (told,) = database.execute("SELECT schema_to_xml('public', true, true, '')::text").fetchone() or ("",)
        return str(told).replace(self._name, "")

    def save(self, folder: Path) -> None:
        self._copy(self._name, self._copied(folder))

    def take(self, folder: Path) -> None:
        self._server.execute(f'DROP DATABASE "{self._name}" WITH (FORCE)')
        self._copy(self._copied(folder), self._name)

    def _copied(self, folder: Path) -> str:
        return f"told_{folder.name}_{os.getpid()}"

    def _copy(self, model: str, name: str) -> None:
        self._server.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (model,)
        )
        self._server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{model}" STRATEGY file_copy')


def _tell(workspace: Workspace) -> None:
    send(workspace, story())
    mirror(workspace)


def send(workspace: Workspace, events: Sequence[dict[str, Any]]) -> None:
    """Events as a Segment client would send them, durable on return."""
    about = reception(workspace, SOURCE, workspace.clock())
    read = [read_event(json.dumps(event).encode(), None, about) for event in events]
    refused = [event for event in read if isinstance(event, Refused)]
    assert not refused, refused
    receiver = Receiver(workspace)
    receiver.receive_now([event for event in read if isinstance(event, Accepted)])
    receiver.close()


def mirror(workspace: Workspace) -> None:
    """What the worker does with what waits."""
    with lane(workspace, "test") as held:
        while mirror_next(workspace, held) is not None:
            pass
    refresh_touched(workspace)


def story() -> list[dict[str, Any]]:
    search = {"page": {"url": "https://shop.example/", "referrer": "https://www.google.com/"}}
    newsletter = {"campaign": {"medium": "email", "source": "newsletter", "name": "november"}}
    direct = {"page": {"url": "https://shop.example/", "referrer": ""}}
    return [
        order("E1", "2026-02-01 09:00", 25, user="emil"),
        visit("2026-03-01 20:00", device="device-of-anna", context=search),
        identify("2026-03-02 10:00", "anna", device="device-of-anna", email="anna@example.com", name="Anna Ahrens"),
        order("A1", "2026-03-02 10:05", 20, user="anna", products=(("coffee", 15), ("mug", 5))),
        identify("2026-05-01 11:55", "cem", email="cem@example.com", name="Cem Çelik"),
        order("C1", "2026-05-01 12:00", 50, user="cem"),
        order("C2", "2026-06-01 12:00", 50, user="cem"),
        order("A2", "2026-10-10 18:00", 30, user="anna"),
        identify("2026-11-01 07:55", "ben", email="ben@example.com", name="Ben Groß"),
        order("B1", "2026-11-01 08:00", 40, user="ben", products=(("coffee", 35), ("mug", 5)), channel="print"),
        order("G1", "2026-11-03 15:00", 12),
        order("C3", "2026-11-05 12:00", 99, user="cem"),
        track("Order Cancelled", "2026-11-05 13:00", {"order_id": "C3"}, user="cem"),
        refund("B1", "2026-11-10 16:00", 5, user="ben", products=(("mug", 5),)),
        visit("2026-11-11 21:00", user="anna", context=newsletter),
        visit("2026-11-12 07:00", user="anna", context=direct),
        order("A3", "2026-11-12 07:10", 10, user="anna"),
        identify("2026-11-15 19:00", "dana", email="dana@example.com", name="Dana Dietz"),
    ]


def track(
    name: str, day: str, properties: dict[str, Any], *, user: str | None = None, device: str | None = None
) -> dict[str, Any]:
    return _event("track", day, user, device) | {"event": name, "properties": properties}


def order(
    order_id: str,
    day: str,
    amount: int,
    *,
    user: str | None = None,
    products: Sequence[tuple[str, int]] = (),
    channel: str | None = None,
) -> dict[str, Any]:
    """An order; without a user it is a guest's. Amounts in euro, one piece of each product."""
    properties = {
        "order_id": order_id,
        "revenue": amount,
        "currency": "EUR",
        "country": "DE",
        "products": _products(products or (("coffee", amount),)),
    }
    return track("Order Completed", day, properties | ({"channel": channel} if channel else {}), user=user)


def refund(
    order_id: str, day: str, amount: int, *, user: str | None = None, products: Sequence[tuple[str, int]] = ()
) -> dict[str, Any]:
    properties = {"order_id": order_id, "amount": amount, "currency": "EUR", "products": _products(products)}
    return track("Order Refunded", day, properties, user=user)


def visit(day: str, *, user: str | None = None, device: str | None = None, context: dict[str, Any]) -> dict[str, Any]:
    return _event("page", day, user, device) | {"name": "Home", "context": context}


def identify(day: str, user: str, *, device: str | None = None, **traits: str) -> dict[str, Any]:
    return _event("identify", day, user, device) | {"traits": traits}


def _products(products: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [
        {"product_id": name, "name": name.capitalize(), "price": amount, "quantity": 1} for name, amount in products
    ]


def _event(call: str, day: str, user: str | None, device: str | None) -> dict[str, Any]:
    moment = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return {
        "type": call,
        "messageId": f"{call}-{user or device or 'guest'}-{day}",
        "timestamp": moment.isoformat(),
        "userId": user,
        "anonymousId": device,
    }
