"""Every engine's figures of groups, held against numpy."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.tables.conditions import Compare, Operator
from mlscore.tables.grouping import MISSING, NAN, OTHER, by_places, by_values
from mlscore.tables.losses import Given, Holding, Loss, Measure, Moments, Worsening
from mlscore.tables.shapes import Categories, Edges

ROWS = 400
BINS = {"x": Edges((-0.5, 0.5)), "n": Edges((3.0,)), "t": Categories(("a", "b'c")), "f": Categories(("true", "false"))}


@pytest.fixture
def data():
    random = np.random.default_rng(0)
    x = random.normal(size=ROWS)
    x[:30] = np.nan
    return pa.table(
        {
            "x": pa.array(x, mask=random.random(ROWS) < 0.1),
            "n": pa.array(random.integers(0, 8, ROWS)),
            "t": pa.array([["a", "b'c", "d", None][k] for k in random.integers(0, 4, ROWS)]),
            "f": pa.array(random.random(ROWS) < 0.4),
            "y": pa.array(random.integers(0, 2, ROWS), mask=random.random(ROWS) < 0.1),
            "p": pa.array(random.integers(0, 2, ROWS)),
            "q": pa.array(random.integers(0, 2, ROWS)),
            "s": pa.array(random.random(ROWS)),
        }
    )


def places(data):
    """The places of each row, in plain Python."""

    def x(v):
        return MISSING if v is None else NAN if v != v else 0 if v <= -0.5 else 1 if v <= 0.5 else 2

    found = {
        "x": [x(v) for v in data["x"].to_pylist()],
        "n": [0 if v <= 3 else 1 for v in data["n"].to_pylist()],
        "t": [{None: MISSING, "a": 0, "b'c": 1}.get(v, OTHER) for v in data["t"].to_pylist()],
        "f": [0 if v else 1 for v in data["f"].to_pylist()],
    }
    return [{name: values[row] for name, values in found.items()} for row in range(ROWS)]


def error(y, p):
    return None if y is None else int(y != p)


def expected(data, columns, keep):
    found = defaultdict(lambda: [0, 0, 0.0])
    for at, y, p in zip(places(data), data["y"].to_pylist(), data["p"].to_pylist(), strict=True):
        if keep(at):
            one = found[tuple(at[name] for name in columns)]
            one[0] += 1
            loss = error(y, p)
            if loss is not None:
                one[1] += 1
                one[2] += loss
    return {key: tuple(value) for key, value in found.items()}


@pytest.mark.parametrize("cut", [False, True])
def test_many_sets_at_once(load, data, cut):
    table = load(data)
    sets = [(name,) for name in BINS] + list(combinations(BINS, 2))
    only = {"n": 1} if cut else None
    but = [{"t": 0, "f": 0}, {"x": MISSING}] if cut else []
    found = by_places(table, BINS, sets, [Moments(Loss(Measure.ERROR, "y", "p"))], only=only, but=but)

    def keep(at):
        kept = all(at[k] == v for k, v in (only or {}).items())
        return kept and not any(all(at[k] == v for k, v in cell.items()) for cell in but)

    assert set(found) == set(sets)
    for columns, groups in found.items():
        seen = {key: (one.rows, one.sums[0].rows, one.sums[0].sum) for key, one in groups.items()}
        assert seen == expected(data, columns, keep), columns


def test_losses(load, data):
    table = load(data)
    y = np.array([np.nan if v is None else v for v in data["y"].to_pylist()], dtype=float)
    p, q, s = (data[name].to_numpy().astype(float) for name in "pqs")
    truth = np.where(y == 1, s, 1 - s)
    right = {
        Moments(Loss(Measure.ERROR, "y", "p")): (y != p).astype(float),
        Moments(Loss(Measure.ABSOLUTE, "y", "s")): np.abs(y - s),
        Moments(Loss(Measure.SQUARED, "y", "s")): (y - s) ** 2,
        Moments(Loss(Measure.LOG, "y", "s", 1)): -np.log(truth),
        Moments(Loss(Measure.BRIER, "y", "s", 1)): (1 - truth) ** 2,
        Moments(Worsening(Loss(Measure.ERROR, "y", "p"), Loss(Measure.ERROR, "y", "q"))): (y != p) * 1.0 - (y != q),
        Moments(Given("s"), within=Compare("y", Operator.EQUAL, 1)): np.where(y == 1, s, np.nan),
    }
    (whole,) = by_values(table, {}, list(right)).values()
    assert whole.rows == ROWS
    for total, one in zip(right, whole.sums, strict=True):
        values = np.where(np.isnan(y), np.nan, right[total])
        values = values[~np.isnan(values)]
        assert one.rows == len(values), total
        assert one.sum == pytest.approx(values.sum())
        assert one.squares == pytest.approx((values**2).sum())


def test_groups_by_values(load, data):
    table = load(data)
    found = by_values(table, {"t": None, "n": BINS["n"]}, [Holding(Compare("p", Operator.EQUAL, 1))])
    right = defaultdict(lambda: [0, 0])
    for t, n, p in zip(*(data[name].to_pylist() for name in ("t", "n", "p")), strict=True):
        one = right[t, 0 if n <= 3 else 1]
        one[0] += 1
        one[1] += p
    assert {key: [one.rows, int(one.sums[0].sum)] for key, one in found.items()} == dict(right)
    with pytest.raises(InputError, match="more than 3 groups by t, n"):
        by_values(table, {"t": None, "n": None}, [], most=3)
    with pytest.raises(InputError, match="no column 'z'"):
        by_values(table, {"z": None}, [])


def test_figures_that_are_no_numbers_are_left_out(load):
    table = load(pa.table({"y": [1.0, 2.0, None, 4.0], "p": [float("nan"), float("inf"), 1.0, 4.5]}))
    (one,) = by_values(table, {}, [Moments(Loss(Measure.ABSOLUTE, "y", "p")), Moments(Given("p"))]).values()
    assert [(of.rows, of.sum) for of in one.sums] == [(1, 0.5), (2, 5.5)]
