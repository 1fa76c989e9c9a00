"""The form of a new experiment: groups, what counts as success, and for how long. What it says is what files and the API say."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from schwung.act.experiment.design import BEFORE_DAYS, CONTROL, MOST_ARMS, TREATED, WINDOW_DAYS, design_wrong
from schwung.app.segments import segments
from schwung.core.text import Text
from schwung.measure.step import OPS
from schwung.segment.words import OPS as OP_TEXTS
from schwung.web.console.funnels.form import MOST_FILTERS, choices, finished, properties, step_of
from schwung.web.console.page import Page

GOAL = "f.0"
START = ((CONTROL, "50"), (TREATED, "50"))
ORDER, SEGMENT, STEP = "order", "segment", "step"


def groups_of(arms: Sequence[str], shares: Sequence[str]) -> list[tuple[str, str]]:
    """Those that have a name or a share."""
    pairs = zip(arms, shares, strict=False)
    return [(arm.strip(), share.strip()) for arm, share in pairs if arm.strip() or share.strip()]


def design_of(page: Page, fields: Mapping[str, str], groups: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """As `read_design` reads it. InputError for what is none."""
    goal = _goal(page, fields)
    days = {name: _days(fields.get(name, ""), usual) for name, usual in (("window_days", WINDOW_DAYS), ("before_days", BEFORE_DAYS))}  # fmt: skip
    return {"arms": _shares(groups), "note": fields.get("note", ""), **days} | ({} if goal is None else {"goal": goal})


def shown(page: Page, fields: Mapping[str, str], groups: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What the page needs, after what the button `act` asks for."""
    found = defaultdict(str, {"goal": ORDER, f"{GOAL}.what": "event:"} | dict(fields))
    found[f"{GOAL}.what"] = found[f"{GOAL}.what"].removeprefix("event:")
    _act(found, fields.get("act", ""))
    rows = (list(groups) + [("", "")] * MOST_ARMS)[: max(MOST_ARMS, len(groups))]
    return {
        "fields": found, "rows": rows, "ops": OPS, "op_texts": OP_TEXTS, "properties": properties, "place": GOAL,
        "segments": {one.list.list_no: one.name for one in segments(page.workspace)},
        "choices": choices(page.workspace, page.language, [found[f"{GOAL}.what"]]),
        "usual": {"window_days": WINDOW_DAYS, "before_days": BEFORE_DAYS},
    }  # fmt: skip


def _goal(page: Page, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """None: an order."""
    goal = fields.get("goal", ORDER)
    if goal == SEGMENT:
        number = fields.get("segment", "")
        name = next((one.name for one in segments(page.workspace) if str(one.list.list_no) == number), None)
        if name is None:
            raise design_wrong(Text("no segment is chosen", "kein Segment ist gewählt"))
        entered = {"property": "segment_no", "op": "=", "value": int(number)}
        return {"event": "segment_entered", "where": [entered], "title": page.words("goal_entered", name=name)}
    if goal != STEP:
        return None
    if not fields.get(f"{GOAL}.what"):
        raise design_wrong(Text("no event is chosen", "kein Ereignis ist gewählt"))
    step: dict[str, Any] = finished({"steps": [step_of(fields, GOAL)]})["steps"][0]
    return step


def _days(written: str, usual: int) -> Any:
    """What is no number stays text, so that its error can be told."""
    written = written.strip()
    return int(written) if written.isdecimal() and len(written) < 6 else written or usual


def _act(found: dict[str, str], act: str) -> None:
    """act: filter:f:0 adds a condition to the event, unfilter:f:0:1 takes one away."""
    verb, _, rest = act.partition(":")
    kept = [nth for nth in range(MOST_FILTERS) if f"{GOAL}.o{nth}" in found]
    if verb == "unfilter":
        kept = [nth for nth in kept if str(nth) != rest.rpartition(":")[2]]
    tests = [tuple(found[f"{GOAL}.{part}{nth}"] for part in "pov") for nth in kept]
    if verb == "filter":
        tests.append(("", "=", ""))
    for nth in range(MOST_FILTERS):
        for part in "pov":
            found.pop(f"{GOAL}.{part}{nth}", None)
    for nth, test in enumerate(tests[:MOST_FILTERS]):
        found.update({f"{GOAL}.{part}{nth}": value for part, value in zip("pov", test, strict=True)})
    if verb in ("filter", "unfilter"):
        found["goal"] = STEP


def _shares(rows: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Per group its share, from per cent as people write them. InputError for what is no number and for a name that comes twice."""
    found: dict[str, float] = {}
    for arm, share in rows:
        try:
            part = float(share.rstrip(" %").replace(",", ".")) / 100
        except ValueError:
            raise design_wrong(
                Text(
                    "“{share}” is no share of “{arm}” in per cent", "„{share}“ ist kein Anteil von „{arm}“ in Prozent"
                ).fill(share=share[:20], arm=arm[:60])
            ) from None
        if arm in found:
            raise design_wrong(Text("two groups have the same name", "zwei Gruppen heißen gleich"))
        found[arm] = part
    return found
