"""Tests of nanobook.kernels; they also run without the JIT."""
