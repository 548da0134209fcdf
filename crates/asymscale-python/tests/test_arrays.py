"""Shapes, types, and what an answer can be used as."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pandas
import polars
import pytest

import asymscale

MODEL = asymscale.Model(alpha=1, beta=1.5, onset=1)


def test_an_array_of_two() -> None:
    loss = MODEL.loss(features=[100, 1000], samples=10_000)
    assert loss.shape == (2,) and len(loss) == 2 and loss.ndim == 1 and loss.size == 2
    assert loss.dtype == np.float64
    assert np.asarray(loss).shape == (2,)
    assert [float(one) for one in loss] == loss.loss.tolist() == loss.tolist()
    assert loss[1] < loss[0]
    assert np.log(loss).shape == (2,)
    assert isinstance(np.log(loss), np.ndarray)
    for calculated in (loss / loss, loss**0, (2 * loss) / (loss + loss), 1 + (loss - loss)):
        assert np.array_equal(calculated, [1, 1])
    assert np.array_equal(-loss + 1, 1 - loss)
    assert np.array_equal(1 / loss, np.reciprocal(loss.loss))
    assert ((loss <= loss) & (loss >= loss) & ~(loss < loss) & ~(loss > loss)).all()
    assert np.array(loss, copy=True) is not loss.loss
    assert (loss == loss.loss).all() and not (loss != loss.loss).any()
    assert (loss == [loss[0], 0]).tolist() == [True, False]
    assert np.array_equal(2**loss, 2**loss.loss) and np.array_equal(+loss, abs(loss))
    assert (loss // 1 + loss % 1 == loss.loss).all()
    assert loss.min() == loss[1] and loss.argmax() == 0 and loss.mean() > 0
    assert loss.reshape(2, 1).shape == (2, 1) and round(loss, 2).shape == (2,)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(loss)
    with pytest.raises(ValueError, match="read-only"):
        np.multiply(loss, 2, out=np.asarray(loss))
    with pytest.raises(TypeError):
        np.add(loss, 1, out=loss)  # type: ignore[call-overload]
    assert np.add.reduce(loss) == loss.loss.sum()


def test_a_scalar_is_a_number() -> None:
    loss = MODEL.loss(100, 1000)
    assert loss.shape == () and isinstance(loss.loss, float) and float(loss) == loss.loss
    assert isinstance(loss.regime, str)
    with pytest.raises(TypeError, match="no length"):
        len(loss)
    assert loss and int(loss) == 0 and round(loss, 3) == round(loss.loss, 3)
    assert f"{loss:.3g}" == f"{loss.loss:.3g}" and f"{loss}" == repr(loss)
    assert loss == loss.loss and loss != 0
    assert repr(loss).startswith("Loss(features=100, samples=1000, loss=0.0")


@pytest.mark.parametrize(
    "features",
    [
        (10, 100),
        np.array([10, 100]),
        np.array([10.0, 100.0], dtype=np.float32),
        pandas.Series([10, 100]),
        range(10, 101, 90),
        polars.Series([10, 100]),
    ],
)
def test_whatever_numpy_takes(features: Any) -> None:
    assert MODEL.loss(features, 1000).tolist() == MODEL.loss([10, 100], 1000).tolist()


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="features: some values are masked"):
        MODEL.loss(np.ma.array([5, 6], mask=[False, True]), 9)
    assert MODEL.loss(np.ma.array([5, 6]), 9).shape == (2,)
    with pytest.raises(TypeError, match="not of words"):
        MODEL.loss(np.array([5, "6"], dtype=object), 9)
    assert MODEL.loss(np.array([5, 6], dtype=object), 9).shape == (2,)


def test_coordinates_are_numbers() -> None:
    both = asymscale.Model(alpha=1, beta=1.5, coordinates=[10, np.inf]).coverage(9)
    assert both.coordinates.tolist() == [10, np.inf]


def test_numpy_scalars() -> None:
    assert MODEL.loss(np.int64(10), np.float64(1000)).shape == ()
    assert MODEL.loss(np.array(10), 1000).shape == ()


def test_shapes() -> None:
    grid = MODEL.loss(np.ones((3, 1, 2)) * 10, np.ones((4, 1)) * 100, ridge=0.0)
    assert grid.shape == (3, 4, 2)
    with pytest.raises(ValueError, match=r"an array without values: features \(0\)"):
        MODEL.loss([], 100)
    with pytest.raises(ValueError, match="steps: an array without values"):
        MODEL.descent(32, 0.1, [])
    with pytest.raises(ValueError, match="2000000 points: must be at most 1000000"):
        MODEL.simulate(4, 8, repeats=2_000_000, per_design=True)
    with pytest.raises(ValueError, match="40 axes: must be at most 32"):
        MODEL.loss(np.ones((1,) * 40), 5)
    with pytest.raises(ValueError, match=r"shapes do not go together: samples \(2\), features \(3\)"):
        MODEL.loss([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="1002001 points: must be at most 1000000 in one call"):
        MODEL.loss(np.ones(1001), np.ones((1001, 1)))
    with pytest.raises(ValueError, match="steps: must be a number or an array of one axis"):
        MODEL.descent(32, 0.1, [[1, 2]])


def test_columns_and_frames() -> None:
    grid = MODEL.loss([10, 100], [[50], [500]])
    assert grid["regime"].shape == (2, 2)
    assert grid.columns[0] == "features" and "loss" in dir(grid)
    frame = grid.to_pandas()
    assert frame.shape == (4, len(grid.columns))
    assert frame["samples"].tolist() == [50, 50, 500, 500]
    assert grid.to_polars().shape == frame.shape
    assert MODEL.loss(10, 50).to_pandas().shape[0] == 1
    assert MODEL.loss(10, 50).to_dict()["features"] == 10
    with pytest.raises(KeyError, match="the columns are features"):
        grid["losses"]
    with pytest.raises(AttributeError, match="has no attribute 'losses'"):
        grid.losses
    with pytest.raises(AttributeError, match="cannot be changed"):
        grid.loss = 1
    seen = MODEL.coverage([10, 100])
    with pytest.raises(TypeError, match="stands for no column"):
        np.asarray(seen)
    with pytest.raises(TypeError, match="by their names"):
        asymscale.Table({"a": 1}, ())[0]


def test_what_is_shown() -> None:
    long = MODEL.loss(np.arange(1, 31), 100)
    assert "... and 20 more rows" in repr(long) and "20 more rows" in long._repr_html_()
    assert repr(long).startswith("Loss of shape (30,)\nfeatures")
    assert "<th>regime</th>" in long._repr_html_()
    trained = MODEL.train(100, 0.1, steps=[10, 100], repeats=0)
    assert " - " in repr(trained)
    assert "None" not in trained._repr_html_()
    assert repr(MODEL) == "Model(alpha=1, beta=1.5, onset=1)"


def test_notes_are_warnings() -> None:
    with pytest.warns(UserWarning, match="the loss is the limit of both"):
        limit = MODEL.loss(np.inf, np.inf)
    assert limit.loss == 0.0 and "limit of both" in limit.notes[0]
    with pytest.warns(UserWarning, match="grows without bound"):
        asymscale.Model(alpha=1, beta=2.5).train(100, 1.0, repeats=0)
    with pytest.warns(UserWarning, match="is not small"):
        MODEL.frontier(1e4, training="sgd", rate=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MODEL.loss([10, 100], 1000)


def test_pickles() -> None:
    grid = MODEL.loss([10, 100], 1000)
    again = pickle.loads(pickle.dumps(grid))
    assert again.to_dict() == grid.to_dict() and again.notes == grid.notes
    again = pickle.loads(pickle.dumps(MODEL))
    assert again.loss(10, 100).loss == MODEL.loss(10, 100).loss
    seen = pickle.loads(pickle.dumps(asymscale.Table({"a": 1}, ())))
    assert seen.a == 1
    assert copy.deepcopy(MODEL) is MODEL and copy.copy(MODEL) is MODEL
    alphas = np.array([1.0, 1.2])
    kept = asymscale.Model(alphas, 1.5)
    alphas[:] = 3
    assert "1.2" in repr(kept) and (pickle.loads(pickle.dumps(kept)).loss(9, 9) == kept.loss(9, 9)).all()
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(asymscale.Model.from_arrays([1.0, 0.5], [1.0, 0.1]))


def test_models_of_tables(tmp_path: Any) -> None:
    i = np.arange(1.0, 201.0)
    listed = asymscale.Model.from_arrays(i**-2, np.minimum(1, i**-1.5), i**-2.5)
    columns = {"variance": i**-2, "activity": i**-1.5, "target_energy": i**-2.5}
    for table in (columns, pandas.DataFrame(columns), polars.DataFrame(columns)):
        assert asymscale.Model.from_table(table).loss(20, 100).loss == listed.loss(20, 100).loss
    pandas.DataFrame(columns).to_csv(tmp_path / "model.csv", index=False)
    of_file = asymscale.Model.from_table(tmp_path / "model.csv", amplitude=["gaussian", "rademacher"])
    assert of_file.loss(20, 100).shape == (2,)
    assert "model.csv" in repr(of_file)
    endless = asymscale.Model.from_arrays(
        i**-2, i**-1.5, variance_tail=(1.0, 2.0), activity_tail=(1.0, 1.5)
    )
    law = asymscale.Model(alpha=1, beta=1.5)
    assert np.isclose(endless.loss(50, 1000), law.loss(50, 1000), rtol=1e-8)
    with pytest.raises(ValueError, match="must be given together"):
        asymscale.Model.from_arrays(i, i, variance_tail=(1.0, 2.0))
    with pytest.raises(ValueError, match="target_tail: must be given"):
        asymscale.Model.from_arrays(
            i**-2, i**-1.5, i**-2, variance_tail=(1.0, 2.0), activity_tail=(1.0, 1.5)
        )
    with pytest.raises(ValueError, match="must be an array of one axis"):
        asymscale.Model.from_arrays(1.0, 1.0)
