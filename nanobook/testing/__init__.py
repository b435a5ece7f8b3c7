"""What rehearsals and tests need: a clock that one turns by hand, brokers that do as they are told.

Shipped with the package, since a user's own tests need the same.
"""

from importlib import import_module

_HOMES = {
    "FakeTws": "fake_tws",
    "FakeTwsProcess": "fake_tws",
    "Fault": "fake_tws",
    "VirtualClock": "clock",
    "fake_tws_process": "fake_tws",
    "ImmediateFull": "mock",
    "ImmediatePartial": "mock",
    "MockBroker": "mock",
    "Reject": "mock",
}
"""Where each name lives; it is loaded on first use."""

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'nanobook.testing' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__():
    return __all__
