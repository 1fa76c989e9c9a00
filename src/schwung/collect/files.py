"""The Parquet files of one table at one version, as a lake lists them and an engine reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Files:
    """base: holds every key once. tail: came later and may hold newer versions of keys in base or in tail.

    Tables without a key have both; a reader takes their union.
    """

    base: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
