"""Statistics of signals and strategies: skill, or luck among many trials."""

from .information import InformationCoefficient, information_coefficient
from .intervals import SharpeInterval, sharpe_interval
from .overfitting import OverfittingResult, probability_of_backtest_overfitting
from .ranks import Spearman, spearman
from .sharpe import (
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record_length,
    probabilistic_sharpe,
    py_deflated_sharpe,
)
from .spread import quantile_spread, quintile_spread
from .superior import SuperiorityTest, reality_check, superior_predictive_ability

__all__ = [
    "InformationCoefficient",
    "OverfittingResult",
    "SharpeInterval",
    "Spearman",
    "SuperiorityTest",
    "deflated_sharpe",
    "expected_maximum_sharpe",
    "information_coefficient",
    "minimum_track_record_length",
    "probabilistic_sharpe",
    "probability_of_backtest_overfitting",
    "py_deflated_sharpe",
    "quantile_spread",
    "quintile_spread",
    "reality_check",
    "sharpe_interval",
    "spearman",
    "superior_predictive_ability",
]
