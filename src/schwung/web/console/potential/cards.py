"""What the pictures of the potential page show."""

from typing import Any

from schwung.core.money import exponent_of
from schwung.predict.potential.portfolio import LEVEL_WORDS
from schwung.predict.potential.views import Potential
from schwung.renderers import spec
from schwung.web.console import format as shown
from schwung.web.console.page import Page


def cards(page: Page, found: Potential) -> dict[str, Any]:
    """Pictures by name. Money in whole units of the currency."""
    return {"abc": _abc(page, found), "rfm": _rfm(page, found), "gaps": _gaps(page, found), "tones": _tones(found)}


def _abc(page: Page, found: Potential) -> spec.Spec:
    rows = [
        (
            page.words("abc_class", name=one.name, n=shown.integer(one.customers, page.language)),
            one.value_share,
            f"{shown.share(one.value_share, page.language, 0)}  ·  {shown.money(one.minor, page.language, found.currency)}",
        )
        for one in found.concentration.classes
    ]
    return spec.bars(rows)


def _rfm(page: Page, found: Potential) -> spec.Spec | None:
    """Customers by recency and frequency; the number is what they brought each so far."""
    sums: dict[tuple[int, int], tuple[int, int]] = {}
    for cell in found.cells:
        customers, minor = sums.get((cell.recency, cell.frequency), (0, 0))
        sums[cell.recency, cell.frequency] = customers + cell.customers, minor + cell.minor
    scale = 10 ** exponent_of(found.currency)
    frequencies = sorted({frequency for _, frequency in sums})
    cells = [
        {"row": page.words(f"recency_{recency}"), "column": frequency, "value": round(minor / customers / scale, 2)}
        for recency in range(5, 0, -1)
        for frequency in frequencies
        if (recency, frequency) in sums
        for customers, minor in [sums[recency, frequency]]
    ]
    largest = max((cell["value"] for cell in cells), default=0.0)
    number = ",.0f" if largest >= 100 else ",.2f"
    return spec.heatmap(cells, page.words("axis_frequency"), number_format=number) if len(cells) > 1 else None


def _gaps(page: Page, found: Potential) -> spec.Spec | None:
    """Potential by field, with its interval, most on top."""
    if found.similar is None:
        return None
    scale = 10 ** exponent_of(found.currency)
    fields = [one for one in sorted(found.fields, key=lambda one: -(one.potential.value or 0.0)) if one.customers]
    rows = [
        (
            page.words("field_short", value=_level(page, one.value_level), potential=_level(page, one.potential_level)),
            (one.potential.value or 0.0) / scale,
            shown.money(one.potential.value, page.language, found.currency),
        )
        for one in fields
    ]
    spans = [
        (None, None)
        if one.potential.low is None or one.potential.high is None
        else (one.potential.low / scale, one.potential.high / scale)
        for one in fields
    ]
    return spec.bars(rows, spans=spans)


def _level(page: Page, name: str) -> str:
    return LEVEL_WORDS[name].in_(page.language)


def _tones(found: Potential) -> dict[str, int]:
    """Shade of each field, 0 to 3: by what is to be won in it."""
    most = max((one.target for one in found.fields if one.stance.win), default=0) or 1
    return {one.name: min(3, int(4 * one.target / most)) if one.stance.win else 0 for one in found.fields}
