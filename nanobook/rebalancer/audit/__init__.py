"""The audit trail: records in a chain, written ahead of what they tell; read, verified, counted."""
