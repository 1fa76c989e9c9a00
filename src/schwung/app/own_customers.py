"""Own customers (§ 7 (3) UWG): what is recorded of the sale, the goods and the notice, from orders that say so and by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from schwung.act.legality import OwnCustomer
from schwung.app import audit
from schwung.app.consent_texts import texts
from schwung.app.merge import customer_unknown
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.collect.arrival import read_instant
from schwung.collect.projection import Properties, Reading
from schwung.collect.reason import Misfit
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.identifier import normalize

_MOST_LETTERS = 500
Record = Mapping[str, Any]
"""email, order_id, sold_at, goods, notice (its name), notice_at."""


def records_of(reading: Reading, is_erased: npt.NDArray[np.bool_]) -> list[Record]:
    """Of the orders of a batch that name the notice by which the address was collected. Those of the erased are left out."""
    found: list[Record] = []
    for event, told, erased in zip(reading.events, reading.properties, is_erased.tolist(), strict=True):
        if event.name == "order_completed" and not erased and isinstance(told.get("advertising_notice"), str):
            email = next((one.value for one in event.claims if one.kind == "email"), None)
            if email is not None:
                found.append(
                    {
                        "email": email, "order_id": str(told["order_id"])[:200], "sold_at": event.happened_at,
                        "goods": _goods(told), "notice": told["advertising_notice"],
                        "notice_at": _given_at(told, event.happened_at),
                    }
                )  # fmt: skip
    return found


def keep_records(workspace: Workspace, tx: Transaction, rows: Sequence[Record], source: str) -> int:
    """How many are new. A notice that is no text of ours is left out: then the record is not complete, and allows nothing."""
    if not rows:
        return 0
    notices = _notices(workspace)
    emails = [row["email"] for row in rows]
    known = {row["value"]: row["identifier_id"] for row in tx.rows("identity.find", kind="email", values=emails)}
    kept = 0
    for row in rows:
        if row["email"] in known:
            plain = {name: value for name, value in row.items() if name not in ("email", "notice")}
            number = {"identifier_id": known[row["email"]], "notice_no": notices.get(row["notice"])}
            kept += tx.run("law.import_own", **plain, **number, source=source, now=workspace.clock())
    return kept


def record_own_customer(workspace: Workspace, email: str, actor: str, **record: Any) -> bool:
    """order_id, sold_at, goods, notice, notice_at of one address; whether it is new. InputError for an address of nobody, an
    unknown notice, and what is not complete: the notice no later than the sale, the sale no later than now."""
    value = normalize("email", email, workspace.settings.workspace.country)
    number = _notices(workspace).get(record["notice"])
    if number is None:
        raise _incomplete(Text("there is no notice “{name}”", "einen Hinweis „{name}“ gibt es nicht").fill(name=str(record["notice"])[:60]))  # fmt: skip
    told = OwnCustomer(0, record["order_id"], record["sold_at"], record["goods"], number, record["notice_at"])
    if not told.is_complete(workspace.clock()):
        raise _incomplete(
            Text("the notice is no later than the sale, and the sale no later than now", "der Hinweis liegt nicht nach dem Verkauf, und der Verkauf nicht nach jetzt")
        )  # fmt: skip
    with workspace.store.write() as tx:
        if value is None or not tx.rows("identity.find", kind="email", values=[value]):
            raise customer_unknown(email)
        kept = keep_records(workspace, tx, [{"email": value, **record}], "api")
        if kept:
            audit.add(tx, workspace.clock(), actor, "own_customer_recorded", None, found=kept)
    return bool(kept)


def _notices(workspace: Workspace) -> dict[str, int]:
    """By name (the newest version) and by NAME/VERSION."""
    found = [one for one in texts(workspace) if one.kind == "notice"]
    newest = {one.name: one.text_no for one in sorted(found, key=lambda one: one.version)}
    return newest | {f"{one.name}/{one.version}": one.text_no for one in found}


def _goods(told: Properties) -> str | None:
    """What the order says, else categories (or names) of its products."""
    written = told.get("goods")
    lines = told.get("products") if not written else None
    names = [one.get("category") or one.get("name") for one in lines or () if isinstance(one, Mapping)]
    text = str(written or ", ".join(dict.fromkeys(str(one) for one in names if one)))
    return text.strip()[:_MOST_LETTERS] or None


def _given_at(told: Properties, sold_at: Instant) -> Instant | None:
    written = told.get("advertising_notice_at")
    if not written:
        return sold_at
    try:
        return read_instant("advertising_notice_at", written)
    except Misfit:
        return None


def _incomplete(why: Text) -> InputError:
    return InputError(
        "own_customer_incomplete",
        Text("This makes nobody an own customer: {why}.", "Das macht niemanden zum Bestandskunden: {why}.").fill(
            why=why
        ),
        Text("See docs/how-to/consent.md.", "Siehe docs/de/how-to/consent.md."),
    )
