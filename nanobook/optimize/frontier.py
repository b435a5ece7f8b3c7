"""The efficient frontier: least variance for each return, in one call."""

from itertools import chain

import numpy as np

from ..errors import InfeasibleError, SolverError
from ..portfolio.inputs import readonly, whole
from .general import charge_of, constraints_of, run, settle
from .homogeneous import best_corner
from .moments import read_problem
from .phase_one import feasible_start
from .quadratic import Active, Programme, Stuck
from .variance import least_variance, polish


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
    0           0.0034      0.0143  0.2683  0.7317
    1           0.0042      0.0165  0.6341  0.3659
    2           0.0050      0.0238  1.0000  0.0000

    References
    ----------
    Markowitz (1956), The optimization of a quadratic function subject to linear constraints.
    """
    count = whole("points", points, 2, 10**6, "portfolios on the frontier")
    problem = read_problem(returns, symbols, covariance, constraints, expected_returns, wants_expected=True)
    if problem.most is not None:
        raise InfeasibleError(
            "cardinality: a frontier of few names is not convex; optimise each target alone"
        )
    solve = follow if problem.region.plain else solve_each
    try:
        weights = solve(problem.matrix, problem.expected, problem.region, count)
    except Stuck:
        weights = solve_each(problem.matrix, problem.expected, problem.region, count)
    return Frontier(problem.sample, weights, weights @ problem.expected, problem.matrix)


def follow(matrix, expected, region, count):
    """Solve for each return from what was active at the one before: a few equations a point."""
    scale, unit = float(np.mean(np.diag(matrix))), float(np.abs(expected).max()) or 1.0
    gain, nothing = expected / unit, np.zeros(len(expected))
    optimum = Programme(matrix / scale, region).solve(nothing)
    last = feasible_start(region, -gain)[0]
    found, held = [optimum.x], optimum.active
    for wanted in np.linspace(gain @ optimum.x, gain @ last, count)[1:-1]:
        allowed = region.with_row("target_return", gain, wanted, np.inf)
        guess = Active(held.side, np.append(held.held[: len(region.names)], np.int8(-1)))
        optimum = Programme(matrix / scale, allowed).solve(nothing, guess)
        found.append(optimum.x)
        held = optimum.active
    return np.array([*found, last])


def solve_each(matrix, expected, region, count):
    """Solve one compiled problem a point, the return to reach its parameter."""
    import cvxpy as cp

    scale, unit = float(np.mean(np.diag(matrix))), float(np.abs(expected).max()) or 1.0
    weights, target = cp.Variable(len(expected)), cp.Parameter()
    price = 0.5 / scale
    factor = np.linalg.cholesky(matrix / scale).T
    value = 0.5 * cp.sum_squares(factor @ weights) + price * charge_of(region, weights)
    listed = chain(*constraints_of(region, weights).values())
    problem = cp.Problem(cp.Minimize(value), [*listed, (expected / unit) @ weights >= target])
    first = least_variance(matrix, region).weights
    last = most_return(expected / unit, region)
    found = [first]
    for wanted in np.linspace(first @ expected / unit, last @ expected / unit, count)[1:-1]:
        target.value = wanted
        run(problem)
        if problem.status != cp.OPTIMAL:
            raise SolverError(f"the solver ended with {problem.status!r} at a return of {wanted * unit:g}")
        row = region.with_row("target", expected / unit, wanted, np.inf)
        better = polish(matrix / scale, np.zeros(len(expected)), row, weights.value, price)
        found.append(settle(weights.value, region) if better is None else better[1].x)
    return np.array([*found, last])


def most_return(gain, region):
    """The weights of the best return."""
    if region.plain:
        return settle(best_corner(region, gain), region)
    import cvxpy as cp

    from .general import minimise

    weights = cp.Variable(len(gain))
    minimise(-gain @ weights, region, weights)
    return settle(weights.value, region)


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
        return self._sample.dress(self.weights[point].copy())

    def __eq__(self, other):
        if not isinstance(other, Frontier):
            return NotImplemented
        return self.symbols == other._symbols and np.array_equal(self.weights, other.weights)

    def to_frame(self):
        """Return, volatility and weights, one row a point."""
        import pandas as pd

        told = pd.DataFrame({"expected_return": self.expected_returns, "volatility": self.volatilities})
        return told.join(pd.DataFrame(self.weights, columns=list(self.symbols)))

    def plot(self, ax=None):
        """Draw return over volatility, and the weights below; returns the figure."""
        from .pictures import frontier_chart

        return frontier_chart(self, ax)

    def __repr__(self):
        return (
            f"Frontier({len(self)} points of {len(self.symbols)} assets, "
            f"volatility {self.volatilities[0]:.4g} to {self.volatilities[-1]:.4g})"
        )

    def _repr_html_(self):
        return self.to_frame().to_html(float_format="{:.4f}".format, max_cols=12, max_rows=30)
