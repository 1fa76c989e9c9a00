"""What may be sent to whom: planned messages that must not go out are blocked, and why, before they are claimed."""

from collections.abc import Collection, Mapping

from schwung.act import legality
from schwung.act.legality import Address, OptOut, OwnCustomer, Standing, Suppression, Verdict
from schwung.app.ports import Transaction
from schwung.core.clock import Instant
from schwung.unify.consent import Consent


def block(tx: Transaction, now: Instant, message_nos: Collection[int] | None = None) -> Mapping[int, str]:
    """Block what the law forbids: the messages that are blocked by now, each with its reason. The others get the address that they may go to.

    message_nos: planned or claimed messages to look at; None: all planned ones that are due. Several workers look only
    at messages that they hold locked.
    """
    if message_nos is None:
        message_nos = [number for (number,) in tx.tuples("law.due", now=now)]
    found = tx.rows(
        "law.block", now=now, message_nos=list(message_nos),
        transactional=list(legality.TRANSACTIONAL), advertising=list(legality.ADVERTISING),
    )  # fmt: skip
    return {row["message_no"]: row["reason"] for row in found if row["reason"]}


def tracked(tx: Transaction, message_nos: Collection[int], now: Instant) -> frozenset[int]:
    """The messages whose opens and clicks may be measured per person (§ 25 TDDDG); all others go without pixel and links of ours."""
    return frozenset(row["message_no"] for row in tx.rows("law.tracked", message_nos=list(message_nos), now=now))


def may(
    tx: Transaction, customer_id: int, channel: str, purpose: str, now: Instant, identifier_id: int | None = None
) -> Verdict:
    """Whether a message of this purpose may go to a customer now: `.is_allowed`, `.words` (by what right, or why not)."""
    who = standing(tx, customer_id)
    return legality.judge(who, channel, purpose, purpose not in legality.TRANSACTIONAL, now, identifier_id)


def may_all(tx: Transaction, customer_id: int, channel: str, now: Instant) -> Mapping[str, Verdict]:
    """The verdict for each purpose of advertising, and for what a contract asks for."""
    who = standing(tx, customer_id)
    found = {purpose: legality.judge(who, channel, purpose, True, now) for purpose in legality.ADVERTISING}
    return {**found, "contract": legality.judge(who, channel, "order_confirmation", False, now)}


def standing(tx: Transaction, customer_id: int) -> Standing:
    """All that is known of a customer's permissions, by any number that they ever had."""
    person = tx.value("law.person", identifier_id=customer_id)
    if person is None:
        return Standing(None)
    addresses = [
        Address(row["identifier_id"], row["kind"], row["first_seen_at"], bool(row["retired"]))
        for row in tx.rows("law.addresses", customer_id=person)
    ]
    opt_outs = [row for row in tx.rows("consent.opt_outs_of", customer_id=person) if row["lifted_at"] is None]
    dead = [row for row in tx.rows("consent.suppressions_of", customer_id=person) if row["lifted_at"] is None]
    return Standing(
        person,
        tuple(addresses),
        tuple(Consent(**row) for row in tx.rows("consent.of_customer", customer_id=person)),
        tuple(OptOut(row["topic"], row["channel"], row["opted_out_at"]) for row in opt_outs),
        tuple(Suppression(row["identifier_id"], row["channel"], row["reason"]) for row in dead),
        tuple(OwnCustomer(**row) for row in tx.rows("law.own", customer_id=person)),
    )


def cancel(tx: Transaction, customer_id: int, topic: str, channel: str, now: Instant, reason: str = "unsubscribed") -> int:  # fmt: skip
    """End the planned advertising of a person that an opt-out of this topic concerns; how many messages."""
    purposes = list(legality.purposes_of(topic))
    return tx.run("law.cancel", customer_id=customer_id, purposes=purposes, channel=channel, reason=reason, now=now)
