"""BG/NBD and MBG/NBD: the optima of the CDNOW sample to 12 digits, in both conventions of its data."""

import numpy as np
import pytest
from lifetimes.utils import summary_data_from_transaction_data

from schwung.predict import BetaGeoNBD, ModifiedBetaGeoNBD
from tests.unit.predict import cdnow

# Maximum of the likelihood, found with 40 digits: r, α, a, b; log-likelihood; standard errors.
OPTIMA = [
    (
        BetaGeoNBD,
        "rounded",
        (0.242592907204, 4.41353156121, 0.792886148099, 2.42575343649),
        -9582.4255605674,
        (0.0125573, 0.378221, 0.185719, 0.705346),
    ),
    (BetaGeoNBD, "raw", (0.24259452243, 4.41360201901, 0.792922017226, 2.42590677683), -9582.4292066739, None),
    (
        ModifiedBetaGeoNBD,
        "rounded",
        (0.524837983666, 6.18299201967, 0.891356155332, 1.61399933473),
        -9582.1326848999,
        (0.0832641, 0.695598, 0.154785, 0.537472),
    ),
    (ModifiedBetaGeoNBD, "raw", (0.524843159106, 6.18308527958, 0.891359390732, 1.61400224017), -9582.1357155537, None),
]


@pytest.mark.parametrize(("model", "convention", "parameters", "likelihood", "errors"), OPTIMA)
def test_cdnow(model, convention, parameters, likelihood, errors) -> None:
    fitted = model().fit(getattr(cdnow, convention)())
    assert list(fitted.parameters.values()) == pytest.approx(parameters, rel=1e-9)
    assert fitted.log_likelihood == pytest.approx(likelihood, abs=1e-6)
    assert (fitted.customers, fitted.purchases, fitted.unit, fitted.warnings) == (2357, 2457, "week", ())
    if errors:
        assert list(fitted.standard_errors.values()) == pytest.approx(errors, rel=1e-4)


def test_the_summary_is_that_of_lifetimes() -> None:
    log = cdnow.log()
    days = log.summary(cdnow.CUT)
    frame = {"who": log.who, "when": log.day.astype("datetime64[D]"), "what": log.amount}
    import pandas as pd

    wanted = summary_data_from_transaction_data(
        pd.DataFrame(frame), "who", "when", "what", observation_period_end="1997-09-30"
    )
    assert np.array_equal(days.frequency, wanted["frequency"])
    assert np.array_equal(days.recency, wanted["recency"])
    assert np.array_equal(days.T, wanted["T"])
    assert days.spend == pytest.approx(wanted["monetary_value"].to_numpy())


def test_days_and_weeks_are_one_fit() -> None:
    days = BetaGeoNBD().fit(cdnow.log().summary(cdnow.CUT))
    weeks = BetaGeoNBD().fit(cdnow.raw())
    told = days.on_clock("week")
    assert list(told.parameters.values()) == pytest.approx(list(weeks.parameters.values()), rel=1e-9)
    assert told.log_likelihood == pytest.approx(weeks.log_likelihood, abs=1e-6)
    assert list(told.standard_errors.values()) == pytest.approx(list(weeks.standard_errors.values()), rel=1e-6)
