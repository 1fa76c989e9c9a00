"""Facts of the relationship from events: just received, imported, or lying in the lake from before there were such facts."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.facts import Facts, open_facts
from schwung.app.lane import lane
from schwung.app.ports import Transaction
from schwung.app.publish import finish_open_batch, open_batch, publish, stage
from schwung.app.wiring import Workspace
from schwung.collect.projections import carts, project
from schwung.collect.projections.carts import Memory
from schwung.collect.projections.occasion import Occasion, Setting
from schwung.collect.projections.reading import READ, lying
from schwung.core.clock import DAY, Instant

FILL_EVENTS = 500_000
"""Event numbers of one step of filling in what lies in the lake."""


@dataclass(frozen=True, slots=True)
class Projected:
    """tables: rows by table. carts: what is to be kept of them, in the commit that publishes the rows."""

    tables: dict[str, pa.Table]
    carts: Memory


def setting_of(workspace: Workspace, batch_no: int) -> Setting:
    about = workspace.settings.workspace
    return Setting(batch_no, about.currency, about.zone, workspace.settings.listen.declared)


def project_all(workspace: Workspace, occasions: Sequence[Occasion], setting: Setting) -> Projected:
    """Rows of all tables; carts go on from what is kept of them."""
    tables = project(occasions, setting)
    filling = [one for one in occasions if one.name in carts.NAMES]
    memory = Memory({}, set())
    if filling:
        with workspace.store.read() as tx:
            memory = carts.remembered(tx.rows("relationship.open_carts", tokens=sorted(carts.tokens(filling))))
        rows = carts.cart_rows(filling, memory, setting)
        if rows.num_rows:
            tables["carts"] = rows
    return Projected(tables, memory)


def keep_carts(tx: Transaction, memory: Memory, now: Instant) -> None:
    if memory.touched:
        tx.run_many("relationship.keep_cart", [{**row, "now": now} for row in carts.stored(memory)])


def forget_carts(workspace: Workspace) -> int:
    """Carts that nobody touched for long are not remembered; their rows stay facts."""
    with workspace.store.write() as tx:
        return tx.run("relationship.forget_carts", before=workspace.clock() - carts.KEPT_DAYS * DAY)


def project_events(
    workspace: Workspace, events: pa.Table, batch_no: int, names: frozenset[str] = READ
) -> dict[str, pa.Table]:
    """Facts of rows of `events`, of those with these names; carts among themselves only."""
    setting = setting_of(workspace, batch_no)
    occasions = list(lying(events, names))
    tables = project(occasions, setting)
    rows = carts.cart_rows([one for one in occasions if one.name in carts.NAMES], Memory({}, set()), setting)
    return tables | ({"carts": rows} if rows.num_rows else {})


def is_filled(workspace: Workspace) -> bool:
    """Whether the events that lay in the lake before there were such facts have become facts as well."""
    with workspace.store.read() as tx:
        return tx.row("relationship.backfill") is None


def fill(workspace: Workspace) -> int:
    """Make facts of events from before there were such facts, step by step; rows written. May be stopped and repeated."""
    written = 0
    while (step := _fill_step(workspace)) is not None:
        written += step
    return written


def _fill_step(workspace: Workspace) -> int | None:
    """One range of event numbers. None when all is done."""
    with lane(workspace, "filling in") as held:
        finish_open_batch(workspace, held)
        with workspace.store.read() as tx:
            state = tx.row("relationship.backfill")
        if state is None:
            return None
        with open_facts(workspace) as facts:
            first, last = state["next_event_no"], _last_event(facts, state["through_batch"])
            events = _events(facts, state["through_batch"], first) if first <= last else None
        if events is None:
            with workspace.store.write() as tx:
                held.fence(tx)
                tx.run("relationship.filled")
            return None
        with workspace.store.read() as tx:
            batch_no = int(tx.value("store.counter", name="batch")) + 1  # the lane is ours: the next number is known
        tables = project_events(workspace, events, batch_no)
        stage(workspace, f"filling-{batch_no}", tables)
        with workspace.store.write() as tx:
            open_batch(tx, held, "import", workspace.clock(), staging=f"filling-{batch_no}")
            tx.run("relationship.advance", next_event_no=first + FILL_EVENTS)
        publish(workspace, held, batch_no, tables)
        return sum(rows.num_rows for rows in tables.values())


def _last_event(facts: Facts, through_batch: int) -> int:
    events = facts.everything("events")
    found = facts.run(events.filter(events["batch_no"] <= through_batch).agg(last=events["event_no"].max()))
    return pc.max(found["last"]).as_py() or 0


def _events(facts: Facts, through_batch: int, first: int) -> pa.Table:
    events = facts.everything("events")
    rows = events.filter(
        events["batch_no"] <= through_batch,
        events["event_no"].between(first, first + FILL_EVENTS - 1),
        events["name"].isin(sorted(READ)),
    )
    return facts.run(rows)
