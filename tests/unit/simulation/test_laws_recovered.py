"""The simulated customers obey the laws that the truth states: parameters come back from what the customers did."""

from datetime import date
from math import lgamma

import numpy as np
import pytest

from schwung.simulation.asking import ASKED_DAYS
from schwung.simulation.block import Block, simulate_block
from schwung.simulation.draws import BLOCK
from schwung.simulation.laws import Channel, Laws, kaffeehaus
from schwung.simulation.seasons import season

END = date(2026, 11, 20)
ONE = (Channel("organic_search", 1.0, 0, 0.8),)
PURE = Laws(11, 12 * BLOCK, 500, END, channels=ONE)
SHOP = kaffeehaus(5, 12 * BLOCK, 400, END)


@pytest.fixture(scope="module")
def pure() -> list[Block]:
    return [simulate_block(PURE, block_no) for block_no in range(12)]


@pytest.fixture(scope="module")
def shop() -> list[Block]:
    return [simulate_block(SHOP, block_no) for block_no in range(12)]


def summary(laws: Laws, blocks: list[Block]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, recency, T of each buyer in operational days."""
    calendar = season(laws)
    frequency, recency, age = [], [], []
    for block in blocks:
        buys = np.isfinite(block.people.first_order)
        first = calendar.to_operational(np.where(buys, block.people.first_order, 0.0))
        count = np.bincount(block.orders.owner, minlength=len(block.people))
        last = np.zeros(len(block.people))
        np.maximum.at(last, block.orders.owner, calendar.to_operational(block.orders.ordered))
        frequency.append(count[buys] - 1)
        recency.append((last - first)[buys])
        age.append((calendar.passed[-1] - first)[buys])
    return np.concatenate(frequency).astype(float), np.concatenate(recency), np.concatenate(age)


LGAMMA = np.array([0.0, *(lgamma(number) for number in range(1, 3))])
lgamma_of = np.vectorize(lgamma)


def log_likelihood(r: float, alpha: float, a: float, b: float, x: np.ndarray, t: np.ndarray, age: np.ndarray) -> float:
    """BG/NBD, Fader, Hardie, Lee 2005, equation 6, by distinct frequency."""
    distinct, where = np.unique(x, return_inverse=True)
    gammas = (
        lgamma_of(r + distinct)
        - lgamma(r)
        + lgamma_of(b + distinct)
        - lgamma(b)
        + lgamma(a + b)
        - lgamma_of(a + b + distinct)
    )[where]
    alive = -(r + x) * np.log(alpha + age)
    gone = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t), -np.inf)
    return float(np.sum(gammas + r * np.log(alpha) + np.logaddexp(alive, gone)))


def test_buying_follows_bg_nbd(pure: list[Block]) -> None:
    """The likelihood is highest at the true parameters: no change of 25 % to any of them, alone, explains the log better."""
    x, t, age = summary(PURE, pure)
    true = (PURE.r, PURE.alpha, PURE.a, PURE.b)
    best = log_likelihood(*true, x, t, age)
    for place in range(4):
        for factor in (0.8, 1.25):
            other = [value * (factor if index == place else 1) for index, value in enumerate(true)]
            assert log_likelihood(*other, x, t, age) < best - 5, (place, factor)


def test_buying_parameters_are_recovered_by_maximum_likelihood(pure: list[Block]) -> None:
    """Newton-free: coordinate search on the log scale from far off ends within 10 % of r and alpha, 25 % of a and b."""
    summary_ = summary(PURE, pure)
    guess = np.log([1.0, 60.0, 1.0, 2.5])
    value, step = log_likelihood(*np.exp(guess), *summary_), 0.4
    while step > 0.01:
        better = False
        for direction in (*np.eye(4), np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1])):
            for sign in (step, -step):
                trial = guess + sign * direction
                found = log_likelihood(*np.exp(trial), *summary_)
                if found > value:
                    guess, value, better = trial, found, True
        step = step if better else step / 2
    assert np.exp(guess)[:2] == pytest.approx([PURE.r, PURE.alpha], rel=0.10)
    assert np.exp(guess)[2:] == pytest.approx([PURE.a, PURE.b], rel=0.25)


def test_rates_and_leaving_have_the_stated_means(pure: list[Block]) -> None:
    rate = np.concatenate([block.people.buying_rate for block in pure])
    leave = np.concatenate([block.people.leave_share for block in pure])
    assert rate.mean() == pytest.approx(PURE.r / PURE.alpha, rel=0.03)
    assert rate.var() == pytest.approx(PURE.r / PURE.alpha**2, rel=0.08)
    assert leave.mean() == pytest.approx(PURE.a / (PURE.a + PURE.b), rel=0.03)


def test_order_values_follow_gamma_gamma_and_baskets_keep_them(pure: list[Block]) -> None:
    wanted, got, mean_of = [], [], []
    for block in pure:
        totals = np.bincount(block.lines.order, block.lines.net_minor, minlength=len(block.orders))
        wanted.append(block.orders.goods)
        got.append(totals)
        mean_of.append(PURE.p / block.people.spend_rate)
    goods, totals = np.concatenate(wanted), np.concatenate(got)
    assert np.concatenate(mean_of).mean() == pytest.approx(PURE.mean_order_minor, rel=0.03)
    assert totals.mean() == pytest.approx(goods.mean(), rel=0.005)
    assert np.median(np.abs(totals - goods) / goods) < 0.02
    assert np.std(np.log(totals)) == pytest.approx(np.std(np.log(goods)), rel=0.05)


def test_within_customers_spend_varies_as_stated(pure: list[Block]) -> None:
    """Given the customer, z × nu is Gamma(p, 1): mean p, variance p."""
    scaled = np.concatenate([block.orders.goods * block.people.spend_rate[block.orders.owner] for block in pure])
    assert scaled.mean() == pytest.approx(PURE.p, rel=0.01)
    assert scaled.var() == pytest.approx(PURE.p, rel=0.03)


def test_the_week_and_the_year_show(shop: list[Block]) -> None:
    calendar = season(SHOP)
    ordered = np.concatenate([block.orders.ordered for block in shop])
    weekday = (np.arange(SHOP.days) + SHOP.start_on.weekday()) % 7
    by_day = np.bincount(ordered.astype(int), minlength=SHOP.days)
    late = np.arange(SHOP.days) > 200  # after the first months, in which the base builds up
    sundays = by_day[late & (weekday == 6)].mean() / by_day[late & (weekday != 6)].mean()
    expected = calendar.busy[late & (weekday == 6)].mean() / calendar.busy[late & (weekday != 6)].mean()
    assert sundays == pytest.approx(expected, abs=0.05)
    assert calendar.busy.mean() == pytest.approx(1.0)
    assert calendar.passed[-1] == pytest.approx(SHOP.days)


def test_seasonal_roasts_lift_buying_as_stated(shop: list[Block]) -> None:
    """Orders of treated against held-out customers while a campaign lasts."""
    roasts = [index for index, one in enumerate(SHOP.campaigns) if one.to == "buyers"]
    orders, people = np.zeros(2), np.zeros(2)
    for block in shop:
        for index in roasts:
            campaign = SHOP.campaigns[index]
            mine = block.reached.campaign == index
            arm = np.full(len(block.people), -1)
            arm[block.reached.owner[mine]] = block.reached.arm[mine]
            within = (block.orders.ordered >= campaign.starts) & (
                block.orders.ordered < campaign.starts + campaign.lasts
            )
            bought = np.bincount(block.orders.owner[within], minlength=len(block.people))
            for side in (0, 1):
                orders[side] += bought[arm == side].sum()
                people[side] += (arm == side).sum()
    rate = orders / people
    error = np.sqrt((1 / orders).sum())
    assert abs(np.log(rate[1] / rate[0]) - np.log(1.35)) < 3 * error
    assert people[0] / people.sum() == pytest.approx(0.1, abs=0.005)


def test_the_welcome_offer_lifts_first_orders_as_stated(shop: list[Block]) -> None:
    arm = np.concatenate([block.people.welcome_arm for block in shop])
    converts = np.concatenate([block.people.converts for block in shop])
    rate = [converts[arm == side].mean() for side in (0, 1)]
    counts = [converts[arm == side].sum() for side in (0, 1)]
    assert abs(np.log(rate[1] / rate[0]) - np.log(1.2)) < 3 * np.sqrt(1 / counts[0] + 1 / counts[1])


def test_referrals_come_at_the_stated_rate_from_customers_who_could_refer(shop: list[Block]) -> None:
    referred = np.concatenate([block.referrer >= 0 for block in shop])
    assert referred.mean() == pytest.approx(SHOP.referral_rate, abs=0.008)
    for block in shop:
        rows = np.flatnonzero(block.referrer >= 0)
        sender = block.referrer[rows]
        assert (block.people.first_order[sender] < block.people.joined[rows]).all()
        assert (block.left[sender] > block.people.joined[rows]).all()
    liked = np.concatenate([block.people.satisfaction[block.referrer[block.referrer >= 0]] for block in shop])
    assert liked.mean() > 0.3


def test_promoters_who_were_asked_bring_more(shop: list[Block]) -> None:
    """Planted: 1 + lift = four times as many as those held out, while the plea works."""
    plea = next(place for place, one in enumerate(SHOP.campaigns) if one.to == "promoters")
    brought, arms = [], []
    for block in shop:
        ours = block.reached.campaign == plea
        moment = np.full(len(block.people), np.inf)
        moment[block.reached.owner[ours]] = block.reached.assigned[ours]
        rows = np.flatnonzero(block.referrer >= 0)
        days = block.people.joined[rows] - moment[block.referrer[rows]]
        count = np.bincount(block.referrer[rows[(days > 0) & (days <= ASKED_DAYS)]], minlength=len(block.people))
        brought.append(count[block.reached.owner[ours]])
        arms.append(block.reached.arm[ours])
    count, arm = np.concatenate(brought), np.concatenate(arms)
    assert arm.mean() == pytest.approx(0.5, abs=0.06)
    assert 2 < count[arm == 1].mean() / count[arm == 0].mean() < 8


def test_satisfaction_shows_and_foretells_leaving(shop: list[Block]) -> None:
    stars, felt, gone, mood = [], [], [], []
    for block in shop:
        stars.append(block.told.ratings.what)
        felt.append(block.people.satisfaction[block.orders.owner[block.told.ratings.order]])
        repeat = np.bincount(block.orders.owner, minlength=len(block.people)) > 1
        gone.append(np.isfinite(block.left)[repeat])
        mood.append(block.people.satisfaction[repeat])
    left, satisfaction = np.concatenate(gone), np.concatenate(mood)
    assert np.corrcoef(np.concatenate(stars), np.concatenate(felt))[0, 1] > 0.6
    assert set(np.unique(np.concatenate(stars))) == {1, 2, 3, 4, 5}
    assert left[satisfaction < -0.5].mean() > left[satisfaction > 0.5].mean() + 0.1


def test_complaints_and_returns_have_their_rates(shop: list[Block]) -> None:
    orders = sum((~block.people.is_guest[block.orders.owner]).sum() for block in shop)
    complaints = sum(len(block.told.complaints.order) for block in shop)
    assert complaints / orders == pytest.approx(SHOP.complaint_share, rel=0.15)
    lines = sum((~block.is_till[block.lines.order]).sum() for block in shop)
    assert sum(len(block.told.returns.line) for block in shop) / lines == pytest.approx(SHOP.return_share, rel=0.15)
