"""Sum or average of a property over events or facts, in a window or ever."""

from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment.field import STEP, WITHIN, Field
from schwung.segment.given import Needs, State
from schwung.segment.happened import Happened, unit_of
from schwung.segment.leaf import LeafKind, mapping, number, span, step
from schwung.segment.leaves.did import ROWS
from schwung.segment.rule import LeafError
from schwung.segment.signed import FAR, signed, within
from schwung.segment.span import ever_or_within, said_span

_HOW = {"sum": Text("sum", "Summe"), "average": Text("average", "Durchschnitt")}


@dataclass(frozen=True, slots=True)
class Amount:
    """of: the property, money in major units. A sum counts values above 0 only. op: at_least, or less_than.

    The sum of nothing is 0; the average of nothing is unknown, and then neither side holds.
    """

    step: Step
    how: Literal["sum", "average"]
    of: str
    op: Literal["at_least", "less_than"]
    bound: float
    window: int | None = None

    def to_json(self) -> dict[str, Any]:
        shown = int(self.bound) if self.bound == int(self.bound) else self.bound
        when = {"within": said_span(self.window).en} if self.window else {}
        return {"amount": self.step.to_json() | {self.how: self.of, self.op: shown} | when}

    @property
    def words(self) -> Text:
        op = Text("at least", "mindestens") if self.op == "at_least" else Text("less than", "weniger als")
        return Text("{what}: {how} of {of} {op} {bound} {when}", "{what}: {how} von {of} {op} {bound} {when}").fill(
            what=self.step.label(),
            how=_HOW[self.how],
            of=self.of,
            op=op,
            bound=f"{self.bound:g}",
            when=ever_or_within(self.window),
        )

    @property
    def needs(self) -> Needs:
        if self.how == "average":
            mean = Happened(self.step, "mean", self.of, window=self.window)
            return (mean, Happened(self.step, "oldest", window=self.window)) if self.window else (mean,)
        return (Happened(self.step, "sum_reached", self.of, self.bound),)

    def value(self, state: State) -> ir.IntegerValue:
        if self.how == "sum":
            if self.bound <= 0:
                return signed(ibis.literal(self.op == "at_least"))
            reached = within(state.of(self.needs[0]), state.now, self.window)
            return reached if self.op == "at_least" else -reached
        mean = state.of(self.needs[0])
        bound = self.bound * unit_of(self.step, self.of, state.given)
        holds = (mean >= bound if self.op == "at_least" else mean < bound).fill_null(False)
        return signed(holds, FAR if self.window is None else state.of(self.needs[1]) + self.window)


def _read(written: Any) -> Amount:
    data = mapping(written, *ROWS, "sum", "average", "at_least", "less_than", "within")
    how = [name for name in _HOW if data.get(name)]
    ops = [name for name in ("at_least", "less_than") if data.get(name) is not None]
    if len(how) != 1 or len(ops) != 1 or not isinstance(data[how[0]], str):
        raise LeafError(
            Text(
                "one of sum, average and one of at_least, less_than are expected",
                "erwartet wird eines von sum, average und eines von at_least, less_than",
            )
        )
    rows = step({name: data[name] for name in ROWS if name in data})
    return Amount(rows, how[0], data[how[0]], ops[0], number(data[ops[0]], ops[0]), span(data, "within"))  # type: ignore[arg-type]


LEAF = LeafKind(
    "amount",
    Text("sum or average", "Summe oder Durchschnitt"),
    Text(
        "Sum or average of a property over events or facts; money in whole units of the reporting currency.",
        "Summe oder Durchschnitt einer Eigenschaft über Ereignisse oder Fakten; Geld in ganzen Einheiten der Berichtswährung.",
    ),
    _read,
    {"amount": {"fact": "orders", "sum": "amount", "at_least": 100, "within": "365 days"}},
    (
        STEP,
        Field("", "property", Text("of", "von"), _HOW),
        Field(
            "",
            "bound",
            Text("bound", "Grenze"),
            {"at_least": Text("at least", "mindestens"), "less_than": Text("less than", "weniger als")},
        ),
        WITHIN,
    ),
)
