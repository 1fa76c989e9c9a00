"""Step 5, prioritise: value × potential in nine fields, each with a stance and a target."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schwung.core.text import Text
from schwung.measure.inference import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HIGH, MIDDLE, LOW = "high", "middle", "low"
LEVELS = (HIGH, MIDDLE, LOW)
LEVEL_WORDS: Mapping[str, Text] = {
    HIGH: Text("high", "hoch"), MIDDLE: Text("middle", "mittel"), LOW: Text("low", "gering"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stance:
    """What to do with the customers of a field. win: share of their potential to win within twelve months; 0: keep the value."""

    name: str
    title: Text
    advice: Text
    win: float


_EXPAND = Text("Expand", "Ausbauen")
_HOLD = Text("Hold", "Halten")
STANCES: Mapping[tuple[str, str], Stance] = {
    (HIGH, HIGH): Stance("expand", _EXPAND, Text("Care for them in person; find out what they buy elsewhere.", "Persönlich betreuen; klären, was sie woanders kaufen."), 0.20),
    (HIGH, MIDDLE): Stance("deepen", Text("Deepen", "Vertiefen"), Text("Offer the next category; keep the service at its best.", "Die nächste Kategorie anbieten; besten Service halten."), 0.15),
    (HIGH, LOW): Stance("hold", _HOLD, Text("They buy as much as anybody alike: secure the relationship, ask for referrals.", "Sie kaufen so viel wie die Besten ihresgleichen: Beziehung sichern, um Empfehlungen bitten."), 0.0),
    (MIDDLE, HIGH): Stance("expand", _EXPAND, Text("The first choice for a campaign: much potential, a relationship that works.", "Erste Wahl für eine Kampagne: viel Potenzial, eine Beziehung, die trägt."), 0.20),
    (MIDDLE, MIDDLE): Stance("develop", Text("Develop", "Entwickeln"), Text("Cross-sell by what they have; win the next order sooner.", "Zu dem passend anbieten, was sie haben; die nächste Bestellung früher gewinnen."), 0.10),
    (MIDDLE, LOW): Stance("hold", _HOLD, Text("Keep them with little effort: reminders, good service.", "Mit wenig Aufwand halten: Erinnerungen, guter Service."), 0.0),
    (LOW, HIGH): Stance("test", Text("Test", "Antesten"), Text("Try an offer on a part of them and measure against a control group.", "Einem Teil ein Angebot machen und gegen eine Kontrollgruppe messen."), 0.10),
    (LOW, MIDDLE): Stance("automate", Text("Automate", "Automatisieren"), Text("Only what runs by itself: welcome, reminder, next product.", "Nur, was von selbst läuft: Begrüßung, Erinnerung, nächster Artikel."), 0.05),
    (LOW, LOW): Stance("harvest", Text("Harvest", "Abschöpfen"), Text("Spend nothing on them; orders are welcome.", "Nichts für sie ausgeben; Bestellungen sind willkommen."), 0.0),
}  # fmt: skip
"""By level of value and of potential."""


@dataclass(frozen=True, slots=True)
class Field:
    """Customers of one level of value and one of potential. Amounts in minor units: value of the year, expected of the next,
    potential beyond the value, offers: expected from cross- and up-sell, None where not predicted. target: to win or to keep, never
    below 0, since where more came back than was bought there is nothing to keep. priority: 1 first; by what is to be won."""

    value_level: str
    potential_level: str
    customers: int
    minor: int
    expected: int
    potential: Estimate
    offers: int | None
    stance: Stance
    target: int
    priority: int

    @property
    def name(self) -> str:
        """high-low: value first."""
        return f"{self.value_level}-{self.potential_level}"

    def to_json(self) -> dict[str, Any]:
        told = {
            name: getattr(self, name) for name in ("customers", "minor", "expected", "offers", "target", "priority")
        }
        potential = {"value": self.potential.value, "low": self.potential.low, "high": self.potential.high}
        return {
            "field": self.name, "value_level": self.value_level, "potential_level": self.potential_level,
            "stance": self.stance.name, "title": {"en": self.stance.title.en, "de": self.stance.title.de},
            "advice": {"en": self.stance.advice.en, "de": self.stance.advice.de}, "win_share": self.stance.win,
            "potential": potential, **told,
        }  # fmt: skip


def potential_levels(gap: Floats) -> Ints:
    """Thirds of the customers by potential: 0 for the third with most. Who has none is never above the lowest; ties by place."""
    order = np.argsort(-gap, kind="stable")
    place = np.empty(len(gap), np.int64)
    place[order] = np.arange(len(gap))
    return np.where(gap > 0, np.minimum(2, 3 * place // max(1, len(gap))), 2)


def fields(
    classes: Ints, levels: Ints, value: Floats, expected: Floats, gap: Floats, draws: list[Floats], offers: Floats | None
) -> tuple[Field, ...]:  # fmt: skip
    """All per customer; draws: potential by each bootstrap draw."""
    place = classes * 3 + levels
    many = np.bincount(place, minlength=9)

    def sums(amounts: Floats) -> Floats:
        return np.bincount(place, amounts, 9).astype(float)

    money, coming, open_ = sums(value), sums(expected), sums(gap)
    spread = np.array([sums(draw) for draw in draws]) if draws else np.zeros((0, 9))
    offered = None if offers is None else sums(np.nan_to_num(offers))
    stances = [STANCES[LEVELS[at // 3], LEVELS[at % 3]] for at in range(9)]
    won = np.array([stance.win * amount for stance, amount in zip(stances, open_, strict=True)])
    order = sorted(range(9), key=lambda at: (-won[at], -money[at], at))
    found = []
    for at in range(9):
        low, high = (
            (np.quantile(spread[:, at], (0.1, 0.9)) if len(spread) else (None, None)) if many[at] else (0.0, 0.0)
        )
        found.append(
            Field(
                LEVELS[at // 3], LEVELS[at % 3], int(many[at]), round(money[at]), round(coming[at]),
                Estimate(float(open_[at]), None if low is None else float(low), None if high is None else float(high), int(many[at])),
                None if offered is None else round(offered[at]), stances[at],
                max(round(won[at] if stances[at].win else money[at]), 0), order.index(at) + 1,
            )
        )  # fmt: skip
    return tuple(found)
