"""Numbers are those of the command, to the bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import asymscale

MODEL = ["--alpha", "1", "--beta", "1.5", "--onset", "2"]


def model(**changes: Any) -> asymscale.Model:
    return asymscale.Model(**{"alpha": 1, "beta": 1.5, "onset": 2, **changes})


def same(answer: asymscale.Answer, rows: Any) -> None:
    """Every column that both have is equal, bit by bit."""
    rows = rows if isinstance(rows, list) else [rows]
    columns = answer._rows()
    compared = 0
    for at, row in enumerate(rows):
        for name, told in row.items():
            if name not in columns:
                assert "_infinite" in name, name
                continue
            found = columns[name][at]
            compared += 1
            if row.get(f"{name}_infinite"):
                assert found == np.inf, name
            elif told is None:
                assert found is None or np.isnan(found), name
            else:
                assert found == told, (name, found, told)
    assert compared >= 3 * len(rows)
    assert len(rows) == answer.size


def test_loss(command: Callable[..., Any]) -> None:
    told = command("loss", *MODEL, "--features", "10,100,inf", "--samples", "50,1e6", "--json")
    same(model().loss([10, 100, np.inf], [[50], [1e6]]), told)
    told = command(
        "loss", *MODEL, "--features", "32", "--samples", "64", "--ridge", "0,1e-3",
        "--noise", "0.1", "--json",
    )
    same(model().loss(32, 64, ridge=[0, 1e-3], noise=0.1), told)
    same(model().loss(32, 64), command("loss", *MODEL, "--features", "32", "--samples", "64", "--json"))


def test_parameters_of_the_model_are_broadcast(command: Callable[..., Any]) -> None:
    told = command(
        "loss", "--alpha", "0.5,1", "--beta", "1.2,2", "--features", "20", "--samples", "1000", "--json"
    )
    grid = asymscale.Model(alpha=[[0.5], [1.0]], beta=[1.2, 2.0]).loss(20, 1000)
    assert grid.shape == (2, 2)
    same(grid, told)
    assert grid.alpha.tolist() == [[0.5, 0.5], [1.0, 1.0]]


@pytest.mark.parametrize(
    ("flags", "given"),
    [
        (["--alpha", "1", "--probability", "0.1"], {"alpha": 1, "probability": 0.1}),
        (["--alpha", "1", "--beta", "1.5", "--one-hot"], {"alpha": 1, "beta": 1.5, "one_hot": True}),
        (
            ["--alpha", "1", "--beta", "1.5", "--target-exponent", "1.4"],
            {"alpha": 1, "beta": 1.5, "target_exponent": 1.4},
        ),
        (
            ["--alpha", "1", "--beta", "1.5", "--amplitude", "rademacher", "--coordinates", "500"],
            {"alpha": 1, "beta": 1.5, "amplitude": "rademacher", "coordinates": 500},
        ),
    ],
)
def test_models(command: Callable[..., Any], flags: list[str], given: dict[str, Any]) -> None:
    told = command("coverage", *flags, "--samples", "10,1000", "--json")
    same(asymscale.Model(**given).coverage([10, 1000]), told)


def test_frontier(command: Callable[..., Any]) -> None:
    told = command("frontier", *MODEL, "--compute", "1e4,1e8", "--json")
    same(model().frontier([1e4, 1e8]), told)
    told = command("frontier", *MODEL, "--compute", "1e6", "--ridge", "optimal", "--noise", "0.01", "--json")
    same(model().frontier(1e6, ridge="optimal", noise=0.01), told)
    told = command("frontier", *MODEL, "--compute", "1e6", "--pass", "adaptive", "--json")
    same(model().frontier(1e6, training="adaptive"), told)
    told = command("frontier", *MODEL, "--compute", "1e5", "--unique", "1000", "--rate", "0.05", "--json")
    same(model().frontier(1e5, unique=1000, rate=0.05), told)
    told = command("frontier", *MODEL, "--compute", "1e5", "--pass", "sgd", "--rate", "0.05", "--json")
    same(model().frontier(1e5, training="sgd", rate=0.05), told)


def test_simulate(command: Callable[..., Any]) -> None:
    asked = ["simulate", *MODEL, "--features", "16,64,inf", "--samples", "64", "--repeats", "6"]
    same(model().simulate([16, 64, np.inf], 64, repeats=6), command(*asked, "--json"))
    designs = command(*asked, "--per-design", "--json")
    found = model().simulate([16, 64, np.inf], 64, repeats=6, per_design=True)
    assert found.shape == (3, 6)
    same(found, designs)
    told = command(
        "simulate", *MODEL, "--features", "16", "--samples", "32", "--repeats", "4", "--method",
        "conditional", "--teachers", "3", "--seed", "9", "--ridge", "1e-3", "--noise", "0.1", "--json",
    )
    found = model().simulate(
        16, 32, repeats=4, method="conditional", teachers=3, seed=9, ridge=1e-3, noise=0.1
    )
    same(found, told)
    told = command(
        "simulate", *MODEL, "--features", "16,64", "--samples", "32", "--repeats", "4",
        "--activation", "relu,tanh", "--scale", "0.5", "--inputs", "200", "--json",
    )
    found = model().simulate(
        [16, 64], 32, repeats=4, activation=[["relu"], ["tanh"]], scale=0.5, inputs=200
    )
    same(found, told)


def test_descent(command: Callable[..., Any]) -> None:
    told = command(
        "descent", *MODEL, "--samples", "32,64", "--rate", "0.3", "--steps", "10,100,1000",
        "--features", "inf", "--repeats", "4", "--json",
    )
    found = model().descent([32, 64], 0.3, [10, 100, 1000], repeats=4)
    assert found.shape == (2, 3)
    same(found, told)


def test_train(command: Callable[..., Any]) -> None:
    asked = ["train", *MODEL, "--samples", "500", "--rate", "0.2", "--repeats", "4"]
    same(model().train(500, 0.2, repeats=4), command(*asked, "--json"))
    told = command(*asked, "--rule", "sgd,adagrad", "--epochs", "3", "--steps", "100,1500", "--json")
    found = model().train(
        500, 0.2, repeats=4, rule=["sgd", "adagrad"], epochs=3, steps=[100, 1500]
    )
    assert found.shape == (2, 2)
    same(found, told)
    told = command(
        "train", *MODEL, "--samples", "500", "--rate", "0.2", "--repeats", "0", "--schedule", "cosine",
        "--warmup", "10", "--steps", "500", "--noise", "0.1", "--json",
    )
    found = model().train(500, 0.2, repeats=0, schedule="cosine", warmup=10, steps=500, noise=0.1)
    assert found.shape == ()
    same(found, told)
    assert float(found) == told[0]["theory"]


def test_instability(command: Callable[..., Any]) -> None:
    spiky = ["--alpha", "1", "--beta", "2.5"]
    of = asymscale.Model(alpha=1, beta=2.5)
    told = command("instability", *spiky, "--samples", "256", "--rate", "0.1,0.5", "--json")
    same(of.instability(256, [0.1, 0.5]), told)
    told = command(
        "instability", *spiky, "--samples", "256", "--rate", "0.1", "--pass", "--batch", "4", "--json"
    )
    same(of.instability(256, 0.1, one_pass=True, batch=4), told)
    told = command(
        "instability", *spiky, "--samples", "64", "--rate", "0.5", "--simulate", "--repeats", "200",
        "--features", "50", "--seed", "3", "--json",
    )
    same(of.instability(64, 0.5, simulate=True, repeats=200, features=50, seed=3), told)


def test_answers_do_not_depend_on_threads() -> None:
    asked = {"features": [16, 64], "samples": 64, "repeats": 6}
    one, two = (model().simulate(**asked, threads=threads) for threads in (1, 2))
    assert repr(one.to_dict()) == repr(two.to_dict())
    grid = {"features": np.arange(10, 30), "samples": np.arange(100, 105)[:, None]}
    one, two = (model().loss(**grid, threads=threads) for threads in (1, 2))
    assert one.to_dict() == two.to_dict()


def test_a_point_is_the_same_alone_and_on_a_grid() -> None:
    """To the accuracy of theory: a curve starts its searches at its neighbours."""
    sizes = np.unique(np.geomspace(4, 4000, 40).round())
    grid = model().loss(sizes, 300)
    alone = [float(model().loss(size, 300)) for size in sizes]
    assert np.allclose(grid, alone, rtol=1e-9, atol=0)
