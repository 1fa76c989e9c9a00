"""The journey map as SVG, PNG and PDF: the same picture in the console, in a file, and on paper.

Colors stand as attributes, so that a file needs nothing else; in the console classes override them.
"""

import json
from collections.abc import Sequence
from datetime import date
from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from schwung.core.clock import SECOND
from schwung.core.text import Language, Text
from schwung.renderers.lasting import lasting
from schwung.renderers.numbers import THIN_DASH, number

if TYPE_CHECKING:
    from schwung.measure.journey_map.journey_map import Column, JourneyMap

TEMPLATE = Path(__file__).with_name("journey_map.typ")
WIDTH, _HEAD = 1240, 130
_COLUMN = (WIDTH - _HEAD) / 6
_LINE, _PAD = 17, 12
_DRAWN = 10
"""With fewer answers no point is drawn."""
_COLORS = {"attract": "#C98417", "interact": "#0E6478", "delight": "#8E6FC4"}
_WORDS = {
    "people": Text("People\nin the phase", "Menschen\nin der Phase"),
    "channels": Text("Channels,\nshare of contacts", "Kanäle, Anteil\nder Kontakte"),
    "touchpoints": Text("Touchpoints", "Kontaktpunkte"),
    "onward": Text("On to the\nnext phase", "Weiter zur\nnächsten Phase"),
    "wait": Text("Wait\nmedian · 90%", "Wartezeit\nMedian · 90 %"),
    "emotion": Text("Feeling\n0 bad, 100 good\n \nBand: 95%\ninterval. Number:\nanswers. The line\nonly guides the eye.", "Stimmung\n0 schlecht, 100 gut\n \nBand: 95-%-\nIntervall. Zahl:\nAntworten. Linie\nnur zur Führung."),
    "friction": Text("Friction,\nby value lost", "Reibung, nach\nverlorenem Wert"),
    "notes": Text("Notes", "Notizen"),
}  # fmt: skip


def title(shop: str, language: Language) -> str:
    """Of a document."""
    return {"en": "Customer journey", "de": "Kundenreise"}[language] + (f" · {shop}" if shop else "")


_AGAINST = Text("beside:", "daneben:")


def drawn(column: "Column") -> bool:
    return column.emotion.value is not None and column.emotion.n >= _DRAWN


def emotion(found: "JourneyMap", language: Language, width: float = 900, height: float = 170) -> str:
    """The curve alone, as an SVG element."""
    label = {"en": "Feeling by phase", "de": "Stimmung nach Phase"}[language]
    told = f"{label}: {_told(found.columns, language)}"
    if found.compared is not None and found.beside is not None:
        told += f"; {found.beside.in_(language)}: {_told(found.compared.columns, language)}"
    inner = "".join(_emotion(found, language, 0, 0, width / len(found.columns), height))
    return f'<svg class="s-map-curve" viewBox="0 0 {width:g} {height:g}" width="100%" role="img" aria-label="{escape(told)}">{inner}</svg>'


def svg(found: "JourneyMap", language: Language, title: str) -> str:
    """The whole map as a document."""
    parts: list[str] = []
    y = 44.0
    parts.append(_text(0, 18, title, size=18, weight=600))
    period = _period(found, language)
    against = f"{_AGAINST.in_(language)} {beside(found, language)}" if found.beside else ""
    parts.append(
        _text(
            0,
            36,
            " · ".join(filter(None, (period, found.list_name.in_(language) if found.list_name else "", against))),
            size=12,
            fill="#5F6B72",
        )
    )
    top = y
    for name, cells, height in _rows(found, language):
        parts.append(f'<line x1="0" y1="{y:g}" x2="{WIDTH}" y2="{y:g}" stroke="#E1E6E7"/>')
        for nth, line in enumerate(name.split("\n")):
            parts.append(_text(_PAD, y + 20 + nth * 15, line, size=11, fill="#5F6B72", weight=500))
        if cells is None:
            parts += _emotion(found, language, _HEAD, y, _COLUMN, height)
        else:
            for nth, lines in enumerate(cells):
                parts += _cell(_HEAD + nth * _COLUMN, y, lines)
        y += height
    for nth in range(7):
        x = _HEAD + nth * _COLUMN if nth else _HEAD
        parts.append(f'<line x1="{x:g}" y1="{top:g}" x2="{x:g}" y2="{y:g}" stroke="#E1E6E7"/>')
    parts.append(f'<rect x="0" y="{top:g}" width="{WIDTH}" height="{y - top:g}" fill="none" stroke="#CBD3D6" rx="6"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 0 {WIDTH + 2} {y + 2:g}" width="{WIDTH}" height="{y + 2:g}" '
        f'font-family="Inter, Libertinus Sans, Arial, sans-serif" role="img" aria-label="{escape(title)}"><rect x="-1" width="{WIDTH + 2}" height="{y + 2:g}" fill="#FFFFFF"/>{"".join(parts)}</svg>'
    )


def png(found: "JourneyMap", language: Language, title: str) -> bytes:
    """The same picture in pixels, twice as fine as on screen."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg(found, language, title), scale=2))


def pdf(found: "JourneyMap", language: Language, title: str) -> bytes:
    """One sheet A4 across: the map, the losses with what they rest on, what stands out. The same map gives the same bytes."""
    import typst  # 13 MB that a server needs only when somebody asks for a document

    german = language == "de"
    losses = [
        [
            flow.title.in_(language), number(flow.amount, found.currency, language),
            f"{number(flow.low, found.currency, language)} – {number(flow.high, found.currency, language)}",
            number(flow.customers, "count", language), flow.basis.in_(language),
        ]
        for flow in found.losses
    ]  # fmt: skip
    data = {
        "language": language,
        "title": title,
        "heads": ["verloren durch", "Betrag", "95 %", "Kunden", "woraus"] if german else ["lost through", "amount", "95%", "customers", "from"],
        "losses_title": "Wo es am meisten kostet" if german else "Where it costs most",
        "losses": losses,
        "missing": [one.text.in_(language) for one in found.friction.missing],
        "sentences_title": "Was auffällt" if german else "What stands out",
        "sentences": [one.text.in_(language) for one in found.sentences],
        "alt": f"{title}. {_told(found.columns, language)}",
    }  # fmt: skip
    inputs = {"data": json.dumps(data, ensure_ascii=False), "map": svg(found, language, title)}
    return bytes(
        typst.compile(
            TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs, timestamp=0, ignore_system_fonts=True, pdf_standards=["ua-1"]
        )
    )  # fmt: skip


def _told(columns: "Sequence[Column]", language: Language) -> str:
    from schwung.measure.phase import PHASES

    known = [f"{PHASES[one.phase].in_(language)} {number(one.emotion.value, 'ratio', language, digits=0)}" for one in columns if drawn(one)]  # fmt: skip
    return ", ".join(known) or THIN_DASH


def _rows(found: "JourneyMap", language: Language) -> "list[tuple[str, list[list[tuple[str, str]]] | None, float]]":
    """(name, per column lines of (text, style), height); None: the curve."""
    from schwung.measure.phase import EXPLAINED, PHASES, WHEEL_OF

    def share(value: float | None) -> str:
        return number(value, "share", language)

    heads = [
        [(f"● {PHASES[one.phase].in_(language)}", f"head {WHEEL_OF[one.phase]}"), (EXPLAINED[one.phase].in_(language), "note")]
        for one in found.columns
    ]  # fmt: skip
    channels, touchpoints = (
        [[(f"{part.title.in_(language)}\t{share(part.share)}", "") for part in getattr(one, name)] for one in found.columns]
        for name in ("channels", "touchpoints")
    )  # fmt: skip
    people, onward, waits, losses = _measured(found, language)
    notes = [_notes(found, one.phase, language) for one in found.columns]
    word = {name: text.in_(language) for name, text in _WORDS.items()}
    named = [
        ("", heads), (word["people"], people), (word["channels"], channels), (word["touchpoints"], touchpoints),
        (word["onward"], onward), (word["wait"], waits), (word["emotion"], None), (word["friction"], losses),
        *([(word["notes"], notes)] if found.notes else []),
    ]  # fmt: skip
    return [(name, cells, _height(name, cells)) for name, cells in named]


def _measured(found: "JourneyMap", language: Language) -> tuple[list[list[tuple[str, str]]], ...]:
    """People, moves onward, waits, losses per column, each with what stands beside it."""
    to = {"en": "to", "de": "bis"}[language]

    def share(value: float | None) -> str:
        return number(value, "share", language)

    def count(value: float | None) -> str:
        return number(value, "count", language)

    called = found.beside.in_(language) if found.beside else ""
    others: Sequence[Column | None] = found.compared.columns if found.compared else [None] * len(found.columns)
    pairs = list(zip(found.columns, others, strict=True))

    def then(text: str) -> list[tuple[str, str]]:
        return [(f"{called[:16]} {text}", "note")]

    people = [
        [(count(one.people), "figure"), *(then(count(other.people)) if other else [(_change(one, language), "note")])]
        for one, other in pairs
    ]
    onward = [
        [
            (share(one.onward.value), "figure"), (f"{share(one.onward.low)} {to} {share(one.onward.high)}", "note"),
            *(then(share(other.onward.value)) if other and other.onward else []),
        ] if one.onward else []
        for one, other in pairs
    ]  # fmt: skip
    waits = [
        [
            (shown_wait(one.median, language), "strong"), (shown_wait(one.ninth, language), "note"),
            *(then(shown_wait(other.median, language)) if other else []),
        ] if one.onward else []
        for one, other in pairs
    ]  # fmt: skip
    losses = [_losses(one, other, found.currency, language, called[:16]) for one, other in pairs]
    return people, onward, waits, losses


def _losses(
    one: "Column", other: "Column | None", currency: str, language: Language, called: str
) -> list[tuple[str, str]]:
    was = {flow.name: flow.amount for flow in other.losses} if other else {}
    lines = []
    for flow in one.losses:
        lines += [(line, "") for line in wrap(flow.title.in_(language), 24)]
        lines.append((f"−{number(flow.amount, currency, language)}", "bad"))
        if other:
            lost = was.get(flow.name)
            lines.append((f"{called} {f'−{number(lost, currency, language)}' if lost else THIN_DASH}", "note"))
    return lines


def _notes(found: "JourneyMap", phase: str, language: Language) -> list[tuple[str, str]]:
    """What was noted of this phase; what concerns all stands in the first column."""
    lines = []
    for note in found.notes:
        if note.phase == phase or (note.phase is None and phase == found.columns[0].phase):
            lines += [(line, "") for line in wrap(note.text.in_(language), 24)]
            lines.append((", ".join(filter(None, (note.by, _day(note.noted_on, language)))), "note"))
    return lines


def _height(name: str, cells: "list[list[tuple[str, str]]] | None") -> float:
    if cells is None:
        return 170
    return 16 + max(_LINE * max((len(lines) for lines in cells), default=1), 15 * (name.count("\n") + 1))


def _cell(x: float, y: float, lines: "list[tuple[str, str]]") -> list[str]:
    found = []
    for nth, (text, style) in enumerate(lines):
        at = y + 20 + nth * _LINE
        left, _, right = text.partition("\t")
        kind, _, wheel = style.partition(" ")
        size = 15 if kind == "figure" else 12 if kind != "note" else 11
        fill = {"note": "#5F6B72", "bad": "#B93A0B"}.get(kind, "#1A2226")
        weight = 600 if kind in ("figure", "head", "strong", "bad") else 400
        if wheel:
            found.append(f'<circle cx="{x + _PAD + 4:g}" cy="{at - 4:g}" r="4" fill="{_COLORS[wheel]}"/>')
            found.append(_text(x + _PAD + 14, at, left.removeprefix("● "), size=13, weight=600))
            continue
        found.append(
            _text(
                x + _PAD,
                at,
                left if len(left) < 22 or not right else left[:19] + "…",
                size=size,
                fill=fill,
                weight=weight,
            )
        )
        if right:
            found.append(_text(x + _COLUMN - _PAD, at, right, size=size, fill="#5F6B72", anchor="end"))
    return found


def _change(column: "Column", language: Language) -> str:
    if column.growth is None:
        return THIN_DASH
    value = column.growth
    return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(value), "share", language)


def beside(found: "JourneyMap", language: Language) -> str:
    """What stands beside the map: other days, or other customers."""
    if found.compared is None or found.beside is None:
        return ""
    return _period(found.compared, language) if found.compared.period != found.period else found.beside.in_(language)


def _period(found: "JourneyMap", language: Language) -> str:
    return f"{_day(found.period.since_on, language)} – {_day(found.period.until_on, language)}"


def _day(day: date, language: Language) -> str:
    return f"{day:%d.%m.%Y}" if language == "de" else f"{day.day} {day:%b %Y}"


def shown_wait(seconds: float | None, language: Language) -> str:
    """Seconds as people say them."""
    return lasting(None if seconds is None else int(seconds * SECOND), language)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    fill: str = "#1A2226",
    weight: int = 400,
    anchor: str = "start",
    css: str = "",
) -> str:
    named = f' class="{css}"' if css else ""
    return f'<text{named} x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" fill="{fill}" text-anchor="{anchor}">{escape(text)}</text>'


def _emotion(told: "JourneyMap", language: Language, x: float, y: float, width: float, height: float) -> list[str]:
    """Grid, band, line and points, with the number of answers under each; words where there are too few. What is compared
    with: a dashed line."""
    columns, compared = told.columns, told.compared
    top, bottom = y + 34, y + height - 30

    def at(value: float | None) -> float:
        return bottom - (bottom - top) * min(100.0, max(0.0, value or 0.0)) / 100

    found = [
        f'<line class="s-map-grid" x1="{x:g}" y1="{at(value):.1f}" x2="{x + 6 * width:g}" y2="{at(value):.1f}" stroke="#E1E6E7"/>'
        for value in (0, 50, 100)
    ]
    centers = [(x + (nth + 0.5) * width, one) for nth, one in enumerate(columns)]
    known = [(px, one.emotion) for px, one in centers if drawn(one)]
    if len(known) > 1:
        upper = [(px, at(one.value if one.high is None else one.high)) for px, one in known]
        lower = [(px, at(one.value if one.low is None else one.low)) for px, one in reversed(known)]
        line = _path([(px, at(one.value)) for px, one in known])
        found += [
            f'<path class="s-map-band" d="M{_path(upper)} L{_path(lower)} Z" fill="#0E6478" fill-opacity="0.15"/>',
            f'<path class="s-map-line" d="M{line}" fill="none" stroke="#0E6478" stroke-width="2"/>',
        ]
    if compared is not None:
        then = [
            (x + (nth + 0.5) * width, at(one.emotion.value)) for nth, one in enumerate(compared.columns) if drawn(one)
        ]
        if len(then) > 1:
            found.append(
                f'<path class="s-map-then" d="M{_path(then)}" fill="none" stroke="#87929A" stroke-width="1.5" stroke-dasharray="4 3"/>'
            )
    for px, column in centers:
        found += _point(px, at(column.emotion.value), y + height - 10, column, language)
    return found


def _point(x: float, y: float, foot: float, column: "Column", language: Language) -> list[str]:
    n = number(column.emotion.n, "count", language)
    if not drawn(column):
        few = {"en": "too few", "de": "zu wenige"}[language]
        return [_text(x, foot, f"{few} ({n})", size=11, fill="#5F6B72", anchor="middle", css="s-map-n")]
    value = number(column.emotion.value, "ratio", language, digits=0)
    return [
        f'<circle class="s-map-point" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#0E6478"/>',
        _text(x, y - 12, value, size=14, weight=600, anchor="middle", css="s-map-value"),
        _text(x, y + 20, n, size=11, fill="#5F6B72", anchor="middle", css="s-map-n"),
    ]


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A smooth line through points (horizontal tangents at turns: it never overshoots)."""
    parts = [f"{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (ax, ay), (bx, by) in pairwise(points):
        middle = (ax + bx) / 2
        parts.append(f"C{middle:.1f} {ay:.1f} {middle:.1f} {by:.1f} {bx:.1f} {by:.1f}")
    return " ".join(parts)
