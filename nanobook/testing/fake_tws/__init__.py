"""A fake Trader Workstation: the real wire protocol on loopback, fills from our own matching engine.

``FakeTws`` runs it in a thread of this process, ``fake_tws_process`` in a process of its own, and the
command ``nanobook fake-tws`` at a terminal. Bytes to messages and back: ``wire``, ``layouts``, ``messages``.
What it stands for: ``contracts``, ``market``, ``orders``, ``account``, ``gateway``. Clients: ``session``,
``requests``, ``server``. Rehearsals: ``script`` (faults on demand) and ``controls`` (what can be done to it).
"""

from .process import FakeTwsProcess, fake_tws_process
from .script import Fault
from .server import FakeTws

__all__ = ["FakeTws", "FakeTwsProcess", "Fault", "fake_tws_process"]
