"""Marketing channels by campaign tags, click ids and referrer."""

import pytest

from schwung.collect.touch import CHANNELS, Campaign, Page, channel_of

HERE = "https://www.kaffee.example/beans"


@pytest.mark.parametrize(
    ("medium", "source", "channel"),
    [
        ("cpc", "google", "paid_search"), ("CPC", "Bing", "paid_search"), ("sea", "adwords", "paid_search"),
        ("cpc", "facebook", "paid_social"), ("paid_social", "anything", "paid_social"), ("paidsocial", "ig", "paid_social"),
        ("social", "instagram", "social"), ("organic", "google", "organic_search"), ("email", "newsletter", "email"),
        ("e-mail", None, "email"), ("newsletter", "may", "email"), ("sms", "twilio", "sms"), ("whatsapp", None, "messenger"),
        ("push", "app", "push"), ("display", "gdn", "display"), ("cpm", "criteo", "display"), ("affiliate", "awin", "affiliate"),
        ("referral", "blog.example", "referral"), ("qr", "flyer", "offline"), ("print", None, "offline"), ("video", "youtube", "video"),
        ("banana", "tree", "other"), (None, "newsletter", "email"), (None, "google", "organic_search"), (None, "facebook", "social"),
        (None, "tree", "other"), ("cpc", "tree", "other"), ("podcast", "x", "audio"), ("retargeting", "criteo", "display"),
    ],
)  # fmt: skip
def test_campaign_tags(medium: str | None, source: str | None, channel: str) -> None:
    assert channel_of(Campaign("spring", source, medium), Page(HERE, "https://www.google.com/")) == channel
    tags = "&".join(f"utm_{name}={value}" for name, value in (("medium", medium), ("source", source)) if value)
    assert channel_of(None, Page(f"{HERE}?{tags}&utm_campaign=spring")) == channel


@pytest.mark.parametrize(
    ("query", "channel"),
    [
        ("gclid=1", "paid_search"),
        ("msclkid=1", "paid_search"),
        ("wbraid=1", "paid_search"),
        ("ttclid=1", "paid_social"),
        ("li_fat_id=1", "paid_social"),
    ],
)
def test_click_ids(query: str, channel: str) -> None:
    assert channel_of(None, Page(f"{HERE}?{query}", "https://www.google.com/")) == channel


@pytest.mark.parametrize(
    ("referrer", "channel"),
    [
        ("https://www.google.de/", "organic_search"), ("https://duckduckgo.com/", "organic_search"), ("https://www.bing.com/search?q=x", "organic_search"),
        ("https://l.facebook.com/l.php", "social"), ("https://t.co/abc", "social"), ("https://www.instagram.com/", "social"),
        ("https://mail.google.com/", "email"), ("https://webmail.firm.example/", "email"), ("https://blog.example/post", "referral"),
        ("https://notgoogle.example/", "referral"), ("https://xing.com.evil.example/", "referral"), ("", "direct"), (None, "direct"),
        ("https://kaffee.example/", None), ("https://checkout.kaffee.example/pay", None), ("http://[broken", "direct"),
    ],
)  # fmt: skip
def test_referrers(referrer: str | None, channel: str | None) -> None:
    assert channel_of(None, Page(HERE, referrer)) == channel


def test_nothing_tells_nothing() -> None:
    assert channel_of(None, None) is None
    assert channel_of(Campaign(), Page()) is None


def test_every_channel_has_both_languages() -> None:
    assert {"paid_search", "organic_search", "email", "direct", "referral", "social"} <= set(CHANNELS)
