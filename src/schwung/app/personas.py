"""Personas of a workspace: found when asked and once a week after, kept as saved lists that keep their names and numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schwung.app import audit
from schwung.app.analyses.flywheel import without_erased
from schwung.app.facts import Facts, open_facts
from schwung.app.lane import lane, lease, suppress_held
from schwung.app.lists import SavedList, memberships_of, read_list, read_row
from schwung.app.ports import Transaction
from schwung.app.publish import finish_open_batch, open_batch, publish, stage
from schwung.app.report import question_of
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.measure.persona.clusters import LEAST_CUSTOMERS, Clusters, Floats, Ints, clusters, matched
from schwung.measure.persona.describe import Portrait, Trait, portraits, sentence, shown
from schwung.measure.persona.features import YEAR_DAYS, Feature, features_of
from schwung.measure.scope import Scope

RENEWED_AFTER = 7 * DAY
_SLICE = 50_000
_STAGING = "personas"
_LEASE = "personas"

TOO_FEW = Text(
    "Customers who ordered in the year: {n}; personas need at least {least}.",
    "Kunden mit Bestellung im Jahr: {n}; Personas brauchen mindestens {least}.",
)
NOT_STABLE = Text(
    "The customers do not fall into groups that come out alike when they are looked for again, so there are no personas.",
    "Die Kunden bilden keine Gruppen, die beim erneuten Suchen wieder gleich ausfallen; daher gibt es keine Personas.",
)


@dataclass(frozen=True, slots=True)
class Persona:
    """One persona as last found. traits: its means beside those of all; money in minor units. sizes: (when, customers)."""

    list: SavedList
    share: float
    revenue_share: float
    traits: tuple[Trait, ...]
    text: Text
    sizes: tuple[tuple[Instant, int], ...]

    def to_json(self) -> dict[str, Any]:
        """Its list, shares, sentence, traits."""
        return {
            "list_no": self.list.list_no,
            "name": self.list.name,
            "title": {"en": self.list.title.en, "de": self.list.title.de},
            "note": self.list.note,
            "size": self.list.size,
            "share": self.share,
            "revenue_share": self.revenue_share,
            "text": {"en": self.text.en, "de": self.text.de},
            "traits": [
                {"name": trait.name, "title": {"en": trait.title.en, "de": trait.title.de}, "kind": trait.kind}
                | {"value": trait.value, "overall": trait.overall, "apart": trait.apart}
                for trait in self.traits
            ],
        }


@dataclass(frozen=True, slots=True)
class Personas:
    """remark: why there are none, where that is so. stability: number of groups → agreement of halves. asked: a run is due."""

    personas: tuple[Persona, ...]
    computed_at: Instant | None
    customers: int
    stability: Mapping[int, float]
    remark: Text | None
    asked: bool

    def to_json(self) -> dict[str, Any]:
        from schwung.app.customer_json import when

        return {
            "computed_at": None if self.computed_at is None else when(self.computed_at),
            "customers": self.customers,
            "stability": {str(number): value for number, value in self.stability.items()},
            "remark": None if self.remark is None else {"en": self.remark.en, "de": self.remark.de},
            "personas": [persona.to_json() for persona in self.personas],
        }


def personas(workspace: Workspace) -> Personas:
    """What the newest run found."""
    with workspace.store.read() as tx:
        run, asked = tx.row("personas.newest_done"), tx.row("personas.asked")
        found = [read_row(row) for row in tx.rows("personas.all")]
        sizes: dict[int, list[tuple[Instant, int]]] = {}
        for row in tx.rows("personas.sizes"):
            sizes.setdefault(row["list_no"], []).append((row["computed_at"], row["size"]))
    result = json.loads(run["result"]) if run and run["result"] else {}
    currency = workspace.settings.workspace.currency
    remark = result.get("remark")
    return Personas(
        tuple(_persona(one, sizes.get(one.list_no, []), currency) for one in found),
        run["computed_at"] if run else None,
        result.get("customers", 0),
        {int(number): value for number, value in result.get("stability", {}).items()},
        None if remark is None else Text(**remark),
        asked is not None,
    )


def ask_for_personas(workspace: Workspace, *, actor: str) -> None:
    """A worker finds them anew; asked twice is asked once."""
    with workspace.store.write() as tx:
        if tx.row("personas.asked") is None:
            tx.value("personas.ask", asked_by=actor, now=workspace.clock())


def find_due_personas(workspace: Workspace) -> bool:
    """For the worker: a run that was asked for, or, where there was one, the next after a week."""
    now = workspace.clock()
    with workspace.store.read() as tx:
        asked, newest = tx.row("personas.asked"), tx.row("personas.newest_run")
    if asked is None and (newest is None or now - newest["computed_at"] < RENEWED_AFTER):
        return False
    with suppress_held():
        find_personas(workspace, actor="worker" if asked is None else asked["asked_by"], wait=0.0)
        return True
    return False


def find_personas(workspace: Workspace, *, actor: str, wait: float = 600.0) -> Personas:
    """Find them now, from the year up to `as of`; groups that were there before keep list, name and note.

    One process finds them at a time; who waited for the same run gets what it found. wait: seconds, else SetupError.
    """
    with workspace.store.write() as tx:
        asked = tx.row("personas.asked")
        run_no = asked["run_no"] if asked else tx.value("personas.ask", asked_by=actor, now=workspace.clock())
    with lease(workspace, _LEASE, "personas", wait):
        with workspace.store.read() as tx:
            asked = tx.row("personas.asked")
        if asked is not None and asked["run_no"] == run_no:
            _find(workspace, run_no, actor)
    return personas(workspace)


def _find(workspace: Workspace, run_no: int, actor: str) -> None:
    try:
        with open_facts(workspace, frugal=True) as facts:
            table, features = _features(facts)
        _decide(workspace, run_no, table, features, actor)
    except Exception:
        with workspace.store.write() as tx:
            tx.run("personas.close_run", run_no=run_no, state="failed", now=workspace.clock(), result=None)
        raise


def rename_persona(workspace: Workspace, list_no: int, name: str, note: str, *, actor: str) -> SavedList:
    """A name and note given by a person are kept by later runs. InputError for what is no persona."""
    from schwung.app.lists import rename_list

    if read_list(workspace, list_no).origin != "persona":
        raise InputError(
            "unknown_persona",
            Text("There is no persona {n}.", "Eine Persona {n} gibt es nicht.").fill(n=list_no),
            Text("See them with: schwung personas", "Sie zeigt: schwung personas"),
        )
    return rename_list(workspace, list_no, name, note, actor=actor)


def _features(facts: Facts) -> tuple[pa.Table, tuple[Feature, ...]]:
    last = day_of(facts.as_of, facts.zone)
    question = question_of(facts, (), last - timedelta(days=YEAR_DAYS - 1), last)
    found = features_of(Scope(question, without_erased(facts)), facts.run)
    return found.rows, found.features


def _decide(workspace: Workspace, run_no: int, table: pa.Table, features: Sequence[Feature], actor: str) -> None:
    ids: Ints = table["customer_id"].to_numpy().astype(np.int64)
    raw = _matrix(table, features)
    with workspace.store.read() as tx:
        before = [read_row(row) for row in tx.rows("personas.all")]
    alike = [one for one in before if _names(one.basis) == [feature.name + feature.of for feature in features]]
    centers = [np.array(one.basis["center"], dtype=np.float64) for one in alike]
    result: dict[str, Any] = {"customers": len(ids)}
    found: Clusters | None = None
    if len(ids) < LEAST_CUSTOMERS:
        result["remark"] = _json(TOO_FEW.fill(n=len(ids), least=LEAST_CUSTOMERS))
    else:
        found = clusters(raw, features, ids, centers)
        result |= {"remark": _json(NOT_STABLE)} if found is None else {"stability": found.stability}
    groups: list[tuple[Portrait, Ints, SavedList | None]] = []
    if found is not None:
        labels = found.assign(raw)
        known = np.array([found.scale(one[None])[0] for one in centers]) if centers else np.empty((0, raw.shape[1]))
        kept = matched(found.centers, known)
        groups = [
            (portrait, ids[labels == at], alike[kept[at]] if at in kept else None)
            for at, portrait in enumerate(portraits(raw, labels, found.scale, features))
        ]
    _keep(workspace, run_no, groups, before, features, result, actor)


def _keep(
    workspace: Workspace, run_no: int, groups: Sequence[tuple[Portrait, Ints, SavedList | None]],
    before: Sequence[SavedList], features: Sequence[Feature], result: Mapping[str, Any], actor: str,
) -> None:  # fmt: skip
    """Lists, members, sizes and the lake's memberships, by one batch."""
    kept = {known.list_no for _, _, known in groups if known is not None}
    with lane(workspace, "list") as held:
        finish_open_batch(workspace, held)
        now = workspace.clock()
        with workspace.store.write() as tx:
            changes: list[pa.Table] = []
            batch_no = open_batch(tx, held, "manual", now, staging=_STAGING)
            for gone in before:
                if gone.list_no not in kept:
                    changes += _members(tx, gone.list_no, np.empty(0, np.int64), now, batch_no)
                    tx.run("personas.end", list_no=gone.list_no, now=now)
            for portrait, members, known in groups:
                list_no = _listed(tx, workspace, portrait, known, features, actor, now)
                changes += _members(tx, list_no, members, now, batch_no)
                tx.run("personas.add_size", run_no=run_no, list_no=list_no, size=len(members), share=portrait.share)
            text = json.dumps(result, ensure_ascii=False, sort_keys=True)
            tx.run("personas.close_run", run_no=run_no, state="done", now=now, result=text)
            audit.add(tx, now, actor, "personas_found", size=len(groups))
            tables = {"memberships": pa.concat_tables(changes)} if changes else {}
            stage(workspace, _STAGING, tables)
        publish(workspace, held, batch_no, tables)


def _listed(
    tx: Transaction, workspace: Workspace, portrait: Portrait, known: SavedList | None,
    features: Sequence[Feature], actor: str, now: Instant,
) -> int:  # fmt: skip
    """The list of a persona with what is known of it; a name that a person gave stays."""
    found = portrait.name.in_(workspace.settings.workspace.language)
    name = _free(tx, found, known.list_no if known else None)
    ending = name.removeprefix(found)
    basis = {
        "features": [feature.name + feature.of for feature in features],
        "center": list(portrait.center),
        "share": portrait.share,
        "revenue_share": portrait.revenue_share,
        "found_name": name,
        "title": {"en": portrait.name.en + ending, "de": portrait.name.de + ending},
        "traits": [
            {"name": trait.name, "title": _json(trait.title), "kind": trait.kind}
            | {"value": trait.value, "overall": trait.overall, "apart": trait.apart}
            for trait in portrait.traits
        ],
    }
    text = json.dumps(basis, ensure_ascii=False, sort_keys=True)
    if known is not None:
        own = name if known.name == known.basis["found_name"] else known.name
        tx.run("personas.set_basis", list_no=known.list_no, basis=text, size=portrait.size, name=own)
        return known.list_no
    return int(tx.value("lists.add", name=name, note="", origin="persona", basis=text, size=portrait.size, created_by=actor, now=now))  # fmt: skip


def _members(tx: Transaction, list_no: int, members: Ints, now: Instant, batch_no: int) -> list[pa.Table]:
    """Brings the members of a list to these; rows of the lake for who came and who left. A member stands by its number."""
    rows = tx.rows("lists.members", list_no=list_no)
    joined = {row["identifier_id"]: row["joined_at"] for row in rows}
    were = np.fromiter(joined, np.int64, len(joined))
    came, left = np.setdiff1d(members, were), np.setdiff1d(were, members)
    for at in range(0, len(left), _SLICE):
        tx.run("personas.leave", list_no=list_no, identifier_ids=left[at : at + _SLICE].tolist())
    tx.load("membership", ("list_no", "identifier_id", "joined_at"), ((list_no, one, now) for one in came.tolist()))
    found = []
    if len(came):
        found.append(memberships_of("persona", list_no, came.tolist(), [now] * len(came), None, batch_no))
    if len(left):
        since = [joined[one] for one in left.tolist()]
        found.append(memberships_of("persona", list_no, left.tolist(), since, now, batch_no))
    return found


def _free(tx: Transaction, name: str, own: int | None) -> str:
    """The name, with a number behind it where another list has it."""
    number, tried = 2, name
    while (taken := tx.value("lists.by_name", name=tried)) is not None and taken != own:
        tried, number = f"{name} {number}", number + 1
    return tried


def _persona(one: SavedList, sizes: Sequence[tuple[Instant, int]], currency: str) -> Persona:
    traits = tuple(Trait(**(trait | {"title": Text(**trait["title"])})) for trait in one.basis["traits"])
    share, revenue_share = one.basis["share"], one.basis["revenue_share"]
    portrait = Portrait(one.title, one.size, share, revenue_share, traits, ())
    return Persona(
        one, share, revenue_share, traits, sentence(portrait, currency, 10 ** exponent_of(currency)), tuple(sizes)
    )


def trait_text(trait: Trait, value: float | None, currency: str) -> Text:
    """A figure of a trait as people read it."""
    return shown(trait, value, currency, 10 ** exponent_of(currency))


def _matrix(table: pa.Table, features: Sequence[Feature]) -> Floats:
    columns = [table[feature.name].to_numpy(zero_copy_only=False).astype(np.float64) for feature in features]
    found: npt.NDArray[np.float64] = np.column_stack(columns) if columns else np.empty((0, 0))
    return found


def _names(basis: Mapping[str, Any]) -> list[str]:
    return list(basis.get("features", []))


def _json(text: Text) -> dict[str, str]:
    return {"en": text.en, "de": text.de}
