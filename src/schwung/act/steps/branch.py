"""Two ways, by a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, Way, mapping
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError, Node, read_rule

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Branch:
    rule: Node

    def to_json(self) -> dict[str, Any]:
        return {"if": self.rule.to_json()}

    @property
    def words(self) -> Text:
        return Text("if {words}", "wenn {words}").fill(words=self.rule.words)


def _read(written: Mapping[str, Any]) -> Branch:
    data = mapping(written, "if", "then", "else")
    if "if" not in data:
        raise LeafError(Text("“if” needs a rule", "„if“ braucht eine Regel"))
    return Branch(read_rule(data["if"]))


def _ways(written: Mapping[str, Any]) -> tuple[Way, ...]:
    return Way(YES, Text("yes", "ja"), ("then",)), Way(NO, Text("no", "nein"), ("else",))


STEP = StepKind(
    "branch",
    Text("Branch", "Verzweigen"),
    Text(
        "Who meets the rule goes by `then`, everybody else by `else`; after that both go on together.",
        "Wer die Regel erfüllt, geht über `then`, alle anderen über `else`; danach gehen beide gemeinsam weiter.",
    ),
    _read,
    {"if": {"kind": ["existing"]}, "then": [{"send": {"template": "regulars"}}], "else": [{"wait": {"for": "1 day"}}]},
    (Field("if", "rule", Text("if", "wenn")),),
    icon="arrows-split-2",
    ways=_ways,
)
