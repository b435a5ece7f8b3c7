"""Pure parts: from holdings and weights to orders, and back to how far off they are."""
