"""schwung simulate: a whole shop in a workspace, once, whatever happens in between; and live over HTTP."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import schwung
from schwung.app import simulate as simulating
from schwung.app.law import may
from schwung.app.profiles import profile_rows
from schwung.app.simulate import Simulated, shop_of, simulate
from schwung.app.simulate_draw import MOST_BESIDE, draw, drawing
from schwung.app.simulate_live import send
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.errors import InputError
from schwung.simulation import block, claims
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.seasons import season
from tests.conftest import FrozenClock, NewWorkspace
from tests.postgres import PostgresServer

SETTINGS = '[workspace]\nname = "Kaffeehaus"\nzone = "Europe/Berlin"\nlanguage = "en"\nas_of = "last_fact"\n'
BLOCK = 256
LAWS = kaffeehaus(2, BLOCK + 100, 60, date(2026, 10, 31))
SMALL = kaffeehaus(2, 300, 60, date(2026, 10, 31))


def numbers(workspace: Workspace) -> dict[str, int]:
    """What the workspace says of itself: counts, sums, customers."""
    shop = schwung.open(str(workspace.folder))
    events, orders, lines, returns, spend = map(shop.table, ("events", "orders", "order_lines", "returns", "spend"))
    asked = [
        events.aggregate(events=events.count(), event_numbers=events.event_no.nunique()),
        orders.aggregate(
            orders=orders.count(),
            customers=orders.customer_id.nunique(),
            guests=orders.customer_id.isnull().sum(),
            revenue=orders.amount_minor.sum(),
        ),
        lines.aggregate(lines=lines.count(), of_lines=lines.amount_minor.sum()),
        returns.aggregate(returned=returns.amount_minor.sum()),
        spend.aggregate(spent=spend.amount_minor.sum()),
    ]
    return {name: int(value) for table in asked for name, value in table.execute().iloc[0].items()}


@contextmanager
def _small_blocks() -> Iterator[None]:
    """Two blocks of few customers say the same of blocks as two large ones. For few batches: a process that draws for more
    would not know of it."""
    with pytest.MonkeyPatch.context() as patched:
        for module in (simulating, block, claims):
            patched.setattr(module, "BLOCK", BLOCK)
        yield


@pytest.fixture
def small_blocks() -> Iterator[None]:
    with _small_blocks():
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Simulated]]:
    """Two blocks, a batch for each; and what was told of it."""
    workspace = create_workspace(tmp_path_factory.mktemp("whole") / "shop", SETTINGS, FrozenClock())
    with _small_blocks():
        done = simulate(workspace, LAWS, batch_blocks=1)
    yield workspace, done
    workspace.store.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = create_workspace(tmp_path_factory.mktemp("small") / "shop", SETTINGS, FrozenClock())
    simulate(workspace, SMALL)
    yield workspace
    workspace.store.close()


def true_orders(workspace: Workspace) -> int:
    files = sorted((workspace.folder / "truth" / "customers").glob("*.parquet"))
    return sum(sum(pq.read_table(file, columns=["order_count"])["order_count"].to_pylist()) for file in files)


@pytest.mark.usefixtures("small_blocks")
def test_the_shop_is_there_and_a_second_time_adds_nothing(whole: tuple[Workspace, Simulated]) -> None:
    workspace, first = whole
    found = numbers(workspace)
    assert first.added == LAWS.customers
    assert found["events"] == found["event_numbers"] == first.events
    assert found["orders"] == first.orders == true_orders(workspace)
    assert found["revenue"] == found["of_lines"] > 0
    assert 0 < found["guests"] < 0.1 * found["orders"]
    again = simulate(workspace, LAWS)
    assert again.added == 0
    assert numbers(workspace) == found


def test_each_buyer_is_one_customer(small: Workspace) -> None:
    """Devices, e-mails, phones and cards of one person end in one customer: as many customers as true buyers who have a name."""
    truth = pq.read_table(small.folder / "truth" / "customers" / "00000.parquet").to_pylist()
    named = sum(one["order_count"] > 0 and not one["is_guest"] for one in truth)
    assert numbers(small)["customers"] == named
    agreed = sum(one["agreed_to_email"] and (one["device_count"] > 0 or one["has_card"]) for one in truth)
    with closing(sqlite3.connect(small.folder / "store.db")) as store:
        (granted,) = store.execute(
            "SELECT count(DISTINCT identifier_id) FROM consent WHERE state = 'granted'"
        ).fetchone()
    assert 0.9 * agreed < granted <= agreed


def test_profiles_say_what_the_store_holds(small: Workspace) -> None:
    """They are published from what was drawn; the store's own traits say the same of each customer."""
    columns = ["customer_id", "country", "language", "traits"]
    shop = schwung.open(str(small.folder))
    found = shop.table("profiles").select(columns).order_by("customer_id").to_pyarrow()
    with small.store.read() as tx:
        stored = profile_rows(tx, found["customer_id"].to_pylist(), 1).select(columns)
    assert found["traits"].null_count < len(found) > 200
    assert found.to_pylist() == stored.to_pylist()


def test_the_law_takes_the_consents_that_are_proved_and_no_others(small: Workspace) -> None:
    """A newsletter goes to whom the truth calls proved, and to buyers who were told of § 7 (3) UWG; each by its right."""
    truth = pq.read_table(small.folder / "truth" / "customers" / "00000.parquet").to_pylist()
    found: dict[str, set[str]] = {}
    with small.store.read() as tx:
        for one in truth:
            owner = tx.rows("lists.by_values", values=[one["user_id"]])
            if owner:
                verdict = may(tx, owner[0]["customer_id"], "email", "newsletter", small.clock())
                case = "proved" if one["consent_proved"] else "unproved" if one["agreed_to_email"] else "no"
                found.setdefault(case, set()).add(verdict.basis or verdict.reason)
    assert found["proved"] == {"consent"}
    assert found["unproved"] == {"own_customer", "no_proof"}
    assert found["no"] == {"own_customer", "no_consent"}


@pytest.mark.usefixtures("small_blocks")
def test_batches_of_any_size_give_the_same_shop(
    whole: tuple[Workspace, Simulated], new_workspace: NewWorkspace
) -> None:
    other = new_workspace("other", as_of="last_fact")
    simulate(other, LAWS, batch_blocks=2)
    assert numbers(whole[0]) == numbers(other)


@pytest.mark.usefixtures("small_blocks")
def test_a_crash_between_batches_or_within_one_is_made_good(
    whole: tuple[Workspace, Simulated], new_workspace: NewWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once after the batch was fixed and once before: the next run ends with the same shop."""
    broken = new_workspace("broken", as_of="last_fact")
    monkeypatch.setattr(simulating, "publish_beside", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        simulate(broken, LAWS, batch_blocks=1)
    with broken.store.read() as tx:
        assert tx.row("mirror.unfinished")
    monkeypatch.undo()
    monkeypatch.setattr(simulating, "stage", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        simulate(broken, LAWS, batch_blocks=1)
    monkeypatch.undo()
    simulate(broken, LAWS, batch_blocks=1)
    found, expected = numbers(broken), numbers(whole[0])
    assert found == expected


def test_another_simulation_is_refused(small: Workspace) -> None:
    with pytest.raises(InputError) as refused:
        simulate(small, SMALL.but(seed=3))
    assert refused.value.code == "simulated_already"


def test_without_a_last_day_the_shop_keeps_its_own(workspace: Workspace, clock: FrozenClock) -> None:
    first = shop_of(workspace, 2, 300, 60, None)
    assert first.end_on == date(2026, 11, 19)
    simulate(workspace, first)
    clock.advance(3 * 86_400)
    assert shop_of(workspace, 2, 300, 60, None) == first


@pytest.mark.postgres
def test_on_postgresql_too(postgres_server: PostgresServer, new_workspace: NewWorkspace) -> None:
    workspace, laws = new_workspace(store=postgres_server.new_database()), SMALL
    done = simulate(workspace, laws)
    assert done.orders == true_orders(workspace) > 0
    written = json.loads((workspace.folder / "truth" / "laws.json").read_text())
    assert (written["r"], written["alpha"]) == (laws.r, laws.alpha)


def test_live_stays_on_this_machine_and_needs_a_key() -> None:
    with pytest.raises(InputError) as remote:
        send("http://shop.example", "key", rate=1, seconds=1)
    assert remote.value.code == "not_this_machine"
    with pytest.raises(InputError) as keyless:
        send("http://127.0.0.1:1", "", rate=1, seconds=1)
    assert keyless.value.code == "key_missing"


def test_another_process_draws_the_same(tmp_path: Path) -> None:
    with drawing(MOST_BESIDE + 1) as pool:
        other = pool.submit(draw, SMALL, season(SMALL), range(1), tmp_path).result()
    own = draw(SMALL, season(SMALL), range(1), tmp_path)
    assert own.rows == other.rows
    [there], [here] = other.parts, own.parts
    assert (there.seen.claims, there.seen.traits) == (here.seen.claims, here.seen.traits)
    assert len(there.block.orders) == len(here.block.orders) > 0
