"""Whether anything may be sent now: kill switch, signals, losses, clocks. Waits end when that changes."""

from __future__ import annotations

from ...errors import ClockSkew, RiskRejected, RunStopped
from .line import Line

TICK = 0.05  # seconds that a wait may be blind to the kill switch


class Guard:
    """Stands before every order.

    Parameters
    ----------
    session : Session
    trail : Trail

    Attributes
    ----------
    line : Line
        To the broker; its waits are the guard's.
    """

    def __init__(self, session, trail):
        self.session, self.trail = session, trail
        self.clock, self.monitor = session.clock, session.monitor
        self.line = Line(session.broker, self.clock, self.pause, trail.record, session.seed)
        self.most_skew = float(session.config.logging.clock_skew_threshold_sec)
        self.base = self.drift()

    def gate(self):
        """Raise if nothing may be sent."""
        self.session.kill.check()
        if self.session.stop():
            raise RunStopped(f"{self.session.stop()}: stopped; the same command goes on with the rest")
        if abs(self.drift() - self.base) > self.most_skew:
            self.check_clock()

    def refuse_halted(self):
        """Raise if losses or rejects have halted trading; the kill switch is on then until one looks."""
        reason = self.monitor.halted
        if reason:
            self.session.kill.turn_on(reason, source="risk")
            self.trail.record("risk_state", **self.monitor.to_dict())
            raise RiskRejected(f"trading is halted: {reason}; the kill switch is on")

    def check_clock(self):
        """Refuse to trade when the broker's clock is another than ours; asked again after a jump of ours."""
        before, begin = self.clock.now(), self.clock.monotonic()
        theirs = self.line.ask(self.session.broker.server_time)
        took = self.clock.monotonic() - begin
        skew = abs((theirs - before).total_seconds() - took / 2) - took / 2
        if skew > self.most_skew:
            raise ClockSkew(
                f"the broker's clock says {theirs.isoformat()}, ours {before.isoformat()}: {skew:.1f} s "
                f"apart, and at most {self.most_skew:g} s are allowed; set this machine's clock"
            )
        self.base = self.drift()

    def drift(self):
        """How far the time of day is ahead of the clock that no one can set."""
        return self.clock.now().timestamp() - self.clock.monotonic()

    def told_to_stop(self):
        """Why waiting has no sense any more: 'kill', 'stop' or ''."""
        return "kill" if self.session.kill.is_on() else "stop" if self.session.stop() else ""

    def pause(self, seconds):
        """Wait, but no longer than until we are told to stop."""
        told = self.told_to_stop()
        while seconds > 0:
            self.clock.sleep(min(seconds, TICK))
            seconds -= TICK
            if not told and self.told_to_stop():
                return
