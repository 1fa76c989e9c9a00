"""Health: what doctor finds, who is at work, and what was done by whom."""

from fastapi.responses import Response

import schwung
from schwung.app import audit
from schwung.app.access import operators
from schwung.app.doctor import examine
from schwung.app.process import processes
from schwung.web.console.area import Area
from schwung.web.console.page import Owner, Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("health", path="/health-check", group="data", icon="heartbeat", router=router)
ENTRIES = 50


@router.get("/health-check")
def health(page: Viewer) -> Response:
    return _show(page)


@router.post("/health-check/repair")
def repair(page: Owner) -> Response:
    findings = examine(page.workspace, thorough=False, repair=True)
    repaired = sum(finding.repaired for finding in findings)
    return page.go("/health-check", toast=page.text("repaired", n=repaired), bad=not repaired)


@router.get("/health-check/audit")
def audit_log(page: Owner, before: int | None = None) -> Response:
    entries = audit.entries(page.workspace, before_no=before, limit=ENTRIES)
    names = {f"operator:{one.operator_id}": one.name or one.email for one in operators(page.workspace)}
    older = entries[-1].audit_no if len(entries) == ENTRIES else None
    return page.render(
        "health/audit.html",
        entries=entries,
        acts=audit.ACTS,
        details=audit.DETAILS,
        names=names,
        older=older,
        before=before,
    )


def _show(page: Page) -> Response:
    findings = examine(page.workspace, thorough=False)
    worst = next((state for state in ("error", "note") if any(found.state == state for found in findings)), "ok")
    alive = [process for process in processes(page.workspace) if process.is_alive]
    return page.render(
        "health/health.html", findings=findings, worst=worst, processes=alive, version=schwung.__version__
    )
