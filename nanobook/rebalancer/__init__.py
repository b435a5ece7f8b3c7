"""The rebalancer: from target weights to orders at a broker, with a durable trail of what was done.

Pure parts first, the broker last. Nothing here needs Numba or pandas, so that the command starts at once.
"""
