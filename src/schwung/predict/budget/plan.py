"""A budget plan as data: what there is, and what can be done with it, each with its response curve."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schwung.core.text import Text
from schwung.predict.budget.allocate import Activity
from schwung.predict.budget.curves import SHAPES, Curve, curve_wrong

PURPOSES: Mapping[str, Text] = {
    "acquisition": Text("Acquisition", "Akquise"),
    "retention": Text("Retention", "Bindung"),
}
CEILINGS: Mapping[str, Callable[[float, float], float]] = {
    "exponential": lambda share, n: -math.log1p(-share),
    "logistic": lambda share, n: 2 * math.atanh(share),
    "hill": lambda share, n: (share / (1 - share)) ** (1 / n),
}
"""Curves with a ceiling: effort ÷ k at which they reach a share of it."""
MOST_CHANNELS = 60
_CHANNEL_KEYS = frozenset(
    (
        "name",
        "purpose",
        "curve",
        "errors",
        "worth",
        "unit",
        "money_each",
        "hours_each",
        "min",
        "max",
        "current",
        "draws",
    )
)
_PLAN_KEYS = frozenset(("money", "hours", "currency", "channels", "scenarios", "level", "draws", "seed", "equity"))
_MOST = 1e15


@dataclass(frozen=True, slots=True)
class Channel:
    """One activity of acquisition or retention.

    unit: what effort is counted in, money or hours; a unit also takes money_each and hours_each. worth: of one outcome.
    errors: standard errors of b, k, n. draws: curves drawn together from a fit, in place of errors. current: effort now.
    """

    name: str
    curve: Curve
    purpose: str = "acquisition"
    unit: str = "money"
    money_each: float = 1.0
    hours_each: float = 0.0
    low: float = 0.0
    high: float = math.inf
    worth: float = 1.0
    current: float | None = None
    errors: Mapping[str, float] = field(default_factory=dict)
    draws: tuple[Curve, ...] = ()

    def activity(self, curve: Curve | None = None) -> Activity:
        """As the optimizer takes it: outcomes times their worth."""
        one = curve or self.curve
        worth = Curve(one.kind, one.b * self.worth, one.k, one.n)
        return Activity(worth, self.money_each, self.hours_each, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Plan:
    """money, hours: what there is; hours None: no limit. scenarios: changes of the money, −0.2 for 20 % less. level: of intervals."""

    money: float
    channels: tuple[Channel, ...]
    hours: float | None = None
    currency: str = "EUR"
    scenarios: tuple[float, ...] = (-0.2, -0.1, 0.1, 0.2)
    level: float = 0.8
    draws: int = 200
    seed: int = 1


def read_plan(data: Any, currency: str = "EUR") -> Plan:
    """From a mapping, as a YAML file holds it. InputError budget_wrong that says what is wrong."""
    if not isinstance(data, Mapping):
        raise curve_wrong(Text("a plan is a mapping", "ein Plan ist eine Zuordnung"), data)
    known_keys(data, _PLAN_KEYS)
    given = data.get("channels")
    if not isinstance(given, Sequence) or isinstance(given, str) or not 1 <= len(given) <= MOST_CHANNELS:
        raise curve_wrong(
            Text("a plan has 1 to {n} channels", "ein Plan hat 1 bis {n} Kanäle").fill(n=MOST_CHANNELS), given
        )
    channels = tuple(_channel(one) for one in given)
    names = [one.name for one in channels]
    if len(set(names)) < len(names):
        raise curve_wrong(Text("a name occurs twice", "ein Name kommt zweimal vor"), max(names, key=names.count))
    hours = number_of(data, "hours", None)
    boundless = next(
        (one.name for one in channels if not one.money_each and hours is None and one.high == math.inf), None
    )
    if boundless:
        raise curve_wrong(
            Text("nothing limits it: give hours, or its max", "nichts begrenzt ihn: hours oder sein max angeben"),
            boundless,
        )
    scenarios = data.get("scenarios", [-20, -10, 10, 20])
    if not isinstance(scenarios, Sequence) or isinstance(scenarios, str) or len(scenarios) > 20:
        raise curve_wrong(
            Text("scenarios are a list of percentages", "Szenarien sind eine Liste von Prozenten"), scenarios
        )
    return Plan(
        money=number_of(data, "money"), channels=channels, hours=hours, currency=str(data.get("currency") or currency)[:3],
        scenarios=tuple(within(one, "scenarios", -100, 1_000) / 100 for one in scenarios),
        level=within(data.get("level", 0.8), "level", 0.5, 0.99), draws=int(within(data.get("draws", 200), "draws", 0, 2_000)),
        seed=int(within(data.get("seed", 1), "seed", 0, 2**31)),
    )  # fmt: skip


def _channel(data: Any) -> Channel:
    if not isinstance(data, Mapping):
        raise curve_wrong(Text("a channel is a mapping", "ein Kanal ist eine Zuordnung"), data)
    known_keys(data, _CHANNEL_KEYS)
    name = str(data.get("name") or "").strip()[:80]
    if not name:
        raise curve_wrong(Text("a channel has no name", "ein Kanal hat keinen Namen"), data)
    purpose, unit = str(data.get("purpose", "acquisition")), str(data.get("unit", "money"))
    if purpose not in PURPOSES:
        raise curve_wrong(
            Text("a purpose is acquisition or retention", "ein Zweck ist acquisition oder retention"), purpose
        )
    if unit not in ("money", "hours"):
        raise curve_wrong(Text("a unit is money or hours", "eine Einheit ist money oder hours"), unit)
    money_each = number_of(data, "money_each", 1.0 if unit == "money" else 0.0)
    hours_each = number_of(data, "hours_each", 0.0 if unit == "money" else 1.0)
    low, high = number_of(data, "min", 0.0), number_of(data, "max", math.inf)
    if not money_each and not hours_each:
        raise curve_wrong(
            Text("an activity takes neither money nor hours", "eine Tätigkeit braucht weder Geld noch Stunden"), name
        )
    if low > high:
        raise curve_wrong(Text("min lies above max", "min liegt über max"), name)
    curve, errors = data.get("curve"), data.get("errors") or {}
    if not isinstance(curve, Mapping) or not isinstance(errors, Mapping):
        raise curve_wrong(
            Text("a channel has a curve with kind, b and k", "ein Kanal hat eine Kurve mit kind, b und k"), name
        )
    known_keys(curve, frozenset(("kind", "b", "k", "n", "at", "brings", "ceiling")))
    known_keys(errors, frozenset(("b", "k", "n")))
    return Channel(
        name, read_curve(curve), purpose, unit, money_each, hours_each, low, high, number_of(data, "worth", 1.0),
        number_of(data, "current", None), {part: within(errors[part], part, 0, _MOST) for part in errors},
    )  # fmt: skip


def read_curve(data: Mapping[str, Any]) -> Curve:
    """By its parameters; or by what people know: `at` so much effort it `brings` so much, of at most `ceiling`."""
    kind = str(data.get("kind", ""))
    if kind not in SHAPES:
        raise curve_wrong(Text("kinds are {names}", "Arten sind {names}").fill(names=", ".join(SHAPES)), kind)
    n = number_of(data, "n", 0.5 if kind == "power" else 1.0)
    if "ceiling" in data:
        return _through(kind, number_of(data, "at"), number_of(data, "brings"), number_of(data, "ceiling"), n)
    k = number_of(data, "k", 1.0 if kind == "power" else None)
    if k is None:
        raise curve_wrong(Text("k is missing", "k fehlt"), dict(data))
    return Curve(kind, number_of(data, "b"), k, n)


def _through(kind: str, at: float, brings: float, ceiling: float, n: float) -> Curve:
    if kind not in CEILINGS:
        raise curve_wrong(Text("only {names} have a ceiling", "nur {names} haben eine Obergrenze").fill(names=", ".join(CEILINGS)), kind)  # fmt: skip
    if not (at > 0 and 0 < brings < ceiling):
        raise curve_wrong(
            Text("what it brings lies above 0 and below the ceiling, at an effort above 0", "das Ergebnis liegt über 0 und unter der Obergrenze, bei einem Aufwand über 0"),
            f"{at:g}, {brings:g}, {ceiling:g}",
        )  # fmt: skip
    return Curve(kind, ceiling, at / CEILINGS[kind](brings / ceiling, n), n)


def known_keys(data: Mapping[str, Any], keys: frozenset[str]) -> None:
    unknown = [str(name) for name in data if name not in keys]
    if unknown:
        raise curve_wrong(
            Text("unknown key; known: {names}", "unbekannter Schlüssel; bekannt: {names}").fill(names=", ".join(sorted(keys))), unknown[0]
        )  # fmt: skip


def number_of(data: Mapping[str, Any], name: str, default: Any = "none") -> Any:
    value = data.get(name)
    if value is None:
        if default == "none":
            raise curve_wrong(Text("{name} is missing", "{name} fehlt").fill(name=name), dict(data))
        return default
    return within(value, name, 0, _MOST)


def within(value: Any, name: str, least: float, most: float) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if isinstance(value, bool) or not least <= found <= most:
        raise curve_wrong(
            Text("{name} must be a number from {least} to {most}", "{name} muss eine Zahl von {least} bis {most} sein").fill(name=name, least=f"{least:g}", most=f"{most:g}"), value
        )  # fmt: skip
    return found
