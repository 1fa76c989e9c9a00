"""Passwords are kept as Argon2id hashes of the strength that OWASP asks for; tests elsewhere use weaker ones."""

from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from schwung.app import passwords


@pytest.fixture
def everyday() -> ModuleType:
    """The module as it is without the quick hashes of the tests."""
    spec = spec_from_file_location("everyday_passwords", passwords.__file__)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_hashes_are_strong_salted_and_match_only_their_password(everyday: ModuleType) -> None:
    first, second = everyday.hash_of("three good words"), everyday.hash_of("three good words")
    found = extract_parameters(first)
    assert (found.type, found.time_cost, found.memory_cost, found.parallelism) == (Type.ID, 3, 32 * 1024, 1)
    assert first != second
    assert everyday.matches(first, "three good words") and everyday.matches(second, "three good words")
    assert not everyday.matches(first, "three good word") and not everyday.matches("no hash", "three good words")


def test_who_has_no_account_costs_as_much(everyday: ModuleType) -> None:
    assert extract_parameters(everyday.nobodys_hash()) == extract_parameters(everyday.hash_of("x"))
