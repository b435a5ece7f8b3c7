"""What all runs share that use several threads or take a while."""

from . import _link
from .checks import check_whole

PATIENCE = 2.0  # seconds that a run must still take for a bar to appear


def number_of_threads(threads):
    """How many lanes run side by side."""
    if threads is None:
        return _link.thread_count()
    check_whole("threads", threads, 1, 1024)
    return int(threads)


def new_bar(count, unit):
    """A bar of so many things, which draws itself for a terminal or a notebook."""
    from tqdm.auto import tqdm

    return tqdm(total=count, unit=unit, leave=False)
