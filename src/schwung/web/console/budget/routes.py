"""Budget: the best split of money and hours from a form, acquisition against retention, and curves from the shop's own data."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import yaml
from fastapi.responses import Response

from schwung.app.analyses.budget import UNITS, cached_budget
from schwung.collect.touch import channel_title
from schwung.core.errors import InputError
from schwung.predict.budget.answer import Budget
from schwung.predict.budget.equity import Equity, customer_equity, read_equity
from schwung.predict.budget.fit import VERDICTS
from schwung.predict.budget.plan import CEILINGS, PURPOSES
from schwung.predict.budget.solve import NONE_SUPPORTED, OBSERVED, OUTCOMES, Answered, solve_budget
from schwung.renderers import curve_spec, spec
from schwung.web.console import format as shown
from schwung.web.console.area import Area
from schwung.web.console.budget import form
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("budget", path="/budget", group="measure", icon="adjustments", router=router)
KINDS = ("exponential", "hill")
_MOST_FIELDS = 400


@router.get("/budget")
def budget(page: Viewer) -> Response:
    """The form and its answer. A button comes with `act`: what it asks for is done, and the address says what is left."""
    fields = dict(list(page.request.query_params.items())[:_MOST_FIELDS])
    is_example = not any(name.startswith("c") for name in fields)
    given = {**form.START, **fields} if is_example else fields
    rows, money, hours = form.rows_of(given), given.get("money", "").strip(), given.get("hours", "").strip()
    address = urlencode(form.address_of(rows, money, hours))
    if fields.get("act"):
        return page.go(f"/budget?{address}")
    wrong, part, file = "", "", ""
    plan = form.plan_of(rows, money, hours, page.workspace.settings.workspace.currency)
    try:
        lacking = next((row for row in rows if not (row.name and row.at and row.brings and row.ceiling)), None)
        found = None if lacking else solve_budget(plan).budget
        if lacking:
            wrong = page.words("incomplete", name=lacking.name or page.words("channel_n", n=lacking.nth + 1))
        elif found:
            part = page.html("budget/split.html", **_shown(page, found))
            file = yaml.safe_dump(_numbers(plan), allow_unicode=True, sort_keys=False).strip()
    except InputError as error:
        wrong = page.sentence(error)
    values: dict[str, Any] = {
        "rows": rows, "money": money, "hours": hours, "wrong": wrong, "part": part, "file": file, "is_example": is_example,
        "purposes": PURPOSES, "kinds": [one for one in CEILINGS if one in KINDS or any(row.kind == one for row in rows)], "most": form.MOST_ROWS,
    }  # fmt: skip
    return page.render("budget/budget.html", tab="split", **values)


@router.get("/budget/equity")
def equity(page: Viewer) -> Response:
    fields = dict(page.request.query_params)
    is_example = "margin" not in fields
    given = {**form.EQUITY} if is_example else fields
    wrong, found = "", None
    try:
        found = customer_equity(read_equity(form.equity_of(given)))
    except InputError as error:
        wrong = page.sentence(error)
    curves = _equity_curves(page, found) if found else None
    return page.render("budget/equity.html", tab="equity", fields=given, found=found, wrong=wrong, is_example=is_example, curves=curves)  # fmt: skip


@router.get("/budget/data")
def data(page: Viewer, outcome: str = "", unit: str = "", money: str = "") -> Response:
    asked = _asked(outcome, unit, money)
    known = "spend" in data_state(page.workspace).tables
    part = inline(partial(_evidence, page, asked)) if known else None
    return page.render(
        "budget/data.html", tab="data", asked=asked, known=known, part=part, outcomes=OUTCOMES, units=UNITS
    )


@router.get("/budget/data/curves")
def curves(page: Viewer, outcome: str = "", unit: str = "", money: str = "") -> Response:
    """The figures, for those who wait for them."""
    return page.fragment(_evidence(page, _asked(outcome, unit, money)))


def _asked(outcome: str, unit: str, money: str) -> dict[str, str]:
    try:
        kept = money if 0 <= float(money) <= 1e12 else ""
    except ValueError:
        kept = ""
    return {
        "outcome": outcome if outcome in OUTCOMES else "revenue",
        "unit": unit if unit in UNITS else "week",
        "money": kept,
    }


def _evidence(page: Page, asked: Mapping[str, str]) -> str:
    money = float(asked["money"]) if asked["money"] else None
    found: Answered = cached_budget(page.workspace, asked["outcome"], asked["unit"], money).value
    assert found.evidence is not None
    split = page.html("budget/split.html", **_shown(page, found.budget, channels=True)) if found.budget else ""
    return page.html(
        "budget/evidence.html", evidence=found.evidence, verdicts=VERDICTS, remark=OBSERVED, no_curve=NONE_SUPPORTED, split=split, asked=asked,
        address=urlencode(form.fields_of(found.budget.plan)) if found.budget else "", outcomes=OUTCOMES,
    )  # fmt: skip


def _shown(page: Page, found: Budget, *, channels: bool = False) -> dict[str, Any]:
    """What the split's part needs. channels: names are those of marketing channels."""

    def titled(name: str) -> str:
        return channel_title(name).in_(page.language) if channels else name

    drawn = [
        curve_spec.Drawn(
            titled(one.name), channel.curve.points(1.3 * max(one.effort, one.current or 0.0, one.high or 0.0, channel.curve.k / 2)),
            None if one.current is None or one.current_outcome is None else (one.current, one.current_outcome), (one.effort, one.outcome),
        )
        for one, channel in zip(found.shares, found.plan.channels, strict=True)
    ]  # fmt: skip
    return {
        "found": found, "titled": titled, "curves": curve_spec.spec(drawn), "bars": _bars(page, found, titled), "purposes": PURPOSES,
        "has_interval": any(one.low is not None for one in found.shares), "has_hours": any(one.hours for one in found.shares),
    }  # fmt: skip


def _bars(page: Page, found: Budget, titled: Any) -> spec.Spec:
    ends = [(one.low, one.high) for one in found.shares]
    return spec.bars(
        [(titled(one.name), one.effort, _effort(page, one.effort, one.unit, found.plan.currency)) for one in found.shares],
        height=32 * len(found.shares), spans=ends if any(low is not None for low, _ in ends) else (),
    )  # fmt: skip


def _effort(page: Page, value: float, unit: str, currency: str) -> str:
    if unit == "hours":
        return f"{shown.decimal(value, page.language, 1)}{shown.NBSP}h"
    return shown.amount(value, page.language, currency)


def _equity_curves(page: Page, found: Equity) -> spec.Spec:
    drawn = []
    for name in ("acquisition", "retention"):
        curve = getattr(found.plan, name).curve
        points = [(getattr(one, name), curve.value(getattr(one, name))) for one in (found.now, found.best)]
        most = 1.4 * max(x for x, _ in points)
        drawn.append(curve_spec.Drawn(page.words(f"curve_{name}"), curve.points(most), points[0], points[1]))
    return curve_spec.spec(drawn, width=260, columns=2, share=True)


def _numbers(plan: Any) -> Any:
    """Texts that are numbers as numbers: for a file."""
    if isinstance(plan, Mapping):
        return {name: _numbers(part) for name, part in plan.items() if part is not None}
    if isinstance(plan, list):
        return [_numbers(part) for part in plan]
    try:
        found = float(f"{float(plan):.6g}")
        return int(found) if found.is_integer() else found
    except (TypeError, ValueError, OverflowError):
        return plan
