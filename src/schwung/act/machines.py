"""Tells openings and clicks of machines from those of people: mail proxies that fetch pictures, scanners that follow every link."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schwung.core.clock import SECOND, Instant

AT_ONCE = 2 * SECOND
"""Nobody reads a message sooner after it was sent."""
TOGETHER = 10 * SECOND
"""Within this time a person does not follow every link."""
_MANY = 3
_MACHINES = re.compile(
    r"bot\b|crawl|spider|scan|preview|proxy|barracuda|mimecast|proofpoint|symantec|messagelabs|trendmicro|sophos|"
    r"fortimail|forcepoint|trustwave|cloudmark|safelinks|urldefense|headless|phantomjs|python|curl/|wget|go-http|okhttp|java/|"
    r"libwww|httpclient|node-fetch|axios",
    re.I,
)
_PEOPLE = re.compile("googleimageproxy", re.I)
"""Gmail fetches the picture when the person opens the message."""
_APPLE = "Mozilla/5.0"
"""All that Apple's mail privacy proxy says of itself."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request. link_no 0: the picture. agent: its user agent; `HEAD ` before it for a request that reads nothing."""

    link_no: int
    agent: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Verdict:
    """When a person opened, which links they followed and when; whether there were machines too. None, empty: nobody did."""

    opened_at: Instant | None
    clicked: tuple[tuple[int, Instant], ...]
    machine_opened_at: Instant | None
    machine_clicked_at: Instant | None


def judge(seen: Sequence[Seen], sent_at: Instant, link_count: int) -> Verdict:
    """seen: all requests of one message. A click by a person is an opening too."""
    swept = _swept(seen, link_count)
    people: list[Seen] = []
    machines: list[Seen] = []
    for one in seen:
        is_machine = one.at - sent_at < AT_ONCE or is_machine_agent(one.agent) or one in swept
        (machines if is_machine else people).append(one)
    clicks: dict[int, Instant] = {}
    for one in people:
        if one.link_no:
            clicks[one.link_no] = min(one.at, clicks.get(one.link_no, one.at))
    return Verdict(
        min((one.at for one in people), default=None),
        tuple(sorted(clicks.items(), key=lambda click: (click[1], click[0]))),
        min((one.at for one in machines if not one.link_no), default=None),
        min((one.at for one in machines if one.link_no), default=None),
    )


def is_machine_agent(agent: str) -> bool:
    """By what it says of itself; who says nothing is one."""
    told = agent.strip()
    if not told or told == _APPLE or told.startswith("HEAD "):
        return True
    return bool(_MACHINES.search(told)) and not _PEOPLE.search(told)


def _swept(seen: Sequence[Seen], link_count: int) -> set[Seen]:
    """Clicks of a sweep over all links of the message within some seconds."""
    if link_count < _MANY:
        return set()
    clicks = sorted((one for one in seen if one.link_no), key=lambda one: one.at)
    found: set[Seen] = set()
    for nth, first in enumerate(clicks):
        window = [one for one in clicks[nth:] if one.at - first.at <= TOGETHER]
        if len({one.link_no for one in window}) >= link_count:
            found.update(window)
    return found
