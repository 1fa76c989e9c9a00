"""Products in messages: what was looked at, lies in the cart, was bought; of whoever the customer is now, with one price everywhere."""

from collections.abc import Callable
from typing import Any

import pytest

from schwung.act.template import read_template as read
from schwung.app.template_goods import BLOCKS, read_goods
from schwung.app.templates import preview
from schwung.app.wiring import Workspace
from tests import cast
from tests.people import customer_of

CUP = {"product_id": "P1", "name": "Tasse", "price": 3.5, "url": "https://shop.example/p1", "image_url": "https://shop.example/p1.png", "currency": "EUR"}  # fmt: skip
CAN = {"product_id": "P2", "name": "Kanne", "price": 1234.5, "currency": "EUR"}
POT = {"product_id": "P3", "name": "Topf", "price": 20, "currency": "EUR"}


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace()
    cast.send(
        workspace,
        [
            cast.identify("2026-11-01", "eva", device="d1", first_name="Eva", email="eva@b.example", language="de"),
            _did("Product Added", "2026-11-02", POT),
            cast.order("o1", "2026-11-03", 20, user="eva"),
            _did("Product Viewed", "2026-11-10", CUP),
            _did("Product Viewed", "2026-11-11", CAN, device="d1", user=None),
            _did("Product Viewed", "2026-11-12", CUP),
            _did("Product Added", "2026-11-12T10:00", CUP | {"quantity": 3}),
            _did("Product Removed", "2026-11-13", CUP | {"quantity": 1}),
            _did("Product Added", "2026-11-14", CAN),
            _did("Product Removed", "2026-11-15", CAN),
            _did("Product Viewed", "2026-08-01", POT),
        ],
    )
    cast.mirror(workspace)
    return workspace


def _did(
    name: str, day: str, product: dict[str, Any], *, user: str | None = "eva", device: str | None = None
) -> dict[str, Any]:
    return cast.track(name, day, user=user, device=device, properties=product)


def test_what_a_customer_looked_at_and_left_in_the_cart(shop: Workspace) -> None:
    eva = customer_of(shop, "user_id", "eva")
    assert eva is not None
    with shop.store.read() as tx:
        owned = [identifier for _, identifier in tx.tuples("templates.identifiers", customer_ids=[eva])]
    goods, catalog = read_goods(shop, {eva: owned, 9_999: []}, (*BLOCKS, "order"))
    shown = catalog.shown(goods[eva], "de")
    assert [one["name"] for one in shown["products"]["viewed"]] == ["Tasse", "Kanne"], (
        "the last look first, the summer's not"
    )
    [cup] = shown["products"]["cart"]
    assert (cup["name"], cup["quantity"], cup["price"], cup["url"]) == (
        "Tasse",
        2,
        "3,50\xa0€",
        "https://shop.example/p1",
    )
    assert cup["picture"] == "https://shop.example/p1.png" and shown["order"]["number"] == "o1"
    assert shown["order"] == {"number": "o1", "ordered_on": "3. November 2026", "amount": "20,00\xa0€"}
    assert catalog.shown(goods[eva], "en")["products"]["viewed"][1]["price"] == "€1,234.50"
    assert catalog.shown(goods[9_999], "de")["products"] == {name: [] for name in BLOCKS}


def test_a_preview_shows_them_in_the_customers_language(shop: Workspace) -> None:
    words = {"subject": "{{ customer.first_name }}", "body": "{% for p in products.cart %}<p>{{ p.quantity }} × {{ p.name }}: {{ p.price }}</p>{% endfor %}"}  # fmt: skip
    template = read("x", {"advertising": False, "purpose": "account", "de": words, "en": words})
    shown = preview(shop, template, customer_id=customer_of(shop, "user_id", "eva"))
    assert shown.rendered is not None and (shown.language, shown.rendered.subject) == ("de", "Eva")
    assert shown.rendered.text == "2 × Tasse: 3,50\xa0€\n"
