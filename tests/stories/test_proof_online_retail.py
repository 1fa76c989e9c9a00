"""Worked page docs/proof/online_retail.md: the audit of the demo shop's base, worked out a second time in SQL on its raw file."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from schwung.app.analyses.audit import audit
from schwung.core.stable_hash import key_of
from schwung.core.text import Language
from schwung.measure.audit.views import Audit
from schwung.renderers.numbers import number
from tests import proof
from tests.shops import Filled, on_whole

pytestmark = pytest.mark.xdist_group("online_retail")
QUARTERS = ("2009-Q4", "2010-Q1", "2010-Q2", "2010-Q3", "2010-Q4")
SQL = r"""
WITH line AS (
  SELECT "Invoice" AS no, "Customer ID" AS who, "InvoiceDate"::TIMESTAMP AS moment, "Quantity" AS pieces,
    (round("Price"::DECIMAL(14, 4) * "Quantity", 2) * 100)::BIGINT AS pence, upper(trim("StockCode")) AS code,
    regexp_full_match(code, 'B|S|ADJUST.*|BANK CHARGES|AMAZONFEE|TEST.*') AS is_correction,
    NOT is_correction AND NOT regexp_full_match(code, 'POST|DOT|C2|C3') AS counts
  FROM read_parquet($file)),
sold AS (
  SELECT no, first(who) AS who, min(moment) AS moment, 1 AS orders, coalesce(sum(pence) FILTER (counts), 0) AS pence
  FROM line WHERE no NOT LIKE 'C%' GROUP BY no HAVING bool_or(NOT is_correction AND (pieces > 0 OR pence > 0)))
SELECT no, who::VARCHAR AS who, moment, orders, pence::BIGINT AS pence FROM sold
UNION ALL SELECT no, who::VARCHAR, moment, 0, pence FROM line WHERE no LIKE 'C%' AND counts
"""


class Truth:
    """Sums per customer and quarter, and each customer's first order, from the raw file."""

    def __init__(self, file: Path) -> None:
        rows = duckdb.execute(SQL, {"file": str(file)}).df()
        rows["quarter"] = rows["moment"].dt.year.astype(str) + "-Q" + rows["moment"].dt.quarter.astype(str)
        self.rows = rows
        known = rows.dropna(subset=["who"])
        ordered = known[known["orders"] == 1]
        ordered = ordered.assign(
            key=[key_of("online_retail", no) for no in ordered["no"]]
        )  # of two at once the smaller key
        first = ordered.sort_values(["moment", "key"]).drop_duplicates("who").set_index("who")
        self.cohort, self.first_pence = first["quarter"], first["pence"]
        cells = known.groupby(["who", "quarter"])[["orders", "pence"]].sum().unstack(fill_value=0)
        self.orders, self.pence = cells["orders"], cells["pence"]
        self.guests = rows[rows["who"].isna()].groupby("quarter")["pence"].sum()
        self.total = rows.groupby("quarter")["pence"].sum()

    def deciles(self, quarter: str) -> list[int]:
        best = self.pence.loc[self.orders[quarter] > 0, quarter].sort_values(ascending=False).tolist()
        short, more = divmod(len(best), 10)
        edges = [place * short + min(place, more) for place in range(11)]
        return [sum(best[low:high]) for low, high in pairwise(edges)]

    def moves(self, before: str, now: str) -> dict[str, tuple[int, int]]:
        """move → customers, change of their revenue."""
        then, here = self.orders[before] > 0, self.orders[now] > 0
        change = self.pence[now] - self.pence[before]
        cohort = self.cohort.reindex(self.orders.index)
        groups = {
            "new": here & (cohort == now),
            "returning": here & ~then & (cohort != now),
            "more": here & then & (change > 0),
            "same": here & then & (change == 0),
            "less": here & then & (change < 0),
            "gone": then & ~here,
            "returns": ~then & ~here & ((self.pence[now] != 0) | (self.pence[before] != 0)),
        }
        found = {name: (int(who.sum()), int(change[who].sum())) for name, who in groups.items()}
        return found | {"guests": (0, int(self.guests[now] - self.guests[before]))}

    def cohorts(self) -> dict[str, pd.DataFrame]:
        """cohort → its customers' revenue by quarter."""
        mine = self.cohort.reindex(self.pence.index)
        return {quarter: self.pence[mine == quarter] for quarter in QUARTERS}


@pytest.fixture(scope="module")
def truth(online_retail: Filled) -> Truth:
    return Truth(online_retail.file)


@pytest.fixture(scope="module")
def found(online_retail: Filled) -> Audit:
    return audit(online_retail.workspace)


def told(truth: Truth, language: Language) -> list[tuple[str, ...]]:
    """The rows of the five views' tables, from the raw file, without their first column."""

    def money(pence: float) -> str:
        return number(pence / 100, "GBP", language)

    def share(value: float) -> str:
        return number(value, "share", language)

    def count(value: Any) -> str:
        return number(int(value), "count", language)

    deciles, cohorts = truth.deciles("2010-Q3"), truth.cohorts()
    active = (truth.orders > 0).sum()
    first = truth.first_pence.groupby(truth.cohort).sum()
    aged, size = cohorts["2010-Q1"], len(cohorts["2010-Q1"])
    buying = (truth.orders.loc[aged.index] > 0).sum()
    rows: list[tuple[str, ...]] = [(money(one), share(one / sum(deciles))) for one in deciles]
    rows += [(count(who), money(change)) for who, change in truth.moves("2010-Q2", "2010-Q3").values()]
    rows += [
        (count(buying[quarter]), share(buying[quarter] / size), money(aged[list(QUARTERS[1 : place + 1])].sum().sum() / size))
        for place, quarter in enumerate(QUARTERS) if place
    ]  # fmt: skip
    rows += [
        (
            count(len(one)), money(first[quarter] / len(one)),
            money(one[list(QUARTERS[QUARTERS.index(quarter) :])].sum().sum() / len(one)), money(one.sum().sum()),
        )
        for quarter, one in cohorts.items()
    ]  # fmt: skip
    rows += [
        (count(active[quarter]), count((truth.cohort == quarter).sum()), money(truth.total[quarter]), money(truth.guests[quarter]))
        for quarter in QUARTERS
    ]  # fmt: skip
    return [tuple(" ".join(cell.split()) for cell in row) for row in rows]


def test_five_views_are_those_of_the_raw_file(truth: Truth, found: Audit) -> None:
    assert (found.since, found.until, found.chosen) == ("2010-07-01", "2010-09-30", "2010-Q1")
    assert [one.minor for one in found.one.deciles] == truth.deciles("2010-Q3")
    assert found.two is not None
    moves = [(move.customers, move.change_minor) for move in found.two.moves]
    assert moves == list(truth.moves("2010-Q2", "2010-Q3").values())
    cohorts = truth.cohorts()
    assert {one.name: (one.size, one.minor) for one in found.cohorts} == {
        name: (len(rows), rows.sum().sum()) for name, rows in cohorts.items()
    }
    base = [(one.name, one.active, one.minor, one.guests_minor) for one in found.base]
    assert base == [(name, (truth.orders[name] > 0).sum(), truth.total[name], truth.guests[name]) for name in QUARTERS]


@on_whole
def test_page_says_what_the_views_say(found: Audit) -> None:
    for name in ("en", "de"):
        texts = [text.in_(name) for view in range(1, 6) for text in found.sentences[view]]
        proof.check_said("online_retail", name, texts)


def test_views_add_up_to_the_same_revenue(online_retail: Filled, found: Audit) -> None:
    """To the penny, and to what `schwung measure revenue` says."""
    shop = online_retail.workspace
    (_, whole, *_), (_, quarter, *_), (_, before, *_) = (
        proof.figure(shop, "revenue", since, until=until)
        for since, until in (("2009-12-01", None), ("2010-07-01", "2010-09-30"), ("2010-04-01", "2010-06-30"))
    )
    assert whole is not None and quarter is not None and before is not None
    pence, found_two = round(whole * 100), found.two
    assert found_two is not None
    assert sum(one.minor for one in found.base) == pence
    assert sum(one.minor for one in found.cohorts) + sum(one.guests_minor + one.without_order_minor for one in found.base) == pence  # fmt: skip
    assert sum(age.minor for one in found.cohorts for age in one.ages) + sum(one.early_minor for one in found.cohorts) == sum(one.minor for one in found.cohorts)  # fmt: skip
    assert found.one.total_minor == sum(one.minor for one in found.one.deciles) + found.one.guests_minor + found.one.returns_only_minor == round(quarter * 100)  # fmt: skip
    assert sum(move.minor for move in found_two.moves) == round(quarter * 100)
    assert sum(move.minor_before for move in found_two.moves) == round(before * 100)


@on_whole
def test_page_tells_the_raw_files_numbers(online_retail: Filled, truth: Truth) -> None:
    shop = online_retail.workspace
    year = truth.rows[(truth.rows["moment"] >= "2009-12-10") & (truth.rows["orders"] == 1)]
    counts = year.groupby("who").size()
    again, n = int((counts > 1).sum()), len(counts)
    rate = proof.figure(shop, "repeat_purchase_rate", since="2009-12-10")
    assert rate == ("share", *map(pytest.approx, (again / n, *proof.agresti_coull(again, n))), n)
    revenue = proof.figure(shop, "revenue")
    assert revenue[1] == pytest.approx(truth.total.sum() / 100)
    orders = truth.rows[truth.rows["orders"] == 1].dropna(subset=["who"])
    months = orders["moment"].dt.year * 12 + orders["moment"].dt.month
    first = months.groupby(orders["who"]).transform("min")
    ages = {cohort: (months - first)[first == 2009 * 12 + 12 + cohort] for cohort in (0, 1)}
    people = {cohort: orders["who"][rows.index] for cohort, rows in ages.items()}
    found = proof.by_cut(shop, "cohort_retention", since="2009-12-01")
    cells = [found[name] for name in ("2009-12 1", "2009-12 6", "2010-01 1", "2010-01 6")]
    for cell, (cohort, age) in zip(cells, ((0, 1), (0, 6), (1, 1), (1, 6)), strict=True):
        hits, size = people[cohort][ages[cohort] == age].nunique(), people[cohort].nunique()
        assert cell == ("share", *map(pytest.approx, (hits / size, *proof.agresti_coull(hits, size))), size)
    head = [rate, *cells]
    proof.check_told("online_retail", head)
    for language in ("en", "de"):
        rows = [row[1:] for row in proof.rows("online_retail", language)][len(head) :]
        assert rows == told(truth, language), language
