"""Groups are found where there are some, come out alike again, and are not made up where there are none."""

import numpy as np

from schwung.measure.persona.clusters import clusters, matched
from schwung.measure.persona.describe import portraits
from schwung.measure.persona.features import BASKET, ORDERS, RETURNS, REVENUE

FEATURES = (REVENUE, ORDERS, BASKET, RETURNS)
KINDS = ((12.0, 9_000.0, 0.02), (1.5, 60_000.0, 0.02), (2.0, 4_000.0, 0.5))


def shop(seed: int, size: int = 1_200) -> tuple[np.ndarray, np.ndarray]:
    """Regulars, rare buyers with large baskets, people who send half of it back; and who is which."""
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 3, size)
    orders, basket, back = (np.array(KINDS)[kind, at] for at in range(3))
    orders, basket = orders * draw.lognormal(0, 0.2, size), basket * draw.lognormal(0, 0.2, size)
    returns = np.clip(back + draw.normal(0, 0.02, size), 0, 1)
    return np.column_stack([orders * basket * (1 - returns), orders, basket, returns]), kind


def test_planted_groups_are_found_and_named_by_what_sets_them_apart() -> None:
    raw, kind = shop(1)
    found = clusters(raw, FEATURES, np.arange(len(raw)))
    assert found is not None and len(found.centers) == 3
    labels = found.assign(raw)
    assert all(len(set(labels[kind == one])) == 1 for one in range(3)), "no planted group is torn apart"
    pictures = portraits(raw, labels, found.scale, FEATURES)
    names = {int(labels[kind == one][0]): one for one in range(3)}
    by_kind = {names[at]: picture for at, picture in enumerate(pictures)}
    assert "regulars" in by_kind[0].name.en.lower() and "large baskets" in by_kind[1].name.en.lower()
    assert by_kind[2].clear[0].name == "returns" and "schicken viel zurück" in by_kind[2].name.de.lower()
    assert sum(picture.share for picture in pictures) == 1 and len({picture.name.en for picture in pictures}) == 3


def test_the_same_groups_come_out_of_next_weeks_customers() -> None:
    raw, _ = shop(1)
    first = clusters(raw, FEATURES, np.arange(len(raw)))
    later, _ = shop(2)
    assert first is not None
    before = [np.array(picture.center) for picture in portraits(raw, first.assign(raw), first.scale, FEATURES)]
    second = clusters(later, FEATURES, np.arange(len(later)), before)
    assert second is not None
    assert matched(second.centers, np.array([second.scale(one[None])[0] for one in before])) == {0: 0, 1: 1, 2: 2}


def test_customers_who_are_all_alike_are_not_cut_into_groups() -> None:
    draw = np.random.default_rng(3)
    raw = np.column_stack([draw.lognormal(9, 0.3, 900) for _ in range(3)] + [draw.uniform(0, 0.1, 900)])
    assert clusters(raw, FEATURES, np.arange(900)) is None
