"""Guesses which column is which field, how its text is read, and which questions a person must answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from schwung.collect.import_kind import Field, Kind, fold
from schwung.collect.mapping import SHORT_CORRECTIONS, SHORT_EXTRAS, SHORT_SHIPPING, ColumnRule, FileMapping
from schwung.collect.wire_context import is_address_name
from schwung.core.text import Text

CERTAIN = 0.8
"""From this certainty on a guess is taken without asking."""
MOSTLY, PARTLY = 0.75, 0.25
"""Shares of readable values: of what is such a column in any case, and of one whose name says it but whose values are poor."""

DATE_FORMATS: Mapping[str, tuple[str, Text]] = {
    "iso": (r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?", Text("year-month-day", "Jahr-Monat-Tag")),
    "%d.%m.%Y": (r"\d{1,2}\.\d{1,2}\.\d{4}", Text("day.month.year", "Tag.Monat.Jahr")),
    "%d.%m.%Y %H:%M": (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}", Text("day.month.year hour:minute", "Tag.Monat.Jahr Stunde:Minute")),
    "%d.%m.%Y %H:%M:%S": (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}:\d{2}", Text("day.month.year with seconds", "Tag.Monat.Jahr mit Sekunden")),
    "%d.%m.%y": (r"\d{1,2}\.\d{1,2}\.\d{2}", Text("day.month.year, two digits", "Tag.Monat.Jahr zweistellig")),
    "%d/%m/%Y": (r"\d{1,2}/\d{1,2}/\d{4}", Text("day/month/year", "Tag/Monat/Jahr")),
    "%m/%d/%Y": (r"\d{1,2}/\d{1,2}/\d{4}", Text("month/day/year", "Monat/Tag/Jahr")),
    "%d/%m/%Y %H:%M": (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}", Text("day/month/year hour:minute", "Tag/Monat/Jahr Stunde:Minute")),
    "%m/%d/%Y %H:%M": (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}", Text("month/day/year hour:minute", "Monat/Tag/Jahr Stunde:Minute")),
    "%d/%m/%Y %H:%M:%S": (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}", Text("day/month/year with seconds", "Tag/Monat/Jahr mit Sekunden")),
    "%m/%d/%Y %H:%M:%S": (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}", Text("month/day/year with seconds", "Monat/Tag/Jahr mit Sekunden")),
    "%m/%d/%Y %I:%M:%S %p": (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AaPp][Mm]", Text("month/day/year, 12 hours", "Monat/Tag/Jahr, 12 Stunden")),
    "%Y%m%d": (r"(19|20)\d{6}", Text("yearmonthday", "JahrMonatTag")),
    "%Y/%m/%d": (r"\d{4}/\d{1,2}/\d{1,2}", Text("year/month/day", "Jahr/Monat/Tag")),
    "%Y/%m/%d %H:%M:%S": (r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2}", Text("year/month/day with seconds", "Jahr/Monat/Tag mit Sekunden")),
    "epoch_s": (r"1\d{9}", Text("seconds since 1970", "Sekunden seit 1970")),
    "epoch_ms": (r"1\d{12}", Text("milliseconds since 1970", "Millisekunden seit 1970")),
}  # fmt: skip
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+|[+-]?\d{1,3}(\.\d{3}){2,}|[+-]?\d{1,3}(\.\d{3})+,\d+")
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d*)\.\d+([eE][+-]?\d+)?|[+-]?\d{1,3}(,\d{3}){2,}")
_WHOLE = re.compile(r"[+-]?\d+")
_UNIT = re.compile(r"[\s  €$£]|EUR|USD|GBP|CHF")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}")
_LONG_NUMBER = re.compile(r"\d{4,}")
_CANCELLED = re.compile(r"[Cc]\d+")
_FLAGS = frozenset({"0", "1", "true", "false", "yes", "no", "ja", "nein", "y", "n", "j"})


@dataclass(frozen=True, slots=True)
class Guess:
    """One column of a file: samples (at most 3), the rule that is proposed (None: not taken), how sure, how it is read."""

    column: str
    samples: tuple[str, ...]
    rule: ColumnRule | None
    certainty: float
    reading: Text | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question can be answered with, and the mapping that follows."""

    title: Text
    mapping: FileMapping


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only a person knows. The first answer is what happens without one."""

    name: str
    title: Text
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guessed mapping. missing: required fields that no column is certain for."""

    mapping: FileMapping
    guesses: tuple[Guess, ...]
    questions: tuple[Question, ...]
    missing: tuple[str, ...]

    @property
    def is_certain(self) -> bool:
        return not self.missing and not self.questions


def propose(kind: Kind, columns: Mapping[str, Sequence[str | None]], default: FileMapping) -> Proposal:
    """columns: name → sample values as text, as many as there are. default: source, zone, currency, layout."""
    values = {name: [value for value in some if value not in (None, "")] for name, some in columns.items()}
    pairs = sorted(
        (
            (_certainty(item, name, values[name]), -list(columns).index(name), item, name)
            for item in kind.fields
            for name in columns
        ),
        key=lambda one: one[:2],
        reverse=True,
    )
    chosen: dict[str, tuple[Field, float]] = {}
    for certainty, _, item, name in pairs:
        if certainty >= 0.5 and name not in chosen and item.name not in {field.name for field, _ in chosen.values()}:
            chosen[name] = (item, certainty)
    nothing: tuple[Field | None, float] = (None, 0.0)
    guesses = tuple(_guess(name, values[name], *chosen.get(name, nothing), default.zone) for name in columns)
    rules = {guess.column: guess.rule for guess in guesses if guess.rule is not None}
    mapping = _with_rules(replace(default, columns=rules), values)
    if kind.extra:
        left = [name for name in columns if name not in rules and not is_address_name(name)]
        mapping = replace(mapping, extra={name: re.sub(r"\W+", "_", name.strip().lower()).strip("_") for name in left})
    sure = replace(mapping, columns={name: rule for name, rule in rules.items() if chosen[name][1] >= CERTAIN})
    return Proposal(mapping, guesses, questions(mapping, values), sure.missing(kind))


def _certainty(item: Field, name: str, values: Sequence[str]) -> float:
    """0 to 1: how well the name fits, weighed with whether the values can be such a thing at all."""
    fits = _fit(item, values)
    if not fits:
        return 0.0
    folded = fold(name)
    place = _place(item, folded)
    if place is not None:
        # The field's own name first; of its synonyms the earlier ones.
        return fits * (1.0 - 0.001 * place)
    if item.name == "email" and values and all(_EMAIL.fullmatch(value) for value in values):
        return 0.9
    words = {fold(word) for word in re.split(r"[^\w]+|_|(?<=[a-z])(?=[A-Z])", name) if word}
    near = any(fold(part) in words for part in (item.name, item.title.de, *item.synonyms) if len(fold(part)) > 3)
    return 0.6 * fits if near else 0.0


def _place(item: Field, folded: str) -> int | None:
    names = [fold(name) for name in (item.name, item.title.en, item.title.de, *item.synonyms)]
    return names.index(folded) if folded in names else None


def _fit(item: Field, values: Sequence[str]) -> float:
    if not values:
        return 0.7
    if item.type == "number":
        share = _share(values, _is_number)
        return 1.0 if share >= MOSTLY else 0.6 if share >= PARTLY else 0.0
    if item.type in ("instant", "day"):
        return 1.0 if date_forms(values) else 0.6 if date_forms(values, PARTLY) else 0.0
    if item.type == "bool":
        return 1.0 if all(value.lower() in _FLAGS for value in values) else 0.0
    if item.name == "email":
        return 1.0 if _share(values, lambda value: bool(_EMAIL.fullmatch(value))) > 0.8 else 0.0
    if item.name == "currency":
        return 1.0 if _share(values, lambda value: bool(re.fullmatch("[A-Z]{3}", value))) > 0.8 else 0.0
    return 1.0


def _share(values: Sequence[str], fits: Callable[[str], object]) -> float:
    return sum(1 for value in values if fits(value)) / max(1, len(values))


def _is_number(value: str) -> bool:
    bare = _UNIT.sub("", value)
    return bool(_WHOLE.fullmatch(bare) or _POINT.fullmatch(bare) or _COMMA.fullmatch(bare))


def date_forms(values: Sequence[str], least: float = MOSTLY) -> list[str]:
    """Formats that at least such a share of the values have; of these, those that give days that exist."""
    likely = [name for name, (form, _) in DATE_FORMATS.items() if _share(values, re.compile(form).fullmatch) >= least]
    possible = [name for name in likely if _share(values, partial(_exists, name)) >= least]
    return possible or likely


def _exists(name: str, value: str) -> bool:
    if name == "iso" or name.startswith("epoch"):
        return True
    try:
        datetime.strptime(value, name)  # noqa: DTZ007  only whether there is such a day
    except ValueError:
        return False
    return True


def _guess(column: str, values: Sequence[str], item: Field | None, certainty: float, zone: str) -> Guess:
    samples = tuple(dict.fromkeys(values))[:3]
    if item is None:
        return Guess(column, samples, None, 0.0, None)
    rule, reading = read_as(item, values, zone)
    return Guess(column, samples, rule, certainty, reading)


def read_as(item: Field, values: Sequence[str], zone: str) -> tuple[ColumnRule, Text]:
    if item.type == "number":
        comma = sum(1 for value in values if _COMMA.fullmatch(_UNIT.sub("", value)))
        point = sum(1 for value in values if _POINT.fullmatch(_UNIT.sub("", value)))
        if comma > point:
            return ColumnRule(item.name, decimal=","), Text("decimal comma", "Dezimalkomma")
        return ColumnRule(item.name), Text("decimal point", "Dezimalpunkt") if point else Text(
            "whole number", "ganze Zahl"
        )
    if item.type in ("instant", "day"):
        form = (date_forms(values) or date_forms(values, PARTLY) or ["iso"])[0]
        text = DATE_FORMATS[form][1]
        if item.type == "instant" and not form.startswith("epoch"):
            text = Text("{text}, {zone} time", "{text}, Zeit von {zone}").fill(
                text=text, zone=zone.rpartition("/")[2].replace("_", " ")
            )
        return ColumnRule(item.name, format=None if form == "iso" else form), text
    if item.type == "text" and len(values) > 1 and all(re.fullmatch(r"\d+\.0", value) for value in values):
        return ColumnRule(item.name, format="whole"), Text("number without decimals", "Nummer ohne Nachkommastellen")
    return ColumnRule(item.name), Text("yes or no", "ja oder nein") if item.type == "bool" else Text("text", "Text")


def _with_rules(mapping: FileMapping, values: Mapping[str, Sequence[str]]) -> FileMapping:
    """What the values say about returns, and about what is no article."""
    column_of = {rule.field: column for column, rule in mapping.columns.items()}
    if mapping.kind != "order_lines":
        return mapping
    articles = values.get(column_of.get("product_id", ""), ())
    if articles and _share(articles, _LONG_NUMBER.match) >= 0.8:
        mapping = replace(
            mapping,
            shipping=_with(mapping.shipping, SHORT_SHIPPING),
            extras=_with(mapping.extras, SHORT_EXTRAS),
            corrections=_with(mapping.corrections, SHORT_CORRECTIONS),
        )
    numbers = values.get(column_of.get("order_id", ""), ())
    marked = [number for number in numbers if _CANCELLED.fullmatch(number)]
    if numbers and _share(numbers, lambda number: bool(_CANCELLED.fullmatch(number) or number.isdigit())) >= 0.9:
        prefix = marked[0][0].upper() if marked else "C"
        return replace(mapping, return_prefix=prefix, negative_is_return=not marked)
    return replace(mapping, negative_is_return="is_return" not in column_of)


def _with(listed: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return (*listed, *(one for one in more if one not in listed))


def questions(mapping: FileMapping, values: Mapping[str, Sequence[str]]) -> tuple[Question, ...]:
    found = []
    for column, rule in mapping.columns.items():
        forms = date_forms(values[column]) if rule.format else []
        swapped = [form for form in forms if form.replace("%d", "?").replace("%m", "%d").replace("?", "%m") in forms]
        if len(swapped) > 1:
            found.append(_date_question(mapping, column, values[column][0], swapped))
        if rule.field == "discount" and _is_mixed(values[column]):
            found.append(_discount_question(mapping, column, values[column]))
    return tuple(found)


def _date_question(mapping: FileMapping, column: str, sample: str, forms: Sequence[str]) -> Question:
    answers = []
    for form in forms:
        rule = replace(mapping.columns[column], format=form)
        answers.append(Answer(DATE_FORMATS[form][1], replace(mapping, columns={**mapping.columns, column: rule})))
    title = Text(
        "“{column}” holds {sample}. Which comes first, day or month?",
        "„{column}“ enthält {sample}. Was steht zuerst, Tag oder Monat?",
    )
    return Question(f"date.{column}", title.fill(column=column, sample=sample), tuple(answers))


def _is_mixed(values: Sequence[str]) -> bool:
    numbers = [
        abs(float(bare.replace(",", ".")))
        for value in values
        if (bare := _UNIT.sub("", value)) and re.fullmatch(r"[+-]?\d+([.,]\d+)?", bare)
    ]
    return any(0 < number < 1 for number in numbers) and any(number >= 1 for number in numbers)


def _discount_question(mapping: FileMapping, column: str, values: Sequence[str]) -> Question:
    samples = sorted(set(values), key=len)[-1], sorted(set(values), key=len)[0]
    title = Text(
        "“{column}” holds {one} and {other}. Percent or money?",
        "„{column}“ enthält {one} und {other}. Prozent oder Betrag?",
    )
    without = {name: rule for name, rule in mapping.columns.items() if name != column}
    return Question(
        f"discount.{column}",
        title.fill(column=column, one=samples[0], other=samples[1]),
        (
            Answer(Text("Money", "Betrag"), replace(mapping, discount_percent=False)),
            Answer(Text("Percent", "Prozent"), replace(mapping, discount_percent=True)),
            Answer(Text("Leave it out", "Weglassen"), replace(mapping, columns=without)),
        ),
    )
