"""The next product without a workspace: purchases in a data frame, the last part of their time held out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from schwung.predict.recommend.goods import Goods, bought_again
from schwung.predict.recommend.purchases import read
from schwung.predict.recommend.split import Shelf, Split, bought_lately, enough_held_out

if TYPE_CHECKING:
    import pandas as pd


def split_frame(
    lines: pd.DataFrame, until: object, *, customer: str, product: str, order: str, at: str
) -> tuple[Split, pd.Index]:
    """One row of lines per thing bought; learned on what was bought up to the end of the day `until`, judged on what came after.

    Also the customers, in the order of the matrices. InputError where too little was held out. Prices and stock are not known:
    everything is for sale, nothing is a step up.
    """
    import pandas as pd

    cut = pd.Timestamp(until).normalize() + pd.Timedelta(days=1)
    named = lines[[customer, product, order, at]].dropna()
    before, after = named[named[at] < cut], named[named[at] >= cut]
    known = pd.Index(np.sort(before[customer].unique()))
    then = read(_pairs(before, known, customer, product, order, at))
    later = read(_pairs(after, known, customer, product, order, at), then.products, then.customers)
    n = len(then.products)
    unknown = np.full(n, np.nan)
    goods = Goods(then.products.astype(object), np.full(n, "", object), unknown, unknown, False, np.ones(n, bool))
    moment = int(cut.value // 1000)
    shelf = Shelf(moment, then, goods, bought_again(then, goods), bought_lately(then, moment))
    days = 0 if after.empty else (after[at].max().normalize() - cut).days + 1
    return enough_held_out(Split(shelf, later.owned, days)), known


def _pairs(rows: pd.DataFrame, known: pd.Index, customer: str, product: str, order: str, at: str) -> pa.Table:
    """As `purchases.pairs` has them; customers by their place among the known."""
    each = rows.groupby([customer, product], sort=False)
    found = each.agg(orders=(order, "nunique"), first=(at, "min"), last=(at, "max")).reset_index()
    place = known.get_indexer(found[customer])
    found, place = found[place >= 0], place[place >= 0]
    first, last = (found[name].astype("datetime64[us]").astype("int64").to_numpy() for name in ("first", "last"))
    return pa.table(
        {
            "customer_id": place.astype(np.int64), "product_id": found[product].astype(str).tolist(),
            "orders": found["orders"].to_numpy(), "first_at": first, "last_at": last,
        }
    )  # fmt: skip
