"""A Binance of one's own: the spot API on a port of this machine, to rehearse and to test with.

``python -m nanobook.testing.fake_binance --port 8080`` runs it until its input ends; ``BinanceBroker`` takes
its address as ``base_url`` and the keys ``fake-api-key`` and ``fake-secret-key``. Payloads, codes, limits and
filters are those of the exchange's documentation.
"""

from .exchange import FakeBinance, FakeBinanceProcess
from .market import Pair
from .server import Fault

__all__ = ["FakeBinance", "FakeBinanceProcess", "Fault", "Pair"]
