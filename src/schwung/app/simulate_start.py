"""What the simulated shop needs before it goes on: that it may, its folk as the truth has them, a clock and a post of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from schwung.act.channel import Channel, Outgoing, Refused
from schwung.app.claim import Claimed
from schwung.app.journeys import journeys, next_turn
from schwung.app.playbooks import refuse_unready
from schwung.app.process import processes
from schwung.app.render_messages import Renderer
from schwung.app.segment_tick import work_out_all
from schwung.app.wiring import Workspace
from schwung.channels.nowhere import NowhereChannel
from schwung.core.clock import DAY, MINUTE, Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.simulation.block import block_count
from schwung.simulation.draws import BLOCK, Ints
from schwung.simulation.going_on import FIRST_BLOCK, Folk
from schwung.simulation.laws import Laws, kaffeehaus
from schwung.simulation.life_wire import Directory
from schwung.simulation.people import people_of


@dataclass
class ShopClock:
    """The shop's own time; moves when the shop lives."""

    now: Instant

    def __call__(self) -> Instant:
        return self.now


class NowherePost:
    """E-mails are made as for a real shop, and taken by nobody."""

    def __init__(self, workspace: Workspace) -> None:
        self.channels: Mapping[str, Channel] = {"email": NowhereChannel("email")}
        self._renderer = Renderer(workspace)

    def render(self, messages: Sequence[Claimed]) -> Mapping[int, Outgoing | Refused]:
        return self._renderer.render(messages)

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Numbers:
    number: Ints


def check_filled(workspace: Workspace) -> Laws:
    """The laws of the shop that the workspace holds. InputError where there is none, or it is not filled to the end."""
    with workspace.store.read() as tx:
        row = tx.row("simulation.simulation")
    if row is None or row["done_at"] is None:
        raise InputError(
            "no_simulated_shop",
            Text("This workspace holds no simulated shop.", "Dieser Arbeitsbereich enthält keinen simulierten Shop."),
            Text("Fill it first: schwung simulate --end DATE", "Zuerst füllen: schwung simulate --end DATUM"),
        )
    told = json.loads(row["laws"])
    laws = kaffeehaus(told["seed"], told["customers"], told["days"], date.fromisoformat(told["end_on"]))
    return laws.but(zone=told["zone"], currency=told["currency"])


def check(workspace: Workspace) -> Laws:
    """The laws of the shop that the workspace holds. InputError where it cannot go on."""
    laws = check_filled(workspace)
    if workspace.settings.workspace.as_of != "now":
        raise InputError(
            "shop_stands_still",
            Text("The workspace's figures stand still: as_of is {as_of}.", "Die Zahlen des Arbeitsbereichs stehen still: as_of ist {as_of}.").fill(as_of=workspace.settings.workspace.as_of),
            Text('Set [workspace] as_of = "now".', '[workspace] as_of = "now" setzen.'),
        )  # fmt: skip
    refuse_unready(workspace)
    if any(one.is_alive for one in processes(workspace) if one.kind in ("worker", "server")):
        raise InputError(
            "shop_is_served",
            Text("The workspace is being served, by another clock than the shop's.", "Der Arbeitsbereich ist in Betrieb, nach einer anderen Uhr als der des Shops."),
            Text("Stop schwung serve and its workers first.", "Zuerst schwung serve und seine Worker beenden."),
        )  # fmt: skip
    return laws


def folk_of(laws: Laws, truth: Path) -> Folk:
    """The customers as they stand after the last simulated day."""
    table = pq.read_table(truth / "customers")
    table = table.sort_by("customer_no")

    def column(name: str) -> np.ndarray:
        return table[name].to_numpy(zero_copy_only=False)

    ends = laws.start_at + laws.days * DAY
    agreed, ordered = column("agreed_to_email"), table["first_order_at"].is_valid().to_numpy(zero_copy_only=False)
    reached = (column("device_count") > 0) & ~column("is_guest")
    return Folk(
        joined=(table["joined_at"].to_numpy() - ends) / DAY,
        known=reached & (agreed | ordered),
        agreed=agreed,
        measured=column("agreed_to_measuring"),
        buying_rate=column("buying_rate"),
        leave_share=column("leave_share"),
        has_ordered=ordered,
        is_there=~table["left_at"].is_valid().to_numpy(zero_copy_only=False),
    )


def directory_of(laws: Laws, folk: Folk) -> Directory:
    """How all of them are called, those who have joined since among them."""
    found = Directory([], [], [], [], [], [])
    for block_no in range(block_count(laws)):
        numbers = np.arange(block_no * BLOCK, min((block_no + 1) * BLOCK, laws.customers), dtype=np.int64)
        found.add(people_of(laws, _Numbers(numbers), block_no))
    later = np.arange(laws.customers, len(folk), dtype=np.int64)
    days = np.floor(folk.joined[later]).astype(np.int64)
    for day in np.unique(days).tolist():
        found.add(people_of(laws, _Numbers(later[days == day]), FIRST_BLOCK + day))
    return found


def start_journeys(workspace: Workspace) -> None:
    """On the shop's first day: segments as they are then; journeys that are live begin now, whatever the clock on the wall said."""
    now = workspace.clock()
    work_out_all(workspace)
    with workspace.store.write() as tx:
        tx.run("simulation.start_journeys", now=now + MINUTE)
        # Who came into segments until here came before the journeys.
        heard = tx.value("store.counter", name="journeys_change") or 0
        tx.run("journeys.move_cursor", name="journeys_change", after=heard, upto=tx.value("journeys.last_change"))
    for one in journeys(workspace):
        turn = next_turn(one.journey, workspace.settings.workspace.zone, now) if one.state == "live" else None
        with workspace.store.write() as tx:
            tx.run("journeys.set_next", journey_no=one.journey_no, next_at=turn)
