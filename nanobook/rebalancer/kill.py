"""``kill``: no order leaves any more, and those that live at the broker are cancelled, from any process."""

from __future__ import annotations

from .switch import KillState, KillSwitch

__all__ = ["KillState", "KillSwitch"]
