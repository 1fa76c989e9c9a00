"""E-mails from templates: MJML with Liquid in it, a plain part, links that say where they come from."""

import re

import pytest

from schwung.act.template import read_template
from schwung.core.errors import InputError
from schwung.renderers.email import Compiled, Links, compile_email

BODY = """<mjml><mj-body><mj-section><mj-column>
<mj-text><h1>Hallo {{ customer.first_name | default: "du" }}</h1></mj-text>
{% for product in products.cart %}<mj-text><a href="{{ product.url }}">{{ product.name }}</a>: {{ product.price }}</mj-text>{% endfor %}
{% if customer.order_count > 3 %}<mj-text>Danke</mj-text>{% endif %}
<mj-button href="https://www.shop.example/cart?x=1&amp;y=2#z">Zur Kasse</mj-button>
</mj-column></mj-section><mj-section><mj-column>{% render "foot" %}</mj-column></mj-section></mj-body></mjml>"""
FOOT = '<mj-text>{{ company.imprint | newline_to_br }}<br/><a href="{{ unsubscribe_url }}">Abmelden</a></mj-text>'
LINKS = Links("utm_source=schwung&utm_medium=email&utm_campaign=cart", ("shop.example",))
VALUES = {
    "customer": {"first_name": "Jürgen <b>", "order_count": 4},
    "products": {"cart": [{"name": f"Tasse {n}", "price": "3,00 €", "url": f"https://shop.example/p/{n}?a=1&b=2"} for n in (1, 2)]},
    "company": {"imprint": "Kaffeehaus\nWeg 1"},
    "unsubscribe_url": "https://shop.example/u/1",
}  # fmt: skip


def compiled(body: str = BODY, **more: str) -> Compiled:
    words = {
        "subject": "{{ customer.first_name }}, noch da?",
        "preheader": "Für {{ customer.first_name }}",
        "body": body,
    }
    template = read_template("cart", {"de": words | more})
    return compile_email(template, "de", template.variants["de"], {"foot": FOOT}, LINKS)


def test_mjml_keeps_its_liquid_and_loops_over_blocks() -> None:
    made = compiled().render(VALUES)
    assert made.subject == "Jürgen <b>, noch da?"
    assert "Hallo Jürgen &lt;b&gt;" in made.html and "Für Jürgen &lt;b&gt;" in made.html
    assert made.html.count("Tasse ") == 2 and "Danke" in made.html and "{%" not in made.html
    assert 'lang="de"' in made.html and "googleapis" not in made.html, "nothing is loaded from others"


def test_the_plain_part_says_the_same() -> None:
    text = compiled().render(VALUES).text
    assert text.startswith("Hallo Jürgen <b>\n\nTasse 1 (https://shop.example/p/1?a=1&b=2&utm_source=schwung")
    assert "Danke" in text and "Kaffeehaus\nWeg 1\nAbmelden (https://shop.example/u/1)" in text
    assert "Für" not in text, "the preheader is hidden"
    assert compiled(text="Nur {{ customer.first_name }}").render(VALUES).text == "Nur Jürgen <b>\n"


def test_links_to_the_shop_say_where_they_come_from() -> None:
    links = re.findall(r'href="([^"]*)"', compiled().render(VALUES).html)
    query = "utm_source=schwung&amp;utm_medium=email&amp;utm_campaign=cart"
    assert links == [
        f"https://shop.example/p/1?a=1&amp;b=2&amp;{query}",
        f"https://shop.example/p/2?a=1&amp;b=2&amp;{query}",
        f"https://www.shop.example/cart?x=1&amp;y=2&amp;{query}#z",
        "https://shop.example/u/1",
    ]
    other = compiled('<a href="https://other.example/">x</a><a href="https://shop.example/?utm_campaign=own">y</a>')
    assert re.findall(r'href="([^"]*)"', other.render(VALUES).html) == [
        "https://other.example/",
        "https://shop.example/?utm_campaign=own&amp;utm_source=schwung&amp;utm_medium=email",
    ]


def test_html_and_text_are_taken_as_they_are() -> None:
    assert "<p>Eins</p><p>Zwei</p>" in compiled("Eins\n\nZwei").render(VALUES).html
    assert compiled("<p>Eins</p>").render(VALUES).html.startswith("<!doctype html>")
    assert "max-width:600px" in compiled("<mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section>").html


def test_a_subject_is_one_line() -> None:
    made = compiled().render(VALUES | {"customer": {"first_name": "Eva\r\nBcc: x@evil.example", "order_count": 0}})
    assert made.subject == "Eva Bcc: x@evil.example, noch da?"


@pytest.mark.parametrize(
    ("body", "place"),
    [("<mjml><mj-body><mj-section></mj-body></mjml>", "de.body"), ("{% render 'no' %}", "de.body"), ("{% if %}", "de.body")],
)  # fmt: skip
def test_mistakes_name_their_place(body: str, place: str) -> None:
    with pytest.raises(InputError) as told:
        compiled(body)
    assert told.value.message.de.startswith(place)


@pytest.mark.parametrize(
    "written",
    [
        {}, {"de": "x"}, {"de": {"titel": "x"}}, {"channel": "fax", "de": {"body": "x"}}, {"fr": {"body": "x"}},
        {"de": {"subject": "a\nb", "body": "x"}}, {"de": {"body": 5}}, {"channel": "webhook", "url": "ftp://x"},
        {"de": {"body": "x"}, "purpose": "a b"}, {"de": {"body": "x"}, "advertising": "yes"}, {"de": {"body": "x"}, "expects": ["a"]},
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused(written: object) -> None:
    with pytest.raises(InputError) as told:
        read_template("x", written)
    assert told.value.code == "template_wrong"


def test_a_definition_reads_back_as_it_was() -> None:
    written = {"de": {"subject": "a", "body": "b"}, "expects": {"code": "WELCOME"}, "advertising": False, "purpose": "order_confirmation"}  # fmt: skip
    template = read_template("x", written)
    assert read_template("x", template.to_json()) == template
