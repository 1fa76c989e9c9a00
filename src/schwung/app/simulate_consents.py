"""What the simulated customers allowed, as the law wants it: wording, proof, confirmation; of a known share there is no proof."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.app.consent_texts import save_text
from schwung.app.ports import Transaction
from schwung.app.simulate_rows import Part
from schwung.app.wiring import Workspace
from schwung.core.clock import MINUTE, Instant
from schwung.core.text import Text
from schwung.simulation.claims import SOURCES, to_instants
from schwung.simulation.draws import Ints
from schwung.simulation.laws import Laws
from schwung.simulation.permissions import permissions
from schwung.simulation.stream import NAME, SIGHT

ACTOR = "simulation"
ADVERTISED = ("newsletter", "advertising", "cart_reminder")
COLUMNS = (
    *("identifier_id", "purpose", "channel", "state", "legal_basis", "source", "proof"),
    *("given_at", "recorded_at", "text_no", "confirmed_at"),
)
_OWN = (
    *("identifier_id", "order_id", "sold_at", "goods", "notice_no", "notice_at"),
    *("source", "recorded_at"),
)
_PROOF = "Double-Opt-in, Formular „Newsletter“"
_IMPORT = "Adressliste von früher"
_WORDINGS = (
    ("newsletter", Text("Yes, I would like news, offers and reminders of my cart by e-mail. I can withdraw this in every e-mail.", "Ja, ich möchte Neuigkeiten, Angebote und Erinnerungen an meinen Warenkorb per E-Mail. Das kann ich in jeder E-Mail widerrufen."), ADVERTISED),
    ("measuring", Text("Yes, you may record which e-mails I open and which links I follow.", "Ja, Sie dürfen festhalten, welche E-Mails ich öffne und welchen Links ich folge."), ("tracking",)),
    ("buyers", Text("We use your e-mail address to tell you about own similar goods. You can object at any time.", "Wir nutzen Ihre E-Mail-Adresse, um Sie über eigene ähnliche Waren zu informieren. Sie können jederzeit widersprechen."), ()),
)  # fmt: skip

Wordings = dict[str, int]
"""Number of each wording's newest version."""


def wordings(workspace: Workspace) -> Wordings:
    """The texts that the shop's people agree to; made when they are asked for first."""
    return {
        name: save_text(workspace, name, text, ACTOR, purposes=purposes, kind="consent" if purposes else "notice").text_no
        for name, text, purposes in _WORDINGS
    }  # fmt: skip


def granted(
    ids: Sequence[int], given: Sequence[Instant], measured: Sequence[bool], known: Wordings, now: Instant
) -> list[tuple[Any, ...]]:
    """Rows of `COLUMNS` of people who agreed and confirmed it: a statement for each purpose."""
    rows = []
    for one, at, is_measured in zip(ids, given, measured, strict=True):
        asked = [("newsletter", purpose) for purpose in ADVERTISED] + [("measuring", "tracking")] * bool(is_measured)
        confirmed_at = min(at + MINUTE, now)
        rows += [
            (one, purpose, "email", "granted", "consent", SOURCES[0], _PROOF, at, now, known[text], confirmed_at)
            for text, purpose in asked
        ]
    return rows


def consents(laws: Laws, parts: list[Part], ids: list[tuple[Ints, Ints]], known: Wordings, now: Instant) -> list[tuple[Any, ...]]:  # fmt: skip
    """Who agreed, at the first sign-up. ids: per part the rows of its people who signed up, and their identifiers."""
    found = []
    for part, (rows, identifiers) in zip(parts, ids, strict=True):
        stream = part.block.stream
        owners, given = stream.owner[rows], to_instants(laws, stream.happened[rows])
        told = permissions(laws, part.block.people, part.block.block_no)
        proved = told.proved[owners] & (identifiers > 0)
        found += granted(
            identifiers[proved].tolist(), given[proved].tolist(), told.measured[owners[proved]].tolist(), known, now
        )
        others = ~told.proved[owners] & (identifiers > 0)
        found += [
            (one, "newsletter", "email", "granted", "consent", _IMPORT, None, at, now, None, None)
            for one, at in zip(identifiers[others].tolist(), given[others].tolist(), strict=True)
        ]
    return found


def signed_up(part: Part) -> Ints:
    """Rows of the stream at which people who agree to the newsletter first say who they are."""
    stream = part.block.stream
    signing = np.flatnonzero((stream.name == NAME["profile_identified"]) & part.block.people.agreed[stream.owner])
    _, first = np.unique(stream.owner[signing], return_index=True)
    return signing[first]


def add_own_customers(tx: Transaction, laws: Laws, parts: list[Part], known: Wordings, now: Instant) -> None:
    """§ 7 (3) UWG: buyers in the web shop who were told at their first order; by their address, which the batch brought."""
    rows: list[tuple[str, str, Instant]] = []
    for part in parts:
        stream = part.block.stream
        named = np.isin(stream.sight, [SIGHT["user_0"], SIGHT["user_1"]])
        bought = np.flatnonzero((stream.name == NAME["order_completed"]) & named)
        owners, first = np.unique(stream.owner[bought], return_index=True)
        told = permissions(laws, part.block.people, part.block.block_no).noticed[owners]
        chosen = bought[first][told]
        orders = part.texts.order_id.take(pa.array(stream.order[chosen])).to_pylist()
        emails = part.people.email.take(pa.array(owners[told])).to_pylist()
        rows += zip(emails, orders, to_instants(laws, stream.happened[chosen]).tolist(), strict=True)
    found = {
        row["value"]: row["identifier_id"]
        for row in tx.rows("identity.find", kind="email", values=[email for email, *_ in rows])
    }
    tx.load(
        "own_customer",
        _OWN,
        (
            (found[email], order_id, at, "Kaffee und Zubehör", known["buyers"], at, SOURCES[0], now)
            for email, order_id, at in rows
            if email in found
        ),
    )
