"""What every test may use, and the table at the end that says what could not run here and why."""

from collections import defaultdict

import pytest

_not_run: dict[str, list[str]] = defaultdict(list)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _not_run[reason.removeprefix("Skipped: ")].append(report.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Per room: how many ran; then per reason: how many did not."""
    rooms: dict[str, int] = defaultdict(int)
    for report in terminalreporter.stats.get("passed", []):
        if report.when == "call":
            rooms["/".join(report.nodeid.split("::")[0].split("/")[1:2])] += 1
    terminalreporter.write_sep("-", "what ran")
    for room, count in sorted(rooms.items()):
        terminalreporter.write_line(f"  {room:<12} {count:>5} passed")
    if _not_run:
        terminalreporter.write_sep("-", "what could not run here, and why")
        for reason, tests in sorted(_not_run.items()):
            terminalreporter.write_line(f"  {len(tests):>5}  {reason}")
