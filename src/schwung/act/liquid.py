"""Liquid as templates may use it: unknown names are errors, nothing runs away, snippets are put in before it is read."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from liquid import Environment, RenderContext, StrictDefaultUndefined
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError
from liquid.filter import string_filter, with_context
from liquid.template import BoundTemplate
from markupsafe import Markup

from schwung.act.links import with_utm, with_utm_in_html
from schwung.act.price import day, price
from schwung.core.errors import InputError
from schwung.core.money import to_minor
from schwung.core.text import Text

MOST_LETTERS = 400_000
MOST_LOOPS = 5_000
_MOST_KEPT = 20_000
_MOST_DEPTH = 10
_SNIPPET = re.compile(r"""\{%-?\s*(?:render|include)\s+(?:"([^"]*)"|'([^']*)')\s*-?%\}""")
_GONE = ("include", "render", "extends", "block", "increment", "decrement", "ifchanged")


class _Limited(Environment):
    loop_iteration_limit = MOST_LOOPS
    output_stream_limit = MOST_LETTERS
    local_namespace_limit = _MOST_KEPT
    context_depth_limit = 20
    block_nesting_limit = 20


@cache
def environment(*, escapes: bool) -> Environment:
    """escapes: values become HTML."""
    made = _Limited(undefined=StrictDefaultUndefined, strict_filters=True, autoescape=escapes)
    for name in _GONE:
        made.tags.pop(name, None)
    made.filters.update(replace=_replace, join=_join, money=_money, day=_day, utm=_utm, json=_json)
    if not escapes:  # a plain text has its lines
        made.filters["newline_to_br"] = str
    return made


@string_filter
def _replace(value: str, old: str, new: str = "") -> str:
    """The built-in one, but its result is bounded before it is made."""
    old, new = str(old), str(new)
    return _bounded(len(value) + value.count(old) * len(new)) or value.replace(old, new)


def _join(value: object, joint: str = " ") -> str:
    items = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    parts, between = ["" if one is None else str(one) for one in items], str(joint)
    return _bounded(sum(map(len, parts)) + len(parts) * len(between)) or between.join(parts)


def _bounded(letters: int) -> str:
    if letters > MOST_LETTERS:
        raise ResourceLimitError("the text grows too large", token=None)
    return ""


@with_context
def _money(value: object, *, context: RenderContext) -> str:
    """Major units as the receiver's language writes them."""
    currency, language = context.resolve("currency"), context.resolve("language")
    return price(to_minor(str(value), currency), currency, language) if value not in (None, "") else ""


@with_context
def _day(value: object, *, context: RenderContext) -> str:
    """An ISO date, or what begins with one."""
    return day(date.fromisoformat(str(value)[:10]), context.resolve("language")) if value not in (None, "") else ""


def _utm(value: object, query: str, domains: str) -> str:
    """Of a link that has values in it: what `act.links` does at once to those that have none."""
    if isinstance(value, Markup):
        return Markup(with_utm_in_html(str(value), query, domains.split()))
    return with_utm(str(value), query, domains.split())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def parse(source: str, *, escapes: bool = False) -> BoundTemplate:
    """InputError that says the line."""
    try:
        return environment(escapes=escapes).from_string(source)
    except LiquidError as error:
        raise _wrong(error) from error
    except RecursionError as error:
        raise template_wrong(Text("it is nested too deep", "es ist zu tief verschachtelt")) from error


def fill(template: BoundTemplate, values: Mapping[str, Any]) -> str:
    """The text with these values. InputError `template_variable_unknown` and `template_too_large` are told apart."""
    try:
        return template.render(values)
    except UndefinedError as error:
        raise InputError(
            "template_variable_unknown",
            Text("A variable has no value: {name}.", "Eine Variable hat keinen Wert: {name}.").fill(
                name=_undefined(error)
            ),
            Text(
                "Correct its name, or say what stands for it: default.",
                "Den Namen berichtigen oder mit default sagen, was dafür steht.",
            ),
        ) from error
    except ResourceLimitError as error:
        raise InputError(
            "template_too_large",
            Text("The template loops too often or grows too large.", "Die Vorlage läuft zu oft um oder wird zu groß."),
            Text("Bound its loops, for example with limit.", "Schleifen begrenzen, etwa mit limit."),
        ) from error
    except (LiquidError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise _wrong(error) from error


def with_snippets(source: str, snippets: Mapping[str, str], within: tuple[str, ...] = ()) -> str:
    """`{% render "name" %}` replaced by the snippet's text. InputError for unknown ones and such as hold themselves."""

    def put(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name in within or len(within) >= _MOST_DEPTH:
            raise template_wrong(
                Text("the snippet “{name}” holds itself", "der Baustein „{name}“ enthält sich selbst").fill(name=name)
            )
        if name not in snippets:
            raise template_wrong(
                Text("there is no snippet “{name}”", "einen Baustein „{name}“ gibt es nicht").fill(name=name)
            )
        return with_snippets(snippets[name], snippets, (*within, name))

    whole = _SNIPPET.sub(put, source)
    if len(whole) > MOST_LETTERS:
        raise template_wrong(Text("it is too large", "es ist zu groß"))
    return whole


def snippets_in(source: str) -> list[str]:
    return [one or other for one, other in _SNIPPET.findall(source)]


def names_in(template: BoundTemplate) -> list[tuple[str, ...]]:
    """What a template asks for from outside, as paths: ("customer", "first_name")."""
    found = {
        tuple(part for part in one.segments if isinstance(part, str))
        for many in template.analyze().globals.values()
        for one in many
    }
    return sorted(path for path in found if path)


def template_wrong(why: Text, place: str = "") -> InputError:
    """place: the part of a definition that is meant, such as `de.body`."""
    where = Text(" at {place}", " bei {place}").fill(place=place) if place else None
    message = Text("The template is wrong{where}: {why}.", "Die Vorlage ist falsch{where}: {why}.")
    return InputError(
        "template_wrong",
        message.fill(where=where or "", why=why),
        Text("Correct it; nothing was saved.", "Berichtigen; gespeichert wurde nichts."),
    )


def _wrong(error: Exception) -> InputError:
    token = getattr(error, "token", None)
    source, start = getattr(token, "source", ""), getattr(token, "start_index", 0)
    told = str(getattr(error, "message", "") or error).split("\n")[0].rstrip(".")
    if not source:
        return template_wrong(Text(told, told))
    line = source.count("\n", 0, start) + 1
    return template_wrong(Text("line {line}: {told}", "Zeile {line}: {told}").fill(line=line, told=told))


def _undefined(error: UndefinedError) -> str:
    """The name out of the library's sentence “'name' is undefined”."""
    return str(error.message).removesuffix("is undefined").strip().strip("'")
