"""Promoters are asked to refer: half of them, at random, so that what asking brings is known."""

import numpy as np

from schwung.simulation.customers import Population
from schwung.simulation.draws import Floats, generator
from schwung.simulation.experience import Experience
from schwung.simulation.laws import Laws
from schwung.simulation.orders import Assignment, Orders

_PROMOTER = 9
ASKED_DAYS = 45.0
"""So long the plea works."""


def asked_promoters(laws: Laws, people: Population, done: Orders, told: Experience, block_no: int) -> Assignment:
    """Who agreed to e-mail and answered 9 or 10, once, some days after the first such answer."""
    index = next((place for place, one in enumerate(laws.campaigns) if one.to == "promoters"), -1)
    happy = (told.scores.what >= _PROMOTER) & people.agreed[done.owner[told.scores.order]] & (index >= 0)
    owner, moment = done.owner[told.scores.order[happy]], told.scores.told[happy]
    by_time = np.lexsort((moment, owner))
    owner, first = np.unique(owner[by_time], return_index=True)
    chance = generator(laws.seed, block_no, "asking")
    sent = moment[by_time][first] + 1 + chance.exponential(1.0, len(owner))
    holdout = laws.campaigns[index].holdout if index >= 0 else 0.0
    arm = (chance.random(len(owner)) >= holdout).astype(np.int64)
    seen = sent < laws.days
    return Assignment(owner[seen], np.full(int(seen.sum()), index), arm[seen], sent[seen])


def asked_at(people: Population, asked: Assignment) -> Floats:
    """Per customer when they were asked, in days; inf: never."""
    found = np.full(len(people), np.inf)
    treated = asked.arm == 1
    found[asked.owner[treated]] = asked.assigned[treated]
    return found


def both(reached: Assignment, asked: Assignment) -> Assignment:
    """What the campaigns to buyers did, and what was asked of promoters."""
    names = ("owner", "campaign", "arm", "assigned")
    return Assignment(*(np.concatenate([getattr(reached, name), getattr(asked, name)]) for name in names))
