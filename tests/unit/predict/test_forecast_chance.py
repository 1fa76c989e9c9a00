"""Intervals of forecasts hold at least the chance of counting orders, for revenue as well."""

import numpy as np
import pytest

from schwung.predict.forecast.forecast import _paths, _Spread


@pytest.mark.parametrize("unit", [1.0, 3_000.0])
def test_twenty_orders_scatter_by_their_root_whatever_they_are_worth(unit: float) -> None:
    drawn = np.log(_paths(np.full(4, 20.0 * unit), unit, _Spread(0.0, 0.0), np.random.default_rng(1)) / (20.0 * unit))
    assert drawn.std() == pytest.approx(1 / np.sqrt(20), rel=0.03)
