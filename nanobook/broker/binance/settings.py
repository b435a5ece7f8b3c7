"""The ``[broker]`` table of a configuration, for Binance."""

from __future__ import annotations

from pathlib import Path

from ...clock import SystemClock
from ...errors import ConfigError
from ...hints import nearest
from ..secret import secret_of
from .broker import BinanceBroker
from .site import LIVE, TESTNET, Site

KINDS = {
    "testnet": bool,
    "live": bool,
    "quote_asset": str,
    "recv_window_ms": int,
    "base_url": str,
    "timeout_secs": int,
    "stream": bool,
    "secrets_file": str,
}
API_KEY, SECRET_KEY = "NANOBOOK_BINANCE_API_KEY", "NANOBOOK_BINANCE_SECRET_KEY"


def open_binance(settings, *, folder, clock=None, environ=None):
    """Make the broker that a configuration describes; it is not connected yet.

    Parameters
    ----------
    settings : mapping
        ``live`` (false): trade real money. ``testnet`` (true unless live). ``quote_asset`` ("USDT"),
        ``recv_window_ms`` (5000), ``timeout_secs`` (10), ``stream`` (true), ``base_url`` (a server on this
        machine), ``secrets_file`` (mode 0600, lines ``NANOBOOK_BINANCE_API_KEY=...`` and
        ``NANOBOOK_BINANCE_SECRET_KEY=...``; the variables of these names come first).
    folder : path-like
        Where notes of orders are kept, and where a relative ``secrets_file`` is looked for.
    clock : Clock, optional
    environ : mapping of str, optional
        The process's own by default.

    Returns
    -------
    BinanceBroker

    Raises
    ------
    ConfigError
        Lists all that is wrong.
    """
    if environ is None:
        import os

        environ = os.environ
    problems = [*_wrong(settings), *_contradictions(settings)]
    if problems:
        raise ConfigError("broker: " + "; ".join(problems))
    url = settings.get("base_url", LIVE if settings.get("live") else TESTNET)
    site, folder = Site.of(url), Path(folder)
    file = folder / settings["secrets_file"] if "secrets_file" in settings else None
    return BinanceBroker(
        secret_of(API_KEY, environ, file),
        secret_of(SECRET_KEY, environ, file),
        quote_asset=settings.get("quote_asset", "USDT"),
        recv_window_ms=settings.get("recv_window_ms", 5000),
        base_url=url,
        timeout=float(settings.get("timeout_secs", 10)),
        stream=settings.get("stream", True),
        orders_file=folder / f"binance-orders-{site.name}.jsonl",
        clock=clock or SystemClock(),
    )


def _wrong(settings):
    """Say which keys are unknown or of the wrong type."""
    for key, value in settings.items():
        if key == "kind":
            continue
        if key not in KINDS:
            yield f"unknown key {key!r}{nearest(key, KINDS)}"
        elif type(value) is not KINDS[key]:
            yield f"{key}: {value!r} is a {type(value).__name__}; give a {KINDS[key].__name__}"
        elif KINDS[key] is int and not 1 <= value <= 60_000:
            yield f"{key}: {value}; use 1 to 60000"


def _contradictions(settings):
    """Say what does not fit together: real money is traded on the plain word only."""
    live, testnet, url = (settings.get(key) for key in ("live", "testnet", "base_url"))
    if url is not None and (live is True or testnet is True):
        yield f"base_url: {url!r} beside live or testnet; give one of them"
    elif live is True and testnet is True:
        yield "live and testnet are both true; give one of them"
    elif testnet is False and live is not True and url is None:
        yield "testnet is false; trading real money needs live = true"
    elif isinstance(url, str) and _is_live(url):
        yield f"base_url: {url!r} trades real money; say live = true instead"


def _is_live(url):
    try:
        return Site.of(url).is_live
    except ConfigError:
        return False  # not a place of Binance: told when it is opened
