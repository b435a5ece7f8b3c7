"""Least CVaR and CDaR, and the best return to either, as linear programmes."""

import numpy as np

from ..errors import InfeasibleError, InvalidValue, UnboundedError
from ..portfolio.inputs import finite
from .answer import Answer, fewer_names, split_bounds
from .calls import original_keyword
from .general import charge_of, minimise, named, settle
from .homogeneous import best_gain, homogeneous
from .linear import solve_linear
from .moments import UNUSED, read_problem
from .phase_one import clash
from .result import finish
from .risk import conditional_drawdown, conditional_value, tail_size


@original_keyword
def optimize_cvar(returns, symbols=None, alpha=0.95, *, constraints=None, full=False):
    """Weights of least conditional value at risk.

    Parameters
    ----------
    returns : array-like, shape (T, N), or DataFrame
        Returns per period as fractions, each row a scenario of equal probability.
    symbols : sequence of N names, optional
        Of the columns of an array.
    alpha : float
        Confidence, from 0 (the mean loss) to 1 (the worst loss).
    constraints : Constraints or dict, optional
        Default: long only, fully invested.
    full : bool
        Return an `OptimizedPortfolio`, whose objective is the CVaR, costs added.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio
        Where several weights are optimal, one corner of them.

    Raises
    ------
    InfeasibleError
        Constraints that clash; names them.
    NonFiniteError, ShapeError, TooFewObservations, WrongType
        Returns that cannot be used.

    Examples
    --------
    >>> from nanobook import optimize_cvar
    >>> returns = [[0.02, -0.01], [-0.02, 0.02], [0.03, 0.02], [0.01, 0.01]]
    >>> {s: round(w, 3) for s, w in optimize_cvar(returns, ["AAPL", "MSFT"], alpha=0.75).items()}
    {'AAPL': 0.429, 'MSFT': 0.571}

    References
    ----------
    Rockafellar and Uryasev (2000), Optimization of conditional value-at-risk.
    """
    return _least(_Losses, "cvar", returns, symbols, alpha, constraints, full)


@original_keyword
def optimize_cdar(returns, symbols=None, alpha=0.95, *, constraints=None, full=False):
    """Weights of least conditional drawdown at risk, of returns added up.

    Parameters
    ----------
    returns, symbols, constraints, full
        As of `optimize_cvar`, the rows in the order of time.
    alpha : float
        Confidence, from 0 (the mean drawdown) to 1 (the largest drawdown).

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio

    References
    ----------
    Chekhlov, Uryasev and Zabarankin (2005), Drawdown measure in portfolio optimization.
    """
    return _least(_Drawdowns, "cdar", returns, symbols, alpha, constraints, full)


def optimize_cvar_ratio(
    returns, symbols=None, alpha=0.95, *, risk_free=0.0, expected_returns=None, constraints=None, full=False
):
    """Weights of the best excess return to conditional value at risk.

    Parameters
    ----------
    returns, symbols, alpha, constraints, full
        As of `optimize_cvar`.
    risk_free : float
        Per period.
    expected_returns : numbers a symbol, optional
        Per period; default the mean of the returns.

    Returns
    -------
    dict, ndarray, Series or OptimizedPortfolio

    Raises
    ------
    InfeasibleError
        No weights have an excess return.
    UnboundedError
        Some weights have an excess return and no loss in the tail.
    """
    return _best(
        _Losses, "cvar_ratio", returns, symbols, (alpha, risk_free), expected_returns, constraints, full
    )


def optimize_cdar_ratio(
    returns, symbols=None, alpha=0.95, *, risk_free=0.0, expected_returns=None, constraints=None, full=False
):
    """Weights of the best excess return to conditional drawdown at risk; as `optimize_cvar_ratio`."""
    level = alpha, risk_free
    return _best(_Drawdowns, "cdar_ratio", returns, symbols, level, expected_returns, constraints, full)


RISKLESS = "weights with an excess return have no risk in the sample: no ratio is best"


class _Losses:
    """Rows of the linear programme: excess of each loss over the threshold.

    Variables: weights, threshold, one excess a period.
    """

    measure = staticmethod(conditional_value)

    def __init__(self, values, alpha):
        self.values = values
        self.size = tail_size(alpha, len(values))

    def auxiliary(self):
        """Costs and lower bounds of the variables beside the weights."""
        count = len(self.values)
        return np.append(1.0, np.full(count, 1.0 / self.size)), np.append(-np.inf, np.zeros(count))

    def rows(self):
        """Rows that are at least 0."""
        from scipy.sparse import csr_array, eye_array, hstack

        count = len(self.values)
        return hstack(
            (csr_array(self.values), csr_array(np.ones((count, 1))), eye_array(count)), format="csr"
        )

    def expression(self, weights):
        """The risk as a cvxpy expression, and its constraints."""
        import cvxpy as cp

        threshold = cp.Variable()
        return threshold + cp.sum(cp.pos(-self.values @ weights - threshold)) / self.size, []


class _Drawdowns(_Losses):
    """The same of drawdowns, which beside come as one variable a period, chained."""

    measure = staticmethod(conditional_drawdown)

    def auxiliary(self):
        cost, low = super().auxiliary()
        return np.append(cost, np.zeros(len(self.values))), np.append(low, np.zeros(len(self.values)))

    def rows(self):
        from scipy.sparse import block_array, csr_array, eye_array

        count = len(self.values)
        one, chain = eye_array(count), eye_array(count) - eye_array(count, k=-1)
        return block_array(
            [[None, csr_array(np.ones((count, 1))), one, -one], [csr_array(self.values), None, None, chain]],
            format="csr",
        )

    def expression(self, weights):
        import cvxpy as cp

        threshold, drawdown = cp.Variable(), cp.Variable(len(self.values), nonneg=True)
        change = -self.values @ weights
        chained = [drawdown[0] >= change[0], drawdown[1:] >= drawdown[:-1] + change[1:]]
        return threshold + cp.sum(cp.pos(drawdown - threshold)) / self.size, chained


def read_alpha(alpha):
    """Check a confidence."""
    level = finite("alpha", alpha)
    if not 0.0 <= level <= 1.0:
        raise InvalidValue(f"alpha={level}: must be from 0 to 1, such as 0.95 for the worst 5 %")
    return level


def _least(risk, kind, returns, symbols, alpha, constraints, full):
    """Minimise a risk."""
    alpha = read_alpha(alpha)
    problem = read_problem(returns, symbols, UNUSED, constraints)
    scale = _scale(problem.sample.values)
    measured = risk(problem.sample.values / scale, alpha)
    answer = fewer_names(lambda region: _minimum(measured, region, scale), problem.region, problem.most)
    return finish(problem, answer, kind, full, alpha)


def _scale(values):
    return float(np.sqrt(np.mean(values**2))) or 1.0


def _minimum(risk, region, scale):
    """Minimise over weights."""
    if not region.plain:
        import cvxpy as cp

        weights = cp.Variable(len(region.lower))
        value, more = risk.expression(weights)
        duals = minimise(value + charge_of(region, weights) / scale, region, weights, more=more)
        found = settle(weights.value, region)
        return Answer(found, named(duals, scale), region.violation(found), "cvxpy")
    corner = _corner(
        risk, region.rows, region.low, region.high, np.column_stack((region.lower, region.upper))
    )
    if corner is None:
        raise InfeasibleError(clash(region))
    found = settle(corner.x[: len(region.lower)], region)
    rows = corner.rows[: len(region.names)] * scale
    duals = dict(zip(region.names, rows.tolist(), strict=True))
    bounds = corner.bounds[: len(region.lower)] * scale
    return Answer(found, duals | split_bounds(bounds), region.violation(found), "HiGHS")


def _corner(risk, rows, low, high, bounds):
    """Minimise a risk over rows and bounds of its first variables."""
    from scipy.sparse import csr_array, vstack

    beside, own = risk.rows(), csr_array(rows)
    own.resize((own.shape[0], beside.shape[1]))
    cost, least = risk.auxiliary()
    return solve_linear(
        np.append(np.zeros(len(bounds)), cost),
        vstack((own, beside), format="csr"),
        np.append(low, np.zeros(beside.shape[0])),
        np.append(high, np.full(beside.shape[0], np.inf)),
        np.vstack((bounds, np.column_stack((least, np.full(len(least), np.inf))))),
    )


def _best(risk, kind, returns, symbols, level, expected_returns, constraints, full):
    """Maximise an excess return over a risk."""
    level = read_alpha(level[0]), finite("risk_free", level[1])
    problem = read_problem(returns, symbols, UNUSED, constraints, expected_returns, wants_expected=True)
    scale = _scale(problem.sample.values)
    gain = (problem.expected - level[1]) / scale

    def solve(region):
        return _greatest(risk, problem.sample.values / scale, level[0], region, gain, scale)

    return finish(problem, fewer_names(solve, problem.region, problem.most), kind, full, level)


def _greatest(risk, values, alpha, region, gain, scale):
    """Minimise the risk of weights times a size at which the gain is that of the best asset."""
    best = best_gain(region, gain)
    solve = _greatest_plain if region.plain else _greatest_general
    try:
        scaled, size, method = solve(risk, values, alpha, region, gain, best, scale)
    except UnboundedError:
        raise UnboundedError(RISKLESS) from None
    if size <= 1e-9 * np.abs(scaled).max() or risk.measure(values @ scaled, alpha) <= 1e-9 * size:
        raise UnboundedError(RISKLESS)
    found = settle(scaled / size, region)
    return Answer(found, {}, region.violation(found), method)


def _greatest_plain(risk, values, alpha, region, gain, best, scale):
    """By HiGHS; weights times their size, the size, the solver."""
    rows, low, high, bounds = homogeneous(region)
    rows = np.vstack((rows, np.append(gain, 0.0)))
    measured = risk(np.column_stack((values, np.zeros(len(values)))), alpha)
    corner = _corner(measured, rows, np.append(low, best), np.append(high, np.inf), bounds)
    if corner is None:
        raise InfeasibleError(clash(region))
    return corner.x[: len(gain)], corner.x[len(gain)], "HiGHS"


def _greatest_general(risk, values, alpha, region, gain, best, scale):
    """By cvxpy; weights times their size, the size, the solver."""
    import cvxpy as cp

    weights, size = cp.Variable(len(gain)), cp.Variable(nonneg=True)
    value, more = risk(values, alpha).expression(weights)
    net = gain @ weights - charge_of(region, weights, size) / scale
    minimise(value, region, weights, size, more=[*more, net >= best])
    return weights.value, float(size.value), "cvxpy"
