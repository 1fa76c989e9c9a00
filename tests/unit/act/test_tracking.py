"""Signed links lead where the message said and nowhere else; machines are told from people."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schwung.act.machines import Seen, judge
from schwung.act.tracking import Touch, read, sign, tracked
from schwung.core.clock import MINUTE, SECOND

KEY, OTHER = b"k" * 32, b"o" * 32
PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15"
PAGE = '<html><body><a href="https://shop.de/a?x=1&amp;y=2">A</a> <A class="b" HREF=\'http://shop.de/ü\'>B</A> <a href="https://me.de/u/7">out</a> <a href="mailto:a@b.de">mail</a></BODY></html>'


@settings(max_examples=80)
@given(st.integers(1, 2**53), st.integers(0, 500), st.text(max_size=60), st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_token_says_nothing(number: int, link: int, url: str, place: int, change: int) -> None:
    token = sign(KEY, Touch(number, link, 3, url))
    assert read(KEY, token) == Touch(number, link, 3, url) and read(OTHER, token) is None
    place %= len(token)
    changed = token[:place] + chr((ord(token[place]) + change) % 128) + token[place + 1 :]
    assert read(KEY, changed) in (None, Touch(number, link, 3, url)), "never another one"


def test_links_are_led_and_keep_where_they_lead() -> None:
    page, count = tracked(
        PAGE, 7, KEY, lambda token: f"https://me.de/t/{token}", lambda url: url.startswith("https://me.de/")
    )
    assert count == 2 and "https://me.de/u/7" in page and "mailto:a@b.de" in page
    assert page.index("<img") < page.index("</BODY>")
    tokens = [part.split('"')[0].split("'")[0] for part in page.split("https://me.de/t/")[1:]]
    assert [read(KEY, token) for token in tokens] == [
        Touch(7, 1, 2, "https://shop.de/a?x=1&y=2"), Touch(7, 2, 2, "http://shop.de/ü"), Touch(7, 0, 2, ""),
    ]  # fmt: skip


def test_people_are_told_from_machines() -> None:
    sent = 1_000 * MINUTE
    opened = judge([Seen(0, PERSON, sent + MINUTE)], sent, 3)
    assert opened.opened_at == sent + MINUTE and opened.machine_opened_at is None
    apple = judge([Seen(0, "Mozilla/5.0", sent + MINUTE)], sent, 3)
    assert apple.opened_at is None and apple.machine_opened_at == sent + MINUTE
    quick = judge([Seen(1, PERSON, sent + SECOND)], sent, 3)
    assert quick.clicked == () and quick.machine_clicked_at is not None
    sweep = [Seen(number, PERSON, sent + MINUTE + number * SECOND) for number in (1, 2, 3)]
    late = [*sweep, Seen(2, PERSON, sent + 10 * MINUTE)]
    found = judge(late, sent, 3)
    assert found.clicked == ((2, sent + 10 * MINUTE),) and found.machine_clicked_at == sent + MINUTE + SECOND
    assert found.opened_at == sent + 10 * MINUTE, "who clicks has opened"
    slow = judge([Seen(number, PERSON, sent + number * MINUTE) for number in (1, 2, 3)], sent, 3)
    assert len(slow.clicked) == 3, "a thorough reader"
    scanner = judge([Seen(1, "Mozilla/5.0 (compatible; Barracuda Sentinel)", sent + MINUTE), Seen(1, f"HEAD {PERSON}", sent + MINUTE)], sent, 1)  # fmt: skip
    assert scanner.clicked == ()
    gmail = judge([Seen(0, "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", sent + MINUTE)], sent, 1)  # fmt: skip
    assert gmail.opened_at is not None, "Gmail fetches the picture when the person opens"
