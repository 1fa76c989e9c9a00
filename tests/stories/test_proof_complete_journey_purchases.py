"""Worked page docs/proof/complete_journey_purchases.md: how often households shop, 13 weeks held out, with a second computation by
pandas on the raw file and by the package lifetimes."""

from dataclasses import dataclass
from functools import cache

import lifetimes
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from schwung.core.text import LANGUAGES, Language, Text
from schwung.measure.inference import Estimate
from schwung.measure.said import count, decimal, money, share
from schwung.predict import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD, ParetoNBD
from schwung.predict.clv import Purchases
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.held_out import HeldOut, hold_out
from schwung.predict.clv.judged import by_frequency, expected, measures, naive
from schwung.predict.clv.worth import Worth
from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, pytest.mark.heavy, needs_shared]
CUT, WEEKS = "2017-06-30", 92 / 7
MODELS = (BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD())
ORACLES = (lifetimes.BetaGeoFitter, lifetimes.ModifiedBetaGeoFitter)
BEFORE = Text("Everybody goes on as before", "Alle machen weiter wie bisher")
CAME, MORE = Text("What came", "Was kam"), Text("7 or more", "7 oder mehr")
EXPECTED = Text("Revenue expected in the 92 days", "Erwarteter Umsatz in den 92 Tagen")
REVENUE = Text("Revenue that came", "Umsatz, der kam")


@dataclass
class Said:
    """What the product says, and the raw baskets."""

    baskets: pd.DataFrame
    held: HeldOut
    fits: tuple[FittedPurchases, ...]
    worth: Estimate


@cache
def told() -> Said:
    rows = pq.read_table(SHARED / "complete_journey" / "transactions_2017_q1_q3.parquet").to_pandas()
    # A basket of coupon slips alone, nothing handed over and nothing paid, is no purchase.
    rows = rows[(rows["quantity"] > 0) | (rows["sales_value"] > 0)]
    log = Purchases.from_frame(rows, "household_id", "transaction_timestamp", "sales_value")
    held = hold_out(log, CUT)
    known = held.summary.in_weeks()
    fits = tuple(model.fit(known, with_sides=False) for model in MODELS)
    worth = Worth(fits[1], GammaGamma().fit(held.summary), held.summary, float(held.days)).total()
    return Said(rows, held, fits, worth)


@cache
def truth() -> tuple[pd.DataFrame, float]:
    """Per household known at the cut: x, recency, age, came; and the money of the days after it."""
    rows = told().baskets
    day = rows["transaction_timestamp"].dt.normalize()
    days = pd.DataFrame({"who": rows["household_id"], "day": day}).drop_duplicates()
    before = days[days["day"] <= CUT].groupby("who")["day"].agg(["count", "min", "max"])
    cut = pd.Timestamp(CUT)
    found = pd.DataFrame(
        {
            "x": before["count"] - 1, "recency": (before["max"] - before["min"]).dt.days,
            "age": (cut - before["min"]).dt.days,
            "came": days[days["day"] > cut].groupby("who").size().reindex(before.index).fillna(0),
        }
    )  # fmt: skip
    later = rows[(day > cut) & rows["household_id"].isin(before.index)]
    return found, float(later["sales_value"].sum())


def tables(language: Language) -> list[tuple[str, ...]]:
    to = {"en": "to", "de": "bis"}[language]
    said, (households, revenue) = told(), truth()

    def shown(text: Text) -> str:
        return proof._spaced(text.in_(language))

    def dollars(value: float | None) -> str:
        return shown(money(value or 0.0, "USD"))

    rules = {fitted.process.title.en: expected(fitted, said.held) for fitted in said.fits}
    found = []
    for title, values in (rules | {shown(BEFORE): naive(said.held)}).items():
        off = measures(values, said.held)
        figures = (share(off["bias"]), decimal(off["mae"], 2), decimal(off["rmse"], 2))
        found.append((title, shown(count(values.sum())), *map(shown, figures)))
    found.append((shown(CAME), shown(count(households["came"].sum())), "–", "–", "–"))
    found += [
        (
            shown(MORE) if row["frequency"] == 7 else str(row["frequency"]), shown(count(row["n"])),
            shown(decimal(row["expected"], 1)), shown(decimal(row["actual"], 1)),
        )
        for row in by_frequency(rules["MBG/NBD"], said.held)
    ]  # fmt: skip
    found.append(
        (shown(EXPECTED), dollars(said.worth.value), f"{dollars(said.worth.low)} {to} {dollars(said.worth.high)}")
    )
    found.append((shown(REVENUE), dollars(revenue), "–"))
    return found


def test_the_purchases_are_those_of_the_raw_file() -> None:
    held, (households, revenue) = told().held, truth()
    summary = held.summary
    for mine, theirs in (
        (summary.frequency, "x"), (summary.recency, "recency"), (summary.T, "age"), (held.actual, "came")
    ):  # fmt: skip
        assert (mine == households[theirs].to_numpy()).all()
    worth = told().worth
    assert worth.low is not None and worth.high is not None and worth.low < revenue < worth.high


def test_another_package_expects_the_same() -> None:
    """lifetimes has no number for Pareto/NBD here: households leave at one rate, its parameters lie at the boundary."""
    households, _ = truth()
    given = households["x"], households["recency"] / 7, households["age"] / 7
    for fitted, oracle in zip(told().fits, ORACLES, strict=False):
        other = oracle()
        other.params_ = pd.Series(fitted.parameters)
        said = np.asarray(other.conditional_expected_number_of_purchases_up_to_time(WEEKS, *given))
        assert expected(fitted, told().held) == pytest.approx(said, rel=1e-9)
    assert any("boundary" in text.en for text in told().fits[2].warnings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_them(language: Language) -> None:
    assert proof.rows("complete_journey_purchases", language) == tables(language)
