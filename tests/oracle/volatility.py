"""Volatility that anyone would trust at sight: plain loops over lists, written from the formulas."""

import math
from itertools import pairwise


def variances(family, params, returns, start, p, o, q):
    """Residuals and conditional variances; ``params`` as a dict of mu, omega, alpha, gamma, beta."""
    e = [r - params["mu"] for r in returns]
    h = []
    for t in range(len(e)):
        value = params["omega"]
        for i in range(1, p + 1):
            if family == "egarch":
                value += params["alpha"][i - 1] * (size(e, h, t - i) - math.sqrt(2 / math.pi))
            else:
                value += params["alpha"][i - 1] * (e[t - i] ** 2 if t >= i else start)
        for i in range(1, o + 1):
            if family == "egarch":
                value += params["gamma"][i - 1] * (e[t - i] / math.sqrt(h[t - i]) if t >= i else 0.0)
            elif t < i:
                value += params["gamma"][i - 1] * start / 2
            elif e[t - i] < 0:
                value += params["gamma"][i - 1] * e[t - i] ** 2
        for j in range(1, q + 1):
            past = h[t - j] if t >= j else start
            value += params["beta"][j - 1] * (math.log(past) if family == "egarch" else past)
        h.append(math.exp(value) if family == "egarch" else value)
    return e, h


def size(e, h, t):
    """Size of a standardised residual; what is expected of it before the first."""
    return abs(e[t]) / math.sqrt(h[t]) if t >= 0 else math.sqrt(2 / math.pi)


def log_density(distribution, e, h, nu, skew):
    """Logarithm of the density of one residual of variance ``h``."""
    if distribution == "normal":
        return -0.5 * (math.log(2 * math.pi) + math.log(h) + e * e / h)
    c = math.gamma((nu + 1) / 2) / (math.sqrt(math.pi * (nu - 2)) * math.gamma(nu / 2))
    if distribution == "t":
        return math.log(c / math.sqrt(h) * (1 + e * e / (h * (nu - 2))) ** (-(nu + 1) / 2))
    a = 4 * skew * c * (nu - 2) / (nu - 1)
    b = math.sqrt(1 + 3 * skew**2 - a**2)
    z = e / math.sqrt(h)
    side = 1 - skew if z < -a / b else 1 + skew
    return math.log(b * c / math.sqrt(h) * (1 + ((b * z + a) / side) ** 2 / (nu - 2)) ** (-(nu + 1) / 2))


def log_likelihood(family, params, returns, start, orders, distribution):
    """Log-likelihood of returns."""
    e, h = variances(family, params, returns, start, *orders)
    nu, skew = params.get("nu"), params.get("lambda")
    return math.fsum(log_density(distribution, x, v, nu, skew) for x, v in zip(e, h, strict=True))


def garch_ewma(returns, p, q, mean):
    """Forecast of the recursion with fixed weights, in the order of the original's sums."""
    n = len(returns)
    if n < 2:
        return 0.0
    p, q = (min(max(lags, 1), 8, n) for lags in (p, q))
    centre = sum_left(returns) / n if mean.lower() in ("constant", "mean") else 0.0
    e = [r - centre for r in returns]
    own = sum_left(e) / n
    v0 = max(sum_left([(x - own) * (x - own) for x in e]) / (n - 1), 1e-12)
    a, b = weights(0.8, p, 0.08), weights(0.85, q, 0.90)
    omega = max(1.0 - sum_left(a) - sum_left(b), 1e-6) * v0
    h = [v0] * (n + 1)
    for t in range(1, n + 1):
        news = sum_left([a[i - 1] * e[t - i] * e[t - i] for i in range(1, p + 1) if t >= i])
        memory = sum_left([b[j - 1] * h[t - j] for j in range(1, q + 1) if t >= j])
        h[t] = max(omega + news + memory, 1e-12)
    news = sum_left([a[i - 1] * e[n - i] * e[n - i] for i in range(1, p + 1)])
    memory = sum_left([b[j - 1] * h[n + 1 - j] for j in range(1, q + 1)])
    return math.sqrt(max(omega + news + memory, 1e-12))


def weights(fall, count, total):
    """Weights that fall by a factor and sum to ``total``."""
    raw, each = [], 1.0
    for _ in range(count):
        raw.append(each)
        each *= fall
    return [value / sum_left(raw) * total for value in raw]


def sum_left(values):
    """Sum from left to right, which the sum of Python 3.12 does not."""
    result = 0.0
    for value in values:
        result += value
    return result


def realized_variance(method, bars):
    """Variance a period of bars (open, high, low, close)."""
    n = len(bars)
    log = math.log
    closes = [log(b[3] / a[3]) for a, b in pairwise(bars)]
    gaps = [log(b[0] / a[3]) for a, b in pairwise(bars)]
    days = [log(c / o) for o, _, _, c in bars]
    drift_free = [log(h / o) * log(h / c) + log(low / o) * log(low / c) for o, h, low, c in bars]
    if method == "close_to_close":
        return var(closes)
    if method == "parkinson":
        return sum(log(h / low) ** 2 for _, h, low, _ in bars) / (4 * n * log(2))
    if method == "garman_klass":
        terms = [0.5 * log(h / low) ** 2 - (2 * log(2) - 1) * log(c / o) ** 2 for o, h, low, c in bars]
        return max(0.0, sum(terms) / n)
    if method == "rogers_satchell":
        return max(0.0, sum(drift_free) / n)
    m = n - 1
    k = 0.34 / (1.34 + (m + 1) / (m - 1))
    return max(0.0, var(gaps) + k * var(days[1:]) + (1 - k) * sum(drift_free[1:]) / m)


def var(values):
    """Sample variance; 0 of one."""
    mean = sum(values) / len(values)
    return sum((x - mean) ** 2 for x in values) / max(len(values) - 1, 1)
