"""What an optimiser returns when asked for all: weights, objective, multipliers, risk by asset."""

import html

import numpy as np

from ..errors import NotAvailable
from ..portfolio.inputs import readonly
from .risk import conditional_drawdown, conditional_value

OBJECTIVES = {
    "variance": "variance per period, with costs",
    "utility": "return less the price of variance, per period, costs off",
    "tracking": "root mean squared difference from the benchmark",
    "sharpe": "excess return over volatility, per period, costs off",
    "diversification": "weighted mean of volatilities over the volatility",
    "parity": "volatility",
    "hierarchy": "variance per period",
    "cvar": "mean loss in the tail, with costs",
    "cdar": "mean drawdown in the tail, with costs",
    "cvar_ratio": "excess return over the mean loss in the tail",
    "cdar_ratio": "excess return over the mean drawdown in the tail",
}


class OptimizedPortfolio:
    """An optimum and what is known about it; made by the optimisers with ``full=True``.

    Attributes
    ----------
    weights : ndarray, dict or Series
        As the optimiser returns them without ``full``.
    kind : str
        What was optimised.
    objective : float
        Its value; `objective_name` says of what.
    status : {'optimal'}
        Anything else is an error.
    method : str
        The solver.
    duals : dict
        Multipliers: how much the objective gains (a ratio: the programme that stands for it) a unit of each
        limit; ``lower`` and ``upper`` hold one an asset, not below 0, and ``extra`` what cvxpy tells.
    residual : float
        Largest violation of the optimality conditions that were checked (of the constraints alone where
        there are constraints of the user's own, and for ratios and tails).
    expected_return, volatility : float
        Per period; NaN where the sample does not tell.
    risk_contributions : ndarray, dict or Series
        Part of each asset in the volatility; they sum to 1.

    Notes
    -----
    Results compare equal by value and can be pickled.
    """

    __hash__ = None  # type: ignore[assignment]
    status = "optimal"

    def __init__(self, sample, kind, weights, objective, answer, moments):
        self.kind = kind
        self.objective = objective
        self.method = answer.method
        self.duals = answer.duals
        self.residual = answer.residual
        self.expected_return, self.volatility, self._contributions = moments
        self._weights = readonly(weights)
        self._dress = sample.dress
        self._symbols = sample.labels.symbols or tuple(range(sample.count))

    @property
    def weights(self):
        """Weights in the caller's own form."""
        return self._dress(self._weights.copy())

    @property
    def objective_name(self):
        """What the objective is, in words."""
        return OBJECTIVES[self.kind]

    @property
    def risk_contributions(self):
        """Part of each asset in the volatility."""
        if self._contributions is None:
            raise NotAvailable("risk_contributions: there is no covariance; pass returns")
        return self._dress(self._contributions.copy())

    def stats(self):
        """Figures as a Series."""
        import pandas as pd

        size = np.abs(self._weights)
        return pd.Series(
            {
                f"Objective ({self.objective_name})": self.objective,
                "Expected return (per period)": self.expected_return,
                "Volatility (per period)": self.volatility,
                "Names": int(np.count_nonzero(size > 0.0)),
                "Largest weight": self._weights.max(),
                "Gross exposure": size.sum(),
                "Residual": self.residual,
            },
            name=self.kind,
        )

    def to_frame(self):
        """Weights and risk contributions, one row an asset."""
        import pandas as pd

        columns = {"weight": self._weights}
        if self._contributions is not None:
            columns["risk_contribution"] = self._contributions
        return pd.DataFrame(columns, index=list(self._symbols))

    def plot(self, ax=None):
        """Draw weights other than 0 beside their parts of risk, the largest 30; returns the figure."""
        from .pictures import weights_chart

        return weights_chart(self.to_frame(), self.kind, ax)

    def __eq__(self, other):
        if not isinstance(other, OptimizedPortfolio):
            return NotImplemented
        return self._key() == other._key() and np.array_equal(self._weights, other._weights)

    def _key(self):
        return self.kind, self.objective, self.method, self._symbols

    def __repr__(self):
        names = np.count_nonzero(self._weights)
        return (
            f"OptimizedPortfolio({self.kind}, objective={self.objective:.6g}, "
            f"names={names} of {len(self._weights)}, status={self.status!r})"
        )

    def _repr_html_(self):
        frame = self.to_frame()
        frame = frame.loc[frame["weight"].abs().sort_values(ascending=False).index[:30]]
        told = html.escape(
            f"{self.kind}: {self.objective_name} {self.objective:.6g}; {self.status}, {self.method}"
        )
        return f"<p>{told}</p>{frame.to_html(float_format='{:.4f}'.format)}"


def finish(problem, answer, kind, full, level=None):
    """Return the weights in the caller's form, or the result with all that is known.

    Parameters
    ----------
    problem : Problem
    answer : Answer
    kind : str
        A key of OBJECTIVES.
    full : bool
    level : float, optional
        Of a tail; the price of variance of a utility; the risk-free return of a Sharpe ratio.
    """
    weights = np.where(np.abs(answer.weights) < 1e-15, 0.0, answer.weights)
    if not full:
        return problem.sample.dress(weights)
    value = VALUES[kind](problem, weights, level)
    return OptimizedPortfolio(
        problem.sample, kind, weights, float(value), answer, moments_of(problem, weights)
    )


def moments_of(problem, weights):
    """Expected return, volatility and parts of risk, as far as the sample tells."""
    values, matrix, expected = problem.sample.values, problem.matrix, problem.expected
    if expected is None and values is not None:
        expected = values.mean(axis=0)
    if matrix is None and values is not None and len(values) > 1:
        centred = values - values.mean(axis=0)
        matrix = centred.T @ centred / (len(values) - 1)
    gain = np.nan if expected is None else float(expected @ weights)
    if matrix is None:
        return gain, np.nan, None
    part = weights * (matrix @ weights)
    variance = max(0.0, float(part.sum()))
    return gain, float(np.sqrt(variance)), part / variance if variance > 0.0 else np.full(len(part), np.nan)


def _variance(problem, weights, level):
    return weights @ problem.matrix @ weights + problem.region.charge(weights)


def _utility(problem, weights, level):
    gain = problem.expected @ weights - problem.region.charge(weights)
    return gain - level / 2.0 * (weights @ problem.matrix @ weights)


def _tracking(problem, weights, level):
    return np.sqrt(np.mean((problem.sample.values @ weights - problem.target) ** 2))


def _sharpe(problem, weights, level):
    gain = problem.expected @ weights - level * weights.sum() - problem.region.charge(weights)
    return gain / _volatility(problem, weights, level)


def _volatility(problem, weights, level):
    return np.sqrt(weights @ problem.matrix @ weights)


def _diversification(problem, weights, level):
    return np.sqrt(np.diag(problem.matrix)) @ weights / _volatility(problem, weights, level)


def _cvar(problem, weights, level):
    return conditional_value(problem.sample.values @ weights, level) + problem.region.charge(weights)


def _cdar(problem, weights, level):
    return conditional_drawdown(problem.sample.values @ weights, level) + problem.region.charge(weights)


def _ratio(risk):
    def value(problem, weights, level):
        alpha, risk_free = level
        gain = problem.expected @ weights - risk_free * weights.sum() - problem.region.charge(weights)
        return gain / risk(problem.sample.values @ weights, alpha)

    return value


VALUES = {
    "variance": _variance,
    "utility": _utility,
    "tracking": _tracking,
    "sharpe": _sharpe,
    "diversification": _diversification,
    "parity": _volatility,
    "hierarchy": _variance,
    "cvar": _cvar,
    "cdar": _cdar,
    "cvar_ratio": _ratio(conditional_value),
    "cdar_ratio": _ratio(conditional_drawdown),
}
