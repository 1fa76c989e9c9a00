"""What nobody in a real shop can know, written beside the data: hidden rates, when customers left, what campaigns did."""

from typing import Any

import numpy as np
import pyarrow as pa

from schwung.simulation.block import Block
from schwung.simulation.contracts import PLANS
from schwung.simulation.customers import TASTES
from schwung.simulation.draws import Floats
from schwung.simulation.efforts import WEEKLY
from schwung.simulation.laws import Laws
from schwung.simulation.permissions import permissions


def _instants(laws: Laws, days: Floats) -> pa.Array:
    """Microseconds; null for what does not happen before the end."""
    happens = np.isfinite(days)
    return pa.array(laws.start_at + (np.where(happens, days, 0) * 86_400e6).astype(np.int64), mask=~happens)


def true_customers(laws: Laws, block: Block) -> pa.Table:
    """One row a customer. user_id joins it to the workspace's identities; days are counted from the start."""
    people = block.people
    size = len(people)
    told = permissions(laws, people, block.block_no)
    added = np.bincount(block.orders.owner, block.orders.campaign >= 0, minlength=size).astype(np.int64)
    return pa.table(
        {
            "customer_no": people.number,
            "user_id": [f"K-{number + 100_000}" for number in people.number.tolist()],
            "channel": pa.array([one.name for one in laws.channels]).take(pa.array(people.channel)),
            "taste": pa.array(TASTES).take(pa.array(people.taste)),
            "joined_at": _instants(laws, people.joined),
            "first_order_at": _instants(laws, people.first_order),
            "left_at": _instants(laws, block.left),
            "buying_rate": people.buying_rate,
            "leave_share": people.leave_share,
            "mean_order_minor": laws.p / people.spend_rate,
            "satisfaction": people.satisfaction,
            "late_orders": np.bincount(block.orders.owner, block.sent.is_late, minlength=size).astype(np.int64),
            "order_count": np.bincount(block.orders.owner, minlength=size).astype(np.int64),
            "orders_added_by_campaigns": added,
            "welcome_arm": pa.array(people.welcome_arm, mask=people.welcome_arm < 0),
            "agreed_to_email": people.agreed,
            "consent_proved": told.proved,
            "agreed_to_measuring": told.measured,
            "own_customer_noticed": told.noticed,
            "is_guest": people.is_guest,
            "has_card": people.has_card,
            "device_count": people.device_count,
            "referrer_no": pa.array(
                np.where(block.referrer >= 0, people.number[block.referrer], 0), mask=block.referrer < 0
            ),
        }
    )


def true_laws(laws: Laws) -> dict[str, Any]:
    """The parameters, with what follows from them in closed form."""
    return laws.to_dict() | {
        "start_on": laws.start_on.isoformat(),
        "mean_order_minor": laws.mean_order_minor,
        "referral_rate": laws.referral_rate,
        "mean_buying_rate": laws.r / laws.alpha,
        "mean_leave_share": laws.a / (laws.a + laws.b),
        "mean_monthly_churn": laws.relationship.sub_a / (laws.relationship.sub_a + laws.relationship.sub_b),
        "plans": dict(PLANS),
        "efforts_of_a_week_for_each_thousand_customers": [
            {"phase": phase, "channel": channel, "hours": hours, "amount_minor": money}
            for phase, channel, hours, money in WEEKLY
        ],
    }
