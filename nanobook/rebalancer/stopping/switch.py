"""``KillSwitch``: a file that stops every order until a person removes it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ...clock import SystemClock
from ...errors import InvalidValue, KillSwitchOn
from ...hints import printable
from ..storage import SystemStorage, opened, read_file

NAME = "kill"


class KillState(NamedTuple):
    """Why, by what and when a kill switch was turned on."""

    reason: str = "unknown"
    source: str = "unknown"
    time: str = "unknown"
    pid: int | None = None


class KillSwitch:
    """A switch that any process can turn on, and that stays on over restarts until it is cleared.

    It is on while its file is there, whatever that holds, so that it works on a full disk; and where nobody
    can tell whether the file is there.

    Parameters
    ----------
    folder : path-like
        Of the run.
    storage : Storage, optional
    clock : Clock, optional

    Examples
    --------
    >>> import tempfile
    >>> from nanobook.rebalancer.stopping.switch import KillSwitch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     switch = KillSwitch(folder)
    ...     switch.turn_on("wrong target", source="cli")
    ...     KillSwitch(folder).is_on()
    True
    """

    def __init__(self, folder, storage=None, clock=None):
        self.path = Path(folder) / NAME
        self._storage = storage or SystemStorage()
        self._clock = clock or SystemClock()
        self._latched: KillState | None = None

    def __repr__(self):
        return f"KillSwitch({str(self.path)!r}, {'on' if self.is_on() else 'off'})"

    def is_on(self):
        """Whether no order may leave: one call of the system."""
        if self._latched is not None:
            return True
        try:
            return self._storage.exists(self.path)
        except OSError:
            return True

    def check(self):
        """Raise if the switch is on.

        Raises
        ------
        KillSwitchOn
            Tells why, since when, and how to clear it.
        """
        if self.is_on():
            state = self.state() or KillState()
            raise KillSwitchOn(
                f"{self.path}: the kill switch is on since {state.time}, by {state.source}: {state.reason}; "
                "no order leaves until a person clears it: `rebalancer kill --clear`"
            )

    def turn_on(self, reason, source):
        """Turn the switch on, for good; the first reason stays.

        Parameters
        ----------
        reason : str
        source : str
            What turned it on: 'cli', 'signal', 'risk' ...

        Raises
        ------
        OSError
            It is not on the disk. In this process it is on all the same.
        """
        state = KillState(
            str(reason), str(source), self._clock.now().isoformat(timespec="milliseconds"), os.getpid()
        )
        self._latched = self._latched or state
        storage = self._storage
        storage.make_folder(self.path.parent)
        try:
            handle = storage.create(self.path)
        except FileExistsError:
            return
        # A full disk has room for the name, and that is what counts.
        with opened(storage, handle), suppress(OSError):
            storage.append(handle, json.dumps(state._asdict()).encode() + b"\n")
            storage.sync(handle)
        storage.sync_folder(self.path.parent)

    def state(self):
        """Read why the switch is on; None if it is off.

        Returns
        -------
        KillState or None
        """
        if not self.is_on():
            return None
        if self._latched is not None:
            return self._latched
        try:
            about = json.loads(read_file(self._storage, self.path))
            return KillState(*(printable(about[name]) for name in KillState._fields[:3]), about["pid"])
        except (OSError, InvalidValue, ValueError, TypeError, KeyError, RecursionError):
            return KillState()

    def clear(self, who, why, log=None):
        """Turn the switch off.

        Parameters
        ----------
        who, why : str
            Neither may be blank.
        log : AuditLog, optional
            Takes a record ``kill_cleared`` first.

        Returns
        -------
        bool
            Whether it was on.
        """
        for name, text in (("who", who), ("why", why)):
            if not isinstance(text, str) or not text.strip():
                raise InvalidValue(f"{name}: {text!r}; a kill switch is cleared by somebody for a reason")
        state = self.state()
        if state is None:
            return False
        if log is not None:
            log.record("kill_cleared", who=who, why=why, killed=state._asdict())
        with suppress(FileNotFoundError):
            self._storage.unlink(self.path)
        self._storage.sync_folder(self.path.parent)
        self._latched = None
        return True
