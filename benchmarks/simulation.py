"""A million simulated customers into a workspace: minutes, memory, size."""

import json

from benchmarks.figure import Figure, seconds
from benchmarks.running import SCHWUNG, new_workspace, watched

_CUSTOMERS = {"full": 1_000_000, "small": 5_000}


def run(repeats: int, scale: str) -> list[Figure]:
    """Minutes each time at full size."""
    taken, memory, told = [], [], {}
    for _ in range(repeats):
        with new_workspace() as workspace, seconds() as watch:
            printed, peak = watched(
                [*SCHWUNG, "simulate", "--customers", str(_CUSTOMERS[scale]), "--days", "365", "--json", "-w", str(workspace)]
            )  # fmt: skip
            told = json.loads(printed)
        taken.append(watch.elapsed / 60)
        memory.append(peak)
    note = (
        f"{told['customers']:,} customers, {told['events']:,} events, {told['orders']:,} orders, customer list included"
    )
    return [
        Figure("schwung simulate", "min", taken, "lower", bar=5.0, note=note),
        Figure("memory of schwung simulate, peak", "MiB", memory, "lower"),
    ]
