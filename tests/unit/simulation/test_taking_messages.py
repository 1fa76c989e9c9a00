"""How simulated customers take messages, and how the shop goes on: known shares, the same in whatever portions the work is done."""

from dataclasses import fields
from datetime import date

import numpy as np

from schwung.core.clock import DAY, MINUTE
from schwung.simulation.going_on import Folk, day_of
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.life import begin, coming
from schwung.simulation.life_laws import LifeLaws
from schwung.simulation.taking_messages import Messages, Taken, take

LAWS, SIZE, START = LifeLaws(), 200_000, 1_795_000_000_000_000


def sent(rows: slice = slice(None), recent: int = 1, campaign: str = "welcome") -> Messages:
    who = np.arange(SIZE)[rows]
    at = np.full(len(who), START)
    return Messages(who + 1, who, at, ["hello"] * len(who), [campaign] * len(who), np.full(len(who), recent))


def test_orders_come_as_often_as_the_laws_say() -> None:
    taken = take(LAWS, 7, sent())
    for flags, share in (
        (taken.bounced, LAWS.dead_share),
        (taken.read, (1 - LAWS.dead_share) * LAWS.read_share),
        (taken.ordered, LAWS.chance_of_order("welcome")),
    ):
        assert abs(flags.mean() - share) < 4 * np.sqrt(share * (1 - share) / SIZE)
    assert not taken.annoyed.any() and not taken.complained.any(), "one message annoys nobody"
    assert not (taken.ordered & ~taken.clicked).any() and not (taken.clicked & ~taken.read).any()
    assert (taken.read_at >= START + MINUTE).all() and (taken.ordered_at > taken.clicked_at).all()
    assert abs((taken.read_at - START - MINUTE).mean() / DAY - LAWS.read_days) < 0.01


def test_without_a_lift_nobody_orders_more() -> None:
    taken = take(LAWS.but(lift=0.0), 7, sent())
    assert not taken.ordered.any() and taken.clicked.any()


def test_too_many_messages_tire_and_annoy() -> None:
    few, many = take(LAWS, 7, sent(recent=LAWS.tolerated)), take(LAWS, 7, sent(recent=LAWS.tolerated + 3))
    tired = np.exp(-3 * LAWS.weariness)
    assert abs(many.read.mean() / few.read.mean() - tired) < 0.01
    assert not few.annoyed.any()
    assert abs(many.annoyed.mean() - (1 - LAWS.dead_share) * LAWS.annoyed_share * (1 - tired)) < 0.005
    assert many.complained.any() and not (many.complained & ~many.annoyed).any()
    assert many.unsubscribed.mean() > 3 * few.unsubscribed.mean()


def test_it_does_not_matter_in_what_portions_messages_go_out() -> None:
    whole, half = take(LAWS, 7, sent()), take(LAWS, 7, sent(slice(0, 1_000)))
    assert all((getattr(half, one.name) == getattr(whole, one.name)[:1_000]).all() for one in fields(Taken))
    other = take(LAWS, 8, sent())
    assert (other.read != whole.read).any()


def test_people_go_on_by_their_own_rate_and_leave_by_their_own_chance() -> None:
    laws = kaffeehaus(3, 365, 365, date(2026, 6, 30)).but(year_swing=0.0, week_swing=0.0)
    size = 50_000
    yes, no = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    rates = np.full(size, 0.05)
    folk = Folk(np.full(size, -400.0), yes, no, no, rates, np.full(size, 0.2), yes, yes)
    day = day_of(laws, LAWS, folk, 0, 200, 2)
    buyers, moments = day.ordered
    assert abs(len(buyers) / size - -np.expm1(-0.05)) < 0.004
    assert ((moments >= 0) & (moments < 1)).all()
    gone = ~day.folk.is_there[:size]
    assert set(np.flatnonzero(gone)) <= set(buyers.tolist()) and abs(gone.sum() / len(buyers) - 0.2) < 0.03
    assert len(day.folk) == size + len(day.number) and len(day.joined) == len(day.number)
    silent = day_of(laws, LAWS, Folk(folk.joined, no, yes, no, rates, rates, yes, yes), 0, 200, 2)
    assert not len(silent.ordered[0]), "whom the shop cannot name does nothing that it sees"


def test_messages_of_late_are_counted_and_old_ones_forgotten() -> None:
    nobody = np.zeros(3)
    life = begin(Folk(nobody, *[nobody.astype(bool)] * 3, nobody, nobody, *[nobody.astype(bool)] * 2))
    who, at = np.array([0, 1, 0]), np.full(3, START)
    recent, life = life.recent(who, at, 14.0)
    assert recent.tolist() == [2, 1, 2]
    recent, life = life.recent(np.array([0]), np.array([START + 13 * DAY]), 14.0)
    assert recent.tolist() == [3]
    recent, _ = life.recent(np.array([0]), np.array([START + 20 * DAY]), 14.0)
    assert recent.tolist() == [2], "the first two are older than two weeks"


def test_what_is_due_comes_in_the_order_of_time_and_once() -> None:
    nobody = np.zeros(3)
    life = begin(Folk(nobody, *[nobody.astype(bool)] * 3, nobody, nobody, *[nobody.astype(bool)] * 2))
    rows = coming("looked", np.array([2, 0, 1]), np.array([START + 5, START, START + 9]))
    due, rest = type(life)(**{**{one.name: getattr(life, one.name) for one in fields(life)}, "coming": rows}).due(
        START + 5
    )
    assert due.who.tolist() == [0, 2] and rest.coming.who.tolist() == [1]
