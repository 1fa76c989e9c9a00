"""Draws blocks of simulated customers ahead of who writes them, in a process of its own where that pays."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schwung.app.simulate_rows import Part, drafts
from schwung.simulation.block import Block, simulate_block
from schwung.simulation.claims import sightings
from schwung.simulation.facts import order_texts
from schwung.simulation.laws import Laws
from schwung.simulation.people import people_of
from schwung.simulation.seasons import Season
from schwung.simulation.truth import true_customers

MOST_BESIDE = 4
"""Up to so many batches are drawn in a thread: starting a process takes as long."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Blocks of one batch and their rows, as `simulate_rows.drafts` has them."""

    parts: list[Part]
    rows: dict[str, pa.Table]


def draw(laws: Laws, calendar: Season, blocks: range, truth: Path) -> Drawn:
    """Some blocks as the laws have them, and their truth beside the workspace."""
    parts = []
    first = 0
    for block_no in blocks:
        block = simulate_block(laws, block_no, calendar)
        people = people_of(laws, block.people, block_no)
        seen = sightings(laws, block, people, first)
        first += len(seen)
        parts.append(Part(block, people, order_texts(block), seen))
        _write_truth(truth, laws, block)
    return Drawn(parts, drafts(laws, parts))


@contextmanager
def drawing(batches: int) -> Iterator[Executor]:
    """Where `draw` runs while another batch is written. Two processes: Python's own work is most of both."""
    pool: Executor
    if batches <= MOST_BESIDE:
        pool = ThreadPoolExecutor(1)
    else:
        pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _end_with_parent)
    with pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """A process that draws for nobody ends: when its parent was killed, or stopped by Ctrl-C, which it leaves to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait, args=(parent.sentinel,), daemon=True).start()


def _wait(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _write_truth(truth: Path, laws: Laws, block: Block) -> None:
    folder = truth / "customers"
    folder.mkdir(exist_ok=True)
    pq.write_table(true_customers(laws, block), folder / f"{block.block_no:05}.parquet", compression="zstd")
