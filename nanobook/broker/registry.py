"""Which brokers there are, and how each is made from the ``[broker]`` table of a configuration.

A broker of one's own is a line in ``BROKERS`` and a function like ``paper.open_paper``.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from ..clock import SystemClock
from ..errors import ConfigError
from ..hints import listing, nearest, printable

BROKERS = {
    "paper": "nanobook.broker.paper:open_paper",
    "ibkr": "nanobook.broker.ibkr:open_ibkr",
    "binance": "nanobook.broker.binance:open_binance",
}
"""``module:function`` by kind; the module is imported when the broker is opened, not before."""


def open_broker(kind, settings=None, *, folder=".", clock=None, environ=None):
    """Make a broker, not connected yet.

    Parameters
    ----------
    kind : {'paper', 'ibkr', 'binance'}
    settings : mapping, optional
        What the ``[broker]`` table says; ``kind`` may be among it.
    folder : str or path-like, default the current one
        What relative paths of the settings start from.
    clock : Clock, default the system's
    environ : mapping, default ``os.environ``
        Where secrets come from.

    Returns
    -------
    Broker

    Raises
    ------
    ConfigError
        There is no such kind, or a setting is unknown or wrong.

    Examples
    --------
    >>> from nanobook.broker.registry import open_broker
    >>> open_broker("paper", {"cash": 100_000})
    PaperBroker(...)
    """
    if kind not in BROKERS:
        told = printable(repr(kind))
        raise ConfigError(f"broker.kind: {told}; use {listing(BROKERS)}{nearest(kind, BROKERS)}")
    module, _, name = BROKERS[kind].partition(":")
    opened = getattr(import_module(module), name)
    table = {key: value for key, value in (settings or {}).items() if key != "kind"}
    return opened(
        table,
        folder=Path(folder),
        clock=SystemClock() if clock is None else clock,
        environ=os.environ if environ is None else environ,
    )


def refuse_unknown(settings, known, table="broker"):
    """Refuse settings that a broker does not have, all at once, with what was probably meant.

    Parameters
    ----------
    settings : mapping
    known : collection of str
    table : str
        Where they stand, for the message.

    Raises
    ------
    ConfigError
    """
    unknown = [f"{table}.{printable(key)}{nearest(key, known)}" for key in settings if key not in known]
    if unknown:
        raise ConfigError(f"unknown settings: {listing(unknown)}; there are {', '.join(sorted(known))}")
