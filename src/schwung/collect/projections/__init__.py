"""Events become facts of the relationship: one file per table. Carts, which need a memory, are in `carts.py`."""

from collections.abc import Sequence
from importlib import import_module

import pyarrow as pa

from schwung.collect.projections.occasion import Occasion, Setting, as_table
from schwung.collect.projections.projection import Projection

# One line per table: a module with PROJECTION.
_MODULES = ("answers", "messages", "cases", "subscriptions", "leads", "points", "deliveries", "spend")
PROJECTIONS: tuple[Projection, ...] = tuple(import_module(f"{__name__}.{name}").PROJECTION for name in _MODULES)
NAMES: frozenset[str] = frozenset().union(*(one.names for one in PROJECTIONS))


def project(occasions: Sequence[Occasion], setting: Setting) -> dict[str, pa.Table]:
    """Rows by table, of the tables that these events speak of; each key once, its last word."""
    found: dict[str, pa.Table] = {}
    by_name: dict[str, list[Occasion]] = {}
    for occasion in occasions:
        by_name.setdefault(occasion.name, []).append(occasion)
    for one in PROJECTIONS:
        chosen = [occasion for name in one.names & by_name.keys() for occasion in by_name[name]]
        if chosen:
            chosen.sort(key=_place)
            table = as_table(one.table, (row for each in chosen for row in one.rows(each, setting)), setting.batch_no)
            if table.num_rows:
                found[one.table.name] = table
    return found


def _place(occasion: Occasion) -> tuple[int, int]:
    return occasion.happened_at, occasion.event_no
