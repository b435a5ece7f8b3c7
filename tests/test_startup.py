"""What a process loads before its first order."""

import subprocess
import sys

import pytest

from nanobook._jit import JIT

CODE = """
import sys
from nanobook import Exchange
Exchange().submit_limit("buy", 1, 1)
assert not any(name.startswith("scipy.linalg") for name in sys.modules)
import numba, numpy as np
@numba.njit
def product(a):
    return np.linalg.inv(a) @ a
assert (product(2.0 * np.eye(3)) == np.eye(3)).all()
import scipy.linalg
assert scipy.linalg.det(np.eye(2)) == 1.0
"""


@pytest.mark.skipif(not JIT, reason="there is nothing to see without compilation")
def test_linear_algebra_is_loaded_by_who_uses_it():
    """Numba looks for it before it compiles anything; without that a first call comes a quarter sooner."""
    subprocess.run([sys.executable, "-W", "error", "-c", CODE], check=True)
