"""What Ctrl-C, SIGTERM and a closed terminal do to a run."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

from ...errors import RunStopped

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class StopSignals:
    """Takes signals for a run: the first asks it to stop, a second Ctrl-C turns the kill switch on.

    The call in flight is always finished, since the answer of a broker that was cut off is unknown. A third
    Ctrl-C raises ``KeyboardInterrupt``, for whoever does not want to wait. While a person is asked
    (``asking``) nothing is in flight: then the first signal raises ``RunStopped`` at once. Outside the main
    thread, where Python takes no signals, nothing happens. A signal that is ignored stays so (``nohup``).

    Parameters
    ----------
    switch : KillSwitch, optional

    Examples
    --------
    >>> import signal
    >>> from nanobook.rebalancer.stopping.signals import StopSignals
    >>> with StopSignals() as stop:
    ...     before = stop()
    ...     signal.raise_signal(signal.SIGTERM)
    ...     before, stop()
    (None, 'SIGTERM')
    """

    def __init__(self, switch=None):
        self._switch = switch
        self._before: dict[int, object] = {}
        self._reason: str | None = None
        self._interrupts = 0
        self._is_asking = False

    def __call__(self):
        """Name the signal that asks to stop, None as long as there was none."""
        return self._reason

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for name in NAMES:
                number = getattr(signal, name, None)  # Windows has no SIGHUP
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *_):
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)

    def asking(self, confirm):
        """Make of ``confirm`` a question that a signal breaks off; None stays None."""
        if confirm is None:
            return None

        def ask(plan):
            self._is_asking = True
            try:
                return confirm(plan)
            finally:
                self._is_asking = False

        return ask

    def _take(self, number, _frame):
        """Note a signal; whatever runs goes on, but for a question."""
        self._reason = self._reason or signal.Signals(number).name
        if self._is_asking:
            self._is_asking = False
            raise RunStopped(f"{self._reason}: stopped before any order")
        if number != signal.SIGINT:
            return
        self._interrupts += 1
        if self._interrupts == 2 and self._switch is not None:
            with suppress(OSError):  # it is on in this process, at least
                self._switch.turn_on("a second Ctrl-C", source="signal")
        if self._interrupts > 2:
            raise KeyboardInterrupt
