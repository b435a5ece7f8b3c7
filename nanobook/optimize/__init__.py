"""Portfolio optimisation: returns in, weights out, to the optimum or with an error that says why not."""

from .constraints import Constraints
from .covariance import denoised_covariance, ewma_covariance, ledoit_wolf, nearest_psd, oas, sample_covariance
from .estimator import PortfolioEstimator
from .frontier import Frontier, efficient_frontier
from .heuristics import inverse_cdar_weights, inverse_cvar_weights
from .hierarchy import optimize_hrp
from .parity import optimize_risk_parity
from .ratio import optimize_max_diversification, optimize_max_sharpe
from .result import OptimizedPortfolio
from .rolling import rolling_weights
from .tail import optimize_cdar, optimize_cdar_ratio, optimize_cvar, optimize_cvar_ratio
from .variance import optimize_index_tracking, optimize_mean_variance, optimize_min_variance

__all__ = [
    "Constraints",
    "Frontier",
    "OptimizedPortfolio",
    "PortfolioEstimator",
    "denoised_covariance",
    "efficient_frontier",
    "ewma_covariance",
    "inverse_cdar_weights",
    "inverse_cvar_weights",
    "ledoit_wolf",
    "nearest_psd",
    "oas",
    "optimize_cdar",
    "optimize_cdar_ratio",
    "optimize_cvar",
    "optimize_cvar_ratio",
    "optimize_hrp",
    "optimize_index_tracking",
    "optimize_max_diversification",
    "optimize_max_sharpe",
    "optimize_mean_variance",
    "optimize_min_variance",
    "optimize_risk_parity",
    "rolling_weights",
    "sample_covariance",
]
