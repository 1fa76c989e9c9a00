"""Attribution of a million journeys, from texts to credit, beside the bare count of moves; and the best split of a budget.

With SCHWUNG_BENCH_CHANNELATTRIBUTION=/path/to/python of an environment that has ChannelAttribution (GPL; numbers only), that
package walks the same chain in the same run.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import write_csv

from benchmarks.figure import Figure, seconds
from schwung.predict import attribute
from schwung.predict.budget import Curve
from schwung.predict.budget.allocate import Activity, split

_JOURNEYS = {"full": 1_000_000, "small": 20_000}
_CHANNELS = 12
_MOVES = """
SELECT before, after, sum(won + lost) FROM (
  SELECT won, lost, unnest(list_concat(['(start)'], names)) AS before, unnest(list_concat(names, ['(end)'])) AS after
  FROM (SELECT string_split(path, ' > ') AS names, won, lost FROM journeys)) GROUP BY ALL
"""
_PEER = """
import json, sys, time, pandas, ChannelAttribution
rows = pandas.read_csv(sys.argv[1])
began = time.perf_counter()
found = ChannelAttribution.markov_model(rows, "path", "won", var_null="lost", order=1, flg_pro=False, verbose=False)
print(json.dumps({"seconds": time.perf_counter() - began, "credit": dict(zip(found["channel_name"], found["total_conversions"]))}))
"""


def run(repeats: int, scale: str) -> list[Figure]:
    rows = _journeys(_JOURNEYS[scale])
    count = f"{rows.num_rows:,} journeys of {_CHANNELS} channels"
    figures = [_markov(rows, repeats, count)]
    figures += _package(rows, figures[0], count)
    figures += [
        _timed(f"attribution, {name}", lambda name=name, more=more: _credit(rows, name, **more), repeats, count)
        for name, more in (("markov", {"order": 2}), ("markov", {"order": 3}), ("shapley", {}), ("time_decay", {}))
    ]  # fmt: skip
    activities = [Activity(Curve("hill", 50 + 7 * n, 30 + 5 * n, 1 + n / 4)) for n in range(12)]
    return [*figures, _timed("best split, 12 S-curves", lambda: split(activities, 400), repeats, "proved within 1e-7")]


def _journeys(count: int) -> pa.Table:
    """Texts like shops have: short ones mostly, some long, one in five converts."""
    chance = np.random.default_rng(7)
    lengths = np.minimum(1 + chance.geometric(0.28, count), 30)
    names = pa.array([f"channel_{n:02d}" for n in range(_CHANNELS)])
    shares = 1 / (1 + np.arange(_CHANNELS))
    codes = chance.choice(_CHANNELS, lengths.sum(), p=shares / shares.sum())
    lists = pa.ListArray.from_arrays(np.concatenate(([0], np.cumsum(lengths))).astype(np.int32), names.take(pa.array(codes)))  # fmt: skip
    won = chance.random(count) < 0.2
    return pa.table(
        {"path": pc.binary_join(lists, " > "), "won": won.astype(np.int64), "lost": (~won).astype(np.int64)}
    )


def _credit(rows: pa.Table, model: str, **more: int) -> dict[str, float]:
    found = attribute(
        rows["path"], rows["won"].to_numpy(), nulls=rows["lost"].to_numpy(), model=model, compare=False, **more
    )
    return {row.name: row.conversions for row in found.rows}


def _markov(rows: pa.Table, repeats: int, note: str) -> Figure:
    """By turns with the count of moves alone, which nothing that reads the journeys can do without."""
    database = duckdb.connect(config={"threads": 2})
    database.register("journeys", rows)
    ours, bare = [], []
    for _ in range(repeats):
        with seconds() as watch:
            _credit(rows, "markov")
        ours.append(watch.elapsed)
        with seconds() as watch:
            database.execute(_MOVES).fetchall()
        bare.append(watch.elapsed)
    return Figure(
        "attribution, Markov 1, from texts", "s", ours, "lower", 2.0, "bare count of moves in DuckDB", bare, note=note
    )


def _package(rows: pa.Table, ours: Figure, note: str) -> list[Figure]:
    python = os.environ.get("SCHWUNG_BENCH_CHANNELATTRIBUTION")
    if not python:
        return []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journeys.csv"
        write_csv(rows, file)
        told = subprocess.run([python, "-c", _PEER, str(file)], capture_output=True, text=True, check=True).stdout
    found = json.loads(told[told.index('{"seconds"') :])
    exact = _credit(rows, "markov")
    off = max(abs(found["credit"][name] / credit - 1) for name, credit in exact.items())
    what = "attribution, Markov 1, beside ChannelAttribution"
    return [Figure(what, "s", ours.runs, "lower", None, "ChannelAttribution 2.2.5", [found["seconds"]], note=f"{note}; the package is off by up to {100 * off:.1f} %")]  # fmt: skip


def _timed(what: str, act: object, repeats: int, note: str) -> Figure:
    runs = []
    for _ in range(repeats):
        with seconds() as watch:
            act()  # type: ignore[operator]
        runs.append(watch.elapsed)
    return Figure(what, "s", runs, "lower", note=note)
