"""Hashes that are the same on every machine, engine and day. Never an engine's own hash."""

import hashlib

BUCKETS = 64


def bucket_of(identifier_id: int) -> int:
    """0 to 63: first 8 hex digits of md5(decimal text of the id) mod 64. Stored, never computed by an engine."""
    return int(hashlib.md5(str(identifier_id).encode(), usedforsecurity=False).hexdigest()[:8], 16) % BUCKETS


def key_of(*parts: str) -> int:
    """A 60-bit key of a composite natural key; parts are joined by U+001F.

    First 15 hex digits of md5, so that SQL can say the same: ('0x' || left(md5(text), 15))::BIGINT on DuckDB.
    Two of 10 million keys are equal with a chance of 4 in 100,000.
    """
    return int(hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()[:15], 16)


def lot_of(identifier_id: int, salt: str) -> str:
    """A person's lot: first 8 hex digits of md5(decimal text of the id : salt), compared as text. SQL of both stores says
    the same: substr(md5(id || ':' || salt), 1, 8)."""
    return hashlib.md5(f"{identifier_id}:{salt}".encode(), usedforsecurity=False).hexdigest()[:8]
