"""Potential, next product and bought together by every door, on the simulated shop: one answer, nobody who objected."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.analyses.flywheel import without_erased
from schwung.app.analyses.potential import cached_potential, list_from_field, potential
from schwung.app.analyses.together import together
from schwung.app.consents import opt_out
from schwung.app.facts import open_facts
from schwung.app.keys import create_key
from schwung.app.lists import delete_list
from schwung.app.predictions import of_customer
from schwung.app.predictions import predictions as predicted
from schwung.app.report import question_of
from schwung.app.shop import Shop
from schwung.app.train import train
from schwung.app.wiring import Workspace, open_workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.measure.reading import Plainly
from schwung.measure.scope import Scope
from schwung.predict.potential.potential import Foreseen
from schwung.predict.potential.potential import potential as analysed
from schwung.predict.potential.views import STEPS
from schwung.predict.recommend.choose import TOP
from schwung.web.app import create_app
from tests import cast


@pytest.fixture(scope="module")
def shop(simulated_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy: lists are saved and models trained in it."""
    folder = tmp_path_factory.mktemp("potential") / "shop"
    shutil.copytree(simulated_shop, folder)
    workspace = open_workspace(folder)
    yield workspace
    workspace.store.close()


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def said(shop: Workspace, *words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "-w", str(shop.folder), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_one_answer_by_every_door(shop: Workspace) -> None:
    found = potential(shop)
    assert found.basis == "margin", "the simulated shop knows what its products cost"
    assert [*found.sentences] == [*STEPS] and all(one.de for step in found.sentences.values() for one in step)
    assert rounded(said(shop, "potential")) == rounded(found.to_json())
    printed = CliRunner().invoke(app, ["potential", "--csv", "-w", str(shop.folder)]).stdout.splitlines()
    assert printed[0].count(",") == len(found.rows.column_names) - 1 and len(printed) == found.rows.num_rows + 1
    assert rounded(Shop(shop).potential().to_json()) == rounded(found.to_json())
    pairs = together(shop)
    assert rounded(said(shop, "bought-together")) == rounded(pairs.to_json()) and pairs.pairs
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        client.auth = (create_key(shop, "analyst", "read"), "")
        assert rounded(client.get("/api/v1/potential").json()) == rounded(found.to_json())
        assert rounded(client.get("/api/v1/bought-together").json()) == rounded(pairs.to_json())
        assert client.get("/api/v1/bought-together?product=nothing").status_code == 404
    assert cached_potential(shop).value.to_json() == found.to_json()
    revenue = potential(shop, basis="revenue")
    assert revenue.basis == "revenue" and sum(one.minor for one in revenue.fields) > sum(
        one.minor for one in found.fields
    )
    with pytest.raises(InputError, match="basis"):
        potential(shop, basis="profit")


def test_clv_counts_where_it_is_counted_alike(shop: Workspace) -> None:
    with open_facts(shop) as facts:
        scope = Scope(question_of(facts, (), None, None), without_erased(facts))
        ids = potential(shop).rows["customer_id"]
        clv = pa.table({"customer_id": ids, "clv": pa.array([1_000.0] * len(ids))})
        for basis, by in (("margin", "clv"), ("revenue", "simple")):
            found = analysed(Plainly(scope, facts.run), foreseen=Foreseen(clv, None, basis))
            assert found.basis == "margin" and found.expected_by == by


def test_rows_add_up_to_fields_and_groups(shop: Workspace) -> None:
    found = potential(shop)
    rows = found.to_pandas()
    assert found.active + found.quiet == len(rows) == sum(one.customers for one in found.groups)
    by_field = rows.groupby("field")[["value_minor", "expected_minor", "potential_minor"]].sum()
    for one in found.fields:
        assert one.customers == (rows["field"] == one.name).sum()
        if one.customers:
            assert by_field.loc[one.name, "value_minor"] == one.minor
            assert by_field.loc[one.name, "potential_minor"] == pytest.approx(one.potential.value, abs=one.customers)
    assert sum(cell.customers for cell in found.cells) == len(rows)


def test_a_field_becomes_a_list_that_metrics_are_cut_by(shop: Workspace) -> None:
    found = potential(shop)
    first = min(found.fields, key=lambda one: one.priority)
    saved = said(shop, "potential", "--field", first.name, "--save", "Expand first")
    assert (saved["size"], saved["origin"]) == (first.customers, "potential")
    lists = Shop(shop).measure("revenue", by="list").records()
    assert str(saved["list_no"]) in {row["list"] for row in lists}
    for field, name, code in (("high-none", "x", "unknown_field"), (first.name, "Expand first", "list_exists")):
        with pytest.raises(InputError) as raised:
            list_from_field(shop, field, name, actor="test")
        assert raised.value.code == code
    delete_list(shop, "Expand first", actor="test")


def test_next_product_is_trained_told_and_counts_in_the_potential(shop: Workspace) -> None:
    version = train(shop, "next_product", horizon_days=90, actor="test")
    assert version.trained is not None
    quality = version.trained.quality
    assert quality["hit_rate"] >= quality["hit_rate_popularity"], "never worse than popularity"
    assert version.trained.remarks[0].de.startswith("Verwendet wird")
    offers = train(shop, "next_offer", horizon_days=90, actor="test").trained
    assert offers is not None
    for kinds in (version.trained.checks["kinds"], offers.checks["kinds"]):
        by_column: dict[str, list[tuple[float, float, float]]] = {}
        for row in kinds:
            one = (row["n"], row["n"] * row["expected"], row["n"] * row["actual"])
            by_column.setdefault(row["title_en"].partition(":")[0], []).append(one)
        assert {"Products bought so far", "Days since the last purchase", "Channel of the first order"} <= set(
            by_column
        )
        sums = [np.sum(rows, axis=0) for rows in by_column.values()]
        assert all(one == pytest.approx(sums[0]) for one in sums), "every column tells of the same customers"
        _, promised, came = sums[0]
        assert 0.8 < promised / came < 1.25, (
            "the first products bring what they promised to customers that were kept out"
        )
    with open_facts(shop) as facts:
        rows = facts.run(predicted(facts)).to_pandas()
        known = facts.run(facts.table("profiles")).to_pandas()
        orders = facts.run(facts.table("orders", customer=True)).to_pandas()
    product, offer = (rows[rows["target"] == name] for name in ("next_product", "next_offer"))
    assert product.groupby("customer_id").size().max() == TOP
    assert product.sort_values(["customer_id", "rank"]).groupby("customer_id")["value"].apply(lambda p: (p.diff().dropna() <= 1e-12).all()).all()  # fmt: skip
    assert set(product["customer_id"]) == set(known.loc[~known["is_gone"] & ~known["has_objected"], "customer_id"])
    assert ((product["low"] <= product["value"]) & (product["value"] <= product["high"])).all()
    reasons = offer["reasons"].map(lambda text: json.loads(text)[0])
    assert [r["probability"] * r["gain_minor"] for r in reasons] == pytest.approx(
        offer["value"].tolist(), rel=0.05, abs=0.6
    )
    cold = set(product["customer_id"]) - set(orders.loc[~orders["is_cancelled"], "customer_id"].dropna())
    told = product[product["customer_id"].isin(cold)]["reasons"].map(lambda text: json.loads(text)[0]["why"])
    assert len(cold) > 50 and set(told) == {"cold"}
    someone = int(product["customer_id"].iloc[0])
    sentences = {one.model.name: one.sentences for one in of_customer(shop, someone)}
    assert "most likely" in sentences["next_product"][0].en and "%" in sentences["next_product"][0].en
    assert "€" in sentences["next_offer"][0].de
    found = potential(shop)
    assert sum(one.offers or 0 for one in found.fields) > 0
    assert next(one.share for one in found.sources if one.name == "offers") == 1


def test_who_objected_is_in_neither(shop: Workspace) -> None:
    best = int(potential(shop).rows.sort_by([("value_minor", "descending")])["customer_id"][0].as_py())
    opt_out(shop, best, "test", "objection")
    found = potential(shop)
    assert not pc.any(pc.equal(found.rows["customer_id"], best)).as_py()
    assert "objected to profiling (1)" in found.sentences["collect"][-1].en
    train(shop, "next_product", horizon_days=90, actor="test")
    with open_facts(shop) as facts:
        rows = predicted(facts)
        assert facts.run(rows.filter(rows.customer_id == best, rows.model == "next_product")).num_rows == 0


def test_a_small_shop_gets_a_sentence(new_workspace: Any) -> None:
    shop = new_workspace()
    cast.fill(shop)
    with pytest.raises(InputError) as raised:
        potential(shop)
    assert (
        raised.value.code == "too_few_customers"
        and "Bekannte Kunden mit Bestellung binnen eines Jahres: 4;" in raised.value.message.de
    )
    with pytest.raises(InputError) as raised:
        train(shop, "next_product", actor="test")
    assert raised.value.code == "too_few_purchases"
    assert "No two products" in together(shop).sentence.en
