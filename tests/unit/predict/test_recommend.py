"""Next product: what is ranked, by which rule, how probable it is said to be, and what is never recommended."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from schwung.core.clock import DAY
from schwung.core.errors import SetupError
from schwung.measure import said
from schwung.measure.question import Question
from schwung.measure.valuation import Valuation
from schwung.predict.kinds import worst_kind
from schwung.predict.recommend import erring
from schwung.predict.recommend.als import Als
from schwung.predict.recommend.calibrate import calibrate, expected_error
from schwung.predict.recommend.candidates import again_for, first_by_worth, nearest, new_to, step_ups, steps_of
from schwung.predict.recommend.choose import Choice, choose, hits_of
from schwung.predict.recommend.goods import Goods, bought_again
from schwung.predict.recommend.learn import AGAIN, NEW, KeptOut, Learned, Lesson, _kept_out
from schwung.predict.recommend.purchases import Purchases
from schwung.predict.recommend.ranking import ItemCosine, Popularity, filled, similarity, top_of_rows
from schwung.predict.recommend.split import Shelf, Split
from schwung.predict.recommend.together import _log_error

NOW = 1_000 * DAY
QUESTION = Question(NOW, value=Valuation())


def shelf_of(
    orders: NDArray,
    categories: list[str] | None = None,
    price: list[float] | None = None,
    sold_out: tuple[int, ...] = (),
    again: tuple[str, ...] = (),
    first_days: NDArray | None = None,
) -> Shelf:
    """From a dense matrix of orders: everything was bought ten days ago, repeats every thirty days before."""
    matrix = csr_matrix(orders.astype(np.float32))
    last = matrix.copy().astype(np.int64)
    last.data[:] = NOW - 10 * DAY
    first = last.copy()
    first.data = first.data - ((matrix.data - 1) * 30 * DAY).astype(np.int64)
    if first_days is not None:
        first.data = np.asarray([NOW - int(first_days[r, c]) * DAY for r, c in zip(*matrix.nonzero(), strict=True)])
    n, m = matrix.shape
    names = np.array([f"p{at:03}" for at in range(m)], object)
    bought = Purchases(np.arange(1, n + 1), names, matrix, first, last, np.full(n, NOW - 10 * DAY))
    for_sale = np.ones(m, bool)
    for_sale[list(sold_out)] = False
    goods = Goods(
        names,
        np.array(categories or ["k"] * m, object),
        np.array(price or [100.0] * m),
        np.full(m, 50.0),
        True,
        for_sale,
    )
    lately = bought.owned
    return Shelf(NOW, bought, goods, bought_again(bought, goods, again), lately)


def tastes(n: int, seed: int, structured: bool) -> tuple[NDArray, NDArray]:
    """What customers have and what they buy next: of their own half of 40 products, or of all alike."""
    chance = np.random.default_rng(seed)
    half = chance.random(n) < 0.5
    like = np.full((n, 40), 0.12)
    if structured:
        like = np.where((np.arange(40) < 20)[None, :] == half[:, None], 0.24, 0.01)
    before = chance.random((n, 40)) < like
    before[np.arange(n), np.where(half, 0, 20)] = True
    return before.astype(float), (chance.random((n, 40)) < like / 2).astype(float)


def split_of(before: NDArray, after: NDArray, price: list[float] | None = None) -> Split:
    return Split(shelf_of(before, price=price), csr_matrix(after.astype(np.float32)), 90)


def test_largest_of_each_row_as_by_sorting() -> None:
    chance = np.random.default_rng(3)
    rows = csr_matrix(np.where(chance.random((300, 90)) < 0.3, chance.random((300, 90)), 0))
    found = top_of_rows(rows, 7)
    for at, line in enumerate(rows.toarray()):
        wanted = np.sort(line[line > 0])[::-1][:7]
        assert np.array_equal(rows.data[found[at][found[at] >= 0]], wanted)


def test_similarity_is_the_shrunk_cosine() -> None:
    owned = (np.random.default_rng(5).random((80, 12)) < 0.3).astype(np.float32)
    both, many = owned.T @ owned, owned.sum(0)
    wanted = both / (np.sqrt(np.outer(many, many)) + 10)
    np.fill_diagonal(wanted, 0)
    assert similarity(csr_matrix(owned)).toarray() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("rule", ["popularity", "cosine", "als"])
def test_nothing_that_one_has_and_nothing_sold_out(rule: str) -> None:
    before, _ = tastes(400, 1, True)
    owned, allowed = csr_matrix(before.astype(np.float32)), np.ones(40, bool)
    allowed[[2, 3, 22]] = False
    ranker = {"popularity": Popularity.fit(owned), "cosine": ItemCosine.fit(owned), "als": Als.fit(owned, 1)}[rule]
    places, scores = ranker.top(owned, allowed, 8)
    row, slot = np.nonzero(places >= 0)
    assert len(row) > 2_500
    assert not before[row, places[row, slot]].any()
    assert allowed[places[row, slot]].all()
    assert all(len(set(line[line >= 0])) == (line >= 0).sum() for line in places)
    assert (np.diff(scores, axis=1)[(places >= 0).all(1)] <= 1e-6).all()


def test_who_has_all_that_is_popular_gets_what_is_left() -> None:
    owned = np.zeros((50, 30), np.float32)
    owned[:, :10] = 1
    owned[0, :28] = 1
    owned[1:40, 29] = 1
    places, _ = Popularity.fit(csr_matrix(owned)).top(csr_matrix(owned), np.ones(30, bool), 5)
    assert [*places[0]] == [29, -1, -1, -1, -1]
    assert set(places[45][:1]) == {29}


def test_empty_places_are_filled_once_from_the_popular() -> None:
    places = np.array([[4, 2, -1, -1], [1, 2, 3, 4]])
    scores = np.array([[0.9, 0.5, 0, 0], [0.4, 0.3, 0.2, 0.1]], np.float32)
    spare = np.array([[2, 7, 4, 9, 8], [7, 9, 8, 5, 6]])
    found, values, is_spare = filled(places, scores, spare)
    assert found.tolist() == [[4, 2, 7, 9], [1, 2, 3, 4]]
    assert is_spare.tolist() == [[False, False, True, True], [False] * 4]
    assert values[0].tolist() == pytest.approx([0.9, 0.5, 0, 0])


def test_a_rule_that_knows_tastes_wins_where_there_are_tastes() -> None:
    choice, _ = choose(split_of(*tastes(1_500, 2, True)), 1)
    assert choice.name in ("cosine", "als")
    used, popular = choice.used, choice.judged[0]
    assert used.hit.value > popular.hit.value + 0.05 and used.beyond_low > 0  # type: ignore[operator]


def test_popularity_stays_where_there_are_none() -> None:
    chosen = [choose(split_of(*tastes(600, seed, False)), 1)[0] for seed in range(3)]
    assert [one.name for one in chosen].count("popularity") >= 2
    assert "Popularity is used" in chosen[0].sentence(90).en or chosen[0].name != "popularity"


def test_hit_rate_is_that_of_a_loop() -> None:
    before, after = tastes(600, 4, True)
    split = split_of(before, after)
    choice, rankers = choose(split, 1, ("popularity", "cosine"))
    new = np.where(before > 0, 0, after)
    places, _ = rankers["cosine"].top(csr_matrix(before.astype(np.float32)), np.ones(40, bool), 5)
    hits = [any(new[who, place] for place in places[who] if place >= 0) for who in range(600) if new[who].any()]
    assert choice.judged[1].hit.value == pytest.approx(np.mean(hits))
    assert hits_of(places, csr_matrix(new)).tolist() == [sum(new[who, p] for p in places[who] if p >= 0) for who in range(600)]  # fmt: skip


def test_without_the_package_the_others_are_tried_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    split = split_of(*tastes(800, 2, True))
    with pytest.raises(SetupError) as raised:
        Als.fit(split.before.purchases.owned, 1)
    assert "schwung[models]" in raised.value.step.de
    choice, rankers = choose(split, 1)
    assert choice.name == "cosine" and [*rankers] == ["popularity", "cosine"]
    assert "implicit" in choice.missing[0].de


def test_what_people_buy_again_may_be_recommended_to_who_has_it() -> None:
    orders = np.zeros((60, 4))
    orders[:, 0] = 1
    orders[:30, 0] = 3  # half of its buyers came again
    orders[:, 1] = 1
    orders[:, 2] = 1
    shelf = shelf_of(orders, ["coffee", "machine", "filter", "machine"])
    assert shelf.again.allowed.tolist() == [True, False, False, False]
    assert shelf.again.days[0] == pytest.approx(30)
    named = shelf_of(orders, ["coffee", "machine", "filter", "machine"], again=("filter",))
    assert named.again.allowed.tolist() == [True, False, True, False]
    candidates = again_for(named, np.ones(4, bool))
    assert set(candidates.product) == {0, 2} and len(candidates.customer) == 120
    assert set(again_for(named, np.array([True, True, False, True])).product) == {0}


def test_step_up_is_the_one_that_most_took_within_the_category() -> None:
    orders = np.zeros((100, 4))
    orders[:, 0] = 1
    orders[:30, 1], orders[:10, 2], orders[:50, 3] = 1, 1, 1
    days = np.full((100, 4), 40)
    days[:, 1] = 20  # later than the first
    shelf = shelf_of(orders, ["mill", "mill", "mill", "tea"], [100, 180, 190, 150], first_days=days)
    steps = steps_of(shelf)
    assert steps.target.tolist() == [1, -1, -1, -1]  # 180 → 190 is no step; tea is another category
    mean = 30 / 100
    assert steps.share[0] == pytest.approx((30 + 20 * mean) / 120)
    candidates = step_ups(shelf, steps, np.ones(4, bool))
    assert (
        sorted(candidates.customer) == [*range(30, 100)]
        and set(candidates.product) == {1}
        and set(candidates.via) == {0}
    )
    sold_out = shelf_of(orders, ["mill", "mill", "mill", "tea"], [100, 180, 190, 150], sold_out=(1,))
    assert steps_of(sold_out).target[0] == 2


def test_the_reason_is_the_most_similar_product_that_one_has() -> None:
    before, _ = tastes(500, 7, True)
    owned = csr_matrix(before.astype(np.float32))
    similar = similarity(owned)
    dense = similar.toarray()
    customer, product = np.repeat(np.arange(50), 3), np.tile([1, 25, 39], 50)
    via, value = nearest(similar, owned, customer, product)
    for place in range(len(customer)):
        likeness = np.where(before[customer[place]] > 0, dense[:, product[place]], 0)
        assert value[place] == pytest.approx(likeness.max())
        assert via[place] == (likeness.argmax() if likeness.max() > 0 else -1)


def test_probabilities_are_right_on_customers_that_were_kept_out() -> None:
    chance = np.random.default_rng(11)
    features = chance.normal(size=(40_000, 3))
    p = 1 / (1 + np.exp(-(-3 + 0.8 * features[:, 0] - 0.4 * features[:, 1])))
    bought = chance.random(40_000) < p
    half = np.arange(40_000) < 20_000
    fitted = calibrate(features[half], bought[half], np.arange(20_000) // 4)
    assert fitted is not None
    ece, rows = expected_error(fitted.probability(features[~half], 0.8)[0], bought[~half])
    assert ece < 0.01 and len(rows) == 10
    assert fitted.probability(features[:5], 0.8, 2.0)[0] == pytest.approx(1 - (1 - fitted.probability(features[:5], 0.8)[0]) ** 2)  # fmt: skip


def test_offers_of_dear_products_promise_what_they_bring() -> None:
    """They are chosen by probability × gain, so a probability that does not know the price promises too much of the dear."""
    chance = np.random.default_rng(21)
    price = np.where(np.arange(30) % 2, 900.0, 300.0)
    before = (chance.random((4_000, 30)) < 0.15).astype(float)
    after = chance.random((4_000, 30)) < np.where(price > 500, 0.01, 0.06)
    split = split_of(before, np.where(before > 0, 0, after), price=price.tolist())
    kinds = {"new": new_to(split.before, split.before.popularity, np.ones(30, bool))}
    kept = _kept_out(split, kinds, chance.integers(0, 5, 4_000))
    order, _ = first_by_worth(kept.customer, kept.product, kept.p * price[kept.product], 5)
    promised, came = ((one * price[kept.product])[order].sum() for one in (kept.p, kept.bought))
    assert promised == pytest.approx(came, rel=0.1)


def test_interval_of_a_probability_covers_it_in_four_of_five() -> None:
    """Rows of one customer share a mood, so the errors must not take them for independent."""
    chance = np.random.default_rng(14)
    point, inside = np.array([[1.0]]), 0
    mean = np.mean(1 / (1 + np.exp(1.5 - 0.7 - chance.normal(0, 1.5, 200_000))))
    for _ in range(300):
        score = np.repeat(chance.choice([0.0, 1.0], 200), 6)[:, None]
        mood = np.repeat(chance.normal(0, 1.5, 200), 6)
        bought = chance.random(1_200) < 1 / (1 + np.exp(1.5 - 0.7 * score[:, 0] - mood))
        fitted = calibrate(score, bought, np.arange(1_200) // 6)
        assert fitted is not None
        _, low, high = fitted.probability(point, 0.8)
        inside += low[0] <= mean <= high[0]
    assert 0.73 < inside / 300 < 0.87


def test_a_higher_score_never_means_less() -> None:
    chance = np.random.default_rng(12)
    score = chance.normal(size=(5_000, 1))
    bought = chance.random(5_000) < 1 / (1 + np.exp(2 + score[:, 0]))
    fitted = calibrate(score, bought, np.arange(5_000))
    assert fitted is not None and fitted.beta[1] == 0
    assert calibrate(score[:100], np.arange(100) < 5, np.arange(100)) is None


def test_new_products_come_in_the_order_of_the_rule() -> None:
    before, _ = tastes(300, 9, True)
    shelf = shelf_of(before, sold_out=(5,))
    found = new_to(shelf, shelf.popularity, shelf.goods.for_sale, np.arange(10))
    assert set(found.customer) == {*range(10)} and 5 not in set(found.product)
    assert found.is_popular.all() and not before[found.customer, found.product].any()


def test_interval_of_the_lift_covers_it() -> None:
    chance = np.random.default_rng(13)
    inside, n = 0, 4_000
    cells = np.array([0.06, 0.14, 0.10, 0.70])
    truth = cells[0] / (cells[:2].sum() * cells[[0, 2]].sum())
    for both, only_a, only_b, _ in chance.multinomial(n, cells, 2_000):
        a, b = both + only_a, both + only_b
        lift = both * n / (a * b)
        inside += abs(np.log(lift / truth)) < 1.96 * _log_error(int(both), int(a), int(b), n)
    assert 0.93 < inside / 2_000 < 0.97


def test_on_whom_it_errs_is_told_of_the_five_best_of_those_kept_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        erring, "traits_of", lambda sight, who: {"channel": np.array(["ads", "shop"], object)[who.to_numpy() % 2]}
    )
    chance = np.random.default_rng(5)
    before = np.zeros((400, 8))
    before[:, 0] = 1
    who, product = (one.ravel() for one in np.mgrid[:400, 1:8])
    p = np.full(len(who), 0.2) + 0.01 * product
    ads = (who + 1) % 2 == 0
    bought = chance.random(len(who)) < np.where(ads, p / 2, p)
    kept = KeptOut(who, product, np.where(product == 7, AGAIN, NEW), p, bought, np.full(len(who), 500.0))
    lesson = Lesson(
        Learned("popularity", 90, None, None, None, (0, 0)),
        Choice("popularity", ()),
        split_of(before, before),
        None,
        [],
        kept,
    )
    sight = SimpleNamespace(question=QUESTION)
    rows = {row["title_en"]: row for row in erring.purchases(sight, lesson).kinds}  # type: ignore[arg-type]
    assert set(rows) == {"Channel of the first order: ads", "Channel of the first order: shop"}
    for name, some in (("ads", ads), ("shop", ~ads)):
        row, best = rows[f"Channel of the first order: {name}"], some & (product >= 3)
        assert row["n"] == 200 and row["expected"] == pytest.approx(p[best].sum() / 200)
        assert row["actual"] == pytest.approx(bought[best].sum() / 200)
    told = worst_kind([*rows.values()], lambda value: said.decimal(value, 2))
    assert len(told) == 1 and "ads" in told[0].en and "too much" in told[0].en
    offers = {row["title_en"]: row for row in erring.gains(sight, lesson).kinds}  # type: ignore[arg-type]
    best = ads & (product >= 2) & (product < 7)
    assert offers["Channel of the first order: ads"]["expected"] == pytest.approx(5.0 * p[best].sum() / 200)
