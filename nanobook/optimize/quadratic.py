"""Convex quadratic programmes over bounds and rows, by active sets.

Solves ``min x'Px / 2 + q'x`` over ``lower <= x <= upper`` and ``low <= Ax <= high``. The answer satisfies the
optimality conditions to rounding, not to a tolerance, and the next problem may start from it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .phase_one import feasible_start

DUAL = 1e-11  # a multiplier that is wrong by less, relative to the gradient, counts as right
PRIMAL = 1e-12  # a weight beyond a bound by less is not
ROUNDS, PATIENCE = 60, 3


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

    def solve(self, linear, guess=None):
        """Minimise; raises Stuck where both methods fail, InfeasibleError where nothing is feasible.

        Parameters
        ----------
        linear : (N,)
        guess : Active, optional
            What may be active, as of a problem near to this one; default: only what is an equation.
        """
        if guess is None:
            guess = Active(np.zeros(len(linear), np.int8), np.where(self.equal, 1, 0).astype(np.int8))
        return self._exchange(linear, guess) or self._descend(linear)

    def _exchange(self, linear, guess):
        """Solve for the active set guessed and exchange what is wrong, until nothing is; None if it cycles.

        Where full exchanges do not lower the count of what is wrong, only the last one is exchanged (block
        principal pivoting, Portugal, Judice and Vicente 1994). A dense optimum takes some five rounds.
        """
        side, held = guess.side.copy(), guess.held.copy()
        fewest, patience = len(side) + len(held) + 1, PATIENCE
        for _ in range(ROUNDS):
            try:
                optimum = self.at(Active(side.copy(), held.copy()), linear)
            except Stuck:
                return None
            wrong_side, new_side, wrong_held, new_held = self._wrong(optimum, linear)
            count = len(wrong_side) + len(wrong_held)
            if count == 0:
                return optimum
            if count < fewest:
                fewest, patience = count, PATIENCE
            else:
                patience -= 1
            if patience < 0:
                wrong_side, wrong_held = wrong_side[-1:], wrong_held[len(wrong_side) :][-1:]
            side[wrong_side], held[wrong_held] = new_side[wrong_side], new_held[wrong_held]
        return None

    def at(self, active, linear):
        """The optimum if just these constraints were active, and their multipliers."""
        side, held = active.side, active.held
        region = self.region
        x = np.where(side < 0, region.lower, np.where(side > 0, region.upper, 0.0))
        free, rows, target, multipliers = self._equations(side, held, linear[:, None], x)
        x[free] = target[:, 0]
        all_rows = np.zeros(len(held))
        all_rows[rows] = multipliers[:, 0]
        bounds = self.matrix @ x + linear - all_rows @ region.rows
        bounds[free] = 0.0
        return Optimum(x, all_rows, bounds, active)

    def _wrong(self, optimum, linear):
        """What is broken or held with a wrong multiplier: places and new sides of weights, then of rows."""
        region, found = self.region, []
        least = DUAL * (1.0 + np.abs(self.matrix @ optimum.x + linear).max())
        for value, low, high, multiplier, side, never in (
            (optimum.x, region.lower, region.upper, optimum.bounds, optimum.active.side, self.fixed),
            (region.rows @ optimum.x, region.low, region.high, optimum.rows, optimum.active.held, self.equal),
        ):
            broken = np.where(value < low - PRIMAL, -1, np.where(value > high + PRIMAL, 1, 0))
            freed = (multiplier * side > least) & ~never
            changed = np.where(side == 0, broken != 0, freed)
            found += [np.flatnonzero(changed), np.where(side == 0, broken, 0)]
        return found

    def _descend(self, linear):
        """Walk from a corner along the active set, one change a step: slow on dense optima, sure."""
        x, active = feasible_start(self.region, np.diag(self.matrix) / 2.0 + linear)
        side, held = active.side.copy(), active.held.copy()
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
        if not np.all(np.abs(system @ solved - right) <= 1e-7 * (1.0 + np.abs(right).max(initial=0.0))):
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
