"""Links merge customers in their order, until a limit or a person's word stands against it."""

from schwung.unify.decide import JoiningLink, decide, parts
from schwung.unify.identifier import KINDS
from schwung.unify.separation import without_link, without_merge


def link(low: int, high: int, kind: str = "email") -> JoiningLink:
    return JoiningLink(low, high, low, high, kind)


def test_the_smallest_stays() -> None:
    assert decide([link(5, 9), link(2, 5)], {}, []).merges == {9: 2, 5: 2}


def test_a_limit_refuses_the_link_that_would_exceed_it() -> None:
    most = KINDS["user_id"].most
    counts = {number: {"user_id": 1} for number in range(1, most + 2)}
    found = decide([link(1, number) for number in range(2, most + 2)], counts, [])
    assert list(found.refused) == [(1, most + 1, "too_many_user_id")]
    assert set(found.merges.values()) == {1}


def test_a_shared_device_does_not_join_two_accounts() -> None:
    counts = {1: {"user_id": 1}, 2: {"user_id": 1}, 3: {"anonymous_id": 1}}
    found = decide([link(1, 3, "anonymous_id"), link(2, 3, "anonymous_id")], counts, [])
    assert found.merges == {3: 1} and list(found.refused) == [(2, 3, "shared_device")]
    assert decide([link(1, 2, "email")], counts, []).merges == {2: 1}


def test_kept_apart_holds_over_detours() -> None:
    found = decide([link(1, 3), link(3, 2), link(2, 4)], {}, [(1, 2)])
    assert found.merges == {3: 1, 4: 2} and list(found.refused) == [(3, 2, "kept_apart")]


def test_a_long_chain_is_quick() -> None:
    chain = [link(number, number + 1) for number in range(1, 20_000)]
    counts = {number: {"email": 0} for number in range(1, 20_001)}
    assert set(decide(chain, counts, []).merges.values()) == {1}


def test_parts() -> None:
    assert parts([1, 2, 3, 4, 9], [(1, 2), (3, 4), (4, 7)]) == [{1, 2}, {3, 4}, {9}]


def test_cutting_a_link_shows_the_way_that_still_holds() -> None:
    links = [(1, 2), (2, 3), (1, 4), (3, 4)]
    held = without_link([1, 2, 3, 4], links, (1, 2))
    assert not held.leaving and held.holding == ((1, 4), (3, 4), (2, 3))
    assert without_link([1, 2, 3], [(1, 2), (2, 3)], (1, 2)).leaving == {2, 3}


def test_taking_back_a_merge_sorts_what_came_later() -> None:
    links = [(1, 2), (3, 4), (1, 3), (4, 5), (2, 6), (5, 6)]
    found = without_merge(range(1, 7), links, {3, 4}, {1, 2})
    assert found.leaving == {3, 4, 5}
    assert found.holding == ((1, 3), (5, 6))
