"""The report: flywheel, key figures, growth, cohorts, findings, annotations of a calendar month or of other days, as a PDF."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from schwung.app.alerts import annotations
from schwung.app.analyses import diagnosis, flywheel
from schwung.app.facts import Facts, open_facts
from schwung.app.ports import EngineName
from schwung.app.report import Comparison, compare_with, measure_with, question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.period import Period, day_of, next_unit
from schwung.core.text import Language, Text
from schwung.measure.diagnosis.diagnose import Diagnosis
from schwung.measure.diagnosis.finding import PHASES
from schwung.measure.flywheel import Flywheel
from schwung.measure.inference import WORDS, Estimate, corrected
from schwung.measure.local_time import day_of_label
from schwung.measure.metrics import METRICS
from schwung.renderers import chart, spec
from schwung.renderers.chart_tokens import picture
from schwung.renderers.numbers import number
from schwung.renderers.report import Chapter, Report

KPIS = (
    "revenue", "orders", "average_order_value", "new_customers", "active_customers", "repeat_purchase_rate", "churn_rate",
    "customer_acquisition_cost", "clv_cac_ratio", "return_rate", "cart_abandonment_rate", "late_delivery_share", "nps",
    "complaint_rate", "unsubscribe_rate",
)  # fmt: skip
MOST_FINDINGS, MONTHS = 10, 12
_MONTHS: dict[Language, str] = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_TITLE = Text("The customer relationship in {month}", "Die Kundenbeziehung im {month}")
_TITLE_OF_DAYS = Text("The customer relationship, {since} to {until}", "Die Kundenbeziehung, {since} bis {until}")
_SO_FAR = Text("The month is not over: days until {day}.", "Der Monat ist nicht vorbei: Tage bis {day}.")
_BEFORE = Text(
    "{since} to {until}, beside as many days right before", "{since} bis {until}, daneben ebenso viele Tage davor"
)
_NO_NUMBER = Text("no number", "keine Zahl")
_TOO_FEW = Text("too few", "zu wenige")


def report(
    workspace: Workspace,
    month: str | None = None,
    language: Language = "en",
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    engine: EngineName | None = None,
) -> Report:
    """month: 2026-10; or since, until: days, both within; without any: the last month that is over.

    InputError for what is no month or day, or a time that no fact lies in yet.
    """
    with open_facts(workspace, engine) as facts:
        return report_of(facts, month, language, since, until)


def report_of(
    facts: Facts,
    month: str | None,
    language: Language,
    since: date | str | None = None,
    until: date | str | None = None,
) -> Report:
    """`report` on facts that are open already."""
    period = _period(facts, month, read_day(since, "since"), read_day(until, "until"))
    found = diagnosis.of_facts(facts, 28, period.since_on, period.until_on)
    wheel = flywheel.of_facts(facts, 28, period.since_on, period.until_on)
    first, last = (_day(day, language) for day in (period.since_on, period.until_on))
    whole = next_unit(period.since_on, "month") - timedelta(days=1)
    is_month = period.since_on.day == 1 and (period.until_on == whole or month is not None)
    name = f"{_MONTHS[language].split()[period.since_on.month - 1]} {period.since_on.year}"
    title = _TITLE.fill(month=name) if is_month else _TITLE_OF_DAYS.fill(since=first, until=last)
    so_far = " " + _SO_FAR.fill(day=last).in_(language) if is_month and period.until_on < whole else ""
    chapters = [
        _wheel(wheel, language),
        _kpis(facts, period, language),
        _course(facts, period, language),
        _growth(facts, period, language),
        _cohorts(facts, period, language),
        _findings(found, language),
        *_annotations(facts, period, language),
    ]
    label = f"{period.since_on:%Y-%m}" if is_month else f"{period.since_on}_{period.until_on}"
    return Report(
        label,
        language,
        facts.workspace.settings.workspace.name,
        title.in_(language),
        _BEFORE.fill(since=first, until=last).in_(language) + "." + so_far,
        tuple(chapters),
        "schwung · " + ("95 % intervals" if language == "en" else "95-%-Intervalle"),
    )


def _period(facts: Facts, month: str | None, since: date | None, until: date | None) -> Period:
    today = day_of(facts.as_of, facts.zone)
    if month is not None and (since or until):
        raise InputError(
            "month_and_days",
            Text("Both a month and days are given.", "Es sind ein Monat und Tage angegeben."),
            Text("Give one of them.", "Eines davon angeben."),
        )
    if since or until:
        last = until or today
        first = since or last.replace(day=1)
    else:
        first = _first_of(month) if month is not None else (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        last = next_unit(first, "month") - timedelta(days=1)
    last = min(last, today)
    told = month or first.isoformat()
    if today < first:
        raise InputError(
            "month_ahead",
            Text("{month} has not begun.", "{month} hat noch nicht begonnen.").fill(month=told),
            Text("Choose an earlier month.", "Einen früheren Monat wählen."),
        )
    begins = question_of(facts, ("month",), first, last).first_at
    if begins is None or last < day_of(begins, facts.zone):
        raise InputError(
            "month_without_facts",
            Text("There are no orders of {month} or before.", "Aus {month} und davor gibt es keine Bestellungen.").fill(month=told),
            Text("Choose a later month, or import orders.", "Einen späteren Monat wählen oder Bestellungen einlesen."),
        )  # fmt: skip
    return Period(first, last, facts.zone)


def _first_of(month: str) -> date:
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        found = read_day(f"{month}-01", "month")
        assert found is not None
        return found
    raise InputError(
        "not_a_month",
        Text("“{month}” is no month.", "„{month}“ ist kein Monat.").fill(month=month[:40]),
        Text("Write it like 2026-10.", "So schreiben: 2026-10."),
    )


def _day(day: date, language: Language) -> str:
    if language == "de":
        return f"{day.day}. {_MONTHS['de'].split()[day.month - 1]} {day.year}"
    return f"{day.day} {_MONTHS['en'].split()[day.month - 1]} {day.year}"


def _heads(language: Language, *texts: tuple[str, str]) -> tuple[str, ...]:
    return tuple(german if language == "de" else english for english, german in texts)


def _span(one: Estimate, unit: str, language: Language, digits: int | None = None) -> str:
    if one.low is None or one.high is None:
        return ""
    to = "bis" if language == "de" else "to"
    return f"{number(one.low, unit, language, digits=digits)} {to} {number(one.high, unit, language, digits=digits)}"


def _wheel(wheel: Flywheel, language: Language) -> Chapter:
    parts = (
        (("Speed", "Tempo"), wheel.speed.estimate, wheel.speed.was, wheel.speed.difference, "share", 2),
        (("Weight", "Gewicht"), wheel.weight.estimate, wheel.weight.was, wheel.weight.difference, "ratio", 1),
        (("Friction", "Reibung"), wheel.friction.estimate, wheel.friction.before, wheel.friction.difference, wheel.currency, None),
    )  # fmt: skip
    rows = [
        (
            title[language == "de"],
            number(one.value, unit, language, digits=digits),
            _span(one, unit, language, digits),
            number(before, unit, language, digits=digits),
            WORDS[change.word].in_(language) if change else "",
        )
        for title, one, before, change, unit, digits in parts
    ]
    lost = [
        f"{flow.title.in_(language)}: {number(flow.amount, wheel.currency, language)} "
        f"({_span(Estimate(flow.amount, flow.low, flow.high), wheel.currency, language)}) = {flow.basis.in_(language)}"
        for flow in wheel.friction.outflows
    ]
    lacking = [one.text.in_(language) for one in wheel.friction.missing]
    heads = _heads(language, ("", ""), ("value", "Wert"), ("95%", "95 %"), ("before", "davor"), ("", ""))
    return Chapter(_heads(language, ("Flywheel", "Schwungrad"))[0], (), heads, tuple(rows), notes=(*lost, *lacking))


def _kpis(facts: Facts, period: Period, language: Language) -> Chapter:
    compared = [_compared(facts, name, period) for name in KPIS]
    judged = [place for place, one in enumerate(compared) if one.difference is not None]
    held = dict(zip(judged, corrected([compared[place].differences[0] for place in judged]), strict=True))
    rows = []
    for place, one in enumerate(compared):
        row, before = one.now.row, one.before.row if one.before else None
        estimate = row.estimate if row else Estimate(None)
        value = number(estimate.value, one.now.unit, language) if row and not row.too_few else ""
        value = value or (_TOO_FEW if row else _NO_NUMBER).in_(language)
        word = WORDS[held[place].word].in_(language) if place in held else ""
        was = number(before.estimate.value, one.now.unit, language) if before and not before.too_few else ""
        rows.append((one.now.metric.title.in_(language), value, _span(estimate, one.now.unit, language) if value and row and not row.too_few else "", was, word))  # fmt: skip
    heads = _heads(language, ("", ""), ("value", "Wert"), ("95%", "95 %"), ("before", "davor"), ("", ""))
    lacking = dict.fromkeys(lack.text.in_(language) for one in compared for lack in one.now.missing)
    note = Text(
        "Words are corrected for {n} looks at once (Holm). Figures with a window of their own (such as a year) keep it.",
        "Wörter gelten für {n} Blicke zugleich (Holm). Kennzahlen mit eigenem Fenster (etwa ein Jahr) behalten es.",
    )
    return Chapter(
        _heads(language, ("Key figures", "Kennzahlen"))[0], (), heads, tuple(rows),
        notes=(note.in_(language).format(n=len(judged)), *lacking),
    )  # fmt: skip


def _compared(facts: Facts, name: str, period: Period) -> Comparison:
    metric = METRICS[name]
    days = metric.window_days or period.days
    since = date.fromordinal(period.until_on.toordinal() - days + 1)
    return compare_with(facts, name, since=since, until=period.until_on)


def _course(facts: Facts, period: Period, language: Language) -> Chapter:
    since = date(period.since_on.year - 2, period.since_on.month, 1)
    found = measure_with(facts, "revenue", by="month", since=since, until=period.until_on)
    notes = [spec.Note(one.noted_on, one.in_(language)) for one in annotations(facts.workspace)]
    made = chart.course(found.metric, found.rows, "month", language, most=MONTHS + 1, notes=notes)
    title = _heads(language, ("Revenue by month", "Umsatz je Monat"))[0]
    unit = f"{found.unit}{' · ' + made.word.in_(language) if made.word else ''}"
    drawn = made.picture | {"height": 190}
    dotted = _heads(language, ("dotted: the year before", "gepunktet: das Jahr davor"))[0] if made.has_before else ""
    return Chapter(title, picture=_svg(drawn, language), alt=title, notes=(" · ".join(filter(None, (unit, dotted))),))


def _growth(facts: Facts, period: Period, language: Language) -> Chapter:
    found = measure_with(facts, "growth_accounting", since=period.since_on, until=period.until_on)
    parts = {row.cuts["part"]: int(row.estimate.value or 0) for row in found.rows}
    texts = found.metric.parts.texts if found.metric.parts else {}
    signs = {"new": 1, "reactivated": 1, "lost": -1}
    bars = [
        (texts[name].in_(language), float(sign * parts.get(name, 0)), None, "good" if sign > 0 else "bad")
        for name, sign in signs.items()
    ]
    labels = {name: ("+" if value > 0 else "") + number(value, "count", language) for name, value, _, _ in bars}
    title = found.metric.title.in_(language)
    line = Text(
        "{start} active customers at the start + {new} new + {back} won back − {lost} lost = {end}.",
        "{start} aktive Kunden zu Beginn + {new} neue + {back} zurückgewonnene − {lost} verlorene = {end}.",
    )
    counts = {"start": "start", "new": "new", "back": "reactivated", "lost": "lost", "end": "end"}
    said = line.in_(language).format(**{mark: number(parts.get(name, 0), "count", language) for mark, name in counts.items()})  # fmt: skip
    drawn = spec.signed_bars(bars, labels, height=96)
    return Chapter(title, (said,), picture=_svg(drawn, language), alt=said)


def _cohorts(facts: Facts, period: Period, language: Language) -> Chapter:
    since = date(period.since_on.year - 1, period.since_on.month, 1)
    found = measure_with(facts, "cohort_retention", since=since, until=period.until_on)
    cells = [
        {"row": f"{row.cuts['cohort']}  ·  {number(row.estimate.n, 'count', language)}", "column": row.cuts["age"], "value": row.estimate.value}
        for row in found.rows
        if 1 <= row.cuts["age"] <= MONTHS and not row.so_far and day_of_label(row.cuts["cohort"], "month") >= since
    ]  # fmt: skip
    title = found.metric.title.in_(language)
    if len(cells) < 2:
        return Chapter(title, (_TOO_FEW.in_(language),))
    axis = _heads(language, ("months since the first order", "Monate seit der ersten Bestellung"))[0]
    drawn = spec.heatmap(cells, axis, number_format=".1%")
    return Chapter(title, picture=_svg(drawn, language), alt=title)


def _findings(found: Diagnosis, language: Language) -> Chapter:
    title = _heads(language, ("Findings", "Befunde"))[0]
    if not found.findings:
        return Chapter(title, _heads(language, ("No rule speaks.", "Keine Regel spricht.")))
    rows = []
    for one in found.findings[:MOST_FINDINGS]:
        money = one.money
        basis = money.basis.in_(language) if money else one.unpriced.in_(language) if one.unpriced else ""
        claim = one.claim.in_(language).replace("\u200b", "")
        rows.append(
            (
                f"{one.rank}. {claim}\n{basis}",
                PHASES[one.phase].in_(language),
                number(money.amount if money else None, found.currency, language),
                _span(Estimate(money.amount, money.low, money.high), found.currency, language) if money else "",
            )
        )
    heads = _heads(language, ("", ""), ("phase", "Phase"), ("money", "Geld"), ("95%", "95 %"))
    return Chapter(title, (), heads, tuple(rows))


def _annotations(facts: Facts, period: Period, language: Language) -> Iterator[Chapter]:
    first, last = period.since_on.isoformat(), period.until_on.isoformat()
    known = [one for one in annotations(facts.workspace) if first <= one.noted_on <= last]
    if known:
        lines = tuple(
            f"{_day(date.fromisoformat(one.noted_on), language)}: {one.in_(language)}" for one in reversed(known)
        )
        yield Chapter(_heads(language, ("What happened", "Was geschah"))[0], lines)


def _svg(made: spec.Spec, language: Language) -> str:
    return picture(made, "svg", language, 620).decode()
