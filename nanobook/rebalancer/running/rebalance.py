"""``rebalance``: from weights to orders in one call, as ``rebalancer run`` does it."""

from __future__ import annotations

from pathlib import Path

from ...clock import SystemClock
from ..settings.config import Config
from ..settings.sections import AccountSection, Risk
from ..stopping.signals import StopSignals
from ..stopping.switch import KillSwitch
from ..targets.target import Target, target_of
from .execute import run_rebalance
from .session import open_session


def rebalance(
    weights,
    broker,
    *,
    folder=".",
    account="paper",
    config=None,
    id="",
    close_missing=None,
    dry_run=False,
    confirm=None,
    progress=None,
    clock=None,
):
    """Bring an account to target weights: plan, check, send, follow, reconcile.

    All that ``rebalancer run`` does, with its files: lock, kill switch and audit trail lie in ``logs`` of the
    folder. What an earlier call left unfinished is settled first. Ctrl-C stops between two orders; the same
    call then goes on with the rest, if it has an ``id``.

    Parameters
    ----------
    weights : Series, mapping of str to number, iterable of (str, number), or Target
        Parts of equity, below 0 for short positions; 0 closes.
    broker : Broker
        Not connected; disconnected at the end.
    folder : path-like, default the current one
    account : str, default "paper"
        The account that is meant; the broker must report the same.
    config : Config, optional
        Of ``load_config`` or made by hand; its own folder and account count then. Unless told: a cash
        account with the default limits.
    id : str, optional
        Names the target: it is executed once, however often it is called. Unless told, each call is a target
        of its own.
    close_missing : bool, optional
        What becomes of positions that have no weight: True closes them, False leaves them alone; not said,
        they are refused.
    dry_run : bool
        Plan and check, and send nothing.
    confirm, progress : callable, optional
        As of ``run_rebalance``.
    clock : Clock, optional

    Returns
    -------
    RunReport

    Raises
    ------
    NanobookError
        As ``run_rebalance``.

    Examples
    --------
    >>> import tempfile
    >>> from nanobook import PaperBroker, rebalance
    >>> broker = PaperBroker(10_000_000, quotes={"AAPL": 200.0, "MSFT": 400.0})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(rebalance({"AAPL": 0.2, "MSFT": 0.2}, broker, folder=folder, id="2026-02"))
    2026-02: done: 2 submitted, 2 filled, 0 failed
    BUY 100 AAPL @ $200.10: Filled 100/100
    BUY 50 MSFT @ $400.20: Filled 50/50
    """
    clock = clock or SystemClock()
    config = config or Config(risk=Risk(), account=AccountSection(account, "cash"), folder=Path(folder))
    target = weights
    if not isinstance(weights, Target):
        target = target_of(weights, clock.now(), id=id, close_missing=close_missing)
    stop = StopSignals(KillSwitch(config.log_folder))
    with stop, open_session(config, target, broker, clock=clock, stop=stop) as session:
        return run_rebalance(session, dry_run=dry_run, confirm=stop.asking(confirm), progress=progress)
