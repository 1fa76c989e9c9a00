"""The CDNOW sample as the papers use it: calibrated to the end of September 1997, weeks 40–78 held out."""

from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow.parquet as pq

from schwung.predict import PurchaseSummary
from schwung.predict.clv import Purchases

CUT = 10_134
"""30 September 1997, in days since 1970."""


@cache
def log() -> Purchases:
    with (files("schwung.demo_data") / "cdnow_sample.parquet").open("rb") as file:
        return Purchases.from_frame(pq.read_table(file), "customer", "date", "spent")


@cache
def raw() -> PurchaseSummary:
    """Whole days ÷ 7."""
    return log().summary(CUT).in_weeks()


@cache
def rounded() -> PurchaseSummary:
    """As in the file that is passed around: weeks with two decimals, cents."""
    exact = raw()
    return PurchaseSummary.from_arrays(
        exact.frequency,
        np.round(exact.recency, 2),
        np.round(exact.T, 2),
        spend=np.round(exact.spend, 2),
        unit="week",
    )
