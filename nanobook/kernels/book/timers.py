"""Orders that end by themselves: a binary heap of times, earliest first, then oldest order.

A timer stays when its order dies early and is passed over when its time comes.
"""

from numpy import int64

from ..._jit import helper, kernel
from .state import N_TIMERS


@helper
def earlier(timers, one, other):
    """Whether a timer comes before another."""
    if timers[one].time != timers[other].time:
        return timers[one].time < timers[other].time
    return timers[one].order < timers[other].order


@helper
def exchange(timers, one, other):
    """Let two timers change places."""
    time, order = timers[one].time, timers[one].order
    timers[one].time, timers[one].order = timers[other].time, timers[other].order
    timers[other].time, timers[other].order = time, order


@kernel
def push(book, time, order):
    """Set the timer of an order."""
    timers = book.timers
    row = book.top[N_TIMERS]
    book.top[N_TIMERS] = row + 1
    timers[row].time = time
    timers[row].order = order
    while row and earlier(timers, row, (row - 1) >> 1):
        exchange(timers, row, (row - 1) >> 1)
        row = (row - 1) >> 1


@kernel
def pop(book):
    """Take the earliest timer away; returns its order."""
    timers = book.timers
    order = timers[0].order
    size = book.top[N_TIMERS] - 1
    book.top[N_TIMERS] = size
    exchange(timers, int64(0), size)
    row = int64(0)
    while 2 * row + 1 < size:
        child = 2 * row + 1
        if child + 1 < size and earlier(timers, child + 1, child):
            child += 1
        if not earlier(timers, child, row):
            break
        exchange(timers, row, child)
        row = child
    return order
