"""What a benchmark returns: one measured figure, its bar, and the peer of the same run."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

Scale = Literal["full", "small"]
"""`full`: the size that the bar speaks of. `small`: the same code in seconds, to see that it runs; its figures mean little."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table of results.

    what: what was measured, in words. runs: one value for each repeat, in `unit`.
    bar: the value to reach; better: whether more or less is good. None: reported only.
    peer, peer_runs: a peer or limit measured in the same run and unit; the ratio runs ÷ peer_runs is printed.
    ratio_bar: the bar on that ratio. The figure passes when the bar or the ratio's bar is met.
    note: what a reader must know (size, options, what the machine did).
    """

    what: str
    unit: str
    runs: Sequence[float]
    better: Literal["higher", "lower"]
    bar: float | None = None
    peer: str | None = None
    peer_runs: Sequence[float] = ()
    ratio_bar: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def ratio(self) -> float | None:
        """Median of the figure ÷ median of its peer."""
        return self.median / statistics.median(self.peer_runs) if self.peer_runs else None

    @property
    def passes(self) -> bool | None:
        """None where nothing is to be reached."""
        verdicts = [
            value >= bar if self.better == "higher" else value <= bar
            for value, bar in ((self.median, self.bar), (self.ratio, self.ratio_bar))
            if value is not None and bar is not None
        ]
        return any(verdicts) if verdicts else None


@dataclass(slots=True)
class Stopwatch:
    """Seconds of a `with seconds() as watch:` block, read after it."""

    elapsed: float = 0.0


@contextmanager
def seconds() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    began = time.perf_counter()
    try:
        yield watch
    finally:
        watch.elapsed = time.perf_counter() - began


def repeated(act: Callable[[], float], repeats: int) -> list[float]:
    """The value of `act`, `repeats` times."""
    return [act() for _ in range(repeats)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1_000_000) // 1_000_000) - 1)]
