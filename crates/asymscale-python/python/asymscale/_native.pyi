"""What is compiled: see the functions and classes of the package that call it."""

from typing import Any

__version__: str

_Answer = tuple[dict[str, Any], tuple[int, ...], list[str]]

class Model:
    def __new__(
        cls,
        alpha: Any,
        beta: Any,
        onset: Any,
        probability: Any,
        one_hot: bool,
        target_exponent: Any,
        amplitude: Any,
        coordinates: Any,
    ) -> Model: ...
    @staticmethod
    def from_arrays(
        variance: Any, activity: Any, target_energy: Any, tails: Any, amplitude: Any
    ) -> Model: ...
    @staticmethod
    def from_table(
        table: str | tuple[str, bytes], amplitude: Any
    ) -> tuple[Model, list[str]]: ...

class SavedFit:
    def __new__(cls, name: str, text: str) -> SavedFit: ...
    def forecast(self, features: Any, samples: Any, level: float | None) -> _Answer: ...
    def allocate(self, compute: Any, level: float | None) -> _Answer: ...

def of_table(
    arguments: list[str], table: str | tuple[str, bytes], threads: int | None
) -> tuple[str, str]: ...
def flags(subcommand: str) -> list[str]: ...
def loss(
    model: Model, features: Any, samples: Any, ridge: Any, noise: Any, threads: int | None
) -> _Answer: ...
def coverage(model: Model, samples: Any, threads: int | None) -> _Answer: ...
def frontier(
    model: Model,
    compute: Any,
    factor: Any,
    ridge: Any,
    noise: Any,
    training: str | None,
    unique: Any,
    rate: Any,
    threads: int | None,
) -> _Answer: ...
def simulate(
    model: Model,
    features: Any,
    samples: Any,
    ridge: Any,
    noise: Any,
    activation: Any,
    scale: Any,
    how: dict[str, Any],
    threads: int | None,
) -> _Answer: ...
def descent(
    model: Model,
    samples: Any,
    rate: Any,
    steps: Any,
    features: Any,
    repeats: float,
    seed: int,
    threads: int | None,
) -> _Answer: ...
def train(
    model: Model,
    samples: Any,
    rate: Any,
    epochs: Any,
    batch: Any,
    rule: Any,
    order: str | None,
    schedule: str,
    warmup: float,
    noise: Any,
    features: Any,
    average: str,
    steps: Any,
    repeats: float,
    seed: int,
    threads: int | None,
) -> _Answer: ...
def instability(
    model: Model,
    samples: Any,
    rate: Any,
    features: Any,
    repeats: float | None,
    batch: float | None,
    seed: int,
    threshold_share: float,
    threads: int | None,
) -> _Answer: ...
