"""``nanobook risk show``."""

import os
import re
import subprocess
import sys

import pytest

from nanobook.cli import main


@pytest.fixture
def show(tmp_path, capsys):
    """Run ``risk show`` on a text: exit code, stdout, stderr."""

    def run(text):
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        code = main(["risk", "show", str(path)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_no_limit_is_not_an_empty_list(show):
    _, out, _ = show("[risk]\nallowed_symbols = []\n")
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert re.fullmatch(r"nothing +set", lines["allowed_symbols"])
    assert re.fullmatch(r"none +default", lines["shortable_symbols"])


def test_limits_in_force(show):
    code, out, err = show(
        "[connection]\nport = 1\n[risk]\nmax_leverage = 2\nallow_short = true\nmin_trade_usd = 1\n"
        'allowed_symbols = ["A", "B"]\n'
    )
    assert (code, err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert re.fullmatch(r"2 +set", lines["max_leverage"])
    assert re.fullmatch(r"true +set", lines["allow_short"])
    assert re.fullmatch(r"A, B +set", lines["allowed_symbols"])
    assert re.fullmatch(r"0.25 +default", lines["max_position_pct"])
    assert re.fullmatch(r"none +default", lines["denied_symbols"])
    assert "min_trade_usd" not in lines


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[risk]\nmax_postion_pct = 0.1\n", "did you mean 'max_position_pct'?"),
        ("[risk]\nmax_leverage = 0.1\n", "max_leverage must be >= 1.0"),
        ("[risk\n", "line 1"),
        ("x = 1\n", "no table [risk]"),
        ("risk = 1\n", "no table [risk]"),
        (b"\xff", "utf-8"),
        ("#" * (1 << 20) + "\n", "more than 1048576 bytes"),
    ],
)
def test_c063_files_that_cannot_be_used(show, text, told):
    code, out, err = show(text)
    assert (code, out) == (2, "")
    assert told in err
    assert "config.toml" in err


def test_c067_what_is_no_file(tmp_path, capsys):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (tmp_path, fifo, tmp_path / "none"):
        assert main(["risk", "show", str(path)]) == 2
        assert str(path) in capsys.readouterr().err


def test_it_loads_nothing_heavy(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("[risk]\n")
    code = (
        f"import sys; from nanobook.cli import main; main(['risk', 'show', {str(path)!r}]); "
        "assert not {'numpy', 'pandas', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
