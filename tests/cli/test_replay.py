"""``nanobook itch replay`` and ``nanobook lobster check``: what they print and write."""

import numpy as np
import pytest

from nanobook import read_itch, replay_feed
from nanobook.cli import main
from tests import itch_stream
from tests.feeds.test_lobster import NAME

STREAM = itch_stream.stream(400, seed=9)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.itch"
    path.write_bytes(STREAM)
    return path


def test_a_replay_tells_of_its_books(file, capsys):
    assert main(["itch", "replay", str(file)]) == 0
    out = capsys.readouterr().out
    books = replay_feed(read_itch(file)).books
    assert "messages    400" in out
    assert books.digest() in out
    assert repr(books.faults) in out


@pytest.mark.parametrize("levels", [0, 2])
def test_columns_of_a_replay(file, tmp_path, levels):
    pd = pytest.importorskip("pandas")
    result = replay_feed(read_itch(file), levels=levels)
    names = (
        result.columns()
        if levels
        else {name: result.executions[name] for name in result.executions.dtype.names}
    )
    for suffix in ("npz", "csv"):
        out = tmp_path / f"out.{suffix}"
        assert main(["itch", "replay", str(file), "--levels", str(levels), "--out", str(out)]) == 0
        if suffix == "npz":
            with np.load(out) as found:
                assert sorted(found) == sorted(names)
                for name, column in names.items():
                    np.testing.assert_array_equal(found[name], column)
        else:
            frame = pd.read_csv(out)
            assert len(frame) == len(next(iter(names.values())))
            first = frame["bid_price_1"] if levels else frame["quantity"]
            column = names["bid_price"][:, 0] if levels else names["quantity"]
            np.testing.assert_array_equal(first, column)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.itch", "out.csv", "out.npz"]


def test_c086_out_of_no_known_format(file, tmp_path, capsys):
    assert main(["itch", "replay", str(file), "--out", str(tmp_path / "a.xls")]) == 2
    assert ".npz" in capsys.readouterr().err


def test_a_symbol_that_is_not_there(file, capsys):
    assert main(["itch", "replay", str(file), "--symbol", "NOBODY", "--levels", "1"]) == 2
    assert "NOBODY" in capsys.readouterr().err


def test_c039_an_empty_file(tmp_path, capsys):
    path = tmp_path / "a.itch"
    path.write_bytes(b"")
    assert main(["itch", "replay", str(path)]) == 2
    assert "no messages" in capsys.readouterr().err


def test_a_sample_of_lobster(data, capsys):
    paths = [str(data / "lobster" / NAME.format(kind)) for kind in ("message", "orderbook")]
    assert main(["lobster", "check", *paths]) == 0
    out = capsys.readouterr().out
    assert "explained   999 of 999" in out
    assert "book equal  1,000 of 1,000, 45 to 50 of 50 levels known" in out


def test_files_that_do_not_explain_each_other(data, tmp_path, capsys):
    paths = [data / "lobster" / NAME.format(kind) for kind in ("message", "orderbook")]
    lines = paths[1].read_text().splitlines()
    lines[500] = lines[499]
    changed = tmp_path / "book.csv"
    changed.write_text("\n".join(lines))
    assert main(["lobster", "check", str(paths[0]), str(changed)]) == 1
    assert "explained   997 of 999" in capsys.readouterr().out
