"""Features of customers at moments as one table, read group by group; and what of them would know the future."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.core.clock import Instant
from schwung.core.text import Text
from schwung.predict.classify.leaks import Refused
from schwung.predict.features import alive, buying, contact, contract, goods, lead
from schwung.predict.features.feature import Feature, Group
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

GROUPS: tuple[Group, ...] = (*buying.GROUPS, *contact.GROUPS, *contract.GROUPS)
FEATURES: Mapping[str, Feature] = {
    feature.name: feature
    for features in (*(group.features for group in (*GROUPS, *lead.GROUPS, *goods.GROUPS)), alive.FEATURES)
    for feature in features
}
KEYS = ("customer_id", "moment_at")

KNOWS_LATER = Text(
    "“{title}” changes when facts from after the moment are taken away: it knows the future.",
    "„{title}“ ändert sich, wenn Fakten aus der Zeit nach dem Zeitpunkt fehlen: Das Merkmal kennt die Zukunft.",
)
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Frame:
    """rows: customer_id, moment_at, columns given with the moments, a column per feature; sorted by the keys."""

    rows: pa.Table
    features: tuple[Feature, ...]

    @property
    def names(self) -> list[str]:
        return [feature.name for feature in self.features]

    def without(self, refused: Iterable[Refused]) -> "Frame":
        gone = {one.column for one in refused}
        kept = tuple(one for one in self.features if one.name not in gone)
        return Frame(self.rows.drop_columns([one.name for one in self.features if one.name in gone]), kept)


def features_at(sight: Sight, moments: ir.Table, groups: Sequence[Group] = GROUPS, name: str = "moments") -> Frame:
    """moments: customer_id, moment_at and what else is to stay; a customer at a moment once. Who objected is taken out.

    name: what is kept of it while a model is at work; another for other moments.
    """
    kept = sight.keep(name, lambda: sight.without_objected(moments))
    scope, keys = whole(sight.scope), kept.select(*KEYS)
    rows = sight.run(kept.order_by(KEYS))
    found: list[Feature] = []
    for group in groups:
        told = group.rows(scope, keys)
        joined = keys.left_join(told, KEYS, rname="told_{name}").order_by(KEYS)
        read = sight.run(joined.select(*KEYS, *(feature.name for feature in group.features)))
        if read.num_rows != rows.num_rows:
            raise ValueError(f"{group.name}: more than one row for a customer at a moment")
        for feature in group.features:
            rows = rows.append_column(feature.name, _filled(read[feature.name], feature))
            found.append(feature)
    return Frame(rows, tuple(found))


def watch(
    sight: Sight, frame: Frame, moments: ir.Table, cut_at: Instant, groups: Sequence[Group] = GROUPS
) -> tuple[Refused, ...]:
    """Features of a frame that come out otherwise at `cut_at`, one of its moments, when no fact after it is there."""
    at = frame.rows.filter(pc.equal(frame.rows["moment_at"], cut_at))
    mine = moments.filter(moments.moment_at == cut_at)
    without = features_at(sight.earlier(cut_at), mine, groups, f"watched_{cut_at}")
    return tuple(
        Refused(feature.name, KNOWS_LATER.fill(title=feature.title))
        for feature in without.features
        if not _same(at[feature.name], without.rows[feature.name])
    )


def _filled(values: pa.ChunkedArray, feature: Feature) -> pa.ChunkedArray:
    if feature.unit in ("word", "channel"):
        return values
    numbers = pc.cast(values, pa.float64())
    return numbers if feature.absent is None else pc.fill_null(numbers, feature.absent)


def _same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if len(one) != len(other):
        return False
    if pa.types.is_string(one.type):
        return bool(one.to_pylist() == other.to_pylist())
    left, right = (values.to_numpy(zero_copy_only=False) for values in (one, other))
    return bool(np.allclose(left, right, rtol=_SAME, atol=_SAME, equal_nan=True))
