"""Caps, quiet hours, warm-up and retries against what one finds by trying every moment."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schwung.act.caps import Cap, Wish, held_back
from schwung.act.quiet import Quiet, day_starts
from schwung.act.retry import meaning, pause
from schwung.act.warmup import Day, most_today
from schwung.core.clock import DAY, HOUR, MINUTE, Instant, to_datetime, to_instant

ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "UTC")
NEAR = to_instant(datetime(2026, 10, 25, 1, tzinfo=ZoneInfo("UTC")))
"""The end of summer time in Germany."""
SPRING = to_instant(datetime(2026, 3, 29, 1, tzinfo=ZoneInfo("UTC")))


def local(at: Instant, zone: str) -> datetime:
    return to_datetime(at).astimezone(ZoneInfo(zone))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([NEAR, SPRING]), st.integers(-30 * 60, 30 * 60), st.sampled_from(ZONES), st.integers(0, 95), st.integers(0, 95)
)  # fmt: skip
def test_the_first_allowed_minute_is_the_first_that_the_wall_clock_allows(
    around: Instant, minutes: int, zone: str, begins: int, ends: int
) -> None:
    quiet = Quiet(time(begins // 4, begins % 4 * 15), time(ends // 4, ends % 4 * 15))
    start = around + minutes * MINUTE

    def is_quiet(at: Instant) -> bool:
        now = local(at, zone).time()
        if quiet.begins <= quiet.ends:
            return quiet.begins <= now < quiet.ends
        return now >= quiet.begins or now < quiet.ends

    found = quiet.next_allowed(start, zone)
    tried = next(at for at in range(start, start + 3 * DAY, MINUTE) if not is_quiet(at))
    assert found == tried
    assert (quiet.reason(start, zone) is None) == (found == start)


def test_the_hour_that_comes_twice_is_quiet_twice() -> None:
    quiet = Quiet(time(22), time(2, 30))
    first = to_instant(datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("UTC")))  # 02:30 summer time
    assert quiet.reason(first - MINUTE, "Europe/Berlin") == "quiet_hours"
    assert quiet.reason(first, "Europe/Berlin") is None
    again = first + 30 * MINUTE  # the clock shows 02:00 once more
    assert quiet.reason(again, "Europe/Berlin") == "quiet_hours"
    assert quiet.next_allowed(again, "Europe/Berlin") == first + HOUR


def test_holidays_and_sundays_pass_with_the_night_after_them() -> None:
    free = {date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 27)}
    quiet = Quiet(time(20), time(8), free.__contains__)
    at = to_instant(datetime(2026, 12, 24, 21, tzinfo=ZoneInfo("Europe/Berlin")))
    assert quiet.reason(at, "Europe/Berlin") == "quiet_hours"
    assert local(quiet.next_allowed(at, "Europe/Berlin"), "Europe/Berlin").isoformat() == "2026-12-28T08:00:00+01:00"
    assert quiet.reason(at + 12 * HOUR, "Europe/Berlin") == "holiday"


CAPS = st.lists(
    st.builds(Cap, st.sampled_from([1, 3, 7]), st.integers(0, 3), st.sampled_from([None, "email", "sms"])), min_size=1, max_size=3
)  # fmt: skip
HAD = st.lists(st.tuples(st.integers(0, 12 * 24), st.sampled_from(["email", "sms"])), max_size=8)


@settings(max_examples=150, deadline=None)
@given(CAPS, HAD, st.lists(st.sampled_from(["email", "sms"]), min_size=1, max_size=6), st.sampled_from(ZONES))
def test_caps_are_what_counting_says(caps: list[Cap], had: list[tuple[int, str]], asked: list[str], zone: str) -> None:
    now = NEAR + 11 * HOUR
    sent = [(now - hours * HOUR, channel) for hours, channel in had]
    wishes = [Wish(nth, 1, channel, zone) for nth, channel in enumerate(asked)]
    waits = held_back(wishes, {1: sent}, caps, now)

    def is_full(at: Instant, channel: str, had: list[tuple[Instant, str]]) -> bool:
        today = local(at, zone).date()
        return any(
            sum(
                today - timedelta(days=cap.days - 1) <= local(then, zone).date() <= today
                for then, one in had
                if cap.channel in (None, one)
            ) >= cap.most
            for cap in caps
            if cap.channel in (None, channel)
        )  # fmt: skip

    counted = list(sent)
    for wish in wishes:
        assert (wish.message_no in waits) == is_full(now, wish.channel, counted)
        if wish.message_no in waits:
            at = waits[wish.message_no]
            assert at in day_starts(at, zone, 0) and at > now
            if all(cap.most for cap in caps):
                assert not is_full(at, wish.channel, counted), "then there is room"
                days = [at - n * HOUR for n in range(1, int((at - now) // HOUR))]
                assert all(is_full(one, wish.channel, counted) for one in days[::8]), "and not sooner"
        else:
            counted.append((now, wish.channel))


def test_a_new_domain_earns_its_steps() -> None:
    steps = (100, 200, 400)
    assert most_today([], steps) == 100
    assert most_today([Day(100)], steps) == 200
    assert most_today([Day(30)], steps) == 100, "a day that sent little earns nothing"
    assert most_today([Day(100), Day(200, bounced=10)], steps) == 100, "one step back"
    assert most_today([Day(100), Day(200), Day(400)], steps) is None
    assert most_today([Day(100), Day(200), Day(400), Day(1000, complained=2)], steps) == 400


def test_pauses_grow_and_differ() -> None:
    pauses = [pause(nth, 7) for nth in range(1, 9)]
    assert pauses == [pause(nth, 7) for nth in range(1, 9)] and pauses[0] >= 48_000_000
    assert pauses[0] < pauses[1] < pauses[2] < pauses[3] and max(pauses) <= 7.2 * HOUR
    assert len({pause(3, number) for number in range(50)}) == 50


@pytest.mark.parametrize(
    ("code", "text", "means"),
    [
        (450, "4.2.1 try later", "temporary"), (421, "", "temporary"), (550, "5.1.1 no such user", "bad_address"),
        (550, "5.7.1 blocked", "refused"), (552, "5.2.2 mailbox full", "refused"), (550, "User unknown", "bad_address"),
        (554, "no", "refused"), (550, "4.7.0 odd mixture", "temporary"), (500, "5.1.10 null MX", "bad_address"),
    ],
)  # fmt: skip
def test_what_servers_mean(code: int, text: str, means: str) -> None:
    assert meaning(code, text) == means
