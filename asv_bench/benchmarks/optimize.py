"""Optimisers: thread CPU time, linear algebra by one thread.

By hand: ``python asv_bench/benchmarks/optimize.py``. Beside other libraries: ``references.py``.
"""

import statistics
import time

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


if __name__ == "__main__":
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    threadpool_limits(1)
    for kind in MinVariance.params:
        table = market(500, kind)
        one = median(lambda table=table: nb.optimize_min_variance(table))
        print(f"minimum variance, N=500, {kind}: {one * 1e3:.1f} ms")
        for name, run in (
            ("frontier of 20 points", nb.efficient_frontier),
            ("maximum Sharpe", nb.optimize_max_sharpe),
            ("risk parity", nb.optimize_risk_parity),
            ("maximum diversification", nb.optimize_max_diversification),
            ("HRP", nb.optimize_hrp),
        ):
            print(f"  {name:32} {median(lambda run=run, table=table: run(table)) / one:5.2f} x one solve")
    table = market(100)
    print(f"CVaR, 2,520 x 100: {median(lambda: nb.optimize_cvar(table)) * 1e3:.1f} ms")
    print(f"CDaR, 2,520 x 100: {median(lambda: nb.optimize_cdar(table), 1) * 1e3:.1f} ms")
