"""The efficient frontier: least variance for each return, in one call."""

from dataclasses import replace
from itertools import chain

import numpy as np

from ..errors import InvalidValue, SolverError, UnboundedError, WrongType
from ..portfolio.inputs import positive, readonly, whole
from .general import charge_of, constraints_of, minimise, run, settle
from .homogeneous import best_corner
from .moments import read_problem
from .phase_one import runs_away
from .quadratic import Active, Programme, Stuck
from .variance import least_variance, polish

UNBOUNDED = "expected returns have no best: nothing bounds the weights; give lower and upper"


def efficient_frontier(
    returns,
    symbols=None,
    points=20,
    *,
    expected_returns=None,
    covariance="sample",
    constraints=None,
):
    """Portfolios of least variance, from the least of all to that of the best expected return.

    Each point starts from what is active at the one before, so that all cost little more than the first.
    Under limits that are not linear one compiled problem is solved for all.

    Parameters
    ----------
    returns, symbols, covariance, constraints
        As of `optimize_min_variance`; costs add to the variance. ``cardinality`` is not taken.
    points : int
        Portfolios, at equal steps of expected return; at least 2.
    expected_returns : numbers a symbol, optional
        Per period; default the mean of the returns.

    Returns
    -------
    Frontier

    Raises
    ------
    InfeasibleError, SingularCovariance
        As `optimize_min_variance`.

    Examples
    --------
    >>> from nanobook import efficient_frontier
    >>> returns = [[0.03, -0.01], [-0.02, 0.01], [0.02, 0.02], [-0.01, -0.01]]
    >>> efficient_frontier(returns, ["AAPL", "MSFT"], points=3).to_frame().round(4)
       expected_return  volatility    AAPL    MSFT
    0           0.0032      0.0124  0.2929  0.7071
    1           0.0041      0.0160  0.6465  0.3535
    2           0.0050      0.0238  1.0000  0.0000

    References
    ----------
    Markowitz (1956), The optimization of a quadratic function subject to linear constraints.
    """
    count = whole("points", points, 2, 10**6, "portfolios on the frontier")
    problem = read_problem(returns, symbols, covariance, constraints, expected_returns, wants_expected=True)
    if problem.most is not None:
        raise InvalidValue("cardinality: a frontier of few names is not convex; optimise each target alone")
    scale, unit = float(np.mean(np.diag(problem.matrix))), float(np.abs(problem.expected).max()) or 1.0
    region = (
        problem.region
        if problem.region.cost is None
        else replace(problem.region, cost=problem.region.cost / (2.0 * scale))
    )
    solve = follow if region.plain else solve_each
    try:
        weights = solve(problem.matrix / scale, problem.expected / unit, region, count)
    except Stuck:
        weights = solve_each(problem.matrix / scale, problem.expected / unit, region, count)
    return Frontier(problem.sample, weights, weights @ problem.expected, problem.matrix)


def follow(matrix, gain, region, count):
    """Solve for each return from what was active at the one before: a few equations a point."""
    nothing = np.zeros(len(gain))
    optimum = Programme(matrix, region).solve(nothing)
    best = best_corner(region, gain)
    if runs_away(region, best):
        raise UnboundedError(UNBOUNDED)
    found, held = [optimum.x], optimum.active
    for wanted in targets(gain @ optimum.x, gain @ best, count):
        allowed = region.with_row("target_return", gain, wanted, np.inf)
        guess = Active(held.side, np.append(held.held[: len(region.names)], np.int8(-1)))
        optimum = Programme(matrix, allowed).solve(nothing, guess)
        found.append(optimum.x)
        held = optimum.active
    return np.array(found)


def targets(first, last, count):
    """Equal steps of return from the first point on, each short of its goal by less than rounding."""
    return np.linspace(first, last, count)[1:] - 1e-12 * max(abs(first), abs(last))


def solve_each(matrix, gain, region, count):
    """Solve one compiled problem a point, the return to reach its parameter."""
    import cvxpy as cp

    weights, target = cp.Variable(len(gain)), cp.Parameter()
    value = 0.5 * cp.sum_squares(np.linalg.cholesky(matrix).T @ weights) + charge_of(region, weights)
    listed = chain(*constraints_of(region, weights).values())
    problem = cp.Problem(cp.Minimize(value), [*listed, gain @ weights >= target])
    first = least_variance(matrix, region, np.zeros(len(gain))).weights
    minimise(-gain @ weights, region, weights)
    found = [first]
    for wanted in targets(gain @ first, gain @ weights.value, count):
        target.value = wanted - 1e-9 * abs(wanted)
        run(problem)
        if problem.status != cp.OPTIMAL:
            raise SolverError(f"the solver ended with {problem.status!r} at {len(found)} of {count} points")
        row = region.with_row("target_return", gain, target.value, np.inf)
        better = polish(matrix, np.zeros(len(gain)), row, weights.value)
        found.append(settle(weights.value, region) if better is None else better[1].x)
    return np.array(found)


class Frontier:
    """Portfolios along the efficient frontier; made by `efficient_frontier`.

    Attributes
    ----------
    symbols : tuple of N names
    weights : ndarray, shape (points, N)
    expected_returns, volatilities : ndarray, shape (points,)
        Per period.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, sample, weights, expected_returns, matrix):
        self.symbols = sample.labels.symbols or tuple(range(sample.count))
        self._sample = sample
        self.weights = readonly(weights)
        self.expected_returns = readonly(expected_returns)
        self.volatilities = readonly(
            np.sqrt(np.einsum("pi,ij,pj->p", weights, matrix, weights, optimize=True))
        )

    def __len__(self):
        return len(self.weights)

    def __getitem__(self, point):
        """Weights of one point in the form of the optimisers."""
        if isinstance(point, slice):
            raise WrongType("one point at a time; .weights[...] and .to_frame() have them all")
        return self._sample.dress(self.weights[point].copy())

    def __eq__(self, other):
        if not isinstance(other, Frontier):
            return NotImplemented
        return self.symbols == other.symbols and np.array_equal(self.weights, other.weights)

    def to_frame(self):
        """Return, volatility and weights, one row a point."""
        import pandas as pd

        told = pd.DataFrame({"expected_return": self.expected_returns, "volatility": self.volatilities})
        weights = pd.DataFrame(self.weights, columns=pd.Index(self.symbols, tupleize_cols=False))
        return pd.concat([told, weights], axis=1)

    def plot(self, ax=None, periods_per_year=None):
        """Draw return over volatility, and the weights below.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Draws the curve alone, into these.
        periods_per_year : float, optional
            Draw return and volatility a year: 252 of daily returns. By default a period.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown.
        """
        from .pictures import frontier_chart

        year = None if periods_per_year is None else positive("periods_per_year", periods_per_year)
        return frontier_chart(self, ax, year)

    def __repr__(self):
        return (
            f"Frontier({len(self)} points of {len(self.symbols)} assets, "
            f"volatility {self.volatilities[0]:.4g} to {self.volatilities[-1]:.4g})"
        )

    def _repr_html_(self):
        return self.to_frame().to_html(float_format="{:.4f}".format, max_cols=12, max_rows=30)
