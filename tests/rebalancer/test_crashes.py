"""Runs that are killed by SIGKILL, at random moments and at every kind of call: see ``crashes``."""

import os
import subprocess
import sys

import pytest

from .crashes import run_trials

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="crashes are made by fork")


def trials(count, double, seed):
    """Run trials in a process of their own: a fork of the test suite's would be slow, and full of threads."""
    import json

    numbers = {"--trials": count, "--double": double, "--seed": seed}
    options = [str(part) for pair in numbers.items() for part in pair]
    done = subprocess.run(
        [sys.executable, "-m", "tests.rebalancer.crashes", *options],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(found):
    """No order twice, no order without an intent, positions as without the crash."""
    assert found["wrong"] == 0, found["first"]
    assert found["done"] + found.get("already_done", 0) == found["trials"]
    crashes = found["single"] + 2 * found["double"]
    assert found["killed"] >= crashes
    assert found["recovered"] > 0.1 * crashes  # so many died with an order on its way or alive


def test_c096_a_thousand_crashes_and_a_hundred_while_recovering():
    check(trials(1000, 100, seed=1))


@pytest.mark.slow
def test_ten_thousand_crashes_and_a_thousand_while_recovering():
    check(trials(10_000, 1000, seed=2))


def test_a_trial_notices_what_is_wrong(tmp_path, monkeypatch):
    """A run that sends again without looking first is found out."""
    from nanobook.rebalancer.running import follow

    monkeypatch.setattr(follow, "decide", lambda state, status: follow.SEND_AGAIN)
    found = (run_trials(30, seed=seed, folder=tmp_path)["wrong"] for seed in range(20))
    assert any(found)  # about one in thirty shows it
