"""What the pictures of the five views show."""

from datetime import date
from typing import Any

from schwung.core.money import exponent_of
from schwung.core.period import Unit
from schwung.core.text import Language
from schwung.measure.audit.views import Audit, Cohort
from schwung.measure.local_time import day_of_label
from schwung.renderers import spec
from schwung.renderers.numbers import money_unit, money_word
from schwung.web.console import format as shown
from schwung.web.console.page import Page

_MOST_COHORTS, _MOST_AGES = 24, 13


def cards(page: Page, found: Audit) -> dict[str, Any]:
    """Pictures by name, with what their labels need. Money in whole units of the currency."""
    language = page.language
    moves, unit = _moves(page, found)
    return {
        "deciles": _deciles(page, found),
        "moves": moves,
        "moves_unit": unit,
        "factors": [
            (page.words(f"factor_{name}"), minor) for name, minor in (found.two.factors if found.two else {}).items()
        ],
        "course": _course(found.cohort, found, language),
        "comparison": _comparison(page, found),
        "base": _base(page, found),
        "label": lambda name: label_of(name, language),
        "ages": range(min(_MOST_AGES, max((len(one.ages) for one in found.cohorts), default=0))),
        "cohorts": list(found.cohorts)[-_MOST_COHORTS:],
        "periods": list(found.base)[-_MOST_COHORTS:],
    }


def label_of(name: str, language: Language) -> str:
    """2026-Q1, 2026-03, 2026 as people write them."""
    unit = unit_of(name)
    return shown.unit_name(day_of_label(name, unit), unit, language)


def unit_of(name: str) -> Unit:
    return "quarter" if "-Q" in name else "month" if "-" in name else "year"


def _deciles(page: Page, found: Audit) -> spec.Spec | None:
    one = found.one
    if not one.deciles or one.deciles[0].share is None:
        return None
    rows = [
        (
            page.words("tenth", n=each.name),
            max(0.0, each.share or 0.0),
            f"{shown.share(each.share, page.language)}  ·  {_money(found, each.minor, page.language)}",
        )
        for each in one.deciles
    ]
    return spec.bars(rows, height=27 * len(rows))


def _moves(page: Page, found: Audit) -> tuple[spec.Spec | None, str]:
    """The picture, and the unit of its figures."""
    moves = [move for move in (found.two.moves if found.two else ()) if move.change_minor]
    if not moves:
        return None, ""
    major = 10 ** exponent_of(found.currency)
    scale, word = money_unit(max(abs(move.change_minor) for move in moves) / major)
    rows = [
        (page.words(f"move_{move.name}"), move.change_minor / major / scale, None, "good" if move.change_minor > 0 else "bad")
        for move in moves
    ]  # fmt: skip
    labels = {
        name: f"{'+' if value > 0 else '−'}{shown.decimal(abs(value), page.language, 0 if scale == 1 else 1)}"
        for name, value, _, _ in rows
    }
    picture = spec.signed_bars(rows, labels, height=32 * len(rows))
    return picture, money_word(word, found.currency, page.language)


def _course(cohort: Cohort | None, found: Audit, language: Language) -> spec.Spec | None:
    """Revenue so far per customer of the cohort, by calendar unit."""
    if cohort is None or len(cohort.ages) < 2:
        return None
    scale = 10 ** exponent_of(found.currency)
    points = [
        spec.Point(_first(age.period).isoformat(), age.cumulated / scale, so_far=age.so_far) for age in cohort.ages
    ]
    axis = spec.axis_for(points, zero=True)
    return spec.line(points, axis, language, unit_of(cohort.name), number_format=",.0f", height=220)


def _comparison(page: Page, found: Audit) -> spec.Spec | None:
    """Revenue so far per customer, cohort × age, of what is whole."""
    scale = 10 ** exponent_of(found.currency)
    cells = [
        {
            "row": f"{label_of(one.name, page.language)}  ·  {shown.integer(one.size, page.language)}",
            "column": age.age,
            "value": round(age.cumulated / scale, 2),
        }
        for one in list(found.cohorts)[-_MOST_COHORTS:]
        for age in one.ages[:_MOST_AGES]
        if not age.so_far
    ]
    largest = max((cell["value"] for cell in cells), default=0.0)
    number = ",.0f" if largest >= 100 else ",.2f"
    return spec.heatmap(cells, page.words(f"axis_{found.unit}"), number_format=number) if len(cells) > 1 else None


def _base(page: Page, found: Audit) -> spec.Spec | None:
    """Which share of the known customers' revenue each cohort brought, period by period."""
    cells = [
        {
            "row": label_of(cohort, page.language),
            "column": label_of(period.name, page.language),
            "value": minor / known,
        }
        for period in list(found.base)[-_MOST_AGES:]
        for cohort, minor in period.by_cohort.items()
        if (known := sum(period.by_cohort.values())) > 0 and minor > 0
    ]
    if len(cells) < 2:
        return None
    picture = spec.heatmap(cells, page.words("axis_period"), number_format=".0%")
    picture["encoding"]["x"]["sort"] = None
    return picture


def _money(found: Audit, minor: float, language: Language) -> str:
    return shown.money(minor, language, found.currency)


def _first(period: str) -> date:
    return day_of_label(period, unit_of(period))
