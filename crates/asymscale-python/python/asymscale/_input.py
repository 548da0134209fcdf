"""Tables as Python has them: paths, frames, columns, text."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

__all__ = ["TableLike", "as_input"]


class _Pandas(Protocol):
    def to_csv(self, *, index: bool) -> str: ...


class _Polars(Protocol):
    def write_csv(self) -> str: ...


#: A path, a DataFrame of pandas or polars, columns by their names, rows, a column of counts, or the
#: bytes of a table.
TableLike: TypeAlias = (
    str
    | os.PathLike[str]
    | _Pandas
    | _Polars
    | Mapping[str, Any]
    | Sequence[Mapping[str, Any]]
    | Sequence[float]
    | bytes
)


def as_input(table: TableLike) -> str | tuple[str, bytes]:
    """A path that cannot be read, or the name and the bytes of a table.

    A file is read here, so that an answer can be asked again after it has changed.
    """
    if isinstance(table, str | os.PathLike):
        path = os.path.expanduser(os.fspath(table))
        if path == "-":
            raise ValueError("table = '-': there is no standard input here; read it first")
        if "\n" in path:
            raise ValueError("table: a text is taken for a path; hand over its bytes: text.encode()")
        try:
            return path, Path(path).read_bytes()
        except OSError:
            # Refused in the words of the command.
            return path
    if isinstance(table, bytes | bytearray):
        return "table", bytes(table)
    given: Any = table
    if hasattr(given, "read"):
        text = given.read()
        return "table", text.encode() if isinstance(text, str) else text
    if hasattr(given, "collect") and hasattr(given, "lazy"):
        given = given.collect()
    if hasattr(given, "to_frame") and not hasattr(given, "columns"):
        given = given.to_frame()
    if hasattr(given, "columns") and (hasattr(given, "write_csv") or hasattr(given, "to_csv")):
        names = [str(name) for name in given.columns]
        if not _are_titles(names):
            rows = given.rows() if hasattr(given, "rows") else given.itertuples(index=False, name=None)
            return "DataFrame", _as_objects(names, rows)
        if hasattr(given, "write_csv"):
            return "DataFrame", given.write_csv().encode()
        return "DataFrame", given.to_csv(index=False).encode()
    if isinstance(given, Mapping):
        for name, column in given.items():
            if isinstance(column, str) or not hasattr(column, "__len__"):
                raise TypeError(f"column {name}: must be a list or an array of values")
        lengths = {name: len(given[name]) for name in given}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"columns of different lengths: {told}")
        names = [str(name) for name in given]
        rows = zip(*given.values(), strict=True)
    elif isinstance(given, Sequence) and given and all(isinstance(row, Mapping) for row in given):
        keys = list(dict.fromkeys(name for row in given for name in row))
        names = [str(name) for name in keys]
        rows = ([row.get(name) for name in keys] for row in given)
    elif _is_column(given):
        names, rows = ["count"], ([value] for value in given)
    else:
        raise TypeError(
            "table: must be a path, a DataFrame, a mapping of columns, a list of rows, a column of "
            f"counts, or bytes, not {type(table).__name__}"
        )
    if not _are_titles(names):
        return "table", _as_objects(names, rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "table", text.getvalue().encode()


def _is_column(given: Any) -> bool:
    """Whether these are counts alone."""
    if hasattr(given, "ndim"):
        return bool(given.ndim == 1)
    return isinstance(given, Sequence) and all(isinstance(value, int | float) for value in given)


def _are_titles(names: list[str]) -> bool:
    """Whether no reader takes a row of these names for a row of numbers."""
    return not any(map(_is_number, names))


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _as_objects(names: list[str], rows: Any) -> bytes:
    """Lines of JSON, in which names are names even where they are numbers."""
    lines = []
    for row in rows:
        cells = [value.item() if hasattr(value, "item") else value for value in row]
        known = [None if cell != cell else cell for cell in cells]
        lines.append(json.dumps(dict(zip(names, known, strict=True)), default=str))
    return ("\n".join(lines) + "\n").encode()


def _cell(value: Any) -> Any:
    """A number as the shortest text that is read as the same number."""
    return repr(float(value)) if hasattr(value, "dtype") and value.dtype.kind == "f" else value
