"""How soon something happens: `schwung --help` beside a bare Python, and `schwung serve` until /health answers."""

import subprocess
import sys

from benchmarks.figure import Figure, repeated, seconds
from benchmarks.running import SCHWUNG, Server, new_workspace


def _run(*command: str) -> float:
    with seconds() as watch:
        subprocess.run(command, check=True, capture_output=True)
    return watch.elapsed


def run(repeats: int, scale: str) -> list[Figure]:
    _run(*SCHWUNG, "--help")  # once for the file cache
    bare, told = [], []
    for _ in range(repeats):  # interleaved, so that both meet the same neighbors
        bare.append(_run(sys.executable, "-c", "pass"))
        told.append(_run(*SCHWUNG, "--help"))
    with new_workspace() as workspace:

        def ready() -> float:
            server = Server(workspace)
            try:
                return server.wait_ready()
            finally:
                server.stop()

        ready()
        served = repeated(ready, repeats)
    return [
        Figure("schwung --help", "s", told, "lower", bar=0.3, peer="python -c pass", peer_runs=bare),
        Figure(
            "schwung serve, until /health answers", "s", served, "lower", bar=3.0, peer="python -c pass", peer_runs=bare
        ),
    ]
