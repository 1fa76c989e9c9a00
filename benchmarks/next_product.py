"""What ranks products, fitted on 2.1 million pairs of customer and product: the factorization, beside cosine of products."""

import time

import numpy as np
import scipy

from benchmarks.figure import Figure, Scale
from schwung.predict.recommend.als import Als
from schwung.predict.recommend.ranking import ItemCosine

CUSTOMERS = {"full": 200_000, "small": 5_000}
PRODUCTS, TASTES, EACH = 5_000, 40, 11.5
MOST_SECONDS = 8.0


def owned(customers: int) -> scipy.sparse.csr_matrix:
    """Each customer has a taste, each taste its products, few of them popular."""
    random = np.random.default_rng(5)
    many = np.maximum(random.geometric(1 / EACH, customers), 1)
    who = np.repeat(np.arange(customers), many)
    taste = random.integers(0, TASTES, customers)[who]
    rank = np.minimum(random.pareto(0.6, len(who)) * 8, PRODUCTS - 1).astype(np.int64)
    what = np.where(random.random(len(who)) < 0.6, (rank + taste * PRODUCTS // TASTES) % PRODUCTS, rank)
    pairs = scipy.sparse.csr_matrix((np.ones(len(who), np.float32), (who, what)), (customers, PRODUCTS))
    pairs.data[:] = 1.0  # doubles were added up
    return pairs


def run(repeats: int, scale: Scale) -> list[Figure]:
    pairs, figures = owned(CUSTOMERS[scale]), []
    for what, fit, bar in (
        ("matrix factorization (ALS)", lambda: Als.fit(pairs, 1), MOST_SECONDS if scale == "full" else None),
        ("cosine of products", lambda: ItemCosine.fit(pairs), None),
    ):
        fit()  # what is loaded once
        wall, busy = [], []
        for _ in range(repeats):
            began, work = time.perf_counter(), time.process_time()
            fit()
            wall.append(time.perf_counter() - began)
            busy.append(time.process_time() - work)
        note = f"{pairs.nnz:,} pairs of {pairs.shape[0]:,} customers and {PRODUCTS:,} products; {np.median(busy):.2g} CPU s"
        figures.append(Figure(f"Next product, {what}: fit", "s", wall, "lower", bar, note=note))
    return figures
