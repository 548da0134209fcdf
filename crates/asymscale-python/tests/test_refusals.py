"""Bad input is refused before any work, in the words of the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import asymscale

MODEL = asymscale.Model(alpha=1, beta=1.5)


def asked(message: str) -> str:
    """A message of the command with the name of the argument in place of the flag."""
    return message.replace("--", "", 1).replace(" ", " = ", 1)


@pytest.mark.parametrize(
    ("question", "flags"),
    [
        (lambda: asymscale.Model(alpha=200, beta=1), ["--alpha", "200", "--beta", "1"]),
        (lambda: asymscale.Model(alpha=1, beta=200), ["--alpha", "1", "--beta", "200"]),
        (
            lambda: asymscale.Model(alpha=1, beta=1, onset=1e13),
            ["--alpha", "1", "--beta", "1", "--onset", "1e13"],
        ),
    ],
)
def test_words_of_the_command(
    refused: Callable[..., str], question: Callable[[], Any], flags: list[str]
) -> None:
    told = refused("loss", *flags, "--features", "1", "--samples", "1")
    with pytest.raises(ValueError) as error:
        question()
    assert str(error.value) == asked(told)


def test_ridges_in_the_words_of_the_command(refused: Callable[..., str]) -> None:
    flags = ["--alpha", "1", "--beta", "1.5", "--features", "10", "--samples", "10"]
    told = refused("loss", *flags, "--ridge", "1e40")
    with pytest.raises(ValueError) as error:
        MODEL.loss(10, 10, ridge=1e40)
    assert str(error.value) == asked(told)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (lambda: MODEL.loss(2.5, 10), r"features = 2.5: must be a whole number in 1..9e15, or inf"),
        (lambda: MODEL.loss(10, 0), "samples = 0: must be a whole number"),
        (lambda: MODEL.loss(10, np.nan), "samples = NaN: must be a whole number"),
        (lambda: MODEL.loss(10, 10, ridge=-1), "ridge = -1: must be"),
        (lambda: MODEL.loss(10, 10, threads=0), "threads = 0: must be a whole number in 1..1024"),
        (lambda: MODEL.coverage(-1), "samples = -1: must be"),
        (lambda: MODEL.frontier(0), "compute = 0: must be a finite number > 0"),
        (lambda: MODEL.frontier(1, factor=2), "compute = 1: must be at least factor"),
        (lambda: MODEL.frontier(1e4, rate=1), "rate: needs training = 'sgd' or unique"),
        (lambda: MODEL.frontier(1e4, training="sgd"), "rate: is needed with"),
        (lambda: MODEL.frontier(1e4, training="adam"), "must be 'sgd' or 'adaptive'"),
        (lambda: MODEL.frontier(1e4, training="adaptive", rate=1), "has no rate and no unique"),
        (lambda: MODEL.frontier(1e4, training="sgd", rate=1, noise=1), "ridge and noise: cannot"),
        (lambda: MODEL.simulate(10, 2.5), r"samples = 2.5: must be a whole number in 1..1e9"),
        (lambda: MODEL.simulate(10, 10, repeats=0), "repeats = 0: must be a whole number in 1..1e9"),
        (lambda: MODEL.simulate(10, 10, method="guess"), "method = "),
        (lambda: MODEL.simulate(10, 10, teachers=2), "teachers: only with method explicit"),
        (lambda: MODEL.simulate(10, 10, method="explicit", probes=2), "probes: only with method"),
        (lambda: MODEL.simulate(10, 10, inputs=10), "inputs: only with activation"),
        (lambda: MODEL.simulate(10, 10, activation="cube"), "activation = "),
        (lambda: MODEL.simulate(10, 10, activation="relu", noise=1), "noise: only with linear"),
        (lambda: MODEL.simulate(10, 10, activation="relu", teachers=1), "teachers: only with linear"),
        (lambda: MODEL.simulate(2e6, 10), "features 2000000: a simulation needs"),
        (lambda: MODEL.descent(10, 0, 10), "rate = 0: the step size must be a number in 1e-100..1e30"),
        (lambda: MODEL.descent(10, 1, 1e300), "steps = 1e300: must be a whole number"),
        (lambda: MODEL.train(10, 0.1, batch=20), "batch 20: must be at most the 10 samples"),
        (lambda: MODEL.train(10, 0.1, rule="best"), "rule = "),
        (lambda: MODEL.train(10, 0.1, order="fresh", epochs=2), "epochs 2: fresh samples"),
        (lambda: MODEL.train(10, 0.1, schedule="steep"), "schedule = "),
        (lambda: MODEL.train([10, 2000], 0.1), "steps: must be given where runs have different"),
        (lambda: MODEL.instability(10, 0.1, features=5), "features: needs simulate"),
        (lambda: MODEL.instability(np.inf, 0.1), "samples = inf: must be"),
        (lambda: MODEL.instability(10, 0.1, repeats=5), "repeats = 5: only with simulate"),
        (lambda: MODEL.instability(10, 0.1, seed=5), "seed = 5: only with simulate"),
        (lambda: MODEL.instability(10, 0.1, threshold_share=5), "threshold_share = 5: only with"),
        (lambda: MODEL.simulate(10, 10, seed=-1), "seed = -1: must be a whole number in 0..18446744"),
        (lambda: MODEL.simulate(10, 10, seed=2**64), "must be a whole number in 0..18446744073709551615"),
        (lambda: MODEL.simulate(10, 10, repeats=2.5), "repeats = 2.5: must be a whole number in 1..1e9"),
        (lambda: MODEL.loss(10, 10, threads=True), "threads = True: must be a whole number"),
        (lambda: asymscale.Model(alpha=1, beta=1, amplitude="__x-3"), '"__x-3"'),
        (lambda: MODEL.instability(10, 0.1, batch=5), "batch = 5: only with one_pass"),
        (lambda: MODEL.instability(10, 1, simulate=True, one_pass=True), "simulate: cannot"),
        (lambda: asymscale.Model(alpha=1), "beta: must be given, or probability"),
        (lambda: asymscale.Model(alpha=1, beta=1, probability=0.1), "cannot be used with beta"),
        (lambda: asymscale.Model(alpha=1, probability=0.1, one_hot=True), "used with one_hot"),
        (lambda: asymscale.Model(alpha=1, probability=0.1, onset=2), "onset: cannot be used"),
        (lambda: asymscale.Model(alpha=1, beta=1, amplitude="flat"), "amplitude = "),
        (lambda: asymscale.Model(alpha=1, beta=1, coordinates=2.5), "coordinates = 2.5: must be"),
        (lambda: asymscale.Model(alpha=[1, -1], beta=1), "alpha = -1: the spectral exponent must be a number in 0.01..100"),
        (lambda: asymscale.Model.from_table({"variance": [1.0]}), "table"),
        (lambda: asymscale.Model.from_table("no-such-file.csv"), "no-such-file.csv"),
    ],
)
def test_refusals(question: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        question()
    assert message in str(error.value)
    assert "--" not in str(error.value)


@pytest.mark.parametrize(
    "question",
    [
        lambda: MODEL.loss("many", 10),
        lambda: MODEL.loss(None, 10),
        lambda: MODEL.loss([[1, 2], [3]], 10),
        lambda: MODEL.loss({"a": 1}, 10),
        lambda: asymscale.Model(alpha=1, beta=1, amplitude=3),
        lambda: asymscale.Model(alpha=1, beta=1, amplitude=[3]),
        lambda: asymscale.fit(3),  # type: ignore[arg-type]
        lambda: MODEL.loss(1, 1, no_such=2),  # type: ignore[call-arg]
        lambda: MODEL.simulate(1, 1, method=3),  # type: ignore[arg-type]
        lambda: MODEL.simulate(1, 1, per_design=1),  # type: ignore[arg-type]
        lambda: MODEL.instability(10, 1, simulate="no"),  # type: ignore[arg-type]
        lambda: asymscale.fit({"N": "text"}),
        lambda: asymscale.fit({"N": [1.0]}, bootstrap=True),
        lambda: asymscale.fit({"N": [1.0]}, isoflop=1),  # type: ignore[arg-type]
        lambda: asymscale.fit({"N": [1.0]}, where="N=1"),  # type: ignore[arg-type]
        lambda: asymscale.fit({"N": [1.0]}, where={"N": []}),
        lambda: asymscale.fit("N,D,loss\n1,2,3\n"),
    ],
)
def test_wrong_types(question: Callable[[], Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        question()


def test_too_much_memory_is_refused_before_it_is_taken() -> None:
    with pytest.raises(ValueError, match="more than 8 GiB: must be in"):
        MODEL.simulate(10, 10**9, repeats=1)
