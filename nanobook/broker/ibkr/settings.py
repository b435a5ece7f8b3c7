"""From the ``[broker]`` table of a configuration to an ``IbkrBroker``."""

from __future__ import annotations

from ...errors import ConfigError, InvalidValue
from ..registry import refuse_unknown
from .broker import IbkrBroker

KINDS = {
    "host": str,
    "port": int,
    "client_id": int,
    "account": str,
    "timeout_secs": (int, float),
    "live": bool,
    "remote": bool,
    "fractional": bool,
    "strict": bool,
    "delayed": bool,
    "contracts": dict,
    "currency": str,
}


def open_ibkr(settings, *, folder=None, clock=None, environ=None):
    """Make the broker of a configuration, not connected yet.

    Parameters
    ----------
    settings : mapping
        ``host``, ``port``, ``client_id``, ``account``, ``timeout_secs``, ``live``, ``remote``,
        ``fractional``, ``strict``, ``delayed``, ``contracts`` (a table of tables), ``currency``: as of
        ``IbkrBroker``.
    folder, environ
        Not used: there is no file and no secret; whoever runs the gateway logs in there.
    clock : Clock, default the system's

    Returns
    -------
    IbkrBroker

    Raises
    ------
    ConfigError
        A setting is unknown, of a wrong type, or refused.

    Examples
    --------
    >>> from nanobook.broker.ibkr import open_ibkr
    >>> open_ibkr({"port": 7497, "client_id": 3})
    IbkrBroker(...)
    """
    refuse_unknown(settings, KINDS)
    for name, value in settings.items():
        kind = KINDS[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            wanted = "number" if isinstance(kind, tuple) else kind.__name__
            raise ConfigError(f"broker.{name}: {value!r} is a {type(value).__name__}; give a {wanted}")
    options = {("timeout" if name == "timeout_secs" else name): value for name, value in settings.items()}
    try:
        return IbkrBroker(**options, clock=clock)
    except ConfigError:
        raise
    except InvalidValue as error:
        raise ConfigError(f"broker.{error}") from None
