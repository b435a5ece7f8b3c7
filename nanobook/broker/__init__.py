"""Brokers: one protocol, and what keeps it.

``types`` has the records that go to and fro, ``base`` the protocol and what all brokers share; then one file
or folder a broker. Nothing here needs Numba or pandas, so that the rebalancer starts at once.
"""

from .base import BaseBroker, Broker
from .types import (
    Account,
    BrokerOrder,
    BrokerOrderStatus,
    BrokerPosition,
    ClientOrderId,
    Execution,
    Instrument,
    OrderState,
    Quote,
)

__all__ = [
    "Account",
    "BaseBroker",
    "Broker",
    "BrokerOrder",
    "BrokerOrderStatus",
    "BrokerPosition",
    "ClientOrderId",
    "Execution",
    "Instrument",
    "OrderState",
    "Quote",
]
