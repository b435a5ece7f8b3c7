"""Binance's spot market: REST for everything, the user-data stream for news.

Nothing but the standard library stands between us and the exchange. The official client, binance-sdk-spot
13.2, was weighed: importing it takes 0.67 s of CPU (this package: 0.06) and 22 distributions; it turns
quantities into floats and sends them as ``9e-05``; and it repeats requests by itself. What is left of it then
is a signature of one line, and a WebSocket of a hundred.
"""

from .broker import BinanceBroker
from .settings import open_binance

__all__ = ["BinanceBroker", "open_binance"]
