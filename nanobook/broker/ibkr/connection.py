"""The way to the gateway: opened, lost, mended; and what is asked over it, in the words of our errors."""

from __future__ import annotations

from contextlib import suppress
from threading import RLock

from ...errors import BrokerError, ConnectionFailed, NotConnected, UnknownInstrument
from ...hints import printable
from . import pacing
from .answers import Refused
from .link import Link
from .listener import Listener
from .loop import LoopThread
from .places import account_among

IN_USE_WAITS = (1.0, 2.0)  # seconds; a process that was killed keeps its client id until its bytes were read
CLOSING = 1.0  # seconds


class ClientIdInUse(ConnectionFailed):
    """Another connection bears the client id."""


class Connection:
    """A connection that can be lost and mended, behind a lock: one question at a time.

    Parameters
    ----------
    where : tuple of (str, int, int)
        Host, port, client id.
    ledger : Ledger
    catalogue : Catalogue
    clock : Clock
    timeout : float
        Seconds for each answer.
    account : str or None
        Which one is wanted.
    live : bool
    delayed : bool

    Attributes
    ----------
    lock : RLock
        Held from a question to its answer.
    """

    def __init__(self, where, ledger, catalogue, clock, *, timeout, account, live, delayed):
        self._where, self._ledger, self._catalogue, self._clock = where, ledger, catalogue, clock
        self._wanted, self._live, self._delayed = account, live, delayed
        self.timeout = timeout
        self.lock = RLock()
        self._pacer = pacing.Pacer(clock)
        self._loop = LoopThread(f"nanobook-ibkr-{where[2]}")
        self._link: Link | None = None

    @property
    def listener(self):
        """What hears the connection that there is."""
        return self._link.listener

    @property
    def state(self):
        """'closed', 'up', 'paused' (the gateway has lost its servers) or 'down' (we have lost it)."""
        link = self._link
        if link is None:
            return "closed"
        return link.listener.state if link.is_up else "down"

    # Opening and closing

    def connect(self):
        """Connect if there is no connection, mend it if it was lost."""
        with self.lock:
            if self._link is not None:
                self.make_ready()
                return
            try:
                self._open_when_free()
            except BaseException:
                self.disconnect()
                raise

    def disconnect(self):
        """Close; leaves no thread and no task."""
        with self.lock:
            link, self._link = self._link, None
            if link is not None:
                with suppress(TimeoutError):
                    self._loop.run(link.close(), CLOSING)
            self._loop.stop()

    def _open_when_free(self):
        """Connect; wait a little for a client id that a dead process still has."""
        for wait in IN_USE_WAITS:
            try:
                return self._open(self.timeout)
            except ClientIdInUse:
                self._clock.sleep(wait)
        return self._open(self.timeout)

    def _open(self, timeout):
        """Connect once, and come to know all."""
        self._loop.start()
        link = Link(Listener(self._ledger, self._catalogue), self.timeout)
        try:
            self._greet(link, timeout)
            link.listener.account = account_among(link.listener.accounts, self._wanted, self._live)
            self._link = link
            if self._delayed:
                self.ask("use_delayed_data")
            self.ask("subscribe")
            for symbol in self._catalogue.given:
                with suppress(UnknownInstrument):  # it complains when it is used
                    self.learn(symbol)
            self.reconcile()
        except BaseException:
            self._loop.run(link.close(), CLOSING)
            raise

    def _greet(self, link, timeout):
        host, port, client_id = self._where
        self._pacer.take()
        try:
            self._loop.run(link.open(host, port, client_id, timeout), timeout)
        except (OSError, TimeoutError) as error:
            if link.listener.is_client_id_in_use:
                raise ClientIdInUse(
                    f"client id {client_id} is in use at {host}:{port}; give each program its own"
                ) from None
            told = printable(error) or f"no answer within {timeout:g} s"
            raise ConnectionFailed(
                f"{host}:{port}: {told}; does TWS or IB Gateway run there, with its API enabled?"
            ) from None

    # Lost and mended

    def make_ready(self):
        """Refuse, unless there is a connection that knows all; mend one that was lost.

        Raises
        ------
        NotConnected
            There never was one, or it was closed.
        ConnectionFailed
            It is paused, or cannot be mended.
        """
        with self.lock:
            state = self.state
            if state == "closed":
                raise NotConnected()
            if state == "paused":
                raise ConnectionFailed(self.why_not_ready())
            if state == "down":
                self._reconnect()
            if self.listener.needs_reconciliation:
                self._resume()

    def why_not_ready(self):
        """Say what has been lost, '' if nothing."""
        state = self.state
        if state == "paused":
            return f"the gateway has lost its connection to Interactive Brokers ({self.listener.why_down})"
        return f"the connection was lost ({self.listener.why_down})" if state == "down" else ""

    def _reconnect(self):
        """Try to connect again, ever more rarely."""
        last, tries = "", 0
        for wait, rest in pacing.delays(self._clock):
            self._clock.sleep(wait)
            tries += 1
            try:
                return self._open(min(self.timeout, rest))
            except ConnectionFailed as error:
                last = error.reason
        raise ConnectionFailed(f"reconnect failed after {tries} attempts: {last}")

    def _resume(self):
        """Come to know what happened while the gateway had no connection."""
        listener = self.listener
        listener.needs_reconciliation = False
        try:
            if listener.needs_subscriptions:
                self.ask("subscribe")
                listener.needs_subscriptions = False
            self.reconcile()
        except BaseException:
            listener.needs_reconciliation = True
            raise

    # Asking

    def ask(self, what, *args):
        """Send one message by the method of ``Link`` of that name, and give its answer.

        Raises
        ------
        ConnectionFailed
            No answer came.
        Refused
            An error came.
        """
        self._pacer.take()
        try:
            return self._loop.run(getattr(self._link, what)(*args), self.timeout)
        except TimeoutError:
            raise ConnectionFailed(f"no answer to {what!r} within {self.timeout:g} s") from None
        except ConnectionError as error:
            raise ConnectionFailed(f"{printable(error)} before the answer to {what!r}") from None

    def place(self, entry, contract, order):
        """Send an order; gives what ``Link.place`` gives.

        Raises
        ------
        ConnectionError
            It was not sent.
        """
        self._pacer.take()
        try:
            return self._loop.run(self._link.place(entry, contract, order), self.timeout)
        except TimeoutError:
            return "silent"

    def look(self, function, *args):
        """Call a function on the loop, where nothing changes meanwhile."""

        async def call():
            return function(*args)

        return self._loop.run(call(), self.timeout)

    def reconcile(self):
        """Read all open orders, fills and ended orders; in this order nothing slips through between them."""
        listed = self.ask("open_orders")
        self.ask("fills")
        self.ask("ended_orders")
        self.look(self._ledger.reconciled, set(listed))

    def learn(self, symbol):
        """Give (contract, instrument) of a symbol; asks once."""
        known = self._catalogue.known(symbol)
        if known is not None:
            return known
        asked = self._catalogue.to_ask(symbol)
        try:
            details = self.ask("details", asked)
        except Refused as error:
            raise BrokerError(f"{printable(symbol)}: {error}") from None
        return self.look(self._catalogue.learn, symbol, asked, details)
