"""A bounded memory of identifiers and links, so that only unknown ones are looked up."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 200_000


class Recent(Generic[K, V]):
    """What was met lately: two generations of at most `most` keys; the older one is dropped when the younger is full."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def find(self, keys: Iterable[K]) -> list[V | None]:
        young, old = self._young.get, self._old.get
        return [found if (found := young(key)) is not None else old(key) for key in keys]

    def learn(self, keys: Iterable[K], values: Iterable[V]) -> None:
        for key, value in zip(keys, values, strict=True):
            self._young[key] = value
            if len(self._young) >= self._most:
                self._old, self._young = self._young, {}


class Known:
    """What one process remembers. It holds as long as the store's `known` counter equals `epoch`.

    A merge changes customers, never the identifier of a value; only retiring, erasing and blocking do, and they
    move the counter in the same commit.
    """

    def __init__(self) -> None:
        self.forget(-1)

    def forget(self, epoch: int) -> None:
        self.epoch = epoch
        self.identifiers: Recent[str, int] = Recent()
        self.links: Recent[int, bool] = Recent()
        self.blocked: frozenset[str] = frozenset()
