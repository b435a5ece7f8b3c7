"""Optimal portfolios: ours may not be worse than theirs, nor far from them where the best is one."""

import numpy as np

import nanobook
from nanobook.optimize.risk import conditional_drawdown, conditional_value

from .comparison import Row, market

RATE = 1e-4  # a day


def skfolio(name, **options):
    """Weights of an optimiser of skfolio; ``risk_measure`` is the name of one."""

    def solve(returns):
        from skfolio import RiskMeasure, optimization

        asked = {key: RiskMeasure[value] for key, value in options.items()}
        return getattr(optimization, name)(**asked).fit(returns).weights_

    return solve


def riskfolio(objective, measure):
    """Weights of Riskfolio-Lib."""

    def solve(returns):
        import pandas as pd
        import riskfolio

        portfolio = riskfolio.Portfolio(returns=pd.DataFrame(returns))
        portfolio.assets_stats(method_mu="hist", method_cov="hist")
        if objective == "parity":
            return portfolio.rp_optimization(model="Classic", rm=measure).to_numpy()[:, 0]
        found = portfolio.optimization(model="Classic", rm=measure, obj=objective)
        return found.to_numpy()[:, 0]

    return solve


def pypfopt(method, *arguments):
    """Weights of PyPortfolioOpt's efficient frontier."""

    def solve(returns):
        from pypfopt import EfficientFrontier

        frontier = EfficientFrontier(returns.mean(axis=0), np.cov(returns.T))
        return np.array(list(getattr(frontier, method)(*arguments).values()))

    return solve


def pypfopt_tail(kind):
    """Weights of PyPortfolioOpt with the least CVaR or CDaR."""

    def solve(returns):
        import pypfopt

        efficient = getattr(pypfopt, f"Efficient{kind}")(returns.mean(axis=0), returns)
        return np.array(list(getattr(efficient, f"min_{kind.lower()}")().values()))

    return solve


def pypfopt_hierarchy(returns):
    """Weights by the hierarchy of correlations."""
    import pandas as pd
    from pypfopt import HRPOpt

    found = HRPOpt(pd.DataFrame(returns)).optimize()
    return [found[k] for k in range(returns.shape[1])]


def variance(returns, weights):
    """Variance of a portfolio."""
    return weights @ np.cov(returns.T) @ weights


def no_sharpe(returns, weights):
    """Sharpe ratio, falling."""
    return -(returns.mean(axis=0) @ weights - RATE) / np.sqrt(variance(returns, weights))


def no_diversity(returns, weights):
    """Diversification ratio, falling."""
    return -(np.std(returns, axis=0, ddof=1) @ weights) / np.sqrt(variance(returns, weights))


def inequality(returns, weights):
    """How far the shares of risk are from each other, beside what a solver's rounding leaves."""
    shares = weights * (np.cov(returns.T) @ weights)
    return 1.0 + np.ptp(shares / shares.sum())


def tail(risk):
    """Cost of a tail measure."""
    return lambda returns, weights: risk(returns @ weights, 0.95)


def max_sharpe(returns):
    """Most return above the rate for its risk."""
    return nanobook.optimize_max_sharpe(returns, risk_free=RATE)


def row(name, library, theirs):
    """Make a row that is judged by its cost, to a millionth."""
    ours, cost, sizes = PROBLEMS[name]
    return Row(name, library, market, ours, theirs, sizes, 1e-6, 0.0, cost)


LARGE, TAILS, FALLS = ((300, 12), (2520, 500)), ((300, 12), (2520, 100)), ((200, 8), (600, 30))
PROBLEMS = {
    "minimum variance": (nanobook.optimize_min_variance, variance, LARGE),
    "maximum Sharpe": (max_sharpe, no_sharpe, LARGE),
    "risk parity": (nanobook.optimize_risk_parity, inequality, LARGE),
    "maximum diversification": (nanobook.optimize_max_diversification, no_diversity, LARGE),
    "CVaR": (nanobook.optimize_cvar, tail(conditional_value), TAILS),
    "CDaR": (nanobook.optimize_cdar, tail(conditional_drawdown), FALLS),
}

ROWS = [
    row("minimum variance", "skfolio", skfolio("MeanRisk")),
    row("minimum variance", "riskfolio", riskfolio("MinRisk", "MV")),
    row("minimum variance", "pypfopt", pypfopt("min_volatility")),
    row("maximum Sharpe", "pypfopt", pypfopt("max_sharpe", RATE)),
    row("risk parity", "skfolio", skfolio("RiskBudgeting")),
    row("risk parity", "riskfolio", riskfolio("parity", "MV")),
    row("maximum diversification", "skfolio", skfolio("MaximumDiversification")),
    row("CVaR", "skfolio", skfolio("MeanRisk", risk_measure="CVAR")),
    row("CVaR", "pypfopt", pypfopt_tail("CVaR")),
    row("CVaR", "riskfolio", riskfolio("MinRisk", "CVaR")),
    row("CDaR", "skfolio", skfolio("MeanRisk", risk_measure="CDAR")),
    row("CDaR", "pypfopt", pypfopt_tail("CDaR")),
    Row("hierarchical risk parity", "pypfopt", market, nanobook.optimize_hrp, pypfopt_hierarchy, LARGE),
]
