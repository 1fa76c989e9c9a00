"""Who brought a new customer, and who was asked to: rows of the referring customer."""

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis import _

from schwung.measure.scope import Scope

CONVERTED = "referral_converted"
"""The event of the referring customer, when the one whom they referred ordered for the first time."""


def conversions(scope: Scope) -> ir.Table:
    """customer_id (who referred), converted_at."""
    events = scope.table("events", True).filter(_.name == CONVERTED, _.happened_at < scope.question.until_at)
    return events.filter(_.customer_id.notnull()).select("customer_id", converted_at=_.happened_at)


def asked(scope: Scope, campaigns: Sequence[str]) -> ir.Table:
    """customer_id, asked_at: messages of the campaigns that ask for a referral, those that went out."""
    messages = scope.table("messages", True).filter(_.state == "sent", _.happened_at < scope.question.until_at)
    chosen = messages.filter(_.campaign.isin(list(campaigns) or [""]), _.customer_id.notnull())
    return chosen.select("customer_id", asked_at=_.happened_at)
