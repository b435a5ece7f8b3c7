"""Interactive Brokers, over a TWS or IB Gateway and ib_async.

``broker`` is what one uses. Below it ``desk`` sends and follows orders, ``connection`` opens and mends the
way to the gateway, ``link`` sends one message and waits, ``listener`` hears every message (``answers`` to
requests among them), ``orders`` is the ledger that it writes, with ``fills``. Beside them: ``contracts``
(what symbols mean), ``account``, ``amounts`` (exact numbers of the wire), ``codes`` (what error numbers
mean), ``places`` (paper and live), ``pacing``, ``loop`` (the thread of the event loop), ``settings``.
ib_async is imported with the first connection.
"""

from .broker import IbkrBroker
from .settings import open_ibkr

__all__ = ["IbkrBroker", "open_ibkr"]
