"""The facts of the customers who are in a saved list (or a persona, which is one) now."""

from collections.abc import Hashable
from contextlib import ExitStack

import ibis.expr.types as ir

from schwung.app.facts import Facts
from schwung.app.lists import SavedList, read_list
from schwung.app.reading import Prepared
from schwung.app.wiring import Workspace
from schwung.measure.reading import Plainly, Reading
from schwung.measure.scope import Scope, TableOf


def list_named(workspace: Workspace, named: int | str | None) -> SavedList | None:
    """The list with this number or name; None: all customers. InputError when there is none."""
    return None if named in (None, "") else read_list(workspace, str(named))


def scope_within(facts: Facts, scope: Scope, chosen: SavedList | None) -> Scope:
    """The same question about the customers of a list; None: about all."""
    return scope if chosen is None else Scope(scope.question, _within(scope.table, facts, chosen.list_no))


def reading_within(
    facts: Facts, scope: Scope, chosen: SavedList | None, shape: tuple[Hashable, ...], stack: ExitStack
) -> Reading:
    """How an analysis reads a `scope_of`, about the customers of a list; None: about all. See `Prepared`."""
    if chosen is None:
        return Prepared(facts, scope.question, shape, stack)
    keep = facts.engine.keep
    within = scope_within(facts, scope, chosen)
    return Plainly(within, facts.run, lambda rows, name: stack.enter_context(keep(rows, name)))


def _within(table: TableOf, facts: Facts, list_no: int) -> TableOf:
    members = facts.table("memberships", customer=True)
    members = members.filter(members.segment_id == list_no, members.left_at.isnull(), members.customer_id.notnull())
    members = members.select("customer_id").distinct()
    declared = facts.workspace.lake.tables

    def rows(name: str, customer: bool) -> ir.Table:
        if declared[name].person is None:
            return table(name, customer)
        found = table(name, declared[name].person == "identifier_id").semi_join(members, "customer_id")
        return found if customer or declared[name].person == "customer_id" else found.drop("customer_id")

    return rows
