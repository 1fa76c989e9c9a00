"""What must not happen, tried again and again: python -m benchmarks.faults [--times N] [NAME …]. Exit 1 when something did."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks.deliver_kills import deliver_kills
from benchmarks.fault import Finding
from benchmarks.fault_kills import kills
from benchmarks.fault_requests import hostile_requests
from benchmarks.fault_setup import (
    clock_set_back,
    database_gone,
    disk_full,
    disk_gone_before_start,
    read_only_folder,
    two_workers,
)
from benchmarks.journey_kills import journey_kills

SQLITE = "sqlite:///store.db"


def _on_postgres(act: Callable[[str, str, int, int], Finding], times: int, name: str) -> Finding:
    from tests.postgres import PostgresServer, binaries

    if binaries() is None:
        return Finding(f"{name}, PostgreSQL", "each once", "PostgreSQL's binaries are not installed", None)
    server = PostgresServer()
    try:
        return act("PostgreSQL", server.new_database(), times, 2)
    finally:
        server.close()


# One line per fault: name → what it tries. `times` is the number of kills.
FAULTS: dict[str, Callable[[int], list[Finding]]] = {
    "requests": lambda times: hostile_requests(),
    "disk_full": lambda times: [disk_full()],
    "database_gone": lambda times: [database_gone()],
    "read_only": lambda times: [read_only_folder()],
    "workers": lambda times: [two_workers()],
    "clock": lambda times: [clock_set_back()],
    "lake_removed": lambda times: [disk_gone_before_start()],
    "kills_sqlite": lambda times: [kills("SQLite", SQLITE, times)],
    "kills_postgres": lambda times: [_on_postgres(kills, times, "kill -9")],
    "deliver_sqlite": lambda times: [deliver_kills("SQLite", SQLITE, times)],
    "deliver_postgres": lambda times: [_on_postgres(deliver_kills, times, "kill -9 while messages are sent")],
    "journeys_sqlite": lambda times: [journey_kills("SQLite", SQLITE, times)],
    "journeys_postgres": lambda times: [_on_postgres(journey_kills, times, "kill -9 while journeys move")],
}


def run(names: list[str], times: int) -> Iterator[Finding]:
    for name in names:
        began = time.monotonic()
        try:
            found = FAULTS[name](times)
        except Exception as error:
            found = [Finding(name, "to be tried at all", f"{type(error).__name__}: {error}"[:1500], False)]
        yield from found
        print(f"  ({name}: {time.monotonic() - began:.0f} s)", flush=True)


def show(finding: Finding) -> str:
    verdict = {True: "holds", False: "FAILS", None: "not tried"}[finding.ok]
    return f"{verdict:<10}{finding.fault}\n          must: {finding.must}\n          was:  {finding.happened}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("names", nargs="*", default=list(FAULTS), help=f"of {', '.join(FAULTS)} (default: all)")
    parser.add_argument("--times", type=int, default=50, help="kills on each store (default: 50)")
    options = parser.parse_args()
    findings = []
    for finding in run(options.names, options.times):
        findings.append(finding)
        print(show(finding), flush=True)
    failed = [finding.fault for finding in findings if finding.ok is False]
    missing = [finding.fault for finding in findings if finding.ok is None]
    print(
        f"\n{len(findings)} faults: {len(findings) - len(failed) - len(missing)} hold, {len(failed)} fail, {len(missing)} not tried"
    )
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
