"""Options of backtest_weights: fills, intrabar stops, missing prices, actions, financing, limits."""

import numpy as np
import pytest

from nanobook.portfolio.bar_tables import BarTables
from nanobook.portfolio.inputs import read_inputs
from nanobook.portfolio.run_bars import Extras, run_bars
from nanobook.portfolio.run_plain import run_plain
from nanobook.portfolio.settings import Settings
from nanobook.portfolio.stops import read_stops
from nanobook.portfolio.trades import derive
from tests.schedules import make_case

STOPS = [
    None,
    {"trailing_stop_pct": 0.02},
    {"fixed_stop_pct": 0.05, "trailing_stop_pct": 0.05, "atr_multiple": 2.0, "atr_period": 3},
]


@pytest.mark.parametrize("stop_cfg", STOPS, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_with_every_option_off_both_engines_are_the_same_to_the_last_bit(seed, stop_cfg):
    case = make_case(seed, volatility=(0.03, 0.4)[seed % 2])
    settings = Settings(cost_bps=case.bps, stops=read_stops(stop_cfg))
    inputs = read_inputs(case.weights, case.prices)
    plain = run_plain(inputs, case.cash, settings, BarTables())
    full = run_bars(inputs, case.cash, settings, Extras(BarTables()))
    assert full.curves.tobytes() == plain.curves.tobytes()
    np.testing.assert_array_equal(full.positions, plain.positions)
    for mine, theirs in zip(full.panels, plain.panels, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert full.stopped.tolist() == plain.stopped.tolist()
    trades = derive(plain.positions, inputs.prices, plain.stopped, case.bps)
    assert full.fills.tolist() == trades.tolist()
    assert len(trades)
