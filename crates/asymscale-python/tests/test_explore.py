"""What the page of `asymscale explore` copies as Python has the numbers of the page, to the bit."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

VIEWS = ["loss", "frontier", "training", "instability"]
STATES = [
    "",
    "alpha=0.8&beta=2.2&onset=3&amplitude=rademacher&features=40&samples=300&ridge=0.001&rate=0.02&epochs=2",
    "alpha=1.2&beta=0.5&onset=0.3&features=7&samples=50&rate=0.5&epochs=3",
]


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """The address of a page that is served until the tests are done."""
    program = os.environ.get("ASYMSCALE_COMMAND")
    if program is None:
        pytest.skip("ASYMSCALE_COMMAND does not name the asymscale command")
    served = subprocess.Popen([program, "explore", "--no-open"], stdout=subprocess.PIPE, text=True)
    assert served.stdout is not None
    try:
        yield served.stdout.readline().strip()
    finally:
        served.kill()
        served.wait()
        served.stdout.close()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("state", STATES)
def test_copied_python_has_the_numbers_of_the_page(page: str, view: str, state: str) -> None:
    with urllib.request.urlopen(f"{page}api/answer?view={view}&{state}") as response:
        answer = json.load(response)
    text = answer["copies"]["python"]
    assert text.count("print(") == 1
    names: dict[str, Any] = {}
    exec(text.replace("print(", "answer = ("), names)
    columns = names["answer"]._rows()
    shown: dict[str, Any] = {}
    for number in answer["numbers"]:
        # The page has a longer name where that of the column alone would not say what it is, and
        # what it says of a pass comes after what it says of descent.
        name = number["name"].replace("probability of divergence", "probability")
        shown.setdefault(name, number["value"])
    compared = [name for name, value in shown.items() if type(value) in (int, float) and name in columns]
    assert compared
    for name in compared:
        assert columns[name][-1] == shown[name], name
