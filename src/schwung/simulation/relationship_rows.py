"""The facts of the relationship of a block, as rows of the lake's tables: what its events say, column by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schwung.collect.arrow import rows_of
from schwung.collect.relationship_tables import (
    ANSWERS,
    CARTS,
    CASES,
    DELIVERIES,
    LEADS,
    MESSAGES,
    POINTS,
    SUBSCRIPTIONS,
)
from schwung.collect.table import Table
from schwung.simulation.block import Block
from schwung.simulation.catalogue import PRODUCTS
from schwung.simulation.claims import SOURCES, to_instants
from schwung.simulation.contracts import PLANS
from schwung.simulation.draws import Ints
from schwung.simulation.experience import CAUSES
from schwung.simulation.facts import OrderTexts, totals
from schwung.simulation.laws import Laws
from schwung.simulation.relationship_texts import (
    CASE_KINDS,
    REASONS,
    SUBJECTS,
    SURVEYS,
    case_ids,
    case_kind,
    first_product,
    level_of,
    notes,
    survey_of,
)
from schwung.simulation.stream import NAME, SIGHT

Columns = Mapping[str, object]
_METRICS: Mapping[str, tuple[str, float, float]] = {
    "nps_answered": ("nps", 0, 10),
    "csat_answered": ("csat", 1, 5),
    "ces_answered": ("ces", 1, 7),
    "product_reviewed": ("stars", 1, 5),
}
_MESSAGES = {
    "email_sent": "sent",
    "email_delivered": "delivered",
    "email_opened": "opened",
    "email_link_clicked": "clicked",
    "email_bounced": "bounced",
    "email_marked_as_spam": "complained",
    "email_unsubscribed": "unsubscribed",
    "message_held_back": "held_back",
}
_CASES = {"case_opened": "opened", "case_answered": "answered", "case_resolved": "resolved"}
_SUBSCRIPTIONS = {
    "trial_started": "trial",
    "subscription_started": "started",
    "subscription_renewed": "renewed",
    "subscription_cancelled": "cancelled",
}
_LEADS = {
    "lead_captured": "captured",
    "lead_qualified": "qualified",
    "lead_handed_over": "handed_over",
    "lead_converted": "converted",
    "lead_lost": "lost",
}
_POINTS = {
    "loyalty_joined": "joined",
    "points_earned": "earned",
    "points_redeemed": "redeemed",
    "points_expired": "expired",
}


def mixed(topic: int, *numbers: Ints) -> Ints:
    """Stable 60-bit keys of numbers: splitmix64 (Steele, Lea, Flood 2014), one round a number."""
    found = np.full(len(numbers[0]), topic, dtype=np.uint64)
    for number in numbers:
        found = _round(found ^ number.astype(np.uint64))
    return (found >> np.uint64(4)).astype(np.int64)


def _round(value: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class _Told:
    """One block with whose each event is."""

    laws: Laws
    block: Block
    texts: OrderTexts
    identifiers: Ints
    buckets: Ints
    first_event_no: int
    version: int

    def rows(self, *names: str) -> Ints:
        return np.flatnonzero(np.isin(self.block.stream.name, [NAME[name] for name in names]))

    def table(self, declared: Table, rows: Ints, columns: Columns) -> pa.Table:
        """Rows with what every table has."""
        stream = self.block.stream
        till = np.isin(stream.sight[rows], [SIGHT["card"], SIGHT["card_signup"], SIGHT["nobody"]])
        ids = self.identifiers[rows]
        shared = {
            "source": pa.array(SOURCES).take(pa.array(till.astype(np.int64))),
            "identifier_id": pa.array(ids, mask=ids == 0),
            "bucket": self.buckets[rows],
            "version": np.full(len(rows), self.version, dtype=np.int64),
        }
        return rows_of(declared, {**shared, **columns})

    def at(self, rows: Ints) -> Ints:
        return to_instants(self.laws, self.block.stream.happened[rows])

    def number(self, rows: Ints) -> Ints:
        """Numbers of the customers."""
        return self.block.people.number[self.block.stream.owner[rows]]

    def of_order(self, rows: Ints) -> pa.Array:
        order = self.block.stream.order[rows]
        return self.texts.order_id.take(pa.array(order, mask=order < 0))

    def numbered(self, prefix: str, rows: Ints) -> pa.Array:
        return pc.binary_join_element_wise(prefix, pa.array(self.number(rows) + 100_000).cast(pa.string()), "")


def relationship_rows(
    laws: Laws, block: Block, texts: OrderTexts, identifiers: Ints, buckets: Ints, first_event_no: int, version: int
) -> dict[str, pa.Table]:
    """identifiers and buckets: of each event of the stream; 0 and −1 for a guest. Keys of answers and points: their events'
    numbers, of which `keyed` makes keys."""
    told = _Told(laws, block, texts, identifiers, buckets, first_event_no, version)
    return {
        "answers": pa.concat_tables([_answers(told, name) for name in _METRICS]),
        "messages": _messages(told),
        "cases": pa.concat_tables([_cases(told, name) for name in _CASES]),
        "carts": _carts(told),
        "subscriptions": _subscriptions(told),
        "leads": _leads(told),
        "points": _points(told),
        "deliveries": _deliveries(told),
    }


_KEYS: Mapping[str, tuple[str, int]] = {"answers": ("answer_key", 1), "points": ("entry_key", 7)}
"""Keys that are made of the event's number: column and topic."""


def keyed(table: str, rows: pa.Table, first_event_no: int) -> pa.Table:
    """Rows whose key is the place of their event, with the key that the number of the event makes."""
    if table not in _KEYS:
        return rows
    name, topic = _KEYS[table]
    nth = rows.schema.get_field_index(name)
    return rows.set_column(nth, rows.schema.field(nth), pa.array(mixed(topic, first_event_no + rows[name].to_numpy())))


def _words(words: Sequence[str | None], index: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(index, mask=index < 0))


def _same(word: str | float, rows: Ints) -> pa.Array:
    return pa.array([word]).take(pa.array(np.zeros(len(rows), dtype=np.int64)))


def _states(told: _Told, rows: Ints, states: Mapping[str, str]) -> pa.Array:
    place = np.full(len(NAME), -1, dtype=np.int64)
    place[[NAME[name] for name in states]] = np.arange(len(states))
    return _words(tuple(states.values()), place[told.block.stream.name[rows]])


def _answers(told: _Told, name: str) -> pa.Table:
    rows = told.rows(name)
    stream, (metric, low, high) = told.block.stream, _METRICS[name]
    value, order = stream.value[rows], stream.order[rows]
    surveys = SURVEYS.get(name, ((None, "review", "interact"),))
    which = survey_of(name, order)
    reviewed = np.where(name == "product_reviewed", order, -1)
    products = tuple(one.product_id for one in PRODUCTS)
    columns: Columns = {
        "answer_key": told.first_event_no + rows,
        "answered_at": told.at(rows),
        "survey_id": _words([one[0] for one in surveys], which),
        "question_id": _words([one[1] for one in surveys], which),
        "phase": _words([one[2] for one in surveys], which),
        "metric": _same(metric, rows),
        "scale_low": _same(float(low), rows),
        "scale_high": _same(float(high), rows),
        "better": _same("higher", rows),
        "order_id": told.of_order(rows),
        "product_id": _words(products, first_product(told.block, reviewed)),
        "value": pa.array(value.astype(np.float64), mask=value < 0),
        "text": notes(told.block, rows, level_of(name, value)),
    }
    return told.table(ANSWERS, rows, columns)


def _messages(told: _Told) -> pa.Table:
    rows = told.rows(*_MESSAGES)
    campaign = told.block.stream.campaign[rows]
    columns: Columns = {
        "message_key": mixed(2, told.number(rows), campaign),
        "state": _states(told, rows, _MESSAGES),
        "happened_at": told.at(rows),
        "channel": _same("email", rows),
        "campaign": _words([one.name for one in told.laws.campaigns], campaign),
    }
    return told.table(MESSAGES, rows, columns)


def _cases(told: _Told, name: str) -> pa.Table:
    rows = told.rows(name)
    value, order = told.block.stream.value[rows], told.block.stream.order[rows]
    kind = case_kind(name, value)
    is_opened = name == "case_opened"
    nothing = np.full(len(rows), -1)
    columns: Columns = {
        "case_key": mixed(3, told.texts.order_key[order], (kind > 0).astype(np.int64)),
        "state": _states(told, rows, _CASES),
        "nth": told.at(rows),
        "case_id": case_ids(told.texts, order, kind),
        "happened_at": told.at(rows),
        "kind": _words(CASE_KINDS, kind if is_opened else nothing),
        "cause": _words(REASONS, np.where((kind == 0) & (value < len(CAUSES)), value, -1) if is_opened else nothing),
        "order_id": told.of_order(rows),
        "text": _words(SUBJECTS, kind),
    }
    return told.table(CASES, rows, columns)


def _carts(told: _Told) -> pa.Table:
    """One row a state: the first thing put in with the worth of all, the last checkout, the order."""
    stream = told.block.stream
    adds = told.rows("product_added")
    cart, first, which = np.unique(stream.cart[adds], return_index=True, return_inverse=True)
    prices = np.array([one.price_minor for one in PRODUCTS], dtype=np.int64)
    worth = np.zeros(len(told.block.seen), dtype=np.int64)
    worth[cart] = np.bincount(which, prices[stream.product[adds]], minlength=len(cart)).astype(np.int64)
    steps = told.rows("checkout_started")[::-1]
    last = np.unique(stream.cart[steps], return_index=True)[1]
    ordered = told.rows("order_completed")
    ordered = ordered[stream.cart[ordered] >= 0]
    goods, _ = totals(told.block)
    rows = np.concatenate([adds[first], steps[last], ordered])
    state = np.repeat(np.arange(3), (len(first), len(last), len(ordered)))
    is_order = state == 2
    order = np.where(is_order, stream.order[rows], -1)
    visit = stream.cart[rows]
    columns: Columns = {
        "cart_key": mixed(4, told.number(rows), visit),
        "state": _words(("started", "checkout", "ordered"), state),
        "happened_at": told.at(rows),
        "amount_minor": np.where(is_order, goods[np.maximum(order, 0)], worth[visit]) if len(goods) else worth[visit],
        "currency": _same(told.laws.currency, rows),
        "order_id": told.texts.order_id.take(pa.array(order, mask=order < 0)),
    }
    return told.table(CARTS, rows, columns)


def _subscriptions(told: _Told) -> pa.Table:
    rows = told.rows(*_SUBSCRIPTIONS)
    plan = told.block.stream.value[rows]
    columns: Columns = {
        "subscription_key": mixed(5, told.number(rows)),
        "state": _states(told, rows, _SUBSCRIPTIONS),
        "nth": told.at(rows),
        "subscription_id": told.numbered("A-", rows),
        "happened_at": told.at(rows),
        "plan": _words([name for name, _ in PLANS], plan),
        "period": _same("month", rows),
        "monthly_minor": np.array([price for _, price in PLANS], dtype=np.int64)[plan],
        "currency": _same(told.laws.currency, rows),
    }
    return told.table(SUBSCRIPTIONS, rows, columns)


def _leads(told: _Told) -> pa.Table:
    rows = told.rows(*_LEADS)
    columns: Columns = {
        "lead_key": mixed(6, told.number(rows)),
        "state": _states(told, rows, _LEADS),
        "nth": told.at(rows),
        "happened_at": told.at(rows),
        "score": told.block.stream.value[rows].astype(np.float64),
        "channel": _words(
            [one.name for one in told.laws.channels], told.block.people.channel[told.block.stream.owner[rows]]
        ),
    }
    return told.table(LEADS, rows, columns)


def _points(told: _Told) -> pa.Table:
    rows = told.rows(*_POINTS)
    stream = told.block.stream
    sign = np.where(np.isin(stream.name[rows], [NAME["points_redeemed"], NAME["points_expired"]]), -1, 1)
    columns: Columns = {
        "entry_key": told.first_event_no + rows,
        "kind": _states(told, rows, _POINTS),
        "happened_at": told.at(rows),
        "points": sign * stream.value[rows],
        "order_id": told.of_order(rows),
    }
    return told.table(POINTS, rows, columns)


def _deliveries(told: _Told) -> pa.Table:
    rows = told.rows("order_delivered")
    order = told.block.stream.order[rows]
    columns: Columns = {
        "order_key": told.texts.order_key[order],
        "state": _same("delivered", rows),
        "order_id": told.of_order(rows),
        "happened_at": told.at(rows),
        "promised_at": to_instants(told.laws, told.block.sent.promised[order]),
    }
    return told.table(DELIVERIES, rows, columns)
