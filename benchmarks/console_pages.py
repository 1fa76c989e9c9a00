"""Pages of the console with a million customers and twenty million events, while 500 events/s come in."""

import atexit
import os
import re
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from benchmarks.figure import Figure, percentile
from benchmarks.running import Server, schwung, serving, write_key
from schwung.app.access import create_operator
from schwung.app.sessions import start_session
from schwung.app.simulate_live import send
from schwung.app.wiring import open_workspace

_CUSTOMERS = {"full": 1_000_000, "small": 10_000}
_DAYS = 380
_RATE = 500
_PAGES = (
    "/", "/?days=90", "/metrics", "/metrics/revenue", "/metrics/repeat_purchase_rate", "/customers", "/customers?q=muel", "/find?q=muel",
    "/customers?kind=existing&sort=revenue", "/sources", "/live", "/imports", "/quarantine", "/settings", "/health-check", "/team",
)  # fmt: skip
LOADED = re.compile(r'hx-get="([^"]+)" hx-trigger="load"')
"""Addresses of the parts that a page loads by itself."""
_CUSTOMER = re.compile(r'href="(/customers/\d+)"')


@cache
def _folder(shop: str) -> Path:
    """SCHWUNG_BENCH_FOLDER keeps the filled workspace for the next run; filling a million customers takes minutes.

    Else it is there for all benchmarks of this run, and gone after it.
    """
    kept = os.environ.get("SCHWUNG_BENCH_FOLDER")
    if kept:
        return Path(kept) / f"kaffeehaus-{shop}"
    holder = tempfile.mkdtemp(prefix="schwung-")
    atexit.register(shutil.rmtree, holder, ignore_errors=True)
    return Path(holder) / "shop"


def filled(scale: str, size: tuple[int, int] | None = None) -> Path:
    """A workspace with the simulated shop up to yesterday, or of the day on which it was first filled.

    size: customers and days of another shop than the usual one, at full scale.
    """
    other = size if scale == "full" else None
    customers, days = other or (int(os.environ.get("SCHWUNG_BENCH_CUSTOMERS", _CUSTOMERS[scale])), _DAYS)
    folder = _folder(f"{customers}-{days}" if other else scale)
    if not (folder / "schwung.toml").exists():
        schwung("init", str(folder), "--name", "Kaffeehaus")
    schwung("simulate", "--customers", str(customers), "--days", str(days), "--json", "--workspace", str(folder))
    return folder


def session_of(folder: Path) -> str:
    workspace = open_workspace(folder)
    try:
        owner = create_operator(workspace, f"bench-{time.time_ns()}@example.org", "owner")
        return start_session(workspace, owner.operator_id, "benchmark")[0]
    finally:
        workspace.store.close()


class Browser:
    """Asks for pages as a signed-in operator and notes how long each took, by its address without numbers.

    taken: milliseconds that the browser waited. server_taken: those of them that the server says it took (Server-Timing), the wait
    for a thread included; the rest is the way through loopback and the turn of both processes on the processor.
    """

    def __init__(self, server: Server, session: str) -> None:
        self.server = server
        self._headers = {
            "Cookie": f"schwung_session={session}",
            "Accept": "text/html",
            "Host": f"127.0.0.1:{server.port}",
        }
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.server_taken: dict[str, list[float]] = defaultdict(list)

    def open(self, address: str, *, part: bool = False) -> tuple[int, str]:
        began = time.perf_counter()
        headers = self._headers | ({"HX-Request": "true"} if part else {})
        status, told, text = self.server.exchange("GET", address.replace("&amp;", "&"), None, headers, timeout=120)
        if status == 303 and address.startswith(
            "/customers/"
        ):  # merged while the list was read: where it leads is no page of the list
            return status, ""
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")
        name = re.sub(r"\d+", "N", address)
        self.taken[name].append((time.perf_counter() - began) * 1000)
        self.server_taken[name].append(float(told["Server-Timing"].partition("dur=")[2]))
        return status, text.decode(errors="replace")

    def visit(self, address: str) -> str:
        """The page, then the parts that it loads by itself."""
        _, text = self.open(address)
        for part in dict.fromkeys(LOADED.findall(text)):
            self.open(part, part=True)
        return text


def _rounds(browser: Browser, count: int) -> None:
    for _ in range(count):
        for address in _PAGES:
            text = browser.visit(address)
            if address.startswith("/customers"):
                for customer in list(dict.fromkeys(_CUSTOMER.findall(text)))[:3]:
                    browser.visit(customer)


def run(repeats: int, scale: str) -> list[Figure]:
    """Cold: the first time after the server started. Warm: the following rounds under load. One figure per address too."""
    folder = filled(scale)
    key, session = write_key(folder, "live"), session_of(folder)
    rounds = 5 if scale == "full" else 2
    with serving(folder) as server:
        cold = Browser(server, session)
        _rounds(cold, 1)
        warm, stop = [], threading.Event()
        load = threading.Thread(
            target=send, args=(server.url, key), kwargs={"rate": _RATE, "seconds": 36_000, "seed": 50, "stop": stop}
        )
        load.start()
        try:
            time.sleep(2)
            for _ in range(repeats):
                browser = Browser(server, session)
                _rounds(browser, rounds)
                warm.append(browser)
        finally:
            stop.set()
            load.join()
        memory = server.resident_mib_of(server.process.pid)
    all_cold = _all(cold.taken)
    note = f"{len(all_cold)} addresses and parts, {_RATE} events/s"
    by_server = [percentile(_all(browser.server_taken), 0.95) for browser in warm]
    by_client = [percentile(_all(browser.taken), 0.95) for browser in warm]
    figures = [
        Figure("console pages, p95, warm, server time", "ms", by_server, "lower", bar=300, note=note),
        Figure(
            "the same, as the browser waits",
            "ms",
            by_client,
            "lower",
            note="over loopback; load and browser share the cores",
        ),
        Figure("console pages, p95, first time after start", "ms", [percentile(all_cold, 0.95)], "lower"),
        Figure("memory of the server with the console in use", "MiB", [memory], "lower"),
    ]
    for address in sorted(cold.taken):
        visited = [browser for browser in warm if browser.taken.get(address)]
        runs = [percentile(browser.server_taken[address], 0.95) for browser in visited]
        if runs:
            waited = max(percentile(browser.taken[address], 0.95) for browser in visited)
            note = f"browser {waited:,.0f} ms; first time {max(cold.taken[address]):,.0f} ms"
            figures.append(Figure(f"`{address}` p95, server time", "ms", runs, "lower", note=note))
    return figures


def _all(taken: Mapping[str, list[float]]) -> list[float]:
    return [one for many in taken.values() for one in many]
