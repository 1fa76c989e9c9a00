"""How large a rule would have been: its size on past days, from the facts of then, whenever it was made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from schwung.app.facts import Facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.segment_facts import Asked
from schwung.app.segments import bound_rules
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.segment.evaluate import plan
from schwung.segment.leaves import LEAVES
from schwung.segment.leaves.member import Member
from schwung.segment.rule import Node, leaves, read_rule

WEEKS = 12
_RULE = "as if"


@dataclass(frozen=True, slots=True)
class Size:
    """How many customers a rule fitted at the end of a day (the last one: now)."""

    day: date
    customers: int


@dataclass(frozen=True, slots=True)
class Past:
    """sizes: week by week, the oldest first; none where conditions only know how it is now: these are `lacking`."""

    sizes: tuple[Size, ...]
    lacking: tuple[Text, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "sizes": [{"day": one.day.isoformat(), "customers": one.customers} for one in self.sizes],
            "lacking": [{"en": one.en, "de": one.de} for one in self.lacking],
        }


def past(workspace: Workspace, rule: Any, *, weeks: int = WEEKS) -> Past:
    """InputError for a wrong rule."""
    value: Past = cached_past(workspace, rule, weeks=weeks).value
    return value


def cached_past(workspace: Workspace, rule: Any, *, weeks: int = WEEKS) -> Cached:
    """For pages; its value is a Past. InputError for a wrong rule."""
    bound = bound_rules(workspace, {_RULE: read_rule(rule)})
    lacking = _lacking(bound[_RULE], bound)
    if lacking:
        return Cached(Past((), lacking), 0)
    key = ("segment past", repr(bound), weeks)
    return cached(workspace, key, lambda facts: Past(_sizes(facts.unkept(), bound, weeks), ()), SLOW_AGE)


def _sizes(facts: Facts, bound: dict[str, Node], weeks: int) -> tuple[Size, ...]:
    people = facts.table("profiles")
    rows = facts.run(people.select("customer_id", "first_seen_at").order_by("customer_id"))
    known, seen = rows["customer_id"].to_numpy(), rows["first_seen_at"].to_numpy()
    return tuple(
        Size(day_of(moment, facts.zone), _size(facts, bound, moment, known, seen))
        for moment in (facts.as_of - 7 * DAY * back for back in range(weeks, -1, -1))
    )


def _size(facts: Facts, bound: dict[str, Node], moment: Instant, known: Any, seen: Any) -> int:
    """Who was not known yet then does not count, whatever the rule says of them."""
    ids, values = Asked(replace(facts, as_of=moment), plan(bound)).of_all()[_RULE]
    place = np.searchsorted(known, ids)
    return int(((values > 0) & (seen[np.minimum(place, len(seen) - 1)] <= moment)).sum()) if len(seen) else 0


def _lacking(rule: Node, bound: dict[str, Node]) -> tuple[Text, ...]:
    """Titles of the conditions, of the segments that it names too, that know no past."""
    found: dict[str, Text] = {}
    todo, seen = [rule], set()
    while todo:
        for leaf in leaves(todo.pop()):
            name = next(iter(leaf.to_json()))
            if isinstance(leaf, Member) and leaf.list_no is None:
                todo += [bound[leaf.name]] if leaf.name in bound and leaf.name not in seen else []
                seen.add(leaf.name)
            elif isinstance(leaf, Member) or not LEAVES[name].has_past:
                found[name] = LEAVES[name].title
    return tuple(found.values())


def every_lacking(titles: Sequence[Text]) -> Text:
    return Text(", ".join(one.en for one in titles), ", ".join(one.de for one in titles))
