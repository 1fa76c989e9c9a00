"""PostgreSQL's data files after an erasure: tables, indexes, TOAST and statistics are read raw."""

from pathlib import Path

import psycopg
import pytest

from schwung.app.forget import forget
from schwung.app.wiring import Workspace
from tests.conftest import NewWorkspace
from tests.contract.test_erasure import MARKERS, leaks, shop
from tests.postgres import PostgresServer


def found(folder: Path) -> set[str]:
    content = [path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()]
    return {marker for marker in MARKERS if any(marker.lower().encode() in raw for raw in content)}


@pytest.mark.postgres
def test_no_byte_stays_in_the_data_files(postgres_server: PostgresServer, new_workspace: NewWorkspace) -> None:
    url = postgres_server.new_database()
    workspace: Workspace = new_workspace(store=url)
    zorba, _ = shop(workspace)
    with psycopg.connect(url, autocommit=True) as connection:
        (oid,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (0,)
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")
        data = postgres_server.folder / "data" / "base" / str(oid)
        assert {"Zorbania", "zorba@marker.example", "4915112349876", "device-zorba-77"} <= found(data)
        report = forget(workspace, zorba, "cli:test")
        connection.execute("CHECKPOINT")
    assert not found(data)
    assert not leaks(workspace.folder)
    assert {"write_ahead_log", "backups"} <= set(report.notes)
