"""Golden values of the population loss and of coverage, in plain numpy and scipy, without logarithms.

Independent of the crate, and of `corners.py`: values are kept as they are, so the box of parameters is
the moderate one, but nothing is hidden in a transformation.

Coordinates: the first 4000 one by one, then a 24-point Gauss-Legendre rule in 100 panels of ln i up to
1e40; what lies beyond is left out, and the tolerance of a row allows for it. The expected response of a
coordinate is an integral over u > 0 of its Laplace transform, by 800 points of a trapezoid in ln u.
Roots by Brent's method, derivatives by five-point differences in ln G. Precision: 1e-7 or better.
(The values of golden.csv were made by the same method with 20 000 coordinates, 400 panels and 1600 points.)

Run:  python3 golden.py          writes the table anew to standard output, row by row as in golden.csv
      python3 golden.py --check  compares golden.csv with what it computes, and instability.csv with the
                                 law of instability of `corners.py`; exit code 1 where a row disagrees
"""
import csv
import math
import sys

import numpy as np
from scipy import optimize

import corners

EXACT, PANELS, FARTHEST = 4000, 100, 1e40
HEADER = ["quantity", "amplitude", "alpha", "beta", "c", "N", "D", "value", "tolerance"]


def nodes():
    """Coordinates and their weights: a sum over all coordinates is the sum of the weighted values."""
    points, weights = np.polynomial.legendre.leggauss(24)
    edges = np.linspace(math.log(EXACT + 0.5), math.log(FARTHEST), PANELS + 1)
    middle, half = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    far = np.exp((middle[:, None] + half[:, None] * points).ravel())
    near = np.arange(1, EXACT + 1, dtype=float)
    return np.concatenate([near, far]), np.concatenate([np.ones(EXACT), (half[:, None] * weights).ravel() * far])


COORDINATE, WEIGHT = nodes()
LN_U = np.linspace(-60.0, math.log(60.0), 800)
U = np.exp(LN_U)


class Case:
    """A model and a number of samples."""

    def __init__(self, amplitude, alpha, beta, onset, samples):
        self.amplitude, self.samples = amplitude, samples
        self.variance = COORDINATE ** -(1.0 + alpha)
        self.activity = np.minimum(1.0, (onset / COORDINATE) ** beta)

    def missed(self):
        """The probability that no sample activates a coordinate."""
        with np.errstate(divide="ignore"):
            return np.exp(self.samples * np.log1p(-self.activity))

    def seen(self):
        with np.errstate(divide="ignore"):
            shown = -np.expm1(self.samples * np.log1p(-self.activity))
        return (shown * WEIGHT).sum()

    def unseen_mass(self):
        return (self.variance * self.missed() * WEIGHT).sum()

    def sums(self, ln_g):
        """f(G) and T(G)."""
        learned = self.learned(math.exp(ln_g))
        return (learned * WEIGHT).sum(), (self.variance * (1.0 - learned) * WEIGHT).sum()

    def learned(self, g):
        """1 - E[1/(1 + a^2 chi G/D)] of every coordinate of the rule."""
        if math.isinf(self.samples):
            return 1.0 / (1.0 + 1.0 / (self.variance * g))
        out = np.empty_like(self.variance)
        for first in range(0, len(out), 500):
            part = slice(first, first + 500)
            activity = self.activity[part, None]
            scale = self.variance[part, None] / activity * g / self.samples * U
            gaussian = self.amplitude == "gaussian"
            lost = -np.expm1(-0.5 * np.log1p(2 * scale) if gaussian else -scale)
            with np.errstate(divide="ignore"):
                some = -np.expm1(self.samples * np.log1p(-activity * lost))
            out[part] = np.trapezoid(some * np.exp(-U) * U, LN_U, axis=1)
        return np.minimum(out, 1.0)

    def loss(self, features):
        if math.isinf(self.samples):
            ln_g = optimize.brentq(lambda x: self.sums(x)[0] - features, -5, 80, xtol=1e-13)
            return features * math.exp(-ln_g)
        seen = self.seen()
        rank = min(seen, self.samples)
        if features > rank:
            if seen <= self.samples:
                left = self.unseen_mass()
            else:
                left = self.sums(optimize.brentq(lambda x: self.sums(x)[0] - self.samples, -20, 60, xtol=1e-12))[1]
            return left if math.isinf(features) else left * features / (features - rank)
        at, step = optimize.brentq(lambda x: self.sums(x)[0] - features, -20, 60, xtol=1e-12), 1e-3

        def values(k):
            f, t = self.sums(at + k * step)
            return np.array([f, t])

        slope = (values(-2) - 8 * values(-1) + 8 * values(1) - values(2)) / (12 * step)
        left = values(0)[1]
        # L = N [(T + T_G)/f_G + T/(D - N)], slopes by ln G.
        return features * ((left + slope[1]) / slope[0] + left / (self.samples - features))

    def rank(self):
        """Expected size of the largest matching of samples to coordinates that are active in them."""
        p, d = self.activity, self.samples
        free = np.ones_like(p)
        for _ in range(4000):
            alone = np.exp((d - 1) * np.log1p(-np.minimum(p * free, 1 - 1e-16)))
            kept = np.log1p(-np.minimum(p * alone, 1 - 1e-16))
            new = np.exp((kept * WEIGHT).sum() - kept)
            if np.abs(new - free).max() < 1e-13:
                break
            free = 0.5 * (free + new)
        alone = np.exp((d - 1) * np.log1p(-np.minimum(p * free, 1 - 1e-16)))
        covered = -np.expm1(d * np.log1p(-np.minimum(p * free, 1 - 1e-16))) - d * p * free * alone
        every = math.exp((np.log1p(-np.minimum(p * alone, 1 - 1e-16)) * WEIGHT).sum())
        return min((covered * WEIGHT).sum() + d * (1 - every), d)


def value(row):
    number = lambda name, default: float(row[name]) if row[name] not in ("-", "") else default
    case = Case(row["amplitude"], number("alpha", 1.0), number("beta", 1.5), number("c", 1.0), number("D", math.inf))
    if row["quantity"] in ("loss", "loss_infinite_data"):
        return case.loss(number("N", math.inf))
    return getattr(case, row["quantity"])()


def rows(path):
    with open(path) as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def check():
    bad = 0
    for row in rows("golden.csv"):
        bad += compared(row, value(row), float(row["tolerance"]))
    for row in rows("instability.csv"):
        keys = [float(row[name]) for name in ("alpha", "beta", "c", "M", "D", "eta")]
        bad += compared(row, corners.instability(row["amplitude"], *keys), 1e-7)
    print(f"{bad} rows disagree")
    return int(bad > 0)


def compared(row, found, tolerance):
    error = abs(found / float(row["value"]) - 1)
    if error > tolerance:
        print(f"off by {error:.1e}: {row}")
    return int(error > tolerance)


def main():
    if sys.argv[1:] == ["--check"]:
        sys.exit(check())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows("golden.csv"):
        writer.writerow([row[name] if name != "value" else repr(float(value(row))) for name in HEADER])


if __name__ == "__main__":
    main()
