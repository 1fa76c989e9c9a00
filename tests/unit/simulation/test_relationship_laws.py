"""Deliveries, answers, messages, cases, points, subscriptions and leads of the simulated shop obey their stated laws."""

from datetime import date

import numpy as np
import pytest

from schwung.simulation.block import Block, simulate_block
from schwung.simulation.contracts import MONTH
from schwung.simulation.draws import BLOCK, Floats, Ints
from schwung.simulation.facts import order_texts
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.relationship_rows import relationship_rows
from schwung.simulation.seasons import season
from schwung.simulation.stream import NAME

BLOCKS = 8
SHOP = kaffeehaus(5, BLOCKS * BLOCK, 900, date(2026, 11, 20))
LAWS = SHOP.relationship


@pytest.fixture(scope="module")
def shop() -> list[Block]:
    calendar = season(SHOP)
    return [simulate_block(SHOP, block_no, calendar) for block_no in range(BLOCKS)]


def count(shop: list[Block], name: str) -> int:
    return sum(int((block.stream.name == NAME[name]).sum()) for block in shop)


def of(block: Block, name: str) -> Ints:
    return np.flatnonzero(block.stream.name == NAME[name])


def near(found: float, law: float, n: float) -> bool:
    """Within four standard errors of a share."""
    return abs(found - law) < 4 * np.sqrt(law * (1 - law) / n)


def test_late_parcels_are_as_many_as_stated_and_cost_orders(shop: list[Block]) -> None:
    late = np.concatenate([block.sent.is_late[~block.is_till] for block in shop])
    assert near(late.mean(), LAWS.late_share, len(late))
    assert all(((block.sent.delivered > block.sent.promised) == block.sent.is_late).all() for block in shop)
    # Who got a late first parcel orders again less often, by the chance to leave at once.
    again, was_late = [], []
    for block in shop:
        orders = block.orders
        first = (orders.nth == 0) & ~block.is_till & (orders.ordered < SHOP.days - 400) & (orders.campaign < 0)
        total = np.bincount(orders.owner, minlength=len(block.people))
        again.append(total[orders.owner[first]] > 1)
        was_late.append(block.sent.is_late[first])
    came, late_first = np.concatenate(again), np.concatenate(was_late)
    ratio = came[late_first].mean() / came[~late_first].mean()
    assert ratio == pytest.approx(1 - LAWS.late_leaving, abs=0.10)


def test_a_late_parcel_lowers_what_is_felt_by_the_stated_amount(shop: list[Block]) -> None:
    felt = np.concatenate([block.told.felt[~block.is_till] for block in shop])
    late = np.concatenate([block.sent.is_late[~block.is_till] for block in shop])
    error = felt.std() * np.sqrt(1 / late.sum() + 1 / (~late).sum())
    assert abs(felt[~late].mean() - felt[late].mean() - LAWS.late_mood) < 4 * error
    scores = np.concatenate([block.told.scores.what for block in shop])
    of_late = np.concatenate([block.sent.is_late[block.told.scores.order] for block in shop])
    assert scores[of_late].mean() < scores[~of_late].mean() - 1


def test_carts_are_left_and_taken_up_again(shop: list[Block]) -> None:
    left = sum(int((block.seen.kind == 1).sum()) for block in shop)
    taken_up = sum(int(((block.seen.kind == 2) & (block.seen.cart != np.arange(len(block.seen)))).sum()) for block in shop)  # fmt: skip
    could = 0
    for block in shop:
        seen, own = block.seen, np.arange(len(block.seen))
        before = np.maximum(own - 1, 0)
        soon = seen.started - seen.started[before] < 7
        could += int(((seen.kind == 2) & (seen.kind[before] == 1) & (seen.owner == seen.owner[before]) & (seen.device == seen.device[before]) & soon & (own > 0)).sum())  # fmt: skip
    assert near(taken_up / could, LAWS.recovered_share, could)
    assert 0.02 < taken_up / left < 0.2


def test_messages_go_down_their_funnel_at_the_stated_rates(shop: list[Block]) -> None:
    sent, delivered, opened = (count(shop, f"email_{state}") for state in ("sent", "delivered", "opened"))
    assert near(delivered / sent, LAWS.delivered_share, sent)
    assert opened / delivered == pytest.approx(LAWS.opened_share, abs=0.02)  # some are opened after the end
    assert near(count(shop, "email_link_clicked") / opened, LAWS.clicked_share, opened)
    assert count(shop, "email_bounced") == sent - delivered


def test_cases_wait_and_some_stay_open(shop: list[Block]) -> None:
    waits: list[Floats] = []
    solved = opened = 0
    for block in shop:
        told = block.told
        asked = dict(zip(told.complaints.order.tolist(), told.complaints.told.tolist(), strict=True))
        answered = told.responses.what == 0
        orders, moments = told.responses.order[answered].tolist(), told.responses.told[answered]
        waits.append(moments - np.array([asked[order] for order in orders]))
        solved += len(told.resolved.order)
        opened += len(told.complaints.order) + len(told.questions.order)
    assert np.concatenate(waits).mean() == pytest.approx(LAWS.response_days, rel=0.1)
    assert solved / opened == pytest.approx(1 - LAWS.open_share, abs=0.02)


def test_nobody_has_less_than_no_points(shop: list[Block]) -> None:
    for block in shop:
        points = relationship_rows(SHOP, block, order_texts(block), block.stream.owner + 1, block.stream.owner, 1, 1)["points"]  # fmt: skip
        rows = points.sort_by([("identifier_id", "ascending"), ("happened_at", "ascending")])
        owner, value = rows["identifier_id"].to_numpy(), rows["points"].to_numpy()
        total = np.cumsum(value)
        first = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
        start = np.repeat(total[first] - value[first], np.diff([*first, len(owner)]))
        assert (total - start >= 0).all()
        assert {"joined", "earned", "redeemed", "expired"} == set(points["kind"].to_pylist())


def test_subscriptions_end_by_sbg(shop: list[Block]) -> None:
    """Share cancelled after the first and second month: a/(a+b), b/(a+b) · a/(a+b+1) (Fader, Hardie 2007, equation 6)."""
    ended, counted = np.zeros(2), np.zeros(2)
    for block in shop:
        stream = block.stream
        start = {int(stream.owner[row]): float(stream.happened[row]) for row in of(block, "subscription_started")}
        stop = {int(stream.owner[row]): float(stream.happened[row]) for row in of(block, "subscription_cancelled")}
        for owner, began in start.items():
            for month in (1, 2):
                if began + month * MONTH < SHOP.days:
                    counted[month - 1] += 1
                    ended[month - 1] += (
                        round((stop.get(owner, np.inf) - began) / MONTH) == month if owner in stop else 0
                    )
    a, b = LAWS.sub_a, LAWS.sub_b
    for month, law in enumerate((a / (a + b), b / (a + b) * a / (a + b + 1))):
        assert near(ended[month] / counted[month], law, counted[month])


def test_leads_go_on_at_the_stated_rates(shop: list[Block]) -> None:
    captured, qualified, handed = (count(shop, f"lead_{state}") for state in ("captured", "qualified", "handed_over"))
    assert qualified / captured == pytest.approx(LAWS.qualified_share, abs=0.05)
    assert handed / qualified == pytest.approx(LAWS.handed_over_share, abs=0.06)
    assert 0 < count(shop, "lead_converted") + count(shop, "lead_lost") <= handed


def test_skipped_questions_have_no_value_and_answers_fit_their_scale(shop: list[Block]) -> None:
    block = shop[0]
    rows = relationship_rows(SHOP, block, order_texts(block), block.stream.owner + 1, block.stream.owner, 1, 1)["answers"]  # fmt: skip
    found = rows.to_pylist()
    asked = [row for row in found if row["metric"] in ("csat", "ces")]
    skipped = sum(row["value"] is None for row in asked)
    assert near(skipped / len(asked), LAWS.skipped_share, len(asked))
    assert all(row["value"] is None or row["scale_low"] <= row["value"] <= row["scale_high"] for row in found)
    assert {row["phase"] for row in found} == {"attract", "interact", "delight"}


def test_events_and_facts_say_the_same() -> None:
    """What the projections make of the events are the facts that are written beside them; keys of things differ."""
    from schwung.collect.projections import carts, project
    from schwung.collect.projections.carts import Memory, cart_rows
    from schwung.collect.projections.occasion import Setting
    from schwung.collect.projections.reading import lying
    from schwung.simulation.event_rows import event_rows

    laws = kaffeehaus(5, 400, 200, date(2026, 11, 20))
    block = simulate_block(laws, 0)
    texts, whose = order_texts(block), block.stream.owner + 1
    buckets = np.zeros(len(block.stream), dtype=np.int64)
    written = relationship_rows(laws, block, texts, whose, buckets, 1, 7)
    events = event_rows(laws, block, texts, whose, buckets, 1, 7)
    occasions = list(lying(events))
    setting = Setting(7, "EUR", "Europe/Berlin")
    told = project(occasions, setting)
    told["carts"] = cart_rows([one for one in occasions if one.name in carts.NAMES], Memory({}, set()), setting)
    for name, rows in written.items():
        keys = {one for one in rows.column_names if one.endswith("_key") and name != "deliveries"}
        columns = [one for one in rows.column_names if one not in {*keys, "bucket", "promised_at", "survey_id"}]
        if name == "carts":
            columns = ["state", "identifier_id", "happened_at", "order_id"]
        if name == "leads":
            columns.remove("campaign")
        expected, found = (sorted(map(str, table.select(columns).to_pylist())) for table in (rows, told[name]))
        assert expected == found, name


def test_surveys_are_begun_and_finished_at_the_stated_rates(shop: list[Block]) -> None:
    sent, started = count(shop, "survey_sent"), count(shop, "survey_started")
    finished = sum(int((block.stream.order[of(block, "csat_answered")] >= 0).sum()) for block in shop)
    assert started / sent == pytest.approx(LAWS.started_share, abs=0.02)
    assert finished / started == pytest.approx(LAWS.finished_share, abs=0.02)
