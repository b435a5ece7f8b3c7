"""Random problems: samples of every shape, short and singular ones too, and constraints that may clash."""

import numpy as np


def sample(rng):
    """Returns of 1 to 12 assets over 2 to 80 periods; some short, some with assets that move as one."""
    n = int(rng.integers(1, 13))
    periods = int(rng.integers(2, 81))
    factors = rng.standard_normal((periods, 3)) @ rng.standard_normal((3, n))
    noise = rng.standard_t(4, (periods, n)) * rng.uniform(0.2, 2.0, n)
    values = (factors * rng.choice([0.0, 0.3, 1.0]) + noise) * 10.0 ** rng.uniform(-4, -1)
    values += rng.uniform(-0.05, 0.2) * values.std()
    odd = rng.random()
    if n > 1 and odd < 0.04:
        values[:, 1] = values[:, 0] * rng.choice([1.0, -2.0, 0.5])
    elif odd < 0.06:
        values[:, 0] = 0.001
    return values


def limits(rng, n, kind):
    """Constraints of a kind: plain, groups, gross, turnover, cost; one in ten cannot be met."""
    given = {}
    if rng.random() < 0.5:
        given["upper"] = rng.uniform(1.0 / n, 1.0, n) * (0.8 if rng.random() < 0.1 else 1.2)
    if rng.random() < 0.3 or kind == "gross":
        given["lower"] = -rng.uniform(0.0, 0.5, n)
    if kind == "groups":
        for k in range(int(rng.integers(1, 4))):
            members = np.flatnonzero(rng.random(n) < 0.5)
            if len(members):
                low = rng.uniform(0.0, 0.5) if rng.random() < 0.5 else None
                high = rng.uniform(low or 0.4, 1.0) if low is None or rng.random() < 0.5 else None
                given.setdefault("groups", {})[f"group {k}"] = (members.tolist(), low, high)
    elif kind == "gross":
        given["gross"] = rng.uniform(0.98, 2.0)
    elif kind in {"turnover", "cost"}:
        current = rng.dirichlet(np.ones(n))
        given["current"] = current
        if kind == "turnover":
            given["turnover"] = rng.uniform(0.05, 1.0)
        else:
            given["cost"] = 10.0 ** rng.uniform(-6, -2)
    return given
