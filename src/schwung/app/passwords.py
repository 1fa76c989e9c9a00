"""Passwords as Argon2id hashes, few at a time, so that a flood of sign-ins cannot eat the memory."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

# 32 MiB and three passes: above every line of OWASP's password storage table for parallelism 1.
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_AT_ONCE = BoundedSemaphore(2)


def hash_of(password: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False


@cache
def nobodys_hash() -> str:
    """A hash to check against where there is no account, so that both cases take the same time."""
    return hash_of("nobody has this password")
