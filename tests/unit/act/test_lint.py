"""What a template is told before it may be sent."""

from typing import Any

from schwung.act.lint import RULES, Draft, lint
from schwung.act.lint.rule import read_page
from schwung.act.template import read_template

IMPRINT = "Kaffeehaus GmbH, Weg 1, 10115 Berlin"
GOOD = '<p>{{ company.imprint }}</p><a href="{{ unsubscribe_url }}">Abmelden</a><img src="a.png" alt="Tasse">'


def told(
    html: str, *, names: tuple[str, ...] = ("company.imprint",), subject: str = "Hallo", **more: object
) -> set[str]:
    settings = {"sender": "a@shop.example", "imprint": IMPRINT} | {key: more.pop(key) for key in ("sender", "imprint") if key in more}  # fmt: skip
    words = {"subject": subject, "preheader": "Neu", "body": html}
    template = read_template("x", {"de": words, "en": words, **more})
    known = {"company.imprint", "company.name", "customer.first_name", "unsubscribe_url"}
    asked = tuple(tuple(one.split(".")) for one in names)
    return {one.rule for one in lint(Draft(template, "de", template.variants["de"], read_page(html), asked, known, **settings))}  # type: ignore[arg-type] # fmt: skip


def test_a_good_one_is_told_nothing() -> None:
    assert told(GOOD) == set()


def test_advertising_needs_sender_imprint_and_a_way_out() -> None:
    assert told("<p>Hallo</p>", names=(), sender="", imprint="") == {"sender", "imprint", "unsubscribe"}
    assert told("<p>Hallo</p>", names=()) == {"imprint", "unsubscribe"}
    assert told("<p>Hallo</p>", names=(), advertising=False, purpose="account") == set()


def test_each_other_rule() -> None:
    assert told(GOOD, names=("company.imprint", "customer.vorname")) == {"variables"}
    assert told(GOOD + '<img src="b.png">') == {"images"}
    assert told(GOOD + '<a href="#">Los</a>') == {"links"} == told(GOOD + '<a href="javascript:alert(1)">x</a>')
    assert told(GOOD + '<a href="mailto:hallo@shop.example">x</a><a href="https://shop.example/a">y</a>') == set()
    assert told(GOOD + "<mj-bottom></mj-bottom>") == {"markup"}
    assert told(GOOD + "x" * 105_000) == {"size"}
    assert told(GOOD, subject="x" * 150) == {"preheader"}


def test_rules_have_files_of_their_own() -> None:
    assert len(RULES) == len({one.name for one in RULES.values()})


def test_a_message_needs_a_purpose_that_the_law_knows() -> None:
    assert told(GOOD, purpose="marketing") == {"purpose"}
    assert told("<p>Hallo</p>", advertising=False, purpose="review_request") == {"purpose"}, (
        "asking for reviews is advertising"
    )
    assert told(GOOD, purpose="survey") == set()


def test_the_mail_that_asks_for_confirmation_carries_no_advertising() -> None:
    ask = '<p>{{ journey.consent_text }}</p><a href="{{ journey.confirm_url }}">Ja</a>'
    names = ("journey.consent_text", "journey.confirm_url", "company.imprint")
    about: dict[str, Any] = {
        "advertising": False,
        "purpose": "double_opt_in",
        "expects": {"consent_text": "x", "confirm_url": "y"},
    }

    def told_of(html: str, *more: str) -> set[str]:
        return told(html, names=(*names, *more), **about) - {"variables"}

    assert told_of(ask) == set()
    assert told_of(ask + '<a href="https://shop.example/sale">Rabatt</a>') == {"double_opt_in"}
    assert told_of(ask, "products.recommended") == {"double_opt_in"}
    assert told_of("<p>{{ journey.consent_text }}</p>") == {"double_opt_in"}
    assert "double_opt_in" in told(ask, names=names[1:], **about)
