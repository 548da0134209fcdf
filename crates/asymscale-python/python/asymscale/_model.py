"""The model of the data, and the questions that are asked of it."""

from __future__ import annotations

import copy
import operator
import warnings
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from asymscale import _native
from asymscale._answers import (
    Answer,
    Coverage,
    Descent,
    Frontier,
    Instability,
    Loss,
    Simulation,
    Training,
)
from asymscale._input import as_input

if TYPE_CHECKING:
    import numpy.typing as npt

    from asymscale._input import TableLike

__all__ = ["Model"]

_Told = TypeVar("_Told", bound=Answer)


def _answer(kind: type[_Told], found: tuple[dict[str, Any], tuple[int, ...], list[str]]) -> _Told:
    columns, shape, notes = found
    for note in notes:
        warnings.warn(note, UserWarning, stacklevel=3)
    return kind(columns, shape, notes)


def _whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number in a range; ``1e3`` is one too."""
    try:
        whole = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
    except TypeError:
        whole = low - 1
    if isinstance(value, bool) or not low <= whole <= high:
        told = "1e9" if high == 10**9 else high
        raise ValueError(f"{name} = {value!r}: must be a whole number in {low}..{told}")
    return whole


def _seed(value: Any) -> int:
    return _whole("seed", value, 0, 2**64 - 1)


def _threads(value: Any) -> int | None:
    return None if value is None else _whole("threads", value, 1, 1024)


def _count(name: str, value: Any, low: int = 1) -> int:
    return _whole(name, value, low, 10**9)


def _maybe(name: str, value: Any) -> int | None:
    return None if value is None else _count(name, value)


def _switch(name: str, value: Any) -> bool:
    if type(value).__name__ not in ("bool", "bool_"):
        raise TypeError(f"{name} = {value!r}: must be True or False")
    return bool(value)


def _word(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} = {value!r}: must be a word")
    return value


class Model:
    """Sparse data: which coordinates there are, and how often each is active.

    Coordinate ``i`` has variance ``i**-(1 + alpha)`` and is active in a sample with probability
    ``min(1, (onset / i)**beta)``. Every parameter may be an array; arrays are broadcast against
    each other and against those of the questions.

    Parameters
    ----------
    alpha : array_like of float
        Spectral exponent, in 0.01..100.
    beta : array_like of float, optional
        Activity exponent, in 0..100. Must be given unless ``probability`` is.
    onset : array_like of float, optional
        Coordinates up to it are always active, in 1e-12..1e12; 1 if not given.
    probability : array_like of float, optional
        The same probability for every coordinate, in place of ``beta``.
    one_hot : bool
        Exactly one coordinate is active in a sample, coordinate ``i`` with a probability
        proportional to ``i**-beta``.
    target_exponent : array_like of float, optional
        Source exponent ``b``: coordinate ``i`` carries ``i**-b`` of the variance of the labels.
        ``1 + alpha`` if not given, the iid teacher.
    amplitude : array_like of str
        Law of an active coordinate's value: ``"gaussian"`` or ``"rademacher"``.
    coordinates : array_like of float
        Number of coordinates, infinite if not given.

    Raises
    ------
    ValueError
        If a parameter is out of range, or two of them do not go together.

    Examples
    --------
    >>> import asymscale
    >>> model = asymscale.Model(alpha=1, beta=1.5, onset=1)
    >>> model
    Model(alpha=1, beta=1.5, onset=1)
    >>> float(model.loss(features=100, samples=1000)) < 0.1
    True
    >>> asymscale.Model(alpha=[0.5, 1, 1.5], beta=2).loss(features=100, samples=1000).shape
    (3,)
    >>> asymscale.Model(alpha=1, beta=-1)
    Traceback (most recent call last):
    ...
    ValueError: beta = -1: the activity exponent must be a number in 0..100
    """

    __slots__ = ("_given", "_model")

    def __init__(
        self,
        alpha: npt.ArrayLike,
        beta: npt.ArrayLike | None = None,
        onset: npt.ArrayLike | None = None,
        *,
        probability: npt.ArrayLike | None = None,
        one_hot: bool = False,
        target_exponent: npt.ArrayLike | None = None,
        amplitude: str | Sequence[str] | npt.NDArray[Any] = "gaussian",
        coordinates: npt.ArrayLike = inf,
    ) -> None:
        self._model = _native.Model(
            alpha, beta, onset, probability, one_hot, target_exponent, amplitude, coordinates
        )
        given = {
            "alpha": alpha,
            "beta": beta,
            "onset": onset,
            "probability": probability,
            "one_hot": one_hot or None,
            "target_exponent": target_exponent,
            "amplitude": None if isinstance(amplitude, str) and amplitude == "gaussian" else amplitude,
            "coordinates": None if coordinates is inf else coordinates,
        }
        self._given = {
            name: copy.deepcopy(value) for name, value in given.items() if value is not None
        }

    @classmethod
    def _of(cls, model: _native.Model, given: dict[str, Any]) -> Model:
        found = cls.__new__(cls)
        found._model = model
        found._given = given
        return found

    @classmethod
    def from_arrays(
        cls,
        variance: npt.ArrayLike,
        activity: npt.ArrayLike,
        target_energy: npt.ArrayLike | None = None,
        *,
        variance_tail: tuple[float, float] | None = None,
        activity_tail: tuple[float, float] | None = None,
        target_tail: tuple[float, float] | None = None,
        amplitude: str | Sequence[str] | npt.NDArray[Any] = "gaussian",
    ) -> Model:
        """A model of your own coordinates, an entry each, in any order.

        Parameters
        ----------
        variance : array_like of float, shape (M,)
            Variance of each coordinate.
        activity : array_like of float, shape (M,)
            Probability that each is active in a sample.
        target_energy : array_like of float, shape (M,), optional
            Energy of each in the labels; proportional to its variance if not given.
        variance_tail, activity_tail, target_tail : tuple of float, optional
            Front ``F`` and exponent ``E`` of the law ``F * i**-E`` that goes on after the last
            coordinate. Variance and activity have one together, target energies if there are any.
        amplitude : array_like of str
            Law of an active coordinate's value.

        Returns
        -------
        Model

        Examples
        --------
        >>> import asymscale, numpy as np
        >>> i = np.arange(1.0, 101.0)
        >>> model = asymscale.Model.from_arrays(i**-2, i**-1.5)
        >>> model
        Model.from_arrays(100 coordinates)
        >>> law = asymscale.Model(alpha=1, beta=1.5, coordinates=100)
        >>> bool(np.isclose(model.loss(50, 1000), law.loss(50, 1000), rtol=1e-9))
        True
        """
        tails: Any = None
        if variance_tail is not None and activity_tail is not None:
            own = (variance_tail, activity_tail, target_tail)
            tails = tuple(None if tail is None else tuple(tail) for tail in own)
        elif not variance_tail is activity_tail is target_tail is None:
            raise ValueError("variance_tail and activity_tail: must be given together")
        model = _native.Model.from_arrays(variance, activity, target_energy, tails, amplitude)
        count = len(variance) if isinstance(variance, Sequence) else getattr(variance, "size", 0)
        return cls._of(model, {"from_arrays": f"{count} coordinates"})

    @classmethod
    def from_table(
        cls, table: TableLike, *, amplitude: str | Sequence[str] | npt.NDArray[Any] = "gaussian"
    ) -> Model:
        """A model of a table with a row per coordinate, as the command's ``--model`` reads it.

        Parameters
        ----------
        table : path, DataFrame, or mapping of columns
            With columns ``variance``, ``activity`` and, if there are any, ``target_energy``.
        amplitude : array_like of str
            Law of an active coordinate's value.

        Returns
        -------
        Model

        Examples
        --------
        >>> import asymscale
        >>> model = asymscale.Model.from_table({"variance": [1, 0.25], "activity": [1, 0.3]})
        >>> round(float(model.coverage(samples=10).unseen_mass), 6)
        0.007062
        """
        source = as_input(table)
        model, notes = _native.Model.from_table(source, amplitude)
        for note in notes:
            warnings.warn(note, UserWarning, stacklevel=2)
        return cls._of(model, {"from_table": source if isinstance(source, str) else source[0]})

    def __repr__(self) -> str:
        for way in ("from_arrays", "from_table"):
            if way in self._given:
                return f"Model.{way}({self._given[way]})"
        return f"Model({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"

    def __copy__(self) -> Model:
        return self

    def __deepcopy__(self, memo: Any) -> Model:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if "from_arrays" in self._given or "from_table" in self._given:
            raise TypeError("a model of a table cannot be pickled: make it anew from its table")
        return _rebuilt, (self._given,)

    def loss(
        self,
        features: npt.ArrayLike,
        samples: npt.ArrayLike,
        *,
        ridge: npt.ArrayLike = 0.0,
        noise: npt.ArrayLike = 0.0,
        threads: int | None = None,
    ) -> Loss:
        """Population loss at N features and D samples, from theory.

        Parameters
        ----------
        features : array_like of float
            Model size N: whole numbers from 1 on, or ``inf``.
        samples : array_like of float
            Training samples D, likewise.
        ridge : array_like of float
            Ridge: 0, or in 1e-100..1e30.
        noise : array_like of float
            Variance of the label noise, at least 0; not part of the loss.
        threads : int, optional
            Threads to compute on; as many as there are processors if not given.

        Returns
        -------
        Loss
            Of the shape to which all arguments and parameters are broadcast.

        Examples
        --------
        >>> import asymscale, numpy as np
        >>> model = asymscale.Model(alpha=1, beta=1.5)
        >>> grid = model.loss(features=np.geomspace(10, 1000, 3).round(), samples=[[100], [10_000]])
        >>> grid.shape
        (2, 3)
        >>> grid.regime[1].tolist()
        ['feature-limited', 'feature-limited', 'feature-limited']
        """
        return _answer(
            Loss, _native.loss(self._model, features, samples, ridge, noise, _threads(threads))
        )

    def coverage(self, samples: npt.ArrayLike, *, threads: int | None = None) -> Coverage:
        """Seen coordinates, unseen mass, interpolation threshold, expected rank, crossover.

        Parameters
        ----------
        samples : array_like of float
            Training samples D: whole numbers from 1 on, or ``inf``.
        threads : int, optional
            Threads to compute on.

        Returns
        -------
        Coverage

        Examples
        --------
        >>> import asymscale
        >>> seen = asymscale.Model(alpha=1, beta=2).coverage(samples=[100, 10_000])
        >>> seen.seen.round(1).tolist()
        [17.2, 176.7]
        """
        return _answer(Coverage, _native.coverage(self._model, samples, _threads(threads)))

    def frontier(
        self,
        compute: npt.ArrayLike,
        *,
        factor: npt.ArrayLike = 1.0,
        ridge: npt.ArrayLike | Literal["optimal"] | None = None,
        noise: npt.ArrayLike | None = None,
        training: Literal["sgd", "adaptive"] | None = None,
        unique: npt.ArrayLike | None = None,
        rate: npt.ArrayLike | None = None,
        threads: int | None = None,
    ) -> Frontier:
        """Best split of a compute budget between features and samples, from theory.

        Parameters
        ----------
        compute : array_like of float
            Budget ``C = factor * N * D``.
        factor : array_like of float
            Cost of one feature on one sample.
        ridge : array_like of float or "optimal", optional
            Ridge, or at every split the best one; 0 if not given.
        noise : array_like of float, optional
            Variance of the label noise; 0 if not given.
        training : {"sgd", "adaptive"}, optional
            One pass over fresh samples in place of regression: in small steps of ``rate``, or in
            adaptive ones. The command calls it ``--pass``.
        unique : array_like of float, optional
            Different samples there are: budgets ``C = factor * N * D * K`` of K passes.
        rate : array_like of float, optional
            Step size on single samples, of ``training="sgd"`` and ``unique``.
        threads : int, optional
            Threads to compute on.

        Returns
        -------
        Frontier

        Examples
        --------
        >>> import asymscale
        >>> best = asymscale.Model(alpha=1, beta=1.5).frontier(compute=1e8)
        >>> best.samples > best.features
        True
        """
        return _answer(
            Frontier,
            _native.frontier(
                self._model,
                compute,
                factor,
                ridge,
                noise,
                None if training is None else _word("training", training),
                unique,
                rate,
                _threads(threads),
            ),
        )

    def simulate(
        self,
        features: npt.ArrayLike,
        samples: npt.ArrayLike,
        *,
        repeats: int = 16,
        seed: int = 1,
        method: Literal["averaged", "iterative", "conditional", "explicit"] | None = None,
        teachers: int | None = None,
        probes: int | None = None,
        ridge: npt.ArrayLike = 0.0,
        noise: npt.ArrayLike = 0.0,
        activation: str | Sequence[str] | npt.NDArray[Any] | None = None,
        inputs: int | None = None,
        scale: npt.ArrayLike | None = None,
        per_design: bool = False,
        threads: int | None = None,
    ) -> Simulation:
        """Population loss over simulated designs.

        Parameters
        ----------
        features : array_like of float
            Model size N; ``inf`` too with the methods averaged and iterative, or ``activation``.
            Sizes that differ in nothing else share their designs.
        samples : array_like of int
            Training samples D.
        repeats : int
            Number of independent designs.
        seed : int
            Seed of all random streams; the same seed draws the same designs as the command.
        method : {"averaged", "iterative", "conditional", "explicit"}, optional
            How the loss of a design is computed; averaged if not given.
        teachers : int, optional
            Teachers per design, of the methods explicit and conditional; 8 if not given.
        probes : int, optional
            Random probes per design, of the methods iterative and averaged; 32 if not given.
        ridge, noise : array_like of float
            Ridge, and variance of the label noise.
        activation : array_like of str, optional
            Nonlinear features, such as ``"relu"`` or ``"erf"``.
        inputs : int, optional
            Test inputs per design, with ``activation``; 1000 if not given.
        scale : array_like of float, optional
            Scale of the weights inside the activation; 1 if not given.
        per_design : bool
            The loss of every design, which are the last axis of the answer.
        threads : int, optional
            Threads to compute on; the answer does not depend on them.

        Returns
        -------
        Simulation

        Examples
        --------
        >>> import asymscale
        >>> model = asymscale.Model(alpha=1, beta=1.5)
        >>> found = model.simulate(features=[16, 512], samples=256)
        >>> (abs(found / found.theory - 1) < 0.1).tolist()
        [True, True]
        >>> model.simulate(features=8, samples=64, repeats=5, per_design=True).shape
        (5,)
        """
        how = {
            "repeats": _count("repeats", repeats),
            "seed": _seed(seed),
            "method": None if method is None else _word("method", method),
            "teachers": _maybe("teachers", teachers),
            "probes": _maybe("probes", probes),
            "inputs": _maybe("inputs", inputs),
            "per_design": _switch("per_design", per_design),
        }
        return _answer(
            Simulation,
            _native.simulate(
                self._model,
                features,
                samples,
                ridge,
                noise,
                activation,
                scale,
                how,
                _threads(threads),
            ),
        )

    def descent(
        self,
        samples: npt.ArrayLike,
        rate: npt.ArrayLike,
        steps: npt.ArrayLike,
        *,
        features: npt.ArrayLike = inf,
        repeats: int = 16,
        seed: int = 1,
        threads: int | None = None,
    ) -> Descent:
        """Population loss along gradient descent, from theory (of the flow) and over designs.

        Parameters
        ----------
        samples : array_like of int
            Training samples D.
        rate : array_like of float
            Step size of full-batch descent.
        steps : array_like of float
            Numbers of steps: one, or an array of one axis, which is the last axis of the answer.
        features : array_like of float
            Model size N, infinite if not given.
        repeats, seed : int
            Number of independent designs, and the seed of all random streams.
        threads : int, optional
            Threads to compute on.

        Returns
        -------
        Descent

        Examples
        --------
        >>> import asymscale
        >>> path = asymscale.Model(alpha=1, beta=1.5).descent(64, 0.5, [10, 1000], repeats=4)
        >>> path.shape, bool(path.simulated[1] < path.simulated[0])
        ((2,), True)
        """
        return _answer(
            Descent,
            _native.descent(
                self._model,
                samples,
                rate,
                steps,
                features,
                _count("repeats", repeats),
                _seed(seed),
                _threads(threads),
            ),
        )

    def train(
        self,
        samples: npt.ArrayLike,
        rate: npt.ArrayLike,
        *,
        epochs: npt.ArrayLike = 1,
        batch: npt.ArrayLike = 1,
        rule: str | Sequence[str] | npt.NDArray[Any] = "sgd",
        order: str | None = None,
        schedule: str = "constant",
        warmup: int = 0,
        noise: npt.ArrayLike = 0.0,
        features: npt.ArrayLike = inf,
        average: str = "last",
        steps: npt.ArrayLike | None = None,
        repeats: int = 16,
        seed: int = 1,
        threads: int | None = None,
    ) -> Training:
        """Population loss along stochastic training: one pass or epochs, plain or adaptive steps.

        Parameters
        ----------
        samples : array_like of int
            Different training samples D.
        rate : array_like of float
            Largest step size of the schedule.
        epochs, batch : array_like of int
            Passes over the samples, and samples a step.
        rule : array_like of str
            ``sgd``, ``clipped``, ``normalised``, ``momentum``, ``adagrad``, ``rmsprop``, ``adam``,
            ``sign`` or ``gauss-newton``, with numbers or without, such as ``adam:0.9:0.999``.
        order : str, optional
            ``fresh``, ``reshuffled``, ``cyclic`` or ``with-replacement``.
        schedule : str
            ``constant``, ``linear``, ``cosine``, ``power:EXPONENT`` or ``cooldown:SHARE``.
        warmup : int
            Steps over which step sizes rise.
        noise : array_like of float
            Variance of the label noise.
        features : array_like of float
            Model size N, infinite if not given.
        average : str
            ``last``, ``polyak`` or ``polyak:SHARE``.
        steps : array_like of float, optional
            Updates after which the loss is told: one, or an array of one axis, which is the last
            axis of the answer; if not given 13 along the run.
        repeats, seed : int
            Number of runs, 0 for theory alone, and the seed of all random streams.
        threads : int, optional
            Threads to compute on.

        Returns
        -------
        Training

        Examples
        --------
        >>> import asymscale
        >>> run = asymscale.Model(alpha=1, beta=1.5).train(10_000, 0.3, steps=[100, 10_000], repeats=0)
        >>> run.theory_method.tolist(), bool(run.theory[1] < run.theory[0])
        (['one pass', 'one pass'], True)
        """
        return _answer(
            Training,
            _native.train(
                self._model,
                samples,
                rate,
                epochs,
                batch,
                rule,
                None if order is None else _word("order", order),
                _word("schedule", schedule),
                _count("warmup", warmup, 0),
                noise,
                features,
                _word("average", average),
                steps,
                _count("repeats", repeats, 0),
                _seed(seed),
                _threads(threads),
            ),
        )

    def instability(
        self,
        samples: npt.ArrayLike,
        rate: npt.ArrayLike,
        *,
        simulate: bool = False,
        one_pass: bool = False,
        batch: int | None = None,
        features: npt.ArrayLike = inf,
        repeats: int | None = None,
        seed: int | None = None,
        threshold_share: float | None = None,
        threads: int | None = None,
    ) -> Instability:
        """Probability that gradient descent with a fixed step diverges.

        Parameters
        ----------
        samples : array_like of float
            Training samples D.
        rate : array_like of float
            Step size of full-batch descent, or of the pass.
        simulate : bool
            Simulate designs instead of asking the diagonal law.
        one_pass : bool
            Spikes and stability of one pass of stochastic gradient descent. The command calls it
            ``--pass``.
        batch : int, optional
            Samples a step of the pass; 1 if not given.
        features : array_like of float
            Model size N of a simulation, infinite if not given.
        repeats : int, optional
            Designs of a simulation; 1000 if not given.
        seed : int, optional
            Seed of all random streams of a simulation; 1 if not given.
        threshold_share : float, optional
            Importance sampling plants entries with squares above this share of ``2 D / rate``; 0.5
            if not given.
        threads : int, optional
            Threads to compute on.

        Returns
        -------
        Instability

        Examples
        --------
        >>> import asymscale
        >>> law = asymscale.Model(alpha=1, beta=2.5).instability(samples=256, rate=[0.1, 0.5])
        >>> bool(law[0] < law[1])
        True
        """
        if simulate and one_pass:
            raise ValueError("simulate: cannot be used with one_pass")
        simulate, one_pass = _switch("simulate", simulate), _switch("one_pass", one_pass)
        unused = {"repeats": repeats, "seed": seed, "threshold_share": threshold_share}
        for name, value in unused.items():
            if value is not None and not simulate:
                raise ValueError(f"{name} = {value}: only with simulate")
        if batch is not None and not one_pass:
            raise ValueError(f"batch = {batch}: only with one_pass")
        designs = _count("repeats", 1000 if repeats is None else repeats) if simulate else None
        of_batch = _count("batch", 1 if batch is None else batch) if one_pass else None
        return _answer(
            Instability,
            _native.instability(
                self._model,
                samples,
                rate,
                features,
                designs,
                of_batch,
                _seed(1 if seed is None else seed),
                0.5 if threshold_share is None else float(threshold_share),
                _threads(threads),
            ),
        )


def _rebuilt(given: dict[str, Any]) -> Model:
    return Model(**given)
