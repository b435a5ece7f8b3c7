"""The paper broker of a configuration: the ``[broker]`` table, amounts in dollars."""

from __future__ import annotations

from pathlib import Path

from ...errors import ConfigError, NanobookError
from ...exact import cents_of
from ..registry import refuse_unknown
from .broker import PaperBroker

STATE = "paper.json"
CASH = 100_000  # dollars
BEHAVIOUR = ("latency_seconds", "partial_fills", "reject", "disconnect", "leverage", "allow_short", "seed")
KNOWN = ("cash", "positions", "state", "quotes", "commission_per_share", "minimum_commission", *BEHAVIOUR)


def open_paper(settings, *, folder, clock, environ):
    """Make a paper broker of settings; amounts of money are in dollars.

    Parameters
    ----------
    settings : mapping
        ``cash`` (100,000) and ``positions`` (a table of quantities) to begin with; ``state``, the file that
        keeps them from then on ('paper.json'); ``quotes``, a JSON or CSV file (see ``read_quotes``);
        ``commission_per_share``, ``minimum_commission``; and of ``Behaviour``: ``latency_seconds``,
        ``partial_fills``, ``reject``, ``disconnect``, ``leverage``, ``allow_short``, ``seed``.
    folder : path-like
        Where relative paths start; made if it is not there.
    clock : Clock
    environ : mapping
        Not looked at: there are no secrets.

    Returns
    -------
    PaperBroker
        Not connected.

    Raises
    ------
    ConfigError
        Names the setting.
    """
    refuse_unknown(settings, KNOWN)
    options = {name: settings[name] for name in BEHAVIOUR if name in settings}
    folder = Path(folder)
    try:
        for name in ("commission_per_share", "minimum_commission"):
            options[f"{name}_cents"] = cents_of(name, settings.get(name, 0))
        broker = PaperBroker(
            cents_of("cash", settings.get("cash", CASH)),
            settings.get("positions"),
            _file(folder, settings, "quotes"),
            clock=clock,
            state=_file(folder, settings, "state", STATE),
            **options,
        )
    except FileNotFoundError as error:
        raise ConfigError(f"broker.quotes: {error.filename}: no such file") from error
    except NanobookError as error:
        raise ConfigError(f"broker: {error}") from error
    return broker


def _file(folder, settings, name, default=None):
    """Path of a setting, relative to the folder."""
    value = settings.get(name, default)
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise ConfigError(f"broker.{name}: {value!r}; give the name of a file")
    return folder / Path(value).expanduser()
