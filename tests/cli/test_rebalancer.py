"""``rebalancer``: the whole story on paper, and every bad input with its exit code and no side effect."""

import io
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from nanobook.cli.rebalancer import main
from nanobook.rebalancer.stopping.lock import RunLock
from nanobook.rebalancer.storage import SystemStorage
from tests.rebalancer.files import IBKR, RISK, target_text, write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that ``init`` has filled, and that we stand in."""
    for name in os.environ:
        if name.startswith("NANOBOOK_") and name != "NANOBOOK_DATA":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    return tmp_path


@pytest.fixture
def opened(monkeypatch):
    """Kinds of the brokers that were opened; none works."""
    kinds = []

    def open_broker(kind, *args, **options):
        kinds.append(kind)
        return Untouchable()

    monkeypatch.setattr("nanobook.broker.registry.open_broker", open_broker)
    return kinds


class Untouchable:
    """A broker that must not be asked anything."""

    def disconnect(self):
        """Allowed."""

    def __getattr__(self, name):
        raise AssertionError(f"the broker was asked for {name}")


def contents(folder):
    """Every file below a folder with its bytes; the lock says who looked last, and does not count."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def retarget(folder, weights=(("AAPL", 0.2),), **more):
    """Write another target."""
    return write(folder / "target.json", target_text(weights, **more))


def positions(capsys):
    """Quantities by symbol, as the command tells them."""
    capsys.readouterr()
    assert main(["--json", "positions"]) == 0
    return {row["symbol"]: row["quantity"] for row in json.loads(capsys.readouterr().out)}


def refused(argv, code, capsys, *told, out=""):
    """Run a command that must fail; checks what it says, and that it gives no data unless ``out`` is None."""
    capsys.readouterr()
    assert main(argv) == code
    given, err = capsys.readouterr()
    assert out is None or given == out
    for text in told:
        assert text in err
    return err


# The whole story


def test_the_whole_story_on_paper(folder, capsys):
    capsys.readouterr()
    assert main(["check", "target.json"]) == 0
    assert "target.json: good, 3 targets" in capsys.readouterr().out
    assert main(["run", "target.json", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "[DRY RUN] No orders submitted." in out
    assert "commission +" in out
    assert positions(capsys) == {}
    assert main(["run", "target.json", "--force"]) == 0
    out, err = capsys.readouterr()
    assert "[1/3] BUY 108 AAPL @ $185.09 ... FILLED" in err
    assert "Tracking error: " in out
    assert positions(capsys) == {"AAPL": 108, "MSFT": 60, "SPY": 45}
    assert main(["reconcile", "target.json"]) == 0
    assert main(["reconcile", "--json", "target.json"]) == 0
    table, _, data = capsys.readouterr().out.partition("%\n{")
    assert table.splitlines()[-1].startswith("Tracking error: 0.")
    assert json.loads("{" + data)["within_one_lot"] is True
    assert main(["audit", "verify", "logs/audit.jsonl"]) == 0
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "Kill switch     off" in out
    assert "Last run        2" in out
    assert out.endswith(": done\n")
    before = contents(folder / "logs")
    assert main(["run", "target.json", "--force"]) == 0  # c061: executed before
    assert "already_done: 0 submitted" in capsys.readouterr().out
    assert contents(folder / "logs") == before
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder / "logs").iterdir()}
    assert set(modes.values()) == {0o600}
    assert (folder / "logs").stat().st_mode & 0o777 == 0o700


def test_a_second_target_sells_before_it_buys(folder, capsys):
    assert main(["run", "target.json", "--cron-mode"]) == 0
    retarget(folder, [("SPY", 0.25), ("GOOG", 0.25)], close_missing=True)
    with open(folder / "quotes.csv", "a", encoding="utf-8") as file:
        file.write("GOOG,99.99,100.01,100\n")
    capsys.readouterr()
    assert main(["run", "--json", "target.json", "--force"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["outcome"] == "done"
    assert [(row["action"], row["symbol"], row["status"]) for row in data["orders"]] == [
        ("SELL", "AAPL", "Filled"),
        ("SELL", "MSFT", "Filled"),
        ("BUY", "GOOG", "Filled"),
    ]
    assert positions(capsys) == {"GOOG": 249, "SPY": 45}


def test_in_a_process_of_its_own(folder):
    def run(*argv):
        code = "import sys; from nanobook.cli.rebalancer import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", code, *argv],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )

    asked = run("run", "target.json")
    assert (asked.returncode, "say --force" in asked.stderr) == (2, True)
    done = run("run", "target.json", "--force")
    assert done.returncode == 0, done.stderr
    assert "3 submitted, 3 filled, 0 failed" in done.stdout
    assert run("reconcile", "target.json").returncode == 0


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["run", "--help"], ["audit", "verify", "none.jsonl"]]
)
def test_nothing_heavy_is_loaded_to_help(argv, tmp_path):
    code = (
        "import sys; from nanobook.cli.rebalancer import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'numba', 'pandas', 'asyncio', 'cvxpy', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *argv], check=True, capture_output=True, cwd=tmp_path
    )


def test_cron_says_little_and_is_recorded(folder, capsys):
    capsys.readouterr()
    assert main(["run", "target.json", "--cron-mode"]) == 0
    assert "FILLED" not in capsys.readouterr().err
    write(folder / "target.json", "")
    refused(["run", "target.json", "--cron-mode"], 2, capsys)
    retarget(folder, [("AAPL", 0.2)])
    refused(["run", "target.json", "--cron-mode"], 2, capsys, "held, but no target")
    events = [json.loads(line)["event"] for line in (folder / "logs/audit.jsonl").read_text().splitlines()]
    assert [event for event in events if event.startswith("cron")] == [
        "cron_start",
        "cron_completed",
        "cron_start",
    ]


def test_progress_on_a_terminal(monkeypatch):
    from nanobook.cli.rebalancer.progress import Progress

    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    progress = Progress()
    progress({"event": "diff_computed", "orders": [{"symbol": "A"}, {"symbol": "B"}]})
    order = {"action": "BUY", "shares": 5, "limit": "1.00", "symbol": "A", "client_order_id": "a"}
    progress({"event": "order_intent", **order})
    assert screen.getvalue() == "[1/2] BUY 5 A @ $1.00 ... "
    progress({"event": "order_cut", "symbol": "B", "reason": "no money"})
    progress({"event": "order_filled", "client_order_id": "a", "status": "PartialFill", "filled": 3})
    progress({"event": "order_intent", **order, "symbol": "B", "client_order_id": "b"})
    progress({"event": "order_failed", "client_order_id": "b", "reason": "halted\x1b[2J"})
    assert screen.getvalue().splitlines() == [
        "[1/2] BUY 5 A @ $1.00 ... ",
        "B: no money",
        "[1/2] BUY 5 A @ $1.00 ... PARTIAL 3/5",
        "[2/2] BUY 5 B @ $1.00 ... FAILED: halted\\x1b[2J",
    ]


class Screen(io.StringIO):
    """A terminal to look at."""

    def isatty(self):
        """Say that somebody looks."""
        return True


def test_the_prompt_and_no(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", Typed("n\n"))
    assert main(["run", "target.json"]) == 0
    out, err = capsys.readouterr()
    assert "Execute? [y/N]" in err
    assert "Declined: no orders submitted." in out
    assert positions(capsys) == {}
    for answer in ("", "\n", "yess\n"):
        monkeypatch.setattr("sys.stdin", Typed(answer))
        assert main(["run", "target.json"]) == 0
        assert "Declined" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", Typed("Y\n"))
    assert main(["run", "target.json"]) == 0
    assert "3 filled" in capsys.readouterr().out


class Typed:
    """A terminal at which somebody types."""

    def __init__(self, text):
        self.text = text

    def isatty(self):
        """Say that somebody is there."""
        return True

    def readline(self):
        """Give what was typed."""
        return self.text


class Interrupted(Typed):
    """A terminal at which somebody presses Ctrl-C instead of answering, twice if need be."""

    def readline(self):
        """Be interrupted."""
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return self.text


def test_c071_ctrl_c_at_the_prompt_ends_the_run_and_is_no_kill_switch(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", Interrupted("y\n"))
    refused(["run", "target.json"], 130, capsys, "SIGINT: stopped before any order", out=None)
    assert not (folder / "logs" / "kill").exists()
    assert positions(capsys) == {}
    assert main(["run", "target.json", "--force"]) == 0
    assert positions(capsys) == {"AAPL": 108, "MSFT": 60, "SPY": 45}


@pytest.mark.parametrize("stdin", [None, io.StringIO("y\n")])
def test_without_a_terminal_nobody_is_asked(folder, capsys, monkeypatch, stdin):
    monkeypatch.setattr("sys.stdin", stdin)
    refused(["run", "target.json"], 2, capsys, "nobody can be asked", out=None)
    assert positions(capsys) == {}


class Gone(io.StringIO):
    """A terminal that was closed, or a pipe that nobody reads any more."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def isatty(self):
        """Say that it was a terminal."""
        return True

    def write(self, text):
        """Fail as the system does."""
        raise self.error


@pytest.mark.parametrize(
    "stderr", [None, Gone(BrokenPipeError(32, "Broken pipe")), Gone(OSError(5, "Input/output error"))]
)
def test_c071_a_run_goes_on_when_nobody_hears_of_it(folder, capsys, monkeypatch, stderr):
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", stderr)
        assert main(["run", "target.json", "--force"]) == 0
    assert "audit trail:" not in capsys.readouterr().out  # that is said, and no data
    assert positions(capsys) == {"AAPL": 108, "MSFT": 60, "SPY": 45}
    assert main(["status"]) == 0
    assert capsys.readouterr().out.endswith(": done\n")


def test_a_plan_that_nobody_reads_is_executed_if_nobody_was_to_be_asked(folder, capsys, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", Gone(OSError(28, "No space left on device")))
        assert main(["run", "target.json"]) == 3
    assert positions(capsys) == {}
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", Gone(OSError(28, "No space left on device")))
        assert main(["run", "target.json", "--force"]) == 3  # its report did not get out
    assert positions(capsys) == {"AAPL": 108, "MSFT": 60, "SPY": 45}


def test_init_overwrites_nothing(folder, capsys):
    before = contents(folder)
    refused(["init"], 2, capsys, "config.toml, target.json, quotes.csv already there; nothing was written")
    (folder / "config.toml").unlink()
    refused(["init"], 2, capsys, "target.json, quotes.csv already there")
    assert not (folder / "config.toml").exists()
    assert main(["init", "sub/folder"]) == 0
    assert (folder / "sub/folder/config.toml").stat().st_mode & 0o777 == 0o600
    assert before[next(path for path in before if path.name == "quotes.csv")]


def test_init_leaves_nothing_if_it_fails(tmp_path, monkeypatch):
    from nanobook.cli.rebalancer import init

    texts = {"a": "1", "b": "2", "b/c": "3"}
    with pytest.raises(OSError, match="Not a directory"):
        init.write_all(tmp_path / "x", texts)
    assert list((tmp_path / "x").iterdir()) == []


# Row by row


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RISK.replace("max_position_pct", "max_postion_pct"), "did you mean 'max_position_pct'?"),
        (RISK.replace("1.5", "true"), "risk.max_leverage: takes a number"),
        (RISK.replace("max_leverage = 1.5", ""), "risk.max_leverage: missing"),
        (RISK + "min_trade_usd = 200000", "risk.min_trade_usd"),
        (RISK + "[broker]\nlive = true", "broker.live"),
        (RISK + '[broker]\napi_key = "canary"', "secrets do not belong"),
    ],
    ids=["c057", "c058", "c059", "c060", "c070", "c072"],
)
def test_c057_c058_c059_c060_c070_c072_config_refused(folder, capsys, opened, text, told):
    write(folder / "config.toml", text)
    before = contents(folder)
    for argv in (["run", "target.json", "--force"], ["status"], ["kill"], ["recover", "target.json"]):
        err = refused(argv, 2, capsys, "Error loading config: ", told)
        assert "canary" not in err
    assert opened == []
    assert contents(folder) == before


def hours_from_now(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (lambda: target_text([("A", 1)], hours_from_now(-25)), "25.0 hours old"),
        (lambda: target_text([("A", 1)], hours_from_now(3)), "3.0 hours in the future"),
        (lambda: target_text([("A", 1)], "2026-02-08T15:30:00"), "has no time zone"),
        (lambda: '{"timestamp": NaN}', "NaN is no number"),
        (lambda: target_text([("A", 0.1), ("A", 0.1), ("b", 0.1), ("C", 0)]), "3 faults"),
    ],
    ids=["c061", "c062", "c062_zone", "c063", "c064"],
)
def test_c061_c062_c063_c064_target_refused(folder, capsys, opened, text, told):
    write(folder / "target.json", text())
    refused(["run", "target.json", "--force"], 2, capsys, "Error loading target: ", told)
    assert "A" not in str(opened)
    kept = {path.name for path in contents(folder)}
    assert kept <= {"config.toml", "target.json", "quotes.csv", "audit.jsonl", "audit.head", "lock"}


def test_c064_two_hundred_symbols(folder, capsys):
    symbols = [f"S{n}" for n in range(200)]
    retarget(folder, [(symbol, 0.004) for symbol in symbols])
    lines = "".join(f"{symbol},10,10,10\n" for symbol in symbols)
    write(folder / "quotes.csv", "symbol,bid,ask,last\n" + lines)
    refused(["run", "target.json", "--force"], 5, capsys, "\nAborted: 200 orders, more than")
    assert positions(capsys) == {}


def test_c065_the_target_changes_after_it_was_read(folder, capsys, monkeypatch):
    class Swaps(Typed):
        def readline(self):
            retarget(folder, [("SPY", 0.9)])
            return "y\n"

    retarget(folder, [("AAPL", 0.2)])
    monkeypatch.setattr("sys.stdin", Swaps(""))
    assert main(["run", "target.json"]) == 0
    assert positions(capsys) == {"AAPL": 108}


def test_c066_a_position_that_is_no_target(folder, capsys):
    assert main(["run", "target.json", "--force"]) == 0
    retarget(folder, [("AAPL", 0.2)])
    refused(["run", "target.json", "--force"], 2, capsys, "held, but no target: MSFT, SPY", "close_missing")
    assert len(positions(capsys)) == 3
    retarget(folder, [("AAPL", 0.2)], close_missing=False)
    assert main(["run", "target.json", "--force"]) == 0
    assert "left alone" in capsys.readouterr().out
    assert len(positions(capsys)) == 3
    retarget(folder, [("AAPL", 0.2)], close_missing=True)
    assert main(["run", "target.json", "--force"]) == 0
    assert positions(capsys) == {"AAPL": 108}


def test_c067_files_that_cannot_be_trusted(folder, capsys, opened):
    (folder / "link.json").symlink_to(folder / "target.json")
    os.mkfifo(folder / "pipe.json")
    for name, told in (
        ("link.json", "is a link"),
        ("pipe.json", "pipe"),
        (".", "is a folder"),
        ("no.json", "no such file"),
    ):
        refused(["run", name, "--force"], 2, capsys, "Error loading target: ", told)
    os.chmod(folder / "target.json", 0o666)
    refused(["run", "target.json", "--force"], 2, capsys, "chmod 644")
    os.chmod(folder / "config.toml", 0o666)
    refused(["run", "target.json", "--force"], 2, capsys, "chmod 640")
    assert opened == []
    assert not (folder / "logs").exists()


@pytest.mark.parametrize("where", ["logs is a file", "name too long"])
def test_c068_no_place_for_the_audit_trail(folder, capsys, opened, where):
    if where == "logs is a file":
        write(folder / "logs", "")
        argv = []
    else:
        argv = ["--set", f"logging.dir={'x' * 300}"]
    refused([*argv, "run", "target.json", "--force"], 3, capsys, "Error: ")
    assert set(opened) <= {"paper"}


@pytest.mark.parametrize("number", [28, 30, 122])  # ENOSPC, EROFS, EDQUOT
def test_c068_a_full_disk(folder, capsys, monkeypatch, number):
    def fails(self, handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(SystemStorage, "sync", fails)
    refused(["run", "target.json", "--force"], 3, capsys, os.strerror(number))
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert positions(capsys) == {}


def test_c068_a_folder_that_is_not_ascii(folder, capsys):
    assert main(["init", "Zürich 目標"]) == 0
    os.chdir(folder / "Zürich 目標")
    assert main(["run", "target.json", "--force"]) == 0
    assert "3 filled" in capsys.readouterr().out


def test_c069_a_second_run(folder, capsys, opened):
    with RunLock(folder / "logs"):
        before = contents(folder)
        refused(["run", "target.json", "--force"], 4, capsys, f"process {os.getpid()} on ", "begun 20")
        assert contents(folder) == before


def test_c070_live_on_one_side_only(folder, capsys, opened):
    refused(["run", "target.json", "--force", "--live"], 2, capsys, "--live: broker.live is false")
    text = RISK + IBKR.replace('"ibkr"', '"ibkr"\nlive = true').replace("7497", "4001").replace("DU", "U")
    write(folder / "config.toml", text)
    refused(["run", "target.json", "--force"], 2, capsys, "say --live, too")
    refused(["recover", "target.json"], 2, capsys, "say --live, too")
    assert opened == []
    assert not (folder / "logs").exists()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_c071_a_signal_stops_a_run(folder, capsys, monkeypatch, name):
    class Signals(Typed):
        def readline(self):
            signal.raise_signal(getattr(signal, name))
            return "y\n"

    monkeypatch.setattr("sys.stdin", Signals(""))
    capsys.readouterr()
    assert main(["run", "target.json"]) == 130
    assert name in capsys.readouterr().err
    assert positions(capsys) == {}
    assert main(["run", "target.json", "--force"]) == 0  # goes on
    assert len(positions(capsys)) == 3


def test_c071_a_second_ctrl_c_turns_the_kill_switch_on(folder, capsys, monkeypatch):
    def begin(self, record):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("nanobook.cli.rebalancer.progress.Progress.begin", begin)
    assert main(["run", "target.json", "--force"]) == 8
    assert positions(capsys) == {}
    refused(["run", "target.json", "--force"], 8, capsys, "kill switch is on")


def test_c072_variables(folder, capsys, opened, monkeypatch):
    monkeypatch.setenv("NANOBOOK_EXECUTION_ORDER_TIMEOUT_SECS", " canary")
    err = refused(
        ["run", "target.json"], 2, capsys, "NANOBOOK_EXECUTION_ORDER_TIMEOUT_SECS: not a whole number"
    )
    assert "canary" not in err
    assert opened == []


def test_c089_c095_kill_and_clear(folder, capsys, opened):
    (folder / "logs").mkdir(mode=0o700)
    write(folder / "logs" / "kill", "")
    refused(["run", "target.json", "--force"], 8, capsys, "kill switch is on")
    refused(["recover", "target.json"], 8, capsys, "kill switch is on")
    refused(["kill", "--clear"], 2, capsys, "--reason: say why")
    assert (folder / "logs" / "kill").exists()
    assert main(["kill", "--clear", "--reason", "looked at it"]) == 0
    assert not (folder / "logs" / "kill").exists()
    assert main(["kill", "--clear", "--reason", "again"]) == 0
    assert "was not on" in capsys.readouterr().out


def test_kill_is_sticky_and_told(folder, capsys):
    capsys.readouterr()
    assert main(["kill", "--reason", "wrong target", "--timeout-secs", "5"]) == 0
    assert "confirmed    by the broker" in capsys.readouterr().out
    assert main(["status"]) == 0
    assert "ON since" in capsys.readouterr().out
    refused(["kill", "--timeout-secs", "soon"], 2, capsys, "kill.timeout_secs: not a number")


def test_c097_an_audit_trail_that_was_changed(folder, capsys):
    assert main(["run", "target.json", "--force"]) == 0
    path = folder / "logs" / "audit.jsonl"
    text = path.read_bytes().replace(b'"AAPL"', b'"AAPX"', 1)
    write(path, text)
    assert main(["audit", "verify", "logs/audit.jsonl"]) == 9
    retarget(folder, [("AAPL", 0.1)], close_missing=True)
    before = contents(folder)
    refused(["run", "target.json", "--force"], 9, capsys, "record ")
    assert contents(folder) == before


def test_errors_as_json(folder, capsys):
    (folder / "config.toml").unlink()
    capsys.readouterr()
    assert main(["--json", "status"]) == 2
    out, err = capsys.readouterr()
    data = json.loads(out)
    assert (data["error"], data["exit_code"]) == ("ConfigError", 2)
    assert data["message"] in err.replace("Error loading config: ", "")


def test_a_fault_of_the_program_is_seen_as_it_is(folder, monkeypatch):
    monkeypatch.setattr("nanobook.rebalancer.settings.config.load_config", lambda *a, **b: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["status"])


def test_reconcile_tells_what_is_off(folder, capsys):
    capsys.readouterr()
    assert main(["reconcile", "target.json"]) == 7
    assert capsys.readouterr().out.count(" off\n") == 3


@pytest.fixture
def stopped(folder, capsys, monkeypatch):
    """A run that SIGTERM stopped after its first order."""
    from nanobook.cli.rebalancer import progress

    told = progress.Progress.end

    def stop(self, record, text):
        told(self, record, text)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(progress.Progress, "end", stop)
    assert main(["run", "target.json", "--force"]) == 130
    monkeypatch.setattr(progress.Progress, "end", told)
    assert positions(capsys) == {"AAPL": 108}
    return folder


def test_c096_run_goes_on_where_a_run_stopped(stopped, capsys):
    assert main(["status"]) == 0
    assert "not ended; 'run' goes on with it" in capsys.readouterr().out
    assert main(["run", "target.json", "--force"]) == 0
    assert "3 submitted, 3 filled, 0 failed" in capsys.readouterr().out
    assert positions(capsys) == {"AAPL": 108, "MSFT": 60, "SPY": 45}


def test_c096_recover_tells_and_does(stopped, capsys):
    capsys.readouterr()
    assert main(["recover", "target.json", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "MSFT: 60 still to be sent" in out
    assert positions(capsys) == {"AAPL": 108}
    assert main(["recover", "target.json"]) == 0
    assert positions(capsys) == {"AAPL": 108, "MSFT": 60, "SPY": 45}
    assert main(["recover", "target.json"]) == 0
    assert "no run was left open" in capsys.readouterr().out


def test_c096_recover_gives_up_where_it_is_told_to(stopped, capsys):
    assert main(["recover", "target.json", "--abandon"]) == 0
    assert "abandoned" in capsys.readouterr().out
    assert positions(capsys) == {"AAPL": 108}


def test_status_names_the_run_that_goes_on(folder, capsys):
    with RunLock(folder / "logs"):
        assert main(["status"]) == 0
    assert f"Going on        process {os.getpid()}, since 20" in capsys.readouterr().out


def test_c085_reconcile_without_a_price(folder, capsys):
    write(folder / "quotes.csv", "symbol,bid,ask,last\nAAPL,0,0,0\nMSFT,1,1,1\nSPY,1,1,1\n")
    capsys.readouterr()
    assert main(["reconcile", "target.json"]) == 7
    out, err = capsys.readouterr()
    assert "AAPL" in err
    assert " no price\n" in out


def test_an_account_that_is_not_the_configured_one_is_told(folder, capsys):
    config = (folder / "config.toml").read_text().replace('id = "paper"', 'id = "other"')
    write(folder / "config.toml", config)
    assert main(["status"]) == 0
    assert "account.id: other is configured, the broker reports paper" in capsys.readouterr().err
    refused(["run", "target.json", "--force"], 2, capsys, "account.id")


def test_who_has_read_enough_is_no_error(folder, monkeypatch):
    hushed = []
    monkeypatch.setattr("nanobook.cli.hush", lambda: hushed.append(True))
    monkeypatch.setattr("sys.stdout", Closed())
    assert main(["positions"]) == 0
    assert hushed == [True]


class Closed:
    """A pipe that nobody reads."""

    def write(self, text):
        """Fail as a pipe does."""
        raise BrokenPipeError

    def flush(self):
        """Nothing is kept."""


def test_ctrl_c_while_nothing_is_at_stake(folder, monkeypatch, capsys):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("nanobook.broker.registry.open_broker", interrupted)
    refused(["status"], 130, capsys, "Interrupted.")


def test_quotes_that_are_stale(folder, capsys):
    old = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    write(folder / "quotes.csv", f"symbol,bid,ask,last,timestamp\nAAPL,184.98,185.02,185,{old}\n")
    retarget(folder)
    refused(["run", "target.json", "--force"], 6, capsys, "AAPL")
    assert positions(capsys) == {}


def test_an_order_that_the_broker_refuses(folder, capsys):
    config = (folder / "config.toml").read_text()
    rejects = 'cash = 100000\nreject = {AAPL = "halted"}'
    write(folder / "config.toml", config.replace("cash = 100000", rejects))
    err = refused(
        ["run", "target.json", "--force"], 6, capsys, "[1/3] BUY 108 AAPL @ $185.09 ... FAILED", out=None
    )
    assert "Not sent" in err
    assert positions(capsys) == {}
    retarget(folder, [("AAPL", 0.2), ("MSFT", 0.2)])
    assert main(["--set", "execution.on_reject=continue", "run", "target.json", "--force"]) == 0
    assert positions(capsys) == {"MSFT": 48}


def test_c075_an_answer_that_was_lost(folder, capsys):
    config = (folder / "config.toml").read_text()
    lost = 'cash = 100000\ndisconnect = "before_ack"'
    write(folder / "config.toml", config.replace("cash = 100000", lost))
    capsys.readouterr()
    assert main(["run", "target.json", "--force"]) == 0
    assert "UNKNOWN: asking the broker" in capsys.readouterr().err
    assert positions(capsys) == {"AAPL": 108, "MSFT": 60, "SPY": 45}


def test_overrides_count_before_a_command_and_behind_it(folder, capsys):
    argv = ["--set", "execution.order_timeout_secs=5", "check", "--set", "execution.on_reject=continue"]
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert "execution.order_timeout_secs = 5\n" in out
    assert "execution.on_reject = continue\n" in out
    argv[1:2], argv[-1] = ["execution.on_reject=stop"], "execution.on_reject=continue"
    assert main(argv) == 0
    assert "execution.on_reject = continue\n" in capsys.readouterr().out  # the last one counts


@pytest.mark.parametrize("name", ["quotes.csv", "paper.json"])
def test_c067_a_pipe_in_the_place_of_a_file_of_the_paper_broker(folder, capsys, name):
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    refused(["positions"], 2, capsys, f"{name} is not a file, but a folder, a pipe or a device")


def test_a_terminal_that_has_no_such_letters(folder, capsys, monkeypatch):
    retarget(folder, metadata={"id": "\u00e9\U0001f4b0"})
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        assert main(["run", "target.json", "--force"]) == 0
    assert b"\\xe9\\U0001f4b0: done: 1 submitted" in stdout.buffer.getvalue()


def test_init_writes_a_command_that_a_shell_takes(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "my fund"]) == 0
    assert "cd 'my fund' && rebalancer run target.json" in capsys.readouterr().out


def test_c066_what_is_left_alone_is_reconciled(folder, capsys):
    assert main(["run", "target.json", "--force"]) == 0
    retarget(folder, close_missing=False)
    assert main(["run", "target.json", "--force"]) == 0
    capsys.readouterr()
    assert main(["reconcile", "target.json"]) == 0
    assert capsys.readouterr().out.count("left alone") == 2


def test_kill_without_a_configuration_says_what_stops_a_run(folder, capsys):
    write(folder / "config.toml", "x")
    refused(["kill"], 2, capsys, "no TOML", "touch the file 'kill' in logging.dir")


def test_a_log_folder_that_is_a_file(folder, capsys, opened):
    (folder / "logs").write_text("")
    refused(["run", "target.json", "--force"], 3, capsys, "logs/lock: Not a directory")
    assert opened == []
