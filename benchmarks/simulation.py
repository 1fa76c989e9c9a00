"""A million simulated customers into a workspace: minutes, memory, size."""

import json
import resource
import subprocess

from benchmarks.figure import Figure, seconds
from benchmarks.running import SCHWUNG, new_workspace

_CUSTOMERS = {"full": 1_000_000, "small": 5_000}


def run(repeats: int, scale: str) -> list[Figure]:
    """Once at full size: it takes minutes, and its bar is minutes away."""
    taken, memory, told = [], [], {}
    for _ in range(1 if scale == "full" else repeats):
        with new_workspace() as workspace, seconds() as watch:
            done = subprocess.run(
                [*SCHWUNG, "simulate", "--customers", str(_CUSTOMERS[scale]), "--days", "365", "--json", "-w", str(workspace)],
                check=True, capture_output=True,
            )  # fmt: skip
            told = json.loads(done.stdout)
        taken.append(watch.elapsed / 60)
        memory.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    note = (
        f"{told['customers']:,} customers, {told['events']:,} events, {told['orders']:,} orders, customer list included"
    )
    return [
        Figure("schwung simulate", "min", taken, "lower", bar=5.0, note=note),
        Figure("memory of schwung simulate, peak", "MiB", memory, "lower"),
    ]
