"""A loss curve as a notebook would compute it with numpy, one model size after the other.

    OPENBLAS_NUM_THREADS=1 python curve.py lstsq|gram|lstsq-nested|gram-nested REPEATS SEED

Prints a line per replicate: CPU seconds, then the loss at each model size. Plain loops draw features for each N; the nested ones
draw them once, for all N, and take the first N.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time

import numpy as np

ALPHA, BETA, ONSET, SAMPLES, COORDINATES, TEACHERS = 1.0, 1.5, 20.0, 512, 4000, 8
SIZES = [round(8 * 256 ** (k / 23)) for k in range(24)]


def lstsq(phi, y):
    return np.linalg.lstsq(phi, y, rcond=None)[0]


def gram(phi, y):
    """Normal equations on the smaller side."""
    if phi.shape[1] <= phi.shape[0]:
        return np.linalg.solve(phi.T @ phi, phi.T @ y)
    return phi.T @ np.linalg.solve(phi @ phi.T, y)


def draw(rng):
    i = np.arange(1, COORDINATES + 1)
    spectrum = i ** -(1 + ALPHA)
    activity = np.minimum(1, (ONSET / i) ** BETA)
    active = rng.random((SAMPLES, COORDINATES)) < activity
    x = active * rng.standard_normal((SAMPLES, COORDINATES)) * np.sqrt(spectrum / activity)
    teachers = rng.standard_normal((COORDINATES, TEACHERS))
    return spectrum, x, teachers


def loss(spectrum, teachers, features, theta):
    """Exact: no test sample. The scale of the features drops out."""
    return np.mean(spectrum @ (teachers - features.T @ theta) ** 2)


def plain(solve, rng):
    spectrum, x, teachers = draw(rng)
    y = x @ teachers
    losses = []
    for n in SIZES:
        features = rng.standard_normal((n, COORDINATES))
        theta = solve(x @ features.T, y)
        losses.append(loss(spectrum, teachers, features, theta))
    return losses


def nested(solve, rng):
    spectrum, x, teachers = draw(rng)
    y = x @ teachers
    features = rng.standard_normal((SIZES[-1], COORDINATES))
    outputs = x @ features.T
    return [loss(spectrum, teachers, features[:n], solve(outputs[:, :n], y)) for n in SIZES]


def main():
    name, _, suffix = sys.argv[1].partition("-")
    solve = {"lstsq": lstsq, "gram": gram}[name]
    curve = nested if suffix == "nested" else plain
    rng = np.random.default_rng(int(sys.argv[3]))
    for _ in range(int(sys.argv[2])):
        start = time.process_time()
        losses = curve(solve, rng)
        print(f"{time.process_time() - start:.6f}", *(f"{loss:.8e}" for loss in losses), flush=True)


if __name__ == "__main__":
    main()
