"""Import of Online Retail × 20 with fresh ids: lines a second from opening the CSV to the published snapshot.

The peer is DuckDB's bare read of the same file. Memory is the peak of the importing process.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import duckdb

from benchmarks.figure import Figure, Scale, seconds
from schwung.app.import_looks import inspect
from schwung.app.imports import import_file
from schwung.app.wiring import create_workspace, open_workspace

COPIES = {"full": 20, "small": 1}
SETTINGS = '[workspace]\nzone = "Europe/London"\ncurrency = "GBP"\nas_of = "last_fact"\n'
# Each copy has order numbers and customers of its own.
COPY = """
COPY (
  SELECT concat(regexp_extract(Invoice, '^[A-Z]*'), copy * 1000000 + regexp_extract(Invoice, '[0-9]+')::INTEGER) AS Invoice, StockCode,
    Description, Quantity, strftime(InvoiceDate, '%Y-%m-%d %H:%M:%S') AS InvoiceDate, Price, "Customer ID" + copy * 100000 AS "Customer ID", Country
  FROM range({copies}) r(copy), '{data}'
) TO '{target}' (HEADER)
"""
BARE = "SELECT count(*), sum(length(Description)) FROM read_csv('{target}', all_varchar = true)"


def import_once(folder: Path, path: Path) -> tuple[int, float, float]:
    """Lines imported, seconds, MiB at the most. In a process of its own."""
    workspace = open_workspace(folder)
    with seconds() as watch:
        result = import_file(workspace, path, inspect(workspace, path, "order_lines").proposal.mapping)
    # Not ru_maxrss: what a process forks off starts with its parent's peak there.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return result["imported"], watch.elapsed, int(peak.split()[1]) / 1024


def run(repeats: int, scale: Scale) -> list[Figure]:
    data = files("schwung.demo_data") / "online_retail_2009_2010.parquet"
    ours, bare, memory = [], [], []
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "lines.csv"
        duckdb.execute(COPY.format(copies=COPIES[scale], data=data, target=target))
        for nth in range(repeats):
            with seconds() as watch:
                duckdb.execute(BARE.format(target=target)).fetchall()
            folder = Path(name) / f"shop{nth}"
            create_workspace(folder, SETTINGS).store.close()
            command = [sys.executable, "-m", "benchmarks.imports", str(folder), str(target)]
            lines, elapsed, peak = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            shutil.rmtree(folder)
            assert lines == 525_461 * COPIES[scale]
            bare.append(lines / watch.elapsed)
            ours.append(lines / elapsed)
            memory.append(peak)
    size = f"{525_461 * COPIES[scale]:,} lines"
    return [
        Figure(
            "import from CSV to published snapshot",
            "lines/s",
            ours,
            "higher",
            100_000,
            "DuckDB's bare read",
            bare,
            note=size,
        ),
        Figure("memory of the import, peak", "MiB", memory, "lower", 1_536, note=size),
    ]


if __name__ == "__main__":
    print(json.dumps(import_once(Path(sys.argv[1]), Path(sys.argv[2]))))
