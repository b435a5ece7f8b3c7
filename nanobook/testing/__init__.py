"""What rehearsals and tests need: a clock that one turns by hand, brokers that do as they are told.

Shipped with the package, since a user's own tests need the same. Names load on first use.
"""

from importlib import import_module

_HOMES = {
    "clock": ("VirtualClock",),
    "fake_tws": ("FakeTws", "FakeTwsProcess", "Fault", "fake_tws_process"),
    "mock": ("MockBroker",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name):
    if name not in _HOME_OF:
        raise AttributeError(f"module 'nanobook.testing' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME_OF[name]}", __name__), name)


def __dir__():
    return __all__
