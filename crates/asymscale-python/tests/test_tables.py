"""Tables of runs and of counts."""

from __future__ import annotations

import inspect
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pytest

import asymscale
from asymscale import _native


def as_file(columns: dict[str, list[float]], path: Path) -> Path:
    pandas.DataFrame(columns).to_csv(path, index=False)
    return path


def numbers(value: Any) -> Any:
    """JSON of the command without what names the file."""
    if isinstance(value, dict):
        return {name: numbers(entry) for name, entry in value.items() if name != "table"}
    return [numbers(entry) for entry in value] if isinstance(value, list) else value


def test_fit(command: Callable[..., Any], runs: dict[str, list[float]], tmp_path: Path) -> None:
    file = as_file(runs, tmp_path / "runs.csv")
    told = command(
        "fit", str(file), "--compute", "1e18,1e20", "--bootstrap", "199", "--seed", "3", "--json"
    )
    options: dict[str, Any] = {"compute": [1e18, 1e20], "bootstrap": 199, "seed": 3}
    found = asymscale.fit(file, **options)
    assert found._json == told
    for table in (
        runs,
        pandas.DataFrame(runs),
        polars.DataFrame(runs),
        polars.LazyFrame(runs),
        [dict(zip(runs, row, strict=True)) for row in zip(*runs.values(), strict=True)],
        {name: np.array(column) for name, column in runs.items()},
        file.read_bytes(),
    ):
        assert numbers(asymscale.fit(table, **options)._json) == numbers(told)


def test_a_report_is_read_by_names(runs: dict[str, list[float]]) -> None:
    found = asymscale.fit(runs, bootstrap=0, compute=1e20, threads=1)
    assert found.parameters.e == found["parameters"]["e"]
    assert abs(found.parameters.e - 1.7) < 0.1
    assert "parameters" in found and "parameters" in dir(found) and set(found) == set(found.keys())
    assert len(found) == len(found.keys())
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert repr(found).startswith("Fit\n") and "parameters:" in repr(found)
    assert found._repr_html_().startswith("<pre>")
    with pytest.raises(AttributeError, match="has no attribute 'no_such'"):
        found.no_such
    with pytest.raises(AttributeError):
        found._no_such


def test_infinities_of_json() -> None:
    found = asymscale.Report(
        {
            "x": None,
            "x_infinite": True,
            "y": None,
            "y_minus_infinite": True,
            "z": 1,
            "z_infinite": False,
            "rows": [{"a": None, "a_infinite": True, "b": True}, {"a": 2, "a_infinite": False, "b": False}],
            "words": [{"w": "one", "k": 1}, {"w": None, "k": 2}],
            "deep": [{"w": {"v": 1}}],
            "unknown": [{"u": None}],
        }
    )
    assert (found.x, found.y, found.z) == (np.inf, -np.inf, 1)
    assert set(found.keys()) == {"x", "y", "z", "rows", "words", "deep", "unknown"}
    assert found.rows.a.tolist() == [np.inf, 2.0] and found.rows.b.dtype == bool
    assert found.words.w.tolist() == ["one", None] and found.words.k.dtype == int
    assert found.deep[0].w.v == 1
    assert "deep: 1 reports" in repr(found)
    told = asymscale.Report({"summary": "All is well.", "x": 1})
    assert repr(told) == "Report: All is well.\nentries: x"
    assert found.unknown.u.tolist() == [None]
    assert "-" in repr(found)


def test_predict(command: Callable[..., Any], runs: dict[str, list[float]], tmp_path: Path) -> None:
    file, saved = as_file(runs, tmp_path / "runs.csv"), tmp_path / "fit.json"
    found = asymscale.fit(file, bootstrap=199, save=saved)
    told = command("predict", str(saved), "--features", "1e9,1e10", "--samples", "1e11", "--json")
    for forecast in (
        asymscale.predict(saved, [1e9, 1e10], 1e11),
        asymscale.predict(found, [1e9, 1e10], 1e11),
        found.predict([1e9, 1e10], 1e11),
    ):
        assert forecast.shape == (2,)
        for name in ("loss", "law_lower", "run_upper"):
            assert forecast[name].tolist() == [row[name] for row in told]
    told = command("predict", str(saved), "--compute", "1e21", "--level", "0.8", "--json")
    best = found.predict(compute=1e21, level=0.8)
    assert (best.features, best.loss) == (told["features"], told["loss"])
    found.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == saved.read_text()
    with pytest.raises(ValueError, match="must be given together"):
        found.predict(1e9)
    with pytest.raises(ValueError, match="cannot be used with features"):
        found.predict(1e9, 1e9, compute=1e9)
    with pytest.raises(ValueError, match="features = -1: must be a finite number > 0"):
        found.predict(-1, 1e9)
    with pytest.raises(ValueError, match="has no table"):
        asymscale.Fit(found._json).predict(1e9, 1e9)
    (tmp_path / "no.json").write_text("{}")
    with pytest.raises(ValueError, match="is no fit that asymscale fit"):
        asymscale.predict(tmp_path / "no.json", 1, 1)


def test_a_fit_is_of_the_table_that_was_read(runs: dict[str, list[float]], tmp_path: Path) -> None:
    file = as_file(runs, tmp_path / "runs.csv")
    found = asymscale.fit(file, bootstrap=99)
    before = asymscale.fit(runs, bootstrap=99).predict(1e9, 1e10).loss
    file.write_text("N,D,loss\n1,2,3\n")
    assert found.predict(1e9, 1e10).loss == before
    again = pickle.loads(pickle.dumps(found))
    assert again.predict(1e9, 1e10).loss == before and again.to_dict() == found.to_dict()


def test_units(runs: dict[str, list[float]]) -> None:
    small = {**runs, "N": [n / 1e6 for n in runs["N"]]}
    for unit in (1e6, 1000000, "M"):
        found = asymscale.fit(small, features_unit=unit, bootstrap=0)
        assert abs(found.parameters.a / asymscale.fit(runs, bootstrap=0).parameters.a - 1) < 1e-6


def test_names_that_are_numbers_are_names() -> None:
    counts = [round(3000 / i**1.4) for i in range(1, 150)]
    wanted = asymscale.diagnose({"count": counts}, samples=3000, resamples=39, level=0.9)
    text = pandas.DataFrame({"count": counts}).to_csv(index=False)
    tables: list[Any] = [
        (pandas.DataFrame({7: counts}), {"count_column": "7"}),
        (pandas.Series(counts, name=7), {"count_column": "7"}),
        (pandas.Series(counts), {"count_column": "0"}),
        (polars.DataFrame({"7": counts}), {"count_column": "7"}),
        ({7: counts}, {"count_column": "7"}),
        ([{7: count} for count in counts], {"count_column": "7"}),
        (counts, {}),
        (np.array(counts), {}),
        (text.encode(), {}),
        (io.StringIO(text), {}),
    ]
    for table, given in tables:
        found = asymscale.diagnose(table, samples=3000, resamples=39, level=0.9, **given)
        assert found.table.rows == len(counts)
        assert found.total_activity == wanted.total_activity


def test_diagnose(command: Callable[..., Any], tmp_path: Path) -> None:
    counts = {"count": [round(3000 / i**1.4) for i in range(1, 250)]}
    file = as_file(counts, tmp_path / "counts.csv")
    told = command(
        "diagnose", str(file), "--samples", "3000", "--factors", "2,10", "--resamples", "99", "--json"
    )
    found = asymscale.diagnose(counts, samples=3000, factors=[2, 10], resamples=99)
    assert numbers(found._json) == numbers(told)
    kept = asymscale.diagnose(
        {**counts, "kind": ["a"] * 200 + ["b"] * 49},
        samples=3000,
        resamples=99,
        where={"kind": "a"},
        save_model=tmp_path / "model.csv",
    )
    assert kept.table.rows == 200
    assert kept.remarks.startswith("Saved a model of ") and "--" not in kept.remarks
    assert asymscale.Model.from_table(tmp_path / "model.csv").coverage(3000).seen > 100
    both = asymscale.diagnose(
        {**counts, "kind": ["a"] * 200 + ["b"] * 49},
        samples=3000, resamples=99, where={"kind": ["a", "b"]},
    )
    assert both.table.rows == 249


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (lambda: asymscale.fit({"N": [1.0], "loss": [1.0, 2.0]}), "columns of different lengths"),
        (lambda: asymscale.fit("-"), "there is no standard input here"),
        (lambda: asymscale.fit({"a": [1.0]}), "table"),
        (lambda: asymscale.fit({"N": [1], "D": [1], "loss": [1]}, level=2), "level"),
        (lambda: asymscale.fit({"N": [1], "D": [1], "loss": [1]}, bootstrap=5), "bootstrap 5: must be 0 or"),
        (lambda: asymscale.diagnose({"count": [1, 2]}, samples=1), "samples"),
        (lambda: asymscale.diagnose({"count": [5, 2]}, samples=3), "must be a whole number from 0 to samples 3"),
    ],
)
def test_refusals(question: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        question()
    assert message in str(error.value)


@pytest.mark.parametrize("command_name", ["fit", "diagnose"])
def test_arguments_are_the_flags_of_the_command(command_name: str) -> None:
    elsewhere = {
        "filter_column", "filter_value",  # `where`
        "json", "csv", "out",  # how the command writes its answer
        "max_bytes",  # what is handed over is in memory
        "help", "version",
    }
    flags = set(_native.flags(command_name)) - elsewhere
    own = set(inspect.signature(getattr(asymscale, command_name)).parameters)
    assert own - {"table", "where"} == flags
