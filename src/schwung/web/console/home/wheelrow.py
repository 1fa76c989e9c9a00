"""The wheel and its three measures, ready to be shown: numbers in words, marks, and what is missing with its link."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from schwung.app.analyses.flywheel import cached_flywheel
from schwung.app.home_figures import COUNTED
from schwung.measure.energy import Put
from schwung.measure.flywheel import Flywheel
from schwung.measure.friction import HAND_OVERS, HandOver
from schwung.measure.inference import WORDS, Difference, Estimate
from schwung.measure.metrics import METRICS
from schwung.measure.missing import Missing
from schwung.measure.moved import Measure
from schwung.measure.weight import LEAST as LEAST_ANSWERS
from schwung.renderers.numbers import number
from schwung.web.console import figures, marks
from schwung.web.console import format as shown
from schwung.web.console.home.wheel import Arc, draw
from schwung.web.console.page import Page

YEAR_APART = 364
"""A year before, on the same weekdays."""
PHASES: Mapping[str, HandOver] = {
    "attract": "attract_interact",
    "interact": "interact_delight",
    "delight": "delight_attract",
}


@dataclass(frozen=True, slots=True)
class Delta:
    """tone: good, bad, flat. text: the signed change; word: what it means."""

    tone: str
    text: str
    word: str


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    bar: Markup
    change: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure as a row: figure, unit and interval; change and course; what moved it, or what is missing."""

    name: str
    icon: str
    title: str
    figure: str
    unit: str
    interval: str
    delta: Delta | None
    spark: Markup
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]
    note: str = ""


def wheelrow(page: Page, days: int, apart: int) -> dict[str, Any]:
    cached = cached_flywheel(page.workspace, days=days, apart=apart)
    found: Flywheel = cached.value
    rows = (_speed(page, found), _weight(page, found), _friction(page, found))
    return {
        "wheel": _wheel(page, found, days),
        "rows": rows,
        "energy": [(phase, _energy(page, found.currency, put)) for phase, put in found.energy.by_phase.items()],
        "no_energy": found.energy.missing,
        "days": days,
        "age": cached.age,
    }


def against(days: int, compared: str) -> int:
    """Days between the two periods: 0 for the period right before."""
    return YEAR_APART if compared == "year" and days < YEAR_APART else 0


def _speed(page: Page, found: Flywheel) -> Shown:
    measure, language = found.speed, page.language
    digits = _digits(measure.estimate, 100.0, 2)
    if measure.is_too_few or measure.estimate.value is None:
        return _without(page, measure, "gauge", page.words("home:wheel.too_few_base"))

    def signed(value: float) -> str:
        return _signed(value * 100, 2, page)

    return Shown(
        "speed",
        "gauge",
        page.words("home:wheel.speed"),
        shown.share(measure.estimate.value, language, digits),
        page.words("home:wheel.speed_unit", n=found.period.days),
        shown.interval(measure.estimate.low, measure.estimate.high, language, "share"),
        _delta(page, measure.difference, lambda value: shown.decimal(abs(value) * 100, language, 2), better=1),
        _spark(page, measure.trend, page.words("home:wheel.speed")),
        _parts(measure, page, signed, better=1),
        (),
    )


def _weight(page: Page, found: Flywheel) -> Shown:
    measure, language = found.weight, page.language
    if measure.is_too_few or measure.estimate.value is None:
        return _without(page, measure, "weight", page.words("home:wheel.too_few_answers", least=LEAST_ANSWERS))
    digits = _digits(measure.estimate, 1.0, 1)

    def signed(value: float) -> str:
        return _signed(value, 1, page)

    return Shown(
        "weight",
        "weight",
        page.words("home:wheel.weight"),
        shown.decimal(measure.estimate.value, language, digits),
        page.words("home:wheel.weight_unit"),
        shown.interval(measure.estimate.low, measure.estimate.high, language, "number"),
        _delta(page, measure.difference, lambda value: shown.decimal(abs(value), language, 1), better=1),
        _spark(page, measure.trend, page.words("home:wheel.weight")),
        _parts(measure, page, signed, better=1, names=_touchpoints(page, measure)),
        (),
    )


def _friction(page: Page, found: Flywheel) -> Shown:
    friction, language, currency = found.friction, page.language, found.currency
    estimate = friction.estimate
    if estimate.value is None:
        return _without(page, Measure("friction", estimate, missing=friction.missing), "droplet-exclamation", "")

    digits = 0 if estimate.value >= 100 else None

    def money(value: float) -> str:
        """Whole units where the sum has them."""
        return number(abs(value), currency, language, digits=digits)

    largest = max((abs(flow.change or 0.0) for flow in friction.outflows), default=0.0)
    parts = tuple(
        Part(
            flow.title.in_(language),
            marks.change_bar(flow.change, largest, _tone(flow.change, flow.is_clear, -1)),
            _sign(flow.change) + money(flow.change),
        )
        for flow in sorted(friction.outflows, key=lambda one: -abs(one.change or 0.0))
        if flow.change is not None
    )
    delta = _delta(page, friction.difference, money, better=-1)
    return Shown(
        "friction",
        "droplet-exclamation",
        page.words("home:wheel.friction"),
        shown.amount(estimate.value, language, currency),
        page.words("home:wheel.friction_unit", n=found.period.days),
        shown.interval(estimate.low, estimate.high, language, "money", currency),
        delta,
        _spark(page, friction.trend, page.words("home:wheel.friction")),
        parts,
        friction.missing,
    )


def _without(page: Page, measure: Measure, icon: str, note: str) -> Shown:
    """No number: what is missing, or too few."""
    title = page.words(f"home:wheel.{measure.name}")
    too_few = "" if measure.missing else note
    return Shown(measure.name, icon, title, shown.MISSING, "", "", None, Markup(""), (), measure.missing, too_few)


def _parts(
    measure: Measure, page: Page, signed: Callable[[float], str], better: int, names: Mapping[str, str] | None = None
) -> tuple[Part, ...]:
    largest = max((abs(part.change or 0.0) for part in measure.moves), default=0.0)
    return tuple(
        Part(
            names[part.name] if names and part.name in names else part.title.in_(page.language),
            marks.change_bar(part.change, largest, _tone(part.change, part.is_clear, better)),
            signed(part.change),
        )
        for part in measure.moves
        if part.change is not None
    )


_TOUCHPOINTS = ("nps", "review", "delivery", "effort", "finding", "service", "csat", "ces", "stars")


def _touchpoints(page: Page, measure: Measure) -> dict[str, str]:
    """What was asked about, in words: ours, the settings' wording of the question, or the name itself."""
    declared = page.workspace.settings.listen.declared
    found = {}
    for part in measure.moves:
        question = declared.get(part.name)
        if question is not None and question.text:
            found[part.name] = question.text.in_(page.language)
        elif part.name in _TOUCHPOINTS:
            found[part.name] = page.words(f"home:touchpoint.{part.name}")
        elif part.name != "others":
            words = part.name.replace("_", " ")
            found[part.name] = words[:1].upper() + words[1:]
    return found


def _delta(page: Page, found: Difference | None, size: Callable[[float], str], better: int) -> Delta | None:
    """better: 1 where more is good, and the change is in points; −1 where less is, and it is money."""
    if found is None or found.value is None or found.word == "too_few":
        return None
    unit = f" {page.words('home:wheel.points')}" if better > 0 else ""
    if better < 0 and found.relative is not None:
        unit = f" ({shown.share(abs(found.relative), page.language)})"
    if found.word == "no_clear_difference":
        word, bounds = WORDS[found.word].in_(page.language), ""
        if found.low is not None and found.high is not None:
            low, high = (_sign(end) + size(end) for end in (found.low, found.high))
            bounds = f" ({shown.span(low, high, page.language)})"
        return Delta("flat", _sign(found.value) + size(found.value) + unit, word + bounds)
    up = found.value > 0
    tone = "good" if up == (better > 0) else "bad"
    key = ("more" if up else "less") + ("_lost" if better < 0 else "")
    return Delta(tone, ("▲ " if up else "▼ ") + size(found.value) + unit, page.words(f"home:wheel.{key}"))


def _signed(value: float, digits: int, page: Page) -> str:
    rounded = round(value, digits)
    return _sign(rounded) + shown.decimal(abs(rounded), page.language, digits)


def _sign(value: float) -> str:
    """A word joiner keeps the minus with its number."""
    return "+" if value > 0 else "−\u2060" if value < 0 else ""


def _tone(change: float, is_clear: bool, better: int) -> str:
    return "flat" if not is_clear or not change else "pos" if change * better > 0 else "neg"


def _digits(estimate: Estimate, scale: float, most: int) -> int:
    if estimate.low is None or estimate.high is None:
        return most
    return shown.digits_for((estimate.high - estimate.low) * scale, most)


def _spark(page: Page, trend: tuple[float | None, ...], name: str) -> Markup:
    """52 weeks, and the 52 before them."""
    known = [value for value in trend[-52:] if value is not None]
    rising = len(known) > 1 and known[-1] > known[0]
    label = page.words("home:wheel.course_up" if rising else "home:wheel.course_down", name=name)
    return marks.sparkline(trend[-52:], trend[:-52], label)


def _energy(page: Page, currency: str, put: Put) -> str:
    hours = page.words("home:wheel.hours", n=round(put.hours))
    return f"{shown.amount(put.amount, page.language, currency)} · {hours}"


# -- the wheel --------------------------------------------------------------------------------------------------------


def _wheel(page: Page, found: Flywheel, days: int) -> Markup:
    arcs = [_arc(page, found, phase, days) for phase in PHASES]
    speed = found.speed.estimate
    value = shown.MISSING if found.speed.is_too_few else shown.share(speed.value, page.language, 1)
    middle = (
        page.words("home:wheel.speed"),
        value,
        page.words("home:wheel.middle"),
        page.words("home:wheel.middle_2"),
    )
    lost = ", ".join(f"{HAND_OVERS[PHASES[arc.phase]].in_(page.language)} {arc.shown}" for arc in arcs if arc.shown)
    label = page.words("home:wheel.label", speed=value, n=days, lost=lost or shown.MISSING)
    return draw(arcs, middle, label)


def _arc(page: Page, found: Flywheel, phase: str, days: int) -> Arc:
    estimate = found.phases[phase]
    felt = estimate.value if estimate.n >= LEAST_ANSWERS else None
    flows = found.friction.at(PHASES[phase])
    lost = found.friction.lost_at(PHASES[phase])
    words = (
        page.words("home:wheel.experience", n=round(felt))
        if felt is not None
        else page.words("home:wheel.no_experience")
    )
    main = max(flows, key=lambda flow: flow.amount, default=None)
    return Arc(
        phase,
        page.words(f"home:wheel.{phase}"),
        (_counted(page, phase, days), words),
        felt,
        lost,
        f"−{shown.amount(lost, page.language, found.currency)}" if lost else "",
        main.cause.in_(page.language) if main and lost else "",
    )


def _counted(page: Page, phase: str, days: int) -> str:
    """What happened in the phase: new customers, orders, the net promoter score."""
    name = COUNTED[phase]
    if name not in METRICS:
        return ""
    figure = figures.figure(page.workspace, name, page.language, days)
    if figure.too_few or figure.value == shown.MISSING:
        return ""
    return page.words(f"home:wheel.{name}", value=figure.value)
