"""Convex quadratic programmes over bounds and rows, by a primal active set; and their path in one parameter.

Solves ``min x'Px / 2 + q'x`` over ``lower <= x <= upper`` and ``low <= Ax <= high``. The answer satisfies the
optimality conditions to rounding, not to a tolerance, and the next problem may start from it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .phase_one import feasible_start

DUAL = 1e-11  # a multiplier that is wrong by less, relative to the gradient, counts as right
PRIMAL = 1e-12  # a step longer than the way to a bound by less does not pass it


class Stuck(Exception):
    """The active set stalls or its equations are singular: another method must answer."""


@dataclass(frozen=True)
class Active:
    """Which constraints hold with equality.

    Attributes
    ----------
    side : int8 array, shape (N,)
        -1 at the lower bound, 1 at the upper, 0 between.
    held : int8 array, shape (M,)
        The same of the rows.
    """

    side: np.ndarray
    held: np.ndarray


class Optimum(NamedTuple):
    """A solution: the point, the multipliers of rows and bounds, and what is active.

    The multipliers obey ``Px + q = A' rows + bounds``.
    """

    x: np.ndarray
    rows: np.ndarray
    bounds: np.ndarray
    active: Active


class Programme:
    """Matrix and region of a quadratic programme, whose linear term may change."""

    def __init__(self, matrix, region):
        self.matrix = matrix
        self.region = region
        self.fixed = region.lower == region.upper
        self.equal = region.low == region.high

    def solve(self, linear, start=None):
        """Minimise from a feasible point; raises Stuck where the active set fails.

        Parameters
        ----------
        linear : (N,)
        start : (x, Active), optional
        """
        x, active = start or feasible_start(self.region, np.diag(self.matrix) / 2.0 + linear)
        x, side, held = x.copy(), active.side.copy(), active.held.copy()
        for _ in range(20 * (len(x) + len(held)) + 100):
            step, rows = self._step(x, linear, side, held)
            blocking, length = self._first_block(x, step, side, held)
            x += length * step
            if blocking is not None:
                self._hold(x, side, held, blocking)
            elif not self._release(x, linear, side, held, rows):
                bounds = self.matrix @ x + linear - rows @ self.region.rows
                bounds[side == 0] = 0.0
                return Optimum(x, rows, bounds, Active(side, held))
        raise Stuck("too many changes of the active set")

    def _equations(self, side, held, linear, x):
        """Solve for free weights and multipliers of held rows, each column of ``linear`` a linear term.

        Fixed weights stay where ``x`` has them. The first column meets the rows' limits, any others 0.
        """
        free, rows = np.flatnonzero(side == 0), np.flatnonzero(held)
        k, m = len(free), len(rows)
        fixed = np.where(side == 0, 0.0, x)
        normal = self.region.rows[np.ix_(rows, free)]
        system = np.zeros((k + m, k + m))
        system[:k, :k] = self.matrix[np.ix_(free, free)]
        system[:k, k:] = normal.T
        system[k:, :k] = normal
        right = np.zeros((k + m, linear.shape[1]))
        right[:k] = -linear[free]
        right[:k, 0] -= self.matrix[free] @ fixed
        right[k:, 0] = self._limits(held)[rows] - self.region.rows[rows] @ fixed
        try:
            solved = np.linalg.solve(system, right)
        except np.linalg.LinAlgError:
            raise Stuck("singular equations") from None
        if not np.all(np.abs(system @ solved - right) <= 1e-7 * (1.0 + np.abs(right).max())):
            raise Stuck("equations too close to singular")
        return free, rows, solved[:k], -solved[k:]

    def _limits(self, held):
        """The limit at which each held row is held."""
        return np.where(held < 0, self.region.low, self.region.high)

    def _step(self, x, linear, side, held):
        """Way to the minimum over what is not held, and the rows' multipliers there."""
        free, rows, target, multipliers = self._equations(side, held, linear[:, None], x)
        step, all_rows = np.zeros_like(x), np.zeros(len(held))
        step[free] = target[:, 0] - x[free]
        all_rows[rows] = multipliers[:, 0]
        return step, all_rows

    def _first_block(self, x, step, side, held):
        """The first constraint that the step meets, as (kind, place, side), and the length to there."""
        region = self.region
        best, length = None, 1.0
        for kind, value, move, low, high, idle in (
            ("bound", x, step, region.lower, region.upper, side == 0),
            ("row", region.rows @ x, region.rows @ step, region.low, region.high, held == 0),
        ):
            with np.errstate(divide="ignore", invalid="ignore"):
                room = np.where(move > 0.0, (high - value) / move, (low - value) / move)
            room[~idle | (np.abs(move) <= PRIMAL) | np.isnan(room)] = np.inf
            if len(room) and room.min() < length:
                place = int(room.argmin())
                best, length = (kind, place, 1 if move[place] > 0.0 else -1), max(0.0, float(room[place]))
        return best, length

    def _hold(self, x, side, held, blocking):
        """Take a constraint into the active set."""
        kind, place, where = blocking
        if kind == "row":
            held[place] = where
            return
        side[place] = where
        x[place] = self.region.upper[place] if where > 0 else self.region.lower[place]

    def _release(self, x, linear, side, held, rows):
        """Let go of the constraint whose multiplier is most wrong; whether there was one."""
        gradient = self.matrix @ x + linear
        bounds = gradient - rows @ self.region.rows
        wrong_bound = np.where(self.fixed, 0.0, bounds * side)
        wrong_row = np.where(self.equal, 0.0, rows * held)
        bound, row = int(wrong_bound.argmax()), int(wrong_row.argmax())
        if max(wrong_bound[bound], wrong_row[row]) <= DUAL * (1.0 + np.abs(gradient).max()):
            return False
        if wrong_bound[bound] >= wrong_row[row]:
            side[bound] = 0
        else:
            held[row] = 0
        return True

    def path(self, linear, direction, start):
        """Follow the optimum of ``x'Px / 2 + (linear - t direction)'x`` from t = 0 to infinity.

        Parameters
        ----------
        linear, direction : (N,)
        start : Optimum
            At t = 0.

        Yields
        ------
        (low, high, base, slope)
            Between t = low and t = high the optimum is ``base + t slope``.
        """
        side, held, x = start.active.side.copy(), start.active.held.copy(), start.x.copy()
        terms, low, idle = np.column_stack((linear, -direction)), 0.0, 0
        while True:
            base, slope, rows = self._line(side, held, terms, x)
            change, high = self._next_change((base, slope, rows), terms, side, held, low)
            idle = idle + 1 if high <= low * (1.0 + 1e-12) else 0
            if idle > len(x) + len(held):
                raise Stuck("the path does not advance")
            if high > low:
                yield low, high, base, slope
            if change is None:
                return
            x, low = base + high * slope, high
            kind, place, where = change
            (side if kind == "bound" else held)[place] = where
            if kind == "bound" and where:
                x[place] = self.region.upper[place] if where > 0 else self.region.lower[place]

    def _line(self, side, held, terms, x):
        """Optimum and multipliers of the rows as lines in t, for one active set."""
        free, rows, target, multipliers = self._equations(side, held, terms, x)
        line, all_rows = np.zeros((2, len(x))), np.zeros((2, len(held)))
        line[0] = np.where(side == 0, 0.0, x)
        line[:, free] = target.T
        all_rows[:, rows] = multipliers.T
        return line[0], line[1], all_rows

    def _next_change(self, line, terms, side, held, low):
        """The first change of the active set beyond t = low, and its t; None at infinity."""
        base, slope, rows = line
        region = self.region
        bounds = np.column_stack((base, slope)).T @ self.matrix + terms.T - rows @ region.rows
        best, when = None, np.inf
        free, loose = side == 0, held == 0
        events = (
            ("bound", 1, base, slope, region.upper, free),
            ("bound", -1, -base, -slope, -region.lower, free),
            ("row", 1, region.rows @ base, region.rows @ slope, region.high, loose),
            ("row", -1, -(region.rows @ base), -(region.rows @ slope), -region.low, loose),
            ("bound", 0, bounds[0] * side, bounds[1] * side, 0.0, ~free & ~self.fixed),
            ("row", 0, rows[0] * held, rows[1] * held, 0.0, ~loose & ~self.equal),
        )
        for kind, where, value, move, limit, able in events:
            with np.errstate(divide="ignore", invalid="ignore"):
                at = (limit - value) / move
            at[~able | ~(move > PRIMAL * np.abs(terms[:, 1]).max()) | np.isnan(at)] = np.inf
            if len(at) and at.min() < when:
                best, when = (kind, int(at.argmin()), where), float(at.min())
        return best, max(when, low)
