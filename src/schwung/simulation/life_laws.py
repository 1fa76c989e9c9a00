"""The laws by which the shop goes on after its last simulated day, and by which its customers take the messages of journeys."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from schwung.simulation.draws import Floats, Ints

ORDERING: Mapping[str, float] = {
    "abandoned_cart": 0.60,
    "welcome": 0.45,
    "win_back": 0.50,
    "lead_nurturing": 0.50,
}
"""Chance that who follows a link of such a message places an order that they would not have placed. By campaign or template."""


@dataclass(frozen=True, slots=True)
class LifeLaws:
    """Shares are chances, rates are a day, `_days` are means of exponential waits unless said otherwise.

    Of their own accord: buyers go on by BG/NBD of the shop's laws; who joined less than lead_days ago and has not ordered does so
    with first_order_rate. Looks and carts are left with look_rate and cart_rate, by leads lead_zeal times as often; of the carts
    picked_up_share are ordered all the same. joining: people who join, as a multiple of the mean of the time before.

    Messages: an address is dead with dead_share. Who was written to more than `tolerated` times in memory_days (this message
    counted) reads exp(−weariness × the excess) times as often as read_share; of the readers click_share follow a link, and of
    those ordering[campaign] × lift place an order more. Readers unsubscribe with unsubscribed_share. Who is weary is annoyed by
    a message with annoyed_share × (1 − that factor): then unsubscribes with annoyed_unsubscribes or complains with
    annoyed_complains, and for grudge_days leaves away grudge_share of the orders that they would have placed of their own accord.
    """

    joining: float = 1.0
    lead_days: float = 45.0
    first_order_rate: float = 0.012
    look_rate: float = 0.03
    cart_rate: float = 0.005
    lead_zeal: float = 3.0
    picked_up_share: float = 0.15
    picked_up_days: float = 0.6
    dead_share: float = 0.01
    read_share: float = 0.5
    read_days: float = 0.3
    click_share: float = 0.45
    order_days: float = 0.1
    ordering: Mapping[str, float] = field(default_factory=lambda: dict(ORDERING))
    other: float = 0.2
    lift: float = 1.0
    unsubscribed_share: float = 0.012
    memory_days: float = 14.0
    tolerated: int = 3
    weariness: float = 0.35
    annoyed_share: float = 0.3
    annoyed_unsubscribes: float = 0.5
    annoyed_complains: float = 0.1
    grudge_days: float = 28.0
    grudge_share: float = 0.5

    def ordering_of(self, campaign: str | None, template: str) -> float:
        """Of a template that has a law of its own, else of the campaign, else of any other message; times the lift."""
        share = self.ordering.get(template, self.ordering.get(campaign or "", self.other))
        return min(1.0, share * self.lift)

    def freshness(self, recent: Ints) -> Floats:
        """By how much a person who got so many messages lately still reads."""
        return np.exp(-self.weariness * np.maximum(recent - self.tolerated, 0))

    def chance_of_order(self, campaign: str | None, template: str = "") -> float:
        """Orders that one message adds, where nobody is weary and every address lives."""
        return (1 - self.dead_share) * self.read_share * self.click_share * self.ordering_of(campaign, template)

    def but(self, **changes: Any) -> "LifeLaws":
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with what follows from them."""
        follows = {name: round(self.chance_of_order(name), 6) for name in self.ordering}
        return asdict(self) | {"orders_added_by_a_message": follows}
