"""The server: an asyncio loop in a thread of its own, and ``FakeTws``, what one starts and stops."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import suppress

from ...errors import ConnectionFailed, InvalidValue
from . import wire
from .account import Account
from .contracts import Listings
from .controls import Controls, Desk
from .gateway import Gateway, Rules
from .inputs import read_positions, read_quotes
from .market import Market
from .messages import REQUEST_ID_AT
from .requests import request_of
from .script import Script
from .session import Session

HOST = "127.0.0.1"
BAD_REQUEST = (wire.ProtocolError, ValueError, IndexError)


class Patient(asyncio.StreamReaderProtocol):
    """Lets be read to its end what a client sent before its connection broke, as the real one does."""

    def connection_lost(self, exc):
        """End the stream behind what has come; no error overtakes it."""
        super().connection_lost(None)


class Server:
    """Listens, and hands what clients say to the gateway."""

    def __init__(self, gateway: Gateway):
        self.gateway = gateway
        self.port = 0
        self.failure: BaseException | None = None
        self._listening: asyncio.Server | None = None
        self._clients: set[asyncio.Task] = set()
        self._others: set[asyncio.Task] = set()
        self._warming: asyncio.Future | None = None

    async def start(self, port):
        """Listen; port 0 takes a free one."""
        loop = asyncio.get_running_loop()

        def connected():
            return Patient(asyncio.StreamReader(loop=loop), self._client, loop=loop)

        self._listening = await loop.create_server(connected, HOST, port)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def stop(self):
        """Cut all, and wait until everything has ended."""
        if self._listening is not None:
            self._listening.close()
        for task in [*self._clients, *self._others]:
            task.cancel()
        await asyncio.gather(*self._clients, *self._others, return_exceptions=True)

    async def restart(self, seconds, next_id=None):
        """Cut all; returns then, and after so many seconds listens again at the same port."""
        self._listening.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        if next_id is not None:
            self.gateway.next_ids = dict.fromkeys(self.gateway.next_ids, next_id)
        if seconds:
            self._begin(self._come_back(float(seconds)))
        else:
            await self.start(self.port)

    async def _come_back(self, seconds):
        await asyncio.sleep(seconds)
        await self.start(self.port)

    def _begin(self, work):
        """Do something beside; it ends with the server."""
        task = asyncio.get_running_loop().create_task(self._watched(work))
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _watched(self, work):
        """Keep what goes wrong beside, to be raised in the end."""
        try:
            await work
        except Exception as error:
            self.failure = self.failure or error

    async def warm(self):
        """Load the matching engine beside the loop, so that other clients are served meanwhile."""
        if not self.gateway.market.is_warm:
            if self._warming is None:
                self._warming = asyncio.get_running_loop().run_in_executor(None, self.gateway.market.warm)
            await asyncio.shield(self._warming)

    async def _client(self, reader, writer):
        """Serve one connection until it ends."""
        task = asyncio.current_task()
        self._clients.add(task)
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, wire.ProtocolError, asyncio.CancelledError):
            pass
        except Exception as error:
            self.failure = self.failure or error
        finally:
            self._clients.discard(task)
            writer.close()

    async def _talk(self, reader, writer):
        gateway = self.gateway
        version = await wire.read_greeting(reader, gateway.rules.server_version)
        writer.write(wire.frame([version, gateway.now_text()]))
        session = Session(gateway, writer, version, asyncio.get_running_loop().time)
        try:
            while session.is_open:
                await self._take(session, wire.fields_of(await wire.read_body(reader)))
                with suppress(ConnectionError):  # a client that is gone may have sent more before it went
                    await writer.drain()
        finally:
            if session in gateway.sessions:
                gateway.sessions.remove(session)
            await session.end()

    async def _take(self, session, message):
        """Count a request, let faults have their way with it, else act on it."""
        gateway = self.gateway
        number, name, handle = request_of(message)
        gateway.received[name or str(number)] += 1
        gateway.requests.append(message)
        if not session.keeps_pace() or (session.client_id is None and name != "startApi"):
            session.cut()
        elif handle is None:
            session.error(-1, 505)
        else:
            fault = gateway.script.at(name)
            if fault is None or await self._goes_on(session, fault, message):
                if name == "placeOrder":
                    await self.warm()
                self._handle(session, handle, message, fault)

    async def _goes_on(self, session, fault, message):
        """Do what a fault does before a request is acted on; False if that is all that comes of it."""
        if fault.do == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.do == "drop_before":
            session.cut()
        elif fault.do == "reject":
            at = REQUEST_ID_AT.get(fault.on)
            session.error(message[at] if at else -1, fault.code, text=fault.text)
        elif fault.do == "restart":
            self._begin(self.restart(fault.seconds))
        return fault.do in ("delay", "mute", "drop_after")

    @staticmethod
    def _handle(session, handle, message, fault):
        deed = fault.do if fault else ""
        session.is_muted = deed in ("mute", "drop_after")
        try:
            handle(session, message[1:])
        except BAD_REQUEST as error:
            session.error(-1, 320, str(error))
        finally:
            session.is_muted = False
        if deed == "drop_after":
            session.cut()


class FakeTws(Controls):
    """A fake Trader Workstation in a thread of this process.

    Parameters
    ----------
    quotes : mapping, list of dict, or path
        By symbol a tuple (bid, ask[, last[, volume]]) or a dict; a list of dicts with ``symbol``; or a JSON
        or CSV file of them. Keys are those of ``set_quote`` and those of a contract: ``con_id``,
        ``exchange``, ``currency``, ``tick``, ``step``, ``name``. A symbol that is there twice is ambiguous. A
        few well-known stocks at made-up prices unless told.
    positions : mapping, list of tuple, or path
        (symbol, quantity, average cost), or a file with these columns.
    cash : number
        Dollars.
    account : str
    port : int
        0 takes a free one.
    faults : list of Fault
    clock : Clock, optional
    **rules
        What the gateway is like, as ``Rules`` has it: ``server_version``, ``message_rate``, ``tif_preset``...

    Raises
    ------
    InvalidValue
        Names what cannot be.

    Attributes
    ----------
    host : str
        Always loopback.
    port : int

    Examples
    --------
    >>> from nanobook.testing import FakeTws
    >>> with FakeTws({"AAPL": (184.90, 185.10)}, cash=10_000) as tws:
    ...     tws.set_quote("AAPL", bid=185.00)
    ...     tws.values()["NetLiquidation"]
    '10000.00'
    """

    host = HOST

    def __init__(
        self,
        quotes=None,
        *,
        positions=(),
        cash=1_000_000,
        account="DU1234567",
        port=0,
        faults=(),
        clock=None,
        **rules,
    ):
        if type(port) is not int or not 0 <= port < 65_536:
            raise InvalidValue(f"port: {port!r}; use 0 (a free one) to 65535")
        listings, market = Listings(), Market()
        for row in read_quotes(quotes):
            contract = listings.add(**row["contract"])
            market.list(contract, **row["quote"])
        held = [
            (listings.named(symbol), *numbers) for symbol, *numbers in read_positions(positions, listings)
        ]
        known = Rules.of(rules)
        self._gateway = Gateway(listings, market, Account(account, cash, held, known.leverage), known, clock)
        self._gateway.script = Script(faults)
        self._asked_port = port
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def port(self):
        """Where it listens."""
        return self._server.port if self._server else self._asked_port

    @property
    def account(self):
        """Name of the account."""
        return self._gateway.account.name

    @property
    def symbols(self):
        """What is traded."""
        return sorted({contract.symbol for contract in self._gateway.listings})

    def prepare(self):
        """Load the matching engine now rather than with the first order; a new machine compiles it."""
        self._gateway.market.warm()

    def start(self):
        """Listen.

        Returns
        -------
        FakeTws

        Raises
        ------
        ConnectionFailed
            The port is in use.
        """
        if self._loop is not None:
            return self
        started: Future = Future()
        self._thread = threading.Thread(target=self._run, args=(started,), name="fake-tws", daemon=True)
        self._thread.start()
        try:
            started.result()
        except OSError as error:
            self._thread.join()
            self._loop = None
            raise ConnectionFailed(f"port {self._asked_port}: {error.strerror}") from None
        return self

    def stop(self):
        """Cut all and end; may be called twice. Raises what went wrong inside."""
        if self._loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join()
        self._loop, server = None, self._server
        if server.failure is not None:
            raise server.failure

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def __repr__(self):
        return f"FakeTws({HOST}:{self.port}, account {self.account}, {len(self.symbols)} symbols)"

    def _run(self, started):
        """Be the thread."""
        asyncio.run(self._serve(started))

    async def _serve(self, started):
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._server = Server(self._gateway)
        try:
            await self._server.start(self._asked_port)
        except Exception as error:
            started.set_exception(error)
            return
        self._asked_port = self._server.port  # so that it comes back to it
        started.set_result(None)
        await self._ended.wait()
        await self._server.stop()

    async def _end(self):
        self._ended.set()

    def _call(self, name, *args, **kwargs):
        if self._loop is None:
            raise ConnectionFailed("the fake is not started")
        desk = Desk(self._gateway, self._server)
        return asyncio.run_coroutine_threadsafe(desk.do(name, args, kwargs), self._loop).result()
