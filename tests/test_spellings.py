"""Further names: the original's spellings, each the same object as ours."""

import pytest

import nanobook
from nanobook.spellings import ALIASES, CAPABILITIES

EXPORTS = """
BacktestResult BookSnapshot CancelResult CostModel Event Exchange LevelSnapshot Metrics ModifyResult
MultiExchange Order Portfolio Position RiskEngine StopSubmitResult SubmitResult Trade backtest_weights
capabilities garch_ewma_forecast garch_forecast inverse_cdar_weights inverse_cvar_weights optimize_cdar
optimize_cvar optimize_max_sharpe optimize_min_variance optimize_risk_parity parse_itch py_backtest_weights
py_capabilities py_compute_metrics py_garch_ewma_forecast py_garch_forecast py_inverse_cdar_weights
py_atr py_bbands py_macd py_rsi
py_inverse_cvar_weights py_optimize_cdar py_optimize_cvar py_optimize_max_sharpe
BinanceBroker py_optimize_min_variance py_optimize_risk_parity py_quintile_spread py_rolling_sharpe
py_rolling_volatility py_spearman py_time_series_split run_backtest sweep_equal_weight
IbkrBroker
"""
"""What the original's package of version 0.9.3 exports, but for its brokers."""

ORIGINAL = EXPORTS.split()


@pytest.mark.parametrize("name", sorted({*ORIGINAL, *ALIASES}))
def test_every_spelling_is_there(name):
    assert name in dir(nanobook)
    assert getattr(nanobook, name) is getattr(nanobook, ALIASES.get(name, name))


def test_capabilities_name_what_is_there():
    asked = nanobook.capabilities()
    assert asked == nanobook.py_capabilities()
    assert asked[:8] == [
        "backtest_stops",
        "garch_ewma_forecast",
        "optimize_min_variance",
        "optimize_max_sharpe",
        "optimize_risk_parity",
        "inverse_cvar_weights",
        "inverse_cdar_weights",
        "backtest_holdings",
    ]
    assert all(callable(getattr(nanobook, name)) for name in CAPABILITIES.values())
    asked.clear()
    assert nanobook.capabilities()


def test_a_name_that_is_none_says_so():
    with pytest.raises(AttributeError, match="no attribute 'py_nothing'"):
        nanobook.py_nothing  # noqa: B018
