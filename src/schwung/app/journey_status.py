"""How a journey stands: who entered, who waits where, how many left each step by each way; the numbers add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from schwung.act.change import step_words
from schwung.app.journey_moves import ENDED
from schwung.app.journeys import SavedJourney, find_journey
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.period import day_of
from schwung.core.text import Text


@dataclass(frozen=True, slots=True)
class StepStanding:
    """left: outcome → customers (goal, exited, stopped among them: those who ended here). waiting: who is there now.

    came: who arrived: all of them; over all time left + waiting.
    """

    step_id: str
    words: Text
    depth: int
    left: Mapping[str, int]
    waiting: int

    @property
    def came(self) -> int:
        return sum(self.left.values()) + self.waiting


@dataclass(frozen=True, slots=True)
class Standing:
    """entered: arm → customers. refused: reason → times. states: state → customers, over all time. since: of the counts."""

    saved: SavedJourney
    since: date | None
    entered: Mapping[str, int]
    refused: Mapping[str, int]
    states: Mapping[str, int]
    steps: tuple[StepStanding, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.saved.name,
            "state": self.saved.state,
            "version": self.saved.version_no,
            "since": self.since.isoformat() if self.since else None,
            "entered": dict(self.entered),
            "refused": dict(self.refused),
            "states": dict(self.states),
            "steps": [
                {
                    "step_id": one.step_id,
                    "words": {"en": one.words.en, "de": one.words.de},
                    "depth": one.depth,
                    "came": one.came,
                    "waiting": one.waiting,
                    "left": dict(one.left),
                }
                for one in self.steps
            ],
        }


def standing(workspace: Workspace, named: int | str, *, days: int | None = None) -> Standing:
    """days: counts of so many days back; None: since the beginning."""
    saved = find_journey(workspace, named)
    today = day_of(workspace.clock(), workspace.settings.workspace.zone)
    since = None if days is None else today - timedelta(days=days - 1)
    with workspace.store.read() as tx:
        counts = tx.rows("journeys.counts", journey_no=saved.journey_no, since=since.isoformat() if since else "")
        waiting = {row["step_id"]: row["customers"] for row in tx.rows("journeys.waiting", journey_no=saved.journey_no)}
        states = _sizes(tx).get(saved.journey_no, {})
    left: dict[str, dict[str, int]] = {}
    entered: dict[str, int] = {}
    refused: dict[str, int] = {}
    for row in counts:
        number = int(row["customers"])
        if row["step_id"] == ENDED:
            continue
        if row["step_id"] == "entry":
            into = entered if row["outcome"] == "entered" else refused
            name = row["arm"] if row["outcome"] == "entered" else row["outcome"]
            into[name] = into.get(name, 0) + number
        else:
            outcomes = left.setdefault(row["step_id"], {})
            outcomes[row["outcome"]] = outcomes.get(row["outcome"], 0) + number
    steps = tuple(
        StepStanding(item.id, step_words(item), depth, left.get(item.id, {}), waiting.get(item.id, 0))
        for depth, item in saved.journey.items
    )
    return Standing(saved, since, entered, refused, states, steps)


def sizes(workspace: Workspace) -> dict[int, dict[str, int]]:
    """Journey → state of its ways → customers."""
    with workspace.store.read() as tx:
        return _sizes(tx)


def _sizes(tx: Transaction) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for row in tx.rows("journeys.sizes", ended=ENDED):
        found.setdefault(row["journey_no"], {})[row["state"]] = int(row["customers"])
    return found
