"""What a journey listens to: an event or fact with conditions, or a rule that comes true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment.leaf import mapping, step
from schwung.segment.rule import LeafError, Node, read_rule

ROWS = ("event", "fact", "where", "title")


@dataclass(frozen=True, slots=True)
class Listened:
    """Either happened or rule is given."""

    happened: Step | None = None
    rule: Node | None = None

    def to_json(self) -> dict[str, Any]:
        return self.happened.to_json() if self.happened else {"rule": self.rule.to_json()} if self.rule else {}

    @property
    def words(self) -> Text:
        if self.happened:
            return self.happened.label()
        assert self.rule is not None
        return self.rule.words


def read_listened(written: Any) -> Listened:
    """From {event | fact, where, title}, {rule}, or the bare name of an event or fact."""
    if isinstance(written, Mapping) and "rule" in written:
        return Listened(rule=read_rule(mapping(written, "rule")["rule"]))
    if isinstance(written, str):
        return Listened(happened=step(written))
    if not isinstance(written, Mapping):
        raise LeafError(
            Text("an event, a fact or a rule is expected", "erwartet wird ein Ereignis, ein Fakt oder eine Regel")
        )
    return Listened(happened=step(mapping(written, *ROWS)))
