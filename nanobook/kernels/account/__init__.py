"""One account: cash, positions, what a trade costs, and how targets become orders and fills."""
