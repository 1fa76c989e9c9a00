"""Worked page docs/proof/potential.md: ABC, concentration and RFM of the demo shop by pandas on its raw file; the frontier of a
grocer's households, with income as purchasing power, by scikit-learn."""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import QuantileRegressor

from schwung.app.analyses.potential import potential
from schwung.app.facts import open_facts
from schwung.app.sight import sight_of
from schwung.app.wiring import Workspace
from schwung.core.text import LANGUAGES, Language
from schwung.predict.potential.base import base
from schwung.predict.potential.frontier import QUANTILE, design_of
from schwung.predict.potential.quantile import check_loss
from schwung.predict.potential.views import Potential
from schwung.renderers.numbers import number
from tests import proof
from tests.importing import SHARED, needs_shared
from tests.shops import Filled, on_whole
from tests.stories.test_proof_online_retail import SQL

JOURNEY, EXAMPLES = SHARED / "complete_journey", proof.EXAMPLES / "complete_journey"
LINES = "transactions_2017_q1_q3.parquet"
YEAR = pd.Timedelta(days=365)


class Truth:
    """One row per customer with an order, from the raw file; pence."""

    def __init__(self, file: Path) -> None:
        rows = duckdb.execute(SQL, {"file": str(file)}).df().dropna(subset=["who"])
        newest = duckdb.connect().execute("SELECT max(InvoiceDate) FROM read_parquet(?)", [str(file)]).fetchone()
        assert newest is not None
        now = pd.Timestamp(newest[0])
        orders, year = rows["orders"] == 1, rows["moment"] > now - YEAR
        whole = rows.groupby("who").agg(so_far=("pence", "sum"), orders=("orders", "sum"))
        whole["year"] = rows[year].groupby("who")["pence"].sum()
        whole["orders_year"] = rows[year].groupby("who")["orders"].sum()
        whole["last"] = rows[orders].groupby("who")["moment"].max()
        self.customers = whole[whole["orders"] > 0].fillna({"year": 0, "orders_year": 0})
        self.active = self.customers[self.customers["orders_year"] > 0]

    def abc(self) -> dict[str, tuple[int, int]]:
        """Class → customers, what they brought."""
        ranked = self.active["year"].sort_values(ascending=False)
        whole = ranked.clip(lower=0)
        before = (whole.cumsum() - whole) / whole.sum()
        name = np.where(whole <= 0, "C", np.where(before < 0.8, "A", np.where(before < 0.95, "B", "C")))
        return {one: (int((name == one).sum()), int(ranked[name == one].sum())) for one in "ABC"}

    def gini(self) -> float:
        value = np.sort(self.active["year"].clip(lower=0).to_numpy())
        return float((2 * np.arange(1, len(value) + 1) - len(value) - 1) @ value / (len(value) * value.sum()))

    def top(self) -> float:
        value = np.sort(self.active["year"].clip(lower=0).to_numpy())[::-1]
        fifth = 0.2 * len(value)
        whole, part = int(fifth), fifth - int(fifth)
        return float((value[:whole].sum() + part * value[whole]) / value.sum())

    def cells(self) -> pd.DataFrame:
        """R, F, M as fifths, and their group."""

        def fifth(values: pd.Series) -> pd.Series:
            return np.minimum(5, 1 + (5 * (values.rank(method="min") - 1) // len(values)).astype(int))

        found = pd.DataFrame({"r": fifth(self.customers["last"]), "f": fifth(self.customers["orders"]), "m": fifth(self.customers["so_far"])})  # fmt: skip
        late, often = found["r"], found["f"] >= 4
        found["group"] = np.select(
            [(late >= 4) & often, late >= 4, (late == 3) & often, late == 3, often],
            ["best", "promising", "loyal", "fading", "at_risk"],
            "asleep",
        )
        return found


def _money(pence: float, currency: str, language: Language) -> str:
    return " ".join(number(pence / 100, currency, language).split())


@pytest.fixture(scope="module")
def truth(online_retail: Filled) -> Truth:
    return Truth(online_retail.file)


@pytest.fixture(scope="module")
def found(online_retail: Filled) -> Potential:
    return potential(online_retail.workspace)


@pytest.mark.xdist_group("online_retail")
def test_abc_concentration_and_rfm_are_those_of_the_raw_file(truth: Truth, found: Potential) -> None:
    assert (found.active, found.quiet) == (len(truth.active), len(truth.customers) - len(truth.active))
    assert {one.name: (one.customers, one.minor) for one in found.concentration.classes} == truth.abc()
    assert found.concentration.gini.value == pytest.approx(truth.gini())
    assert found.concentration.top_share.value == pytest.approx(truth.top())
    cells = truth.cells()
    counted = cells.groupby(["r", "f", "m"]).size()
    assert {(one.recency, one.frequency, one.money): one.customers for one in found.cells} == counted.to_dict()
    groups = truth.customers.groupby(cells["group"]).agg(n=("year", "size"), year=("year", "sum"))
    for one in found.groups:
        assert (one.customers, one.minor) == (groups.loc[one.name, "n"], groups.loc[one.name, "year"])


@on_whole
@pytest.mark.xdist_group("online_retail")
def test_page_tells_the_raw_files_numbers(truth: Truth, found: Potential) -> None:
    groups = truth.customers.groupby(truth.cells()["group"]).agg(n=("year", "size"), year=("year", "sum"))
    for language in LANGUAGES:

        def count(value: float, spoken: Language = language) -> str:
            return number(float(value), "count", spoken)

        wanted = [(count(n), _money(pence, "GBP", language)) for n, pence in truth.abc().values()]
        wanted += [(count(groups.loc[one.name, "n"]), _money(groups.loc[one.name, "year"], "GBP", language)) for one in found.groups]  # fmt: skip
        wanted += [
            (
                count(one.customers),
                _money(one.minor, "GBP", language),
                _money(one.potential.value or 0, "GBP", language),
            )
            for one in sorted(found.fields, key=lambda one: one.priority)
        ]
        assert [
            row[-len(cells) :] for row, cells in zip(proof.rows("potential", language), wanted, strict=False)
        ] == wanted
        said = [text.in_(language) for step in ("collect", "analyse", "segment", "assess", "prioritise") for text in found.sentences[step]]  # fmt: skip
        proof.check_said("potential", language, said)


def _fill(folder: Path, each: int) -> Workspace:
    """The baskets of every so many-th household, its demographics, what it bought."""
    for file in ("products", "demographics", "transactions"):
        shutil.copyfile(EXAMPLES / f"{file}.yaml", folder / f"{file}.yaml")
    for name in ("demographics.parquet", LINES):
        rows = pq.read_table(JOURNEY / name)
        pq.write_table(rows.filter(rows["household_id"].to_numpy() % each == 0), folder / name)
    bought = pq.read_table(folder / LINES, columns=["product_id"])["product_id"]
    products = pq.read_table(JOURNEY / "products.parquet")
    pq.write_table(products.filter(pc.is_in(products["product_id"], bought.unique())), folder / "products.parquet")
    shop = proof.workspace(folder / "journey", "America/New_York", "USD")
    for name, taken in (
        ("products", "products.parquet"),
        ("demographics", "demographics.parquet"),
        ("transactions", LINES),
    ):
        proof.take(shop, folder / taken, folder / f"{name}.yaml")
    return shop


def _check_frontier(shop: Workspace, found: Potential) -> None:
    """The check loss of the frontier is the least that another package finds, and a tenth lies above it."""
    with open_facts(shop) as facts, sight_of(facts) as sight:
        rows = facts.run(base(sight.scope, ("revenue",))).sort_by("customer_id")
    value = rows["revenue_year"].to_numpy().astype(float)
    some = (value > 0) & (rows["orders_year"].to_numpy() > 0)
    design = design_of(rows.filter(some), np.zeros(int(some.sum())), found.as_of)
    y = np.round(np.log(value[some]) / 0.05) * 0.05
    other = QuantileRegressor(quantile=QUANTILE, alpha=0, fit_intercept=False, solver="highs").fit(design.columns, y)
    reach = np.minimum(other.predict(design.columns), y.max())  # never above what the best household brought
    least = check_loss(y - reach, np.ones(len(y)), QUANTILE)
    told = found.to_pandas().loc[rows["customer_id"].to_numpy()[some], "frontier_minor"].to_numpy()
    mine = check_loss(y - np.log(told), np.ones(len(y)), QUANTILE)
    assert mine == pytest.approx(least, rel=1e-4)  # the frontier comes in whole cents
    assert (value[some] > told).mean() == pytest.approx(0.1, abs=0.05)


@pytest.mark.shared
@needs_shared
def test_frontier_of_households_knows_their_income(tmp_path: Path) -> None:
    shop = _fill(tmp_path, 12)
    found = potential(shop)
    assert found.similar is not None and {"power", "size", "categories"} <= set(found.similar.features)
    known = next(one.share for one in found.sources if one.name == "power")
    demographics = pq.read_table(JOURNEY / "demographics.parquet")["household_id"].to_numpy()
    bought = pq.read_table(tmp_path / LINES)["household_id"].unique().to_numpy()
    assert known == pytest.approx(np.isin(bought, demographics).mean(), abs=0.01)
    _check_frontier(shop, found)
    shop.store.close()


@pytest.mark.heavy
@pytest.mark.shared
@needs_shared
def test_page_tells_of_all_households(tmp_path: Path) -> None:
    shop = _fill(tmp_path, 1)
    found = potential(shop)
    _check_frontier(shop, found)
    for language in LANGUAGES:
        said = [text.in_(language) for step in ("analyse", "assess") for text in found.sentences[step]]
        assert found.similar is not None
        said.append(number(found.similar.explained, "share", language))
        proof.check_said("potential", language, said)
    shop.store.close()
