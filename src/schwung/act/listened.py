"""What a journey listens to: an event or fact with conditions, or a rule that comes true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment.leaf import mapping, step
from schwung.segment.rule import IS_KEPT, Lapsed, LeafError, Node, lapsed, read_rule

ROWS = ("event", "fact", "where", "title")


@dataclass(frozen=True, slots=True)
class Listened:
    """Either happened or rule is given; lapsed: an event or fact that names what is gone."""

    happened: Step | None = None
    rule: Node | None = None
    lapsed: Lapsed | None = None

    def to_json(self) -> dict[str, Any]:
        if self.lapsed:
            return dict(self.lapsed.written)
        return self.happened.to_json() if self.happened else {"rule": self.rule.to_json()} if self.rule else {}

    @property
    def words(self) -> Text:
        if self.happened:
            return self.happened.label()
        if self.lapsed:
            return self.lapsed.words
        assert self.rule is not None
        return self.rule.words


def read_listened(written: Any) -> Listened:
    """From {event | fact, where, title}, {rule}, or the bare name of an event or fact."""
    if isinstance(written, Mapping) and "rule" in written:
        return Listened(rule=read_rule(mapping(written, "rule")["rule"]))
    if not isinstance(written, str | Mapping):
        raise LeafError(
            Text("an event, a fact or a rule is expected", "erwartet wird ein Ereignis, ein Fakt oder eine Regel")
        )
    try:
        return Listened(happened=step(written if isinstance(written, str) else mapping(written, *ROWS)))
    except LeafError as error:
        if IS_KEPT.get() and isinstance(written, Mapping):
            return Listened(lapsed=lapsed(written, error))
        raise
