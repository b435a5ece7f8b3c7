"""Volatility: estimated from bars, smoothed, regressed, and fitted by maximum likelihood."""

from .ewma import ewma_forecast, ewma_volatility, garch_ewma_forecast, garch_forecast
from .garch import apply_garch, fit_garch
from .har import HarResult, fit_har
from .many import GarchFits, fit_many
from .realized import realized_vol, realized_volatility
from .result import GarchResult

__all__ = [
    "GarchFits",
    "GarchResult",
    "HarResult",
    "apply_garch",
    "ewma_forecast",
    "ewma_volatility",
    "fit_garch",
    "fit_har",
    "fit_many",
    "garch_ewma_forecast",
    "garch_forecast",
    "realized_vol",
    "realized_volatility",
]
