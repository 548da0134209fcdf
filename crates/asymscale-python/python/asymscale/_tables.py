"""Tables of your own: training runs and activation counts."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from asymscale import _native
from asymscale._answers import Forecast, Report
from asymscale._input import as_input
from asymscale._model import _threads

if TYPE_CHECKING:
    import numpy.typing as npt

    from asymscale._input import TableLike

__all__ = ["Fit", "diagnose", "fit", "predict"]

_Path: TypeAlias = str | os.PathLike[str]
#: A number, several, or a word that the command reads.
_Many: TypeAlias = "float | str | Iterable[float]"


def _word(value: Any) -> str:
    """A value as the command reads it; numbers keep all their digits."""
    if isinstance(value, str | os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Iterable):
        return ",".join(_word(one) for one in value)
    return repr(value)


#: Arguments that are switched on.
_SWITCHES = ("isoflop", "repeats")


def _unit(value: Any) -> Any:
    """A power of ten as the command writes it."""
    if isinstance(value, int | float) and value > 0:
        power = round(math.log10(value))
        return f"1e{power}" if 10.0**power == value else value
    return value


def _arguments(command: str, given: Mapping[str, Any], where: Mapping[str, Any] | None) -> list[str]:
    words = [command, "table"]
    for name, value in given.items():
        flag = "--" + name.replace("_", "-")
        is_switch = name in _SWITCHES
        is_truth = type(value).__name__ in ("bool", "bool_")
        if is_truth is not is_switch and value is not None:
            must = "must be True or False" if is_switch else "must not be True or False"
            raise TypeError(f"{name} = {value!r}: {must}")
        if is_switch:
            words += [flag] if value else []
        elif value is not None:
            words.append(f"{flag}={_word(_unit(value) if name.endswith('_unit') else value)}")
    if where is not None and not isinstance(where, Mapping):
        raise TypeError(f"where = {where!r}: must map columns to values")
    for column, values in (where or {}).items():
        is_one = isinstance(values, str) or not isinstance(values, Iterable)
        alternatives = [values] if is_one else list(values)
        if not alternatives:
            raise ValueError(f"where: there is no value for the column {column}")
        for value in alternatives:
            words += [f"--filter-column={column}", f"--filter-value={value}"]
    return words


class Fit(Report):
    """A law of training runs, with what it says of itself, as the command's JSON has it.

    Entries are attributes and items; :meth:`~Report.to_dict` gives all of them, and ``print``
    shows them. :meth:`predict` asks for runs that were not made.
    """

    def __init__(
        self,
        entries: Mapping[str, Any],
        remarks: str = "",
        again: tuple[list[str], str | tuple[str, bytes], int | None] | None = None,
    ) -> None:
        super().__init__(entries, remarks)
        self._again = again
        self._saved: _native.SavedFit | None = None

    def predict(
        self,
        features: npt.ArrayLike | None = None,
        samples: npt.ArrayLike | None = None,
        *,
        compute: npt.ArrayLike | None = None,
        level: float | None = None,
    ) -> Forecast:
        """The loss at N and D, or the best N and D for budgets: see :func:`predict`.

        The first call fits again, to keep the fit.
        """
        if self._saved is None:
            self._saved = _native.SavedFit("the fit", self._text())
        return _predicted(self._saved, features, samples, compute, level)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_saved": None}

    def save(self, path: _Path) -> None:
        """Writes the fit to a file that :func:`predict` and ``asymscale predict`` read."""
        Path(path).write_text(self._text(), encoding="utf-8")

    def _text(self) -> str:
        if self._again is None:
            raise ValueError("this fit has no table: make it with asymscale.fit")
        arguments, table, threads = self._again
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "fit.json"
            _native.of_table([*arguments, f"--save={file}"], table, threads)
            if not file.exists():
                raise ValueError("there is no law of N and D to predict by")
            return file.read_text(encoding="utf-8")


def fit(
    table: TableLike,
    *,
    features_column: str | None = None,
    samples_column: str | None = None,
    loss_column: str | None = None,
    compute_column: str | None = None,
    features_unit: str | float | None = None,
    samples_unit: str | float | None = None,
    group_column: str | None = None,
    unique_column: str | None = None,
    epochs_column: str | None = None,
    budget_column: str | None = None,
    active_column: str | None = None,
    by: str | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    bad_rows: Literal["refuse", "drop"] | None = None,
    hold_out: int | None = None,
    hold_out_above: str | None = None,
    isoflop: bool = False,
    repeats: bool = False,
    law: str | None = None,
    floor: float | Literal["free", "zero"] | None = None,
    objective: Literal["huber", "log-squares", "squares"] | None = None,
    delta: float | None = None,
    penalty: float | None = None,
    compute: _Many | None = None,
    factor: float | None = None,
    bootstrap: int | None = None,
    interval: Literal["bootstrap", "profile"] | None = None,
    best: Literal["all", "lower-envelope"] | None = None,
    transform: str | None = None,
    level: float | None = None,
    seed: int | None = None,
    save: _Path | None = None,
    plot: _Path | None = None,
    threads: int | None = None,
) -> Fit:
    """Law of the loss in a table of training runs, what limits it, and where the next budget goes.

    Arguments that are not given are as in the command: ``asymscale fit --help`` explains each.

    Parameters
    ----------
    table : path, DataFrame, mapping of columns, or list of rows
        A row per run, with columns for N, D and the loss, found by their names.
    features_column, samples_column, loss_column, compute_column : str, optional
        Names of the columns.
    features_unit, samples_unit : str or float, optional
        Units such as ``"M"`` or ``1e6``.
    group_column : str, optional
        Rows of equal value err together.
    unique_column, epochs_column, budget_column, active_column, by : str, optional
        Columns of repeated data, of budgets, of active parameters, and of kinds of runs.
    where : mapping, optional
        Columns with the value, or the values, of the rows to take.
    bad_rows : {"refuse", "drop"}, optional
        What becomes of rows without a finite loss.
    hold_out, hold_out_above : optional
        Runs to leave out and predict: how many, or above which size, such as ``"C=1e21"``.
    isoflop, repeats : bool
        Curves of equal compute; the law of repeated data.
    law, floor, objective, delta, penalty, best, transform : optional
        What is fitted, and how.
    compute : float or sequence of float, optional
        Budgets ``C = factor * N * D`` to allocate.
    factor : float, optional
        Operations per parameter and token; 6 if not given.
    bootstrap, interval, level, seed : optional
        Intervals.
    save, plot : path, optional
        Files for the fit and for its figure.
    threads : int, optional
        Threads to compute on.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If the table cannot be used or an argument is out of range, in the words of the command.

    Examples
    --------
    >>> import asymscale
    >>> sizes = [(n, d) for n in (1e6, 1e7, 1e8) for d in (1e8, 1e9, 1e10)]
    >>> runs = {
    ...     "N": [n for n, _ in sizes],
    ...     "D": [d for _, d in sizes],
    ...     "loss": [1.7 + 400 * n**-0.34 + 410 * d**-0.28 for n, d in sizes],
    ... }
    >>> found = asymscale.fit(runs, bootstrap=0)
    >>> round(found.parameters.e, 3)
    1.7
    """
    given = dict(locals())
    table, where = given.pop("table"), given.pop("where")
    threads = _threads(given.pop("threads"))
    source = as_input(table)
    found, said = _native.of_table(_arguments("fit", given, where), source, threads)
    given.update(save=None, plot=None)
    return Fit(json.loads(found), said, (_arguments("fit", given, where), source, threads))


def diagnose(
    table: TableLike,
    *,
    samples: float | None = None,
    count_column: str | None = None,
    moment_column: str | None = None,
    moments: Literal["all", "active"] | None = None,
    features_column: str | None = None,
    sample_column: str | None = None,
    feature_column: str | None = None,
    group_column: str | None = None,
    matrix: Literal["features-by-samples", "samples-by-features"] | None = None,
    scale: Literal["count", "density", "log10"] | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    bad_rows: Literal["refuse", "drop"] | None = None,
    of: int | None = None,
    seen_at_least: int | None = None,
    alpha: float | None = None,
    factors: _Many | None = None,
    cover: _Many | None = None,
    until: _Many | None = None,
    times: _Many | None = None,
    rate: float | None = None,
    level: float | None = None,
    resamples: int | None = None,
    seed: int | None = None,
    plot: _Path | None = None,
    save_model: _Path | None = None,
    model_resamples: int | None = None,
    threads: int | None = None,
) -> Report:
    """What counts of active features say: what was never seen, and what more data would bring.

    Arguments that are not given are as in the command: ``asymscale diagnose --help`` explains each.

    Parameters
    ----------
    table : path, DataFrame, mapping of columns, or list of rows
        A row per feature with the number of samples it was active in; or per activation, or count.
    samples : float, optional
        Number of samples D that the counts come from.
    count_column, moment_column, features_column, sample_column, feature_column, group_column : str
        Names of the columns.
    moments, matrix, scale : optional
        What columns and cells hold.
    where : mapping, optional
        Columns with the value, or the values, of the rows to take.
    bad_rows : {"refuse", "drop"}, optional
        What becomes of rows that cannot be used.
    of, seen_at_least : int, optional
        Number of all features; the least count of the table.
    alpha, rate : float, optional
        Spectral exponent, and step size, for what counts mean for a loss.
    factors, cover, until, times : float or sequence of float, optional
        Which forecasts are made.
    level, resamples, seed : optional
        Intervals.
    plot, save_model : path, optional
        Files for the figure, and for the model that :meth:`Model.from_table` reads.
    model_resamples : int, optional
        Draws of the model that are saved beside it.
    threads : int, optional
        Threads to compute on.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        If the table cannot be used or an argument is out of range, in the words of the command.

    Examples
    --------
    >>> import asymscale
    >>> counts = {"count": [round(2000 / i**1.5) for i in range(1, 150)]}
    >>> found = asymscale.diagnose(counts, samples=2000, resamples=39, level=0.9)
    >>> round(found.unseen_activity_share.value, 4)
    0.0057
    """
    given = dict(locals())
    table, where = given.pop("table"), given.pop("where")
    threads = _threads(given.pop("threads"))
    found, said = _native.of_table(_arguments("diagnose", given, where), as_input(table), threads)
    return Report(json.loads(found), said)


def predict(
    fit: Fit | _Path,
    features: npt.ArrayLike | None = None,
    samples: npt.ArrayLike | None = None,
    *,
    compute: npt.ArrayLike | None = None,
    level: float | None = None,
) -> Forecast:
    """The loss of runs that were not made, or the best N and D for budgets, by a fit.

    Parameters
    ----------
    fit : Fit or path
        What :func:`fit` returned, or a file that it saved.
    features, samples : array_like of float, optional
        N and D, which are broadcast.
    compute : array_like of float, optional
        Budgets, in place of N and D.
    level : float, optional
        Nominal coverage of the intervals; that of the fit if not given.

    Returns
    -------
    Forecast

    Examples
    --------
    >>> import asymscale
    >>> sizes = [(n, d) for n in (1e6, 1e7, 1e8) for d in (1e8, 1e9, 1e10)]
    >>> runs = [{"N": n, "D": d, "loss": 1.7 + 400 * n**-0.34 + 410 * d**-0.28} for n, d in sizes]
    >>> found = asymscale.fit(runs, bootstrap=0)
    >>> asymscale.predict(found, features=1e9, samples=[2e10, 2e11]).loss.round(3).tolist()
    [2.584, 2.329]
    """
    if isinstance(fit, Fit):
        return fit.predict(features, samples, compute=compute, level=level)
    path = Path(fit)
    saved = _native.SavedFit(str(path), path.read_text(encoding="utf-8"))
    return _predicted(saved, features, samples, compute, level)


def _predicted(
    saved: _native.SavedFit,
    features: npt.ArrayLike | None,
    samples: npt.ArrayLike | None,
    compute: npt.ArrayLike | None,
    level: float | None,
) -> Forecast:
    if compute is not None:
        if features is not None or samples is not None:
            raise ValueError("compute: cannot be used with features or samples")
        return Forecast(*saved.allocate(compute, level))
    if features is None or samples is None:
        raise ValueError("features and samples: must be given together, or compute")
    return Forecast(*saved.forecast(features, samples, level))
