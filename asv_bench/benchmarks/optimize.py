"""Optimisers beside the field's libraries, in one run. Thread CPU time; linear algebra by one thread.

By hand: ``python asv_bench/benchmarks/optimize.py``; the libraries that are not installed are left out.
"""

import statistics
import time
import warnings

import numpy as np

import nanobook as nb

PERIODS = 2520


def market(count, kind="market"):
    """Daily returns: of one strong factor, few assets are held; of many weak ones, most."""
    rng = np.random.default_rng(1)
    if kind == "market":
        factors = rng.normal(0.0004, 0.01, (PERIODS, 1)) @ rng.uniform(0.5, 1.6, (1, count))
        return factors + rng.standard_t(4, (PERIODS, count)) * rng.uniform(0.005, 0.02, count)
    factors = rng.standard_normal((PERIODS, 20)) @ rng.standard_normal((20, count))
    return 0.005 * factors + 0.01 * rng.standard_normal((PERIODS, count))


def median(run, times=5):
    """Median thread CPU time of a call in seconds, its first run left out."""
    run()
    spent = []
    for _ in range(times):
        start = time.thread_time_ns()
        run()
        spent.append(time.thread_time_ns() - start)
    return statistics.median(spent) / 1e9


class MinVariance:
    """Least variance of 500 assets from 2,520 returns, and a frontier of 20 points."""

    timer = time.thread_time
    params = ("market", "dense")
    param_names = ("kind",)

    def setup(self, kind):
        self.returns = market(500, kind)
        result = nb.optimize_min_variance(self.returns, full=True)
        assert result.residual <= 1e-12
        frontier = nb.efficient_frontier(self.returns)
        assert np.all(np.diff(frontier.volatilities) > 0.0)
        assert abs(frontier.volatilities[0] ** 2 / result.objective - 1.0) < 1e-9

    def time_min_variance(self, kind):
        nb.optimize_min_variance(self.returns)

    def time_frontier(self, kind):
        nb.efficient_frontier(self.returns, points=20)

    def time_max_sharpe(self, kind):
        nb.optimize_max_sharpe(self.returns)

    def time_risk_parity(self, kind):
        nb.optimize_risk_parity(self.returns)


class Tails:
    """Least CVaR and CDaR over 2,520 scenarios of 100 assets."""

    timer = time.thread_time

    def setup(self):
        self.returns = market(100)
        nb.optimize_cvar(self.returns, full=True)

    def time_cvar(self):
        nb.optimize_cvar(self.returns)

    def time_cdar(self):
        nb.optimize_cdar(self.returns)


def peers_of_variance(returns):
    """Least variance by other libraries, as (name, function that returns the weights)."""
    try:
        from skfolio.optimization import MeanRisk

        yield "skfolio", lambda: MeanRisk().fit(returns).weights_
    except ImportError:
        pass
    try:
        import pandas as pd
        import riskfolio

        def solve():
            portfolio = riskfolio.Portfolio(returns=pd.DataFrame(returns))
            portfolio.assets_stats(method_mu="hist", method_cov="hist")
            return portfolio.optimization(model="Classic", rm="MV", obj="MinRisk").to_numpy()[:, 0]

        yield "Riskfolio-Lib", solve
    except ImportError:
        pass
    try:
        from pypfopt import EfficientFrontier

        def least():
            frontier = EfficientFrontier(None, np.cov(returns.T))
            return np.array(list(frontier.min_volatility().values()))

        yield "PyPortfolioOpt", least
    except ImportError:
        pass


def peers_of_cvar(returns):
    """Least CVaR by other libraries."""
    try:
        from skfolio import RiskMeasure
        from skfolio.optimization import MeanRisk

        yield "skfolio", lambda: MeanRisk(risk_measure=RiskMeasure.CVAR).fit(returns).weights_
    except ImportError:
        pass
    try:
        from pypfopt import EfficientCVaR

        def least():
            return np.array(list(EfficientCVaR(returns.mean(axis=0), returns).min_cvar().values()))

        yield "PyPortfolioOpt", least
    except ImportError:
        pass


def compare(what, ours, peers, objective):
    """Print our time and the others' as multiples of it, and how much worse their objective is."""
    own, best = median(ours), objective(ours())
    print(f"{what:34} nanobook {own * 1e3:9.1f} ms")
    for name, run in peers:
        worse = objective(run()) / best - 1.0
        assert worse > -1e-6, f"{name} found less"
        print(f"{'':34} {name:14} {median(run, 3) / own:6.1f} x, objective {worse:+.1e}")


if __name__ == "__main__":
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    warnings.simplefilter("ignore")
    threadpool_limits(1)
    from nanobook.optimize.risk import conditional_value

    for kind in MinVariance.params:
        table = market(500, kind)
        matrix = np.cov(table.T)
        compare(
            f"minimum variance, N=500, {kind}",
            lambda table=table: nb.optimize_min_variance(table),
            peers_of_variance(table),
            lambda w, matrix=matrix: w @ matrix @ w,
        )
        one = median(lambda table=table: nb.optimize_min_variance(table))
        for name, run in (
            ("frontier of 20 points", nb.efficient_frontier),
            ("maximum Sharpe", nb.optimize_max_sharpe),
            ("risk parity", nb.optimize_risk_parity),
            ("maximum diversification", nb.optimize_max_diversification),
            ("HRP", nb.optimize_hrp),
        ):
            print(f"  {name:32} {median(lambda run=run, table=table: run(table)) / one:5.2f} x one solve")
    table = market(100)
    compare(
        "CVaR, 2,520 x 100",
        lambda: nb.optimize_cvar(table),
        peers_of_cvar(table),
        lambda w: conditional_value(table @ w),
    )
    print(f"{'CDaR, 2,520 x 100':34} nanobook {median(lambda: nb.optimize_cdar(table), 1) * 1e3:9.1f} ms")
