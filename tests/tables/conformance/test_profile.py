"""Every engine's profile, held against plain Python figure for figure."""

import math
from bisect import bisect_left, bisect_right
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from mlscore.tables.shapes import Kind

EXACT = 1e-9  # relative: what adding in another order may cost


@pytest.fixture
def both(load, awkward, reference):
    data = awkward(400)
    return load(data), reference(data)


def test_columns_have_their_kinds(load, awkward, names):
    kinds = {column.name: column.kind for column in load(awkward(20)).columns}
    assert kinds == {
        names["whole"]: Kind.INTEGER,
        names["real"]: Kind.NUMBER,
        names["money"]: Kind.NUMBER,
        names["flag"]: Kind.BOOLEAN,
        names["text"]: Kind.TEXT,
        names["day"]: Kind.DATE,
        names["at"]: Kind.DATETIME,
        names["zoned"]: Kind.DATETIME,
        names["raw"]: Kind.BINARY,
        names["many"]: Kind.NESTED,
        names["absent"]: Kind.NUMBER,
    }


def test_rows_and_missing_values(both):
    table, right = both
    profile = table.profile()
    assert table.count() == profile.rows == 400
    assert {c.name: c.null for c in profile.columns} == {
        name: sum(value is None for value in right.values(name)) for name in right.data.column_names
    }


@pytest.mark.parametrize("key", ["whole", "real", "money"])
def test_numbers(both, names, key):
    table, right = both
    name = names[key]
    found = table.profile([name]).column(name)
    values = right.values(name)
    finite = right.finite(name)
    mean, deviation = right.moments(name)
    assert (found.minimum, found.maximum) == (min(finite), max(finite))
    assert found.zero == finite.count(0)
    assert found.negative == sum(x < 0 for x in finite)
    assert found.nan == sum(isinstance(x, float) and math.isnan(x) for x in values)
    assert found.infinite == sum(isinstance(x, float) and math.isinf(x) for x in values)
    assert found.mean == pytest.approx(mean, rel=EXACT)
    assert found.deviation == (deviation if deviation is None else pytest.approx(deviation, rel=EXACT))
    assert [(q.share, q.value) for q in found.quantiles] == [
        (share, right.quantile(name, share)) for share in (0.05, 0.25, 0.5, 0.75, 0.95)
    ]
    assert (found.histogram, found.null, found.nan) == right.binned(name, found.edges)
    distinct = {float(x) for x in values if x is not None and not math.isnan(x)}
    assert found.distinct == len(distinct) + bool(found.nan)


@pytest.mark.parametrize("key", ["day", "at", "zoned"])
def test_times(both, names, key):
    table, right = both
    name = names[key]
    found = table.profile([name]).column(name)
    values = [value for value in right.values(name) if value is not None]
    assert (found.minimum, found.maximum) == (min(values).isoformat(), max(values).isoformat())
    assert found.distinct == len(set(values))
    assert [q.value for q in found.quantiles] == pytest.approx(
        [right.quantile(name, share) for share in (0.05, 0.25, 0.5, 0.75, 0.95)], abs=1e-6
    )
    assert (found.histogram, found.null, 0) == right.binned(name, found.edges)


def test_texts(both, names):
    table, right = both
    found = table.profile([names["text"]], top=5).column(names["text"])
    values = [value for value in right.values(names["text"]) if value is not None]
    assert (found.shortest, found.longest) == (min(map(len, values)), max(map(len, values)))
    assert found.empty == values.count("")
    assert found.distinct == len(set(values))
    assert (found.minimum, found.maximum) == (min(values), max(values))
    frequencies = right.frequencies(names["text"])
    assert all(entry.count == frequencies[entry.value] for entry in found.top)
    assert [entry.count for entry in found.top] == [count for _, count in frequencies.most_common(5)]


def test_truth_values(both, names):
    table, right = both
    found = table.profile([names["flag"]]).column(names["flag"])
    values = right.values(names["flag"])
    assert (found.true, found.distinct) == (values.count(True), 2)
    assert [(entry.value, entry.count) for entry in found.top] == [
        (False, values.count(False)),
        (True, values.count(True)),
    ]


def test_bytes_and_nested_values_are_only_counted(both, names):
    table, _ = both
    profile = table.profile([names["raw"], names["many"]])
    raw, many = profile.columns
    assert (raw.shortest, raw.longest, raw.minimum, raw.top) == (0, 8, None, ())
    assert (many.distinct, many.minimum, many.top) == (None, None, ())


def test_frequent_numbers_and_times_are_named_with_their_type(both, names):
    table, right = both
    profile = table.profile([names["whole"], names["money"], names["day"], names["at"]], top=3)
    whole, money, day, at = (column.top[0].value for column in profile.columns)
    assert isinstance(whole, int)
    assert isinstance(money, float)
    assert date.fromisoformat(day)
    assert datetime.fromisoformat(at)
    frequencies = right.frequencies(names["whole"])
    assert profile.columns[0].top[0].count == max(frequencies.values())


def test_a_column_without_any_value_has_no_figures(both, names):
    table, _ = both
    found = table.profile([names["absent"]]).column(names["absent"])
    assert (found.null, found.distinct, found.mean, found.deviation, found.minimum) == (400, 0, None, None, None)
    assert (found.quantiles, found.histogram, found.top) == ((), (), ())


def test_an_empty_table(load, awkward):
    table = load(awkward(1).slice(0, 0))
    profile = table.profile()
    assert (profile.rows, table.count()) == (0, 0)
    assert all((c.null, c.rows, c.mean, c.quantiles, c.top) == (0, 0, None, (), ()) for c in profile.columns)


def test_one_row(load):
    table = load(pa.table({"x": [2.5], "t": ["a"]}))
    x, t = table.profile().columns
    assert (x.minimum, x.maximum, x.mean, x.deviation, x.distinct) == (2.5, 2.5, 2.5, None, 1)
    assert {q.value for q in x.quantiles} == {2.5}
    assert (t.top[0].value, t.top[0].count) == ("a", 1)


def test_a_constant_column_has_one_full_bin(load):
    found = load(pa.table({"x": [3] * 50})).profile().columns[0]
    assert (found.deviation, found.distinct, sum(found.histogram), max(found.histogram)) == (0.0, 1, 50, 50)


@pytest.fixture(scope="module")
def large():
    """More rows than a sample holds."""
    dice = np.random.default_rng(3)
    rows = 150_000
    return pa.table(
        {
            "normal": dice.normal(50, 10, rows),
            "tail": np.exp(dice.random(rows) * 8),
            "hours": dice.integers(0, 24, rows),
            "zeros": np.where(dice.random(rows) < 0.8, 0.0, dice.random(rows)),
            "id": pa.array([f"id-{n}" for n in range(rows)]),
            "city": pa.array([f"c{int(n)}" for n in dice.integers(0, 30, rows)]),
        }
    )


def test_more_rows_than_a_sample(load, large):
    profile = load(large).profile()
    assert profile.rows == 150_000
    for name in ("normal", "tail", "hours", "zeros"):
        found = profile.column(name)
        values = large[name].to_numpy()
        ordered = np.sort(values)
        assert found.mean == pytest.approx(values.mean(), rel=EXACT)
        assert found.deviation == pytest.approx(values.std(ddof=1), rel=EXACT)
        below = [np.count_nonzero(values <= edge) for edge in (*found.edges, np.inf)]
        assert found.histogram == tuple(np.diff([0, *below]))
        for quantile in found.quantiles:
            low = bisect_left(ordered, quantile.value) / 150_000
            high = bisect_right(ordered, quantile.value) / 150_000
            assert low - 0.012 <= quantile.share <= high + 0.012, (name, quantile)
    assert profile.column("hours").quantiles[2].value == 12 or large["hours"].to_numpy().mean() < 11.4
    assert profile.column("zeros").quantiles[2].value == 0
    assert profile.column("id").distinct == pytest.approx(150_000, rel=0.05)
    assert profile.column("city").distinct == 30
    assert profile.column("id").top == ()
    counted = dict(zip(*np.unique(large["city"].to_numpy(zero_copy_only=False), return_counts=True), strict=True))
    assert all(entry.count == counted[entry.value] for entry in profile.column("city").top)
    assert len(profile.column("city").top) == 10
