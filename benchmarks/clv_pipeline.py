"""From the log of orders to a scored customer value: schwung on its lake beside lifetimes on a data frame, each in a process of its own.

Customers buy as BG/NBD with the parameters of CDNOW says, known for 1 to 728 days, with gamma-gamma spend. Both fit BG/NBD and
gamma-gamma and score P(alive), expected purchases of a year and the discounted value of a year of every customer.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.figure import Figure
from schwung.core.clock import DAY, to_instant

SIZES = {"full": (1_000_000, 5_000_000), "small": (20_000,)}
RATIOS = {1_000_000: 10.0, 5_000_000: 20.0}
MOST_MIB = 1_600.0
_DAYS = 728
_END = datetime(2026, 11, 20, 22, tzinfo=UTC)
_RATE = 0.1


def run(repeats: int, scale: str) -> list[Figure]:
    """CPU seconds of whole processes' work, since cores are shared; the peer runs once where it takes minutes."""
    figures = []
    for customers in SIZES[scale]:
        folder = Path(tempfile.mkdtemp(prefix="clv-"))
        try:
            orders = _fill(folder, customers)
            ours = [_measured("schwung", folder) for _ in range(repeats)]
            theirs = [_measured("lifetimes", folder) for _ in range(1 if customers > 2_000_000 else repeats)]
        finally:
            shutil.rmtree(folder)
        said, peer = ours[0]["sums"], theirs[0]["sums"]
        apart = max(abs(said[name] / peer[name] - 1) for name in said)
        note = f"{orders:,} orders; sums of both differ by {apart:.1e} at most; peer {theirs[0]['mib']:,.0f} MiB"
        what = f"log → scored CLV, {customers:,} customers"
        figures.append(
            Figure(
                f"{what}: lifetimes ÷ schwung, CPU", "×", [theirs[0]["cpu"] / one["cpu"] for one in ours], "higher",
                RATIOS.get(customers), note=note,
            )
        )  # fmt: skip
        figures.append(
            Figure(
                what, "s", [one["wall"] for one in ours], "lower", peer="lifetimes 0.11.3",
                peer_runs=[one["wall"] for one in theirs], note="wall clock",
            )
        )  # fmt: skip
        most = MOST_MIB if customers == max(SIZES["full"]) else None
        figures.append(Figure(f"{what}: memory", "MiB", [one["mib"] for one in ours], "lower", most))
    return figures


def _fill(folder: Path, customers: int) -> int:
    """A workspace with the orders in its lake, and the same log as a Parquet file for the peer. Orders."""
    from schwung.app.compact import compact_lake
    from schwung.app.lane import lane
    from schwung.app.publish import open_batch, publish
    from schwung.app.wiring import create_workspace

    random = np.random.default_rng(7)
    who, day, amount = _log(random, customers)
    # Midday in the workspace's zone, so that the local day is the day of the log for both.
    at = to_instant(_END) // DAY * DAY + DAY // 2 - (_DAYS - day.astype(np.int64)) * DAY
    stamps = pa.array(at, pa.int64())
    pq.write_table(
        pa.table({"customer": who, "at": stamps.cast(pa.timestamp("us")), "amount": amount / 100}),
        folder / "log.parquet",
    )
    content = (
        '[workspace]\nname = "bench"\nzone = "Europe/Berlin"\nas_of = "2026-11-20"\n[value]\ndiscount_rate = 0.1\n'
    )
    workspace = create_workspace(folder / "shop", content)
    with lane(workspace, "benchmark") as held:
        with workspace.store.write() as tx:
            batch_no = open_batch(tx, held, "import", workspace.clock())
        publish(workspace, held, batch_no, _facts(workspace, who, at, amount, batch_no))
    compact_lake(workspace, always=True)
    workspace.store.close()
    return len(who)


def _log(random: np.random.Generator, customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customer, day (0 to 728), amount in cents of each order; orders of one day of a customer are one."""
    rate = random.gamma(0.2426, 1 / (4.4135 * 7), customers)
    leave = random.beta(0.7929, 2.4258, customers)
    start = random.integers(0, _DAYS, customers).astype(np.float64)
    mean = 6.25 / random.gamma(3.74, 1 / 15.44, customers)
    who, day = [np.arange(customers)], [start]
    alive, at = np.arange(customers), start.copy()
    while len(alive):
        at = at + random.exponential(1 / rate[alive])
        stays = at < _DAYS + 1
        alive, at = alive[stays], at[stays]
        who.append(alive)
        day.append(at)
        kept = random.random(len(alive)) >= leave[alive]
        alive, at = alive[kept], at[kept]
    whose, days = np.concatenate(who), np.concatenate(day).astype(np.int64)
    keys = np.unique(whose * 1_000 + days)
    whose, days = keys // 1_000, keys % 1_000
    amount = np.maximum(random.gamma(6.25, mean[whose] / 6.25) * 100, 1).astype(np.int64)
    order = random.permutation(len(whose))
    return whose[order] + 1, days[order], amount[order]


def _facts(workspace, who: np.ndarray, at: np.ndarray, amount: np.ndarray, batch_no: int) -> dict[str, pa.Table]:  # type: ignore[no-untyped-def]
    from schwung.collect.arrow import rows_of
    from schwung.core.stable_hash import bucket_of

    tables, count = workspace.lake.tables, len(who)
    customers = int(who.max())
    buckets = np.array([bucket_of(one) for one in range(1, customers + 1)], np.int32)
    keys = np.arange(count, dtype=np.int64)
    orders = {
        "order_key": keys, "source": pa.repeat("shop", count), "order_id": pa.array(keys).cast(pa.string()),
        "identifier_id": who, "bucket": buckets[who - 1], "ordered_at": at, "currency": pa.repeat("EUR", count),
        "amount_minor": amount, "is_net": pa.repeat(True, count), "is_cancelled": pa.repeat(False, count),
        "content_hash": keys, "version": np.full(count, batch_no),
    }  # fmt: skip
    ids = np.arange(1, customers + 1, dtype=np.int64)
    identities = {"identifier_id": ids, "customer_id": ids, "version": np.full(customers, batch_no)}
    return {"orders": rows_of(tables["orders"], orders), "identities": rows_of(tables["identities"], identities)}


def _measured(who: str, folder: Path) -> dict:
    command = [sys.executable, "-m", "benchmarks.clv_pipeline", who, str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict = json.loads(told.stdout.splitlines()[-1])
    return found


def schwung() -> Callable[[Path], dict[str, float]]:
    """As the model of customer value does it: summary and distinct rows on the engine, fits, scores joined back."""
    import ibis.backends.duckdb  # noqa: F401
    import pandas  # noqa: F401 - pyarrow loads it where it is there
    import scipy.stats  # noqa: F401

    import schwung.lake.delta
    import schwung.lake.engines.duckdb
    import schwung.stores  # noqa: F401
    from schwung.app.facts import open_facts
    from schwung.app.sight import sight_of
    from schwung.app.wiring import open_workspace
    from schwung.predict.clv import BetaGeoNBD
    from schwung.predict.clv.worth import Worth
    from schwung.predict.models.gamma_gamma import fit_spend, known_spend
    from schwung.predict.summary import of_customers, purchase_rows

    def act(folder: Path) -> dict[str, float]:
        with open_facts(open_workspace(folder / "shop")) as facts, sight_of(facts) as sight:
            rows = purchase_rows(sight)
        paid, spend = known_spend(rows, 100)
        summary = replace(of_customers(rows), spend=spend)
        fitted = BetaGeoNBD().fit(summary)
        worth = Worth(fitted, fit_spend(paid, spend), summary, 365.0, _RATE, paid=paid)
        return {
            "alive": float(fitted.p_alive(summary).value.sum()),
            "expected": float(fitted.expected_purchases(365.0, summary).value.sum()),
            "value": float(worth.value.sum()),
        }

    return act


def lifetimes() -> Callable[[Path], dict[str, float]]:
    """As its documentation does it; its value discounts by whole months."""
    import pandas as pd
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import summary_data_from_transaction_data

    def act(folder: Path) -> dict[str, float]:
        log = pd.read_parquet(folder / "log.parquet")
        end = _END.date().isoformat()
        table = summary_data_from_transaction_data(log, "customer", "at", "amount", observation_period_end=end)
        model = BetaGeoFitter(penalizer_coef=0.0)
        model.fit(table["frequency"], table["recency"], table["T"])
        again = table[table["frequency"] > 0]
        spend = GammaGammaFitter(penalizer_coef=0.0)
        spend.fit(again["frequency"], again["monetary_value"])
        given = (table["frequency"], table["recency"], table["T"])
        value = spend.customer_lifetime_value(
            model, *given, table["monetary_value"], time=12, freq="D", discount_rate=(1 + _RATE) ** (1 / 12) - 1
        )
        expected = model.conditional_expected_number_of_purchases_up_to_time(365.0, *given)
        alive = model.conditional_probability_alive(*given)
        return {"alive": float(np.sum(alive)), "expected": float(np.sum(expected)), "value": float(np.nansum(value))}

    return act


def _most_mib() -> float:
    """Of this process since it began; getrusage would tell that of the one that started it."""
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    return int(told[0]) / 1024


if __name__ == "__main__":
    act = {"schwung": schwung, "lifetimes": lifetimes}[sys.argv[1]]()  # imports do not count
    began, busy = time.perf_counter(), time.process_time()
    sums = act(Path(sys.argv[2]))
    told = {"wall": time.perf_counter() - began, "cpu": time.process_time() - busy, "mib": _most_mib(), "sums": sums}
    print(json.dumps(told))
