"""The notebook door: `schwung.open(path)`."""

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from schwung.app.act_door import ActDoor
from schwung.app.facts import open_facts
from schwung.app.ports import EngineName
from schwung.app.predict_door import PredictDoor
from schwung.app.report import Comparison, Result, compare, measure
from schwung.app.wiring import Workspace, open_workspace
from schwung.core.text import Language
from schwung.measure.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas

    from schwung.app.analyses.board import BoardFigures
    from schwung.app.boards import Board
    from schwung.app.personas import Personas
    from schwung.measure.acquisition import Acquisition
    from schwung.measure.audit.views import Audit
    from schwung.measure.diagnosis.diagnose import Diagnosis
    from schwung.measure.flywheel import Flywheel
    from schwung.measure.funnel_answer import FunnelAnswer
    from schwung.measure.journey_map.journey_map import JourneyMap
    from schwung.measure.moves import Lifecycle
    from schwung.measure.paths import Paths
    from schwung.measure.retention_chain import RetentionChain
    from schwung.measure.visits import VisitFigures
    from schwung.renderers.report import Report


@dataclass(frozen=True)
class Shop(PredictDoor, ActDoor):
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

    def funnel(self, definition: "Mapping[str, Any] | str | Path", **asked: Any) -> "FunnelAnswer":
        """A funnel from a mapping or a YAML file: `.steps`, `.to_pandas()`, `.to_json()`. Also by, since, until, engine."""
        from schwung.app.analyses.funnel import funnel, read_file

        given = read_file(Path(definition)) if isinstance(definition, str | Path) else definition
        return funnel(self.workspace, given, **asked)

    def paths(self, anchor: str, **asked: Any) -> "Paths":
        """The most frequent sequences from (or to) an event: `.rows`, `.to_pandas()`, `.to_json()`."""
        from schwung.app.analyses.paths import paths

        return paths(self.workspace, anchor, **asked)

    def visits(self, **asked: Any) -> "VisitFigures":
        """Visits by channel: number, customers, conversion. since, until, engine."""
        from schwung.app.analyses.visits import visit_figures

        return visit_figures(self.workspace, **asked)

    def flywheel(self, **asked: Any) -> "Flywheel":
        """Speed, weight, friction, energy: `.to_json()`, `.friction.outflows`. days=28, or since, until; engine."""
        from schwung.app.analyses.flywheel import flywheel

        return flywheel(self.workspace, **asked)

    def diagnose(self, **asked: Any) -> "Diagnosis":
        """What the numbers mean together: `.findings`, `.changes`, `.to_json()`. days=28, or since, until; engine."""
        from schwung.app.analyses.diagnosis import diagnose

        return diagnose(self.workspace, **asked)

    def retention_chain(self, **asked: Any) -> "RetentionChain":
        """First contact → satisfaction → loyalty → retention → success: `.links`, `.by_kind`. list, until, engine."""
        from schwung.app.analyses.retention_chain import retention_chain

        return retention_chain(self.workspace, **asked)

    def lifecycle(self, **asked: Any) -> "Lifecycle":
        """Kinds and phases, who moved where, how fast: `.kinds`, `.phases`, `.to_pandas()`. days=28, or since, until; engine."""
        from schwung.app.analyses.lifecycle import lifecycle

        return lifecycle(self.workspace, **asked)

    def acquisition(self, **asked: Any) -> "Acquisition":
        """Awareness → purchase of those first known in a period: `.stages`, `.slices`. days=90, or since, until; engine."""
        from schwung.app.analyses.lifecycle import acquisition

        return acquisition(self.workspace, **asked)

    def journey_map(self, **asked: Any) -> "JourneyMap":
        """Six phases as columns: `.columns`, `.losses`, `.sentences`, `.to_pandas()`. list, days=28, or since, until; against; engine."""
        from schwung.app.analyses.journey_map import journey_map

        return journey_map(self.workspace, **asked)

    def audit(self, **asked: Any) -> "Audit":
        """The customer-base audit in five views: `.one`, `.two`, `.cohort`, `.cohorts`, `.base`, `.sentences`, `.to_json()`.
        since, until, cohort, engine."""
        from schwung.app.analyses.audit import audit

        return audit(self.workspace, **asked)

    def report(self, month: str | None = None, language: Language = "en", **asked: Any) -> "Report":
        """The report of a month (2026-10; else the last that is over): `.to_pdf()`, `.to_json()`. since, until, engine."""
        from schwung.app.analyses.report import report

        return report(self.workspace, month, language, **asked)

    def boards(self) -> "list[Board]":
        """All boards by name, with their targets."""
        from schwung.app.boards import boards

        return boards(self.workspace)

    def board(self, named: int | str, **asked: Any) -> "BoardFigures":
        """A board by number or name, values against targets: `.tiles`, `.to_json()`. engine."""
        from schwung.app.analyses.board import board_figures

        return board_figures(self.workspace, named, **asked)

    def personas(self) -> "Personas":
        """Groups of customers who buy alike, as last found: `.personas`, `.stability`, `.to_json()`."""
        from schwung.app.personas import personas

        return personas(self.workspace)

    def cohorts(self, **asked: Any) -> Result:
        """Cohort retention by month: `.to_pandas()`, `.plot()`. since, until, engine."""
        return self.measure("cohort_retention", **asked)

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
