"""What stops a run: the lock, signals, the kill switch, and the cancelling of what lives."""
