"""Notebooks run, and what they print is what stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def told(notebook: Any) -> list[list[str]]:
    """The text that each cell prints or shows; pictures depend on the version of matplotlib."""
    cells = []
    for cell in notebook.cells:
        texts = []
        for output in cell.get("outputs", []):
            assert output.output_type != "error", output
            data = output.get("data", {})
            if "image/png" in data:
                texts.append("a picture")
            else:
                assert output.get("name", "stdout") == "stdout", output
                texts.append(output.get("text") or data["text/plain"])
        cells.append(texts)
    return cells


def test_there_are_two() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == ["my_runs_my_counts", "two_exponents"]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    expected = told(stored)
    assert sum(map(len, expected)) >= 6
    nbclient.NotebookClient(stored, timeout=300, kernel_name="python3").execute()
    assert told(stored) == expected
