"""Consents, opt-outs, suppressions: what a person allowed, what they do not want, which addresses are dead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schwung.app import audit
from schwung.app.lane import lane
from schwung.app.law import cancel
from schwung.app.merge import change, customer_unknown
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify import consent as words
from schwung.unify.consent import Consent, in_force

_PROOF_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Permissions:
    """Everything that a customer said about being written to, oldest first, and what is in force."""

    statements: tuple[Consent, ...]
    in_force: Mapping[tuple[str, str], Consent]
    opt_outs: tuple[Mapping[str, Any], ...]
    suppressions: tuple[Mapping[str, Any], ...]
    has_objected: bool


def permissions(tx: Transaction, customer_id: int) -> Permissions:
    statements = tuple(Consent(**row) for row in tx.rows("consent.of_customer", customer_id=customer_id))
    opt_outs = tuple(tx.rows("consent.opt_outs_of", customer_id=customer_id))
    suppressions = tuple(tx.rows("consent.suppressions_of", customer_id=customer_id))
    objected = any(row["topic"] == words.OBJECTION and row["lifted_at"] is None for row in opt_outs)
    return Permissions(statements, in_force(statements), opt_outs, suppressions, objected)


def record_consent(
    workspace: Workspace,
    customer_id: int,
    actor: str,
    *,
    purpose: str,
    channel: str,
    state: str,
    legal_basis: str = "consent",
    source: str = "by_hand",
    proof: str | None = None,
    given_at: Instant | None = None,
    expires_at: Instant | None = None,
    identifier_id: int | None = None,
    text_no: int | None = None,
) -> None:
    """Keep one statement. It belongs to an identifier, the customer's own unless named, and follows it.

    text_no: the wording that was agreed to.
    InputError for undeclared words, a grant by consent without proof, or a time in the future.
    """
    now = workspace.clock()
    given = now if given_at is None else given_at
    for name, word, known in (
        ("purpose", purpose, words.PURPOSES),
        ("channel", channel, words.CHANNELS),
        ("state", state, words.STATES),
        ("legal_basis", legal_basis, words.LEGAL_BASES),
    ):
        _check(name, word, known)
    _check_times(given, expires_at, now)
    if state == "granted" and legal_basis == "consent":
        _check_proof(proof)
    with workspace.store.write() as tx:
        owner = _owner(tx, customer_id, identifier_id)
        tx.run(
            "consent.add", identifier_id=owner, purpose=purpose, channel=channel, state=state, legal_basis=legal_basis,
            source=source[:200], proof=proof[:_PROOF_CHARACTERS].replace("\x00", "") if proof else None, given_at=given,
            expires_at=expires_at, recorded_at=now, text_no=text_no,
        )  # fmt: skip
        audit.add(tx, now, actor, "consent_recorded", customer_id, purpose=purpose, channel=channel, state=state)


def opt_out(
    workspace: Workspace, customer_id: int, actor: str, topic: str, channel: str = "any", source: str = "by_hand"
) -> None:
    """A person's wish about one topic; what was planned against it is cancelled. `objection`: published to the lake at once."""
    _check("topic", topic, words.TOPICS)
    _check("channel", channel, words.CHANNELS)

    def apply(tx: Transaction, now: Instant) -> None:
        owner = _owner(tx, customer_id, None)
        tx.run(
            "consent.opt_out", identifier_id=owner, topic=topic, channel=channel, source=source[:200], opted_out_at=now
        )
        cancel(tx, customer_id, topic, channel, now)
        audit.add(tx, now, actor, "opted_out", customer_id, topic=topic, channel=channel)

    _apply(workspace, customer_id, topic, apply)


def lift_opt_out(workspace: Workspace, customer_id: int, actor: str, topic: str, channel: str = "any") -> bool:
    """The person wants it again. False when there was no such opt-out."""
    _check("topic", topic, words.TOPICS)
    lifted: list[int] = []

    def apply(tx: Transaction, now: Instant) -> None:
        _owner(tx, customer_id, None)
        lifted.append(
            tx.run("consent.lift_opt_out", customer_id=customer_id, topic=topic, channel=channel, lifted_at=now)
        )
        if lifted[0]:
            audit.add(tx, now, actor, "opted_in", customer_id, topic=topic, channel=channel)

    _apply(workspace, customer_id, topic, apply)
    return bool(lifted[0])


def suppress(
    workspace: Workspace,
    customer_id: int,
    actor: str,
    identifier_id: int,
    channel: str,
    reason: str,
    source: str = "by_hand",
) -> None:
    """No more messages to this address on this channel."""
    _check("channel", channel, words.CHANNELS)
    _check("reason", reason, words.SUPPRESSION_REASONS)
    with workspace.store.write() as tx:
        owner, now = _owner(tx, customer_id, identifier_id), workspace.clock()
        tx.run(
            "consent.suppress",
            identifier_id=owner,
            channel=channel,
            reason=reason,
            source=source[:200],
            suppressed_at=now,
        )
        audit.add(tx, now, actor, "suppressed", customer_id, channel=channel, reason=reason)


def lift_suppression(workspace: Workspace, customer_id: int, actor: str, identifier_id: int, channel: str) -> bool:
    """The address works again. False when it was not suppressed."""
    with workspace.store.write() as tx:
        owner, now = _owner(tx, customer_id, identifier_id), workspace.clock()
        lifted = bool(tx.run("consent.lift_suppression", identifier_id=owner, channel=channel, lifted_at=now))
        if lifted:
            audit.add(tx, now, actor, "unsuppressed", customer_id, channel=channel)
    return lifted


def _apply(workspace: Workspace, customer_id: int, topic: str, apply: Callable[[Transaction, Instant], None]) -> None:
    """An objection shows in the profile, so that it is a batch of its own; other topics stay in the store."""
    if topic != words.OBJECTION:
        with workspace.store.write() as tx:
            apply(tx, workspace.clock())
        return

    def published(tx: Transaction, batch_no: int) -> None:
        apply(tx, workspace.clock())
        tx.run("identity.touch", batch_no=batch_no, customer_id=customer_id)

    with lane(workspace, "objection") as held:
        change(workspace, held, published)


def _owner(tx: Transaction, customer_id: int, identifier_id: int | None) -> int:
    members = {row["identifier_id"] for row in tx.rows("identity.members", customer_ids=[customer_id])}
    if not members:
        raise customer_unknown(str(customer_id))
    if identifier_id is None:
        return min(members)
    if identifier_id not in members:
        raise InputError(
            "identifier_unknown",
            Text(en="The customer has no such identifier.", de="Diese Kennung hat der Kunde nicht."),
            Text(en="See them with: schwung customers show", de="Sie zeigt: schwung customers show"),
        )
    return identifier_id


def _check(name: str, word: str, known: Mapping[str, Text]) -> None:
    if word not in known:
        raise InputError(
            "unknown_word",
            Text(en="“{word}” is no known {name}.", de="„{word}“ ist hier unbekannt ({name}).").fill(
                word=word[:100], name=name
            ),
            Text(en="Known: {names}.", de="Bekannt: {names}.").fill(names=", ".join(known)),
        )


def _check_times(given_at: Instant, expires_at: Instant | None, now: Instant) -> None:
    if given_at > now or (expires_at is not None and expires_at <= given_at):
        raise InputError(
            "consent_time_invalid",
            Text(
                en="Consent cannot be given in the future, nor end before it begins.",
                de="Eine Einwilligung kann weder in der Zukunft erteilt sein noch vor ihrem Beginn enden.",
            ),
            Text(en="Correct the times.", de="Die Zeitangaben berichtigen."),
        )


def _check_proof(proof: str | None) -> None:
    if not (proof and proof.strip()):
        raise InputError(
            "consent_without_proof",
            Text(
                en="A consent must be provable (Art. 7(1) GDPR).",
                de="Eine Einwilligung muss nachweisbar sein (Art. 7 Abs. 1 DSGVO).",
            ),
            Text(en="State how it was given.", de="Angeben, wie sie erteilt wurde."),
        )
