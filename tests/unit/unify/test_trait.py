"""Traits as sources send them: typed, under our names; the latest observation counts."""

import json

from schwung.unify.consent import Consent, in_force
from schwung.unify.known import Recent
from schwung.unify.mention import Person
from schwung.unify.trait import Observation, full_name, latest, read_traits


def kept(**traits: object) -> dict[str, object]:
    found, problems = read_traits(traits, "shop")
    assert not problems
    return {name: json.loads(text) for name, text in found.items()}


def test_reserved_names_and_types() -> None:
    assert kept(firstName="Anna", birthday="17.05.1990", locale="de-AT", address={"city": "Wien", "country": "at"}) == {
        "first_name": "Anna", "birthday": "1990-05-17", "language": "de", "country": "AT",
        "address": {"city": "Wien", "country": "at"},
    }  # fmt: skip
    assert kept(birthday="1990-05-17T00:00:00Z", age="41") == {"birthday": "1990-05-17", "age": 41.0}
    assert kept(name=None, plan={"a": [1]}) == {"name": None, "plan": {"a": [1]}}


def test_wrong_types_are_reported_without_their_value() -> None:
    found, problems = read_traits(
        {"birthday": "soon", "email": ["a"], "age": "nan", "note": "x" * 9_000, "ok": 1}, "shop"
    )
    assert list(found) == ["ok"]
    assert {(one.name, one.reason) for one in problems} == {
        ("birthday", "wrong_type"), ("email", "wrong_type"), ("age", "wrong_type"), ("note", "too_long")
    }  # fmt: skip


def test_the_latest_wins_and_null_takes_back() -> None:
    seen = [Observation(1, "name", '"Anna"', 5, "b"), Observation(2, "name", '"Ann"', 5, "a"), Observation(1, "plan", "1", 1, "a"),
            Observation(2, "plan", "null", 2, "a")]  # fmt: skip
    assert {name: one.value for name, one in latest(seen).items()} == {"name": '"Anna"'}
    assert latest(reversed(seen)) == latest(seen)


def test_full_name() -> None:
    assert full_name({"first_name": "Anna", "last_name": "Berg"}) == "Anna Berg"
    assert full_name({"company": "Berg AG"}) == "Berg AG"
    assert full_name({}) is None


def test_of_two_statements_at_once_the_no_counts() -> None:
    def said(state: str, at: int, number: int) -> Consent:
        return Consent(1, "newsletter", "email", state, "consent", "shop", None, at, None, number)

    assert in_force([said("withdrawn", 5, 1), said("granted", 5, 2)])["newsletter", "email"].state == "withdrawn"
    assert in_force([said("withdrawn", 5, 1), said("granted", 6, 2)])["newsletter", "email"].state == "granted"
    expired = Consent(1, "newsletter", "email", "granted", "consent", "shop", None, 1, 10)
    assert expired.holds(9) and not expired.holds(10)


def test_a_person_is_found_where_they_are_meant() -> None:
    person = Person(frozenset({("email", "anna@x.de"), ("user_id", "17"), ("phone", "+491512345678")}))
    assert person.in_value({"traits": {"email": "ANNA@x.de"}})
    assert person.in_value({"claims": [["user_id", "17"]]}) and not person.in_value({"claims": [["card", "17"]]})
    assert person.in_value({"userId": 17}) and not person.in_value({"quantity": 17})
    assert person.in_value({"phone": "0151 2345678"})
    assert person.in_value({"text": "write to anna@x.de please"})
    assert person.in_text("17;Anna") and not person.in_text("2017;1.17") and not person.in_text("joanna@x.de")
    assert not Person(frozenset()).in_text("anything")


def test_memory_is_bounded() -> None:
    memory: Recent[int, int] = Recent(most=10)
    for number in range(1, 101):
        memory.learn([number], [number])
        assert len(memory) <= 20
    assert memory.find([100, 1]) == [100, None]
