"""What the shop puts into each phase beside its advertising: hours and money for campaigns, parcels, service."""

from dataclasses import dataclass

import numpy as np

from schwung.simulation.laws import Laws

# Phase, channel, hours and money (minor units) of a week, for each thousand customers of the shop.
WEEKLY = (
    ("attract", "social", 3.0, 900),
    ("interact", "shop", 6.0, 2_400),
    ("interact", "parcels", 9.0, 5_200),
    ("delight", "service", 5.0, 1_500),
    ("delight", "surveys", 1.0, 300),
)
CAMPAIGN_HOURS, CAMPAIGN_MINOR = 12.0, 24_000
"""What one campaign to buyers takes; its phase is interact."""


@dataclass(frozen=True, slots=True)
class Effort:
    """day: from the start. amount_minor: of the whole shop that week, or of the campaign."""

    day: int
    phase: str
    channel: str
    campaign: str | None
    hours: float
    amount_minor: int


def efforts(laws: Laws) -> list[Effort]:
    """Weekly work grows with the number of customers who have joined, as a shop's does."""
    found = []
    for day in range(0, laws.days, 7):
        share = (day + 7) / laws.days
        scale = max(0.2, laws.customers / 1_000 * share)
        found += [
            Effort(day, phase, channel, None, round(hours * np.sqrt(scale), 1), round(money * scale))
            for phase, channel, hours, money in WEEKLY
        ]
    sent = (one for one in laws.campaigns if one.to == "buyers")
    return found + [
        Effort(int(one.starts), "interact", "email", one.name, CAMPAIGN_HOURS, CAMPAIGN_MINOR) for one in sent
    ]
