"""Tests of strategies inside the engine."""
