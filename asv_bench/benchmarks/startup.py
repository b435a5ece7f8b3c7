"""Starting up: imports and first calls in a new process, seconds of CPU time.

By hand: ``python asv_bench/benchmarks/startup.py``.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile

SUBMIT = "import nanobook; r = nanobook.Exchange().submit_limit('buy', 100, 1); assert r.order_id == 1"


def cpu_seconds(code, cache=None):
    """CPU seconds of a process that runs ``code``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **({"NUMBA_CACHE_DIR": cache} if cache else {})}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Start:
    """Seconds of CPU time, median of seven processes."""

    unit = "s CPU"
    timeout = 300

    def track_import_nanobook(self):
        code = "import sys, nanobook; assert 'numba' not in sys.modules"
        return statistics.median(cpu_seconds(code) for _ in range(7))

    def track_import_numpy(self):
        return statistics.median(cpu_seconds("import numpy") for _ in range(7))

    def track_first_submit_warm_cache(self):
        with tempfile.TemporaryDirectory() as cache:
            cpu_seconds(SUBMIT, cache)
            return statistics.median(cpu_seconds(SUBMIT, cache) for _ in range(7))

    def track_first_submit_cold_cache(self):
        with tempfile.TemporaryDirectory() as cache:
            return cpu_seconds(SUBMIT, cache)


NAMES = ("import_nanobook", "import_numpy", "first_submit_warm_cache", "first_submit_cold_cache")
for _name in NAMES:
    getattr(Start, f"track_{_name}").unit = Start.unit


if __name__ == "__main__":
    for name in NAMES:
        print(f"{name}: {getattr(Start(), f'track_{name}')():.3f} {Start.unit}", flush=True)
