"""Worked page docs/proof/online_retail_value.md: what the demo shop's customers will buy, twelve weeks held out, with a second
computation from the raw file and by the package lifetimes."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import lifetimes
import numpy as np
import pandas as pd
import pytest

from schwung.app.facts import open_facts
from schwung.app.sight import sight_of
from schwung.core.text import LANGUAGES, Language, Text
from schwung.measure.inference import Estimate
from schwung.measure.said import count, decimal, money, share
from schwung.predict import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD
from schwung.predict.clv import PurchaseSummary
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.judged import by_frequency, expected, measures, naive
from schwung.predict.model import Options, Trained
from schwung.predict.models import clv
from schwung.predict.purchasing.held_out import cuts, held_out
from schwung.predict.summary import purchases
from tests import proof
from tests.shops import WHOLE, Filled
from tests.stories.test_proof_online_retail import SQL

pytestmark = [pytest.mark.xdist_group("online_retail"), *WHOLE]
DAYS = 84
MODELS = (BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD())
ORACLES = {
    "bg_nbd": lifetimes.BetaGeoFitter,
    "mbg_nbd": lifetimes.ModifiedBetaGeoFitter,
    "pareto_nbd": lifetimes.ParetoNBDFitter,
}
WORDS = {
    "before": Text("Everybody goes on as before", "Alle machen weiter wie bisher"),
    "came": Text("What came", "Was kam"),
    "or more": Text("7 or more", "7 oder mehr"),
    "value": Text("Revenue expected in the 84 days", "Erwarteter Umsatz in den 84 Tagen"),
    "revenue": Text("Revenue that came", "Umsatz, der kam"),
}


class Held:
    """What the product says as of twelve weeks before the end."""

    def __init__(self, shop: Filled) -> None:
        options = Options(horizon_days=DAYS)
        with open_facts(shop.workspace) as facts, sight_of(facts) as sight:
            ((self.cut_at, until),) = cuts(sight, DAYS, 1)
            found = held_out(sight, self.cut_at, until, "week")
            assert found is not None
            self.held: HeldOut = found
            then = sight.earlier(self.cut_at)
            self.rows: pd.DataFrame = sight.run(purchases(then)).to_pandas()
            self.trained: Trained = clv.fit(then, options)
            self.totals: dict[str, Estimate] = dict(clv.totals(then, self.trained, options))
        self.fits: dict[str, FittedPurchases] = {
            model.process.title.en: model.fit(self.held.summary, with_sides=False) for model in MODELS
        }


class Truth:
    """Purchase days of each customer up to the cut and after it, and what came, from the raw file."""

    def __init__(self, file: Path) -> None:
        rows = duckdb.execute(SQL, {"file": str(file)}).df().dropna(subset=["who"])
        rows["day"] = (rows["moment"].dt.normalize() - pd.Timestamp(0)).dt.days
        last = int(rows["day"].max())
        self.cut = last - DAYS
        days = rows[rows["orders"] == 1].drop_duplicates(["who", "day"])
        known = days[days["day"] <= self.cut].groupby("who")["day"].agg(["count", "min", "max"])
        self.summary = pd.DataFrame(
            {"frequency": known["count"] - 1, "recency": known["max"] - known["min"], "age": self.cut - known["min"]}
        )
        self.actual = days[days["day"] > self.cut].groupby("who").size().reindex(known.index).fillna(0)
        after = rows[(rows["day"] > self.cut) & rows["who"].isin(known.index)]
        self.revenue = float(after["pence"].sum()) / 100


@pytest.fixture(scope="module")
def held(online_retail: Filled) -> Iterator[Held]:
    yield Held(online_retail)


@pytest.fixture(scope="module")
def truth(online_retail: Filled) -> Truth:
    return Truth(online_retail.file)


def tables(held: Held, truth: Truth, language: Language) -> list[tuple[str, ...]]:
    to = {"en": "to", "de": "bis"}[language]

    def shown(text: Text) -> str:
        return proof._spaced(text.in_(language))

    def pounds(value: float | None) -> str:
        return shown(money(value or 0.0, "GBP"))

    rules = {title: expected(fitted, held.held) for title, fitted in held.fits.items()}
    found = []
    for title, said in (rules | {shown(WORDS["before"]): naive(held.held)}).items():
        off = measures(said, held.held)
        figures = (share(off["bias"]), decimal(off["mae"], 3), decimal(off["rmse"], 3))
        found.append((title, shown(count(held.held.count @ said)), *map(shown, figures)))
    found.append((shown(WORDS["came"]), shown(count(truth.actual.sum())), "–", "–", "–"))
    found += [
        (
            shown(WORDS["or more"]) if row["frequency"] == 7 else str(row["frequency"]), shown(count(row["n"])),
            shown(decimal(row["expected"], 2)), shown(decimal(row["actual"], 2)),
        )
        for row in by_frequency(rules["MBG/NBD"], held.held)
    ]  # fmt: skip
    worth = held.totals["clv"].scaled(0.01)
    found.append((shown(WORDS["value"]), pounds(worth.value), f"{pounds(worth.low)} {to} {pounds(worth.high)}"))
    found.append((shown(WORDS["revenue"]), pounds(truth.revenue), "–"))
    return found


def test_the_purchases_are_those_of_the_raw_file(held: Held, truth: Truth) -> None:
    names = ["frequency", "recency", "age"]
    mine = held.rows[names].astype(int).sort_values(names).to_numpy()
    assert (mine == truth.summary.sort_values(names).to_numpy()).all()
    assert held.held.count @ held.held.actual == truth.actual.sum()


def test_another_package_expects_the_same(held: Held, truth: Truth) -> None:
    """lifetimes has no number for one-time buyers where a + b is small; all it has are ours."""
    x, t_x, T = (truth.summary[name].to_numpy() / by for name, by in (("frequency", 1), ("recency", 7), ("age", 7)))
    summary = PurchaseSummary.from_arrays(x.astype(int), t_x, T, unit="week")
    for fitted in held.fits.values():
        other = ORACLES[fitted.model]()
        other.params_ = pd.Series(fitted.parameters)
        with np.errstate(all="ignore"):
            said = np.asarray(other.conditional_expected_number_of_purchases_up_to_time(DAYS / 7, x, t_x, T))
        finite = np.isfinite(said)
        assert finite[x > 0].all()
        mine = fitted.expected_purchases(DAYS / 7, summary).value
        assert mine[finite] == pytest.approx(said[finite], rel=1e-9)
        assert mine.sum() == pytest.approx(held.held.count @ expected(fitted, held.held), rel=1e-9)
    mine = held.fits["BG/NBD"].parameters
    assert list(lifetimes.BetaGeoFitter().fit(x, t_x, T).params_) == pytest.approx(list(mine.values()), rel=1e-3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_them(held: Held, truth: Truth, language: Language) -> None:
    assert proof.rows("online_retail_value", language) == tables(held, truth, language)
    proof.check_said("online_retail_value", language, [held.trained.remarks[1].in_(language)])
