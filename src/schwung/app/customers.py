"""One customer as people see it: identifiers, merges with their undo, traits, consents, key figures."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from schwung.app import audit
from schwung.app.consents import Permissions, permissions
from schwung.app.customer_list import customer_row
from schwung.app.lane import lane
from schwung.app.merge import Merge, change, customer_unknown, merges_of
from schwung.app.ports import Transaction
from schwung.app.profiles import trait_details
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.identifier import KINDS, normalize
from schwung.unify.trait import Observation, full_name, read_traits

ERASED = Text("Erased person", "Gelöschte Person")


@dataclass(frozen=True, slots=True)
class Identity:
    identifier_id: int
    kind: str
    value: str
    source: str
    first_seen_at: Instant
    retired_at: Instant | None = None

    @property
    def title(self) -> Text:
        return KINDS[self.kind].title if self.kind in KINDS else ERASED


@dataclass(frozen=True, slots=True)
class Link:
    """state: open, refused, severed. why: too_many_…, shared_device, kept_apart, by_hand."""

    low_id: int
    high_id: int
    state: str
    why: str | None
    source: str
    linked_at: Instant


@dataclass(frozen=True, slots=True)
class Customer:
    """figures: the customer list's row, amounts in minor units of the reporting currency; None before its first refresh."""

    customer_id: int
    name: str | None
    identities: tuple[Identity, ...]
    links: tuple[Link, ...]
    merges: tuple[Merge, ...]
    traits: Mapping[str, Observation]
    permissions: Permissions
    figures: Mapping[str, Any] | None

    @property
    def is_erased(self) -> bool:
        return any(one.kind == "erased" for one in self.identities)


def find_customer(workspace: Workspace, text: str) -> int:
    """The customer that a person means: `customer:17`, `email:anna@x.de`, or a bare number or value.

    An id that went into another customer leads there. InputError when nobody or more than one fits.
    """
    text = text.strip()
    kind, _, value = text.partition(":")
    country = workspace.settings.workspace.country
    with workspace.store.read() as tx:
        if kind == "customer":
            found = _by_number(tx, value)
        elif kind in KINDS and value:
            known = normalize(kind, value, country)
            row = tx.row("identity.one", kind=kind, value=known) if known else None
            found = {row["customer_id"]} if row else set()
        else:
            spellings = {text, *(normalize(name, text, country) or text for name in KINDS)}
            found = _by_number(tx, text)
            for spelling in sorted(spellings):
                rows = tx.rows("identity.by_value", value=spelling[:300].replace("\x00", ""))
                found |= {row["customer_id"] for row in rows if row["retired_at"] is None}
    if not found:
        raise customer_unknown(text)
    if len(found) > 1:
        raise InputError(
            "customer_ambiguous",
            Text(
                en="“{text}” fits more than one customer: {ids}.", de="„{text}“ passt auf mehr als einen Kunden: {ids}."
            ).fill(text=text[:100], ids=", ".join(str(one) for one in sorted(found))),
            Text(
                en="Write customer:{id}, or the kind of identifier, such as user_id:{text}.",
                de="customer:{id} schreiben oder die Art der Kennung, etwa user_id:{text}.",
            ).fill(id=min(found), text=text[:100]),
        )
    return found.pop()


def _by_number(tx: Transaction, text: str) -> set[int]:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        return set()
    customer_id = tx.value("identity.customer_of", identifier_id=int(text))
    return set() if customer_id is None else {customer_id}


def show_customer(workspace: Workspace, customer_id: int, actor: str) -> Customer:
    """Everything but the timeline. The view is noted in the audit. InputError when there is no such customer."""
    with workspace.store.read() as tx:
        found = read_customer(tx, workspace, customer_id)
    with workspace.store.write() as tx:
        audit.add(tx, workspace.clock(), actor, "viewed", customer_id)
    return found


def read_customer(tx: Transaction, workspace: Workspace, customer_id: int) -> Customer:
    """The same without a note: for acts that note themselves."""
    identities = tuple(Identity(**row) for row in tx.rows("identity.of_customer", customer_id=customer_id))
    if not identities:
        raise customer_unknown(str(customer_id))
    open_links = (row for row in tx.rows("identity.links_of", customer_id=customer_id) if row["state"] == "open")
    others = tx.rows("identity.refused_links_of", customer_id=customer_id)
    links = tuple(_link(row) for row in (*open_links, *others))
    traits = trait_details(tx, customer_id)
    return Customer(
        customer_id,
        full_name({name: json.loads(one.value) for name, one in traits.items()}),
        identities,
        links,
        tuple(merges_of(tx, customer_id)),
        traits,
        permissions(tx, customer_id),
        customer_row(workspace, customer_id),
    )


def erased_among(workspace: Workspace, customer_ids: Collection[int]) -> set[int]:
    """Which of them only hold the orders of somebody who was erased."""
    if not customer_ids:
        return set()
    with workspace.store.read() as tx:
        return {row["identifier_id"] for row in tx.rows("person.erased_among", customer_ids=list(customer_ids))}


def set_trait(workspace: Workspace, customer_id: int, actor: str, name: str, value: Any) -> None:
    """A trait by hand; null takes it back. InputError for a wrong type. Published at once."""
    kept, problems = read_traits({name: value}, "by_hand")
    if problems:
        raise InputError(
            "trait_invalid",
            Text(en="The value does not fit the trait “{name}”.", de="Der Wert passt nicht zum Merkmal „{name}“.").fill(
                name=name[:100]
            ),
            Text(en="Correct the value.", de="Den Wert berichtigen."),
        )

    def apply(tx: Transaction, batch_no: int) -> None:
        if not tx.rows("identity.members", customer_ids=[customer_id]):
            raise customer_unknown(str(customer_id))
        now = workspace.clock()
        for trait, text in kept.items():
            tx.run(
                "profile.observe", identifier_id=customer_id, name=trait, source="by_hand", value=text, observed_at=now
            )
        tx.run("identity.touch", batch_no=batch_no, customer_id=customer_id)
        audit.add(tx, now, actor, "trait_set", customer_id, trait=name[:100])

    with lane(workspace, "trait") as held:
        change(workspace, held, apply)


def known_value(workspace: Workspace, kind: str, value: str) -> str:
    """The value as it is stored. InputError for an unknown kind and for what is no such identifier."""
    found = normalize(kind, value, workspace.settings.workspace.country) if kind in KINDS else None
    if found is None:
        raise InputError(
            "identifier_invalid",
            Text(
                en="“{value}” is no identifier of kind {kind}.", de="„{value}“ ist keine Kennung der Art {kind}."
            ).fill(value=value[:100], kind=kind[:40]),
            Text(en="Kinds: {kinds}.", de="Arten: {kinds}.").fill(kinds=", ".join(KINDS)),
        )
    return found


def retire(workspace: Workspace, kind: str, value: str, actor: str) -> bool:
    """The value changed hands: what comes from now on is somebody else's. False when it is not in use."""
    known = known_value(workspace, kind, value)
    with lane(workspace, "retire") as held, workspace.store.write() as tx:
        held.fence(tx)
        row = tx.row("identity.one", kind=kind, value=known)
        if row is None:
            return False
        now = workspace.clock()
        tx.run("identity.retire", kind=kind, value=known, retired_at=now)
        tx.run("store.draw", name="known", count=1)
        audit.add(tx, now, actor, "retired", row["customer_id"], identifier_id=row["identifier_id"])
    return True


def block(workspace: Workspace, kind: str, value: str, actor: str) -> None:
    """No identifier from now on: a till's own card, the shop's own address. Profiles that it joined stay as they are."""
    known = known_value(workspace, kind, value)
    with lane(workspace, "block") as held, workspace.store.write() as tx:
        held.fence(tx)
        tx.run("identity.block", kind=kind, value=known, blocked_at=workspace.clock())
        tx.run("store.draw", name="known", count=1)
        audit.add(tx, workspace.clock(), actor, "blocked", None, kind=kind)


def _link(row: Mapping[str, Any]) -> Link:
    return Link(row["low_id"], row["high_id"], row["state"], row["why"], row["source"], row["linked_at"])
