"""The tests of kernels, and of all rules of a book, pass as plain Python too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = [HERE / "kernels", HERE / "test_golden_traces.py", HERE / "test_book_rules.py"]
TESTS += [HERE / "analytics" / "indicators" / f"test_{name}.py" for name in ("kinds", "talib")]


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="this is that run")
def test_they_pass_without_compilation():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, TESTS)]
    run = subprocess.run(
        command, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
