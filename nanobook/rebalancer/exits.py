"""Exit codes: what a command of the rebalancer ends with, and what that says. One table."""

from __future__ import annotations

from .. import errors

DONE, BAD_INPUT, NOT_WRITTEN, RUNNING, RISK, BROKER, UNKNOWN, KILLED, TAMPERED = 0, 2, 3, 4, 5, 6, 7, 8, 9
INTERRUPTED = 130

MEANING = {
    DONE: "done; also after a dry run, with nothing to do, declined at the prompt, or executed before",
    BAD_INPUT: "bad arguments, configuration or target; no order was sent",
    NOT_WRITTEN: "a file could not be read or written, the audit trail above all; nothing was sent after it",
    RUNNING: "another run holds the lock",
    RISK: "the limits do not allow it; no order was sent after that",
    BROKER: "the broker refused, or cannot be reached",
    UNKNOWN: "what is so at the broker cannot be told, or is not what it should be: a person must look",
    KILLED: "the kill switch is on; `rebalancer kill --clear` when a person has looked",
    TAMPERED: "the audit trail was changed, or is not this account's; nothing is traded on it",
    INTERRUPTED: "stopped by Ctrl-C or a signal between two orders; the same command goes on with the rest",
}
"""By code; the operator's page shows it."""

CODES = (
    (errors.KillSwitchOn, KILLED),
    (errors.UnknownState, UNKNOWN),
    (errors.OrderUnknown, UNKNOWN),
    (errors.IntegrityError, TAMPERED),
    (errors.AlreadyRunning, RUNNING),
    (errors.RiskRejected, RISK),
    (errors.AuditError, NOT_WRITTEN),
    (errors.BrokerError, BROKER),
    (errors.RunStopped, INTERRUPTED),
    (errors.NanobookError, BAD_INPUT),
    (OSError, NOT_WRITTEN),
    (KeyboardInterrupt, INTERRUPTED),
)
"""The first that an error is an instance of says the code."""


def exit_code(error):
    """Give the exit code of an error.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    int or None
        None for an error that is a fault of the program: it should be seen as it is.

    Examples
    --------
    >>> from nanobook.errors import KillSwitchOn, NoQuote
    >>> from nanobook.rebalancer.exits import exit_code
    >>> exit_code(KillSwitchOn("on")), exit_code(NoQuote("none")), exit_code(ZeroDivisionError())
    (8, 6, None)
    """
    return next((code for kind, code in CODES if isinstance(error, kind)), None)
