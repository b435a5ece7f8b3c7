"""From target weights to orders at a broker that one can trust with money.

Pure parts first: ``config``, ``target``, ``plan``, ``reconcile``; then what is durable: ``storage``,
``audit``, ``lock``, ``kill``; the broker last: ``execute``, ``recover``. Nothing here needs Numba, NumPy or
pandas to be imported, so that the command line answers at once.
"""
