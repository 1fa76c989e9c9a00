"""The notebook door: `schwung.open(path)`."""

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from schwung.app.facts import open_facts
from schwung.app.ports import EngineName
from schwung.app.report import Comparison, Result, compare, measure
from schwung.app.wiring import Workspace, open_workspace
from schwung.measure.metrics import METRICS

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Shop:
    """One workspace, as an analyst sees it."""

    workspace: Workspace
    _reading: ExitStack = field(default_factory=ExitStack, repr=False)

    def close(self) -> None:
        """Ends the reading of all tables that were handed out."""
        self._reading.close()

    def measure(
        self,
        name: str,
        *,
        by: str | list[str] | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        engine: EngineName | None = None,
    ) -> Result:
        """A metric: `.rows`, `.to_pandas()`, `.to_json()`, `.plot()`."""
        return measure(self.workspace, name, by=by, since=since, until=until, engine=engine)

    def compare(self, name: str, **asked: Any) -> Comparison:
        """A metric beside the period before: `days=28`, or `since=`, `until=`."""
        return compare(self.workspace, name, **asked)

    def table(self, name: str, engine: EngineName | None = None) -> ir.Table:
        """A fact table as Ibis, up to `as of`, with `customer_id`; instants as UTC timestamps. `.execute()` reads it.

        It stays at the snapshot of this call; its engine stays open until `close`.
        """
        return self._reading.enter_context(open_facts(self.workspace, engine)).shown(name)

    @property
    def metrics(self) -> "pandas.DataFrame":
        """Every metric: name, title, unit, direction, cuts, definition."""
        import pandas

        return pandas.DataFrame(
            [(m.name, m.title.en, m.unit, m.better, ", ".join(m.cuts), m.definition.en) for m in METRICS.values()],
            columns=["name", "title", "unit", "better", "cuts", "definition"],
        ).set_index("name")


def open(path: str | Path | None = None) -> Shop:
    """The workspace in `path`; without one SCHWUNG_WORKSPACE or the current folder. SetupError when there is none."""
    return Shop(open_workspace(Path(path or os.environ.get("SCHWUNG_WORKSPACE") or ".")))
