"""Set-up of the whole suite."""

import hashlib
import os
import signal
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _use_own_cache():
    """Keep compiled kernels in a folder named by the sources: numba does not notice an edit elsewhere."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "nanobook").rglob("*.py")):
        digest.update(path.read_bytes())
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder = ROOT / ".numba_cache" / digest.hexdigest()[:16] / worker
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))


def _heed_ctrl_c():
    """Let Ctrl-C be Ctrl-C, here and in processes of tests: a shell's job in the background ignores it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


_use_own_cache()
_heed_ctrl_c()


def pytest_collection_modifyitems(config, items):
    """Leave slow tests to ``-m slow``; look at the kernels' signatures when all else has run."""
    if not config.getoption("-m"):
        slow = pytest.mark.skip(reason="a long run: ask for it with -m slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(slow)
    items.sort(key=lambda item: item.path.name == "test_signatures.py")


@pytest.fixture
def data():
    """Folder of real market data; the test skips where there is none."""
    folder = os.environ.get("NANOBOOK_DATA")
    if not folder:
        pytest.skip("NANOBOOK_DATA names no folder of market data")
    return Path(folder)


@pytest.fixture(params=["engine", "twin"])
def new(request):
    """Make a book, for tests of rules that the engine and its naive twin both obey."""
    from tests.adapters import Engine, Twin

    return Engine if request.param == "engine" else Twin
