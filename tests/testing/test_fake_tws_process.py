"""The fake in a process of its own, and at the command line."""

import json
import os
import signal
import subprocess
import sys

import pytest
from ib_async import LimitOrder, MarketOrder

from nanobook.cli import main
from nanobook.errors import ConnectionFailed, InvalidValue
from nanobook.testing import FakeTws, fake_tws_process
from tests.testing.tws_clients import Raw, play, stock, until

LOADING = "loading the matching engine ...\n"


@pytest.fixture(scope="module")
def tws(tmp_path_factory):
    quotes = tmp_path_factory.mktemp("fake") / "quotes.csv"
    quotes.write_text("symbol,bid,ask,name\nAAPL,184.90,185.10,APPLE INC\nBRK B,400,401,\n")
    positions = quotes.with_name("positions.json")
    positions.write_text('[{"symbol": "BRK B", "quantity": 3, "average_cost": 399.5}]')
    with fake_tws_process("--quotes", quotes, "--positions", positions, "--cash", "50000.5") as tws:
        yield tws


def test_the_real_client_trades_with_another_process(tws):
    async def scene(ib, tws):
        trade = ib.placeOrder(stock(), MarketOrder("BUY", 10, orderRef="r"))
        rests = ib.placeOrder(stock(), LimitOrder("BUY", 1, 100))
        await until(lambda: trade.isDone() and rests.orderStatus.status == "Submitted")
        assert trade.orderStatus.avgFillPrice == 185.1
        tws.set_quote("AAPL", bid=99.5, ask="99.95")
        await until(rests.isDone)

    play(scene, tws)
    assert tws.positions() == {"BRK B": 3, "AAPL": 11}
    assert [order["order_ref"] for order in tws.orders()] == ["r", ""]
    assert [done["quantity"] for done in tws.executions()] == [10, 1]
    assert tws.received()["placeOrder"] == 2
    assert [fields[0] for fields in tws.requests("placeOrder")] == ["3", "3"]


def test_controls_of_another_process(tws):
    tws.set_quote("BRK B", bid=410, ask=None)
    assert tws.values()["SettledCash"].replace(".", "").isdigit()
    perm_id = tws.place_by_hand("BRK B", "SELL", 1, limit=500)
    tws.cancel_order(perm_id, 'a "quoted" = text\nof two lines')
    assert tws.orders()[-1]["status"] == "Cancelled"
    tws.add_fault("reqCurrentTime", "lose", times=None)
    tws.clear_faults()
    tws.restart()
    with Raw(tws) as client:
        client.error(2158)
        tws.set_link("lost"), tws.set_link("restored")
        client.error(1102)
        tws.drop(client_id=1)
        assert client.read() is None


def test_errors_of_another_process(tws):
    with pytest.raises(InvalidValue, match=r"there is no 'APPL' \(did you mean 'AAPL'"):
        tws.set_quote("APPL", bid=1)
    with pytest.raises(InvalidValue, match="there is no such command"):
        tws._call("explode")
    assert repr(tws) == f"FakeTwsProcess(127.0.0.1:{tws.port}, pid {tws.pid})"


def test_a_process_that_does_not_start_tells_why(tmp_path):
    with pytest.raises(ConnectionFailed, match=r"did not start: nanobook: error: .*no\.csv"):  # noqa: SIM117
        with fake_tws_process("--quotes", tmp_path / "no.csv"):
            pass
    with FakeTws() as tws, pytest.raises(ConnectionFailed, match=f"port {tws.port}: "):  # noqa: SIM117
        with fake_tws_process("--port", tws.port):
            pass


def test_a_process_that_was_killed_is_told():
    with fake_tws_process() as tws:
        os.kill(tws.pid, signal.SIGKILL)
        with pytest.raises(ConnectionFailed, match="the fake has ended"):
            tws.orders()


def test_the_process_ends_with_whoever_started_it():
    code = (
        "from nanobook.testing import fake_tws_process; import os\n"
        "with fake_tws_process() as tws:\n    print(tws.pid, flush=True)\n    os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(2_000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if _zombie(pid):
            return
        signal.sigtimedwait([], 0.01)
    pytest.fail("the fake lives on")


def _zombie(pid):
    """Whether it has ended, and nobody has asked how."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


# The command


class Typed(list):
    """Lines as a terminal gives them."""

    def isatty(self):
        """It is one."""
        return True


def test_commands_at_a_terminal(monkeypatch, capsys):
    lines = ["orders\n", "\n", "set_quote SPY bid=1 ask=2\n", "set_quote SPI bid=1\n", "quit\n", "orders\n"]
    monkeypatch.setattr(sys, "stdin", Typed(lines))
    assert main(["fake-tws", "--port", "0"]) == 0
    told = capsys.readouterr()
    first, *answers = told.out.splitlines()
    assert first.startswith("fake TWS at 127.0.0.1:")
    assert first.endswith("account DU1234567: AAPL AMZN GOOG MSFT NVDA SPY")
    assert [json.loads(line) for line in answers] == [
        {"result": []},
        {"result": None},
        {"error": "symbol: there is no 'SPI' (did you mean 'SPY'?)"},
    ]
    assert told.err == LOADING


def test_ctrl_c_ends_it_in_peace():
    command = [sys.executable, "-m", "nanobook", "fake-tws", "--port", "0"]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline().startswith("fake TWS at")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", LOADING)
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--cash", "much"], "cash: 'much' is not a number"),
        (["--server-version", "3"], "server_version: 3; use 157 to 178"),
        (["--quotes", "no.csv"], "no.csv: No such file"),
        (["--positions", "no.csv"], "no.csv: No such file"),
        (["--port", "70000"], "port: 70000; use 0 (a free one) to 65535"),
    ],
)
def test_options_that_cannot_be(options, named, capsys):
    assert main(["fake-tws", *options]) == 2
    assert named in capsys.readouterr().err


BAD_WORDS = [
    lambda tws: tws.restart("x"),
    lambda tws: tws.restart(-1),
    lambda tws: tws.restart(0, next_id="x"),
    lambda tws: tws.restart(0, next_id=0),
    lambda tws: tws.place_by_hand("AAPL", 5, 1),
    lambda tws: tws.place_by_hand("AAPL", "BUY", "x"),
    lambda tws: tws.correct_execution(5, "x"),
    lambda tws: tws.set_link(["lost"]),
]


def test_a_command_of_wrong_words_is_told_and_ends_nothing():
    with fake_tws_process() as tws, Raw(tws) as client:
        client.error(2158)
        for wrong in BAD_WORDS:
            with pytest.raises(InvalidValue):
                wrong(tws)
        client.send(49, 1)
        assert client.read_until(49)  # nobody was cut
        assert tws.orders() == []
