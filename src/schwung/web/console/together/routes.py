"""Bought together: which products stand in the same orders, all pairs or those of one product."""

from functools import partial

from fastapi.responses import Response

from schwung.app.analyses.together import cached_together
from schwung.core.errors import InputError
from schwung.predict.recommend.together import LEAST_ORDERS, Together
from schwung.renderers import spec
from schwung.web.console import format as shown
from schwung.web.console.area import Area
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("together", path="/bought-together", group="measure", icon="shopping-bag", router=router)
_BARS, _SHOWN = 10, 20


@router.get("/bought-together")
def bought_together(page: Viewer, product: str = "") -> Response:
    known = "order_lines" in data_state(page.workspace).tables
    product = product.strip()[:200]
    part = inline(partial(_pairs, page, product)) if known else None
    return page.render("together/together.html", known=known, part=part, product=product)


@router.get("/bought-together/pairs")
def pairs(page: Viewer, product: str = "") -> Response:
    """The pairs, for those who wait for them."""
    return page.fragment(_pairs(page, product.strip()[:200]))


def _pairs(page: Page, product: str) -> str:
    try:
        found: Together = cached_together(page.workspace, product or None).value
    except InputError as error:
        return page.html("together/pairs.html", found=None, error=page.sentence(error))
    return page.html(
        "together/pairs.html",
        found=found,
        picture=_picture(page, found),
        least=LEAST_ORDERS,
        product=product,
        shown=_SHOWN,
    )


def _picture(page: Page, found: Together) -> spec.Spec | None:
    """With one product: of its orders those that hold the others."""
    if found.product is None or not found.pairs:
        return None
    rows = [
        (one.second_name, one.confidence, shown.share(one.confidence, page.language, 0)) for one in found.pairs[:_BARS]
    ]
    return spec.bars(sorted(rows, key=lambda row: -row[1]))
