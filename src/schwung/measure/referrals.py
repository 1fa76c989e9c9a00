"""Who brought a new customer, and who was asked to: rows of the referring customer."""

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis import _

from schwung.measure.scope import Scope

ACCEPTED, CONVERTED = "referral_accepted", "referral_converted"
"""The event of the customer who came; that of the referring one, when the one whom they referred ordered for the first time."""


def referral_events(scope: Scope) -> ir.Table:
    """customer_id, name, happened_at, order_id of both, whatever the window is."""
    known = scope.ready("referrals")
    if known is not None:
        return known
    return of_referrals(scope.table("events", True)).select("customer_id", "name", "happened_at", "order_id")


def of_referrals(events: ir.Table) -> ir.Table:
    return events.filter(_.name.isin((ACCEPTED, CONVERTED)))


def conversions(scope: Scope) -> ir.Table:
    """customer_id (who referred), converted_at."""
    events = referral_events(scope).filter(_.name == CONVERTED, _.happened_at < scope.question.until_at)
    return events.filter(_.customer_id.notnull()).select("customer_id", converted_at=_.happened_at)


def asked(scope: Scope, campaigns: Sequence[str]) -> ir.Table:
    """customer_id, asked_at: messages of the campaigns that ask for a referral, those that went out."""
    messages = scope.table("messages", True).filter(_.state == "sent", _.happened_at < scope.question.until_at)
    chosen = messages.filter(_.campaign.isin(list(campaigns) or [""]), _.customer_id.notnull())
    return chosen.select("customer_id", asked_at=_.happened_at)
