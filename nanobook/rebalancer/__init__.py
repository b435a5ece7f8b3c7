"""From target weights to orders at a broker that one can trust with money.

Pure parts first: ``settings``, ``targets``, ``planning``; then what is durable: ``storage``, ``audit``,
``stopping``; the broker last: ``running``. Nothing here needs Numba, NumPy or pandas to be imported, so that
the command line answers at once.
"""
