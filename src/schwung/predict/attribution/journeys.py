"""Journeys as flat arrays: the touches of all of them one after the other, so that every rule is a few passes over columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schwung.core.errors import InputError
from schwung.core.text import Text

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
SEPARATOR = " > "


@dataclass(frozen=True, slots=True)
class Journeys:
    """names: channels or campaigns. codes: of all touches, journey by journey in the order of time; starts: where each journey
    begins, and the end. worth: one row per kind of worth (conversions first), one column per journey. nulls: how often the
    journey ended without a conversion. ages: of each touch before the end of its journey; None: not known.
    """

    names: tuple[str, ...]
    codes: Numbers
    starts: Numbers
    worth: Floats
    nulls: Floats
    ages: Floats | None = None

    @property
    def lengths(self) -> Numbers:
        return np.diff(self.starts)

    @property
    def owners(self) -> Numbers:
        """Of each touch the number of its journey."""
        return np.repeat(np.arange(len(self.nulls)), self.lengths)

    @property
    def totals(self) -> Floats:
        """Sum of each kind of worth."""
        return cast(Floats, self.worth.sum(axis=1))

    def credit(self, weights: Floats) -> Floats:
        """Worth by kind and name, where each journey's worth is split in proportion to the weights of its touches."""
        owners = self.owners
        shares = weights / np.bincount(owners, weights, len(self.nulls))[owners]
        return np.array([np.bincount(self.codes, shares * row[owners], len(self.names)) for row in self.worth])


def journeys(
    paths: Any,
    conversions: Any = None,
    values: Mapping[str, Any] | None = None,
    nulls: Any = None,
    *,
    ages: Sequence[Sequence[float]] | None = None,
    separator: str = SEPARATOR,
) -> Journeys:
    """paths: texts with a separator, or sequences of names. conversions: how often each path led to one (None: once each).
    values: worth of these conversions by kind. nulls: how often it led to none. InputError for what does not fit together.
    """
    names, codes, lengths = _coded(paths, separator)
    count = len(lengths)
    won = _column("conversions", 1.0 if conversions is None else conversions, count)
    lost = _column("nulls", 0.0 if nulls is None else nulls, count)
    further = [_column(name, value, count) for name, value in (values or {}).items()]
    if (won < 0).any() or (lost < 0).any():
        raise _wrong(Text("a number of journeys is negative", "eine Zahl von Wegen ist negativ"))
    aged = None if ages is None else np.array([age for one in ages for age in one], np.float64)
    if aged is not None and (len(aged) != len(codes) or not np.isfinite(aged).all() or (aged < 0).any()):
        raise _wrong(
            Text("ages do not fit the touches, or are negative", "die Alter passen nicht zu den Berührungen oder sind negativ")
        )  # fmt: skip
    kept = (lengths > 0) & (won + lost > 0)
    if not kept.all():
        touches = np.repeat(kept, lengths)
        codes, lengths = codes[touches], lengths[kept]
        aged = None if aged is None else aged[touches]
    worth = np.array([won, *further])[:, kept]
    return Journeys(names, codes, np.concatenate(([0], np.cumsum(lengths))), worth, lost[kept], aged)


def _coded(paths: Any, separator: str) -> tuple[tuple[str, ...], Numbers, Numbers]:
    """Names in alphabetical order, the code of each touch, touches per path."""
    try:
        column = paths if isinstance(paths, pa.Array | pa.ChunkedArray) else pa.array(_plain(paths))
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            blank = pc.equal(pc.utf8_trim_whitespace(column), "")
            column = pc.split_pattern(pc.if_else(blank, pa.scalar(None, column.type), column), separator)
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        column = column.cast(pa.list_(pa.string()))
    except (pa.ArrowException, TypeError) as error:
        raise _wrong(Text("paths are texts or lists of names", "Wege sind Texte oder Listen von Namen")) from error
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    flat = pc.utf8_trim_whitespace(column.flatten()).dictionary_encode()
    words = [] if flat.dictionary is None else flat.dictionary.to_pylist()
    if flat.null_count or any(not word for word in words):
        raise _wrong(Text("a touch has no name", "eine Berührung hat keinen Namen"))
    order = sorted(range(len(words)), key=lambda nth: words[nth])
    place = np.empty(len(words), np.int64)
    place[order] = np.arange(len(words))
    codes = place[flat.indices.to_numpy(zero_copy_only=False)] if words else np.zeros(0, np.int64)
    return tuple(words[nth] for nth in order), codes, lengths


def _plain(paths: Any) -> list[Any]:
    found = list(cast(Iterable[Any], paths))
    return [one if isinstance(one, str) or one is None else list(one) for one in found]


def _column(name: str, value: Any, count: int) -> Floats:
    try:
        given = np.asarray(value, np.float64)
        found = np.broadcast_to(given, (count,)) if given.ndim == 0 else given.reshape((count,))
    except (TypeError, ValueError) as error:
        raise _wrong(
            Text("“{name}” does not have one number per path", "„{name}“ hat nicht eine Zahl je Weg").fill(name=name)
        ) from error
    if not np.isfinite(found).all():
        raise _wrong(Text("“{name}” has a value that is no number", "„{name}“ hat einen Wert, der keine Zahl ist").fill(name=name))  # fmt: skip
    return found


def _wrong(why: Text) -> InputError:
    return InputError(
        "journeys_wrong",
        Text("The journeys cannot be read: {why}.", "Die Wege sind nicht lesbar: {why}.").fill(why=why),
        Text("See docs/how-to/attribution.md.", "Siehe docs/de/how-to/attribution.md."),
    )
