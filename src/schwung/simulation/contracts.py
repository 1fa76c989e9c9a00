"""The coffee subscription, which ends by sBG, and traders who ask for terms: from the first question to the hand-over."""

import numpy as np

from schwung.simulation.customers import Population
from schwung.simulation.draws import Floats, generator, spread
from schwung.simulation.happenings import Happenings
from schwung.simulation.laws import Laws
from schwung.simulation.visits import MOMENT

MONTH = 365.25 / 12
TRIAL_DAYS = 14.0
PLANS = (("Hausabo 250 g", 990), ("Hausabo 500 g", 1790), ("Hausabo 1000 g", 3190))
"""Name and price a month, minor units."""


def subscriptions(laws: Laws, people: Population, left: Floats, block_no: int) -> list[Happenings]:
    """A share of the buyers who are online starts one a while after the first order, some after a trial. `months` is
    geometric with the customer's own chance to cancel: so many months are paid, then it is cancelled."""
    known = laws.relationship
    chance = generator(laws.seed, block_no, "subscriptions")
    size = len(people)
    wants = np.isfinite(people.first_order) & (people.device_count > 0) & (chance.random(size) < known.subscriber_share)
    asked = people.first_order + chance.exponential(30.0, size)
    tries = chance.random(size) < known.trial_share
    stays = ~tries | (chance.random(size) < known.trial_converts)
    plan = chance.integers(0, len(PLANS), size)
    months = chance.geometric(np.clip(chance.beta(known.sub_a, known.sub_b, size), 1e-9, 1.0)).astype(np.int64)
    wants &= asked < np.minimum(left, laws.days)
    trial = np.flatnonzero(wants & tries)
    started_at = np.where(wants, asked + np.where(tries, TRIAL_DAYS, 0.0), 0.0)
    starts = np.flatnonzero(wants & stays & (started_at < laws.days))
    owner, nth = spread(np.minimum(months[starts] - 1, int(laws.days // MONTH) + 1))
    renewed = starts[owner]
    cancelled_at = started_at[starts] + months[starts] * MONTH
    return [
        one.before(laws.days)
        for one in (
            Happenings("trial_started", trial, asked[trial], value=plan[trial]),
            Happenings("subscription_started", starts, started_at[starts], value=plan[starts]),
            Happenings("subscription_renewed", renewed, started_at[renewed] + (nth + 1) * MONTH, value=plan[renewed]),
            Happenings("subscription_cancelled", starts, cancelled_at, value=plan[starts]),
        )
    ]


def leads(laws: Laws, people: Population, block_no: int) -> list[Happenings]:
    """People online who did not buy at once ask for terms; some qualify, some of these are handed over. Handed over, one
    is converted by the first order, else lost after a month. value: score, −1 where there is none."""
    known = laws.relationship
    chance = generator(laws.seed, block_no, "leads")
    size = len(people)
    asks = (
        (people.device_count > 0) & (people.first_order > people.joined + 1) & (chance.random(size) < known.lead_share)
    )
    captured = people.joined + 4 * MOMENT
    qualified = captured + chance.exponential(3.0, size)
    handed = qualified + chance.exponential(2.0, size)
    is_qualified = asks & (chance.random(size) < known.qualified_share)
    is_handed = is_qualified & (chance.random(size) < known.handed_over_share)
    score = chance.integers(50, 100, size)
    buys = is_handed & np.isfinite(people.first_order)
    lost = is_handed & ~np.isfinite(people.first_order)
    moments = {
        "lead_captured": (asks, captured, chance.integers(5, 50, size)),
        "lead_qualified": (is_qualified, qualified, score),
        "lead_handed_over": (is_handed, handed, score),
        "lead_converted": (buys, np.maximum(np.where(buys, people.first_order, 0.0), handed + MOMENT), score),
        "lead_lost": (lost, handed + 30.0, score),
    }
    found = []
    for name, (chosen, moment, value) in moments.items():
        rows = np.flatnonzero(chosen)
        found.append(Happenings(name, rows, moment[rows], value=value[rows].astype(np.int64)).before(laws.days))
    return found
