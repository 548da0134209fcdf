"""What a call costs: printed, not asserted. Run by `cargo xtask python --bench`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median


def seconds(of: object, repeats: int = 7) -> float:
    """Median time of a call."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        of()  # type: ignore[operator]
        times.append(time.perf_counter() - begin)
    return median(times)


def of_process(*words: str) -> float:
    return seconds(lambda: subprocess.run(words, check=True, capture_output=True))


def main() -> None:
    bare = of_process(sys.executable, "-c", "pass")
    imported = of_process(sys.executable, "-c", "import asymscale")
    print(f"import asymscale: {1e3 * (imported - bare):.0f} ms over an empty interpreter")

    import numpy as np

    import asymscale

    model = asymscale.Model(alpha=1, beta=1.5, onset=1)
    model.loss(100, 1000)
    many = 2000

    def scalars() -> None:
        for _ in range(many):
            model.loss(100, 1000)

    # The same losses in one call: what Rust takes for each, without Python in between. Points that
    # differ in the ridge share nothing.
    ridges = np.geomspace(1e-9, 1.0000001e-9, many)
    alone = seconds(lambda: [model.loss(100, 1000, ridge=float(ridge)) for ridge in ridges]) / many
    together = seconds(lambda: model.loss(100, 1000, ridge=ridges, threads=1)) / many
    print(f"a scalar call: {1e6 * seconds(scalars) / many:.1f} us; with a ridge {1e6 * alone:.1f} us,")
    print(f"  of which in one call of {many} points {1e6 * together:.1f} us: overhead {1e6 * (alone - together):.1f} us")

    features, samples = np.geomspace(10, 1e6, 100).round(), np.geomspace(10, 1e6, 100).round()
    grid = seconds(lambda: model.loss(features, samples[:, None]))
    print(f"100 x 100 losses: {grid:.3f} s")
    command = os.environ.get("ASYMSCALE_COMMAND")
    if command:
        words = [command, "loss", "--alpha", "1", "--beta", "1.5", "--csv", "--out", os.devnull]
        words += ["--features", ",".join(map(str, features)), "--samples", ",".join(map(str, samples))]
        told = of_process(*words)
        print(f"  by the command {told:.3f} s: ratio {grid / told:.2f}")


if __name__ == "__main__":
    main()
