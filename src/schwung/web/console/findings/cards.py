"""What a finding shows: its sentence, the numbers behind it, money, one action, one look."""

from typing import Any

from schwung.core.text import Text
from schwung.measure.diagnosis.diagnose import Diagnosis
from schwung.measure.diagnosis.finding import PHASES, SORTS, Evidence, Finding, Link
from schwung.measure.inference import Estimate
from schwung.renderers.numbers import number
from schwung.web.console import format as shown
from schwung.web.console.page import Page


def cards(page: Page, found: Diagnosis, most: int | None = None) -> dict[str, Any]:
    """`findings` for the template, and how many there are."""
    rows = [_card(page, one, found.currency) for one in found.findings[:most]]
    return {"findings": rows, "count": len(found.findings)}


def _card(page: Page, one: Finding, currency: str) -> dict[str, Any]:
    money = one.money
    return {
        "rank": one.rank,
        "phase": one.phase,
        "phase_title": _in(page, PHASES[one.phase]),
        "sort": one.sort,
        "sort_title": _in(page, SORTS[one.sort]),
        "claim": _in(page, one.claim),
        "evidence": [_evidence(page, part, currency) for part in one.evidence],
        "basis": _in(page, money.basis) if money else "",
        "amount": shown.amount(money.amount, page.language, currency) if money else "",
        "interval": _interval(page, money.low, money.high, currency) if money else "",
        "unpriced": _in(page, one.unpriced) if one.unpriced and not money else "",
        "action": _link(page, one.action),
        "look": _link(page, one.look),
    }


def _link(page: Page, link: Link) -> dict[str, str]:
    """post: the path to send to, where it is no page."""
    post = link.path.removeprefix("POST ") if link.path.startswith("POST ") else ""
    return {"text": _in(page, link.text), "path": "" if post else link.path, "post": post, "part": _in(page, link.part) if link.part else ""}  # fmt: skip


def _evidence(page: Page, one: Evidence, currency: str) -> str:
    """“Late deliveries 12.1% (10.9 to 13.4); the periods before, on average: 8.0%”"""
    said = f"{_in(page, one.title)}: {_value(page, one.now.value, one.unit, currency)}"
    if one.now.low is not None and one.now.high is not None:
        said += f" ({_span(page, one.now, one.unit, currency)})"
    if one.beside is not None and one.beside_title is not None:
        said += f"; {_in(page, one.beside_title)}: {_value(page, one.beside.value, one.unit, currency)}"
    return said


def _span(page: Page, one: Estimate, unit: str, currency: str) -> str:
    low, high = (_value(page, end, unit, currency) for end in (one.low, one.high))
    return f"{low} {page.words('findings:to')} {high}"


def _value(page: Page, value: float | None, unit: str, currency: str) -> str:
    if unit == "money":
        return shown.amount(value, page.language, currency)
    digits = 2 if unit == "share" and value is not None and abs(value) < 0.02 else None
    if unit == "ratio" and value is not None:
        digits = 4 if abs(value) < 0.1 else 2
    return number(value, unit, page.language, digits=digits)


def _interval(page: Page, low: float | None, high: float | None, currency: str) -> str:
    if low is None or high is None:
        return ""
    ends = (shown.amount(end, page.language, currency) for end in (low, high))
    return f" {page.words('findings:to')} ".join(ends)


def _in(page: Page, text: Text) -> str:
    return text.in_(page.language).replace("\u200b", "")
