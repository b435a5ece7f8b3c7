"""Events: what was asked of an exchange, as values and as columns."""

from .event import Event
from .fields import Trail
from .sequence import Events

__all__ = ["Event", "Events", "Trail"]
