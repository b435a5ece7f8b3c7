"""Random problems against a second solver: objectives to 1e-6, constraints to 1e-8, or the error that is due.

The ordinary suite runs a few of each optimiser and kind of constraint; ``-m slow`` runs 1,000 of each
optimiser.
"""

import numpy as np
import pytest

import nanobook as nb
from nanobook.errors import InfeasibleError, SingularCovariance, UnboundedError
from tests.optimize.problems import limits, sample
from tests.oracle import optimize as oracle

KINDS = ("plain", "groups", "gross", "turnover", "cost")
FEW = 6
MANY = 1000
TOLERANCE = 1e-6
RISKLESS = 1e3  # a ratio per period beyond it is a risk of 0 within the second solver's tolerance


RISK_FREE = 0.1


def rate(values):
    return RISK_FREE * float(np.abs(values.mean(axis=0)).mean())


def covariance(values):
    return np.atleast_2d(np.cov(values.T))


def call_tracking(values, given):
    return nb.optimize_index_tracking(values, values.mean(axis=1) * 1.1, constraints=given, full=True)


TAILS = (0.0, 0.5, 0.8, 0.95, 1.0)


def level(values):
    return TAILS[int(abs(values[0, 0]) * 1e9) % len(TAILS)]


def tail_case(call, value):
    return (
        lambda v, g: call(v, alpha=level(v), constraints=g, full=True),
        lambda v, g: value(v, level(v), g),
    )


def ratio_case(call, drawdowns):
    def value(v, g):
        return oracle.best_tail_ratio(v, max(level(v), 0.5), v.mean(axis=0) - rate(v), g, drawdowns)

    return (
        lambda v, g: call(v, alpha=max(level(v), 0.5), risk_free=rate(v), constraints=g, full=True),
        value,
    )


def target(values):
    """A return between the best and the worst of the assets', sometimes out of reach of the constraints."""
    means, share = values.mean(axis=0), abs(values[0, 0]) * 1e9 % 1.0
    return float(means.min() + share * (means.max() - means.min()))


def aversion(values):
    """A price on variance that makes it as large as the returns."""
    variance = float(np.diag(covariance(values)).mean())
    return float(np.abs(values.mean(axis=0)).mean()) / max(variance, 1e-12)


CASES = {
    "mean_variance": (
        lambda v, g: nb.optimize_mean_variance(v, target_return=target(v), constraints=g, full=True),
        lambda v, g: oracle.least_variance_of(covariance(v), g, v.mean(axis=0), target(v)),
    ),
    "utility": (
        lambda v, g: nb.optimize_mean_variance(v, risk_aversion=aversion(v), constraints=g, full=True),
        lambda v, g: oracle.best_utility(covariance(v), g, v.mean(axis=0), aversion(v)),
    ),
    "min_variance": (
        lambda v, g: nb.optimize_min_variance(v, constraints=g, full=True),
        lambda v, g: oracle.least_variance(covariance(v), g),
    ),
    "max_sharpe": (
        lambda v, g: nb.optimize_max_sharpe(v, risk_free=rate(v), constraints=g, full=True),
        lambda v, g: oracle.best_ratio(covariance(v), v.mean(axis=0) - rate(v), g),
    ),
    "max_diversification": (
        lambda v, g: nb.optimize_max_diversification(v, constraints=g, full=True),
        lambda v, g: oracle.best_ratio(covariance(v), np.sqrt(np.diag(covariance(v))), g),
    ),
    "cvar": tail_case(nb.optimize_cvar, oracle.least_tail),
    "cdar": tail_case(nb.optimize_cdar, lambda v, a, g: oracle.least_tail(v, a, g, drawdowns=True)),
    "cvar_ratio": ratio_case(nb.optimize_cvar_ratio, False),
    "cdar_ratio": ratio_case(nb.optimize_cdar_ratio, True),
    "tracking": (call_tracking, lambda v, g: oracle.tracking(v, v.mean(axis=1) * 1.1, g)),
}
TAIL = {"cvar", "cdar", "cvar_ratio", "cdar_ratio", "tracking"}


def singular(values):
    """Whether a sample's covariance cannot be inverted."""
    matrix = covariance(values)
    deviation = np.sqrt(np.diag(matrix))
    if np.any(deviation <= 1e-12 * np.abs(values).max(axis=0)):
        return True
    return np.linalg.eigvalsh(matrix / np.outer(deviation, deviation))[0] < 1e-10


def broken(given, weights):
    """By how much weights break constraints given as a dict."""
    count = len(weights)
    gaps = [abs(weights.sum() - 1.0)]
    gaps += list(np.broadcast_to(given.get("lower", 0.0), count) - weights)
    gaps += list(weights - np.broadcast_to(given.get("upper", 1.0), count))
    for members, low, high in given.get("groups", {}).values():
        total = weights[members].sum()
        gaps += [total - high] if high is not None else []
        gaps += [low - total] if low is not None else []
    if "gross" in given:
        gaps.append(np.abs(weights).sum() - given["gross"])
    if "turnover" in given:
        gaps.append(np.abs(weights - given["current"]).sum() - given["turnover"])
    return max(gaps)


def compare(name, kind, seed):
    """One problem; the text of what happened."""
    rng = np.random.default_rng([seed, KINDS.index(kind), sorted(CASES).index(name)])
    values = sample(rng)
    given = limits(rng, values.shape[1], kind)
    call, second = CASES[name]
    told = f"{name} {kind} {seed}"
    try:
        result = call(values, given)
    except SingularCovariance:
        assert name not in TAIL, told
        assert singular(values), told
        return "singular"
    except InfeasibleError:
        assert second(values, given) is None, told
        return "infeasible"
    except UnboundedError:
        assert name.endswith("ratio"), told
        wanted = second(values, given)
        assert wanted is None or wanted > RISKLESS, told
        return "unbounded"
    assert broken(given, np.asarray(result.weights)) <= 1e-8, told
    wanted = second(values, given)
    assert wanted is not None, told
    scale = np.sqrt(np.mean(values**2))
    if name in {"cvar", "cdar"} and result.objective < wanted and "cost" not in given:
        # Where there is next to no risk the second solver stops short of it: then the definition decides.
        wanted = min(wanted, oracle.tail_of(values, level(values), result.weights, name == "cdar"))
    variances = dict.fromkeys(("min_variance", "mean_variance"), 1e-3 * scale**2)
    least = {**variances, "utility": 1e-2 * scale, **dict.fromkeys(("cvar", "cdar", "tracking"), 0.1 * scale)}
    size = max(abs(wanted), least.get(name, 1e-3))
    assert abs(result.objective - wanted) <= TOLERANCE * size, (
        f"{told}: {result.objective} against {wanted}, {result.method}"
    )
    return "optimal"


def kinds_of(name):
    return [kind for kind in KINDS if not (kind == "cost" and name in {"max_diversification", "tracking"})]


PAIRS = [(name, kind) for name in CASES for kind in kinds_of(name)]


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_few_random_problems(name, kind):
    assert "optimal" in [compare(name, kind, seed) for seed in range(FEW)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_thousand_random_problems_an_optimiser(name, kind):
    ends = [compare(name, kind, seed) for seed in range(MANY // len(kinds_of(name)))]
    assert ends.count("optimal") > len(ends) / 2
