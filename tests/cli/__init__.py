"""Tests of nanobook.cli."""
