"""k-anonymity: groups counted as plain Python counts them, bins of every kind, persons and diversity."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.privacy.anonymity import measure_anonymity
from mlscore.errors import InputError, UsageError

PEOPLE = pa.table(
    {
        "age": [20, 21, 29, 30, 38, None],
        "postcode": ["28001", "28002", "28010", "08001", "08002", "08003"],
        "born": [date(2004, 1, 2), date(2004, 5, 6), date(2003, 1, 1), None, date(1990, 1, 1), date(1990, 12, 31)],
        "illness": ["flu", "flu", "flu", "flu", "asthma", None],
        "person": [1, 1, 1, 2, 3, 4],
        "height": [1.7, math.nan, 1.71, 1.6, 1.65, 1.69],
    }
)


def groups(columns, **options):
    result = measure_anonymity(PEOPLE, columns, k=2, **options)
    return result.groups, result.smallest, result.exposed_rows, result.exposed_groups


def test_without_bins_all_are_alone():
    assert groups(["age", "postcode"]) == (6, 1, 6, 6)


@pytest.mark.parametrize(
    ("columns", "bins", "expected"),
    [
        (["age"], {"age": 10}, (3, 1, 1, 1)),
        (["age"], {"age": [30]}, (3, 1, 1, 1)),
        (["age"], {"age": [25, 30]}, (4, 1, 2, 2)),
        (["postcode"], {"postcode": 2}, (2, 3, 0, 0)),
        (["born"], {"born": "year"}, (4, 1, 2, 2)),
        (["age", "postcode"], {"age": 10, "postcode": 2}, (3, 1, 1, 1)),
        (["height"], {"height": 0.1}, (3, 1, 1, 1)),
    ],
)
def test_bins(columns, bins, expected):
    assert groups(columns, bins=bins) == expected


def test_diversity_counts_a_missing_value_as_one():
    result = measure_anonymity(PEOPLE, ["postcode"], k=2, bins={"postcode": 2}, sensitive=["illness"])
    (one,) = result.diversity
    assert (one.smallest, one.rows) == (1, 3)
    for diversity, rows in ((3, 3), (4, 6)):  # asthma, flu and a missing value are three
        options = {"k": 2, "bins": {"postcode": 2}, "sensitive": ["illness"], "diversity": diversity}
        assert measure_anonymity(PEOPLE, ["postcode"], **options).diversity[0].rows == rows


def test_rows_of_one_person_hide_nobody():
    rows = measure_anonymity(PEOPLE, ["postcode"], k=2, bins={"postcode": 2})
    persons = measure_anonymity(PEOPLE, ["postcode"], k=2, bins={"postcode": 2}, person="person")
    assert (rows.smallest, persons.smallest, persons.exposed_rows) == (3, 1, 3)


@settings(max_examples=12, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.none() | st.integers(-30, 30), st.sampled_from(["a", "b", None]), st.sampled_from("xyz")),
        min_size=1,
    ),
    k=st.integers(2, 5),
    width=st.sampled_from([1, 7, 10]),
)
def test_groups_are_those_of_plain_python(rows, k, width):
    data = pa.table(
        {
            "n": pa.array([n for n, _, _ in rows], pa.int64()),
            "t": pa.array([t for _, t, _ in rows], pa.string()),
            "s": [s for _, _, s in rows],
        }
    )
    result = measure_anonymity(data, ["n", "t"], k=k, bins={"n": width}, sensitive=["s"])
    plain = defaultdict(list)
    for n, t, s in rows:
        plain[None if n is None else n // width, t].append(s)
    sizes = [len(group) for group in plain.values()]
    assert (result.groups, result.rows, result.smallest) == (len(plain), len(rows), min(sizes))
    assert result.exposed_rows == sum(size for size in sizes if size < k)
    assert result.exposed_groups == sum(size < k for size in sizes)
    assert result.exposed_share == result.exposed_rows / len(rows)
    assert result.diversity[0].rows == sum(len(group) for group in plain.values() if len(set(group)) < 2)


def test_an_empty_table():
    result = measure_anonymity(PEOPLE.slice(0, 0), ["age"], k=2)
    assert (result.rows, result.groups, result.exposed_share) == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("columns", "options", "kind", "text"),
    [
        ([], {}, UsageError, "no quasi-identifier is named"),
        (["age"], {"k": 1}, UsageError, "a group of one"),
        (["age"], {"sensitive": ["illness"], "diversity": 1}, UsageError, "a group of one"),
        (["agee"], {}, InputError, 'did you mean "age"?'),
        (["age"], {"bins": {"postcode": 2}}, UsageError, "the bins of 'postcode' belong to no quasi-identifier"),
        (["age"], {"bins": {"age": "year"}}, UsageError, "'year' does not bin the column 'age' of integer values"),
        (["age"], {"bins": {"age": -1}}, UsageError, "-1 does not bin"),
        (["age"], {"bins": {"age": True}}, UsageError, "True does not bin"),
        (["age"], {"bins": {"age": []}}, UsageError, "[] does not bin"),
        (["postcode"], {"bins": {"postcode": 1.5}}, UsageError, "1.5 does not bin"),
        (["born"], {"bins": {"born": "decade"}}, UsageError, "'decade' does not bin"),
        (["age"], {"sensitive": ["il"]}, InputError, "there is no column 'il'"),
        (["age"], {"person": "p"}, InputError, "there is no column 'p'"),
    ],
)
def test_what_is_refused(columns, options, kind, text):
    with pytest.raises(kind) as error:
        measure_anonymity(PEOPLE, columns, **options)
    assert text in str(error.value)


def test_nested_columns_are_no_quasi_identifier():
    with pytest.raises(InputError, match="nested"):
        measure_anonymity(pa.table({"x": [[1]]}), ["x"])


def test_postgresql_groups_alike(server, sql):
    sql(
        "CREATE TABLE people (age int, postcode text, born date, illness text, person int)",
        "INSERT INTO people VALUES (20, '28001', '2004-01-02', 'flu', 1), (21, '28002', '2004-05-06', 'flu', 1), "
        "(29, '28010', '2003-01-01', 'flu', 1), (30, '08001', NULL, 'flu', 2), (38, '08002', '1990-01-01', 'asthma', 3), "
        "(NULL, '08003', '1990-12-31', NULL, 4)",
    )
    source = f"{server}{'&' if '?' in server else '?'}table=people"
    options = {"k": 2, "bins": {"age": 10, "postcode": 2, "born": "year"}, "sensitive": ["illness"], "person": "person"}
    try:
        there = measure_anonymity(source, ["age", "postcode", "born"], **options)
    finally:
        sql("DROP TABLE people")
    here = measure_anonymity(PEOPLE, ["age", "postcode", "born"], **options)
    assert (there.groups, there.smallest, there.exposed_rows) == (here.groups, here.smallest, here.exposed_rows)
    assert there.diversity == here.diversity
