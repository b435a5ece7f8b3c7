"""``nanobook itch``: what it prints, and its exit codes."""

import gzip
import json
import re
import subprocess
import sys

import pytest

from nanobook.cli import main
from tests import itch_stream
from tests.itch_stream import framed

STREAM = itch_stream.stream(60, seed=4)


@pytest.fixture
def stats(tmp_path, capsys):
    """Run ``itch stats`` on bytes: exit code, stdout, stderr."""

    def run(data, *options):
        path = tmp_path / "a.itch"
        path.write_bytes(data)
        code = main(["itch", "stats", str(path), *options])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_counts(stats):
    for data in (STREAM, gzip.compress(STREAM)):
        code, out, err = stats(data)
        assert (code, err) == (0, "")
        assert re.search(r"^messages +60$", out, re.MULTILINE)
        assert re.search(r"^h  Operational Halt +\d+$", out, re.MULTILINE)


def test_the_sample(data, capsys):
    path = str(data / "itch/ritch_ex20101224.TEST_ITCH_50")
    assert main(["itch", "stats", path]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "offset 0: length 0 of a message of type 'S'" in told.err
    assert main(["itch", "stats", path, "--lenient"]) == 0
    out = capsys.readouterr().out
    counts = json.loads((data / "itch/ritch_expected_counts.json").read_text())["counts"]
    shown = {
        letter: int(n.replace(",", "")) for letter, n in re.findall(r"^(\w)  .* ([\d,]+)$", out, re.MULTILINE)
    }
    assert shown == counts


def test_c039_an_empty_file(stats):
    for data in (b"", b"\0\0", gzip.compress(b"")):
        code, out, err = stats(data)
        assert (code, out) == (2, "")
        assert re.fullmatch("nanobook: error: .*a.itch: no messages\n", err)


def test_c040_a_file_that_is_cut(stats):
    code, out, err = stats(STREAM[:-1])
    assert code == 2
    assert re.search(r"^messages +59$", out, re.MULTILINE)
    assert "error: " in err
    assert "--allow-truncated" in err
    assert stats(STREAM[:-1], "--allow-truncated") == (0, out, "")
    code, out, err = stats(b"\0")
    assert code == 2
    assert re.search(r"^messages +0$", out, re.MULTILINE)
    assert "offset 0" in err


def test_c041_a_length_that_is_wrong(stats):
    code, out, err = stats(STREAM + b"\0\1" + itch_stream.messages(1, 0, "D")[0])
    assert (code, out) == (2, "")
    assert f"offset {len(STREAM)}: length 1 of a message of type 'D'" in err
    assert "--lenient" in err


def test_c042_unknown_types_and_names_that_would_steer_a_terminal(stats):
    directory = itch_stream.messages(1, 0, "R")[0]
    evil = directory[:11] + b"\x1b[2Jevil" + directory[19:]
    code, out, err = stats(framed(evil) + framed(b"\x1b"))
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert "\\x1b[2Jevil" in out
    assert "\\x1b  unknown, skipped" in out


def test_c045_another_format(stats):
    code, out, err = stats(b"34200.017459617,5,0,1,2238200,-1\n")
    assert (code, out) == (2, "")
    assert "this looks like LOBSTER CSV" in err


def test_c055_a_clock_that_goes_backwards(stats):
    code, out, err = stats(STREAM + STREAM)
    assert (code, err) == (0, "")
    assert "the clock goes backwards: 1 times" in out


def test_files_that_cannot_be_read(tmp_path, capsys):
    assert main(["itch", "stats", str(tmp_path / "no.itch")]) == 2
    assert capsys.readouterr().err == f"nanobook: error: {tmp_path / 'no.itch'}: No such file or directory\n"
    assert main(["itch", "stats", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"nanobook: error: {tmp_path}: Is a directory\n"


@pytest.mark.parametrize(
    "argv", [["itch"], ["itch", "stats"], ["itch", "stat", "a"], ["itch", "stats", "a", "b"]]
)
def test_arguments_that_make_no_command(argv, capsys):
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2
    assert "usage: nanobook" in capsys.readouterr().err


def test_a_terminal_sees_a_bar(stats, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "100%" in stats(STREAM)[2]


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom nanobook.cli import main\n"
        "try:\n    main(['itch', 'stats', '--help'])\n"
        "finally:\n    assert not {'numba', 'numpy', 'pandas', 'tqdm'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0
