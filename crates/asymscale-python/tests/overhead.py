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

    small = asymscale.Model(alpha=1, beta=1.5, coordinates=3)
    # The cheapest question, at many samples: one call each, and all in one call on one thread,
    # which is what Rust takes without Python in between.
    many = np.arange(1001, 3001)
    one_by_one = [float(samples) for samples in many]
    alone = seconds(lambda: [small.coverage(samples) for samples in one_by_one]) / len(many)
    together = seconds(lambda: small.coverage(many, threads=1)) / len(many)
    print(
        f"a scalar call of coverage of three coordinates: {1e6 * alone:.1f} us, of which {1e6 * together:.1f} us in one "
        f"call of {len(many)}: overhead {1e6 * (alone - together):.1f} us"
    )

    model = asymscale.Model(alpha=1, beta=1.5, onset=1)
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
