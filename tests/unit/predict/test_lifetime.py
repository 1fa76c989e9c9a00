"""How long contracts last: lifelines' published figures, remaining lifetimes that come true, sentences for what cannot be."""

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_rossi

from schwung.core.errors import InputError
from schwung.predict import ContractLifetime
from schwung.predict.lifetime import FittedLifetime

ROSSI = {
    "fin": -0.379422, "age": -0.057438, "race": 0.3139, "wexp": -0.149796, "mar": -0.433704, "paro": -0.084871, "prio": 0.091497,
}  # fmt: skip


def test_rossi_as_published() -> None:
    rows = load_rossi()
    found = ContractLifetime().fit(rows["week"], rows["arrest"], covariates=rows[list(ROSSI)])
    assert found.cox is not None
    assert {name: round(value, 6) for name, value in found.cox.coefficients.items()} == ROSSI
    assert (round(found.cox.log_likelihood, 6), round(found.cox.concordance, 4)) == (-658.747659, 0.6403)
    assert (found.n, found.ended, found.warnings) == (432, 114, ())
    again = FittedLifetime.of_state(found.state())
    assert np.allclose(again.stays([10.0] * 432, 20, rows), found.stays([10.0] * 432, 20, rows))


def contracts(size: int = 4000, seed: int = 2) -> pd.DataFrame:
    """Monthly chance to end 4 % on the small plan, 2 % on the large one; watched for 36 months."""
    chance = np.random.default_rng(seed)
    plan = chance.choice(["large", "small"], size)
    life = chance.geometric(np.where(plan == "small", 0.04, 0.02))
    return pd.DataFrame({"plan": plan, "months": np.minimum(life, 36), "ended": life <= 36, "life": life})


def test_remaining_lifetime_comes_true_by_plan_and_age() -> None:
    rows = contracts()
    found = ContractLifetime().fit(rows["months"], rows["ended"], covariates=rows[["plan"]])
    who = pd.DataFrame({"plan": ["small", "large", "large"]})
    median, low, high = found.remaining([6, 6, 30], who)
    assert median[0] == pytest.approx(17, abs=1.5) and np.isnan(median[1:]).all()  # 34 months: not observed
    assert low[0] == pytest.approx(np.log(0.9) / np.log(0.96), abs=1.5) and np.isnan(high[0])
    assert found.stays([6, 6, 30], 12, who)[:2] == pytest.approx([0.96**12, 0.98**12], abs=0.02)
    assert np.isnan(found.stays([30.0], 12, who[:1])).all()
    fresh = contracts(seed=3)
    still = fresh[fresh["life"] > 6]
    assert (still["life"] > 18).mean() == pytest.approx(found.stays(np.full(len(still), 6), 12, still).mean(), abs=0.02)


def test_without_what_is_known_beside_it_is_kaplan_meier() -> None:
    rows = contracts()
    found = ContractLifetime().fit(rows["months"], rows["ended"])
    assert found.survival_at([0, 12, 99])[0] == 1 and np.isnan(found.survival_at([99])).all()
    assert found.survival_at([12])[0] == pytest.approx((rows["life"] > 12).mean(), abs=1e-12)
    noise = pd.DataFrame({"noise": np.random.default_rng(1).normal(size=len(rows))})
    assert ContractLifetime().fit(rows["months"], rows["ended"], covariates=noise).cox is None


def test_contracts_seen_late_do_not_flatter() -> None:
    rows = contracts(8000)
    entry = np.random.default_rng(4).integers(0, 12, len(rows))
    seen = rows[rows["months"] > entry]
    came = entry[rows["months"] > entry]
    with_entry = ContractLifetime().fit(seen["months"], seen["ended"], entry=came)
    without = ContractLifetime().fit(seen["months"], seen["ended"])
    truth = (rows["life"] > 24).mean()
    assert abs(with_entry.survival_at([24])[0] - truth) < 0.02 < without.survival_at([24])[0] - truth


def test_many_contracts_are_drawn_and_it_is_said() -> None:
    rows = contracts()
    found = ContractLifetime(most=1000).fit(rows["months"], rows["ended"], covariates=rows[["plan"]])
    assert found.cox is not None and found.n == 4000 and "1,000 of 4,000" in found.warnings[0].en


def test_what_does_not_act_in_proportion_is_said() -> None:
    """One plan ends early or never, the other late: Cox's mean curve leaves Kaplan–Meier's."""
    chance = np.random.default_rng(5)
    early = chance.random(3000) < 0.5
    life = np.where(
        early, np.where(chance.random(3000) < 0.5, chance.integers(1, 4, 3000), 99), chance.integers(18, 30, 3000)
    )
    found = ContractLifetime().fit(np.minimum(life, 36), life <= 36, covariates={"early": early.astype(float)})
    assert found.cox is None or any("differ" in text.en for text in found.warnings)


@pytest.mark.parametrize(
    ("months", "ended", "code"),
    [([1.0] * 40, [False] * 40, "too_few_ended"), ([-1.0, *[5.0] * 39], [True] * 40, "lifetimes_wrong")],
)
def test_what_cannot_be_fitted_is_refused(months: list[float], ended: list[bool], code: str) -> None:
    with pytest.raises(InputError) as refused:
        ContractLifetime().fit(months, ended)
    assert refused.value.code == code and refused.value.message.de
