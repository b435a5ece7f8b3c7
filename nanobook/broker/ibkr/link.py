"""One connection: each method sends a message to the gateway and waits for its answer, on the event loop."""

from __future__ import annotations

import asyncio
import itertools
import logging
from contextlib import suppress

from ...errors import BrokerError
from . import codes
from .answers import ACCOUNT, ENDED, HELD, ORDERS, TIME, Answer, Prices, Refused

FIRST_REQUEST = 1 << 30  # requests and orders share their numbers; orders have the low ones
FIGURES = "NetLiquidation,TotalCashValue,BuyingPower,GrossPositionValue"
DELAYED_DATA = 3
REASON_SECONDS = 0.25  # how long the text of a refusal may come after its state
NOTICE_SECONDS = 1.0  # how long an order may stay silent after an error of unknown meaning
SNAPSHOT_SECONDS = 12.0  # the gateway ends a snapshot after 11
VOLUME_SECONDS = 0.1  # how long it may come after the prices


class Link:
    """A connection of ib_async's client, heard by a listener.

    Parameters
    ----------
    listener : Listener
    timeout : float
        Seconds for each answer.

    Notes
    -----
    Requests without a number cannot be told apart, so a late answer might be taken for that of the next one:
    when such a request is not answered in time, or is broken off, the connection is given up.
    """

    def __init__(self, listener, timeout):
        from ib_async.client import Client

        logging.getLogger("ib_async").addHandler(logging.NullHandler())
        self.listener, self._timeout = listener, timeout
        self._client = Client(listener)
        self._client.MaxRequests = 0  # paced by the broker, over all that it sends
        self._client.decoder.logger = listener
        self._numbers = itertools.count(FIRST_REQUEST)

    @property
    def is_up(self):
        """Whether messages can be sent."""
        return self.listener.state != "down" and self._client.isReady()

    async def open(self, host, port, client_id, timeout):
        """Connect, shake hands, and learn the accounts and the next number of an order."""
        broken = asyncio.get_running_loop().create_future()

        def break_off(text):
            if not broken.done():
                broken.set_result(text)

        self._client.apiError += break_off
        greeting = asyncio.ensure_future(self._client.connectAsync(host, port, client_id, timeout))
        await asyncio.wait({greeting, broken}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        why = broken.result() if broken.done() else ""
        if not greeting.done():
            greeting.cancel()
        with suppress(asyncio.CancelledError):
            await greeting
        if not self._client.isReady():
            raise ConnectionError(why)

    async def close(self):
        """Leave, and see the socket closed."""
        self.listener.fail(ConnectionError("disconnected"))
        connection = self._client.conn
        self._client.disconnect()
        for _ in range(100):
            if connection.transport is None:
                return
            await asyncio.sleep(0.001)

    def _drop(self, why):
        self.listener.fail(TimeoutError(why))
        self._client.disconnect()

    async def _whole(self, key, send, *args):
        """Ask for a list; one of which a part could not be read must not look shorter than it is."""
        unreadable = self.listener.unreadable
        rows = await self._answer(key, send, *args)
        if self.listener.unreadable > unreadable:
            raise BrokerError("a part of the answer could not be read; the log has it")
        return rows

    async def _answer(self, key, send, *args, rows=None):
        """Send one message, and give what its answer brings until its end."""
        answer = Answer(asyncio.get_running_loop().create_future(), [] if rows is None else rows)
        self.listener.waiting[key] = answer
        try:
            send(*args)
            return await asyncio.wait_for(answer.future, self._timeout)
        except (TimeoutError, asyncio.CancelledError) as error:
            if isinstance(key, str):
                is_late = isinstance(error, TimeoutError)
                why = f"came within {self._timeout:g} s" if is_late else "was waited for"
                self._drop(f"no answer about {key} {why}")
            raise
        finally:
            if self.listener.waiting.get(key) is answer:
                del self.listener.waiting[key]

    # Questions

    async def subscribe(self):
        """Ask for the worth of positions, now and as it changes."""
        await self._answer(ACCOUNT, self._client.reqAccountUpdates, True, self.listener.account)

    async def unsubscribe(self):
        """End that, so that asking again tells all anew; this has no answer."""
        self._client.reqAccountUpdates(False, self.listener.account)

    async def use_delayed_data(self):
        """Take delayed prices where there are no live ones; this has no answer."""
        self._client.reqMarketDataType(DELAYED_DATA)

    async def next_id(self):
        """Ask for the next number of an order."""
        await self._answer("next id", self._client.reqIds, 1)

    async def server_time(self):
        """Ask for the server's clock."""
        return await self._answer(TIME, self._client.reqCurrentTime)

    async def positions(self):
        """Ask for all that is held: rows of (contract, quantity, cost)."""
        return await self._whole(HELD, self._client.reqPositions)

    async def figures(self):
        """Ask for the figures of the account: rows of (tag, currency, text)."""
        number = next(self._numbers)
        return await self._answer(number, self._client.reqAccountSummary, number, "All", FIGURES), number

    async def end_figures(self, number):
        """End a subscription of figures: only two may be open."""
        self._client.cancelAccountSummary(number)

    async def open_orders(self):
        """Ask for all orders that live, of whatever client."""
        return await self._whole(ORDERS, self._client.reqAllOpenOrders)

    async def ended_orders(self):
        """Ask for all orders of the day that have ended."""
        return await self._whole(ENDED, self._client.reqCompletedOrders, False)

    async def fills(self):
        """Ask for all fills of the day."""
        from ib_async import ExecutionFilter

        number = next(self._numbers)
        only = ExecutionFilter(acctCode=self.listener.account)
        return await self._whole(number, self._client.reqExecutions, number, only)

    async def details(self, contract):
        """Ask for the contracts that fit one; none if there is no such."""
        number = next(self._numbers)
        try:
            return await self._whole(number, self._client.reqContractDetails, number, contract)
        except Refused as error:
            if error.code == codes.NO_SECURITY:
                return []
            raise

    async def prices(self, contract):
        """Ask for prices: what was heard when nothing is missing, the snapshot ends, or the time is up.

        The volume is not waited for: it comes at once, or when the snapshot ends, after 11 seconds.
        """
        number, prices = next(self._numbers), Prices()
        heard = asyncio.ensure_future(
            self._answer(number, self._client.reqMktData, number, contract, "", True, False, [], rows=prices)
        )
        loop = asyncio.get_running_loop()
        end = loop.time() + min(self._timeout, SNAPSHOT_SECONDS)
        while not heard.done() and loop.time() < end and not prices.has_all_prices:
            await asyncio.wait({heard}, timeout=min(VOLUME_SECONDS, end - loop.time()))
        if not heard.done():
            heard.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            await heard
        return prices

    # Orders

    async def place(self, entry, contract, order):
        """Send an order and wait for the broker's word.

        Returns
        -------
        {'answered', 'duplicate', 'notice', 'lost', 'silent'}
            Taken or refused; its number is in use; an error of unknown meaning; the connection broke before
            an answer; no answer in time.
        """
        listener, number = self.listener, entry.order_id

        def word():
            if number in listener.duplicate_ids:
                return "duplicate"
            if entry.is_answered:
                return "answered"
            return "lost" if listener.state == "down" else None

        with self._changes() as changed:
            self._client.placeOrder(number, contract, order)
            outcome = await self._hear(changed, lambda: word() or number in listener.notices, self._timeout)
            if outcome is True:
                outcome = await self._hear(changed, word, NOTICE_SECONDS) or "notice"
            if outcome == "answered" and entry.told == "Inactive":
                await self._hear(changed, lambda: entry.refusal, REASON_SECONDS)
        return outcome or "silent"

    async def cancel(self, entry):
        """Send a cancellation and wait for the broker's word.

        Returns
        -------
        bool
            Whether there was one.
        """
        listener, number = self.listener, entry.order_id
        listener.cancel_errors.pop(number, None)

        def word():
            heard = entry.told == "PendingCancel" or entry.state.is_final
            return heard or number in listener.cancel_errors or listener.state == "down"

        with self._changes() as changed:
            self._client.cancelOrder(number)
            return bool(await self._hear(changed, word, self._timeout)) and listener.state != "down"

    def _changes(self):
        return _Changes(self.listener)

    @staticmethod
    async def _hear(changed, word, seconds):
        """Wait until ``word()`` gives something, and give it; None after so many seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not (found := word()):
            rest = deadline - loop.time()
            if rest <= 0:
                return None
            changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), rest)
        return found


class _Changes:
    """An event that is set whenever the listener hears of an order, for as long as the block lasts."""

    def __init__(self, listener):
        self._listener, self._event = listener, asyncio.Event()

    def __enter__(self):
        self._listener.on_change.append(self._event.set)
        return self._event

    def __exit__(self, *_):
        self._listener.on_change.remove(self._event.set)
