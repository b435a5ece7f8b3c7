"""Compiled kernels: they change arrays they are given, never allocate, and return codes."""
