"""Bad input gets one typed error that names the parameter, the place, the value and the remedy.

A number in a test's name is the row of the project's list of bad inputs that it holds.
"""

import numpy as np
import pandas as pd
import pytest

import nanobook as nb
from nanobook.errors import (
    InfeasibleError,
    InvalidValue,
    NanobookError,
    NonFiniteError,
    NotAvailable,
    ShapeError,
    TooFewObservations,
    UnboundedError,
    WrongType,
)

EVERY = (
    nb.optimize_min_variance,
    nb.optimize_max_sharpe,
    nb.optimize_risk_parity,
    nb.optimize_max_diversification,
    nb.optimize_hrp,
    nb.optimize_cvar,
    nb.optimize_cdar,
    nb.optimize_cvar_ratio,
    nb.optimize_cdar_ratio,
    nb.inverse_cvar_weights,
    nb.inverse_cdar_weights,
)
every = pytest.mark.parametrize("optimizer", EVERY)
NAMES = ["AAPL", "MSFT", "XOM"]


def returns(periods=60, count=3):
    return np.random.default_rng(5).normal(0.001, 0.01, (periods, count))


def frame():
    return pd.DataFrame(returns(), pd.date_range("2024-01-01", periods=60), NAMES)


def refused(error, optimizer, *arguments, match, **more):
    with pytest.raises(error, match=match) as caught:
        optimizer(*arguments, **more)
    assert isinstance(caught.value, NanobookError)


@every
def test_c003_cells_that_are_no_numbers_are_named(optimizer):
    table = frame()
    table.iloc[3, 1] = np.nan
    refused(NonFiniteError, optimizer, table, match=r"nan at MSFT 2024-01-04 \(row 3\); select rows")
    table.iloc[3, 1] = -np.inf
    refused(NonFiniteError, optimizer, table, match=r"-inf at MSFT 2024-01-04")
    table.iloc[3, 1] = 1e300
    refused(NonFiniteError, optimizer, table, match=r"1e\+300 at MSFT")
    table.iloc[:20, 0] = np.nan
    refused(NonFiniteError, optimizer, table, match=r"21 cells in all")


@every
def test_c008_symbols_named_twice(optimizer):
    refused(InvalidValue, optimizer, returns(), ["A", "B", "A"], match="named twice: A")
    refused(InvalidValue, optimizer, frame()[["XOM", "XOM"]], match="twice: XOM")


@every
def test_c015_symbols_that_do_not_fit(optimizer):
    refused(ShapeError, optimizer, returns(), ["A", "B"], match="2 names for 3 columns")
    refused(InvalidValue, optimizer, returns(), ["A", " ", "B"], match="blank at place 1")
    refused(WrongType, optimizer, returns(), "ABC", match="needs a list of names")
    refused(InvalidValue, optimizer, frame(), NAMES, match="columns name the symbols already")


@every
def test_c020_too_few_rows(optimizer):
    refused(TooFewObservations, optimizer, [], match="no rows")
    refused(TooFewObservations, optimizer, returns()[:1], match="1 rows, needs at least 2")
    refused(TooFewObservations, optimizer, frame().iloc[:0], match="0 rows")
    refused(ShapeError, optimizer, returns()[:, :0], match="at least one asset")


@every
def test_c026_tables_of_other_things(optimizer):
    refused(WrongType, optimizer, np.array([["a", "b"], ["c", "d"]]), match="needs numbers")
    refused(WrongType, optimizer, returns().astype(object), match="object, needs numbers")
    refused(WrongType, optimizer, np.ma.masked_less(returns(), 0.0), match="masked")
    refused(WrongType, optimizer, {"A": [0.1, 0.2]}, match="dict is not accepted")
    refused(WrongType, optimizer, frame().assign(XOM="x"), match="'x'")
    refused(ShapeError, optimizer, [[0.1, 0.2], [0.1]], match="row 1 has 1 numbers, row 0 has 2")
    refused(ShapeError, optimizer, [0.1, 0.2], match="row 0 is 0.1")
    refused(ShapeError, optimizer, returns()[0], match="needs")
    optimizer(returns().astype(np.float32))


def test_c026_read_only_and_strided_input_is_left_alone():
    values = np.asfortranarray(returns())
    values.flags.writeable = False
    before = values.copy()
    for optimizer in EVERY:
        optimizer(values)
        optimizer(values[::2])
    assert np.array_equal(values, before)


@pytest.mark.parametrize("optimizer", [nb.optimize_min_variance, nb.optimize_max_sharpe, nb.optimize_cvar])
def test_c022_constraints_that_clash_are_named(optimizer):
    def clash(match, **limits):
        refused(InfeasibleError, optimizer, returns(), NAMES, constraints=limits, match=match)

    clash("lower bounds, which sum to 1.2; budget = 1", lower=0.4)
    clash("upper bounds, which sum to 0.9; budget = 1", upper=0.3)
    groups = {"tech": (["AAPL", "MSFT"], 0.7, None), "oil": (["XOM"], 0.4, None), "any": (["XOM"], 0.0, 1.0)}
    clash(r"budget = 1; groups\['tech'\] at least 0.7 .*; groups\['oil'\] at least 0.4", groups=groups)
    clash(r"groups\['oil'\] at least 1.5", groups={"oil": (["XOM"], 1.5, None)})
    clash("budget = 1; gross at most 0.5", gross=0.5, lower=-1.0)
    clash("upper bounds.*; turnover at most 0.1", turnover=0.1, upper=0.5, current={"AAPL": 1.0})
    clash(
        "extra constraints", extra=lambda w: [w[0] >= 2.0]
    ) if optimizer is not nb.optimize_max_sharpe else None


def test_c022_a_return_that_cannot_be_reached():
    best = returns().mean(axis=0).max()
    refused(
        InfeasibleError,
        nb.optimize_mean_variance,
        returns(),
        target_return=2 * best,
        match=r"target_return=0.00117756: the best that bounds and groups allow is 0.000588782",
    )
    nb.optimize_mean_variance(returns(), target_return=best)


@pytest.mark.parametrize(
    "optimizer", [nb.optimize_max_sharpe, nb.optimize_cvar_ratio, nb.optimize_cdar_ratio]
)
@pytest.mark.parametrize("limits", [None, {"gross": 1.0}, {"cost": 0.0001, "current": [1.0, 0.0, 0.0]}])
def test_c023_nothing_earns_more_than_the_risk_free_return(optimizer, limits):
    refused(
        InfeasibleError,
        optimizer,
        returns() - 0.02,
        constraints=limits,
        match="no weights that are allowed have an expected return above risk_free",
    )


def test_c024_a_missing_solver_is_named(monkeypatch):
    import cvxpy as cp

    from nanobook.errors import SolverError

    def gone(self, *arguments, **more):
        raise cp.error.SolverError("The solver CLARABEL is not installed.")

    monkeypatch.setattr(cp.Problem, "solve", gone)
    refused(
        SolverError,
        nb.optimize_min_variance,
        returns(),
        constraints={"gross": 1.0},
        match="not installed.*pip install clarabel highspy",
    )


def test_c024_an_inaccurate_answer_is_refused(monkeypatch):
    from nanobook.errors import SolverError
    from nanobook.optimize import general

    real = general.run

    def rough(problem):
        real(problem)
        problem._status = "optimal_inaccurate"

    monkeypatch.setattr(general, "run", rough)
    refused(
        SolverError,
        nb.optimize_cvar,
        returns(),
        constraints={"gross": 1.0},
        match="ended with 'optimal_inaccurate'",
    )


def test_nothing_bounds_the_weights():
    free = {"lower": -np.inf, "upper": np.inf}
    short = returns(3, 3)
    refused(UnboundedError, nb.optimize_cvar, short, constraints=free, match="nothing bounds the weights")
    refused(
        UnboundedError,
        nb.optimize_cvar,
        short,
        constraints=free | {"cost": 1e-9, "current": [1.0, 0.0, 0.0]},
        match="nothing bounds the weights",
    )
    assert np.isfinite(nb.optimize_min_variance(returns(), constraints=free)).all()


def test_a_ratio_without_risk_has_no_best():
    refused(
        UnboundedError, nb.optimize_cvar_ratio, np.abs(returns()) + 0.001, match="have no risk in the sample"
    )


@pytest.mark.parametrize("alpha", [2.0, -0.1, np.nan, "0.95", True])
def test_confidence_out_of_range(alpha):
    for optimizer in EVERY[5:]:
        refused((InvalidValue, WrongType), optimizer, returns(), alpha=alpha, match="alpha")


@pytest.mark.parametrize(
    ("limits", "error", "match"),
    [
        ({"lowre": 0.1}, InvalidValue, "no 'lowre' \\(did you mean 'lower'"),
        ({"lower": 0.6, "upper": 0.5}, InvalidValue, "lower=0.6 is above upper=0.5 for AAPL"),
        ({"lower": [0.1, 0.2]}, ShapeError, "lower: shape \\(2,\\)"),
        ({"lower": {"APPL": 0.1}}, InvalidValue, "no asset 'APPL' \\(did you mean 'AAPL'"),
        ({"lower": np.nan}, NonFiniteError, "lower: is NaN"),
        ({"lower": "0.1"}, WrongType, "lower='0.1'"),
        ({"lower": np.inf, "upper": np.inf}, InvalidValue, "no weight can reach"),
        ({"budget": np.nan}, NonFiniteError, "budget"),
        ({"gross": 0.0}, InvalidValue, "gross"),
        ({"turnover": -1.0}, InvalidValue, "turnover=-1.0"),
        ({"turnover": 1.0}, InvalidValue, "current"),
        ({"cost": 0.1}, InvalidValue, "current"),
        ({"cost": -0.1, "current": [1, 0, 0]}, InvalidValue, "cost not below 0"),
        ({"cardinality": 0}, InvalidValue, "cardinality=0"),
        ({"cardinality": 2, "lower": 0.1}, InvalidValue, "cardinality"),
        ({"groups": [1]}, WrongType, "groups: needs a mapping"),
        ({"groups": {"a": 1}}, WrongType, "needs \\(members, low, high\\)"),
        ({"groups": {"a": ("AAPL", 0, 1)}}, WrongType, "needs a list of symbols"),
        ({"groups": {"a": (["KO"], 0, 1)}}, InvalidValue, "no asset 'KO'"),
        ({"groups": {"a": ([], 0, 1)}}, ShapeError, "no members"),
        ({"groups": {"a": (["XOM"], 0.5, 0.1)}}, InvalidValue, "low=0.5 is above high=0.1"),
        ({"extra": 1}, WrongType, "extra"),
        ({"extra": lambda w: 1}, InvalidValue, "extra: returned"),
        (3, WrongType, "constraints: int"),
    ],
)
def test_constraints_that_cannot_be_read(limits, error, match):
    refused(error, nb.optimize_min_variance, returns(), NAMES, constraints=limits, match=match)


def test_other_parameters():
    refused(
        InvalidValue, nb.optimize_max_sharpe, returns(), risk_free=0.1, risk_free_rate=0.1, match="the same"
    )
    refused(NonFiniteError, nb.optimize_max_sharpe, returns(), risk_free=np.nan, match="risk_free=nan")
    refused(InvalidValue, nb.optimize_mean_variance, returns(), match="give one of the two")
    refused(InvalidValue, nb.optimize_mean_variance, returns(), risk_aversion=0.0, match="risk_aversion=0.0")
    refused(InvalidValue, nb.optimize_risk_parity, returns(), budgets=[1, 0, 1], match="0 is not above 0")
    refused(InvalidValue, nb.optimize_risk_parity, returns(), constraints={"upper": 0.5}, match="long only")
    refused(
        InvalidValue,
        nb.optimize_max_sharpe,
        returns(),
        NAMES,
        expected_returns={"AAPL": 0.1},
        match="no number for MSFT, XOM",
    )
    refused(ShapeError, nb.optimize_index_tracking, returns(), [0.1], match=r"benchmark: shape \(1,\)")
    shifted = pd.Series(0.0, pd.date_range("2020-01-01", periods=60))
    refused(ShapeError, nb.optimize_index_tracking, frame(), shifted, match="its index differs")
    refused(
        NotAvailable,
        nb.optimize_max_sharpe,
        returns(),
        constraints={"extra": lambda w: [w[0] >= 0.1]},
        match="a ratio cannot",
    )
    refused(
        InvalidValue,
        nb.optimize_max_diversification,
        returns(),
        constraints={"cost": 0.1, "current": [1, 0, 0]},
        match="has no return to take costs off",
    )
    refused(InvalidValue, nb.efficient_frontier, returns(), points=1, match="points=1")
    refused(
        InvalidValue, nb.efficient_frontier, returns(), constraints={"cardinality": 2}, match="cardinality"
    )


def test_c020_c021_the_covariance_cannot_be_left_out():
    refused(WrongType, nb.optimize_min_variance, returns(), covariance=None, match="covariance: NoneType")
    refused(InvalidValue, nb.optimize_max_sharpe, None, covariance=None, match="returns: None needs the cov")


def test_c008_numbers_for_a_symbol_twice():
    given = pd.Series([0.1, 0.2, 0.3, 0.4], ["AAPL", "AAPL", "MSFT", "XOM"])
    refused(InvalidValue, nb.optimize_max_sharpe, frame(), expected_returns=given, match="'AAPL' named twice")
    refused(InvalidValue, nb.optimize_cvar, frame(), constraints={"upper": given}, match="'AAPL' named twice")


@pytest.mark.parametrize(
    ("benchmark", "error", "match"),
    [
        (["a"] * 60, WrongType, "benchmark: holds something other than numbers"),
        ([[1.0], [1.0, 2.0]], WrongType, "benchmark: holds something other than numbers, or is ragged"),
        (np.ma.masked_less(np.zeros(60), 1.0), WrongType, "benchmark: a masked array"),
        ([0.0] * 59 + [np.nan], NonFiniteError, r"benchmark: nan at 2024-02-29 \(row 59\)"),
    ],
)
def test_c026_benchmarks(benchmark, error, match):
    refused(error, nb.optimize_index_tracking, frame(), benchmark, match=match)


def test_c026_limits_of_other_things():
    refused(
        ShapeError, nb.optimize_cvar, returns(), constraints={"lower": [[0], [0, 1]]}, match="lower: ragged"
    )
    masked = np.ma.masked_less(np.array([0.1, 0.2, 0.3]), 0.15)
    refused(WrongType, nb.optimize_cvar, returns(), constraints={"lower": masked}, match="lower: a masked")


def test_parity_under_the_default_constraints_spelled_out():
    free = nb.optimize_risk_parity(returns())
    for limits in ({"lower": np.zeros(3)}, {"upper": [1.0, 1.0, 1.0], "budget": 1}):
        np.testing.assert_array_equal(nb.optimize_risk_parity(returns(), constraints=limits), free)
    limits = {"upper": np.array([1.0, 1.0, 0.5])}
    refused(InvalidValue, nb.optimize_risk_parity, returns(), constraints=limits, match="long only and fully")


def test_c023_a_tangent_that_touches_nowhere():
    free = {"lower": -np.inf, "upper": np.inf}
    for rate in (0.002, 0.01, 1.0):
        refused(
            UnboundedError,
            nb.optimize_max_sharpe,
            returns(),
            risk_free=rate,
            constraints=free,
            match="no ratio is best",
        )


def test_c022_fewer_names_than_the_bounds_need():
    limits = {"cardinality": 2, "upper": 0.4}
    refused(
        InfeasibleError,
        nb.optimize_min_variance,
        returns(),
        constraints=limits,
        match="cardinality=2: the 2 largest weights alone cannot do: .*upper bounds, which sum to 0.8",
    )


def test_c024_a_solver_that_fails_at_the_finest_tolerance_is_asked_for_less(monkeypatch):
    import cvxpy as cp

    real, limits = cp.Problem.solve, {"lower": -0.2, "gross": 1.3}
    wanted = nb.optimize_min_variance(returns(), constraints=limits)

    def fails(self, *arguments, **more):
        if more.get("tol_feas") == 1e-11:
            raise cp.error.SolverError("Solver 'CLARABEL' failed.")
        return real(self, *arguments, **more)

    monkeypatch.setattr(cp.Problem, "solve", fails)
    np.testing.assert_allclose(nb.optimize_min_variance(returns(), constraints=limits), wanted, atol=1e-9)


ORIGINAL = [function for function in EVERY if not function.__name__.endswith(("ratio", "diversification"))]


@pytest.mark.parametrize("optimizer", ORIGINAL)
def test_the_originals_keyword(optimizer):
    rows = returns().tolist()
    assert optimizer(returns_matrix=rows, symbols=NAMES) == optimizer(rows, NAMES)
    assert getattr(nb, f"py_{optimizer.__name__}") is optimizer
    refused(InvalidValue, optimizer, rows, returns_matrix=rows, match="give one of the two")
