"""GARCH, GJR and EGARCH: recursions, densities, gradients and the optimiser that fits them."""
