"""schwung simulate --react: the shop goes on, its customers take the messages of journeys by known laws, and the lift is found."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schwung.act.experiment import design
from schwung.app import simulate_life
from schwung.app.facts import open_facts
from schwung.app.journeys import find_journey, save_journey, start
from schwung.app.messages import counts
from schwung.app.playbooks import take_playbook
from schwung.app.simulate_life import live
from schwung.app.simulate_lift import lifts
from schwung.app.wiring import Workspace, open_workspace
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.simulation.life_laws import LifeLaws
from tests import lives
from tests.conftest import FrozenClock

WEEKS, LOOKS = 2, (11,)
LAWS = LifeLaws(
    cart_rate=0.05, picked_up_share=0.1, read_share=0.8, click_share=0.8, dead_share=0.03, unsubscribed_share=0.1,
    ordering={"abandoned_cart": 0.8}, tolerated=1, weariness=2.0, annoyed_share=0.8, annoyed_complains=0.5,
)  # fmt: skip
EMAIL = '\n[email]\nsender = "shop@example.org"\nimprint = "Kaffeehaus, Weg 1"\nshop_domains = ["kaffeehaus.example"]\n[serve]\npublic_url = "https://me.example"\n[experiments]\nglobal_holdout = 0\n'


def later() -> FrozenClock:
    clock = FrozenClock()
    clock.now += 30 * DAY
    return clock


@pytest.fixture(scope="module")
def shop_with_carts(simulated_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the roaster with the playbook of carts live; half are held back, so that some hundred people show it."""
    folder = tmp_path_factory.mktemp("carts") / "shop"
    shutil.copytree(simulated_shop, folder)
    file = folder / "schwung.toml"
    file.write_text(file.read_text().replace('as_of = "2026-11-20"', 'as_of = "now"') + EMAIL)
    workspace = open_workspace(folder, later())
    take_playbook(workspace, "abandoned_cart", "en", actor="test")
    written = find_journey(workspace, "Abandoned cart").to_json()["definition"] | {"holdout": 0.5}
    save_journey(workspace, "Abandoned cart", written, actor="test")
    start(workspace, "Abandoned cart", actor="test")
    workspace.store.close()
    return folder


def truth_of(workspace: Workspace, name: str) -> pa.Table:
    return pa.concat_tables(
        pq.read_table(file) for file in sorted((workspace.folder / "truth" / "life" / name).iterdir())
    )


@pytest.fixture(scope="module")
def lived(shop_with_carts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Two weeks, followed for five days each."""
    clock = later()
    folder = shutil.copytree(shop_with_carts, tmp_path_factory.mktemp("life") / "shop")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(design, "WINDOW_DAYS", 5)
        workspace = open_workspace(folder, clock)
        done = live(workspace, LAWS, WEEKS, looks=LOOKS)
        assert (done.days, done.until.isoformat()) == (14, "2026-12-04")
    clock.now -= 15 * DAY + DAY // 2  # the evening of the last day
    yield workspace
    workspace.store.close()


def test_the_measured_lift_covers_the_true_one(lived: Workspace) -> None:
    found = {one.outcome: one for one in lifts(lived) if one.experiment == "journey:Abandoned cart"}
    assert found["orders"].true > 0.2 and found["conversion"].true > 0.2, "messages bring a lot, by these laws"
    for one in found.values():
        assert one.is_covered, (one.true, one.effect)
        assert one.effect.low > 0, "and so much shows"


def test_people_read_click_buy_are_annoyed_and_leave_by_the_doors_of_a_real_shop(lived: Workspace) -> None:
    taken = truth_of(lived, "messages").to_pydict()
    sent = counts(lived)["sent"]
    assert len(taken["message_no"]) == sent > 100
    with lived.store.read() as tx:
        fates = dict.fromkeys(("opened", "clicked", "bounced", "unsubscribed", "complained"), 0)
        for number in taken["message_no"]:
            for row in tx.rows("messages.fates", message_no=number):
                if row["state"] in fates:
                    fates[row["state"]] += 1
    assert all(fates.values()), fates
    assert fates["opened"] < sum(taken["read"]), "only who agreed is measured"
    assert (
        sum(taken["annoyed"])
        > 0
        == sum(one for one, recent in zip(taken["annoyed"], taken["recent"], strict=True) if recent == 1)
    )
    orders = truth_of(lived, "orders").to_pydict()
    assert {"own", "added"} <= set(orders["cause"])
    assert sum(cause == "added" for cause in orders["cause"]) <= sum(taken["ordered"])


def test_every_order_of_the_truth_is_in_the_shop(lived: Workspace) -> None:
    orders = truth_of(lived, "orders").to_pydict()
    placed = sum(cause != "left_away" for cause in orders["cause"])
    with open_facts(lived) as facts:
        table = facts.everything("orders")
        known = facts.run(table.filter(table.order_id.startswith("L")).select("order_key").distinct())
    assert len(known) == placed > 0


def test_a_shop_that_is_not_ready_says_what_is_missing(lived: Workspace, workspace: Workspace) -> None:
    with pytest.raises(InputError, match="no simulated shop"):
        live(workspace, LAWS, 1)
    with pytest.raises(InputError, match="by other laws"):
        live(lived, LifeLaws(), 1)
    with pytest.raises(InputError, match="beyond today"):
        live(lived, LAWS, 1)


def _die(folder: Path, now: int, step: str, day: int) -> None:
    """A run that is killed on that day, before that step of it."""
    workspace = open_workspace(folder, lambda: now)
    done = getattr(simulate_life, step)

    def deadly(run: Any, *more: Any) -> None:
        if run.life.days == day:
            os.kill(os.getpid(), signal.SIGKILL)
        done(run, *more)

    setattr(simulate_life, step, deadly)
    simulate_life.live(workspace, LAWS, 1, looks=LOOKS)


def _happened(workspace: Workspace, until: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Every event by then, and every message."""
    with open_facts(workspace) as facts:
        events = facts.table("events", customer=True)
        rows = facts.run(events.filter(events.happened_at < until).select("name", "customer_id", "happened_at"))
    with workspace.store.read() as tx:
        sent = tx.rows("simulation.sent", since=0, upto=until)
    messages = [(one["address"], one["template"], one["campaign"]) for one in sent]
    return sorted(zip(*rows.to_pydict().values(), strict=True), key=str), sorted(messages)


def test_a_shop_that_was_broken_off_goes_on_to_the_same_end(
    lived: Workspace, shop_with_carts: Path, tmp_path: Path
) -> None:
    """Killed twice, once between messages and what people do with them, once before a day is kept; beside a shop of the same
    seed that nobody disturbed."""
    clock = later()
    shutil.copytree(shop_with_carts, tmp_path / "shop")
    for step, day in (("_react", 2), ("_close_day", 4)):
        assert lives.live(_die, tmp_path / "shop", clock.now, step, day) == -signal.SIGKILL
    workspace = open_workspace(tmp_path / "shop", clock)
    simulate_life.live(workspace, LAWS, 1, looks=LOOKS)
    until = clock.now - 30 * DAY + 7 * DAY
    broken, whole = (_happened(one, until) for one in (workspace, lived))
    assert len(whole[1]) > 30 and broken[1] == whole[1], "the same messages, none twice"
    assert broken[0] == whole[0], "the same events, none twice"
    for name in ("orders", "messages"):
        files = sorted((tmp_path / "shop" / "truth" / "life" / name).iterdir())
        truth = pa.concat_tables(pq.read_table(file) for file in files)
        assert truth.num_rows and truth.equals(truth_of(lived, name).slice(0, truth.num_rows)), name
    workspace.store.close()
