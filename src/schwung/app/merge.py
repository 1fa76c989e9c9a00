"""Merging and separating customers by hand: every merge can be taken back, events included."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from schwung.app import audit
from schwung.app.lane import Held, lane
from schwung.app.ports import Transaction
from schwung.app.profiles import changed_tables
from schwung.app.publish import finish_open_batch, open_batch, publish
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.separation import Proposal, without_link, without_merge


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that can be taken back. merge_no: its first move. cause: link, hand."""

    merge_no: int
    from_customer_id: int
    cause: str
    moved_at: Instant
    identifier_ids: tuple[int, ...]
    proposal: Proposal


def change(workspace: Workspace, held: Held, apply: Callable[[Transaction, int], None]) -> int:
    """A batch of its own for a change by hand: committed, then published at once. Its number."""
    finish_open_batch(workspace, held)
    with workspace.store.write() as tx:
        batch_no = open_batch(tx, held, "manual", workspace.clock())
        tx.run("identity.forget_touched")
        apply(tx, batch_no)
    with workspace.store.read() as tx:
        tables = changed_tables(tx, batch_no)
    publish(workspace, held, batch_no, tables)
    return batch_no


def merge(workspace: Workspace, one: int, other: int, actor: str) -> int:
    """Declare two customers one person; limits do not bind an operator. The customer that stays: the older one."""
    stays, goes = min(one, other), max(one, other)
    if stays == goes:
        raise InputError(
            "merge_with_itself",
            Text(en="This is one customer already.", de="Das ist schon ein und derselbe Kunde."),
            Text(en="Choose two customers.", de="Zwei Kunden wählen."),
        )

    def apply(tx: Transaction, batch_no: int) -> None:
        moving = _members(tx, goes)
        _members(tx, stays)
        now = workspace.clock()
        tx.run("identity.bring_together", one=stays, other=goes)
        tx.run(
            "identity.set_link", low_id=stays, high_id=goes, state="open", why="by_hand", source=actor, linked_at=now, batch_no=batch_no
        )  # fmt: skip
        _move(tx, moving, stays, "hand", batch_no, now)
        audit.add(tx, now, actor, "merged", stays, other=goes)
        audit.add(tx, now, actor, "merged", goes, other=stays)

    with lane(workspace, "merge") as held:
        change(workspace, held, apply)
    return stays


def unmerge(workspace: Workspace, customer_id: int, leaving: Collection[int], actor: str) -> tuple[int, int]:
    """Separate some identifiers from a customer; their events follow. The customers that result: (stays, left)."""
    result: list[int] = []

    def apply(tx: Transaction, batch_no: int) -> None:
        members, gone = set(_members(tx, customer_id)), set(leaving)
        if not gone or gone == members or not gone <= members:
            raise InputError(
                "unmerge_invalid",
                Text(
                    en="Some, but not all, identifiers of the customer must be named.",
                    de="Einige, aber nicht alle Kennungen des Kunden sind zu nennen.",
                ),
                Text(en="See them with: schwung customers show", de="Sie zeigt: schwung customers show"),
            )
        now, rest = workspace.clock(), members - gone
        for link in tx.rows("identity.links_of", customer_id=customer_id):
            if link["state"] == "open" and (link["low_id"] in gone) != (link["high_id"] in gone):
                tx.run("identity.sever", low_id=link["low_id"], high_id=link["high_id"])
        low_id, high_id = sorted((min(rest), min(gone)))
        tx.run("identity.keep_apart", low_id=low_id, high_id=high_id, decided_at=now)
        for identifiers, others in ((rest, gone), (gone, rest)):
            _copy_refusals(tx, identifiers, others)
        for part in (rest, gone):
            if min(part) != customer_id:
                _move(tx, sorted(part), min(part), "unmerge", batch_no, now)
            tx.run("identity.touch", batch_no=batch_no, customer_id=min(part))
            audit.add(tx, now, actor, "unmerged", min(part), other=min(members - part), identifiers=len(part))
        result.extend((min(rest), min(gone)))

    with lane(workspace, "unmerge") as held:
        change(workspace, held, apply)
    return result[0], result[1]


def merges_of(tx: Transaction, customer_id: int) -> list[Merge]:
    """Merges whose identifiers are still here, newest first, each with what would leave if it were taken back."""
    members = {
        row["identifier_id"]: row["batch_no"] for row in tx.rows("identity.members_with_batch", customer_id=customer_id)
    }
    links = _open_links(tx, customer_id)
    found: dict[int, tuple[int, list[dict[str, Any]]]] = {}  # by the customer that went: its latest merge
    for row in tx.rows("identity.moves_of", customer_id=customer_id):
        if row["cause"] in ("link", "hand"):
            batch_no, rows = found.get(row["from_customer_id"], (0, []))
            known = rows if batch_no == row["batch_no"] else []
            found[row["from_customer_id"]] = (row["batch_no"], [*known, row])
    merges = []
    for from_customer_id, (batch_no, rows) in found.items():
        moved = frozenset(row["identifier_id"] for row in rows)
        before = frozenset(one for one, born in members.items() if born < batch_no and one not in moved)
        proposal = without_merge(members, links, moved, before)
        if proposal.leaving and proposal.leaving != members.keys():
            first = rows[0]
            merges.append(
                Merge(
                    first["move_no"],
                    from_customer_id,
                    first["cause"],
                    first["moved_at"],
                    tuple(sorted(moved)),
                    proposal,
                )
            )
    return sorted(merges, key=lambda one: -one.merge_no)


def propose_without_link(tx: Transaction, customer_id: int, low_id: int, high_id: int) -> Proposal:
    """What would leave if one link were cut; if others still hold the profile together, those."""
    members = _members(tx, customer_id)
    links = _open_links(tx, customer_id)
    if (low_id, high_id) not in links:
        raise InputError(
            "link_unknown",
            Text(en="This customer has no such open link.", de="Diese Verknüpfung hat der Kunde nicht."),
            Text(en="See them with: schwung customers show", de="Sie zeigt: schwung customers show"),
        )
    return without_link(members, links, (low_id, high_id))


def _open_links(tx: Transaction, customer_id: int) -> list[tuple[int, int]]:
    rows = tx.rows("identity.links_of", customer_id=customer_id)
    return [(row["low_id"], row["high_id"]) for row in rows if row["state"] == "open"]


def _members(tx: Transaction, customer_id: int) -> list[int]:
    members = [row["identifier_id"] for row in tx.rows("identity.members", customer_ids=[customer_id])]
    if not members:
        raise customer_unknown(str(customer_id))
    return members


def customer_unknown(text: str) -> InputError:
    return InputError(
        "unknown_customer",
        Text(en="There is no customer “{text}”.", de="Einen Kunden „{text}“ gibt es nicht.").fill(text=text[:100]),
        Text(en="Search with: schwung customers list --search", de="Suchen mit: schwung customers list --search"),
    )


def _move(tx: Transaction, identifiers: Collection[int], to: int, cause: str, batch_no: int, now: Instant) -> None:
    rows = tx.rows("identity.customers_of", identifier_ids=list(identifiers))
    tx.load(
        "move",
        ("identifier_id", "from_customer_id", "to_customer_id", "cause", "batch_no", "moved_at"),
        [(row["identifier_id"], row["customer_id"], to, cause, batch_no, now) for row in rows],
    )
    tx.run_many("identity.assign", [{"identifier_id": row["identifier_id"], "to_customer_id": to} for row in rows])
    for customer in {to, *(row["customer_id"] for row in rows)}:
        tx.run("identity.touch", batch_no=batch_no, customer_id=customer)


def _copy_refusals(tx: Transaction, identifiers: Collection[int], others: Collection[int]) -> None:
    """A person's no survives on both sides; what the other side has already is not doubled."""
    for statement in ("consent.copy_opt_outs", "consent.copy_suppressions"):
        tx.run(statement, identifier_ids=list(identifiers), others=list(others), to=min(others))


def separable(merges: Collection[Merge], merge_no: int | None) -> Merge:
    """The merge of that number, or the only one. InputError when it is not clear."""
    found = [one for one in merges if merge_no in (None, one.merge_no)]
    if len(found) != 1:
        raise InputError(
            "merge_unclear",
            Text(
                en="Which merge is to be taken back is not clear; there are {n}.",
                de="Welche Zusammenführung gemeint ist, ist nicht klar; es gibt {n}.",
            ).fill(n=len(found)),
            Text(
                en="Name its number, or the identifiers that leave: schwung customers show",
                de="Ihre Nummer nennen oder die Kennungen, die gehen: schwung customers show",
            ),
        )
    return found[0]
