"""One client's connection: what it has asked to hear, and what is sent to it."""

from __future__ import annotations

import asyncio

from ...hints import printable
from . import messages, wire
from .messages import ANSWERS

SAME_QUESTION = 15  # seconds between equal requests of past data
STRIKES = 3  # times that the message rate may be exceeded before the connection is cut


class Session:
    """A connection.

    Parameters
    ----------
    gateway : Gateway
    writer : asyncio.StreamWriter
    version : int
        Protocol version that was agreed on.
    time : callable
        Seconds, to judge the pace by. Not the gateway's clock: a client keeps its pace in real time.
    """

    def __init__(self, gateway, writer, version, time):
        self.gateway, self.writer, self.version, self._time = gateway, writer, version, time
        self.client_id: int | None = None
        self.data_type = 1
        self.follows_positions = self.follows_account = self.binds = False
        self.quotes: dict = {}  # request -> (contract, whether delayed)
        self.summaries: dict = {}  # request -> tags
        self.is_muted = False
        self.is_open = True
        self._tasks: set = set()
        self._purse, self._paid_at = float(gateway.rules.message_burst), time()
        self._strikes = 0
        self._asked_at: dict = {}  # past data that were asked for, and when

    # Sending

    def send(self, fields):
        """Send a message, unless a fault has other plans for it."""
        if not self.is_open or self.is_muted:
            return
        name = ANSWERS[fields[0]]
        fault = self.gateway.script.at(name)
        deed = fault.do if fault else ""
        if deed == "delay":
            self._start(self._after(fault.seconds, lambda: self._write(fields)))
        elif deed == "drop_before":
            self.cut()
        elif deed != "mute":
            for _ in range(2 if deed == "duplicate" else 1):
                self._write(fields)
            if deed == "drop_after":
                self.cut()

    def _write(self, fields):
        if self.is_open and not self.writer.is_closing():
            self.writer.write(wire.frame(fields))

    def later(self, seconds, fields):
        """Send a message so many seconds from now."""
        self._start(self._after(seconds, lambda: self.send(fields)))

    def _start(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _after(seconds, action):
        await asyncio.sleep(seconds)
        action()

    def error(self, request, code, *details, text=None):
        """Send an error."""
        self.send(messages.error(self.version, request, code, *map(printable, details), text=text))

    # Ending

    def cut(self):
        """Cut the connection; what was written before still goes out."""
        if self.is_open:
            self.is_open = False
            self.writer.close()

    async def end(self):
        """Forget the client, and wait until all that was begun for it has stopped."""
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # What it hears

    def hears(self, order):
        """Whether news of an order goes to this client."""
        if self.client_id == self.gateway.rules.master_client_id:
            return True
        return self.client_id == order.client_id and (self.binds or not order.by_hand)

    def position_changed(self, contract):
        """Tell of a position, to a client that follows."""
        account = self.gateway.account
        held = account.positions.get(contract.con_id)
        if held is None:
            return
        if self.follows_positions:
            self.send(messages.position(account.name, contract, held.quantity, held.average_cost))
        if self.follows_account:
            self.tell_account([held])
        for request, tags in self.summaries.items():
            self.tell_summary(request, tags)

    def tell_account(self, positions):
        """Tell all values of the account, and the worth of some positions."""
        gateway, account = self.gateway, self.gateway.account
        for tag, value in gateway.values().items():
            self.send(messages.account_value(account.name, tag, value))
        for held in positions:
            self.send(messages.portfolio_value(account, held, gateway.price_of))
        self.send([8, 1, gateway.clock.now().strftime("%H:%M")])

    def tell_summary(self, request, tags):
        """Tell the values that were asked for by tag."""
        account = self.gateway.account.name
        for tag, value in self.gateway.values().items():
            if tag in tags:
                self.send(messages.account_summary(request, account, tag, value))

    def quote_changed(self, contract):
        """Send the ticks of a contract to a client that follows it."""
        for request, (followed, delayed) in self.quotes.items():
            if followed is contract:
                self.tell_quote(request, contract, delayed)

    def tell_quote(self, request, contract, delayed):
        """Send all ticks of a quote."""
        quote, now = self.gateway.market.quote(contract), self.gateway.clock.now()
        for fields in messages.ticks(request, quote, now, delayed):
            self.send(fields)

    # Pace

    def keeps_pace(self):
        """Count a message that came; False if the client was too fast for the last time.

        Messages are paid from a purse that fills at the allowed rate, and that holds more than a second's
        worth: a client that keeps to the rate may be read in bursts.
        """
        now, rules = self._time(), self.gateway.rules
        earned = (now - self._paid_at) * rules.message_rate
        self._purse, self._paid_at = min(self._purse + earned, rules.message_burst) - 1, now
        if self._purse >= 0:
            return True
        self._strikes += 1
        self._purse = rules.message_rate
        self.gateway.received["too fast"] += 1
        self.error(-1, 100, rules.message_rate, rules.message_rate + 1, self._strikes)
        return self._strikes < STRIKES

    def asks_too_soon(self, what):
        """Whether the same past data were asked for in the last 15 seconds."""
        now = self._time()
        before, self._asked_at[what] = self._asked_at.get(what), now
        return before is not None and now - before < SAME_QUESTION
