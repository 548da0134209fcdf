"""Tables as Python has them: paths, frames, columns, text."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

__all__ = ["TableLike", "as_input"]


class _Pandas(Protocol):
    def to_csv(self, *, index: bool) -> str: ...


class _Polars(Protocol):
    def write_csv(self) -> str: ...


#: A path, a DataFrame of pandas or polars, columns by their names, rows, or the bytes of a table.
TableLike: TypeAlias = (
    str
    | os.PathLike[str]
    | _Pandas
    | _Polars
    | Mapping[str, Any]
    | Sequence[Mapping[str, Any]]
    | bytes
)


def as_input(table: TableLike) -> str | tuple[str, bytes]:
    """A path, or the name and the bytes of a table."""
    if isinstance(table, str | os.PathLike):
        path = os.fspath(table)
        if path == "-":
            raise ValueError("table = '-': there is no standard input here; read it first")
        return path
    if isinstance(table, bytes):
        return "table", table
    frame: Any = table
    if hasattr(frame, "collect") and hasattr(frame, "lazy"):
        frame = frame.collect()
    if hasattr(frame, "write_csv"):
        return "DataFrame", frame.write_csv().encode()
    if hasattr(frame, "to_csv"):
        return "DataFrame", frame.to_csv(index=False).encode()
    if isinstance(table, Mapping):
        names = list(table)
        lengths = {name: len(table[name]) for name in names}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"columns of different lengths: {told}")
        rows: Any = zip(*(table[name] for name in names), strict=True)
    elif isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table):
        listed: list[Any] = list(table)
        names = list(dict.fromkeys(name for row in listed for name in row))
        rows = ([row.get(name) for name in names] for row in listed)
    else:
        raise TypeError(
            "table: must be a path, a DataFrame, a mapping of columns, a list of rows or bytes, "
            f"not {type(table).__name__}"
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "table", text.getvalue().encode()


def _cell(value: Any) -> Any:
    """A number as the shortest text that is read as the same number."""
    return repr(float(value)) if hasattr(value, "dtype") and value.dtype.kind == "f" else value
