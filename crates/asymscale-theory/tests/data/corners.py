"""Golden values of the theory over the whole box of its parameters, corners and edges included.

Independent of the crate: numpy and scipy only, written for accuracy and not for speed. Everything is kept in logarithms, so
that nothing overflows or underflows before the end.

Coordinates: the first 2000 from either start (1, and the first one past the onset) one by one, then a 24-point
Gauss-Legendre rule in panels of ln(distance from that start), with the end correction f'/24 of the midpoint rule; beyond the last panel
closed forms of pure powers. The integral over u is a trapezoid in ln u of step 0.25 (its error is below 1e-15). Roots by Brent,
derivatives by the sums' own integrands. Precision 1e-9, or the row's tolerance.

Run:  python3 corners.py > corners.csv
"""
import math
import sys

import numpy as np
from scipy import optimize, special, stats

EXACT = 2000
GL_X, GL_W = np.polynomial.legendre.leggauss(24)
STEP = 0.25
INF = math.inf


class Model:
    """Nodes of the sums over coordinates: ln i and the logarithm of the weight, head (always on) and rest."""

    def __init__(self, amplitude, alpha, beta, onset, coordinates=INF):
        self.amplitude, self.alpha, self.beta, self.onset, self.m = amplitude, alpha, beta, onset, coordinates
        always = 0 if beta == 0 else min(math.floor(onset), coordinates)
        self.always = always
        parts = []
        if always:
            parts.append(self.segment(1, always))
        if coordinates > always:
            parts.append(self.segment(always + 1, coordinates))
        self.logi = np.concatenate([p[0] for p in parts])
        self.w = np.concatenate([p[1] for p in parts])  # weight over i, signed
        self.on = np.concatenate([np.full(len(p[0]), always > 0 and n == 0) for n, p in enumerate(parts)])
        if coordinates == INF:
            self.extend(self.reach)

    def segment(self, a, b):
        """Nodes for i = a..b (b may be infinite: up to some reach, extended later)."""
        last = min(b, a + EXACT - 1)
        i = np.arange(a, last + 1, dtype=float)
        logi, w = [np.log(i)], [1.0 / i]
        if b > last:
            start = last + 0.5
            # i = a + s, s from EXACT - 0.5 on; ln s uniform panels.
            edge_corr = self.edge(last + 1, +1.0)
            logi.append(edge_corr[0]), w.append(edge_corr[1])
            width = min(0.25, 1.0 / (1.0 + self.alpha + self.beta))
            lo = math.log(start - a)
            if b < INF:
                hi = math.log(b + 0.5 - a)
                x = self.panels(lo, hi, width)
                li = np.log(a) + np.log1p(np.exp(x[0]) / a) if a > 0 else x[0]
                logi.append(li), w.append(x[1] * np.exp(x[0] - li))
                e = self.edge(b + 1, -1.0)
                logi.append(e[0]), w.append(e[1])
            else:
                hi = max(lo, math.log(a)) + 8.0
                x = self.panels(lo, hi, width)
                li = np.log(a) + np.log1p(np.exp(x[0]) / a)
                logi.append(li), w.append(x[1] * np.exp(x[0] - li))
                self.tail_from = float(np.log(a) + np.log1p(math.exp(hi) / a))
                self.reach = self.tail_from
        elif b == INF:
            raise ValueError
        return np.concatenate(logi), np.concatenate(w)

    @staticmethod
    def edge(i, sign):
        """+f'(i - 1/2)/24 by central difference, in weights over i."""
        return np.log([i, i - 1.0]), np.array([sign / 24.0 / i, -sign / 24.0 / (i - 1.0)])

    @staticmethod
    def panels(lo, hi, width):
        n = max(1, math.ceil((hi - lo) / width))
        edges = np.linspace(lo, hi, n + 1)
        mid, half = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
        return (mid[:, None] + half[:, None] * GL_X).ravel(), (half[:, None] * GL_W).ravel()

    def extend(self, x):
        if self.m < INF or x <= self.reach:
            return
        width = max(min(0.25, 1.0 / (1.0 + self.alpha + self.beta)), (x - self.reach) / 3000)
        p = self.panels(self.reach, x, width)
        self.logi, self.w = np.concatenate([self.logi, p[0]]), np.concatenate([self.w, p[1]])
        self.on = np.concatenate([self.on, np.zeros(len(p[0]), dtype=bool)])
        self.reach = x

    def log_lambda(self):
        return -(1.0 + self.alpha) * self.logi

    def log_p(self):
        if self.beta == 0:
            return np.zeros_like(self.logi)
        lp = np.minimum(0.0, self.beta * (math.log(self.onset) - self.logi))
        return np.where(self.on, 0.0, lp)

    def log_p_at(self, x):
        return 0.0 if self.beta == 0 else self.beta * (math.log(self.onset) - x)

    def total(self, log_values):
        """Sum over coordinates of exp(log_values)."""
        return math.fsum(np.where(self.w > 0, 1, -1) * np.exp(log_values + self.logi + np.log(np.abs(self.w))))


def log_miss(lp, D):
    """ln (1 - p)^D."""
    with np.errstate(divide="ignore"):
        return D * np.log1p(-np.exp(lp))


def rare_from(model, D, tiny=1e-11):
    return model.reach if model.beta == 0 else (model.beta * math.log(model.onset) + math.log(D) - math.log(tiny)) / model.beta


def seen(model, D):
    if model.m == INF:
        if model.beta <= 1:
            return INF
        model.extend(rare_from(model, D))
    lm = log_miss(model.log_p(), D)
    with np.errstate(divide="ignore"):
        total = model.total(np.log(-np.expm1(lm)))
    if model.m == INF:
        total += math.exp(math.log(D) + model.log_p_at(0.0) - (model.beta - 1) * model.reach) / (model.beta - 1)
    return total


def unseen(model, D):
    tail = 0.0
    if model.m == INF and model.beta > 0:
        model.extend(min(rare_from(model, D), 760.0 / model.alpha))
        tail = math.exp(-model.alpha * model.reach + log_miss(np.array(model.log_p_at(model.reach)), D)) / model.alpha
    with np.errstate(divide="ignore", invalid="ignore"):
        return model.total(log_miss(model.log_p(), D) + model.log_lambda()) + tail


def variance(model):
    tail = math.exp(-model.alpha * model.reach) / model.alpha if model.m == INF else 0.0
    return model.total(model.log_lambda()) + tail


def transform(amplitude, logs):
    """delta(s) and s delta'(s) at s = e^logs."""
    s = np.exp(np.minimum(logs, 600.0))
    if amplitude == "gaussian":
        return -np.expm1(-0.5 * np.log1p(2 * s)), s * (1 + 2 * s) ** -1.5
    return -np.expm1(-s), s * np.exp(-s)


def responses(model, D, v):
    """ln(1 - t), ln t and ln(-dt/d ln G) of all nodes at G = e^v."""
    lp, ll = model.log_p(), model.log_lambda()
    logy = v + ll - lp - math.log(D)  # a^2 g
    lam = v + ll
    n = len(lp)
    out = np.empty((3, n))
    order = np.argsort(logy)
    for lo in range(0, n, 200):
        k = order[lo:lo + 200]
        most = max(np.max(logy[k]), np.max(lam[k]), 0.0)
        u = np.arange(math.log(1e-19) - most, math.log(45.0), STEP)
        U = np.exp(u)
        d, s = transform(model.amplitude, logy[k, None] + u)
        p = np.exp(lp[k, None])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log_e = D * np.log1p(-p * d)
            ew = np.exp(-U) * U * STEP
            learned = (-np.expm1(log_e) * ew).sum(axis=1)
            left = (np.exp(log_e) * ew).sum(axis=1)
            slope = (np.exp(log_e - np.log1p(-p * d) + math.log(D) + lp[k, None]) * s * ew)
            slope = np.where(np.isfinite(slope), slope, 0.0).sum(axis=1)
            faint = np.maximum(lam[k], logy[k]) < math.log(1e-30)
            out[0, k] = np.where(faint, lam[k], np.log(learned))
            out[1, k] = np.log(np.minimum(left, 1.0))
            out[2, k] = np.where(faint, lam[k], np.log(slope))
    return out


def dense_responses(model, v):
    lam = v + model.log_lambda()
    left = -np.logaddexp(0.0, lam)
    return np.array([lam + left, left, lam + 2 * left])


def sums(model, D, v):
    """f, T, f' and -T' at G = e^v."""
    tail = np.zeros(4)
    if model.m == INF:
        drift = model.beta - 1 - model.alpha
        x = max((v + 25.0) / (1 + model.alpha), model.reach)
        if D < INF and model.beta > 0 and drift < 0:
            x = max(x, (v + 25.0 - model.log_p_at(0.0) - math.log(D)) / -drift)
        if D < INF and model.beta > 1:
            # Or where no sample sees anything: this share of what has been seen.
            x = min(max(x, rare_from(model, D)), max(rare_from(model, D),
                    (model.log_p_at(0.0) + math.log(D) + 36.0 - math.log(model.beta - 1)) / (model.beta - 1))) \
                if drift < 0 else (model.log_p_at(0.0) + math.log(D) + 36.0 - math.log(model.beta - 1)) / (model.beta - 1)
        model.extend(x)
        mass = math.exp(-model.alpha * model.reach) / model.alpha
        first = math.exp(v - model.alpha * model.reach) / model.alpha
        linear = v - (1 + model.alpha) * model.reach < -20 and (
            D == INF or v + drift * model.reach - model.log_p_at(0.0) - math.log(D) < -20)
        tail = np.array([first if linear else 0.0, mass, first if linear else 0.0, 0.0])
    r = dense_responses(model, v) if D == INF else responses(model, D, v)
    ll = model.log_lambda()
    return np.array([model.total(r[0]), model.total(ll + r[1]), model.total(r[2]), model.total(ll + r[2])]) + tail


def loss(model, N, D, ridge=0.0, noise=0.0):
    s = INF if D == INF else seen(model, D)
    if D == INF:
        s = model.m
    rank = min(s, D)
    per_sample = 0.0 if D == INF else noise / D
    if ridge == 0.0 and N > rank:
        if s <= D:
            if noise:
                return None
            u = unseen(model, D)
            return u if N == INF else u * N / (N - s)
        target = lambda v: math.log(sums(model, D, v)[0] / D)
    elif ridge == 0.0:
        target = lambda v: math.log(sums(model, D, v)[0] / N)
    else:
        def target(v):
            f = sums(model, D, v)[0]
            free, spare = 1 - f / N, 1 - f / D
            if free <= 0 or spare <= 0:
                return 1e3
            return math.log(ridge) + v - math.log(free) - math.log(spare)
    guess = (1 + model.alpha) * math.log(1 + min(N, rank if ridge == 0 else INF, D, 1e13))
    lo, hi = guess - 3, guess + 3
    if ridge > 0:
        hi = min(hi, -math.log(ridge))
        lo = hi - 3
    while target(lo) > 0:
        lo -= 5
    while target(hi) < 0:
        hi += 5
        if hi > 640:
            return None
    v = optimize.brentq(target, lo, hi, xtol=1e-12, rtol=1e-14)
    f, t, ff, tt = sums(model, D, v)
    if ridge == 0.0:
        f = N if N <= rank else D
    e = 1 + (ff - f) / D
    bias = (t - tt) + tt * ff / (D * e)
    gap = ff * max(1 - f / D, 0.0) / e
    free = N - f + gap
    g = math.exp(v)
    value = bias * (1.0 if N == INF else N / free)
    return value + per_sample * (tt * g / e + (0.0 if N == INF else bias * ff * g / e / free))


def rank(model, D):
    s = seen(model, D)
    if model.m == INF and model.beta <= 1:
        return D
    lp = model.log_p()
    p = np.exp(lp)
    rest = 0.0 if model.m < INF else math.exp(model.log_p_at(0.0) - (model.beta - 1) * model.reach) / (model.beta - 1)
    weight = model.w * np.exp(model.logi)
    w, log_y = np.zeros_like(p), 0.0
    for _ in range(60000):
        y = np.minimum(np.exp(log_y) / (1 - p * w), 1.0)
        with np.errstate(divide="ignore"):
            w = np.exp((D - 1) * np.log1p(-p * y)) if D > 1 else np.ones_like(p)
            w = np.where(p * w >= 1.0, 1.0 - 1e-16, w)
            new = (weight * np.log1p(-p * w)).sum() - rest
        done = abs(new - log_y) < 1e-14 * (1 + abs(new))
        log_y = new
        if done or log_y < -60:
            break
    if log_y < -60:
        return min(D, s)
    y = np.minimum(np.exp(log_y) / (1 - p * w), 1.0)
    with np.errstate(divide="ignore"):
        covered = -np.expm1(D * np.log1p(-p * y)) - D * p * y * w
    return min((weight * covered).sum() - D * math.expm1(log_y), D, s)


def exceed(amplitude, D, log_p, x):
    """-ln(1 - P(chi > x)) of each coordinate, every count in full."""
    out = np.zeros_like(x)
    for j, (lp, level) in enumerate(zip(log_p, x)):
        p, mean = math.exp(lp), D * math.exp(lp)
        if not math.isfinite(level):
            continue
        if p >= 1.0:
            q = stats.chi2.sf(level, D) if amplitude == "gaussian" else float(D > level * (1 + 1e-12))
        elif amplitude == "rademacher":
            least = math.floor(level * (1 + 1e-12)) + 1
            if least > D:
                continue
            q = stats.binom.sf(least - 1, D, p) if p > 1e-290 else (math.exp(math.log(D) + lp) if least == 1 else 0.0)
        else:
            if mean > 1 and level > mean:  # Chernoff: nothing as a float
                m = (level / mean) ** (1 / 3)
                if D * math.log1p(p * (m - 1)) - 0.5 * level * (1 - 1 / m**2) < -800:
                    continue
            most = int(min(D, 60 + 3 * mean + 30 * math.sqrt(mean) + (min(level, 3000) if mean > 1e-3 else 60)))
            k = np.arange(1, most + 1)
            ways = np.log1p(-(k - 1) / D).cumsum() + k * math.log(D) - special.gammaln(k + 1)
            q = np.exp(ways + k * lp + (D - k) * math.log1p(-p) + stats.chi2.logsf(level, k)).sum()
        out[j] = -math.log1p(-min(q, 1 - 1e-16))
    return out


def instability(amplitude, alpha, beta, c, m, D, rate, exact=6000):
    """The diagonal law: coordinates one by one, then 20-point panels of ln i between the jumps of signs."""
    level, always = 2 * D / rate, math.floor(c) if beta > 0 else 0
    i = np.arange(1, min(always, m, 300) + 1.0)
    total = exceed(amplitude, D, np.zeros_like(i), level * i ** (1 + alpha)).sum() if len(i) else 0.0
    if total > 60:
        return 1.0
    front, drift = beta * math.log(c), beta - 1 - alpha
    terms = lambda t: exceed(amplitude, D, front - beta * t, np.exp(math.log(level) + front - drift * t))
    i = np.arange(always + 1, min(always + exact, m) + 1.0)
    total += terms(np.log(i)).sum() if len(i) else 0.0
    if m <= always + exact:
        return -math.expm1(-total)
    lo, hi = math.log(always + exact + 0.5), math.log(m + 0.5) if m < INF else 4000.0
    breaks = [lo, hi]
    if amplitude == "rademacher" and drift != 0:
        for n in range(1, 2000):
            t = (math.log(level / n) + front) / drift
            if lo < t < hi:
                nudge = 1 - 1e-13 if drift < 0 else 1 + 1e-13
                breaks.append(math.log(math.floor(math.exp(t) * nudge) + 0.5) if t < 30 else t)
    breaks.sort()
    x, w = np.polynomial.legendre.leggauss(20)
    for a, b in zip(breaks, breaks[1:]):
        edges = np.linspace(a, b, max(1, math.ceil((b - a) / 0.2)) + 1)
        for u, v in zip(edges, edges[1:]):
            t = (u + v) / 2 + (v - u) / 2 * x
            with np.errstate(all="ignore"):
                part = (terms(t) * np.exp(t) * w).sum() * (v - u) / 2
            total += part if math.isfinite(part) else 0.0
            if beta > 1 and math.log(D) + front + (1 - beta) * v < math.log(max(total, 1e-300)) - 28:
                return -math.expm1(-total)
            if drift < 0 and part == 0 and total > 0 and u > lo + 2:
                return -math.expm1(-total)
    return -math.expm1(-total)


ALPHAS, ONSETS = [0.05, 0.3, 1.0, 5.0, 20.0], [1.0, 1.5, 3.999, 100.5, 1e6, 999_999.5]
BETAS = [0.0, 0.01, 0.5, 0.99, 1.0, 1.01, 1.05, 1.5, 2.0, 8.0]


def pick(rng, values):
    return values[int(rng.integers(len(values)))]


def coverage_rows(rng, count):
    for _ in range(count):
        a, b, c = pick(rng, ALPHAS + [0.01, 100.0]), pick(rng, BETAS + [100.0]), pick(rng, ONSETS + [1e12])
        m, d = pick(rng, [INF, INF, 1, 3, 5000, 10**6, 9 * 10**15]), pick(rng, [1.0, 2.0, 3.0, 2.5, 10.0, 1e4, 1e9, 1e12, 1e15])
        model = lambda: Model("gaussian", a, b, c, m)
        # Next to a fractional onset 1 - p has few digits, and a fractional power of it is not smooth.
        rough = 1e-6 if c % 1 or d % 1 else 1e-8
        if b > 1 or m < INF:
            yield "seen", "gaussian", a, b, c, m, "", d, "", "", "", seen(model(), d), 1e-9
        yield "unseen_mass", "gaussian", a, b, c, m, "", d, "", "", "", unseen(model(), d), rough
        if d <= 1e9:
            yield "rank", "gaussian", a, b, c, m, "", d, "", "", "", rank(model(), d), 1e-7


def loss_rows(rng, count):
    done = 0
    while done < count:
        amplitude, a, b, c = pick(rng, ["gaussian", "rademacher"]), pick(rng, ALPHAS), pick(rng, BETAS), pick(rng, ONSETS)
        if rng.random() < 0.3:
            b = 1 + a * pick(rng, [1.0, 2.0]) if a < 3 else b
        # So few that all are summed one by one: other tables have losses of infinitely many.
        m, d = pick(rng, [1, 3, 500]), pick(rng, [1.0, 2.0, 3.0, 10.0, 1e4, 1e6, 1e9, 1e12, INF])
        n = pick(rng, [1.0, 2.0, 3.0, 10.0, 400.0, 1e6, 1e12, INF])
        ridge, noise = pick(rng, [0.0, 0.0, 1e-2, 1e10]), pick(rng, [0.0, 0.0, 0.5])
        model = Model(amplitude, a, b, c, m)
        threshold = min(m if d == INF else seen(model, d), d)
        if abs(n / threshold - 1) < 1e-3:  # N - f has no digits left
            continue
        value = loss(model, n, d, ridge, noise)
        if value is not None and 1e-250 < value < INF:
            done += 1
            yield "loss", amplitude, a, b, c, m, n, d, ridge, noise, "", value, 2e-9


def instability_rows(rng, count):
    for _ in range(count):
        amplitude, a = pick(rng, ["gaussian", "rademacher"]), pick(rng, [0.05, 0.1, 0.5, 1.0, 2.0, 20.0])
        b = round(max(0.0, 1 + a + pick(rng, [1e-6, -1e-6, 0.01, -0.01, 0.1, 0.3, 0.5, 1.0, 2.0, -0.5])), 9)
        c, m = pick(rng, [1.0, 1.0, 2.5, 3.999999, 1000.3, 1e6]), pick(rng, [INF, INF, 1, 2, 5000, 10**15])
        d, rate = pick(rng, [1.0, 2.0, 3.0, 30.0, 1000.0, 1e6, 1e12]), pick(rng, [0.01, 0.3, 1.0, 1.9, 1.99999, 2.5])
        value = instability(amplitude, a, b, c, m, d, rate)
        yield "instability", amplitude, a, b, c, m, "", d, "", "", rate, value, 1e-7


def main():
    rng = np.random.default_rng(1)
    print("# Golden values over the whole box of parameters, corners and edges included. Generator: corners.py, independent of this")
    print("# crate (numpy and scipy); its header says how, and at which precision. A value below 1e-300 stands for anything below.")
    print("quantity,amplitude,alpha,beta,c,M,N,D,ridge,noise,rate,value,tolerance")
    for rows in (coverage_rows(rng, 60), instability_rows(rng, 60), loss_rows(np.random.default_rng(2), 60)):
        for row in rows:
            print(",".join(repr(float(x)) if isinstance(x, (int, float, np.floating)) else x for x in row), flush=True)


if __name__ == "__main__":
    main()
