"""Foreign money: converted by the rate of its day on every engine; what has no rate is listed, never summed."""

import json
from datetime import UTC, date, datetime

import pytest

from schwung.app.facts import open_facts
from schwung.app.ports import EngineName
from schwung.app.rates import Unconverted, rates, remove_rate, set_rate, unconverted
from schwung.app.wiring import Workspace
from schwung.collect.event import Event
from schwung.core.clock import to_instant
from schwung.core.errors import InputError
from tests.stories.test_mirror import mirror, put


def order(number: int, amount: str, currency: str, at: datetime, shipping: str = "0") -> Event:
    properties = {"order_id": f"o{number}", "subtotal": amount, "shipping": shipping, "currency": currency}
    instant = to_instant(at)
    return Event(f"m{number}", "track", "order_completed", instant, instant, "web", (), json.dumps(properties).encode())


def moment(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    put(
        workspace,
        order(1, "10.00", "EUR", moment(1)),
        order(2, "10.00", "USD", moment(1), shipping="1.00"),
        order(3, "10.01", "USD", moment(9, 22)),  # 23:00 in Berlin: still the ninth
        order(4, "10.01", "USD", moment(9, 23)),  # midnight: the tenth
        order(5, "-10.01", "USD", moment(20)),
        order(6, "1000", "JPY", moment(20)),
        order(7, "5.00", "CHF", moment(20)),
    )
    mirror(workspace)
    set_rate(workspace, "usd", "0.9", date(2026, 3, 2))
    set_rate(workspace, "USD", "0.5", date(2026, 3, 10))
    set_rate(workspace, "JPY", "0.00615", date(2026, 1, 1))
    return workspace


def test_amounts_by_the_rate_of_their_day(shop: Workspace, engine_name: EngineName) -> None:
    with open_facts(shop, engine_name) as facts:
        found = {row["order_id"]: row for row in facts.run(facts.table("orders")).to_pylist()}
        assert {key: (row["amount_minor"], row["currency"]) for key, row in found.items()} == {
            "o1": (1000, "EUR"),
            "o2": (1000, "USD"),  # before the first rate
            "o3": (901, "EUR"),  # 9.009
            "o4": (501, "EUR"),  # 5.005 rounds half up
            "o5": (-501, "EUR"),
            "o6": (615, "EUR"),
            "o7": (500, "CHF"),
        }
        assert found["o2"]["shipping_minor"] == 100 and len(found) == 7
        assert unconverted(facts) == [Unconverted("orders", "CHF", 1, 500), Unconverted("orders", "USD", 1, 1000)]
        shown = {row["order_id"]: row for row in facts.run(facts.shown("orders")).to_pylist()}
        assert shown["o3"]["amount_minor"] == 1001 and shown["o3"]["currency"] == "USD"


def test_rates_are_corrected_and_removed(shop: Workspace) -> None:
    set_rate(shop, "USD", "0.7", date(2026, 3, 10))
    assert remove_rate(shop, "JPY", date(2026, 1, 1)) and not remove_rate(shop, "JPY", date(2026, 1, 1))
    with shop.store.read() as tx:
        assert [(rate.currency, str(rate.rate)) for rate in rates(tx)] == [("USD", "0.9"), ("USD", "0.7")]


@pytest.mark.parametrize(
    ("currency", "rate"),
    [("EUR", "1"), ("US", "1"), ("USD", "0"), ("USD", "-1"), ("USD", "x"), ("USD", "nan"), ("USD", "1e10")],
)
def test_wrong_rates_are_refused(currency: str, rate: str, workspace: Workspace) -> None:
    with pytest.raises(InputError):
        set_rate(workspace, currency, rate, date(2026, 1, 1))
