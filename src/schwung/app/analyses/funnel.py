"""Funnels of a workspace: asked from a definition, from what is saved, from pages; who dropped becomes a list."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import ibis.expr.types as ir
import yaml

from schwung.app.analyses.flywheel import without_erased
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import Cached, cached
from schwung.app.lists import SavedList, create_list, names_of_lists
from schwung.app.ports import EngineName
from schwung.app.report import question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import funnel_carry, funnel_pass
from schwung.measure.funnel import Funnel
from schwung.measure.funnel_answer import FunnelAnswer, answer, dropped, reached
from schwung.measure.funnel_rows import Span, funnel_rows
from schwung.measure.scope import Scope
from schwung.measure.step import wrong

Which = Literal["dropped", "reached"]
Day = date | str | None
MOST_ROWS = 100_000_000
"""With more events the pass over arrays would take too much memory; then the engine does it all."""


def funnel(
    workspace: Workspace,
    definition: Funnel | Mapping[str, Any],
    *,
    by: str | None = None,
    since: Day = None,
    until: Day = None,
    engine: EngineName | None = None,
) -> FunnelAnswer:
    """A funnel at the newest snapshot. by: another breakdown. since, until: days on which step 1 counts, both within."""
    asked, first, last = _asked(definition, by, since, until)
    with open_facts(workspace, engine) as facts:
        return _answer(facts, asked, first, last)


def cached_funnel(workspace: Workspace, asked: Funnel, since: date | None, until: date | None) -> Cached:
    """For pages."""
    return cached(
        workspace, ("funnel", asked, since, until), lambda facts: _answer(facts.unkept(), asked, since, until)
    )


def list_from_funnel(
    workspace: Workspace,
    name: str,
    definition: Funnel | Mapping[str, Any],
    step: int,
    which: Which = "dropped",
    *,
    since: Day = None,
    until: Day = None,
    note: str = "",
    actor: str,
) -> SavedList:
    """Save the customers who dropped after a step (from 1), or reached it, as a list."""
    asked, first, last = _asked(definition, None, since, until)
    if not 1 <= step <= len(asked.steps):
        raise wrong(Text("it has no such step", "diesen Schritt hat er nicht"), step)
    with open_facts(workspace) as facts:
        chosen = (dropped if which == "dropped" else reached)(_ways(facts, asked, _scope(facts, first, last)), step)
        ids = facts.run(chosen)["customer_id"].to_pylist()
    basis = {"funnel": asked.to_json(), "step": step, "which": which, "since": first and first.isoformat(), "until": last and last.isoformat()}  # fmt: skip
    return create_list(workspace, name, ids, note=note, origin="funnel", basis=basis, actor=actor)


def read_file(path: Path) -> dict[str, Any]:
    """A definition from a YAML or JSON file. InputError for what cannot be read."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            "funnel_unreadable",
            Text(en="{path} cannot be read: {why}.", de="{path} ist nicht lesbar: {why}.").fill(
                path=path, why=str(error).splitlines()[0]
            ),
            Text(en="Correct the file.", de="Die Datei berichtigen."),
        ) from error
    if not isinstance(found, dict):
        raise wrong(Text("it is no mapping", "sie ist keine Zuordnung"), path.name)
    return found


def _asked(
    definition: Funnel | Mapping[str, Any], by: str | None, since: Day, until: Day
) -> tuple[Funnel, date | None, date | None]:
    given: Mapping[str, Any] = {} if isinstance(definition, Funnel) else definition
    asked = definition if isinstance(definition, Funnel) else Funnel.read(definition)
    if by is not None:
        asked = asked.cut(by or None)
    return asked, read_day(since or given.get("since"), "since"), read_day(until or given.get("until"), "until")


def _answer(facts: Facts, asked: Funnel, since: date | None, until: date | None) -> FunnelAnswer:
    scope = _scope(facts, since, until)
    lists = names_of_lists(facts.workspace) if asked.by in ("list", "persona") else {}
    found = answer(asked, _ways(facts, asked, scope), scope, facts.run, lists)
    return replace(found, snapshot_no=facts.snapshot_no, computed_at=facts.workspace.clock())


def _scope(facts: Facts, since: date | None, until: date | None) -> Scope:
    return Scope(question_of(facts, (), since, until), without_erased(facts))


def _ways(facts: Facts, asked: Funnel, scope: Scope) -> ir.Table:
    """On DuckDB the pass over arrays, which is quicker; elsewhere, and beyond memory, the engine alone. Both say the same."""
    question = scope.question
    rows = funnel_rows(asked, Span(question.since_at, question.until_at), scope.table)
    if facts.engine.name != "duckdb" or _events(facts) > MOST_ROWS:
        return funnel_carry.ways(asked, rows)
    return facts.engine.memtable(funnel_pass.ways(asked, facts.run(rows)), "ways")


def _events(facts: Facts) -> int:
    """All events of the snapshot, from the files' metadata."""
    return int(facts.run(facts.everything("events").count().as_table())[0][0].as_py())
