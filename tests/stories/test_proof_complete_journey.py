"""Worked page docs/proof/complete_journey.md: discounts and coupons of a grocer, worked out a second time in SQL and pandas."""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import stats

from schwung.app.wiring import Workspace
from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]
JOURNEY, EXAMPLES = SHARED / "complete_journey", proof.EXAMPLES / "complete_journey"
LINES = "transactions_2017_q1_q3.parquet"


def _fill(folder: Path, each: int) -> tuple[Workspace, Path]:
    """A shop with all campaigns and redemptions, and the baskets of every so many-th household. Its lines' file too."""
    for file in (*EXAMPLES.glob("*.yaml"), *JOURNEY.glob("c*.parquet")):
        shutil.copyfile(file, folder / file.name)
    rows = pq.read_table(JOURNEY / LINES)
    pq.write_table(rows.filter(rows["household_id"].to_numpy() % each == 0), folder / LINES)
    shop = proof.workspace(folder / "journey", "America/New_York", "USD")
    for name, taken in (
        ("campaigns", "campaigns.parquet"), ("redemptions", "coupon_redemptions.parquet"), ("transactions", LINES)
    ):  # fmt: skip
        proof.take(shop, folder / taken, folder / f"{name}.yaml")
    return shop, folder / LINES


def _share(path: Path) -> tuple[float, float, float, int]:
    """Discounts ÷ undiscounted price, its interval with the household as the unit, baskets."""
    rows = pd.read_parquet(path)
    off = (rows["retail_disc"] + rows["coupon_match_disc"]).groupby(rows["household_id"]).sum().to_numpy()
    full = off + rows.groupby("household_id")["sales_value"].sum().to_numpy()
    share = off.sum() / full.sum()
    spread = np.sqrt(len(off) / (len(off) - 1) * np.square(off - share * full).sum()) / full.sum()
    half = stats.t.ppf(0.975, len(off) - 1) * spread
    # A basket of coupon slips alone, nothing handed over and nothing paid, is no order.
    sold = rows[(rows["quantity"] > 0) | (rows["sales_value"] > 0)]
    return share, share - half, share + half, sold["basket_id"].nunique()


def _check_discounts(shop: Workspace, path: Path) -> proof.Figure:
    share, low, high, baskets = _share(path)
    found = proof.figure(shop, "discount_share")
    assert found == ("share", *(pytest.approx(one, rel=1e-6) for one in (share, low, high)), baskets)
    return found


def test_discounts_and_coupons_per_campaign(tmp_path: Path) -> None:
    shop, path = _fill(tmp_path, 40)
    _check_discounts(shop, path)
    counted = (
        duckdb.connect()
        .execute(f"""
        SELECT campaign_id::VARCHAR, count(*), count(*) FILTER ((household_id, campaign_id) IN
          (SELECT (household_id, campaign_id) FROM '{JOURNEY}/coupon_redemptions.parquet'))
        FROM '{JOURNEY}/campaigns.parquet' GROUP BY ALL
    """)
        .fetchall()
    )
    wanted = {
        name: ("share", *map(pytest.approx, (hits / sent, *proof.agresti_coull(hits, sent))), sent)
        for name, sent, hits in counted
    }
    found = proof.by_cut(shop, "coupon_redemption_rate", by="campaign")
    assert found == wanted and len(found) == 19
    every = proof.figure(shop, "coupon_redemption_rate")
    sent, hits = (sum(row[place] for row in counted) for place in (1, 2))
    assert every == ("share", *map(pytest.approx, (hits / sent, *proof.agresti_coull(hits, sent))), sent)
    large = [found[name] for name in ("8", "13", "27")]
    others = [found[name] for name in sorted(found, key=int) if name not in ("8", "13", "27")]
    whole = ("share", *_share(JOURNEY / LINES))
    proof.check_told("complete_journey", [whole, every, *large, *others])
    shop.store.close()


@pytest.mark.heavy
def test_discounts_of_all_households(tmp_path: Path) -> None:
    """What the page tells of all 1,095,181 lines is what the product says of them."""
    shop, path = _fill(tmp_path, 1)
    whole = _check_discounts(shop, path)
    assert [proof.shown(whole, "en")] == [row[1:] for row in proof.rows("complete_journey", "en")[:1]]
    shop.store.close()
