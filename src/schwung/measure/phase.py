"""The six phases of the relationship, after Fink 2022, and the rules by which a customer is in one of them.

A rule names a phase and a fact with its days: it holds from the fact on for so many days (null: for ever), until one of
its `unless` facts comes. At any moment the first rule that holds gives the phase; where none does, it is `otherwise`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.phases.facts import FACTS
from schwung.measure.phases.presets import PRESETS

PHASES: dict[str, Text] = {
    "discover": Text("Discover", "Entdecken"),
    "explore": Text("Explore", "Erkunden"),
    "buy": Text("Buy", "Kaufen"),
    "use": Text("Use", "Nutzen"),
    "ask": Text("Ask", "Fragen"),
    "engage": Text("Engage", "Mitmachen"),
}
EXPLAINED: dict[str, Text] = {
    "discover": Text("becomes aware of us", "wird auf uns aufmerksam"),
    "explore": Text("looks, compares", "sieht sich um, vergleicht"),
    "buy": Text("fills a cart, pays", "legt in den Korb, zahlt"),
    "use": Text("has it, orders again", "hat es, bestellt nach"),
    "ask": Text("needs help", "braucht Hilfe"),
    "engage": Text("rates, recommends", "bewertet, empfiehlt"),
}
WHEEL: dict[str, tuple[str, str]] = {
    "attract": ("discover", "explore"),
    "interact": ("buy", "use"),
    "delight": ("ask", "engage"),
}
"""Which phases the flywheel takes together."""
WHEEL_OF = {phase: wheel for wheel, both in WHEEL.items() for phase in both}
MOST_RULES = 40
MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Rule:
    """days: how long the fact puts the customer into the phase; None: for ever. unless: facts that end it."""

    phase: str
    fact: str
    days: int | None
    unless: tuple[str, ...] = ()

    @property
    def lasts(self) -> int | None:
        """Microseconds."""
        return None if self.days is None else self.days * DAY

    @property
    def text(self) -> Text:
        """The rule in words."""
        named = FACTS[self.fact].title
        within = (
            Text("{fact} in the last {days} days", "{fact} in den letzten {days} Tagen").fill(
                fact=named, days=self.days
            )
            if self.days is not None
            else Text("{fact} at any time", "{fact} irgendwann").fill(fact=named)
        )
        if not self.unless:
            return within
        titles = [FACTS[one].title for one in self.unless]
        ends = Text(", ".join(one.en for one in titles), ", ".join(one.de for one in titles))
        return Text("{within}, and not since: {ends}", "{within} und seither nicht: {ends}").fill(
            within=within, ends=ends
        )

    def to_json(self) -> dict[str, Any]:
        return {"phase": self.phase, "fact": self.fact, "days": self.days, "unless": list(self.unless)}


@dataclass(frozen=True, slots=True)
class Rules:
    """rules: the first that holds decides. otherwise: the phase where none does."""

    rules: tuple[Rule, ...]
    otherwise: str = "discover"
    preset: str = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """All that any rule reads, in a fixed order."""
        used = {name for rule in self.rules for name in (rule.fact, *rule.unless)}
        return tuple(name for name in FACTS if name in used)

    def reach(self, fact: str) -> int | None:
        """For how long back the fact matters, in microseconds; None: for ever."""
        lasting = [rule.lasts for rule in self.rules if fact in (rule.fact, *rule.unless)]
        return None if None in lasting else max((one for one in lasting if one is not None), default=0)

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Rules":
        """From a mapping such as a YAML or JSON file holds. InputError that names what is wrong with it."""
        preset = str(written.get("preset") or "")
        if preset and preset not in PRESETS:
            raise _wrong(
                Text("there is no preset “{name}”", "eine Vorlage „{name}“ gibt es nicht").fill(name=preset), PRESETS
            )
        given = written.get("rules", PRESETS[preset].rules if preset else None)
        if not isinstance(given, Sequence) or isinstance(given, str) or not given:
            raise _wrong(Text("it has no rules", "sie haben keine Regel"))
        if len(given) > MOST_RULES:
            raise _wrong(Text("more than {most}", "mehr als {most}").fill(most=MOST_RULES))
        otherwise = str(written.get("otherwise") or "discover")
        if otherwise not in PHASES:
            raise _wrong(
                Text("there is no phase “{name}”", "eine Phase „{name}“ gibt es nicht").fill(name=otherwise), PHASES
            )
        return cls(tuple(_rule(one, nth + 1) for nth, one in enumerate(given)), otherwise, preset)

    def to_json(self) -> dict[str, Any]:
        return {"preset": self.preset, "rules": [rule.to_json() for rule in self.rules], "otherwise": self.otherwise}


def preset(name: str) -> Rules:
    """A preset by its name. InputError when there is none."""
    return Rules.read({"preset": name})


def _rule(written: Any, nth: int) -> Rule:
    if not isinstance(written, Mapping):
        raise _wrong(Text("rule {nth} is no mapping", "Regel {nth} ist keine Zuordnung").fill(nth=nth))
    phase, fact, days, unless = (written.get(name) for name in ("phase", "fact", "days", "unless"))
    if phase not in PHASES:
        raise _wrong(
            Text("rule {nth} has no known phase", "Regel {nth} hat keine bekannte Phase").fill(nth=nth), PHASES
        )
    ends = [unless] if isinstance(unless, str) else list(unless or ())
    for name in (fact, *ends):
        if name not in FACTS:
            raise _wrong(
                Text("rule {nth}: there is no fact “{name}”", "Regel {nth}: eine Tatsache „{name}“ gibt es nicht").fill(nth=nth, name=str(name)[:60]), FACTS
            )  # fmt: skip
    if days is not None and not (isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_DAYS):
        raise _wrong(
            Text("rule {nth}: days must be a whole number from 1 to {most}, or empty", "Regel {nth}: days muss eine ganze Zahl von 1 bis {most} sein, oder leer").fill(nth=nth, most=MOST_DAYS)
        )  # fmt: skip
    return Rule(str(phase), str(fact), days, tuple(one for one in FACTS if one in ends and one != fact))


def _wrong(why: Text, known: Iterable[str] = ()) -> InputError:
    step = Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(known)) if known else Text("Correct the rules.", "Die Regeln berichtigen.")  # fmt: skip
    return InputError(
        "phase_rules_wrong",
        Text("The rules of the phases cannot be used: {why}.", "Die Regeln der Phasen sind nicht brauchbar: {why}.").fill(why=why),
        step,
    )  # fmt: skip
