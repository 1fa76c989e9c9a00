"""How a table of the relationship is projected: which events speak of it, and what each of them says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.table import Table


@dataclass(frozen=True, slots=True)
class Projection:
    """names: of the events that it reads. rows: what one event says; none where it says nothing of this table."""

    table: Table
    names: frozenset[str]
    rows: Callable[[Occasion, Setting], Iterable[Fields]]
