"""Mutated ITCH streams: no crash, no hang, no byte read that is not there, bounded memory."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nanobook._jit import JIT
from tests.feeds import fuzzing

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(not (JIT and sys.platform == "linux"), reason="for compiled kernels on Linux")


def guarded(mode, count, folder=None):
    """Run the fuzzer in a process of its own, with its own cache if a folder is told."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    if folder is not None:
        env |= {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(folder)}
    command = [sys.executable, "-m", "tests.feeds.fuzzing", mode, str(count)]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=900)


def test_mutated_streams():
    messages, others = fuzzing.run(20_000, seed=1)
    assert messages > 100_000
    assert others < 100


def test_the_mutations_reach_every_answer():
    draw, streams = random.Random(2), fuzzing.seeds()
    given = {fuzzing.mutated(draw, streams) for _ in range(500)}
    assert len(given) > 350
    assert any(data in given for data in streams)


@linux
def test_nothing_is_read_beyond_the_end():
    done = guarded("guard", 20_000)
    assert (done.returncode, done.stdout) == (0, "survived\n"), done.stderr[-2000:]
    assert guarded("control", 0).returncode == -signal.SIGSEGV


@linux
def test_no_index_leaves_its_array(tmp_path):
    done = guarded("bounds", 20_000, tmp_path)
    assert (done.returncode, done.stdout) == (0, "survived\n"), done.stderr[-2000:]
    done = guarded("control", 0, tmp_path)
    assert (done.returncode, "IndexError" in done.stderr) == (1, True)


@pytest.mark.slow
def test_a_million_mutated_streams():
    assert fuzzing.run(1_000_000, seed=3)[0] > 5_000_000


@pytest.mark.slow
@linux
def test_a_million_under_guard(tmp_path):
    assert guarded("guard", 1_000_000).stdout == "survived\n"
    assert guarded("bounds", 1_000_000, tmp_path).stdout == "survived\n"
