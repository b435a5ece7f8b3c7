"""Risk: what an order is held against before it may leave.

``limits`` has all limits in one record, ``engine`` the checks that remember nothing, ``monitor`` those that
do: open orders, losses, repeated orders, stops. All numbers are ints and Fractions. Nothing here needs NumPy
or pandas, so that the rebalancer starts at once.
"""

from .engine import RiskEngine
from .limits import RiskLimits
from .monitor import RiskMonitor
from .report import RiskReport

__all__ = ["RiskEngine", "RiskLimits", "RiskMonitor", "RiskReport"]
