"""Small simulated shops in memory, stable or with one effect planted into the last 28 days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.core.clock import DAY
from schwung.core.period import Period
from schwung.measure.question import Question
from schwung.simulation.block import block_count, simulate_block
from schwung.simulation.event_rows import event_rows
from schwung.simulation.facts import Owned, line_rows, order_rows, order_texts, product_rows, return_rows, spend_rows
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.people import people_of
from schwung.simulation.relationship_rows import relationship_rows
from schwung.simulation.seasons import season

DAYS, PERIOD = 480, 28
ZONE = "Europe/Berlin"
_HOUR = 3_600_000_000
Tables = dict[str, pa.Table]


@dataclass(frozen=True)
class Small:
    """Fact tables with `customer_id`, and the question and period that a diagnosis reads."""

    tables: Tables
    question: Question
    period: Period

    @property
    def since_at(self) -> int:
        return self.period.since_at


def shop(seed: int, customers: int = 20_000) -> Small:
    """A stable shop of its own seed and its own last day, with no effect of the kind that findings look for."""
    end_on = date.fromordinal(date(2026, 1, 1).toordinal() + (seed * 37) % 320)
    laws = kaffeehaus(seed, customers, DAYS, end_on)
    calendar = season(laws)
    parts: dict[str, list[pa.Table]] = {}
    first = 1
    for block_no in range(block_count(laws)):
        block = simulate_block(laws, block_no, calendar)
        people, texts = people_of(laws, block.people, block_no), order_texts(block)
        ids = (block.people.number[block.stream.owner] + 1).astype(np.int64)
        ordered = (block.people.number[block.orders.owner] + 1).astype(np.int64)
        returned = ordered[block.lines.order[block.told.returns.line]]
        owned = Owned(ordered, _zeros(ordered), returned, _zeros(returned))
        found = {
            "events": event_rows(laws, block, texts, ids, _zeros(ids), first, 1),
            "orders": order_rows(laws, block, people, texts, owned, 1),
            "order_lines": line_rows(laws, block, texts, owned, 1),
            "returns": return_rows(laws, block, people, texts, owned, 1),
            **relationship_rows(laws, block, texts, ids, _zeros(ids), first, 1),
        }
        first += len(block.stream)
        for name, rows in found.items():
            parts.setdefault(name, []).append(rows)
    tables = {name: _owned(pa.concat_tables(rows)) for name, rows in parts.items()}
    tables |= {"products": product_rows(laws, laws.start_at, 1), "spend": spend_rows(laws, calendar, 1)}
    period = Period(date.fromordinal(end_on.toordinal() - PERIOD + 1), end_on, ZONE)
    question = Question(as_of=period.until_at - 1, zone=ZONE, until_on=end_on, first_at=laws.start_at)
    tables["events"] = tables["events"].filter(pc.is_valid(tables["events"]["channel"]))
    return Small(tables, question, period)


def _zeros(like: np.ndarray) -> np.ndarray:
    return np.zeros(len(like), np.int64)


def _owned(rows: pa.Table) -> pa.Table:
    rows = rows.append_column("customer_id", rows["identifier_id"])
    return rows.cast(pa.schema([field.with_nullable(True) for field in rows.schema]))


# -- what can be planted ----------------------------------------------------------------------------------------------

Plant = Callable[[Small, np.random.Generator], Tables]


def _last(small: Small, rows: pa.Table, time: str) -> np.ndarray:
    at = rows[time].to_numpy()
    return (at >= small.since_at) & (at < small.period.until_at)


def _drop(rows: pa.Table, gone: np.ndarray) -> pa.Table:
    return rows.filter(pa.array(~gone))


def _moved(rows: pa.Table, column: str, by: np.ndarray) -> pa.Table:
    values = rows[column].to_numpy() + by
    return rows.set_column(rows.schema.get_field_index(column), column, pa.array(values))


def late(share: float) -> Plant:
    """That share of the period's deliveries comes four days later."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        rows = small.tables["deliveries"]
        hit = _last(small, rows, "happened_at") & pc.equal(rows["state"], "delivered").to_numpy()
        hit &= chance.random(rows.num_rows) < share
        moved = rows["happened_at"].to_numpy() + hit * 4 * DAY
        return {
            "deliveries": _moved(
                rows, "happened_at", np.minimum(moved, small.question.as_of) - rows["happened_at"].to_numpy()
            )
        }

    return plant


def carts_left(share: float) -> Plant:
    """That share of the period's carts that were ordered is left in place."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        rows = small.tables["carts"]
        gone = _last(small, rows, "happened_at") & pc.equal(rows["state"], "ordered").to_numpy()
        return {"carts": _drop(rows, gone & (chance.random(rows.num_rows) < share))}

    return plant


def returned(share: float) -> Plant:
    """That share of the period's lines comes back two days later, beside those that do anyhow."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        lines, rows = small.tables["order_lines"], small.tables["returns"]
        hit = _last(small, lines, "ordered_at") & (lines["ordered_at"].to_numpy() < small.period.until_at - 2 * DAY)
        hit &= lines["is_product"].to_numpy(zero_copy_only=False) & (chance.random(lines.num_rows) < share)
        more = lines.filter(pa.array(hit))
        columns = {
            name: more[name] if name in more.column_names else pa.nulls(more.num_rows, rows.schema.field(name).type)
            for name in rows.column_names
        }
        columns["returned_at"] = pa.chunked_array([more["ordered_at"].to_numpy() + 2 * DAY])
        columns["return_key"] = pa.chunked_array([np.arange(more.num_rows, dtype=np.int64) + 1])
        columns["is_product"] = pa.chunked_array([np.ones(more.num_rows, bool)])
        return {"returns": pa.concat_tables([rows, pa.table(columns).cast(rows.schema)])}

    return plant


def nps_down(share: float) -> Plant:
    """That share of the period's promoters answers 5 instead."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        rows = small.tables["answers"]
        value = rows["value"].to_numpy(zero_copy_only=False).astype(float)
        hit = _last(small, rows, "answered_at") & pc.equal(rows["metric"], "nps").to_numpy() & (value >= 9)
        value = np.where(hit & (chance.random(rows.num_rows) < share), 5.0, value)
        at = rows.schema.get_field_index("value")
        return {"answers": rows.set_column(at, rows.schema.field(at), pa.array(value, from_pandas=True))}

    return plant


def _of_orders(small: Small, gone: np.ndarray) -> Tables:
    orders = small.tables["orders"]
    keys = orders["order_key"].filter(pa.array(gone))
    return {name: _drop(rows, pc.is_in(rows["order_key"], keys.combine_chunks()).to_numpy()) for name in ("orders", "order_lines", "deliveries") if (rows := small.tables[name])}  # fmt: skip


def _repeats(small: Small) -> np.ndarray:
    """Which orders of the period are not a customer's first."""
    orders = small.tables["orders"]
    who, at = orders["customer_id"].to_numpy(zero_copy_only=False), orders["ordered_at"].to_numpy()
    order = np.lexsort((at, who))
    first = np.zeros(len(who), bool)
    first[order[np.r_[True, who[order][1:] != who[order][:-1]]]] = True
    return _last(small, orders, "ordered_at") & ~first


def repeats_down(share: float) -> Plant:
    """That share of the period's repeat orders does not happen."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        return _of_orders(small, _repeats(small) & (chance.random(small.tables["orders"].num_rows) < share))

    return plant


def channel_down(share: float, channel: str = "paid_search") -> Plant:
    """The same, only of customers whom one channel brought."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        events, orders = small.tables["events"], small.tables["orders"]
        who = pc.unique(events.filter(pc.equal(events["channel"], channel))["customer_id"])
        of = pc.is_in(orders["customer_id"], who).to_numpy()
        return _of_orders(small, _repeats(small) & of & (chance.random(orders.num_rows) < share))

    return plant


def _more(times: float, table: str, states: tuple[str, ...], kind: str = "") -> Plant:
    """That many times as many rows of some states in the period."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        rows = small.tables[table]
        hit = _last(small, rows, "happened_at") & pc.is_in(rows["state"], pa.array(states)).to_numpy()
        if kind:
            hit &= _cases_of(rows, kind)
        found = rows.filter(pa.array(hit))
        copies = pa.concat_tables([found] * int(np.ceil(times - 1)))
        kept = copies.filter(pa.array(chance.random(copies.num_rows) < (times - 1) / np.ceil(times - 1)))
        key = f"{table[:-1]}_key"
        kept = _moved(kept, key, np.arange(1, kept.num_rows + 1))
        return {table: pa.concat_tables([rows, kept])}

    return plant


def _cases_of(rows: pa.Table, kind: str) -> np.ndarray:
    return pc.fill_null(pc.equal(rows["kind"], kind), False).to_numpy()


def unsubscribes(times: float) -> Plant:
    """That many times as many recipients unsubscribe."""
    return _more(times, "messages", ("unsubscribed", "complained"))


def complaints(times: float) -> Plant:
    """That many times as many complaints are opened."""
    return _more(times, "cases", ("opened",), "complaint")


def slow_answers(hours: int) -> Plant:
    """First answers of the period take so many hours longer."""

    def plant(small: Small, chance: np.random.Generator) -> Tables:
        rows = small.tables["cases"]
        hit = (
            _last(small, rows, "happened_at")
            & pc.is_in(rows["state"], pa.array(["answered", "resolved", "closed"])).to_numpy()
        )
        return {"cases": _moved(rows, "happened_at", hit * hours * _HOUR)}

    return plant


PLANTS: dict[str, tuple[Plant, frozenset[str]]] = {
    "15 % of deliveries four days later": (late(0.15), frozenset({"late_rising"})),
    "30 % of orders lost at the checkout": (carts_left(0.3), frozenset({"carts_abandoned", "stage_worse"})),
    "6 % more of all lines returned": (returned(0.06), frozenset({"returns_rising"})),
    "half of the promoters would advise against": (nps_down(0.5), frozenset({"nps_falling", "churn_and_nps"})),
    "40 % of repeat orders missing": (repeats_down(0.4), frozenset({"repeat_falling", "channel_repeat", "churn_and_nps"})),
    "60 % of one channel's repeat orders missing": (channel_down(0.6), frozenset({"channel_repeat", "repeat_falling"})),
    "six times as many unsubscribe": (unsubscribes(6.0), frozenset({"unsubscribes_rising"})),
    "two and a half times the complaints": (complaints(2.5), frozenset({"complaints_rising"})),
    "first answers 30 hours later": (slow_answers(30), frozenset({"slow_response"})),
    "20 % of orders lost at the checkout": (carts_left(0.2), frozenset({"carts_abandoned", "stage_worse"})),
}  # fmt: skip
"""By its size in words: how it is planted, and which rules may find it."""


def planted(small: Small, plant: Plant, seed: int) -> Small:
    return Small(small.tables | plant(small, np.random.default_rng(seed)), small.question, small.period)
