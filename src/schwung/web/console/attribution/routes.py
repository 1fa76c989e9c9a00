"""Attribution: which touches came before the orders, by channel or campaign and by every rule, beside what was spent."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from schwung.app.analyses.attribution import BY, LOOKBACK_DAYS, cached_attribution
from schwung.collect.touch import channel_title
from schwung.core.errors import InputError
from schwung.predict.attribution.credits import NOT_AN_EFFECT, Attribution
from schwung.predict.attribution.rules import HALF_LIFE_DAYS, RULES
from schwung.renderers import spec
from schwung.web.console import format as shown
from schwung.web.console.area import Area
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("attribution", path="/attribution", group="measure", icon="route", router=router)
WINDOWS = (28, 90, 365, 730)
DAYS = 90
_MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; what it cannot mean falls back."""

    model: str
    order: int
    by: str
    days: int
    new: bool

    @property
    def address(self) -> str:
        return urlencode({"model": self.model, "order": self.order, "by": self.by, "days": self.days, **({"new": 1} if self.new else {})})  # fmt: skip


def _asked(model: str, order: str, by: str, days: str, new: str) -> _Asked:
    return _Asked(
        model if model in RULES and RULES[model].compared else "markov", int(order) if order in ("1", "2", "3") else 1,
        by if by in BY else "channel", int(days) if days.isdecimal() and int(days) in WINDOWS else DAYS, bool(new),
    )  # fmt: skip


@router.get("/attribution")
def attribution(
    page: Viewer, model: str = "", order: str = "", by: str = "", days: str = "", new: str = ""
) -> Response:
    asked = _asked(model, order, by, days, new)
    state = data_state(page.workspace)
    part = inline(partial(_credit, page, asked)) if state.has_orders else None
    rules = [rule for rule in RULES.values() if rule.compared]
    values: dict[str, Any] = {"asked": asked, "part": part, "known": state.has_orders, "rules": rules, "cuts": BY}
    return page.render("attribution/attribution.html", remark=NOT_AN_EFFECT, windows=WINDOWS, **values)


@router.get("/attribution/credit")
def credit(page: Viewer, model: str = "", order: str = "", by: str = "", days: str = "", new: str = "") -> Response:
    """The figures, for those who wait for them."""
    return page.fragment(_credit(page, _asked(model, order, by, days, new)))


@router.get("/attribution/credit.csv")
def credit_csv(page: Viewer, model: str = "", order: str = "", by: str = "", days: str = "", new: str = "") -> Response:
    found, _ = _found(page, _asked(model, order, by, days, new))
    text = io.StringIO()
    writer = csv.writer(text)
    names = ("name", "conversions", "share", "value", "margin", "spend", "cost_per_conversion", "return_on_spend", "margin_on_spend")  # fmt: skip
    rules = [name for name, rule in RULES.items() if rule.compared and name != found.rule]
    writer.writerow((*names, *(f"by_{name}" for name in rules)))
    for row in found.rows:
        told = row.to_json()
        writer.writerow((*(told[name] for name in names), *(row.compared.get(name, "") for name in rules)))
    head = {"Content-Disposition": 'attachment; filename="attribution.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=head)


def _found(page: Page, asked: _Asked) -> tuple[Attribution, date]:
    until = data_state(page.workspace).until_on
    since = until - timedelta(days=asked.days - 1)
    found: Attribution = cached_attribution(page.workspace, asked.model, asked.order, asked.by, since, until, asked.new).value  # fmt: skip
    return found, since


def _credit(page: Page, asked: _Asked) -> str:
    try:
        found, since = _found(page, asked)
    except InputError as error:
        return page.html("attribution/credit.html", found=None, error=page.sentence(error))
    assert found.basis is not None
    title = (lambda name: channel_title(name).in_(page.language)) if asked.by == "channel" else (lambda name: name)
    compared = [rule for rule in RULES.values() if rule.compared]
    shown_rows = [row for row in found.rows if row.conversions > 0 or row.spend]
    most = max((row.conversions for row in found.rows), default=0.0)
    return page.html(
        "attribution/credit.html", found=found, basis=found.basis, rows=shown_rows, asked=asked, since=since, until=found.basis.until_on,
        titled=title, rule=RULES[found.rule], compared=compared, bars=_bars(page, found, title), most=most,
        half_life=HALF_LIFE_DAYS, lookback=LOOKBACK_DAYS, has_spend=any(row.spend for row in shown_rows),
        has_margin=any(row.margin is not None for row in shown_rows), first=shown_rows[0] if shown_rows else None,
        first_title=title(shown_rows[0].name) if shown_rows else "",
    )  # fmt: skip


def _bars(page: Page, found: Attribution, title: Any) -> spec.Spec | None:
    rows = [row for row in found.rows if row.conversions > 0][:_MOST_BARS]
    if not rows:
        return None
    return spec.bars(
        [
            (title(row.name), row.conversions, f"{shown.decimal(row.conversions, page.language, 1)}  ·  {shown.share(row.share, page.language)}")
            for row in rows
        ],
        height=27 * len(rows),
    )  # fmt: skip
