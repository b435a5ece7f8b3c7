"""Analytics: what is computed from prices, returns and signals."""
