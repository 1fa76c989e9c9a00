"""The wheel: three arcs clockwise, attract on top; red outflows at the hand-overs. Drawn by the server with presentation
attributes, so that it stands without script, in mails and in print."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_X, _Y, _RADIUS = 270.0, 236.0, 130.0
_SPAN, _HEAD = 95.0, 107.0
_THIN, _THICK, _UNKNOWN = 8.0, 44.0, 24.0
_WIDEST_LEAK = 25.0
_LABELS = {
    "attract": (("270", "26", "middle"), ("270", "45", "middle"), ("270", "62", "middle")),
    "interact": (("538", "358", "end"), ("538", "377", "end"), ("538", "394", "end")),
    "delight": (("2", "282", "start"), ("2", "301", "start"), ("2", "318", "start")),
}
_STARTS = {"attract": -51.0, "interact": 69.0, "delight": 189.0}
_LETTER = {"attract": "a", "interact": "i", "delight": "d"}
_LOST_AT = {
    "attract": ("538", "118", "134", "end"),
    "interact": ("166", "428", "444", "end"),
    "delight": ("2", "140", "156", "start"),
}


@dataclass(frozen=True, slots=True)
class Arc:
    """One phase. experience: 0 to 100, None where not known; lines: what stands under its name, the second one small.

    lost: what flows out where it hands over, in money; None: not known. shown, cause: the same in words.
    """

    phase: str
    title: str
    lines: Sequence[str]
    experience: float | None
    lost: float | None
    shown: str = ""
    cause: str = ""


def draw(arcs: Sequence[Arc], middle: tuple[str, str, str, str], label: str) -> Markup:
    """middle: name, value, and two lines under it. label: the wheel as a sentence."""
    largest = max((arc.lost or 0.0 for arc in arcs), default=0.0)
    parts = [_arc(arc, largest) for arc in arcs]
    parts += [_texts(arc) for arc in arcs]
    places = (("s-cap s-lead", 200), ("s-big", 240), ("s-cap", 264), ("s-cap", 284))
    parts += [_text(kind, "270", str(y), "middle", said) for (kind, y), said in zip(places, middle, strict=True)]
    svg = Markup('<svg class="s-wheel" viewBox="0 0 540 452" role="img" aria-label="{}">{}</svg>')
    return svg.format(label, Markup("").join(parts))


def ring_width(experience: float | None) -> float:
    """Linear: from 8 at 0 to 44 at 100."""
    return _UNKNOWN if experience is None else _THIN + (_THICK - _THIN) * max(0.0, min(100.0, experience)) / 100


def leak_width(lost: float | None, largest: float) -> float:
    """In proportion to the amount; the largest one is 25 wide."""
    return 0.0 if not lost or not largest else max(1.5, _WIDEST_LEAK * lost / largest)


def _at(angle: float, radius: float) -> tuple[float, float]:
    """Clockwise from the top, in degrees."""
    turned = math.radians(angle)
    return _X + radius * math.sin(turned), _Y - radius * math.cos(turned)


def _point(angle: float, radius: float) -> str:
    return "{:.1f} {:.1f}".format(*_at(angle, radius))


def _arc(arc: Arc, largest: float) -> Markup:
    start, width = _STARTS[arc.phase], ring_width(arc.experience)
    end, tip, half = start + _SPAN, start + _HEAD, width * 0.675
    known = arc.experience is not None
    ring, head = (
        (f"s-arc s-{_LETTER[arc.phase]}", f"s-h{_LETTER[arc.phase]}") if known else ("s-arc s-ghost", "s-ghost-h")
    )
    drawn = Markup('<path class="{}" d="M{}A130 130 0 0 1 {}" stroke-width="{:.1f}"/>').format(
        ring, _point(start, _RADIUS), _point(end, _RADIUS), width
    )
    drawn += Markup('<path class="{}" d="M{}L{}L{}Z"/>').format(
        head, _point(end, _RADIUS - half), _point(end, _RADIUS + half), _point(tip, _RADIUS)
    )
    return _leak(tip, width, leak_width(arc.lost, largest)) + drawn


def _leak(tip: float, ring: float, width: float) -> Markup:
    """A stream that leaves the ring at its head and ends in an arrow."""
    if not width:
        return Markup("")
    near = _RADIUS + ring / 2 - width / 2 + 4
    bend, end = _at(tip + 6.5, near + 2.4), _at(tip + 8.3, near + 22 + width)
    length = math.hypot(end[0] - bend[0], end[1] - bend[1])
    along = ((end[0] - bend[0]) / length, (end[1] - bend[1]) / length)
    half, tall = max(4.0, width * 0.66), max(7.0, width * 0.62)
    left, right = ((end[0] + s * along[1] * half, end[1] - s * along[0] * half) for s in (1, -1))
    point = (end[0] + along[0] * tall, end[1] + along[1] * tall)
    path = Markup('<path class="s-leakp" d="M{}Q{:.1f} {:.1f} {:.1f} {:.1f}" stroke-width="{:.1f}"/>').format(
        _point(tip - 4, near), *bend, *end, width
    )
    return path + Markup('<path class="s-leak" d="M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}Z"/>').format(
        *left, *right, *point
    )


def _texts(arc: Arc) -> Markup:
    lines = [(f"s-on s-t{_LETTER[arc.phase]}", arc.title), *zip(("", "s-cap"), arc.lines, strict=False)]
    known = [(kind, words) for kind, words in lines if words]
    said = [_text(kind, *place, words) for (kind, words), place in zip(known, _LABELS[arc.phase], strict=False)]
    if arc.shown:
        x, y, below, anchor = _LOST_AT[arc.phase]
        said += [_text("s-lost", x, y, anchor, arc.shown), _text("s-cap", x, below, anchor, arc.cause)]
    return Markup("").join(said)


def _text(kind: str, x: str, y: str, anchor: str, words: str) -> Markup:
    shape = Markup('class="{}"').format(kind) if kind else Markup('font-weight="500"')
    return Markup('<text {} x="{}" y="{}" text-anchor="{}">{}</text>').format(shape, x, y, anchor, words)
