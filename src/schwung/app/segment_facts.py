"""What segments are worked out from: all facts, or those of a few customers from their own buckets."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schwung.app.facts import Facts, is_bound
from schwung.app.phase_rules import phase_rules
from schwung.app.report import question_of
from schwung.core.clock import Instant
from schwung.core.money import exponent_of
from schwung.core.period import day_of
from schwung.measure.phases.facts import FACTS as PHASE_FACTS
from schwung.measure.question import Question
from schwung.measure.scope import TableOf
from schwung.measure.step import FACTS, Step, columns_of
from schwung.segment.calendar import anniversaries, days
from schwung.segment.evaluate import Plan
from schwung.segment.given import Given
from schwung.segment.happened import Distinct, Happened, Rows
from schwung.segment.leaves.date import Day
from schwung.segment.sequence import Followed
from schwung.segment.standing import Answered, Consented, Kind, Listed, Phase, Predicted

Ids = np.ndarray[Any, np.dtype[np.int64]]
_Made = Callable[[Given, Mapping[str, ir.Table]], ir.Table]
_AT_A_TIME = 16
"""Rules whose columns are brought at once: a million customers take 8 MB each."""
_CONSENTS = pa.schema(
    [("customer_id", pa.int64()), ("consent_no", pa.int64()), ("purpose", pa.string()), ("channel", pa.string()),
     ("state", pa.string()), ("given_at", pa.int64()), ("expires_at", pa.int64())]
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A set of rules over the facts of one snapshot."""

    facts: Facts
    plan: Plan

    def of_all(self) -> dict[str, tuple[Any, Any]]:
        """Per rule numbers of customers and their signed instants, of every customer there is."""
        rest = self._others(None)
        with ExitStack() as stack:

            def keep(name: str, made: _Made) -> ir.Table:
                def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
                    return made(self._given(moment, self._whole(tables, rest, moment)), tables)

                shape = "segments of all", name, *self._shape, tuple(self.facts.kept)
                return stack.enter_context(self.facts.keep(f"segment_{name}", shape, build, {**rest, **parts}))

            parts: dict[str, ir.Table] = {}
            for nth in range(len(self.plan.parts)):
                parts[f"part{nth}"] = keep(f"part{nth}", self._part(nth))
            names = [*parts]
            state = keep("state", lambda given, tables: self.plan.state(given, [tables[name] for name in names]))
            result = self.plan.result(self._given(self.facts.as_of, self._whole({}, rest, self.facts.as_of)), state)
            found: dict[str, tuple[Any, Any]] = {}
            columns = list(self.plan.columns.items())
            for at in range(0, len(columns), _AT_A_TIME):
                some = columns[at : at + _AT_A_TIME]
                rows = self.facts.run(result.select("customer_id", *(column for _, column in some)))
                ids = rows["customer_id"].to_numpy()
                inside = self._living(ids)
                found |= {name: (ids[inside], rows[column].to_numpy()[inside]) for name, column in some}
            return found

    def of_few(self, customer_ids: Sequence[int]) -> dict[str, tuple[Any, Any]]:
        """The same of some customers; those who are no customers any more are missing. Statements are compiled once.

        Each table is read once: what the rules ask of it many times are the few rows that were found.
        """
        asked = pa.table({"customer_id": pa.array(customer_ids, pa.int64())})
        owners = self.facts.prepared(
            "segment owners", _owned, {"identities": self.facts.everything("identities"), "asked": asked}
        )
        tables: dict[str, ir.Table | pa.Table] = {"owners": owners, "asked": asked}
        identifier_ids = owners["identifier_id"].to_pylist()
        for name in self.tables:
            tables[f"few {name}"] = self._rows_of(name, owners, asked, identifier_ids)
        others = self._others(customer_ids)
        tables |= others

        def given(tables: Mapping[str, ir.Table], moment: Instant) -> Given:
            def table(name: str, customer: bool) -> ir.Table:
                return tables[name] if name in others else self.facts.known(name, tables[f"few {name}"], moment)

            return self._given(moment, table)

        def result(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            known = given(tables, moment)
            parts = [self.plan.part(nth, known) for nth in range(len(self.plan.parts))]
            return self.plan.result(known, self.plan.state(known, parts))

        rows = self.facts.prepared(("segments of few", *self._shape), result, tables)
        ids = rows["customer_id"].to_numpy()
        inside = self._living(ids)
        return {name: (ids[inside], rows[column].to_numpy()[inside]) for name, column in self.plan.columns.items()}

    def _rows_of(self, name: str, owners: pa.Table, asked: pa.Table, identifier_ids: Sequence[int]) -> pa.Table:
        """Rows of a fact table about some customers, with the customer; of a table about nobody all."""
        facts = self.facts
        person = facts.workspace.lake.tables[name].person
        given: dict[str, ir.Table | pa.Table] = {"rows": facts.in_buckets(name, identifier_ids)}
        given |= {"whose": owners if person == "identifier_id" else asked} if person else {}
        columns = self._event_columns if name == "events" else _asked_of(name)
        names = self.event_names if name == "events" else None

        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            rows = tables["rows"] if columns is None else tables["rows"].select(*columns)
            rows = rows if names is None else rows.filter(rows["name"].isin(names))
            # Not a join that brings the customer along: over many row groups it takes five times as long.
            return rows.semi_join(tables["whose"], person) if person else rows

        rows = facts.prepared(("segments few rows", name, columns, names), build, given)
        if person != "identifier_id":
            return rows
        ids, customers = (owners[one].to_numpy() for one in ("identifier_id", "customer_id"))
        order = np.argsort(ids)
        place = order[np.searchsorted(ids, rows["identifier_id"].to_numpy(), sorter=order)]
        return rows.append_column("customer_id", pa.array(customers[place], pa.int64()))

    @cached_property
    def _event_columns(self) -> tuple[str, ...] | None:
        """Columns of events that a rule reads: most of the bytes are properties and context, which few ask for. None: any."""
        if is_bound(self.facts):
            return None
        asked: set[str] = set()
        for part, needs in self.plan.parts:
            if isinstance(part, Phase):
                return None
            for need in needs:
                steps: list[Step | None] = [need.step] if isinstance(need, Happened) else []
                steps += [need.first, need.then, need.without] if isinstance(need, Followed) else []
                asked |= {one.name for step in steps if step for one in step.where}
                asked |= {need.of} if isinstance(need, Happened) and need.of else set()
        columns = columns_of("event")
        read = ("identifier_id", "event_no", "name", "happened_at", "currency")
        return tuple(dict.fromkeys((*read, *sorted(columns.get(one, "properties") for one in asked))))

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Fact tables that the rules read; profiles always."""
        found: dict[str, None] = {"profiles": None}
        for part, _asked in self.plan.parts:
            found |= dict.fromkeys(_tables_of(part, self._phase_facts))
        return tuple(found)

    @cached_property
    def event_names(self) -> tuple[str, ...] | None:
        """Events that can change who is in; None: any."""
        found: set[str] = set()
        for part, _asked in self.plan.parts:
            if isinstance(part, Phase):
                return None
            steps = [part.first, part.then, part.without] if isinstance(part, Followed) else []
            steps += [part.of.step] if isinstance(part, Distinct) else []
            found |= {step.name for step in steps if step and step.kind == "event"}
            found |= {part.name} if isinstance(part, Rows) and part.kind == "event" else set()
        return tuple(sorted(found))

    def _living(self, ids: Ids) -> Any:
        """Which are no holders of the orders that stayed when a person was erased."""
        return ~np.isin(ids, np.array(self._erased, np.int64))

    @cached_property
    def _erased(self) -> list[int]:
        with self.facts.workspace.store.read() as tx:
            return [row["identifier_id"] for row in tx.rows("person.erased")]

    @cached_property
    def _phase_facts(self) -> tuple[str, ...]:
        return phase_rules(self.facts.workspace).rules.facts

    @cached_property
    def _shape(self) -> tuple[Hashable, ...]:
        """All on which the statements depend but the facts and the moment; of a day, for they know the changes of the clock
        to the end of its year."""
        question = self._question(0)
        day = day_of(self.facts.as_of, question.zone)
        return (repr(self.plan.rules), day, question, phase_rules(self.facts.workspace).rules)

    def _question(self, moment: Instant) -> Question:
        return replace(question_of(self.facts, (), None, None), as_of=moment)

    def _given(self, moment: Instant, table: Any) -> Given:
        scale = 10 ** exponent_of(self.facts.currency)
        return Given(table, self._question(moment), scale, phase_rules(self.facts.workspace).rules)

    def _part(self, nth: int) -> _Made:
        return lambda given, tables: self.plan.part(nth, given)

    def _whole(self, tables: Mapping[str, ir.Table], rest: Mapping[str, Any], moment: Instant) -> TableOf:
        """Tables of facts, and the rest. tables: as `facts.keep` gives them."""
        facts = self.facts.over(tables, moment)
        return lambda name, customer: tables[name] if name in rest else facts.table(name, customer=customer)

    def _others(self, customer_ids: Sequence[int] | None) -> dict[str, pa.Table]:
        """What no fact table holds, where a rule asks for it."""
        asked = [part for part, _ in self.plan.parts]
        found: dict[str, pa.Table] = {}
        purposes = sorted({part.purpose for part in asked if isinstance(part, Consented)})
        if purposes:
            with self.facts.workspace.store.read() as tx:
                rows = (
                    tx.tuples("segments.consents", purposes=purposes)
                    if customer_ids is None
                    else tx.tuples("segments.consents_among", purposes=purposes, customer_ids=list(customer_ids))
                )
            columns = list(zip(*rows, strict=True)) or [()] * len(_CONSENTS)
            found["consents"] = pa.table(
                [pa.array(one, field.type) for one, field in zip(columns, _CONSENTS, strict=True)], schema=_CONSENTS
            )
        yearly = {part.is_yearly for part in asked if isinstance(part, Day)}
        if False in yearly:
            found["days"] = days(self.facts.zone)
        if True in yearly:
            found["anniversaries"] = anniversaries(self.facts.zone, self.facts.as_of)
        return found


def _asked_of(name: str) -> tuple[str, ...] | None:
    """Columns of a fact that rules may read; None: all."""
    if name not in FACTS:
        return None
    hidden = {"bucket", "version", "content_hash", *FACTS[name].personal}
    return tuple(one for one in FACTS[name].names if one not in hidden)


def _owned(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    return tables["identities"].semi_join(tables["asked"], "customer_id").select("identifier_id", "customer_id")


def _tables_of(part: Any, phase_facts: Sequence[str]) -> set[str]:
    """Fact tables that a part reads."""
    if isinstance(part, Phase):
        return {PHASE_FACTS[name].table for name in phase_facts}
    if isinstance(part, Followed):
        return {_table(step.kind) for step in (part.first, part.then, part.without) if step}
    if isinstance(part, Distinct):
        return {_table(part.of.step.kind)}
    if isinstance(part, Rows):
        return {_table(part.kind)}
    fixed = {Kind: {"orders"}, Predicted: {"predictions"}, Listed: {"memberships"}, Answered: {"answers"}}
    return fixed.get(type(part), set())


def _table(kind: str) -> str:
    return "events" if kind == "event" else kind
