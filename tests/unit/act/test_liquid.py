"""What templates may ask for: unknown names are told, nothing runs away, snippets cannot hold themselves."""

import time

import pytest

from schwung.act.liquid import fill, names_in, parse, with_snippets
from schwung.core.errors import InputError


def filled(source: str, escapes: bool = True, **values: object) -> str:
    return fill(parse(source, escapes=escapes), {"language": "de", "currency": "EUR", **values})


def test_values_become_html_and_empty_ones_have_a_default() -> None:
    assert filled("{{ name }}", name="<b>Jürgen & Söhne") == "&lt;b&gt;Jürgen &amp; Söhne"
    assert filled("{{ name | default: 'Hallo' }}", name=None) == "Hallo"
    assert filled("{{ name }}", escapes=False, name="<b>") == "<b>"


def test_what_nobody_fills_is_told_by_its_name() -> None:
    with pytest.raises(InputError) as told:
        filled("{{ customer.vorname }}", customer={"first_name": "Eva"})
    assert told.value.code == "template_variable_unknown"
    assert "customer.vorname" in told.value.message.de


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..999) %}{% for j in (1..999) %}{% endfor %}{% endfor %}",
        "{% tablerow i in (1..100000000) %}{% endtablerow %}",
        "{% assign s = 'xx' %}{% for i in (1..99) %}{% assign s = s | append: s %}{% endfor %}",
        "{{ long | replace: '', long | replace: '', long }}",
        "{{ many | join: long }}",
    ],
)
def test_a_loop_never_hangs(source: str) -> None:
    started = time.process_time()
    with pytest.raises(InputError) as told:
        filled(source, long="x" * 19_000, many=["y"] * 19_000)
    assert told.value.code == "template_too_large"
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "source", ["{% if x %}", "{{ x | nonsense }}", "{% while %}", "{% render 'a', b: 1 %}", "{{ 1 | divided_by: 0 }}"]
)
def test_mistakes_are_told(source: str) -> None:
    with pytest.raises(InputError) as told:
        filled(source, x=1)
    assert told.value.code == "template_wrong"


def test_snippets_are_put_in_and_never_hold_themselves() -> None:
    known = {"foot": "Gruß, {% render 'name' %}", "name": "{{ company.name }}", "a": "{% include 'b' %}", "b": "{% include 'a' %}"}  # fmt: skip
    assert with_snippets("x {% render 'foot' %}", known) == "x Gruß, {{ company.name }}"
    for source in ("{% render 'a' %}", '{%- include "gone" -%}'):
        with pytest.raises(InputError):
            with_snippets(source, known)


def test_names_are_those_from_outside() -> None:
    source = "{% assign a = 1 %}{{ a }}{% for p in products.cart %}{{ p.name }}{{ customer['first_name'] }}{% endfor %}"
    assert names_in(parse(source)) == [("customer", "first_name"), ("products", "cart")]


def test_money_and_days_read_as_the_language_says() -> None:
    assert filled("{{ x | money }} am {{ d | day }}", x=1234.5, d="2026-11-29") == "1.234,50\xa0€ am 29. November 2026"
    assert filled("{{ x | money }}", x="7", language="en") == "€7.00"
