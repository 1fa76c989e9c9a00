"""Saved lists of customers: made from a filter, from a funnel, or from numbers; every metric and funnel can be cut by them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from schwung.app import audit
from schwung.app.lane import lane
from schwung.app.ports import Transaction
from schwung.app.publish import finish_open_batch, open_batch, publish, stage
from schwung.app.wiring import TABLES, Workspace
from schwung.collect.arrow import rows_of
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.stable_hash import bucket_of
from schwung.core.text import Text

Origin = Literal["filter", "funnel", "import", "persona", "segment", "potential", "prediction", "condition"]
ORIGINS: Mapping[Origin, Text] = {
    "filter": Text("from a filter of the customers", "aus einem Filter der Kunden"),
    "funnel": Text("from a funnel", "aus einem Trichter"),
    "import": Text("from imported numbers", "aus importierten Nummern"),
    "potential": Text("from a field of the potential analysis", "aus einem Feld der Potenzialanalyse"),
    "prediction": Text("from a prediction", "aus einer Vorhersage"),
    "persona": Text("persona, found again every week", "Persona, wird jede Woche neu bestimmt"),
    "condition": Text("rule that a journey asks", "Regel, nach der eine Strecke fragt"),
    "segment": Text("segment, kept true by its rule", "Segment, durch seine Regel immer aktuell"),
}
MOST_LETTERS = 120
_SLICE = 50_000


@dataclass(frozen=True, slots=True)
class SavedList:
    """basis: from what it was made, as JSON. size: customers when it was made, less those erased since."""

    list_no: int
    name: str
    note: str
    origin: Origin
    basis: Mapping[str, Any]
    size: int
    created_by: str
    created_at: Instant

    @property
    def title(self) -> Text:
        """Its name; of a persona that nobody has named, as it was found, in both languages."""
        found = self.basis.get("title") if self.name == self.basis.get("found_name") else None
        return Text(**found) if found else Text(self.name, self.name)

    def to_json(self) -> dict[str, Any]:
        """The instant in ISO 8601, UTC."""
        from schwung.app.customer_json import when

        return {name: getattr(self, name) for name in self.__slots__} | {"created_at": when(self.created_at)}


def lists(workspace: Workspace) -> list[SavedList]:
    """All lists, newest first."""
    with workspace.store.read() as tx:
        return [read_row(row) for row in tx.rows("lists.all")]


def read_list(workspace: Workspace, named: int | str) -> SavedList:
    """A list by number or name. InputError when there is none."""
    with workspace.store.read() as tx:
        return _find(tx, named)


def create_list(
    workspace: Workspace,
    name: str,
    customer_ids: Collection[int],
    *,
    note: str = "",
    origin: Origin,
    basis: Mapping[str, Any],
    actor: str,
) -> SavedList:
    """Save customers under a name and publish their memberships. InputError for an empty or taken name, or nobody."""
    name, note = checked(name), note.strip()[:1000]
    with lane(workspace, "list") as held:
        finish_open_batch(workspace, held)
        now = workspace.clock()
        with workspace.store.read() as tx:
            _refuse_taken(tx, name, None)
            members, size = _identifiers_of(tx, customer_ids)
        if not size:
            raise nobody_fits()
        with workspace.store.write() as tx:
            text = json.dumps(basis, ensure_ascii=False, sort_keys=True)
            list_no = tx.value(
                "lists.add", name=name, note=note, origin=origin, basis=text, size=size, created_by=actor, now=now
            )
            tx.load("membership", ("list_no", "identifier_id", "joined_at"), ((list_no, one, now) for one in members))
            audit.add(tx, now, actor, "list_created", list_no=list_no, size=size, origin=origin)
            batch_no = open_batch(tx, held, "manual", now, staging=_staging(list_no))
            tables = {"memberships": memberships_of("list", list_no, members, [now] * len(members), None, batch_no)}
            stage(workspace, _staging(list_no), tables)
        publish(workspace, held, batch_no, tables)
    return read_list(workspace, list_no)


def rename_list(workspace: Workspace, named: int | str, name: str, note: str | None = None, *, actor: str) -> SavedList:
    """Another name, and another note where one is given. A persona's own title, in either language, is no other name."""
    name = checked(name)
    with workspace.store.write() as tx:
        found = _find(tx, named)
        name = found.name if name in (found.title.en, found.title.de) else name
        _refuse_taken(tx, name, found.list_no)
        kept = found.note if note is None else note.strip()[:1000]
        tx.run("lists.rename", list_no=found.list_no, name=name, note=kept)
        audit.add(tx, workspace.clock(), actor, "list_changed", list_no=found.list_no)
    return read_list(workspace, found.list_no)


def delete_list(workspace: Workspace, named: int | str, *, actor: str) -> SavedList:
    """Takes the list away; `restore_list` brings it back. Its memberships end in the lake."""
    found = read_list(workspace, named)
    _mark(workspace, found.list_no, actor, deleted=True)
    return found


def restore_list(workspace: Workspace, list_no: int, *, actor: str) -> SavedList:
    """Undo of `delete_list`. InputError when its name was taken meanwhile."""
    with workspace.store.read() as tx:
        row = tx.row("lists.one", list_no=list_no)
        if row is None:
            raise _unknown(list_no)
        _refuse_taken(tx, row["name"], list_no)
    if row["deleted_at"] is not None:
        _mark(workspace, list_no, actor, deleted=False)
    return read_list(workspace, list_no)


def list_page(
    workspace: Workspace, list_no: int, *, after: int = 0, limit: int = 25
) -> tuple[list[dict[str, Any]], int | None]:
    """Customers of a list by their numbers, as rows of the customer list; where the next page begins, None at the end."""
    with workspace.store.read() as tx:
        rows = tx.rows("lists.customers", list_no=list_no, after=after, most=limit + 1)
        ids = [row["customer_id"] for row in rows[:limit]]
        known = {row["customer_id"]: row for row in tx.rows("customer_list.existing", customer_ids=ids)}
    found = [dict(known.get(one, {"customer_id": one})) for one in ids]
    return found, ids[-1] if len(rows) > limit else None


def names_of_lists(workspace: Workspace) -> dict[int, Text]:
    """Number → name, for cuts by list."""
    return {one.list_no: one.title for one in lists(workspace)}


def checked(name: str) -> str:
    """A name fit to be saved. InputError for an empty or too long one."""
    name = " ".join(name.split())
    if name and len(name) <= MOST_LETTERS:
        return name
    raise InputError(
        "name_wrong",
        Text(
            en="A name needs 1 to {most} letters.", de="Ein Name braucht 1 bis {most} Zeichen."
        ).fill(most=MOST_LETTERS),
        Text(en="Enter a name.", de="Einen Namen eingeben."),
    )  # fmt: skip


def nobody_fits() -> InputError:
    return InputError(
        "list_empty",
        Text(en="No customer is in this selection.", de="In dieser Auswahl ist kein Kunde."),
        Text(en="Choose another filter, step or file.", de="Anderen Filter, Schritt oder andere Datei wählen."),
    )


def _mark(workspace: Workspace, list_no: int, actor: str, *, deleted: bool) -> None:
    """Deleted or not, in store and lake, by one batch."""
    with lane(workspace, "list") as held:
        finish_open_batch(workspace, held)
        now = workspace.clock()
        with workspace.store.write() as tx:
            members = tx.rows("lists.members", list_no=list_no)
            origin = tx.row("lists.one", list_no=list_no)["origin"]  # type: ignore[index]
            kind = origin if origin in ("persona", "segment") else "list"
            tx.run("lists.set_deleted", list_no=list_no, deleted_at=now if deleted else None)
            audit.add(tx, now, actor, "list_deleted" if deleted else "list_restored", list_no=list_no)
            batch_no = open_batch(tx, held, "manual", now, staging=_staging(list_no))
            ids, joined = [row["identifier_id"] for row in members], [row["joined_at"] for row in members]
            tables = {"memberships": memberships_of(kind, list_no, ids, joined, now if deleted else None, batch_no)}
            stage(workspace, _staging(list_no), tables)
        publish(workspace, held, batch_no, tables)


def _identifiers_of(tx: Transaction, customer_ids: Collection[int]) -> tuple[list[int], int]:
    """All identifiers of the customers, and how many customers have one."""
    ids = sorted(set(customer_ids))
    found: list[int] = []
    known: set[int] = set()
    for at in range(0, len(ids), _SLICE):
        for row in tx.rows("lists.identifiers", customer_ids=ids[at : at + _SLICE]):
            found.append(row["identifier_id"])
            known.add(row["customer_id"])
    return sorted(found), len(known)


def memberships_of(
    kind: str, list_no: int, ids: Sequence[int], joined: Sequence[Instant], left_at: Instant | None, batch_no: int
) -> pa.Table:
    """Rows of the lake: these identifiers are in the list, or out of it since `left_at`. kind: list, persona, segment."""
    columns: dict[str, Any] = {
        "segment_id": np.full(len(ids), list_no, np.int64),
        "kind": [kind] * len(ids),
        "identifier_id": ids,
        "bucket": [bucket_of(one) for one in ids],
        "joined_at": joined,
        "left_at": [left_at] * len(ids),
        "version": np.full(len(ids), batch_no, np.int64),
    }
    return rows_of(TABLES["memberships"], columns)


def _staging(list_no: int) -> str:
    return f"list-{list_no}"


def read_row(row: Mapping[str, Any]) -> SavedList:
    """A list from its row in the store."""
    values = {name: row[name] for name in SavedList.__slots__ if name != "basis"}
    return SavedList(**values, basis=json.loads(row["basis"]))


def _find(tx: Transaction, named: int | str) -> SavedList:
    number = int(named) if str(named).isdecimal() and len(str(named)) < 16 else None
    row = tx.row("lists.one", list_no=number) if number is not None else None
    if row is None or row["deleted_at"] is not None:
        number = tx.value("lists.by_name", name=" ".join(str(named).split()))
        row = tx.row("lists.one", list_no=number) if number is not None else None
    if row is not None:
        return read_row(row)
    wanted = " ".join(str(named).split())
    for persona in map(read_row, tx.rows("personas.all")):
        if wanted in (persona.title.en, persona.title.de):
            return persona
    raise _unknown(named)


def _unknown(named: int | str) -> InputError:
    return InputError(
        "unknown_list",
        Text(en="There is no customer list “{name}”.", de="Eine Kundenliste „{name}“ gibt es nicht.").fill(
            name=str(named)[:MOST_LETTERS]
        ),
        Text(en="See them with: schwung list ls", de="Sie zeigt: schwung list ls"),
    )


def _refuse_taken(tx: Transaction, name: str, own: int | None) -> None:
    taken = tx.value("lists.by_name", name=name)
    if taken is not None and taken != own:
        raise InputError(
            "list_exists",
            Text(en="A list named “{name}” exists.", de="Eine Liste „{name}“ gibt es schon.").fill(name=name),
            Text(en="Choose another name.", de="Einen anderen Namen wählen."),
        )
