"""Makes graded.json, the golden values of graded.rs (python-flint, mpmath, gmpy2; never needed at build or test time).

Designs whose amplitudes span many decades, drawn here or made by hand, and what the solvers should say of them. The
doubles of a design are the truth; everything else is computed from them with so many digits that the 17 stored are
right: 60 and two for each decade that squares of entries span, and one for each decade of the population variances.
Ranks are those of integer matrices. The decomposition is a tridiagonal QL in `mpfr`; formulas are written anew from
the documentation of the crate, with derivatives along the ridge by central differences of 1e-30 of its scale.

    python graded.py            writes graded.json beside this file
    python graded.py check      computes every fourth design again with twice the digits, and residual masses of small
                                designs by rational arithmetic, and compares

Fields of a design: `columns`: [index, variance, [[sample, value], ...]]; `rank`; `residual`: the residual mass;
`eigenvalues`, `weights`: for ranks up to 40, ascending; `losses`: [method, features (null: infinite), ridge, noise,
loss]; `rate`, `descent`: [steps, loss] with infinitely many features. `condition`: the largest relative change of the
residual mass, of an eigenvalue and of a loss without ridge and noise, in units of relative changes of all entries
(null where results rest on exact dependencies, which such changes break). `explicit`: [features, ridge, [loss of each
teacher]] with the features and teachers of features.json, which the crate draws and graded.rs draws again.
`beyond`: some squares of entries are too small for a double; there are the rank and the residual mass only.
`tolerance`: of every number.
"""

import json
import math
import os
import random
import sys
import time
from fractions import Fraction
from operator import mul

import flint
import gmpy2
import mpmath
from gmpy2 import mpfr

RIDGES = [0.0, 1e-8, 1e-3]
NOISES = [0.0, 0.1]
STEPS = [1, 10, 1000, 1000000]
TOLERANCE = 1e-6
SMALLEST = 1e-150
"""Entries below this have squares that a double cannot hold."""


def digits(count):
    """Sets the working precision."""
    gmpy2.get_context().precision = int(count * 3.33) + 16


# Designs ------------------------------------------------------------------------------------------------------------


def draw(alpha, beta, onset, samples, seed, coordinates=None, amplitude="gaussian"):
    """A design of the sparse model; infinitely many coordinates if none are given."""
    rng = random.Random(f"{alpha} {beta} {onset} {samples} {seed} {coordinates} {amplitude}")
    near = min(coordinates or 2000, 2000)
    active = {}
    for i in range(1, near + 1):
        p = min(1.0, (onset / i) ** beta)
        rows = [d for d in range(samples) if rng.random() < p]
        if rows:
            active[float(i)] = rows
    if coordinates is None:
        # Coordinates beyond are active at most a few times: a Poisson process in (i, sample).
        start = near + 0.5
        mass = samples * onset**beta * start ** (1 - beta) / (beta - 1)
        at = rng.expovariate(1.0)
        while at < mass:
            index = float(round(start * (1 - at / mass) ** (-1 / (beta - 1))))
            rows = active.setdefault(index, [])
            row = rng.randrange(samples)
            if row not in rows:
                rows.append(row)
            at += rng.expovariate(1.0)
    elif coordinates > near:
        # Rare enough here that one more than once in a coordinate is negligible, and each one is looked at.
        start, end = near + 0.5, coordinates + 0.5
        mass = samples * onset**beta * (start ** (1 - beta) - end ** (1 - beta)) / (beta - 1)
        at = rng.expovariate(1.0)
        while at < mass:
            left = start ** (1 - beta) - at / (samples * onset**beta) * (beta - 1)
            active.setdefault(float(round(left ** (1 / (1 - beta)))), [rng.randrange(samples)])
            at += rng.expovariate(1.0)
    columns = []
    for index in sorted(active):
        eigenvalue = index ** -(1 + alpha)
        scale = math.exp(0.5 * (-(1 + alpha) * math.log(index) - beta * min(0.0, math.log(onset / index))))
        if amplitude == "gaussian":
            entries = [[d, scale * rng.gauss(0, 1)] for d in sorted(active[index])]
        else:
            entries = [[d, scale * rng.choice((-1, 1))] for d in sorted(active[index])]
        columns.append([index, eigenvalue, entries])
    return {
        "alpha": alpha,
        "samples": samples,
        "unseen": unseen_mass(alpha, coordinates, sorted(active)),
        "columns": columns,
    }


def unseen_mass(alpha, coordinates, seen):
    """The variances of all coordinates that are not seen, as a double."""
    with mpmath.workdps(120):
        total = mpmath.zeta(1 + alpha)
        if coordinates:
            total -= mpmath.zeta(1 + alpha, coordinates + 1)
            if len(seen) == coordinates:
                return 0.0
        return float(total - sum(mpmath.mpf(i) ** -(1 + alpha) for i in seen))


def by_hand(samples, columns, unseen, alpha=None):
    """A design from lists of (variance, {sample: value})."""
    columns = [[k + 1.0, v, [[d, e[d]] for d in sorted(e)]] for k, (v, e) in enumerate(columns)]
    return {"alpha": alpha, "samples": samples, "unseen": unseen, "columns": columns}


# Linear algebra -----------------------------------------------------------------------------------------------------


def dot(a, b):
    return sum(map(mul, a, b), mpfr(0))


def tridiagonal(a):
    """Householder's reduction of a symmetric matrix (rows, overwritten): diagonal, off-diagonal, rows of Qᵀ."""
    n = len(a)
    off, reflections = [mpfr(0)] * n, []
    for k in range(n - 2):
        x = [a[i][k] for i in range(k + 1, n)]
        norm = gmpy2.sqrt(dot(x, x))
        if norm == 0 or all(v == 0 for v in x[1:]):
            off[k] = x[0]
            reflections.append(None)
            continue
        head = -norm if x[0] > 0 else norm
        v = x[:]
        v[0] -= head
        scale = 2 / dot(v, v)
        p = [scale * dot(a[i][k + 1 :], v) for i in range(k + 1, n)]
        half = scale * dot(p, v) / 2
        w = [pi - half * vi for pi, vi in zip(p, v)]
        for i in range(n - k - 1):
            row, vi, wi = a[k + 1 + i], v[i], w[i]
            row[k + 1 :] = [r - vi * wj - wi * vj for r, vj, wj in zip(row[k + 1 :], v, w)]
        off[k] = head
        reflections.append((v, scale))
    if n > 1:
        off[n - 2] = a[n - 1][n - 2]
    diagonal = [a[i][i] for i in range(n)]
    # Q = H_0 H_1 …; its transpose by rows: start from the identity, apply the last first.
    q = [[mpfr(int(i == j)) for j in range(n)] for i in range(n)]
    for k in range(n - 3, -1, -1):
        if reflections[k]:
            v, scale = reflections[k]
            for j in range(k + 1, n):
                row = q[j]
                share = scale * dot(row[k + 1 :], v)
                row[k + 1 :] = [r - share * vi for r, vi in zip(row[k + 1 :], v)]
    return diagonal, off, q


def eigen(a):
    """Eigenvalues, ascending, and eigenvectors of a symmetric matrix given by rows."""
    n = len(a)
    if n == 0:
        return [], []
    d, e, z = tridiagonal([row[:] for row in a])
    tiny = mpfr(2) ** (-gmpy2.get_context().precision)
    scale = max(abs(x) for x in d + e)
    for low in range(n):
        while True:
            m = low
            while m < n - 1 and abs(e[m]) > tiny * scale:
                m += 1
            if m == low:
                break
            g = (d[low + 1] - d[low]) / (2 * e[low])
            r = gmpy2.sqrt(g * g + 1)
            g = d[m] - d[low] + e[low] / (g + (r if g >= 0 else -r))
            s = c = mpfr(1)
            p = mpfr(0)
            early = False
            for i in range(m - 1, low - 1, -1):
                f, b = s * e[i], c * e[i]
                r = gmpy2.sqrt(f * f + g * g)
                e[i + 1] = r
                if r == 0:
                    d[i + 1] -= p
                    e[m] = mpfr(0)
                    early = True
                    break
                s, c = f / r, g / r
                g = d[i + 1] - p
                r = (d[i] - g) * s + 2 * c * b
                p = s * r
                d[i + 1] = g + p
                g = c * r - b
                x, y = z[i], z[i + 1]
                z[i + 1] = [s * xi + c * yi for xi, yi in zip(x, y)]
                z[i] = [c * xi - s * yi for xi, yi in zip(x, y)]
            if early:
                continue
            d[low] -= p
            e[low] = g
            e[m] = mpfr(0)
    order = sorted(range(n), key=lambda k: d[k])
    return [d[k] for k in order], [z[k] for k in order]


def integers(design):
    """Columns as integers, each scaled by its own power of two."""
    columns = []
    for _, _, entries in design["columns"]:
        ratios = [(d, x.as_integer_ratio()) for d, x in entries]
        common = max(q for _, (_, q) in ratios)
        columns.append({d: p * (common // q) for d, (p, q) in ratios})
    return columns


def rank(design):
    columns = integers(design)
    if not columns:
        return 0
    rows = [[c.get(d, 0) for c in columns] for d in range(design["samples"])]
    return int(flint.fmpz_mat(rows).rank())


def generic_rank(design):
    """The rank that almost all values in the same places have."""
    rng = random.Random(3)
    prime = 2**61 - 1
    columns = [{d: rng.randrange(1, prime) for d, x in e if x} for _, _, e in design["columns"]]
    if not columns:
        return 0
    rows = [[c.get(d, 0) for c in columns] for d in range(design["samples"])]
    return int(flint.nmod_mat(len(rows), len(columns), [x for row in rows for x in row], prime).rank())


def decades(values):
    values = [v for v in values if v != 0]
    return math.log10(max(values) / min(values)) if values else 0.0


def needed_digits(design):
    squares = 2 * decades([abs(x) for _, _, e in design["columns"] for _, x in e])
    return int(60 + 2 * squares + decades([v for _, v, _ in design["columns"]]))


def spectrum(design, entries=None, full=None):
    """Rank, eigenvalues, weights, residual mass; `entries` in place of those of the design, if given."""
    samples, columns = design["samples"], design["columns"]
    entries = entries or [[(d, mpfr(x)) for d, x in e] for _, _, e in columns]
    variances = [mpfr(v) for _, v, _ in columns]
    r, seen = full if full is not None else rank(design), len(columns)
    unseen = mpfr(design["unseen"])
    if r == 0:
        return 0, [], [], unseen + sum(variances, mpfr(0))
    wide = samples <= seen
    n = min(samples, seen)
    gram = [[mpfr(0)] * n for _ in range(n)]
    if wide:
        for column in entries:
            for d, x in column:
                row = gram[d]
                for f, y in column:
                    row[f] += x * y
    else:
        maps = [dict(column) for column in entries]
        for i in range(n):
            for j in range(i, n):
                gram[i][j] = gram[j][i] = sum((x * maps[j][d] for d, x in entries[i] if d in maps[j]), mpfr(0))
    squares, vectors = eigen(gram)
    if n > r:
        assert abs(squares[n - r - 1]) < squares[n - r] * mpfr(10) ** -25, (squares[n - r - 1], squares[n - r])
    squares, vectors = squares[n - r :], vectors[n - r :]
    weights, kept = [], [mpfr(0)] * seen
    for square, u in zip(squares, vectors):
        if wide:
            shares = [sum((x * u[d] for d, x in column), mpfr(0)) ** 2 / square for column in entries]
        else:
            shares = [x * x for x in u]
        weights.append(dot(variances, shares))
        kept = [k + s for k, s in zip(kept, shares)]
    lost = mpfr(0) if r == seen else sum((v * (1 - k) for v, k in zip(variances, kept)), mpfr(0))
    return r, [q / samples for q in squares], weights, unseen + lost


# Losses -------------------------------------------------------------------------------------------------------------


class Equivalent:
    """Everything at one number of features, as functions of the ridge."""

    def __init__(self, samples, s, b, residual, features):
        self.samples, self.s, self.b, self.residual, self.n = samples, s, b, residual, features

    def kappa(self, ridge):
        """The root of κ (1 − df1/N) = γ."""
        s, n = self.s, self.n
        low = max(ridge, s[0] * (mpfr(len(s)) / n - 1))
        x, y = gmpy2.log(low), gmpy2.log(ridge + sum(s) / n)
        z = (x + y) / 2
        tiny = mpfr(2) ** (20 - gmpy2.get_context().precision)
        while True:
            k = gmpy2.exp(z)
            kept = [v / (v + k) for v in s]
            value = 1 - sum(kept) / n - ridge / k
            slope = sum((v * (k / (t + k)) for v, t in zip(kept, s)), mpfr(0)) / n + ridge / k
            x, y = (x, z) if value > 0 else (z, y)
            step = z - value / slope
            step = step if x < step < y else (x + y) / 2
            if abs(step - z) <= tiny * max(abs(z), 1) or y - x <= tiny * max(abs(z), 1):
                return gmpy2.exp(step)
            z = step

    def near(self, kappa, ridge):
        """κ at a ridge close to one of known κ, by Newton's method; the ridge may be below 0."""
        for _ in range(12):
            kept = [v / (v + kappa) for v in self.s]
            value = kappa * (1 - sum(kept) / self.n) - ridge
            slope = 1 - sum((v * v for v in kept), mpfr(0)) / self.n
            kappa -= value / slope
        return kappa

    def slope(self, kappa, ridge):
        """κ′ = 1/(1 − df2/N), nothing of which cancels."""
        free = ridge * self.n / kappa + sum((v * kappa / (v + kappa) ** 2 for v in self.s), mpfr(0))
        return self.n / free

    def averaged(self, ridge, noise, kappa):
        s, b, n = self.s, self.b, self.n
        room = len(s) - n
        pole = mpfr(room) / (room - 1) if ridge == 0 else mpfr(1)
        lost = self.residual + sum((w * (kappa / (v + kappa)) ** 2 for v, w in zip(s, b)), mpfr(0))
        learned = sum((w * v / (v + kappa) ** 2 for v, w in zip(s, b)), mpfr(0))
        spread = sum((v / (v + kappa) ** 2 for v in s), mpfr(0))
        df2 = sum(((v / (v + kappa)) ** 2 for v in s), mpfr(0))
        free = n / self.slope(kappa, ridge)
        # κ² trΣ(Σ̂+κ)⁻² / (1 − df2/N) = lost + lost·df2/(N − df2), and the second part has the pole.
        loss = lost + pole * lost * df2 / free
        return loss + noise / self.samples * (learned + pole * lost * spread / free)

    def orders(self, kappa, ridge):
        """P, P₁, S P² κ′ by direction and κ′, u at one ridge."""
        n, slope = self.n, self.slope(kappa, ridge)
        p = [kappa / (v + kappa) for v in self.s]
        kept = [v / (v + kappa) for v in self.s]
        top = sum((v * q * q * k for v, q, k in zip(self.s, p, kept)), mpfr(0))
        all_of = ridge * n + sum((v * q * q for v, q in zip(self.s, p)), mpfr(0))
        u = top / all_of
        p1 = [v * q * q * (k - u) * slope / kappa for v, q, k in zip(self.s, p, kept)]
        eta = [v * q * q * slope for v, q in zip(self.s, p)]
        return p, p1, eta, slope, u

    def corrected(self, ridge, noise, kappa):
        """The loss of the next order, and how far its rule of falling back is from changing its mind."""
        s, b, n = self.s, self.b, self.n
        p, p1, eta, slope, u = self.orders(kappa, ridge)
        h = mpfr(10) ** -30 * kappa / slope
        above, below = [self.orders(self.near(kappa, ridge + d), ridge + d) for d in (h, -h)]
        rate = lambda part: [(x - y) / (2 * h) for x, y in zip(above[part], below[part])]
        p1_slope, eta_slope = rate(1), rate(2)
        tau = sum((v * x for v, x in zip(s, p1_slope)), mpfr(0)) / n
        mean = self.residual + sum((w * q * q for w, q in zip(b, p)), mpfr(0))
        mean_next = sum((2 * w * q * x for w, q, x in zip(b, p, p1)), mpfr(0)) / n
        diagonal = slope / kappa**2 * sum((w * v * v * q**4 for w, v, q in zip(b, s, p)), mpfr(0)) / n
        next_order = self.residual * tau / n
        for w, q, x, t, y in zip(b, p, p1, eta, eta_slope):
            next_order += w * q * (slope * x + tau * q + y - u * slope / kappa * t) / n
        # κ′ − 1 = df2/(N − df2).
        leading = mean * slope * sum(((v / (v + kappa)) ** 2 for v in s), mpfr(0)) / n + diagonal
        rest = next_order - mean_next - diagonal
        series = [(mean + mean_next, leading, rest)]
        if noise:
            p_slope = [slope * v / (v + kappa) ** 2 for v in s]
            apart = mpfr(0)
            for w, v, q, x, y, z in zip(b, s, p, p1, p_slope, p1_slope):
                apart += w * ((v / (v + kappa) - ridge * y) / v - (x + ridge * z) / n / v)
            off = self.residual / n
            series.append((apart, off * sum(p_slope), off * sum(p1_slope) / n))
        pole = mpfr(1) / (len(s) - n) if ridge == 0 else mpfr(0)
        limits = (mpfr(-0.5), min(pole + mpfr(0.5), mpfr(1)))
        steps = [z / y if y > 0 else mpfr(0) for _, y, z in series]
        doubt = min(abs(t - limit) for t in steps for limit in limits)
        if any(not limits[0] < t < limits[1] for t in steps):
            return self.averaged(ridge, noise, kappa), doubt
        sums = [x + (y / (1 - t) if y > 0 else z) for (x, y, z), t in zip(series, steps)]
        return sums[0] + (noise / self.samples * sums[1] if noise else 0), doubt


def exact_over(samples, s, b, residual, n, noise):
    """Without ridge above the rank."""
    if not s:
        return residual
    r = len(s)
    room = None if n is None else n - r - 1
    loss = residual * (1 + (mpfr(r) / room if room else 0))
    inverses = [1 / (v * samples) for v in s]
    off = residual * sum(inverses) / room if room else 0
    return loss + noise * (dot(b, inverses) + off)


def ridged_infinite(samples, s, b, residual, ridge, noise):
    loss = residual
    for v, w in zip(s, b):
        loss += w * (ridge / (v + ridge)) ** 2 + noise / samples * w * v / (v + ridge) ** 2
    return loss


def losses(samples, r, s, b, residual):
    """[method, features, ridge, noise, loss] of all that are asked for."""
    below = sorted({n for n in (1, 2, r // 4, r // 2, 3 * r // 4, r - 2) if 1 <= n})
    table = []
    for ridge in RIDGES:
        sizes = [n for n in below if n < r - 1] + [n for n in (r + 2, 2 * r) if n > r + 1 and r > 0] + [None]
        if r == 0:
            sizes = [1, None]
        if ridge > 0 and r > 0:
            sizes = sorted({*[n for n in sizes if n], r}) + [None]
        for n in sizes:
            gamma = mpfr(ridge)
            exact = r == 0 or n is None or (ridge == 0 and n > r)
            at = None if exact else Equivalent(samples, s, b, residual, n)
            kappa = None if exact else at.kappa(gamma)
            for noise in NOISES:
                sigma = mpfr(noise)
                if exact and ridge and r:
                    loss = ridged_infinite(samples, s, b, residual, gamma, sigma)
                elif exact:
                    loss = exact_over(samples, s, b, residual, n, sigma)
                else:
                    loss = at.averaged(gamma, sigma, kappa)
                    next_order, doubt = at.corrected(gamma, sigma, kappa)
                    if doubt > 1e-4:
                        table.append(["corrected", n, ridge, noise, float(next_order)])
                table.append(["averaged", n, ridge, noise, float(loss)])
    return [row for row in table if math.isfinite(row[4]) and row[4] < 1e250]


# The table ----------------------------------------------------------------------------------------------------------


def condition(design, exact):
    """Relative changes of results in units of relative changes of entries, the largest of one draw."""
    r, s, b, residual = exact
    if r < generic_rank(design):
        return None
    rng = random.Random(7)
    size = mpfr(10) ** -25
    entries = [[(d, mpfr(x) * (1 + size * mpfr(rng.uniform(-1, 1)))) for d, x in e] for _, _, e in design["columns"]]
    _, s2, b2, residual2 = spectrum(design, entries, r)
    change = lambda x, y: float(abs(y / x - 1) / size) if x else 0.0
    # Where a result rests on exact dependencies that no rank shows, there are no small changes either.
    worst = max(map(change, s, s2), default=0.0)
    moved = 0.0
    for n in sorted({n for n in (1, r // 2, r - 2) if 1 <= n < r - 1}):
        pair = [Equivalent(design["samples"], *x, n) for x in ((s, b, residual), (s2, b2, residual2))]
        at = [e.averaged(mpfr(0), mpfr(0), e.kappa(mpfr(0))) for e in pair]
        moved = max(moved, change(*at))
    if max(worst, moved) > 1e12:
        return None
    return [float("%.2g" % x) for x in (change(residual, residual2), worst, moved)]


def solve(a, y):
    """The solution of a positive definite system given by rows, by Cholesky's factorisation."""
    n = len(a)
    low = []
    for i in range(n):
        row = []
        for j in range(i):
            row.append((a[i][j] - dot(row, low[j][:j])) / low[j][j])
        row.append(gmpy2.sqrt(a[i][i] - dot(row, row)))
        low.append(row)
    x = []
    for i in range(n):
        x.append((y[i] - dot(low[i][:i], x)) / low[i][i])
    for i in range(n - 1, -1, -1):
        x[i] = (x[i] - sum((low[k][i] * x[k] for k in range(i + 1, n)), mpfr(0))) / low[i][i]
    return x


def independent_samples(design):
    """As many samples as the rank, of which none is a combination of the others."""
    columns = integers(design)
    matrix = flint.fmpz_mat([[c.get(d, 0) for d in range(design["samples"])] for c in columns])
    reduced, _, r = matrix.rref()
    pivots = []
    for i in range(r):
        pivots.append(next(j for j in range(matrix.ncols()) if reduced[i, j] != 0))
    return pivots


def explicit_losses(design, r, drawn):
    """[features, ridge, [loss of each teacher]] of learners with the features that the crate draws.

    Without losses below 1e-24 of what is to be learned: weights are differences of numbers of 16 digits.
    """
    columns, samples = design["columns"], design["samples"]
    features = [[mpfr(g) for g in column] for column in drawn["features"]]
    teachers = [[mpfr(w) for w in column] for column in zip(*drawn["teachers"])]
    few = independent_samples(design)
    table = []
    for n in sorted({1, max(1, r // 2), r + 3}):
        outputs = [[mpfr(0)] * n for _ in range(samples)]
        for (_, _, entries), g in zip(columns, features):
            for d, x in entries:
                outputs[d] = [o + mpfr(x) * y for o, y in zip(outputs[d], g)]
        for ridge in RIDGES:
            row = [n, ridge, []]
            for w in teachers:
                labels = [mpfr(0)] * samples
                for (_, _, entries), v in zip(columns, w):
                    for d, x in entries:
                        labels[d] += mpfr(x) * v
                if ridge > 0 or n <= r:
                    normal_matrix = [[sum((o[i] * o[j] for o in outputs), mpfr(0)) for j in range(n)] for i in range(n)]
                    for i in range(n):
                        normal_matrix[i][i] += mpfr(ridge) * n * samples
                    right = [sum((o[i] * y for o, y in zip(outputs, labels)), mpfr(0)) for i in range(n)]
                    theta = solve(normal_matrix, right)
                else:
                    gram = [[dot(outputs[d], outputs[f]) for f in few] for d in few]
                    dual = solve(gram, [labels[d] for d in few])
                    theta = [sum((outputs[d][i] * z for d, z in zip(few, dual)), mpfr(0)) for i in range(n)]
                loss = mpfr(design["unseen"]) * (1 + dot(theta, theta))
                for (_, variance, _), g, v in zip(columns, features, w):
                    loss += mpfr(variance) * (v - dot(g[:n], theta)) ** 2
                row[2].append(float(loss))
            if all(loss > 1e-24 * sum(v for _, v, _ in columns) for loss in row[2]):
                table.append(row)
    return table


def golden(name, design, factor=1, quick=False, drawn_by_crate=None):
    """The design with its golden values."""
    count = needed_digits(design) * factor
    digits(count)
    exact = r, s, b, residual = spectrum(design)
    row = {"name": name, **design, "digits": count, "rank": r, "residual": float(residual)}
    row["beyond"] = any(abs(x) < SMALLEST for _, _, e in design["columns"] for _, x in e)
    row["tolerance"] = TOLERANCE
    if row["beyond"]:
        return row
    row["condition"] = None if quick else condition(design, exact)
    digits(100 * factor + (decades([s[0], s[-1]]) if s else 0))
    s, b, residual = [+x for x in s], [+x for x in b], +residual
    if r <= 40:
        row["eigenvalues"], row["weights"] = [float(x) for x in s], [float(x) for x in b]
    row["losses"] = losses(design["samples"], r, s, b, residual)
    if drawn_by_crate:
        digits(count + 100)
        row["explicit"] = explicit_losses(design, r, drawn_by_crate)
    if r:
        row["rate"] = float(mpfr(0.5) / s[-1])
        rate = mpfr(row["rate"])
        at = lambda t: residual + sum((w * (1 - rate * v) ** (2 * t) for v, w in zip(s, b)), mpfr(0))
        row["descent"] = [[t, float(at(t))] for t in STEPS]
    return row


def drawn():
    """Name and design of everything that is drawn: alpha, beta, onset, samples, coordinates (None: infinitely many)."""
    gaussian = [
        (0.05, 0, 1, 20, 40),
        (0.05, 1.1, 1, 20, None),
        (0.05, 2.5, 3, 5, None),
        (0.05, 8, 3, 60, None),
        (0.5, 0.5, 1, 5, 60),
        (0.5, 1.5, 1, 60, None),
        (0.5, 4, 20, 20, None),
        (1, 0, 1, 20, 40),
        (1, 1.3, 20, 5, None),
        (1, 2.5, 1, 100, None),
        (1, 8, 20, 100, None),
        (2, 0.5, 1, 20, 60),
        (2, 1.1, 3, 2, None),
        (2, 1.5, 3, 60, None),
        (2, 1.5, 1, 1, None),
        (3, 0, 1, 60, 40),
        (3, 0, 1, 20, 40),
        (3, 1.3, 1, 60, None),
        (3, 2.5, 1, 100, None),
        (3, 4, 20, 20, None),
        (5, 0.5, 1, 100, 60),
        (5, 1.1, 1, 5, None),
        (5, 1.3, 3, 20, None),
        (5, 1.5, 1, 100, None),
        (5, 2.5, 1, 20, None),
        (5, 8, 3, 100, None),
        (8, 0, 1, 20, 40),
        (8, 0.5, 3, 60, 60),
        (8, 1.1, 1, 20, 1e9),
        (8, 1.5, 1, 20, None),
        (8, 2.5, 3, 60, None),
        (8, 4, 20, 20, None),
        (12, 0, 1, 2, 40),
        (12, 0.5, 1, 20, 60),
        (12, 1.3, 3, 5, 1e6),
        (12, 1.5, 1, 100, 1e6),
        (12, 2.5, 20, 20, None),
        (20, 0, 1, 5, 40),
        (20, 0, 1, 60, 40),
        (20, 0.5, 1, 60, 60),
        (20, 1.1, 1, 60, 1e9),
        (20, 1.3, 1, 2, 1e6),
        (20, 1.5, 1, 20, 10000),
        (20, 1.5, 3, 60, 1e9),
        (20, 2.5, 1, 100, None),
        (20, 4, 3, 100, None),
        (20, 1.1, 1, 5, None),
        (20, 1.5, 1, 100, None),
        (12, 1.1, 1, 20, None),
        # What is asked for most: infinitely many coordinates, and tens of samples.
        (2, 1.1, 1, 60, None),
        (2, 1.3, 1, 100, None),
        (3, 1.1, 1, 20, None),
        (3, 1.3, 1, 100, None),
        (3, 1.5, 20, 20, None),
        (5, 1.1, 1, 20, None),
        (5, 1.3, 1, 100, None),
        (5, 1.5, 1, 60, None),
        (5, 1.5, 20, 5, None),
        (8, 1.3, 1, 60, None),
        (8, 1.5, 3, 100, None),
        (15, 1.5, 1, 100, None),
        (12, 1.3, 1, 10, None),
        (5, 1.3, 1, 10, None),
        (3, 1.5, 3, 10, None),
    ]
    signs = [
        (0.5, 1.3, 1, 20, None),
        (1, 1.3, 3, 20, None),
        (2, 2.5, 3, 60, None),
        (3, 1.5, 1, 100, None),
        (5, 0.5, 1, 20, 60),
        (5, 1.5, 3, 20, None),
        (8, 1.3, 1, 60, 1e6),
        (12, 1.5, 1, 60, 1e5),
        (20, 0, 1, 20, 40),
        (20, 1.5, 1, 60, 1e5),
        (20, 2.5, 3, 20, None),
    ]
    for amplitude, cases in (("gaussian", gaussian), ("rademacher", signs)):
        for alpha, beta, onset, samples, coordinates in cases:
            coordinates = coordinates and int(coordinates)
            of = f" of {coordinates}" if coordinates else ""
            name = f"alpha {alpha}, beta {beta}{of}, onset {onset}, {samples} samples, {amplitude}"
            yield name, draw(alpha, beta, onset, samples, 0, coordinates, amplitude)


def normal(rng, scale=1.0):
    return scale * rng.gauss(0, 1)


def dense_column(rng, samples, scale=1.0):
    return {d: normal(rng, scale) for d in range(samples)}


def made():
    """Name and design of everything made by hand."""
    rng = random.Random("by hand")
    power = lambda k, exponent: float(k + 1) ** -exponent
    yield "nothing seen", by_hand(5, [], 1.5)
    yield "one sample, two coordinates", by_hand(1, [(1.0, {0: 0.75}), (2.0**-9, {0: 1e-60})], 0.25)
    yield "one coordinate far below one", by_hand(3, [(1e-200, {0: 1e-140, 2: -3e-140})], 0.0)

    # Large columns that only one sample shows, and tiny ones that others do.
    large = [(power(k, 2), {0: normal(rng, 10.0 ** (6 - k))}) for k in range(4)]
    tiny = [(power(k, 2), {1 + k % 7: normal(rng, 10.0 ** -(k + 3))}) for k in range(4, 14)]
    yield "large columns of one sample, tiny ones of others", by_hand(8, large + tiny, 1e-3)
    middle = [(1.0, dense_column(rng, 8, 1e-2))]
    yield "the same with a column of all samples", by_hand(8, middle + large + tiny, 1e-3)
    spread = [(power(k, 3), {d: normal(rng, 10.0 ** -(3 * k)) for d in {k % 8, (k + 3) % 8}}) for k in range(1, 16)]
    yield "large columns of one sample, pairs over 45 decades", by_hand(8, large + spread, 0.0)

    # Columns that are multiples of each other: 40 bits of mantissa leave room for exact ones.
    short = lambda: {d: round(rng.gauss(0, 1) * 2**38) * 2.0**-38 for d in range(6)}
    first = short()
    copies = [(power(k, 2), {d: 3 * f * x for d, x in first.items()}) for k, f in enumerate([1.0, 2.0**-30, 2.0**-90])]
    others = [(power(k, 4), {d: f * x for d, x in short().items()}) for k, f in ((4, 1.0), (5, 1e-12), (7, 1e-40))]
    yield "multiples of a column", by_hand(6, copies + others, 0.01)
    yield "multiples of a column and more coordinates than samples", by_hand(
        6, copies + others + [(power(k, 5), dense_column(rng, 6, 10.0 ** (-5 * k))) for k in range(8, 12)], 0.0
    )

    # Columns, samples, and both over many decades.
    for decades_each, name in ((9.5, "142"), (4, "60"), (1, "15")):
        columns = [
            (10.0 ** (-decades_each * k / 2), dense_column(rng, 16, 10.0 ** (-decades_each * k))) for k in range(16)
        ]
        yield f"square, columns over {name} decades", by_hand(16, columns, 0.0)
    wide = [(power(k, 3), dense_column(rng, 8, 10.0 ** -(6 * k))) for k in range(24)]
    yield "wide, columns over 138 decades", by_hand(8, wide, 1e-30)
    shuffled = [(power(k, 3), dense_column(rng, 12, 10.0 ** -(7 * ((5 * k) % 12)))) for k in range(12)]
    yield "square, columns over 77 decades in no order", by_hand(12, shuffled[:9] + shuffled[9:], 0.0)
    against = [(power(k, 6), dense_column(rng, 10, 10.0 ** (2 * k - 20))) for k in range(20)]
    yield "wide, rare ones the largest, over 38 decades", by_hand(10, against, 1e-9)
    rows = [(power(k, 2), {d: normal(rng, 10.0 ** -(4 * d)) for d in range(10)}) for k in range(14)]
    yield "samples over 36 decades", by_hand(10, rows, 0.1)
    both = [(power(k, 2), {d: normal(rng, 10.0 ** -(3 * d + 4 * k)) for d in range(9)}) for k in range(14)]
    yield "samples over 24 decades, columns over 52", by_hand(9, both, 0.1)
    crossed = [(power(k, 2), {d: normal(rng, 10.0 ** (-abs(5 * d - 5 * k))) for d in range(10)}) for k in range(10)]
    yield "large on the diagonal", by_hand(10, crossed, 0.0)
    crossed = [(power(k, 2), {d: normal(rng, 10.0 ** (-3 * d * k)) for d in range(7)}) for k in range(7)]
    yield "decades that multiply", by_hand(7, crossed, 0.0)

    # Collisions.
    pairs = [(1.0, dense_column(rng, 12))]
    for k in range(4):
        pairs += [
            (power(3 * k + m + 1, 3), {2 * k: normal(rng, 10.0 ** -(4 * m)), 2 * k + 1: normal(rng, 10.0 ** -(4 * m))})
            for m in range(3)
        ]
    yield "three columns of the same two samples, four times", by_hand(12, pairs, 1e-4)
    chain = [
        (power(k, 3), {k: normal(rng, 10.0 ** -(5 * k)), (k + 1) % 9: normal(rng, 10.0 ** -(5 * k))}) for k in range(12)
    ]
    chain = [(v, {d: x for d, x in e.items() if d < 9}) for v, e in chain]
    yield "a chain of pairs over 55 decades", by_hand(9, chain, 0.0)
    rising = [
        (power(k, 3), {k: normal(rng, 10.0 ** (3 * k - 30)), (k + 1) % 10: normal(rng, 10.0 ** (3 * k - 30))})
        for k in range(10)
    ]
    yield "a closed chain that rises", by_hand(10, rising, 0.0)
    single = [(power(k, 1.5), {k % 6: normal(rng, 10.0 ** (-145 * k / 29))}) for k in range(30)]
    yield "one sample each, five a sample, over 145 decades", by_hand(6, single, 0.05)
    blocks = [(power(k, 2), {d: normal(rng) for d in range(5)}) for k in range(8)]
    blocks += [(power(k, 2), {d: normal(rng, 1e-30) for d in range(5, 10)}) for k in range(8, 16)]
    yield "two blocks of no common sample, 30 decades apart", by_hand(10, blocks, 0.0)
    arrow = [(1.0, dense_column(rng, 12, 1e3))] + [
        (power(k, 3), {k - 1: normal(rng, 10.0 ** -(2 * k))}) for k in range(1, 13)
    ]
    yield "an arrow over 27 decades", by_hand(12, arrow, 0.0)

    # Nearly and exactly dependent.
    near = [
        (power(k, 2), {d: x * (1 + 1e-5 * rng.gauss(0, 1)) * 10.0 ** -(8 * k) for d, x in first.items()})
        for k in range(3)
    ]
    yield "columns parallel to 1e-5", by_hand(6, near + others, 0.01)
    scales = [0.3, 0.07, 4.9e-20, 3e-50]
    patterns = [
        [{0: 1, 1: 1}, {0: 1, 1: 1}],
        [{0: 1, 1: 1, 5: 1}, {0: 1, 1: 1, 5: 1}, {1: 1, 2: 1}, {0: 1, 2: -1}],
        [{0: 1, 1: 1}, {1: 1, 2: 1}, {0: 1, 2: -1}],
        [{0: 1, 1: -1}, {0: 1, 1: -1}, {7: 1, 8: 1}, {7: -1, 8: -1}],
    ]
    for n, pattern in enumerate(patterns):
        for top in (1.0, 1e8):
            columns = [(1.0, {d: top if d % 3 == 0 else -top for d in range(12)})]
            columns += [
                (0.5 ** (k + 1), {d: s * x for d, x in e.items()}) for k, (e, s) in enumerate(zip(pattern, scales))
            ]
            yield f"dependent signs {n}, first column {top:g}", by_hand(12, columns, 0.1)
    hadamard = lambda k, d: 1 - 2 * (bin(k & d).count("1") % 2)
    columns = [(power(k, 2), {d: 0.5 * hadamard(k, d) for d in range(8)}) for k in range(8)]
    yield "orthogonal signs, all eigenvalues equal", by_hand(8, columns, 0.0)
    columns = [(power(k, 2), {d: 10.0 ** -(9 * (k // 3)) * hadamard(k, d) for d in range(8)}) for k in range(7)]
    yield "orthogonal signs, equal by threes", by_hand(11, columns, 0.0)


def features():
    """What the crate draws for some small designs, by name of the design."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "features.json")
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        return {row["name"]: row for row in json.load(file)}


def check():
    """Every fourth design again with twice the digits; residual masses of small designs by rational arithmetic."""
    for n, (name, design) in enumerate([*made(), *drawn()]):
        row = golden(name, design, quick=True)
        if n % 4 == 0:
            again = golden(name, design, factor=2, quick=True)
            again["digits"] = row["digits"]
            print(f"{name}: {'the same' if again == row else 'DIFFERENT'} with twice the digits")
        if 0 < row["rank"] <= 12 and row["digits"] < 500:
            same = float(rational_residual(design)) == row["residual"]
            print(f"{name}: {'the same' if same else 'DIFFERENT'} residual mass by rational arithmetic")


def rational_residual(design):
    """The residual mass without any rounding: a projection from independent samples."""
    few = independent_samples(design)
    columns = [{d: Fraction(x) for d, x in e} for _, _, e in design["columns"]]
    rational = lambda f: flint.fmpq(f.numerator, f.denominator)
    rows = flint.fmpq_mat([[rational(c.get(d, Fraction(0))) for c in columns] for d in few])
    gram = rows * rows.transpose()
    dual = gram.solve(rows)
    lost = Fraction(design["unseen"])
    for j, (_, variance, _) in enumerate(design["columns"]):
        kept = sum((rows[i, j] * dual[i, j] for i in range(len(few))), flint.fmpq(0))
        lost += Fraction(variance) * (1 - Fraction(int(kept.p), int(kept.q)))
    return lost


def main():
    start = time.process_time()
    rows = []
    by_crate = features()
    for name, design in [*made(), *drawn()]:
        before = time.process_time()
        rows.append(golden(name, design, drawn_by_crate=by_crate.get(name)))
        row = rows[-1]
        print(
            f"{name}: seen {len(row['columns'])}, rank {row['rank']}, digits {row['digits']}, "
            f"condition {row.get('condition')}, {time.process_time() - before:.1f} s",
            flush=True,
        )
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "graded.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
    print(f"{len(rows)} designs, {time.process_time() - start:.0f} s")


if __name__ == "__main__":
    {"check": check, "": main}["".join(sys.argv[1:])]()
