"""The wheel: widths in proportion, what is not known in grey, no style attribute, words escaped."""

import re

import pytest

from schwung.web.console.home.wheel import Arc, draw, leak_width, ring_width

MIDDLE = ("Speed", "12.6%", "of the base", "came back")


def _arc(phase: str, experience: float | None, lost: float | None) -> Arc:
    return Arc(
        phase, phase.title(), ("1,000 <things>", "experience"), experience, lost, f"−€{lost}" if lost else "", "why"
    )


def test_outflows_are_in_proportion_and_rings_linear() -> None:
    assert leak_width(96_400, 96_400) == 25
    assert leak_width(48_200, 96_400) == pytest.approx(12.5)
    assert leak_width(None, 96_400) == leak_width(0, 96_400) == 0
    assert ring_width(75) - ring_width(50) == pytest.approx(ring_width(50) - ring_width(25))


def test_it_stands_without_script_and_style() -> None:
    drawn = str(
        draw(
            [_arc("attract", 69, 96_400), _arc("interact", None, 61_700), _arc("delight", 74, None)],
            MIDDLE,
            "A <wheel>",
        )
    )
    assert "style=" not in drawn and "&lt;things&gt;" in drawn and 'aria-label="A &lt;wheel&gt;"' in drawn
    assert drawn.count('class="s-leakp"') == 2 and drawn.count("s-ghost-h") == 1
    widths = [float(width) for width in re.findall(r's-leakp" d="[^"]+" stroke-width="([\d.]+)"', drawn)]
    assert widths == [25, pytest.approx(25 * 61_700 / 96_400, abs=0.05)]
    assert "96400" in drawn and "why" in drawn
