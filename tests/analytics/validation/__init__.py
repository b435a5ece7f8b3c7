"""Tests of splits and walks."""
