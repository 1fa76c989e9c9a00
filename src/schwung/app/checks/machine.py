"""Does the machine offer what is needed: space, and a secret that only its owner reads?"""

import shutil
import stat

from schwung.app.checks.check import Check, Look, ok
from schwung.app.wiring import Workspace
from schwung.core.text import Text
from schwung.measure import said

GIGABYTE = 1_000_000_000
_LITTLE, _TOO_LITTLE = 5 * GIGABYTE, GIGABYTE // 2


def _disk(workspace: Workspace) -> Look:
    lake = workspace.folder / workspace.settings.lake.path
    free = min(shutil.disk_usage(path).free for path in (workspace.folder, lake) if path.exists())
    detail = Text("{free} GB free.", "{free} GB frei.").fill(free=said.decimal(free / GIGABYTE, 1))
    if free >= _LITTLE:
        return ok(detail)
    return Look(
        "error" if free < _TOO_LITTLE else "note",
        detail,
        Text("Free some space or move the workspace.", "Platz schaffen oder den Arbeitsbereich umziehen."),
    )


def _secret(workspace: Workspace) -> Look:
    path = workspace.folder / "secret.key"
    if not path.is_file() or path.stat().st_size < 32:
        return Look(
            "error",
            Text("{path} is missing or too short.", "{path} fehlt oder ist zu kurz.").fill(path=path),
            Text(
                "Restore it from a backup: without it, sessions end and erased persons are not recognized.",
                "Aus einer Sicherung einspielen: ohne sie enden Sitzungen, und Gelöschte werden nicht wiedererkannt.",
            ),
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Look(
            "error",
            Text("{path} can be read by others.", "{path} ist für andere lesbar.").fill(path=path),
            Text(
                "Run: chmod 600 {path}, or schwung doctor --repair",
                "Ausführen: chmod 600 {path}, oder schwung doctor --repair",
            ).fill(path=path),
        )
    return ok(Text("Only its owner can read it.", "Nur für den Eigentümer lesbar."))


def _close_secret(workspace: Workspace) -> None:
    path = workspace.folder / "secret.key"
    if path.is_file():
        path.chmod(0o600)


MACHINE_CHECKS = (
    Check("disk", Text("Disk space", "Plattenplatz"), _disk),
    Check("secret", Text("Secret key", "Geheimer Schlüssel"), _secret, _close_secret),
)
