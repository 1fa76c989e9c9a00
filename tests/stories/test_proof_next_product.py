"""Worked page docs/proof/next_product.md: who buys what next in the demo shop, worked out a second time from the raw file."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from schwung.app.facts import open_facts
from schwung.app.sight import sight_of
from schwung.core.text import LANGUAGES
from schwung.predict.model import Options, Trained
from schwung.predict.models import next_offer, next_product
from schwung.predict.recommend.choose import TOP
from schwung.renderers.numbers import number
from tests import proof
from tests.shops import WHOLE, Filled

pytestmark = [pytest.mark.xdist_group("online_retail"), *WHOLE]
WINDOW, LATELY = 90, 90
OPTIONS = Options(horizon_days=WINDOW)
SQL = r"""
SELECT "Customer ID"::BIGINT AS who, trim("StockCode") AS product, "Invoice" AS no, "InvoiceDate"::TIMESTAMP AS moment,
  "Quantity" AS pieces, no LIKE 'C%' AS is_back, round("Price"::DECIMAL(14, 4) * "Quantity", 2) AS amount,
  upper(product) AS code
FROM read_parquet($file)
WHERE who IS NOT NULL
  AND NOT regexp_full_match(code, 'B|S|ADJUST.*|BANK CHARGES|AMAZONFEE|TEST.*|POST|DOT|C2|C3|M|D')
"""


class Truth:
    """What customers had at the cut, and what they bought in the window after it: dense, by pandas and NumPy."""

    def __init__(self, file: Path) -> None:
        rows = duckdb.execute(SQL, {"file": str(file)}).df()
        end = rows["moment"].max()
        cut = end - pd.Timedelta(days=WINDOW)
        before, after = self.kept(rows[rows["moment"] <= cut]), self.kept(rows[rows["moment"] > cut])
        self.customers = np.array(sorted(before["who"].unique()))
        self.products = np.array(sorted(before["product"].unique()), object)
        self.owned = self.matrix(before)
        self.lately = self.matrix(before[before["last"] > cut - pd.Timedelta(days=LATELY)])
        self.new = self.matrix(after) & ~self.owned
        self.buyers = self.new.any(1)

    @staticmethod
    def kept(rows: pd.DataFrame) -> pd.DataFrame:
        """Pairs of which more was bought than came back."""
        bought = rows[~rows["is_back"] & (rows["amount"] >= 0)]
        pairs = bought.groupby(["who", "product"]).agg(pieces=("pieces", "sum"), last=("moment", "max"))
        back = -rows[rows["is_back"]].groupby(["who", "product"])["pieces"].sum()
        left = pairs["pieces"] - back.reindex(pairs.index).fillna(0)
        return pairs[left > 0].reset_index()

    def matrix(self, pairs: pd.DataFrame) -> NDArray:
        table = np.zeros((len(self.customers), len(self.products)), bool)
        known = pairs[pairs["who"].isin(self.customers) & pairs["product"].isin(self.products)]
        table[np.searchsorted(self.customers, known["who"]), np.searchsorted(self.products, known["product"])] = True
        return table

    def hit_rate(self, score: NDArray) -> tuple[float, float]:
        """Share of buyers with one of the five best among what they bought; mean share of that among the five."""
        score = np.where(self.owned, -1.0, score)[self.buyers]
        best = np.argsort(-score, axis=1, kind="stable")[:, :TOP]
        hits = np.take_along_axis(self.new[self.buyers], best, 1).sum(1)
        return float((hits > 0).mean()), float((hits / self.new[self.buyers].sum(1)).mean())

    def popularity(self) -> tuple[float, float]:
        return self.hit_rate(np.broadcast_to(self.lately.sum(0) / 1e6, self.owned.shape))

    def cosine(self) -> tuple[float, float]:
        """With all neighbours, where the product keeps the sixty nearest."""
        owned = self.owned.astype(np.float32)
        many = owned.sum(0)
        likeness = (owned.T @ owned) / (np.sqrt(np.outer(many, many)) + 10)
        np.fill_diagonal(likeness, 0)
        nearest = -np.sort(-likeness, axis=1)[:, 59:60]
        return self.hit_rate(owned @ np.where(likeness >= nearest, likeness, 0))


@pytest.fixture(scope="module")
def truth(online_retail: Filled) -> Truth:
    return Truth(online_retail.file)


@pytest.fixture(scope="module")
def trained(online_retail: Filled) -> Trained:
    with open_facts(online_retail.workspace) as facts, sight_of(facts) as sight:
        return next_product.fit(sight, OPTIONS)


def test_rules_reach_what_a_second_computation_says(truth: Truth, trained: Trained) -> None:
    rules = {one["rule"]: one for one in trained.checks["rules"]}
    assert rules["popularity"]["n"] == truth.buyers.sum()
    hit, recall = truth.popularity()
    assert (rules["popularity"]["hit_rate"], rules["popularity"]["recall"]) == (
        pytest.approx(hit),
        pytest.approx(recall),
    )
    hit, recall = truth.cosine()
    # Products as near as the sixtieth may be kept or not.
    assert rules["cosine"]["hit_rate"] == pytest.approx(hit, abs=0.004)
    assert rules["cosine"]["recall"] == pytest.approx(recall, abs=0.001)
    assert trained.quality["hit_rate"] >= trained.quality["hit_rate_popularity"]
    assert trained.quality["ece"] < 0.02


def test_page_tells_what_the_models_say(online_retail: Filled, trained: Trained) -> None:
    with open_facts(online_retail.workspace) as facts, sight_of(facts) as sight:
        offers = next_offer.fit(sight, OPTIONS)
    for language in LANGUAGES:
        word = {"en": "to", "de": "bis"}[language]

        def share(value: float, spoken=language) -> str:  # type: ignore[no-untyped-def]
            return " ".join(number(value, "share", spoken).split())

        rules = [
            (
                share(one["hit_rate"]),
                f"{share(one['low'])} {word} {share(one['high'])}",
                number(one["n"], "count", language),
            )
            for one in trained.checks["rules"]
        ]
        tenths = [(share(one["predicted"]), share(one["actual"])) for one in trained.checks["calibration"]]
        told = [row[1:] for row in proof.rows("next_product", language)]
        assert told[: len(rules)] == rules, language
        assert told[len(rules) : len(rules) + 10] == tenths, language
        said = [*trained.remarks[:2], offers.remarks[1]]
        proof.check_said(
            "next_product", language, [*(one.in_(language) for one in said), share(trained.quality["ece"])]
        )


def test_offers_are_new_products_that_bring_something(online_retail: Filled, trained: Trained) -> None:
    with open_facts(online_retail.workspace) as facts, sight_of(facts) as sight:
        rows = next_offer.predict(sight, trained, OPTIONS).to_pandas()
        owned = facts.run(facts.table("order_lines", customer=True).select("customer_id", "product_id")).to_pandas()
    assert (rows["value"] > 0).all() and rows.groupby("customer_id")["value"].apply(lambda v: v.is_monotonic_decreasing).all()  # fmt: skip
    had = set(zip(owned["customer_id"], owned["product_id"], strict=True))
    offered = set(zip(rows["customer_id"], rows["label"], strict=True))
    back = {pair for pair in offered if pair in had}
    assert len(back) < 0.01 * len(offered), "only what was sent back may be offered again"
    first = json.loads(rows["reasons"].iloc[0])[0]
    assert first["why"] == "bought_with" and first["product_name"] and 0 < first["share"] <= 1
