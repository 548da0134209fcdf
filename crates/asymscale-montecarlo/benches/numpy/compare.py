"""Ours beside numpy: replicates taken in turns on one core, means checked against each other, then times and errors compared.

    cargo build --release -p asymscale-montecarlo --example cost
    python crates/asymscale-montecarlo/benches/numpy/compare.py target/release/examples/cost [ROUNDS]

Needs numpy, and nothing of the project needs it. Set OPENBLAS_CORETYPE if numpy does not know the processor.
"""

import os
import pathlib
import statistics
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
RANK = 512
SIZES = np.array([round(8 * 256 ** (k / 23)) for k in range(24)])
JUDGED = abs(SIZES - RANK) > 0.2 * RANK
BATCH = 4


def commands(ours):
    numpy = [sys.executable, str(HERE / "curve.py")]
    return {
        "numpy lstsq": (numpy + ["lstsq"], []),
        "numpy gram": (numpy + ["gram"], []),
        "numpy lstsq, one draw": (numpy + ["lstsq-nested"], []),
        "numpy gram, one draw": (numpy + ["gram-nested"], []),
        "explicit, M = 4000": ([ours, "explicit"], ["4000"]),
        "explicit": ([ours, "explicit"], []),
        "default": ([ours, "controlled"], []),
    }


def run(command, last, seed):
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    # The first replicate pays for fresh memory and is left out for all alike.
    words = command + [str(BATCH + 1), str(seed)] + last
    out = subprocess.run(words, capture_output=True, text=True, check=True, env=environment).stdout
    return np.array([[float(x) for x in line.split()] for line in out.splitlines()][1:])


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    methods = commands(sys.argv[1])
    found = {name: [] for name in methods}
    for seed in range(1, rounds + 1):
        for name, (command, last) in methods.items():
            found[name].append(run(command, last, seed))
    found = {name: np.concatenate(parts) for name, parts in found.items()}
    seconds = {name: statistics.median(rows[:, 0]) for name, rows in found.items()}
    scatter = {name: (rows[:, 1:].std(0, ddof=1) / rows[:, 1:].mean(0))[JUDGED].max() for name, rows in found.items()}
    print("| method | CPU s a replicate (quartiles) | worst scatter | replicates to 1 % | CPU s to 1 % |")
    print("|---|---|---|---|---|")
    for name, rows in found.items():
        low, high = np.quantile(rows[:, 0], [0.25, 0.75])
        needed = (scatter[name] / 0.01) ** 2
        cost = max(needed, 2) * seconds[name]
        print(f"| {name} | {seconds[name]:.3f} ({low:.3f}–{high:.3f}) | {100 * scatter[name]:.2f} % | {needed:.2f} | {cost:.3f} |")
    print("\nTimes faster a replicate: explicit; to 1 % at every N: default; to any smaller error: default")
    for name in [name for name in methods if name.startswith("numpy")]:
        cost = lambda name, least: max((scatter[name] / 0.01) ** 2, least) * seconds[name]
        faster = [cost(name, least) / cost("default", least) for least in (2, 0)]
        print(f"| {name} | {seconds[name] / seconds['explicit']:.1f} | {faster[0]:.0f} | {faster[1]:.0f} |")
    # All N are one comparison: z scores share designs within a method.
    ours = found["explicit, M = 4000"][:, 1:]
    numpy = np.concatenate([rows[:, 1:] for name, rows in found.items() if name in ("numpy lstsq", "numpy gram")])
    error = np.hypot(ours.std(0, ddof=1) / len(ours) ** 0.5, numpy.std(0, ddof=1) / len(numpy) ** 0.5)
    z = (ours.mean(0) - numpy.mean(0)) / error
    ratio = ours.mean(0) / numpy.mean(0) - 1
    print(f"\nMeans agree at M = 4000: largest |z| outside ±20 % of the threshold {abs(z[JUDGED]).max():.2f} ({JUDGED.sum()} sizes)")
    print("z:", " ".join(f"{x:+.1f}" for x in z), "\n%:", " ".join(f"{100 * x:+.1f}" for x in ratio))


if __name__ == "__main__":
    main()
