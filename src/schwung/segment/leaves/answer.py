"""The latest answer to a question, on 0 (worst) to 100 (best): NPS × 10, stars and CSAT (x − 1) ÷ (k − 1)."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.scores import SCORED
from schwung.measure.step import Condition
from schwung.segment.field import TEST, WITHIN, Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, condition, mapping, span, texts
from schwung.segment.rule import LeafError
from schwung.segment.signed import FAR, signed
from schwung.segment.span import ever_or_within, said_span
from schwung.segment.standing import Answered
from schwung.segment.words import OPS


@dataclass(frozen=True, slots=True)
class Answer:
    of: Answered
    test: Condition
    window: int | None = None

    def to_json(self) -> dict[str, Any]:
        named = {name: value for name, value in (("metric", self.of.metric), ("question", self.of.question)) if value}
        test = {name: value for name, value in self.test.to_json().items() if name != "property"}
        return {"answer": named | test | ({"within": said_span(self.window).en} if self.window else {})}

    @property
    def words(self) -> Text:
        value = "" if self.test.value is None else f" {self.test.value}"
        return Text("latest answer {name} {op}{value}, {when}", "letzte Antwort {name} {op}{value}, {when}").fill(
            name=self.of.question or self.of.metric.upper(),
            op=OPS[self.test.op],
            value=value,
            when=ever_or_within(self.window),
        )

    @property
    def needs(self) -> Needs:
        return (self.of,)

    def value(self, state: State) -> ir.IntegerValue:
        score, at = state.of(self.of, "_score"), state.of(self.of, "_at")
        holds = self.test.meets(score) & score.notnull()
        if self.window is None:
            return signed(holds)
        holds = (holds & (at > state.now - self.window)).fill_null(False)
        return signed(holds, ibis.cases((holds, at + self.window), else_=FAR))


def _read(written: Any) -> Answer:
    data = mapping(written, "metric", "question", "op", "value", "within")
    metric = texts(data["metric"], dict.fromkeys(SCORED))[0] if data.get("metric") else ""
    question = str(data.get("question") or "")
    if not metric and not question:
        raise LeafError(Text("metric or question is expected", "erwartet wird metric oder question"))
    test = condition({"property": "score"} | {name: data[name] for name in ("op", "value") if name in data})
    return Answer(Answered(metric, question), test, span(data, "within"))


LEAF = LeafKind(
    "answer",
    Text("latest answer", "letzte Antwort"),
    Text(
        "The latest answer to a question or kind of question, on 0 (worst) to 100 (best).",
        "Die letzte Antwort auf eine Frage oder Art von Frage, auf 0 (schlecht) bis 100 (gut).",
    ),
    _read,
    {"answer": {"metric": "nps", "op": "≤", "value": 60, "within": "365 days"}},
    (
        Field(
            "metric",
            "choice",
            Text("question", "Frage"),
            {name: Text(name.upper(), name.upper()) for name in SCORED},
        ),
        TEST,
        WITHIN,
    ),
)
