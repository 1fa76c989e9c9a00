"""The table at the end of a run: what ran, room by room, and what could not run here and why."""

import os
from collections import Counter, defaultdict

import pytest

OUTCOMES = ("passed", "failed", "known gap", "not run")
FINE_IN_CI = "the data folder ../shared/data"


def _outcome(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """One of OUTCOMES; None for what the call's own report tells."""
    if hasattr(report, "wasxfail"):
        return "known gap" if report.skipped else "failed"
    if report.skipped:
        return "not run"
    if report.failed:
        return "failed"
    return "passed" if report.when == "call" else None


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr
    text = told[2] if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ").removeprefix("could not import ")


class Table:
    """Counts as the reports come in; with xdist those of all workers come here."""

    def __init__(self) -> None:
        self.rooms: dict[str, Counter[str]] = defaultdict(Counter)
        self.seconds: Counter[str] = Counter()
        self.not_run: Counter[str] = Counter()

    def add(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        room = report.nodeid.removeprefix("tests/").partition("/")[0]
        self.seconds[room] += getattr(report, "duration", 0.0)
        outcome = _outcome(report)
        if outcome:
            self.rooms[room][outcome] += 1
        if outcome == "not run":
            self.not_run[_reason(report)] += 1

    def missing_in_ci(self) -> list[str]:
        """Reasons for which nothing may be left out where everything can be installed."""
        return sorted(reason for reason in self.not_run if os.environ.get("CI") and FINE_IN_CI not in reason)

    def lines(self) -> list[str]:
        head = f"{'':<12}{''.join(f'{one:>12}' for one in (*OUTCOMES, 'seconds'))}"
        found = [head]
        for room, counts in sorted(self.rooms.items()):
            numbers = "".join(f"{counts[one] or '':>12}" for one in OUTCOMES)
            found.append(f"{room:<12}{numbers}{self.seconds[room]:>12.0f}")
        found += [f"  {count:>4} not run: {reason}" for reason, count in sorted(self.not_run.items())]
        return found if self.not_run else [*found, "  everything could run here"]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Teller(), "what_ran")


class _Teller:
    """Of the process that the person sees: not of xdist's workers."""

    def __init__(self) -> None:
        self.table = Table()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.table.add(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self.table.add(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In CI a test that could not run is a failure, unless it needs data that are not there."""
        if self.table.missing_in_ci() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_sep("=", "what ran and what could not run here")
        for line in self.table.lines():
            terminalreporter.write_line(line)
        for reason in self.table.missing_in_ci():
            terminalreporter.write_line(f"  FAILED: in CI this must run: {reason}", red=True)
