"""Options of backtest_weights: fills, intrabar stops, missing prices, actions, financing, limits."""

import numpy as np
import pytest

from nanobook.errors import MissingPriceError
from nanobook.portfolio import backtest_weights
from nanobook.portfolio.bar_tables import BarTables
from nanobook.portfolio.inputs import read_inputs
from nanobook.portfolio.run_bars import Extras, run_bars
from nanobook.portfolio.run_plain import run_plain
from nanobook.portfolio.settings import Settings
from nanobook.portfolio.stops import read_stops
from nanobook.portfolio.trades import derive
from tests.bars import Case
from tests.oracle.bars import Refused
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


@pytest.mark.parametrize("seed", range(120))
def test_options_of_all_kinds_equal_the_twin(seed):
    case = Case(seed).choose()
    try:
        twin = case.twin()
    except Refused:
        with pytest.raises(MissingPriceError):
            case.run(backtest_weights)
        return
    result = case.run(backtest_weights)
    compare(result, twin, case.symbols)


def compare(result, twin, symbols):
    """Every curve and record is the twin's, to the cent and the share."""
    for name in ("cash", "cost", "dividends"):
        assert getattr(result, name).tolist() == twin.curves[name], name
    assert result.equity_curve[1:].tolist() == twin.curves["equity"]
    paid = [i - b for i, b in zip(twin.curves["interest"], twin.curves["borrowing"], strict=True)]
    assert result.financing.tolist() == paid
    for t, held in enumerate(twin.curves["held"]):
        mine = {s: q for s, q in zip(symbols, result.positions[t].tolist(), strict=True) if q}
        assert mine == {s: float(q) for s, q in held.items()}, t
    events = [tuple(event)[:5] for event in result.stop_events.tolist()]
    assert events == [(t, s, level, price, kind) for t, s, level, price, kind in twin.events]
    trades = list(zip(*(result.trades[name].tolist() for name in NAMES), strict=True))
    assert trades == [(t, s, float(q), reason) for t, s, q, reason in twin.trades]


NAMES = ("period", "symbol", "quantity", "reason")
