"""``lob``: golden sessions of every row of its table, bad words, and the terminal round it."""

import io
import os
import pty
import select
import subprocess
import sys

import pytest

from nanobook import __version__
from nanobook.cli import lob
from nanobook.cli.lob import Session, run_line

HEAVY = ("numba", "numpy", "pandas", "matplotlib")
RULE = "  " + "─" * 30


def session_of(*lines):
    """Make a session that has heard these lines."""
    session = Session()
    for line in lines:
        run_line(session, line)
    return session


def said(*lines):
    """Give the answer to the last of the lines."""
    return run_line(session_of(*lines[:-1]), lines[-1])


# Orders


def test_limit_orders():
    session = Session()
    assert run_line(session, "sell 100.50 100") == [
        "Order #1: SELL 100 @ $100.50 GTC",
        "  Status: New (filled: 0, resting: 100, cancelled: 0)",
    ]
    assert run_line(session, "BUY 101 250 ioc") == [
        "Order #2: BUY 250 @ $101.00 IOC",
        "  Trades:",
        "    100 @ $100.50",
        "  Status: PartiallyFilled (filled: 100, resting: 0, cancelled: 150)",
    ]
    run_line(session, "buy 100.5 100")
    assert run_line(session, "sell 100.50 250 Gtc and more words") == [
        "Order #4: SELL 250 @ $100.50 GTC",
        "  Trades:",
        "    100 @ $100.50",
        "  Status: PartiallyFilled (filled: 100, resting: 150, cancelled: 0)",
    ]
    assert run_line(session, "buy 100.50 151 fok") == [
        "Order #5: BUY 151 @ $100.50 FOK",
        "  Status: Cancelled (filled: 0, resting: 0, cancelled: 151)",
    ]


def test_market_orders():
    session = session_of("sell 100.50 65", "sell 100.51 65")
    assert run_line(session, "market Buy 200") == [
        "Order #3: MARKET BUY 200",
        "  Trades:",
        "    65 @ $100.50",
        "    65 @ $100.51",
        "  Avg price: $100.5050",
        "  Status: PartiallyFilled (filled: 130, cancelled: 70)",
    ]
    assert run_line(session, "market s 5") == [
        "Order #4: MARKET SELL 5",
        "  Status: Cancelled (filled: 0, cancelled: 5)",
    ]


def test_cancels():
    session = session_of("buy 100 100", "buy 100 5")
    assert run_line(session, "cancel 1") == ["Cancelled order #1 (100 shares)"]
    assert run_line(session, "C +2") == ["Cancelled order #2 (5 shares)"]
    assert run_line(session, "c 1") == ["Failed to cancel order #1: Some(OrderNotActive)"]
    assert run_line(session, "c 99") == ["Failed to cancel order #99: Some(OrderNotFound)"]


def test_stop_orders():
    session = session_of("sell 105.00 10", "sell 106 10")
    assert run_line(session, "stop buy 105 100") == [
        "Stop order #3: BUY stop-market @ $105.00 for 100",
        "  Status: Pending",
    ]
    assert run_line(session, "stoplimit s 95 94.5 100 ioc") == [
        "Stop-limit order #4: SELL stop@$95.00 limit@$94.50 for 100 IOC",
        "  Status: Pending",
    ]
    assert run_line(session, "stoplimit sell 95 94.5 7") == [
        "Stop-limit order #5: SELL stop@$95.00 limit@$94.50 for 7 GTC",
        "  Status: Pending",
    ]
    assert run_line(session, "status 3") == [
        "Stop order #3:",
        "  Side:       Buy",
        "  Stop price: $105.00",
        "  Quantity:   100",
        "  Status:     Pending",
        "  TIF:        GTC",
    ]
    assert run_line(session, "s 4") == [
        "Stop order #4:",
        "  Side:       Sell",
        "  Stop price: $95.00",
        "  Limit price: $94.50",
        "  Quantity:   100",
        "  Status:     Pending",
        "  TIF:        IOC",
    ]
    run_line(session, "market buy 10")
    assert run_line(session, "s 3")[4] == "  Status:     Triggered"
    assert run_line(session, "c 4") == ["Cancelled order #4 (100 shares)"]
    assert run_line(session, "s 4")[5] == "  Status:     Cancelled"
    assert run_line(session, "stop buy 1 1")[1] == "  Status: Triggered"


def test_status_of_orders():
    session = session_of("sell 100.50 100", "buy 100.5 100 fok", "buy 99 5", "sell 99 2 ioc")
    assert run_line(session, "status 2") == [
        "Order #2:",
        "  Side:      Buy",
        "  Price:     $100.50",
        "  Quantity:  100 (filled: 100, remaining: 0)",
        "  Status:    Filled",
        "  TIF:       FOK",
    ]
    assert run_line(session, "S 3")[3:5] == [
        "  Quantity:  5 (filled: 2, remaining: 3)",
        "  Status:    PartiallyFilled",
    ]
    assert run_line(session, "s 99") == ["Order #99 not found"]
    assert run_line(session, "s 0") == ["Order #0 not found"]


# The book and its trades


def test_an_empty_book():
    assert said("book") == ["", "            ORDER BOOK", RULE, "  (empty)", ""]


def test_a_book():
    session = session_of(
        "sell 101 49", "sell 100.5 50", "sell 100.5 100", "buy 100 5000", "buy 99.99 1234567"
    )
    assert run_line(session, "B") == [
        "",
        "            ORDER BOOK",
        RULE,
        "  ASK $  101.00      49                        (1 orders)",
        "  ASK $  100.50     150  ███                   (2 orders)",
        "  ─────── spread: $0.50 ───────",
        "  BID $  100.00    5000  ████████████████████  (1 orders)",
        "  BID $   99.99  1234567  ████████████████████  (1 orders)",
        "",
    ]


def test_a_book_of_one_side_shows_ten_levels():
    lines = said(*[f"buy {price} 50" for price in range(1, 13)], "book")
    assert lines[3] == "  ─────── (no spread) ───────"
    assert lines[4] == "  BID $   12.00      50  █                     (1 orders)"
    assert len(lines) == 3 + 1 + 10 + 1


def test_no_trades():
    assert said("trades") == ["No trades yet."]


def test_trades_newest_first():
    assert said("sell 100.50 100", "buy 100.5 30", "buy 99 5", "market sell 2", "t") == [
        "",
        "  TRADE HISTORY (2 trades)",
        "  " + "─" * 42,
        "    ID       Price       Qty   Buyer → Seller",
        "     2  $    99.00         2       3 →      4",
        "     1  $   100.50        30       2 →      1",
        "",
    ]


def test_twenty_trades_are_shown():
    lines = said("sell 1 25", *["buy 1 1"] * 25, "trades")
    assert lines[1] == "  TRADE HISTORY (25 trades)"
    assert lines[4] == "    25  $     1.00         1      26 →      1"
    assert lines[-3:] == ["     6  $     1.00         1       7 →      1", "  ... and 5 more", ""]
    assert said("sell 1 25", *["buy 1 1"] * 20, "t")[-2].startswith("     1 ")


# The session


@pytest.mark.parametrize("line", ["", "   ", "\t"])
def test_empty_lines_are_ignored(line):
    assert said(line) == []


@pytest.mark.parametrize("line", ["quit", "EXIT", "q", "q now"])
def test_leaving(line):
    session = Session()
    assert run_line(session, line) == ["Goodbye!"]
    assert session.over


@pytest.mark.parametrize("line", ["help", "h", "?", "Help me"])
def test_help_lists_every_command(line):
    text = "\n".join(said(line))
    for name in lob.COMMANDS:
        assert f"  {name} " in text
    for alias in lob.ALIASES:
        assert f" {alias}," in text or f" {alias})" in text or f"({alias}" in text
    assert max(map(len, text.splitlines())) < 80


def test_clear():
    session = session_of("buy 1 1")
    assert run_line(session, "clear") == ["Book cleared."]
    assert run_line(session, "buy 1 1")[0].startswith("Order #1")


def test_save_and_load(tmp_path):
    path = tmp_path / "session.jsonl"
    session = session_of("sell 100 5", "buy 100 2", "stop sell 90 1")
    assert run_line(session, f"save {path}") == [f"Saved to {path}"]
    other = session_of("buy 1 1")
    assert run_line(other, f"load {path}") == [f"Loaded from {path}"]
    assert other.book.digest() == session.book.digest()
    assert run_line(other, "buy 1 1")[0].startswith("Order #4")


def test_a_failed_load_keeps_the_book(tmp_path):
    session = session_of("buy 1 1")
    (answer,) = run_line(session, f"load {tmp_path}/none")
    assert answer.startswith("Load failed: ")
    (tmp_path / "bad").write_text("{]\n")
    (answer,) = run_line(session, f"load {tmp_path}/bad")
    assert answer.startswith("Load failed: ")
    assert session.book.best_bid() == 100


def test_a_failed_save_says_why(tmp_path):
    (answer,) = said("buy 1 1", f"save {tmp_path}/no/such/folder")
    assert answer.startswith("Save failed: ")


# Bad words


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("buy", "buy <price> <qty> [ioc|fok]"),
        ("SELL 100", "sell <price> <qty> [ioc|fok]"),
        ("market buy", "market <buy|sell> <qty>"),
        ("stop buy 100", "stop <buy|sell> <stop_price> <qty>"),
        ("stoplimit buy 1 2", "stoplimit <buy|sell> <stop_price> <limit_price> <qty> [ioc|fok]"),
        ("cancel", "cancel <order_id>"),
        ("c", "cancel <order_id>"),
        ("s", "status <order_id>"),
        ("save", "save <path>"),
        ("load", "load <path>"),
    ],
)
def test_too_few_words(line, usage):
    assert said(line) == [f"Usage: {usage}"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("buy X 1", "Invalid price: 'X'"),
        ("buy X Y Z", "Invalid price: 'X'"),
        ("buy 1 Y Z", "Invalid quantity: 'Y'"),
        ("buy 1 1 DAY", "Unknown TIF: 'day'. Use gtc, ioc, or fok."),
        ("market HOLD 1", "Invalid side: 'hold'. Use buy or sell."),
        ("market hold x", "Invalid side: 'hold'. Use buy or sell."),
        ("market buy 1.0", "Invalid quantity: '1.0'"),
        ("stop up 1 1", "Invalid side: 'up'. Use buy or sell."),
        ("stop b 1x 1", "Invalid stop price: '1x'"),
        ("stop b 1 -1", "Invalid quantity: '-1'"),
        ("stoplimit b x y 1", "Invalid stop price: 'x'"),
        ("stoplimit b 1 Y 1", "Invalid limit price: 'Y'"),
        ("stoplimit b 1 1 1 Never", "Unknown TIF: 'never'. Use gtc, ioc, or fok."),
        ("cancel #1", "Invalid order ID: '#1'"),
        ("status -1", "Invalid order ID: '-1'"),
        ("FOO bar", "Unknown command: 'foo'. Type 'help' for commands."),
    ],
)
def test_bad_words(line, answer):
    assert said(line) == [answer]


@pytest.mark.parametrize(
    "word", ["0", "-1", "-0.0", "1_0", "nan", "inf", "-inf", "infinity", "1e20", "1e400", "1e-400"]
)
@pytest.mark.parametrize("word_", ["{}", "+{}"])
def test_c029_prices_that_are_none(word, word_):
    word = word_.format(word)
    session = Session()
    assert run_line(session, f"buy {word} 1") == [f"Invalid price: '{word}'"]
    assert session._book is None


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("1e1", "$10.00"),
        (".5", "$0.50"),
        ("5.", "$5.00"),
        ("+7", "$7.00"),
        ("0.004", "$0.00"),
        ("0.005", "$0.01"),
        ("100.004999", "$100.00"),
        ("0.0049999999999999996", "$0.00"),
        ("1.125", "$1.13"),
    ],
)
def test_prices_are_rounded_to_cents(word, shown):
    assert said(f"buy {word} 1")[0] == f"Order #1: BUY 1 @ {shown} GTC"


@pytest.mark.parametrize("word", ["0", "1e3", "1_0", "²", "+", "", "9" * 19, "9" * 5000, str(2**62 + 1)])
def test_c028_quantities_that_are_none(word):
    assert said(f"market buy {word or '-'}") == [f"Invalid quantity: '{word or '-'}'"]


def test_c030_an_overflow_is_refused():
    session = Session()
    (answer,) = run_line(session, "buy 1e15 1000000")
    assert "outside int64" in answer
    assert said(f"status {2**63}") == [f"Invalid order ID: '{2**63}'"]
    assert said("market buy " + "0" * 6000 + "5")[0] == "Order #1: MARKET BUY 5"


# The terminal


def lob_process(text, *argv, env=None):
    """Run ``lob`` on this input."""
    command = [sys.executable, "-c", "import sys; from nanobook.cli.lob import main; sys.exit(main())", *argv]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})}
    return subprocess.run(command, input=text, capture_output=True, timeout=120, env=environment)


def test_a_session_from_a_pipe():
    done = lob_process(b"\nbook\nQUIT\nbook\n")
    assert (done.returncode, done.stderr) == (0, b"")
    book = "\n".join(["", "            ORDER BOOK", RULE, "  (empty)", ""])
    assert done.stdout.decode() == (
        "Limit Order Book CLI v0.2.0\nType 'help' for commands, 'quit' to exit.\n\n"
        f"lob> lob> {book}\nlob> Goodbye!\n"
    )


def test_the_end_of_the_input_is_goodbye():
    done = lob_process("help\n\xff\n".encode("latin-1"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().endswith(
        "Unknown command: '\ufffd'. Type 'help' for commands.\nlob> Goodbye!\n"
    )


def test_an_output_without_these_letters_gets_question_marks():
    done = lob_process(b"book\n", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"  " + b"?" * 30 in done.stdout


def test_a_reader_that_stops_early_is_no_error():
    command = f"{sys.executable} -c 'from nanobook.cli.lob import main; main()' | head -1"
    lines = "help\n" * 20000
    done = subprocess.run(["sh", "-c", command], input=lines, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("Limit Order Book CLI v0.2.0\n", "")


@pytest.mark.parametrize("argv", [["--help"], ["--version"]])
def test_help_and_version(argv, capsys):
    with pytest.raises(SystemExit) as stop:
        lob.main(argv)
    assert stop.value.code == 0
    assert ("usage: lob" if argv == ["--help"] else f"lob {__version__}\n") in capsys.readouterr().out


def test_nothing_heavy_is_loaded_before_the_first_order():
    code = (
        "import sys\nfrom nanobook.cli import lob\nsession = lob.Session()\n"
        "for line in ('help', 'buy', 'foo', '', 'clear', 'quit'):\n    lob.run_line(session, line)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_ctrl_c_gives_up_the_line(monkeypatch, capsys):
    typed = iter([KeyboardInterrupt(), "help", EOFError()])

    def type_(prompt):
        word = next(typed)
        if isinstance(word, BaseException):
            raise word
        return word

    monkeypatch.setattr("builtins.input", type_)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert lob.main([]) == 0
    out = capsys.readouterr().out
    assert out.count("Commands (prices in dollars") == 1
    assert out.endswith("Goodbye!\n")


def typed(words, env):
    """What ``lob`` writes to a terminal on which each of these is typed at a prompt."""
    master, terminal = pty.openpty()
    command = [sys.executable, "-c", "from nanobook.cli.lob import main; main()"]
    process = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env={**os.environ, "TERM": "dumb", **env}
    )
    os.close(terminal)
    shown, waiting = b"", list(words)
    try:
        while select.select([master], [], [], 30)[0]:
            shown += os.read(master, 4096)
            if waiting and shown.endswith(b"lob> "):
                os.write(master, waiting.pop(0).encode())
    except OSError:  # the other end is closed
        assert process.wait(30) == 0
        return shown.decode()
    finally:
        process.kill()
        process.wait()
        os.close(master)
    raise AssertionError(f"lob says no more after {shown!r}")


def test_history_is_kept_between_sessions(tmp_path):
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert "Goodbye!" in typed(["foo\n", "quit\n"], env)
    assert "Goodbye!" in typed(["bar\n", "\x04"], env)
    (kept,) = (tmp_path / "state" / "nanobook").iterdir()
    assert kept.name == "lob_history"
    assert kept.read_text().split() == ["foo", "quit", "bar"]


def test_without_a_place_for_history_there_is_none(tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    shown = typed(["foo\n", "quit\n"], {"XDG_STATE_HOME": str(tmp_path / "state")})
    assert "lob: no history: " in shown
    assert "Goodbye!" in shown
