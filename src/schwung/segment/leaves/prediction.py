"""What a model predicts of the customer; who was not predicted does not meet it."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import Condition
from schwung.segment.field import TEST, Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, condition, mapping
from schwung.segment.rule import LeafError
from schwung.segment.signed import signed
from schwung.segment.standing import Predicted
from schwung.segment.words import OPS


@dataclass(frozen=True, slots=True)
class Prediction:
    """Money in major units, probabilities from 0 to 1. A text as value is compared with the label (group, product)."""

    of: Predicted
    test: Condition
    is_money: bool = False

    def to_json(self) -> dict[str, Any]:
        test = {name: value for name, value in self.test.to_json().items() if name != "property"}
        money = {"money": True} if self.is_money else {}
        return {"prediction": {"model": self.of.model, "target": self.of.target} | test | money}

    @property
    def words(self) -> Text:
        value = "" if self.test.value is None else f" {self.test.value}"
        return Text("predicted {target} {op}{value}", "Vorhersage {target} {op}{value}").fill(
            target=self.of.target, op=OPS[self.test.op], value=value
        )

    @property
    def needs(self) -> Needs:
        return (self.of,)

    def value(self, state: State) -> ir.IntegerValue:
        value, label = state.of(self.of, "_value"), state.of(self.of, "_label")
        if self.is_money:
            value = value / state.given.scale
        asked = label if isinstance(self.test.value, str | tuple) else value
        return signed(self.test.meets(asked) & value.notnull())


def _read(written: Any) -> Prediction:
    data = mapping(written, "model", "target", "op", "value", "money")
    if not isinstance(data.get("model"), str) or not isinstance(data.get("target"), str):
        raise LeafError(Text("model and target are expected", "erwartet werden model und target"))
    test = condition({"property": "value"} | {name: data[name] for name in ("op", "value") if name in data})
    return Prediction(Predicted(data["model"], data["target"]), test, data.get("money") is True)


LEAF = LeafKind(
    "prediction",
    Text("prediction", "Vorhersage"),
    Text(
        "What a model predicts; money in whole units with `money: true`, probabilities from 0 to 1.",
        "Was ein Modell vorhersagt; Geld in ganzen Einheiten mit `money: true`, Wahrscheinlichkeiten von 0 bis 1.",
    ),
    _read,
    {"prediction": {"model": "clv", "target": "p_alive", "op": "<", "value": 0.5}},
    (
        Field("model", "text", Text("model", "Modell")),
        Field("target", "text", Text("value", "Wert")),
        TEST,
        Field("money", "flag", Text("an amount of money", "ein Geldbetrag"), is_optional=True),
    ),
    has_past=False,
)
