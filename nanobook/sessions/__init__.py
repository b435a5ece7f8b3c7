"""Strategies inside the engine: many independent sessions in one call."""

from .flow import RandomFlow
from .result import SimulationResult
from .run import simulate
from .strategy import Strategy, strategy

__all__ = ["RandomFlow", "SimulationResult", "Strategy", "simulate", "strategy"]
