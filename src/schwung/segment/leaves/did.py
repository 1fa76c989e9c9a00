"""So many events or facts, or so many different values among them, in a window or ever."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment.field import STEP, WITHIN, Field
from schwung.segment.given import Needs, State
from schwung.segment.happened import Happened
from schwung.segment.leaf import LeafKind, mapping, number, span, step
from schwung.segment.rule import LeafError
from schwung.segment.signed import every, within
from schwung.segment.span import ever_or_within, said_span

MOST = 10_000
ROWS = ("event", "fact", "where", "title")


@dataclass(frozen=True, slots=True)
class Did:
    """least, most: how often; most None: no upper end. window: None: ever. distinct: values of this property count."""

    step: Step
    least: int = 1
    most: int | None = None
    window: int | None = None
    distinct: str = ""

    def to_json(self) -> dict[str, Any]:
        if self.most == self.least:
            often: dict[str, Any] = {"exactly": self.least}
        else:
            often = {"at_least": self.least} if self.least else {}
            often |= {} if self.most is None else {"at_most": self.most}
        often |= {"distinct": self.distinct} if self.distinct else {}
        often |= {"within": said_span(self.window).en} if self.window else {}
        return {"did": self.step.to_json() | often}

    @property
    def words(self) -> Text:
        different = Text(f" different {self.distinct}", f" verschiedene {self.distinct}") if self.distinct else None
        often = self._often()
        said = often if different is None else Text(often.en + different.en, often.de + different.de)
        return Text("{what}: {often} {when}", "{what}: {often} {when}").fill(
            what=self.step.label(), often=said, when=ever_or_within(self.window)
        )

    def _often(self) -> Text:
        least, most = self.least, self.most
        if most is None:
            return (
                Text("at least once", "mindestens einmal")
                if least == 1 and not self.distinct
                else Text(f"at least {least}", f"mindestens {least}")
            )
        if most == least:
            return Text(f"exactly {least}", f"genau {least}")
        return (
            Text(f"{least} to {most}", f"{least} bis {most}") if least else Text(f"at most {most}", f"höchstens {most}")
        )

    @property
    def needs(self) -> Needs:
        bounds = ([self.least] if self.least else []) + ([] if self.most is None else [self.most + 1])
        return tuple(self._need(k) for k in bounds)

    def value(self, state: State) -> ir.IntegerValue:
        reached = [within(state.of(need), state.now, self.window) for need in self.needs]
        if self.most is not None:
            reached[-1] = -reached[-1]
        return every(reached)

    def _need(self, k: int) -> Happened:
        if self.distinct:
            return Happened(self.step, "kth_distinct", self.distinct, k)
        return Happened(self.step, "latest") if k == 1 else Happened(self.step, "kth_latest", k=k)


def _read(written: Any) -> Did:
    data = mapping(written, *ROWS, "at_least", "at_most", "exactly", "within", "distinct")
    rows = step({name: data[name] for name in ROWS if name in data})
    given = {
        name: int(number(data[name], name, whole=True, least=0))
        for name in ("at_least", "at_most", "exactly")
        if data.get(name) is not None
    }
    least, most = given.get("at_least", 0 if "at_most" in given else 1), given.get("at_most")
    if "exactly" in given:
        least = most = given["exactly"]
    if max(least, most or 0) > MOST or (most is not None and most < least) or (most is None and least < 1):
        raise LeafError(
            Text(
                f"the counts contradict each other or exceed {MOST}",
                f"die Anzahlen widersprechen sich oder übersteigen {MOST}",
            )
        )
    return Did(rows, least, most, span(data, "within"), str(data.get("distinct") or ""))


LEAF = LeafKind(
    "did",
    Text("did", "hat getan"),
    Text(
        "An event or fact happened so often, in a window that moves with time or ever; `distinct` counts values of a property.",
        "Ein Ereignis oder Fakt kam so oft vor, in einem mitlaufenden Zeitraum oder irgendwann; `distinct` zählt Werte einer Eigenschaft.",
    ),
    _read,
    {"did": {"fact": "orders", "at_least": 2, "within": "90 days"}},
    (
        STEP,
        Field(
            "",
            "bound",
            Text("how often", "wie oft"),
            {
                "at_least": Text("at least", "mindestens"),
                "at_most": Text("at most", "höchstens"),
                "exactly": Text("exactly", "genau"),
            },
        ),
        WITHIN,
    ),
)
