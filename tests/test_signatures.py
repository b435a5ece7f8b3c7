"""Every kernel is compiled for one signature: runs last, when the suite has called them all."""

import importlib
import pkgutil

import pytest

import nanobook.kernels
from nanobook._jit import JIT

pytestmark = pytest.mark.skipif(not JIT, reason="without compilation there are no signatures")


def kernels():
    """All compiled functions under ``nanobook.kernels``, by name."""
    found = {}
    for module in pkgutil.walk_packages(nanobook.kernels.__path__, "nanobook.kernels."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if hasattr(value, "signatures") and value.py_func.__module__ == module.name:
                found[f"{module.name}.{name}"] = value
    return found


def test_no_kernel_has_two_signatures():
    several = {name: kernel.signatures for name, kernel in kernels().items() if len(kernel.signatures) > 1}
    assert not several


def test_kernels_are_found():
    assert len(kernels()) > 50
