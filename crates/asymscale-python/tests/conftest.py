"""What tests share: the command, whose numbers the package must give."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def command() -> Callable[..., Any]:
    """Asks the command and reads its JSON, or its CSV if that is asked for."""
    program = os.environ.get("ASYMSCALE_COMMAND")
    if program is None:
        pytest.skip("ASYMSCALE_COMMAND does not name the asymscale command")

    def ask(*words: str) -> Any:
        asked = subprocess.run([program, *words], capture_output=True, text=True, check=True)
        if "--csv" in words:
            return list(csv.DictReader(io.StringIO(asked.stdout)))
        return json.loads(asked.stdout)

    return ask


@pytest.fixture(scope="session")
def refused() -> Callable[..., str]:
    """Asks the command what it refuses, and reads its message."""
    program = os.environ.get("ASYMSCALE_COMMAND")
    if program is None:
        pytest.skip("ASYMSCALE_COMMAND does not name the asymscale command")

    def ask(*words: str) -> str:
        asked = subprocess.run([program, *words], capture_output=True, text=True)
        assert asked.returncode == 2, asked
        return asked.stderr.removeprefix("error: ").strip()

    return ask


@pytest.fixture(scope="session")
def runs() -> dict[str, list[float]]:
    """Training runs that follow a law with some noise."""
    sizes = [(n, d) for n in (1e6, 4e6, 2e7, 1e8, 5e8) for d in (1e8, 5e8, 3e9, 2e10)]
    noise = [0.003 * ((7 * k) % 11 - 5) / 5 for k in range(len(sizes))]
    return {
        "N": [n for n, _ in sizes],
        "D": [d for _, d in sizes],
        "loss": [
            (1.7 + 400 * n**-0.34 + 410 * d**-0.28) * (1 + error)
            for (n, d), error in zip(sizes, noise, strict=True)
        ],
    }
