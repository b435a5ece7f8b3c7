"""The paper broker: orders fill by our own matching engine, against quotes that one gives it.

``broker`` keeps the protocol (connections, answers, time, the file between processes), ``floor`` does what a
broker's trading floor does, ``market`` is one symbol's book, ``rules`` refuses, ``ledger`` and ``worth``
count, ``quotes`` reads what it is fed with.
"""

from .behaviour import Behaviour
from .broker import PaperBroker
from .settings import open_paper

__all__ = ["Behaviour", "PaperBroker", "open_paper"]
