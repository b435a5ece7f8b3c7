"""A broker to test against: plain Python, one thread, in this process or in one that outlives its clients.

``Market`` is the broker: orders, fills by a script, positions and cash; it takes one message and gives one. A
``SimulatorBroker`` talks to it over a wire: ``DirectWire`` calls it and may be cut at any message,
``SocketWire`` reaches a ``serve`` in another process over loopback.

It is harsher than real ones: a client order id that it has seen is no reason for it to refuse a second order,
so that an order sent twice shows.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import sys
from collections import Counter
from contextlib import suppress

from nanobook.broker import (
    Account,
    BaseBroker,
    BrokerOrderStatus,
    BrokerPosition,
    Execution,
    Instrument,
    OrderState,
    Quote,
)
from nanobook.errors import (
    CancelRejected,
    ConnectionFailed,
    OrderError,
    OrderRejected,
    OrderUnknown,
    UnknownInstrument,
)

LIVE = ("Submitted", "PartiallyFilled")


class Market:
    """One account at a broker.

    ``prices`` are mid prices in cents; bid and ask lie one cent away. ``scripts`` tell by symbol what becomes
    of its orders, one script for each in turn (the last one for all further): words of which one is obeyed
    when the order arrives and one each time somebody asks for it: ``rest``, ``part`` (half of what remains),
    ``fill``, ``cancel``; or ``reject CODE`` alone. Without a script an order is filled as it arrives.
    """

    def __init__(self, cash=10_000_000, positions=None, prices=None, scripts=None, foreign=()):
        self.cash = cash
        self.positions = Counter(positions or {})
        self.prices = dict(prices or {})
        self.scripts = {symbol: list(scripts) for symbol, scripts in (scripts or {}).items()}
        self.orders = []
        self.by_id = {}
        self.next_id = 1
        self.received = Counter()  # orders by client id, rejected ones too
        self.fills = []
        for order in foreign:
            self._place({**order, "client": order.get("client", "somebody-else")}, ["rest"])

    def handle(self, request):
        """Take one message; the answer has ``error`` and its words, or what was asked for."""
        return getattr(self, f"on_{request['do']}")(**{k: v for k, v in request.items() if k != "do"})

    def on_hello(self):
        """Somebody has come."""
        return {}

    def on_account(self):
        """Equity and cash."""
        gross = sum(abs(quantity) * self.prices[symbol] for symbol, quantity in self.positions.items())
        net = sum(quantity * self.prices[symbol] for symbol, quantity in self.positions.items())
        return {"equity": self.cash + net, "cash": self.cash, "gross": gross}

    def on_positions(self):
        """What is held."""
        return {symbol: quantity for symbol, quantity in sorted(self.positions.items()) if quantity}

    def on_quote(self, symbol):
        """Bid and ask."""
        if symbol not in self.prices:
            return {"error": "symbol", "reason": symbol}
        return {"bid": self.prices[symbol] - 1, "ask": self.prices[symbol] + 1}

    def on_submit(self, **order):
        """Take an order."""
        self.received[order["client"]] += 1
        scripts = self.scripts.get(order["symbol"], [])
        script = (scripts.pop(0) if len(scripts) > 1 else scripts[0] if scripts else "fill").split()
        if order["symbol"] not in self.prices:
            return {"error": "symbol", "reason": order["symbol"]}
        if script[0] == "reject":
            return {"error": "rejected", "reason": f"refused for {script[1]}", "code": script[1]}
        if order["side"] == "buy" and order["quantity"] * order["limit"] > self.cash:
            return {"error": "rejected", "reason": "not enough cash", "code": "funds"}
        return {"id": self._place(order, script)["id"]}

    def _place(self, order, script):
        order = {**order, "id": self.next_id, "filled": 0, "spent": 0, "status": "Submitted"}
        order["script"] = script
        self.next_id += 1
        self.orders.append(order)
        self.by_id[order["id"]] = order
        self.step(order)
        return order

    def step(self, order):
        """Obey the next word of an order's script."""
        if order["status"] not in LIVE or not order["script"]:
            return
        word = order["script"].pop(0)
        left = order["quantity"] - order["filled"]
        if word == "fill":
            self.fill(order, left)
        elif word == "part":
            self.fill(order, left // 2)
        elif word == "cancel":
            order["status"] = "Cancelled"
        else:
            assert word == "rest", word

    def fill(self, order, quantity):
        """Fill some of an order, at the far side of the market."""
        if not quantity:
            return
        sign = 1 if order["side"] == "buy" else -1
        price = self.prices[order["symbol"]] + sign
        order["filled"] += quantity
        order["spent"] += quantity * price
        self.positions[order["symbol"]] += sign * quantity
        self.cash -= sign * quantity * price
        self.fills.append(
            {"id": order["id"], "price": price, "quantity": quantity, "client": order["client"]}
            | {name: order[name] for name in ("symbol", "side")}
        )
        done = order["filled"] == order["quantity"]
        order["status"] = "Filled" if done else "PartiallyFilled"

    def on_status(self, id):
        """Tell about an order by the broker's id; the latest that had it."""
        if id not in self.by_id:
            return {"error": "order", "reason": f"no order {id}"}
        return self._told(self.by_id[id])

    def on_find(self, client):
        """Tell about the last order of a client id."""
        for order in reversed(self.orders):
            if order["client"] == client:
                return self._told(order)
        return {"none": True}

    def _told(self, order):
        self.step(order)
        return {name: value for name, value in order.items() if name != "script"}

    def on_open(self):
        """All that live."""
        return {"orders": [self._told(order) for order in self.orders if order["status"] in LIVE]}

    def on_cancel(self, id):
        """Cancel an order, if it is not too late."""
        order = self.by_id.get(id)
        if order is None or order["status"] not in LIVE:
            return {"error": "cancel", "reason": f"order {id} has ended"}
        order["status"] = "Cancelled"
        return {}

    def on_fills(self):
        """All fills."""
        return {"fills": self.fills}

    def on_report(self):
        """What a judge wants to know."""
        return {
            "positions": self.on_positions(),
            "cash": self.cash,
            "received": dict(self.received),
            "orders": [{k: v for k, v in order.items() if k != "script"} for order in self.orders],
        }

    def while_away(self, outcome):
        """Let happen to the last live order what may happen while nobody is connected."""
        if outcome == "ids":
            self.next_id = 1
            return
        for order in reversed(self.orders):
            if order["status"] in LIVE and outcome in ("part", "fill", "cancel"):
                order["script"].insert(0, outcome)
                self.step(order)
                return


class DirectWire:
    """A wire to a market in this process, on a virtual clock; cut at chosen messages.

    Every call is two messages, there and back; ``cuts`` are numbers of messages, counted from 1, that do not
    arrive. From then on nothing does until ``open``, which fails so often as ``refusals`` says. What happens
    to orders meanwhile is ``outcome``.
    """

    def __init__(self, market, cuts=(), outcome=None, refusals=0):
        self.market, self.outcome, self.refusals = market, outcome, refusals
        self.cuts = frozenset(cuts)
        self.messages = 0
        self.up = False
        self.was_cut = False
        self.log = []

    def open(self):
        """Connect."""
        if self.was_cut:
            if self.refusals:
                self.refusals -= 1
                raise ConnectionFailed("refused")
            self.market.while_away(self.outcome)
            self.was_cut = False
        self.up = True

    def call(self, request):
        """Send a message and wait for the answer."""
        self._message()
        self.log.append(request["do"])
        answer = self.market.handle(request)
        self._message()
        return json.loads(json.dumps(answer))

    def _message(self):
        if not self.up:
            raise ConnectionFailed("the line is down")
        self.messages += 1
        if self.messages in self.cuts:
            self.close()
            self.was_cut = True
            raise ConnectionFailed(f"cut at message {self.messages}")

    def close(self):
        """Hang up."""
        self.up = False


class SocketWire:
    """A wire to a ``serve`` in another process. ``before`` is called before each message, there and back."""

    def __init__(self, port, account, before=lambda: None):
        self.port, self.account, self.before = port, account, before
        self.socket = None

    def open(self):
        """Connect; refused while the bytes of an earlier connection of the account are not all read."""
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        if "error" in self.call({"do": "hello", "account": self.account}):
            self.close()
            raise ConnectionFailed("client id already in use")

    def call(self, request):
        """Send a message and wait for the answer."""
        self.before()
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
            self.before()
            while b"\n" not in self.buffer:
                data = self.socket.recv(65536)
                if not data:
                    raise ConnectionFailed("closed")
                self.buffer += data
        except OSError as error:
            if isinstance(error, ConnectionFailed):
                raise
            raise ConnectionFailed(str(error)) from None
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def close(self):
        """Hang up."""
        if self.socket is not None:
            self.socket.close()


class SimulatorBroker(BaseBroker):
    """The client: a broker as the rebalancer sees it."""

    in_flight_seconds = 0.0

    def __init__(self, wire, clock, in_flight_seconds=0.0):
        self.wire, self.clock = wire, clock
        self.in_flight_seconds = in_flight_seconds
        self.connected = False
        self.attempts = 0

    @property
    def is_connected(self):
        """Whether questions can be asked."""
        return self.connected

    def connect(self):
        """Connect."""
        self.attempts += 1
        self.wire.open()
        self.connected = True

    def disconnect(self):
        """Leave."""
        self.connected = False
        self.wire.close()

    def _call(self, do, **request):
        try:
            answer = self.wire.call({"do": do, **request})
        except ConnectionFailed:
            self.connected = False
            raise
        error = answer.get("error")
        if error == "symbol":
            raise UnknownInstrument(answer["reason"])
        if error == "rejected":
            raise OrderRejected(answer["reason"], answer["code"], request["client"])
        if error:
            raise (CancelRejected if error == "cancel" else OrderError)(answer["reason"])
        return answer

    def _positions(self):
        return [BrokerPosition(symbol, quantity) for symbol, quantity in self._call("positions").items()]

    def _account(self):
        told = self._call("account")
        return Account(told["equity"], told["cash"], told["cash"], told["gross"], "SIM")

    def _instrument(self, symbol):
        self._call("quote", symbol=symbol)
        return Instrument(symbol)

    def _quote(self, symbol):
        told = self._call("quote", symbol=symbol)
        return Quote(symbol, told["bid"], told["ask"], told["bid"], timestamp=self.clock.now())

    def _submit(self, order):
        try:
            told = self._call(
                "submit",
                symbol=order.symbol,
                side=order.side,
                quantity=order.quantity,
                limit=order.limit_price_cents,
                client=order.client_order_id,
            )
        except ConnectionFailed as error:
            raise OrderUnknown(str(error), order.client_order_id) from error
        return told["id"]

    def _order_status(self, order_id):
        return status_of(self._call("status", id=order_id))

    def _find_order(self, client_order_id):
        told = self._call("find", client=client_order_id)
        return None if "none" in told else status_of(told)

    def _open_orders(self):
        return [status_of(order) for order in self._call("open")["orders"]]

    def _executions(self):
        return [
            Execution(
                f"x{number}",
                fill["id"],
                fill["symbol"],
                fill["side"],
                fill["quantity"],
                fill["price"],
                fill["quantity"],  # a cent a share
                fill["client"],
            )
            for number, fill in enumerate(self._call("fills")["fills"])
        ]

    def _cancel(self, order_id):
        self._call("cancel", id=order_id)

    def _server_time(self):
        self._call("hello")
        return self.clock.now()


def status_of(told):
    """An order as the protocol has it."""
    return BrokerOrderStatus(
        told["id"],
        OrderState(told["status"]),
        told["filled"],
        told["quantity"] - told["filled"],
        told["spent"] // told["filled"] if told["filled"] else 0,
        told["symbol"],
        told["side"],
        told["client"],
    )


# In a process of its own


class Server:
    """Markets by account, and the connections to them; one thread."""

    def __init__(self):
        self.markets = {}
        self.held = {}  # account -> socket of the connection that has it
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.port = self.listener.getsockname()[1]

    def run(self):
        """Answer until standard input ends."""
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is self.listener:
                    self.accept()
                else:
                    self.read(key.fileobj, key.data)

    def accept(self):
        """Take a connection."""
        connection, _ = self.listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(connection, selectors.EVENT_READ, {"buffer": b"", "account": None})

    def read(self, connection, state):
        """Read what has come; a connection gives its account back when all of its bytes have been."""
        try:
            data = connection.recv(65536)
        except OSError:
            data = b""
        state["buffer"] += data
        *lines, state["buffer"] = state["buffer"].split(b"\n")
        for line in lines:
            answer = json.dumps(self.answer(connection, state, json.loads(line))).encode() + b"\n"
            with suppress(OSError):
                connection.sendall(answer)
        if not data:
            self.selector.unregister(connection)
            connection.close()
            if self.held.get(state["account"]) is connection:
                del self.held[state["account"]]

    def answer(self, connection, state, request):
        """Answer one message."""
        do = request.pop("do")
        if do == "new":
            account = request.pop("account")
            self.markets[account] = Market(**request)
            return {}
        if do == "report":
            return self.markets[request["account"]].on_report()
        if do == "drop":
            return {"dropped": self.markets.pop(request["account"], None) is not None}
        if do == "hello" and "account" in request:
            holder = self.held.setdefault(request["account"], connection)
            if holder is not connection:
                return {"error": "in use"}
            state["account"] = request["account"]
            return {}
        return self.markets[state["account"]].handle({"do": do, **request})


def start():
    """Start a server in a process that ends when its input does; gives the process and the port."""
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-m", "tests.rebalancer.simulator"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    return process, int(process.stdout.readline())


if __name__ == "__main__":
    server = Server()
    print(server.port, flush=True)
    server.run()
