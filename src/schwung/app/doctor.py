"""Checks a workspace, says what is wrong and what to do, and repairs what is safe to repair."""

from collections.abc import Callable
from dataclasses import dataclass

from schwung.app.checks.check import Check, Look, State
from schwung.app.checks.lake import LAKE_CHECKS
from schwung.app.checks.machine import MACHINE_CHECKS
from schwung.app.checks.store import STORE_CHECKS
from schwung.app.checks.work import WORK_CHECKS
from schwung.app.log import described, log
from schwung.app.wiring import Workspace
from schwung.core.errors import SchwungError
from schwung.core.text import Language, Text

CHECKS: tuple[Check, ...] = (*STORE_CHECKS, *LAKE_CHECKS, *WORK_CHECKS, *MACHINE_CHECKS)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; after a repair, what it finds now."""

    name: str
    title: Text
    state: State
    detail: Text
    step: Text | None
    repaired: bool = False

    def to_json(self, language: Language) -> dict[str, object]:
        return {
            "name": self.name,
            "title": self.title.in_(language),
            "state": self.state,
            "detail": self.detail.in_(language),
            "step": self.step.in_(language) if self.step else None,
            "repaired": self.repaired,
        }


def examine(
    workspace: Workspace,
    *,
    thorough: bool = True,
    repair: bool = False,
    began: Callable[[Check], object] = lambda check: None,
) -> list[Finding]:
    """All checks in order. thorough: also those that read whole files. began: told before each, for progress."""
    findings = []
    for check in CHECKS:
        if check.thorough and not thorough:
            continue
        began(check)
        look = _look(workspace, check)
        repaired = False
        if repair and check.repair and look.state != "ok":
            repaired, look = _repair(workspace, check, look)
        findings.append(Finding(check.name, check.title, look.state, look.detail, look.step, repaired))
    return findings


def _look(workspace: Workspace, check: Check) -> Look:
    """A check that cannot look has found something: an error to who must act, or a defect of ours."""
    try:
        return check.look(workspace)
    except SchwungError as error:
        return Look("error", error.message, error.step)
    except Exception as error:
        log("check_failed", level="error", check=check.name, **described(error))
        return Look(
            "error",
            Text("The check itself failed: {kind}.", "Die Prüfung selbst scheiterte: {kind}.").fill(
                kind=type(error).__name__
            ),
            Text("Report this with the log's last line.", "Dies mit der letzten Zeile des Protokolls melden."),
        )


def _repair(workspace: Workspace, check: Check, before: Look) -> tuple[bool, Look]:
    assert check.repair is not None
    try:
        check.repair(workspace)
    except SchwungError as error:
        return False, Look("error", error.message, error.step)
    after = _look(workspace, check)
    return after.state == "ok", after if after.state == "ok" else before
