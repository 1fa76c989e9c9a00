"""The same seed gives the same shop, however the work is cut; events are what a shop could have seen."""

from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from schwung.simulation.block import block_count, simulate, simulate_block
from schwung.simulation.draws import BLOCK, coupled, spread
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.people import people_of
from schwung.simulation.seasons import season
from schwung.simulation.spend import spend
from schwung.simulation.stream import NAME, SIGHT, Stream
from schwung.simulation.truth import true_customers

LAWS = kaffeehaus(3, BLOCK + 500, 120, date(2026, 11, 20))


def same(one: Stream, other: Stream) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Stream))


def test_a_seed_is_a_shop() -> None:
    assert same(simulate_block(LAWS, 0).stream, simulate_block(LAWS, 0).stream)
    assert not same(simulate_block(LAWS, 0).stream, simulate_block(LAWS.but(seed=4), 0).stream)
    assert people_of(LAWS, simulate_block(LAWS, 1).people, 1) == people_of(LAWS, simulate_block(LAWS, 1).people, 1)


def test_blocks_do_not_depend_on_each_other() -> None:
    one_by_one = [simulate_block(LAWS, block_no) for block_no in (1, 0)]
    in_a_row = list(simulate(LAWS))
    assert block_count(LAWS) == len(in_a_row) == 2
    assert same(one_by_one[1].stream, in_a_row[0].stream)
    assert same(one_by_one[0].stream, in_a_row[1].stream)
    assert true_customers(LAWS, one_by_one[0]).equals(true_customers(LAWS, in_a_row[1]))


def test_customers_are_numbered_once() -> None:
    numbers = np.concatenate([block.people.number for block in simulate(LAWS)])
    assert np.array_equal(numbers, np.arange(LAWS.customers))


def test_events_lie_within_the_days_and_in_order() -> None:
    stream = simulate_block(LAWS, 0).stream
    assert stream.happened.min() >= 0
    assert stream.happened.max() < LAWS.days + 0.01
    assert (np.diff(stream.happened) >= 0).all()


def test_every_order_is_one_event_and_guests_have_no_name() -> None:
    block = simulate_block(LAWS, 0)
    ordered = block.stream.name == NAME["order_completed"]
    assert sorted(block.stream.order[ordered].tolist()) == list(range(len(block.orders)))
    guest = block.people.is_guest[block.stream.owner]
    assert (block.stream.sight[guest] == SIGHT["nobody"]).all()
    assert not (block.stream.sight[~guest] == SIGHT["nobody"]).any()


def test_a_device_is_anonymous_until_its_first_order() -> None:
    block = simulate_block(LAWS, 0)
    named = (block.stream.sight == SIGHT["user_1"]) & (block.stream.name == NAME["page_viewed"])
    first = np.full(len(block.people), np.inf)
    bought = (block.stream.sight == SIGHT["user_1"]) & (block.stream.name == NAME["order_completed"])
    np.minimum.at(first, block.stream.owner[bought], block.stream.happened[bought])
    assert named.any()
    assert (block.stream.happened[named] > first[block.stream.owner[named]]).all()


def test_identifiers_are_each_customers_own() -> None:
    texts = [people_of(LAWS, block.people, block.block_no) for block in simulate(LAWS)]
    for pick in (lambda one: one.email, lambda one: one.user_id, lambda one: one.card, lambda one: one.devices[0]):
        values = [value for one in texts for value in pick(one).to_pylist()]
        assert len(set(values)) == LAWS.customers
    phones = [value for one in texts for value in one.phone.to_pylist() if value]
    assert len(set(phones)) == len(phones)
    assert all(email.isascii() for email in texts[0].email.to_pylist())


def test_spend_adds_up_to_the_price_of_the_joiners() -> None:
    paid = spend(LAWS, season(LAWS))
    expected = LAWS.customers * sum(channel.share * channel.cost_minor for channel in LAWS.channels)
    assert paid.amount_minor.sum() == pytest.approx(expected, rel=0.05)
    assert len(paid.day) == LAWS.days * sum(channel.cost_minor > 0 for channel in LAWS.channels)


def test_spread_and_coupled() -> None:
    owner, place = spread(np.array([2, 0, 1]))
    assert owner.tolist() == [0, 0, 2]
    assert place.tolist() == [0, 1, 0]
    assert coupled(np.array([5.0, 1.0, 3.0]), np.array([0.2, 0.9, 0.5])).tolist() == [1.0, 5.0, 3.0]
