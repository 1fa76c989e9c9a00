"""The ids of the last million events in 24 MB: catches an id that comes again with another time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from schwung.app.ports import Store
from schwung.collect.arrival import KEY_BYTES
from schwung.collect.wire import Accepted

MOST = 1_000_000
_FRESH = 50_000
Hashes = npt.NDArray[np.uint64]


def hashes_of(events: Sequence[Accepted]) -> Hashes:
    """The last 8 bytes of each key, as numbers."""
    keys = np.frombuffer(b"".join([key for key, _ in events]), dtype=np.uint8).reshape(-1, KEY_BYTES)
    return np.ascontiguousarray(keys[:, KEY_BYTES - 8 :]).view(">u8").reshape(-1).astype("<u8")


class RecentIds:
    """Hashes of the newest ids, bounded. A ring in the order of arrival; most of it sorted for look-ups, the rest a set."""

    def __init__(self, most: int = MOST) -> None:
        self._ring = np.zeros(most, dtype=np.uint64)
        self._sorted = np.zeros(0, dtype=np.uint64)
        self._fresh: set[int] = set()
        self._next = 0
        self._held = 0

    def unknown(self, events: Sequence[Accepted]) -> list[Accepted]:
        """The events whose id is not among the recent ones; of equal ids among them the first."""
        if not events:
            return []
        hashes = hashes_of(events)
        known = self._is_sorted(hashes)
        listed = hashes.tolist()
        first = len(set(listed)) == len(listed)
        if first and not known.any() and self._fresh.isdisjoint(listed):
            return list(events)
        found, here = [], set()
        for event, hashed, old in zip(events, listed, known.tolist(), strict=True):
            if not old and hashed not in self._fresh and hashed not in here:
                here.add(hashed)
                found.append(event)
        return found

    def _is_sorted(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        if not len(self._sorted):
            return np.zeros(len(hashes), dtype=np.bool_)
        places = np.searchsorted(self._sorted, hashes)
        places[places == len(self._sorted)] = 0
        return np.equal(self._sorted[places], hashes)

    def add(self, hashes: Hashes) -> None:
        hashes = hashes[-len(self._ring) :]
        places = np.arange(self._next, self._next + len(hashes)) % len(self._ring)
        self._ring[places] = hashes
        self._next = int(self._next + len(hashes)) % len(self._ring)
        self._held = min(self._held + len(hashes), len(self._ring))
        self._fresh.update(hashes.tolist())
        if len(self._fresh) >= _FRESH:
            self.settle()

    def settle(self) -> None:
        """Sort what the ring holds; ids that fell out of it are forgotten."""
        self._sorted = np.sort(self._ring[: self._held])
        self._fresh.clear()

    def load(self, store: Store) -> None:
        """Fill from the newest chunks."""
        found: list[Hashes] = []
        held, before = 0, 2**62
        while held < len(self._ring):
            with store.read() as tx:
                rows = tx.rows("intake.newest_hashes", before=before)
            if not rows:
                break
            before = rows[-1]["chunk_no"]
            for row in rows:
                found.append(np.frombuffer(row["id_hashes"] or b"", dtype="<u8"))
                held += row["event_count"]
        if found:
            self.add(np.concatenate(found[::-1]))
