"""A customer's page as people read it: names as they are, a return as one entry, an erased person as such."""

from collections.abc import Iterator

import pytest

from schwung.app.access import operators
from schwung.app.customer_list import list_customers
from schwung.app.customers import find_customer
from schwung.app.forget import forget
from schwung.app.fresh import forget_cached
from schwung.app.merge import merge
from schwung.app.refresh import refresh_touched
from schwung.app.wiring import Workspace
from tests import cast
from tests.conftest import NewWorkspace
from tests.contract.test_access_http import sign_in

GOODS = (("you're <b>confusing</b> me", 15), ("mug", 5), ("cup", 3))


@pytest.fixture
def shop(new_workspace: NewWorkspace) -> Iterator[Workspace]:
    workspace = new_workspace()
    cast.send(
        workspace,
        [
            *cast.story(),
            cast.order("A9", "2026-11-14 10:00", 23, user="anna", products=GOODS),
            cast.refund("A9", "2026-11-16 10:00", 18, user="anna", products=GOODS[::2]),
        ],
    )
    cast.mirror(workspace)
    yield workspace
    forget_cached()


def test_goods_are_named_once_and_escaped_once(shop: Workspace) -> None:
    anna = find_customer(shop, "user_id:anna")
    answer = sign_in(shop, "viewer").get(f"/customers/{anna}/timeline")
    assert float(answer.headers["server-timing"].removeprefix("page;dur=")) > 0
    told = answer.text
    name = "You&#39;re &lt;b&gt;confusing&lt;/b&gt; me"
    assert f"{name}, Mug and 1 more" in told, "of the order"
    assert told.count("−€18.00") == 1 and f"{name}, Cup · 2 pieces" in told, "both lines of the return"
    assert "&amp;" not in told and "Return A9<" in told


def test_who_acted_stands_by_name(shop: Workspace) -> None:
    client = sign_in(shop, "editor")
    anna, ben = (find_customer(shop, f"user_id:{name}") for name in ("anna", "ben"))
    me = operators(shop)[0].operator_id
    stays = merge(shop, anna, ben, f"operator:{me}")
    assert 's-timeline-detail">editor<' in client.get(f"/customers/{stays}/timeline").text
    gone = client.get(f"/customers/{ben if stays == anna else anna}", follow_redirects=False)
    assert (gone.status_code, gone.headers["location"]) == (303, f"/customers/{stays}"), "old links lead to who stays"


def test_an_erased_person_is_called_so(shop: Workspace) -> None:
    emil = find_customer(shop, "user_id:emil")
    forget(shop, emil, "cli:test")
    refresh_touched(shop)
    held = next(row["customer_id"] for row in list_customers(shop).rows if not row["email"] and not row["user_id"])
    client = sign_in(shop, "owner")
    client.cookies.set("schwung_language", "de")
    assert "Gelöschte Person" in client.get("/customers").text
    page = client.get(f"/customers/{held}").text
    assert "<h1>Gelöschte Person</h1>" in page and 'data-opens="erase"' not in page and "h-identities" not in page
    assert client.get(f"/customers/{emil}").status_code == 404
