"""Published answers on real prices: PyPortfolioOpt's weights and objectives, Riskfolio-Lib's tables."""

import numpy as np
import pandas as pd
import pytest

import nanobook as nb
from nanobook.optimize.risk import conditional_drawdown, conditional_value

RATE = {
    0.02: {
        "GOOG": 0.03835,
        "AAPL": 0.0689,
        "FB": 0.20603,
        "BABA": 0.07315,
        "AMZN": 0.04033,
        "BBY": 0.01324,
        "MA": 0.35349,
        "PFE": 0.1957,
        "SBUX": 0.01082,
    },
    0.0: {
        "GOOG": 0.0458,
        "AAPL": 0.06743,
        "FB": 0.2008,
        "BABA": 0.08494,
        "AMZN": 0.03525,
        "BBY": 0.01587,
        "MA": 0.3287,
        "PFE": 0.20394,
        "SBUX": 0.01726,
    },
}


@pytest.fixture
def twenty(data):
    """Prices of 20 stocks, some listed late."""
    return pd.read_csv(data / "prices/pypfopt_stock_prices.csv", index_col=0, parse_dates=True)


@pytest.fixture
def ten(data):
    """The last 200 returns of ten stocks."""
    prices = pd.read_csv(data / "prices/riskfolio_stock_prices.csv", index_col=0, parse_dates=True)
    return prices


@pytest.mark.parametrize("rate", RATE)
def test_max_sharpe_of_pyportfolioopt(twenty, rate):
    from pypfopt import expected_returns, risk_models

    moments = {
        "expected_returns": expected_returns.mean_historical_return(twenty),
        "covariance": risk_models.sample_cov(twenty),
    }
    result = nb.optimize_max_sharpe(None, risk_free=rate, **moments, full=True)
    wanted = pd.Series(RATE[rate]).reindex(twenty.columns, fill_value=0.0)
    np.testing.assert_allclose(result.weights, wanted, atol=5e-5)
    if rate == 0.02:
        told = (result.expected_return, result.volatility, result.objective)
        np.testing.assert_allclose(told, (0.30477, 0.22166, 1.28477), atol=1e-5)


def test_tails_of_pyportfolioopt(twenty):
    returns = twenty.pct_change(fill_method=None).dropna()
    assert nb.optimize_cvar(returns, full=True).objective == pytest.approx(0.0170495, abs=1e-7)
    assert nb.optimize_cdar(returns, full=True).objective == pytest.approx(0.0564331, abs=1e-7)


def table(data, name, prices):
    """Weights of one of Riskfolio-Lib's tables and the returns they were computed from."""
    weights = pd.read_csv(data / f"expected/Classic_{name}.csv", index_col=0)
    return prices[weights.index].pct_change().dropna().iloc[-200:], weights


def test_variance_of_riskfolio(data, ten):
    returns, weights = table(data, "MinRisk", ten)
    np.testing.assert_allclose(nb.optimize_min_variance(returns), weights["MV"], atol=1e-6)
    returns, weights = table(data, "Sharpe", ten)
    np.testing.assert_allclose(nb.optimize_max_sharpe(returns), weights["MV"], atol=1e-6)


def test_risk_parity_of_riskfolio(data, ten):
    """The table's parts of risk differ by 5e-5 from each other, ours by 1e-12."""
    returns, weights = table(data, "RP", ten)
    result = nb.optimize_risk_parity(returns, full=True)
    np.testing.assert_allclose(result.weights, weights["MV"], atol=5e-6)
    theirs = weights["MV"] * (returns.cov() @ weights["MV"])
    assert np.ptp(theirs / theirs.sum()) > 1e-6
    assert np.ptp(result.risk_contributions) < 1e-12


TAILS = {
    "CVaR": (nb.optimize_cvar, nb.optimize_cvar_ratio, conditional_value, 0.95),
    "WR": (nb.optimize_cvar, nb.optimize_cvar_ratio, conditional_value, 1.0),
    "CDaR": (nb.optimize_cdar, nb.optimize_cdar_ratio, conditional_drawdown, 0.95),
    "MDD": (nb.optimize_cdar, nb.optimize_cdar_ratio, conditional_drawdown, 1.0),
    "ADD": (nb.optimize_cdar, nb.optimize_cdar_ratio, conditional_drawdown, 0.0),
}


@pytest.mark.parametrize("measure", TAILS)
def test_tails_of_riskfolio(data, ten, measure):
    least, best, risk, alpha = TAILS[measure]
    returns, weights = table(data, "MinRisk", ten)
    result, theirs = least(returns, alpha=alpha, full=True), weights[measure].to_numpy()
    np.testing.assert_allclose(result.weights, theirs, atol=1e-6)
    assert result.objective <= risk(returns.to_numpy() @ theirs, alpha) + 1e-9
    returns, weights = table(data, "Sharpe", ten)
    result, theirs = best(returns, alpha=alpha, full=True), weights[measure].to_numpy()
    np.testing.assert_allclose(result.weights, theirs, atol=1e-6)
    gain = returns.to_numpy().mean(axis=0) @ theirs
    assert result.objective >= gain / risk(returns.to_numpy() @ theirs, alpha) - 1e-9
