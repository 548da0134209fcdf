"""What questions are answered with: columns of numbers and words.

NumPy is imported when the first array is made, not before.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "Answer",
    "Coverage",
    "Descent",
    "Forecast",
    "Frontier",
    "Instability",
    "Loss",
    "Report",
    "Simulation",
    "Table",
    "Training",
]

#: Rows that are shown of a long answer.
_SHOWN = 10
#: What an answer has of the array that it stands for, unless a column is called so.
_OF_ARRAYS = frozenset(
    "T argmax argmin argsort astype copy cumsum flatten item max mean min prod ravel reshape round"
    " std sum transpose var".split()
)


class Table:
    """Columns of one shape.

    A column is an attribute and an item: ``table.loss`` is ``table["loss"]``. It is a NumPy array
    of the shape of the table, or a plain value where the shape is ``()``. Numbers that are not
    known are NaN, words that are not known are None.

    Parameters
    ----------
    columns
        The columns by their names.
    shape
        The shape that all of them have.
    """

    __slots__ = ("_columns", "shape")

    #: Shape of the columns; ``()`` where there is one row of plain values.
    shape: tuple[int, ...]

    def __init__(self, columns: Mapping[str, Any], shape: tuple[int, ...]) -> None:
        object.__setattr__(self, "_columns", dict(columns))
        object.__setattr__(self, "shape", tuple(shape))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._columns)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of rows."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "_columns")[name]
        except (KeyError, AttributeError):
            message = f"{type(self).__name__!r} has no attribute {name!r}"
            raise AttributeError(message) from None

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            if key in self._columns:
                return self._columns[key]
            known = ", ".join(self._columns)
            raise KeyError(f"{key!r}: the columns are {known}")
        raise TypeError("columns are chosen by their names")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._columns})

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{type(self).__name__} of a single point has no length")
        return self.shape[0]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._columns, self.shape)

    def to_dict(self) -> dict[str, Any]:
        """Columns as nested lists, or plain values where there is one row.

        Examples
        --------
        >>> import asymscale
        >>> seen = asymscale.Model(alpha=1, beta=2).coverage(samples=[10, 100])
        >>> seen.to_dict()["samples"]
        [10.0, 100.0]
        """
        return {
            name: column.tolist() if self.shape else column
            for name, column in self._columns.items()
        }

    def _rows(self) -> dict[str, Any]:
        """Columns of one axis."""
        if not self.shape:
            return {name: [value] for name, value in self._columns.items()}
        return {name: column.reshape(-1) for name, column in self._columns.items()}

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row per point, the last axis fastest."""
        import pandas

        return pandas.DataFrame(self._rows())

    def to_polars(self) -> Any:
        """A ``polars.DataFrame`` with a row per point, the last axis fastest."""
        import polars

        return polars.DataFrame({name: list(column) for name, column in self._rows().items()})

    def _shown(self) -> tuple[list[str], list[list[str]]]:
        rows = {name: list(column[:_SHOWN]) for name, column in self._rows().items()}
        cells = [[_cell(value) for value in column] for column in rows.values()]
        return list(rows), [list(row) for row in zip(*cells, strict=True)]

    def _title(self) -> str:
        return f"{type(self).__name__} of shape {self.shape}"

    def __repr__(self) -> str:
        names, rows = self._shown()
        if not self.shape:
            values = ", ".join(f"{name}={_plain(self._columns[name])}" for name in names)
            return f"{type(self).__name__}({values})"
        widths = [
            max(len(name), *(len(row[at]) for row in rows)) if rows else len(name)
            for at, name in enumerate(names)
        ]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in [names, *rows]
        ]
        more = self.size - len(rows)
        if more > 0:
            lines.append(f"... and {more} more rows")
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        names, rows = self._shown()
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        more = self.size - len(rows)
        foot = f"<p>... and {more} more rows</p>" if more > 0 else ""
        title = html.escape(self._title())
        return (
            f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>{foot}"
        )


def _cell(value: Any) -> str:
    """A value with six digits."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return "-" if value != value else f"{value:.6g}"
    return str(value)


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


class Answer(Table):
    """The answer to a question about a model, with the shape of its arguments.

    Most answers stand for one of their columns, :attr:`value`, wherever an array is wanted: they
    can be indexed, iterated over, plotted, put into NumPy's functions and calculated with. What
    comes out of a calculation is a plain array.

    Parameters
    ----------
    columns
        The columns by their names.
    shape
        The shape that all of them have.
    notes
        What was remarked on the question.

    Examples
    --------
    >>> import asymscale, numpy as np
    >>> loss = asymscale.Model(alpha=1, beta=1.5).loss(features=[10, 100], samples=[[50], [500]])
    >>> loss.shape, (loss / loss[0, 0]).shape
    ((2, 2), (2, 2))
    >>> bool(np.all(np.diff(loss, axis=0) < 0))
    True
    """

    __slots__ = ("notes",)

    #: The column that the answer stands for, if there is one.
    _value: ClassVar[str | None] = None
    #: What was remarked on the question.
    notes: tuple[str, ...]

    def __init__(
        self, columns: Mapping[str, Any], shape: tuple[int, ...], notes: Sequence[str] = ()
    ) -> None:
        super().__init__(columns, shape)
        object.__setattr__(self, "notes", tuple(notes))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._columns, self.shape, self.notes)

    @property
    def value(self) -> Any:
        """The column that the answer stands for."""
        if self._value is None:
            known = ", ".join(self._columns)
            raise TypeError(f"{type(self).__name__} stands for no column: choose of {known}")
        return self._columns[self._value]

    def __getattr__(self, name: str) -> Any:
        if name in _OF_ARRAYS and name not in self._columns:
            return getattr(self.__array__(), name)
        return super().__getattr__(name)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of :attr:`value`."""
        return self.__array__().dtype

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        import numpy

        array = numpy.asarray(self.value, dtype=dtype)
        return array.copy() if copy else array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(one, Answer) for one in kwargs.get("out", ())):
            return NotImplemented
        plain = [one.value if isinstance(one, Answer) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key) if isinstance(key, str) else self.__array__()[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__array__())

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.__array__())

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else repr(self)

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.value, digits) if not self.shape else self.__array__().round(digits or 0)

    def __abs__(self) -> Any:
        return self._calculate("__abs__")

    def tolist(self) -> Any:
        """:attr:`value` as nested lists."""
        return self.__array__().tolist()

    def _calculate(self, name: str, *others: Any) -> Any:
        plain = [one.value if isinstance(one, Answer) else one for one in others]
        return getattr(self.__array__(), name)(*plain)

    def __add__(self, other: Any) -> Any:
        return self._calculate("__add__", other)

    def __radd__(self, other: Any) -> Any:
        return self._calculate("__radd__", other)

    def __sub__(self, other: Any) -> Any:
        return self._calculate("__sub__", other)

    def __rsub__(self, other: Any) -> Any:
        return self._calculate("__rsub__", other)

    def __mul__(self, other: Any) -> Any:
        return self._calculate("__mul__", other)

    def __rmul__(self, other: Any) -> Any:
        return self._calculate("__rmul__", other)

    def __truediv__(self, other: Any) -> Any:
        return self._calculate("__truediv__", other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._calculate("__rtruediv__", other)

    def __pow__(self, other: Any) -> Any:
        return self._calculate("__pow__", other)

    def __rpow__(self, other: Any) -> Any:
        return self._calculate("__rpow__", other)

    def __floordiv__(self, other: Any) -> Any:
        return self._calculate("__floordiv__", other)

    def __mod__(self, other: Any) -> Any:
        return self._calculate("__mod__", other)

    def __pos__(self) -> Any:
        return self._calculate("__pos__")

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Any:
        return self._calculate("__eq__", other)

    def __ne__(self, other: object) -> Any:
        return self._calculate("__ne__", other)

    def __neg__(self) -> Any:
        return self._calculate("__neg__")

    def __lt__(self, other: Any) -> Any:
        return self._calculate("__lt__", other)

    def __le__(self, other: Any) -> Any:
        return self._calculate("__le__", other)

    def __gt__(self, other: Any) -> Any:
        return self._calculate("__gt__", other)

    def __ge__(self, other: Any) -> Any:
        return self._calculate("__ge__", other)


class Loss(Answer):
    """The population loss from theory; stands for ``loss``.

    Attributes
    ----------
    loss
        Population loss, without the label noise.
    features, samples
        Model size N and training samples D.
    regime
        What limits the loss, in a word.
    reliability
        How far theory is to be trusted at this size: good, fair or poor.
    finite_size_error
        Estimate of the relative error of theory at this size.
    """

    __slots__ = ()
    _value = "loss"


class Coverage(Answer):
    """What samples have seen.

    Attributes
    ----------
    samples
        Training samples D.
    seen
        Expected number of coordinates that were active in some sample.
    unseen_mass
        Variance of the coordinates that were active in none.
    threshold
        Model size N at the interpolation threshold.
    rank
        Expected rank of the design.
    crossover
        Samples from which unseen coordinates limit the loss; infinite where they never do.
    """

    __slots__ = ()


class Simulation(Answer):
    """The population loss over simulated designs; stands for ``mean``, or for ``loss`` per design.

    Attributes
    ----------
    mean, standard_error, low, high
        Mean loss, its standard error and the ends of its 95 % interval; NaN where they do not
        exist.
    median, median_low, median_high, lower_quartile, upper_quartile
        Over designs.
    theory, finite_size_error
        The loss from theory and an estimate of its relative error.
    """

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The mean over designs, or the loss of each."""
        return self._columns["mean" if "mean" in self._columns else "loss"]


class Frontier(Answer):
    """The best split of a compute budget; stands for ``loss``.

    Attributes
    ----------
    compute, features, samples, loss
        The budget, the best N and D, and the population loss there.
    features_exponent, samples_exponent, loss_exponent
        Exponents of the budget by the law in force; NaN where there is none.
    features_slope, samples_slope, loss_slope
        Slopes along the budget at this one.
    epochs, unique, rate, floor, scarce, tokens_exponent, tokens_slope
        Of passes of stochastic gradient descent.
    """

    __slots__ = ()
    _value = "loss"


class Descent(Answer):
    """The population loss along gradient descent; stands for ``loss``.

    Attributes
    ----------
    step, rate, time
        Number of steps, step size, and time of gradient flow.
    loss
        Population loss of gradient flow at that time, from theory.
    simulated, standard_error
        Mean over simulated designs of the loss of the steps, and its standard error.
    """

    __slots__ = ()
    _value = "loss"


class Training(Answer):
    """The population loss along stochastic training; stands for ``mean``, or without simulated
    runs for ``theory``.

    Attributes
    ----------
    step, samples_seen
        Updates so far, and different samples used.
    theory, theory_method
        Mean loss by theory, and which one; NaN and None where there is none for these runs.
    mean, standard_error, median, diverged
        Over simulated runs.
    unseen_mass
        Variance of what the samples used so far do not show.
    """

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The mean over runs, or theory where there are none."""
        import numpy

        runs = numpy.max(self._columns["repeats"], initial=0)
        return self._columns["mean" if runs > 0 else "theory"]


class Instability(Answer):
    """The probability that gradient descent diverges, or of spikes in one pass; stands for
    ``probability``.

    Attributes
    ----------
    probability
        Of divergence; of one pass, of at least one spike.
    """

    __slots__ = ()
    _value = "probability"


class Forecast(Answer):
    """The loss of runs that were not made, or the best N and D of budgets; stands for ``loss``.

    Attributes
    ----------
    features, samples, loss
        N, D and the loss of the law.
    law_lower, law_upper, run_lower, run_upper
        Intervals of the law and of a single run; NaN where the fit has no resamples.
    """

    __slots__ = ()
    _value = "loss"


class Report:
    """The answer about a table: values, reports and tables by their names.

    An entry is an attribute and an item. Objects of the command's JSON are reports, lists of
    objects are tables with a NumPy array for each column, numbers that are infinite are ``inf``.

    Parameters
    ----------
    entries
        An object of the command's JSON.
    remarks
        What the command says beside it: of files that were saved, say.
    """

    #: What the command says beside its answer.
    remarks: str

    def __init__(self, entries: Mapping[str, Any], remarks: str = "") -> None:
        self.remarks = remarks.strip()
        self._json = dict(entries)
        self._entries = {name: _entry(value) for name, value in _settled(entries).items()}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._entries[name]
        except KeyError:
            message = f"{type(self).__name__!r} has no attribute {name!r}"
            raise AttributeError(message) from None

    def __getitem__(self, name: str) -> Any:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._entries})

    def keys(self) -> tuple[str, ...]:
        """Names of the entries."""
        return tuple(self._entries)

    def items(self) -> tuple[tuple[str, Any], ...]:
        """Names and entries."""
        return tuple(self._entries.items())

    def to_dict(self) -> dict[str, Any]:
        """The whole answer as plain dicts, lists and values; ``inf`` where a number is infinite."""
        settled: dict[str, Any] = _settled(self._json)
        return settled

    def _lines(self, indent: str) -> Iterator[str]:
        for name, entry in self._entries.items():
            if isinstance(entry, Report):
                yield f"{indent}{name}:"
                yield from entry._lines(indent + "  ")
            elif isinstance(entry, Table):
                yield f"{indent}{name}:"
                yield from (indent + "  " + line for line in repr(entry).splitlines()[1:])
            elif isinstance(entry, list) and any(isinstance(one, Report) for one in entry):
                yield f"{indent}{name}: {len(entry)} reports"
            else:
                yield f"{indent}{name}: {_cell(entry)}"

    def __repr__(self) -> str:
        summary = self._entries.get("summary")
        if isinstance(summary, str):
            names = ", ".join(name for name in self._entries if name != "summary")
            return f"{type(self).__name__}: {summary}\nentries: {names}"
        return "\n".join([type(self).__name__, *self._lines("  ")])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def _settled(value: Any) -> Any:
    """JSON of the command with its infinities: null with a mark beside it."""
    if isinstance(value, Mapping):
        told = {}
        for key, entry in value.items():
            plus, minus = value.get(f"{key}_infinite"), value.get(f"{key}_minus_infinite")
            if plus is True or minus is True:
                told[key] = float("inf") if plus else float("-inf")
            elif not _is_mark(key, value):
                told[key] = _settled(entry)
        return told
    if isinstance(value, list):
        return [_settled(entry) for entry in value]
    return value


def _is_mark(key: str, entries: Mapping[str, Any]) -> bool:
    of = key.removesuffix("_infinite").removesuffix("_minus")
    return key.endswith("_infinite") and of in entries and isinstance(entries[key], bool)


def _entry(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Report(value)
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        names = list(dict.fromkeys(name for row in value for name in row))
        columns = {name: [row.get(name) for row in value] for name in names}
        if not any(isinstance(cell, Mapping | list) for cells in columns.values() for cell in cells):
            return Table(
                {name: _array(cells) for name, cells in columns.items()}, (len(value),)
            )
        return [_entry(row) for row in value]
    return value


def _array(cells: list[Any]) -> Any:
    import numpy

    numbers = [cell for cell in cells if cell is not None]
    if numbers and all(type(cell) in (int, float) for cell in numbers):
        if len(numbers) == len(cells) and all(type(cell) is int for cell in numbers):
            return numpy.array(cells)
        return numpy.array([float("nan") if cell is None else cell for cell in cells], dtype=float)
    if len(numbers) == len(cells) and cells and all(isinstance(cell, bool) for cell in cells):
        return numpy.array(cells, dtype=bool)
    return numpy.array(cells, dtype=object)
