"""A command that ends at once: what it said is whole, what it changed is in the store's file, and its code is told."""

import subprocess
import sys
from pathlib import Path

from schwung.app.wiring import create_workspace


def test_a_long_answer_goes_through_a_pipe_and_the_store_is_closed(tmp_path: Path) -> None:
    create_workspace(tmp_path / "shop", '[workspace]\nname = "shop"\n').store.close()
    words = ["query", "SELECT repeat('x', 3000000) AS long", "-w", str(tmp_path / "shop"), "--json"]
    done = subprocess.run([sys.executable, "-m", "schwung", *words], capture_output=True, timeout=120)
    assert (done.returncode, done.stdout.count(b"x")) == (0, 3_000_000)
    assert not [path.name for path in (tmp_path / "shop").iterdir() if "-wal" in path.name]
    words[1] = "SELECT nonsense"
    assert subprocess.run([sys.executable, "-m", "schwung", *words], capture_output=True, timeout=120).returncode == 2
