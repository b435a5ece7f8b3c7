"""Benchmarks, run by asv."""
