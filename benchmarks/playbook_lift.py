"""The four playbooks on the simulated shop: does what their holdouts measure cover what their messages truly brought?

Each repeat is another shop (seed), filled and then lived for ten weeks with all four playbooks live, messages written as for a
real shop; and the same shop once more where messages bring nothing. People are followed for four weeks.
"""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.figure import Figure, Scale
from schwung.app.journeys import find_journey, save_journey, start
from schwung.app.playbooks import playbooks, take_playbook
from schwung.app.simulate import shop_of, simulate
from schwung.app.simulate_life import live
from schwung.app.simulate_lift import Lift, lifts
from schwung.app.wiring import Workspace, create_workspace, open_workspace
from schwung.core.clock import DAY, Instant
from schwung.core.period import start_of
from schwung.simulation.life_laws import LifeLaws

CUSTOMERS, WEEKS = {"full": 8_000, "small": 1_500}, {"full": 10, "small": 5}
DAYS, END = 240, date(2026, 6, 30)
LOOKS = (11,)
HOLDOUT = 0.3
SETTINGS = """[workspace]
name = "Kaffeehaus"
language = "en"
[email]
sender = "shop@example.org"
imprint = "Kaffeehaus, Weg 1, 10115 Berlin"
shop_domains = ["kaffeehaus.example"]
[experiments]
global_holdout = 0.1
global_renewal = "never"
"""


def run(repeats: int, scale: Scale) -> list[Figure]:
    """Each repeat in two lives."""
    found: dict[float, list[list[Lift]]] = {1.0: [], 0.0: []}
    for seed in range(1, repeats + 1):
        with tempfile.TemporaryDirectory() as folder:
            shop = _filled(Path(folder) / "filled", seed, CUSTOMERS[scale])
            for lift, lives in found.items():
                lives.append(_lived(shop, Path(folder) / f"lift {lift}", lift, WEEKS[scale]))
    size = f"{CUSTOMERS[scale]:,} customers, {WEEKS[scale]} weeks, {HOLDOUT:.0%} held back by each journey"
    return [
        Figure(
            "intervals that cover the true lift", "%", _covered(found[1.0]), "higher", 95.0,
            note=f"{size}; {_words(found[1.0])}",
        ),
        Figure(
            "messages that bring nothing: intervals that cover 0", "%", _covered(found[0.0]), "higher", 95.0,
            note=f"{size}; {_words(found[0.0])}",
        ),
        Figure(
            "lifts of orders that are shown to be above 0", "%",
            [100 * sum(one.effect.low > 0 for one in each) / max(len(each), 1) for each in found[1.0]], "higher", None,
            note="of those with a true lift, over conversions and orders",
        ),
    ]  # fmt: skip


def _filled(folder: Path, seed: int, customers: int) -> Path:
    workspace = create_workspace(folder, SETTINGS, lambda: _midnight(0))
    simulate(workspace, shop_of(workspace, seed, customers, DAYS, END))
    workspace.store.close()
    return folder


def _lived(filled: Path, folder: Path, lift: float, weeks: int) -> list[Lift]:
    shutil.copytree(filled, folder)
    workspace = open_workspace(folder, lambda: _midnight(7 * weeks))
    for one in playbooks():
        _take(workspace, one.name, one.journey("en"))
    live(workspace, LifeLaws(lift=lift), weeks, looks=LOOKS)
    found = lifts(workspace)
    workspace.store.close()
    return found


def _take(workspace: Workspace, playbook: str, journey: str) -> None:
    take_playbook(workspace, playbook, "en", actor="bench")
    written = find_journey(workspace, journey).to_json()["definition"] | {"holdout": HOLDOUT}
    save_journey(workspace, journey, written, actor="bench")
    start(workspace, journey, actor="bench")


def _midnight(days: int) -> Instant:
    return start_of(END, "Europe/Berlin") + (1 + days) * DAY


def _covered(lives: Sequence[Sequence[Lift]]) -> list[float]:
    return [100 * sum(one.is_covered for one in each) / max(len(each), 1) for each in lives]


def _words(lives: Sequence[Sequence[Lift]]) -> str:
    """Of the first repeat: true lift, measured one and interval of each journey's orders."""
    return "; ".join(
        f"{one.title.en}: true {one.true:.3f}, measured {one.effect.value:.3f} ({one.effect.low:.3f} to {one.effect.high:.3f})"
        for one in lives[0]
        if one.outcome == "orders"
    )
