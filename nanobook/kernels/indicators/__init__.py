"""One-pass indicators on one series, resumable at any row.

Every kernel is called as ``kernel(first, stop, inputs, params, state, work, outputs)``:

first, stop
    Rows to compute; at most ``len(work[0]) - lead`` of them.
inputs : tuple of float64 arrays
    Of one length; rows before ``first`` are there for windows to look back on.
params : float64 array
state : float64 array
    What a recursion remembers from row to row: zeros, then NaN, when a series begins.
work : tuple of float64 arrays
    Scratch rows that hold the ``lead`` rows before ``first``, and the rows to compute.
outputs : tuple of float64 arrays
    Written from ``first`` to ``stop``; NaN where there is no value yet.

What a row gives does not depend on how the rows before it were cut into calls, to the last bit: windows
are computed from their own values alone, and recursions go through the same steps. A NaN gives NaN
wherever a window holds it, and a recursion begins anew behind it.
"""
