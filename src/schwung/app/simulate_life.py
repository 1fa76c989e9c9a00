"""The simulated shop goes on day by day: its customers live, its journeys run, its messages go nowhere and are answered by known laws."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schwung.app.deliver import Deliverer
from schwung.app.journey_tell import tell
from schwung.app.journey_tick import tick as journey_tick
from schwung.app.lane import REFRESH, lane, lease
from schwung.app.mirror import mirror_next
from schwung.app.publish import finish_open_batch
from schwung.app.receive import Receiver
from schwung.app.refresh import refresh_touched
from schwung.app.segment_tick import tick as segment_tick
from schwung.app.segment_tick import work_out_all
from schwung.app.segments import segments
from schwung.app.simulate_answers import answer, receive_calls
from schwung.app.simulate_consents import COLUMNS, Wordings, granted, wordings
from schwung.app.simulate_start import NowherePost, ShopClock, check, directory_of, folk_of, start_journeys
from schwung.app.simulate_state import keep, kept
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, HOUR, SECOND, Instant
from schwung.core.errors import InputError
from schwung.core.period import start_of
from schwung.core.text import Text
from schwung.simulation import life as lives
from schwung.simulation.draws import Ints
from schwung.simulation.going_on import FIRST_BLOCK, day_of
from schwung.simulation.laws import Laws
from schwung.simulation.life import Coming, Life, coming
from schwung.simulation.life_laws import LifeLaws
from schwung.simulation.life_wire import Directory, goods
from schwung.simulation.people import number_of, people_of
from schwung.simulation.taking_messages import Messages, Taken, lots, take

LOOKS = (9, 13, 17, 24)
"""Hours at which everything is done that a worker does all the time; what happens between two of them comes in at the later one."""
_CAUSES = ("own", "added", "left_away")


@dataclass(frozen=True, slots=True)
class Lived:
    """days: that the shop has gone on, all together; until: the last one of them. The counts are of this call."""

    days: int
    until: date
    orders: int
    messages: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"until": self.until.isoformat()}


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers of customers who join later; all that `people_of` asks."""

    number: Ints


@dataclass
class _Shop:
    """What a run holds. orders, messages: the truth of the day so far."""

    workspace: Workspace
    clock: ShopClock
    laws: Laws
    life_laws: LifeLaws
    life: Life
    known: Directory
    wordings: Wordings
    receiver: Receiver
    deliverer: Deliverer
    truth: Path
    orders: list[pa.Table]
    messages: list[pa.Table]


def live(
    workspace: Workspace, life_laws: LifeLaws, weeks: int | None = None, *, looks: Sequence[int] = LOOKS,
    progress: Callable[[int, int], None] | None = None,
) -> Lived:  # fmt: skip
    """So many weeks from where the shop stands, or up to yesterday. A day that was broken off is done again, with the same outcome.

    InputError where the workspace holds no simulated shop, is being served, or lacks what its messages need; for other laws
    than those it has gone on by; for weeks beyond yesterday.
    """
    laws = check(workspace)
    truth = workspace.folder / "truth" / "life"
    truth.mkdir(parents=True, exist_ok=True)
    told, before = life_laws.to_dict(), kept(truth / "state.npz")
    if before is not None and before[1] != told:
        raise InputError(
            "simulated_already",
            Text("The shop has gone on by other laws.", "Der Shop hat nach anderen Gesetzen weitergelebt."),
            Text("Repeat the options of the first time.", "Die Angaben des ersten Mals wiederholen."),
        )
    life = before[0] if before is not None else lives.begin(folk_of(laws, workspace.folder / "truth"))
    days = _days(workspace, laws, life, weeks)
    (truth / "laws.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    clock = ShopClock(_midnight(laws, life.days))
    shop = replace(workspace, clock=clock)
    receiver = Receiver(shop)
    deliverer = Deliverer(shop, NowherePost(shop), threading.Event())
    run = _Shop(
        shop, clock, laws, life_laws, life, directory_of(laws, life.folk), wordings(shop), receiver, deliverer, truth, [], []
    )  # fmt: skip
    orders = messages = 0
    try:
        if before is None:
            start_journeys(shop)
        for done in range(days):
            if progress:
                progress(done, days)
            _day(run, looks)
            orders, messages = orders + sum(map(len, run.orders)), messages + sum(map(len, run.messages))
            _close_day(run, told)
    finally:
        receiver.close()
        deliverer.close()
        shop.store.close()
    until = laws.end_on + timedelta(days=run.life.days)
    return Lived(run.life.days, until, orders, messages)


def _days(workspace: Workspace, laws: Laws, life: Life, weeks: int | None) -> int:
    """How many days are to be lived."""
    most = (workspace.clock() - _midnight(laws, life.days)) // DAY
    if weeks is None:
        return max(int(most), 0)
    if 7 * weeks > most:
        raise InputError(
            "life_beyond_today",
            Text("The shop has come to {day}; so many weeks would go beyond today.", "Der Shop ist beim {day} angekommen; so viele Wochen gingen über heute hinaus.").fill(
                day=(laws.end_on + timedelta(days=life.days)).isoformat()
            ),
            Text("Fewer weeks, or fill a workspace with an earlier --end.", "Weniger Wochen, oder einen Arbeitsbereich mit früherem --end füllen."),
        )  # fmt: skip
    return 7 * weeks


def _midnight(laws: Laws, day: int) -> Instant:
    return start_of(laws.end_on + timedelta(days=1 + day), laws.zone)


def _day(run: _Shop, looks: Sequence[int]) -> None:
    day, laws = run.life.days, run.laws
    begins, on = _midnight(laws, day), laws.end_on + timedelta(days=1 + day)
    found = day_of(laws, run.life_laws, run.life.folk, day, on.timetuple().tm_yday, on.weekday())
    run.known.add(people_of(laws, _Numbers(found.number), FIRST_BLOCK + day))
    life = run.life.grown(found.folk)

    def at(share: np.ndarray) -> Ints:
        return (begins + share * DAY).astype(np.int64)

    (looked, looked_at), (buyers, bought_at), (owners, left_at, wait) = found.looked, found.ordered, found.left_cart
    picked = np.flatnonzero(np.isfinite(wait))
    cart_at = at(left_at)
    run.life = replace(
        life,
        coming=life.coming.plus(
            coming("joined", found.number, at(found.joined)),
            coming("looked", looked, at(looked_at)),
            coming("left_cart", owners, cart_at),
            coming("ordered", buyers, at(bought_at)),
            coming("ordered", owners[picked], at(left_at[picked] + wait[picked]), cart_at=cart_at[picked]),
        ),
    )
    ends = _midnight(laws, day + 1) - SECOND
    for nth, hour in enumerate(looks):
        _look(run, min(begins + hour * HOUR, ends), is_morning=nth == 0)


def _look(run: _Shop, moment: Instant, *, is_morning: bool) -> None:
    """What happened since the last look comes in; then everything that a worker does."""
    run.clock.now, workspace = moment, run.workspace
    due, run.life = run.life.due(moment)
    due = _without_left_away(run, due)
    receive_calls(workspace, run.receiver, run.known, due, goods(run.laws.seed, due.who, due.at))
    answer(workspace, run.life.folk.measured, due)
    _bring(workspace)
    _consent(run, due.of("joined"))
    if is_morning:
        _night(run)  # all segments are among it
    else:
        segment_tick(workspace)
    while journey_tick(workspace):
        pass
    run.deliverer.run_dry()
    _react(run, moment)
    _bring(workspace)
    tell(workspace)


def _night(run: _Shop) -> None:
    """What a worker does once a night; the lake is folded once a week, and lead points are worked out anew where rules ask."""
    from schwung.app.compact import compact_lake
    from schwung.app.train import train

    workspace = run.workspace
    if run.life.days % 7 == 0:
        compact_lake(workspace)
        if any('"lead_points"' in json.dumps(one.rule.to_json()) for one in segments(workspace)):
            train(workspace, "lead_points", actor="simulation")
    with lease(workspace, REFRESH, "simulation"):
        refresh_touched(workspace)
    work_out_all(workspace)


def _bring(workspace: Workspace) -> None:
    """Everything that was received becomes facts."""
    while True:
        with lane(workspace, "simulation") as held:
            finish_open_batch(workspace, held)
            if mirror_next(workspace, held) is None:
                return


def _without_left_away(run: _Shop, due: Coming) -> Coming:
    """Of orders of their own accord those are left away that a grudge prevents. The truth knows both."""
    life, laws = run.life, run.life_laws
    own = (due.kind == lives.KIND["ordered"]) & (due.message == 0)
    lot = lots(run.laws.seed, "grudge", due.who, due.at)
    away = own & (life.grudge_until[due.who] > due.at) & (lot < laws.grudge_share)
    ordered = np.flatnonzero(due.kind == lives.KIND["ordered"])
    if len(ordered):
        rows = due.rows(ordered)
        message = np.where(away[ordered], life.grudge_by[rows.who], rows.message)
        cause = np.where(away[ordered], 2, (rows.message > 0).astype(np.int64))
        run.orders.append(
            pa.table(
                {
                    "customer_no": rows.who,
                    "ordered_at": rows.at,
                    "cause": pa.array(_CAUSES).take(pa.array(cause)),
                    "message_no": pa.array(message, mask=message == 0),
                    "journey_no": _journeys(run.workspace, message),
                    "net_minor": goods(run.laws.seed, rows.who, rows.at).net_minor,
                }
            )
        )
    return due.rows(~away)


def _journeys(workspace: Workspace, message: Ints) -> pa.Array:
    with workspace.store.read() as tx:
        rows = tx.rows("simulation.messages", numbers=np.unique(message[message > 0]).tolist())
    of = {row["message_no"]: row["journey_no"] for row in rows}
    return pa.array([of.get(one) for one in message.tolist()], pa.int64())


def _consent(run: _Shop, joined: Coming) -> None:
    """Those who join and agree have confirmed it from their mailbox by the time of the look."""
    folk, workspace = run.life.folk, run.workspace
    rows = joined.rows(folk.agreed[joined.who])
    if not len(rows):
        return
    emails = [run.known.email[one] for one in rows.who.tolist()]
    with workspace.store.write() as tx:
        ids = {row["value"]: row["identifier_id"] for row in tx.rows("identity.find", kind="email", values=emails)}
        has = {number for (number,) in tx.tuples("simulation.consenting", identifier_ids=list(ids.values()))}
        chosen = [nth for nth, email in enumerate(emails) if email in ids and ids[email] not in has]
        told = granted(
            [ids[emails[nth]] for nth in chosen], rows.at[chosen].tolist(),
            folk.measured[rows.who[chosen]].tolist(), run.wordings, workspace.clock(),
        )  # fmt: skip
        tx.load("consent", COLUMNS, told)


def _react(run: _Shop, moment: Instant) -> None:
    """How those who were written to at this look take it."""
    with run.workspace.store.read() as tx:
        rows = tx.rows("simulation.sent", since=moment, upto=moment)
    rows = [row for row in rows if number_of(row["address"]) is not None]
    if not rows:
        return
    number, who = (np.array(each, np.int64) for each in ([row["message_no"] for row in rows], [number_of(row["address"]) for row in rows]))  # fmt: skip
    sent_at = np.full(len(rows), moment, dtype=np.int64)
    recent, life = run.life.recent(who, sent_at, run.life_laws.memory_days)
    sent = Messages(number, who, sent_at, [row["template"] for row in rows], [row["campaign"] for row in rows], recent)
    taken = take(run.life_laws, run.laws.seed, sent)
    ordered = taken.ordered & life.folk.known[who]
    run.life = _with(life, sent, replace(taken, ordered=ordered), run.life_laws)
    flags = ("bounced", "read", "clicked", "ordered", "annoyed", "unsubscribed", "complained")
    run.messages.append(
        pa.table(
            {
                "message_no": number,
                "customer_no": who,
                "journey_no": _journeys(run.workspace, number),
                "sent_at": sent_at,
                "recent": recent,
                **{name: getattr(taken, name) for name in flags},
            }
        )
    )


def _with(life: Life, sent: Messages, taken: Taken, laws: LifeLaws) -> Life:
    """What the messages bring is yet to happen; who is annoyed bears a grudge at once."""
    after = {
        "bounced": (taken.bounced, sent.sent_at + 30 * SECOND),
        "opened": (taken.read, taken.read_at),
        "clicked": (taken.clicked, taken.clicked_at),
        "ordered": (taken.ordered, taken.ordered_at),
        "unsubscribed": (taken.unsubscribed, taken.read_at + SECOND),
        "complained": (taken.complained, taken.read_at + SECOND),
    }
    more = [coming(name, sent.who[flag], at[flag], sent.number[flag]) for name, (flag, at) in after.items()]
    angry = taken.annoyed
    until = sent.sent_at[angry] + round(laws.grudge_days * DAY)
    return replace(life, coming=life.coming.plus(*more)).grudging(sent.who[angry], until, sent.number[angry])


def _close_day(run: _Shop, told: Mapping[str, Any]) -> None:
    """The truth of the day, then the state, each as a whole: a day is done or is done again."""
    for name, tables in (("orders", run.orders), ("messages", run.messages)):
        folder = run.truth / name
        folder.mkdir(exist_ok=True)
        if tables:
            pq.write_table(pa.concat_tables(tables), folder / f"{run.life.days:05}.parquet", compression="zstd")
        tables.clear()
    run.life = replace(run.life, days=run.life.days + 1)
    keep(run.life, dict(told), run.truth / "state.npz")
