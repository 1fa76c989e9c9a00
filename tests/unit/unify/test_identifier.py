"""What becomes of an identifier as people and tills write it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schwung.unify.identifier import KINDS, alias_kind, normalize


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("email", " Anna@Example.DE ", "anna@example.de"),
        ("email", "mailto:a.b+c@x.co.uk", "a.b+c@x.co.uk"),
        ("email", "anna@localhost", None),
        ("email", "anna", None),
        ("email", "a b@x.de", None),
        ("email", "test@test.com", None),
        ("email", "Rita@XN--BCHER-KVA.de", "rita@bücher.de"),
        ("email", "rita@xn--\u00fc.de", "rita@xn--ü.de"),
        ("email", "\u0430nna@example.de", "\u0430nna@example.de"),
        ("phone", "٠١٥١ ٢٣٤٥٦٧٨", "+491512345678"),
        ("phone", "0151 / 234-567 8", "+491512345678"),
        ("phone", "+49 (0) 151 2345678", "+491512345678"),
        ("phone", "0049 151 2345678", "+491512345678"),
        ("phone", "tel:+43 1 234567", "+431234567"),
        ("phone", "12", None),
        ("phone", "0000000000", None),
        ("phone", "call me", None),
        ("user_id", 17850, "17850"),
        ("user_id", 17850.0, "17850"),
        ("user_id", 1.5, None),
        ("user_id", True, None),
        ("user_id", None, None),
        ("user_id", {"$ne": 1}, None),
        ("user_id", " Null ", None),
        ("user_id", "0", None),
        ("user_id", "a\x00b", None),
        ("user_id", "x" * 257, None),
        ("user_id", "'; DROP TABLE identifier; --", "'; DROP TABLE identifier; --"),
        ("card", "ab 12-34", "AB1234"),
        ("card", "---", None),
        ("anonymous_id", "00000000-0000-0000-0000-000000000000", None),
    ],
)
def test_normalized(kind: str, raw: object, value: str | None) -> None:
    assert normalize(kind, raw) == value


def test_phone_of_other_countries() -> None:
    assert normalize("phone", "06 1234 5678", "IT") == "+390612345678"
    assert normalize("phone", "(212) 555-0100", "US") == normalize("phone", "1 212 555 0100", "US") == "+12125550100"
    assert normalize("phone", "020 7946 0018", "GB") == "+442079460018"
    assert normalize("phone", "020 7946 0018", "XX") is None


def test_composed_and_decomposed_letters_are_one() -> None:
    assert normalize("user_id", "Mu\u0308ller") == normalize("user_id", "M\u00fcller") == "Müller"


def test_previous_id_is_a_device_if_it_looks_like_one() -> None:
    assert alias_kind("0b0f5a2e-0c5b-4a3e-9d6f-0a1b2c3d4e5f") == "anonymous_id"
    assert alias_kind("anna-1") == "user_id"


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=300))
@example("card", "\u0339 \u0334")
@example("card", "\u00df" * 200)
def test_normalizing_twice_changes_nothing(kind: str, raw: str) -> None:
    once = normalize(kind, raw)
    if once is not None:
        assert normalize(kind, once) == once
        assert once.isprintable() and 0 < len(once) <= 256
