"""Tests of nanobook.rebalancer."""
