"""What sets a persona apart, in names and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.persona.clusters import Floats, Ints, Scale
from schwung.measure.persona.features import Feature

CLEAR = 0.4
"""Deviations from the mean of all from which a feature sets a group apart."""
_MOST = 4


@dataclass(frozen=True, slots=True)
class Trait:
    """One feature of a persona beside all customers. apart: difference in deviations on the scale of the comparison."""

    name: str
    title: Text
    kind: str
    value: float | None
    overall: float | None
    apart: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """A group as found. center: raw means, to find it again. revenue_share: of the revenue of all groups."""

    name: Text
    size: int
    share: float
    revenue_share: float
    traits: tuple[Trait, ...]
    center: tuple[float, ...]

    @property
    def clear(self) -> tuple[Trait, ...]:
        """The traits that set it apart, clearest first."""
        ranked = sorted(self.traits, key=lambda trait: -abs(trait.apart))
        return tuple(trait for trait in ranked if abs(trait.apart) >= CLEAR)[:_MOST]


def portraits(raw: Floats, labels: Ints, scale: Scale, features: Sequence[Feature]) -> list[Portrait]:
    """One per group, in its order. Money in minor units."""
    apart = scale(raw) / np.sqrt(scale.weight)
    overall = _means(raw)
    total = float(raw[:, 0].sum())
    found: list[Portrait] = []
    for group in range(int(labels.max()) + 1):
        own = raw[labels == group]
        far = apart[labels == group].mean(axis=0) - apart.mean(axis=0)
        means = _means(own)
        traits = tuple(
            Trait(feature.name, feature.title, feature.kind, means[at], overall[at], float(far[at]))
            for at, feature in enumerate(features)
        )
        name = _named(traits, features, {each.name.en for each in found})
        center = tuple(float("nan") if mean is None else mean for mean in _centers(own, scale))
        found.append(
            Portrait(
                name, len(own), len(own) / len(raw), float(own[:, 0].sum()) / total if total else 0.0, traits, center
            )
        )
    return found


def sentence(portrait: Portrait, currency: str, minor: int) -> Text:
    """The clearest traits with their figures. minor: minor units in a major one."""
    if not portrait.clear:
        return Text("Close to the average in everything.", "In allem nahe am Durchschnitt.")
    parts = [_part(trait, currency, minor) for trait in portrait.clear]
    return Text("; ".join(part.en for part in parts) + ".", "; ".join(part.de for part in parts) + ".")


def shown(trait: Trait, value: float | None, currency: str, minor: int) -> Text:
    """A figure of a trait in its unit."""
    if value is None:
        return Text("–", "–")
    if trait.kind == "money":
        return said.money(value / minor, currency)
    return said.share(value) if trait.kind == "share" else said.decimal(value, 1)


def _part(trait: Trait, currency: str, minor: int) -> Text:
    return Text("{title} {value} (all: {overall})", "{title} {value} (alle: {overall})").fill(
        title=trait.title,
        value=shown(trait, trait.value, currency, minor),
        overall=shown(trait, trait.overall, currency, minor),
    )


def _named(traits: Sequence[Trait], features: Sequence[Feature], taken: set[str]) -> Text:
    """From the clearest traits that have words; a number where that was taken."""
    by_name = {feature.name: feature for feature in features}
    words = []
    for trait in sorted(traits, key=lambda trait: -abs(trait.apart)):
        feature = by_name[trait.name]
        word = feature.high if trait.apart > 0 else feature.low
        if word is not None and abs(trait.apart) >= CLEAR:
            words.append(word)
    chosen = words[:2] or [Text("average customers", "Durchschnittskunden")]
    name = Text(_begun(", ".join(one.en for one in chosen)), _begun(", ".join(one.de for one in chosen)))
    number = 2
    unique = name
    while unique.en in taken:
        unique = Text(f"{name.en} {number}", f"{name.de} {number}")
        number += 1
    return unique


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _means(raw: Floats) -> list[float | None]:
    known = ~np.isnan(raw)
    return [float(np.nanmean(raw[:, at])) if known[:, at].any() else None for at in range(raw.shape[1])]


def _centers(raw: Floats, scale: Scale) -> list[float | None]:
    """Means as the comparison sees them, brought back: geometric where it takes logarithms."""
    values = np.where(scale.is_log, np.log1p(np.clip(raw, 0, None)), raw)
    means = _means(np.clip(values, scale.low, scale.high))
    return [
        None if mean is None else float(np.expm1(mean)) if is_log else mean
        for mean, is_log in zip(means, scale.is_log, strict=True)
    ]
