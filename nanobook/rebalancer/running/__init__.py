"""A run: one order after the other, its state, what an end before its end leaves, and how that is settled."""
