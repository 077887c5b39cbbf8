"""Every engine's violations, examples, samples and joins, held against plain Python."""

import math
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.tables import table as table_module
from mlscore.tables.conditions import (
    Compare,
    CompareColumns,
    Every,
    Holds,
    Infinite,
    Length,
    Matches,
    Missing,
    Not,
    NotANumber,
    OneOf,
    Operator,
    Parses,
    Place,
    Repeated,
    Some,
)
from mlscore.tables.shapes import Kind, Tolerance


@pytest.fixture
def both(load, awkward, reference):
    data = awkward(300)
    return load(data), reference(data)


def conditions(names):
    """Every condition there is, over every kind it fits."""
    made = {"missing": Missing(names["text"]), "nan": NotANumber(names["real"]), "infinite": Infinite(names["real"])}
    literals = {
        "whole": 3,
        "real": 12.5,
        "money": Decimal("12.34"),
        "flag": True,
        "text": "a",
        "day": date(2013, 1, 10),
        "at": datetime(2013, 2, 1, 12),
        "zoned": datetime(2013, 2, 1, 12, tzinfo=UTC),
    }
    for key, value in literals.items():
        for operator in Operator:
            made[f"{key} {operator}"] = Compare(names[key], operator, value)
    texts = names["text"]
    return made | {
        "float with whole": Compare(names["whole"], Operator.GREATER, 2.5),
        "whole with float": Compare(names["real"], Operator.LESS, 3),
        "infinity": Compare(names["real"], Operator.LESS, math.inf),
        "columns": CompareColumns(names["whole"], Operator.LESS, names["real"]),
        "same column": CompareColumns(names["real"], Operator.EQUAL, names["real"]),
        "times": CompareColumns(names["at"], Operator.EQUAL, names["zoned"]),
        "one of": OneOf(texts, ("a", "it's", "O'Brien; --")),
        "one of numbers": OneOf(names["whole"], (1, 2, 3)),
        "one of floats": OneOf(names["real"], (0.0, 1e300)),
        "one of nothing": OneOf(texts, ()),
        "part": Matches(texts, "[0-9]+%|🙂"),
        "from the start": Matches(texts, "a|x", start=True),
        "whole text": Matches(texts, "a|x y z", full=True),
        "quoted": Matches(texts, "'s"),
        "starts": Holds(texts, "a", Place.START),
        "ends": Holds(texts, "a", Place.END),
        "holds percent": Holds(texts, "%"),
        "holds underscore": Holds(texts, "_"),
        "holds backslash": Holds(texts, "\\"),
        "length": Length(texts, 2, 5),
        "short": Length(texts, at_most=1),
        "long": Length(texts, at_least=7),
        "any length": Length(texts),
        "all": Every((Compare(names["whole"], Operator.GREATER, 0), Compare(texts, Operator.EQUAL, "a"))),
        "any": Some((Compare(names["whole"], Operator.GREATER, 0), Missing(texts))),
        "none of all": Every(()),
        "none of any": Some(()),
        "nested": Not(Some((NotANumber(names["real"]), Not(Every((Missing(texts), Infinite(names["real"]))))))),
    }


def test_every_condition_and_its_opposite(both, names):
    table, right = both
    asked = conditions(names)
    asked |= {f"not {name}": Not(condition) for name, condition in asked.items()}
    found = table.violations(asked)
    assert found == {
        name: sum(right.true_of(condition, row) is True for row in right.rows) for name, condition in asked.items()
    }
    assert list(found) == list(asked)


def test_examples_are_rows_that_the_condition_is_true_of(both, names):
    table, right = both
    condition = Some((Missing(names["text"]), Compare(names["whole"], Operator.GREATER, 10)))
    matching = sum(right.true_of(condition, row) is True for row in right.rows)
    found = table.rows_where(condition, 10_000, [names["text"], names["whole"]])
    assert len(found) == matching
    assert all(row[names["text"]] is None or row[names["whole"]] > 10 for row in found)
    assert len(table.rows_where(condition, 3)) == 3
    assert list(table.rows_where(condition, 1)[0]) == list(right.data.column_names)
    assert table.rows_where(condition, 0) == []


def test_examples_as_json_knows_them(load):
    data = {
        "at": pa.array([datetime(2013, 1, 1, 12, 30)]),
        "zoned": pa.array([datetime(2013, 1, 1, 12, tzinfo=UTC)]),
        "day": pa.array([date(2013, 1, 1)]),
        "money": pa.array([Decimal("1.50")]),
        "raw": pa.array([b"abc"]),
        "text": pa.array(["x" * 500]),
    }
    row = load(pa.table(data)).rows_where(Not(Missing("day")), 1)[0]
    assert row["at"] == "2013-01-01T12:30:00"
    assert row["zoned"] == "2013-01-01T12:00:00+00:00"
    assert (row["day"], row["money"], row["raw"]) == ("2013-01-01", 1.5, "<3 bytes>")
    assert len(row["text"]) == 200


def test_repeated_rows(load):
    data = pa.table(
        {"a": [1, 1, 2, None, None, 3, 1], "b": ["x", "x", "x", "y", "y", None, "z"], "n": [0, 1, 2, 3, 4, 5, 6]}
    )
    table = load(data)
    asked = {
        "a": Repeated(("a",)),
        "both": Repeated(("a", "b")),
        "n": Repeated(("n",)),
        "missing": Missing("a"),
    }
    assert table.violations(asked) == {"a": 3, "both": 2, "n": 0, "missing": 2}
    assert sorted(row["n"] for row in table.rows_where(Repeated(("a",)), 10, ["n"])) == [0, 1, 6]
    assert table.rows_where(Repeated(("n",)), 10) == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.INTEGER, ["1", " -20", "+007"], ["1.5", "", "1e3", "x", "1_000"]),
        (Kind.NUMBER, ["1", "1.5", ".5", "-2e-3", "7."], ["", ".", "1,5", "nan", "0x10"]),
        (Kind.BOOLEAN, ["true", "False"], ["yes", "", "2"]),
        (Kind.DATE, ["2013-01-31", "2012-02-29"], ["2013-02-29", "31.01.2013", "2013-1-1", ""]),
        (Kind.DATETIME, ["2013-01-31T12:00:00Z", "2013-01-31 12:00", "2013-01-31"], ["2013-13-01T00:00", "noon"]),
    ],
)
def test_texts_that_read_as_another_kind(load, kind, good, bad):
    table = load(pa.table({"t": [*good, *bad, None], "good": [True] * len(good) + [False] * len(bad) + [None]}))
    assert table.violations({"parses": Parses("t", kind), "not": Not(Parses("t", kind))}) == {
        "parses": len(good),
        "not": len(bad),
    }
    rows = table.rows_where(Parses("t", kind), 99)
    assert {row["t"] for row in rows} == set(good)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (lambda n: Compare(n["whole"], Operator.EQUAL, "1"), "cannot be compared"),
        (lambda n: Compare(n["text"], Operator.EQUAL, 1), "cannot be compared"),
        (lambda n: Compare(n["real"], Operator.EQUAL, math.nan), "cannot be compared"),
        (lambda n: Compare(n["at"], Operator.EQUAL, "soon"), "is no time"),
        (lambda n: CompareColumns(n["text"], Operator.EQUAL, n["whole"]), "cannot be compared"),
        (lambda n: Matches(n["whole"], "1"), "not text"),
        (lambda n: Matches(n["text"], "("), "not a regular expression"),
        (lambda n: Length(n["flag"], 1), "not text"),
        (lambda n: Missing("nowhere"), "no column 'nowhere'"),
        (lambda n: Not(Repeated((n["text"],))), "by itself"),
        (lambda n: Parses(n["text"], Kind.NESTED), "not known"),
        (lambda n: Repeated(()), "at least one column"),
    ],
)
def test_conditions_that_cannot_be(both, names, condition, message):
    with pytest.raises(InputError, match=message):
        both[0].violations({"x": condition(names)})


def test_a_column_that_is_not_there_is_named_with_the_nearest(load):
    with pytest.raises(InputError, match='did you mean "distance"'):
        load(pa.table({"distance": [1]})).profile(["distence"])


def test_a_sample_is_rows_of_the_table(both, names):
    table, right = both
    drawn = table.sample(50, seed=1)
    assert drawn.num_rows == 50
    assert drawn.column_names == right.data.column_names
    rows = Counter(str(row) for row in right.data.drop_columns([names["raw"]]).to_pylist())
    columns = [name for name in right.data.column_names if name != names["raw"]]
    assert not Counter(str(row) for row in drawn.select(columns).to_pylist()) - rows
    assert table.sample(10_000).num_rows == 300
    assert table.sample(0).num_rows == 0
    assert table.sample(5, columns=[names["day"]]).column_names == [names["day"]]


def test_samples_are_even_and_told_by_their_seed(load):
    table = load(pa.table({"n": list(range(20_000))}))
    first, again, other = (table.sample(2_000, seed=seed)["n"].to_pylist() for seed in (1, 1, 2))
    assert sorted(first) == sorted(again) != sorted(other)
    assert len(set(first)) == len(first) == 2_000
    assert len(set(table.sample(20)["n"].to_pylist()) - set(range(20))) > 10
    tenths = Counter(n // 2_000 for n in first)
    assert len(tenths) == 10
    assert all(130 < count < 270 for count in tenths.values())


LEFT = {
    "id": [1, 2, 3, 4, 5, 5, None, 8],
    "x": [1.0, 2.0, None, math.nan, 5.0, 55.0, 7.0, 8.0],
    "t": ["a", "b", "c", None, "e", "e", "g", "h"],
    "n": [1, 2, 3, 4, 5, 5, 7, 8],
}
RIGHT = {
    "id": [1, 2, 3, 4, 5, 6, 9, 9, None, None],
    "x": [1.0, 2.05, 3.0, math.nan, 5.0, 6.0, 9.0, 9.0, 0.0, 0.0],
    "t": ["a", "B", "c", None, "e", "f", "i", "i", "j", "k"],
    "n": [1, 2, 3, 5, 5, 6, 9, 9, 0, 0],
}


def test_a_join_says_which_ids_meet_and_which_values_differ(load):
    result = load(pa.table(LEFT)).join(load(pa.table(RIGHT)), "id")
    assert (result.matched, result.left_only, result.right_only) == (4, 1, 2)
    assert (result.left_duplicated, result.right_duplicated) == (1, 1)
    assert (result.left_missing, result.right_missing) == (1, 2)
    found = {column.name: column for column in result.columns}
    assert {name: column.differing for name, column in found.items()} == {"x": 2, "t": 1, "n": 1}
    assert result.differing == 3
    assert (found["x"].left_null, found["x"].right_null) == (1, 0)
    assert found["x"].largest == pytest.approx(0.05)
    assert {(d.key, d.left, d.right) for d in found["x"].examples} == {((2,), 2.0, 2.05), ((3,), None, 3.0)}
    assert [(d.key, d.left, d.right) for d in found["t"].examples] == [((2,), "b", "B")]
    assert found["t"].largest is None


def test_tolerances_of_a_join(load):
    left, right = load(pa.table(LEFT)), load(pa.table(RIGHT))

    def differing(**tolerances):
        result = left.join(right, ["id"], tolerances)
        return {column.name: column.differing for column in result.columns}

    assert differing(x=Tolerance(absolute=0.1)) == {"x": 1}
    assert differing(x=Tolerance(relative=0.03), n=Tolerance(absolute=1)) == {"x": 1, "n": 0}
    assert differing(x=Tolerance(relative=0.01)) == {"x": 2}
    with pytest.raises(InputError, match="no tolerance applies"):
        differing(t=Tolerance(absolute=1))


def test_lengths_at_their_limits(load):
    texts = Length("t", 2, 3)
    found = load(pa.table({"t": ["a", "ab", "abc", "abcd", None]})).violations({"in": texts, "out": Not(texts)})
    assert found == {"in": 2, "out": 2}


def test_infinities_agree_with_themselves_alone(load):
    left = load(pa.table({"id": [1, 2, 3], "x": [math.inf, math.inf, -math.inf]}))
    right = load(pa.table({"id": [1, 2, 3], "x": [math.inf, 1.0, math.inf]}))
    result = left.join(right, "id", {"x": Tolerance(relative=0.5)})
    assert (result.columns[0].differing, result.columns[0].largest) == (2, None)


def test_a_join_of_more_columns_than_one_query_compares(load, monkeypatch):
    monkeypatch.setattr(table_module, "_COMPARED", 10)  # hundreds are dear to plan for some engines
    names = [f"c{number}" for number in range(22)]
    left = {"id": [1, 2, 3, 4]} | {name: [1, 2, 3, 4] for name in names}
    right = left | {"c3": [0, 2, 3, 4], "c15": [0, 0, 3, 4], "c21": [1, 0, 3, 4]}
    result = load(pa.table(left)).join(load(pa.table(right)), "id")
    assert [column.name for column in result.columns] == names
    assert {c.name: c.differing for c in result.columns if c.differing} == {"c3": 1, "c15": 2, "c21": 1}
    assert result.differing == 2
    assert [len(column.examples) for column in result.columns if column.examples] == [1, 2, 1]
    alike = load(pa.table(left)).join(load(pa.table(left | {"c15": [1, 2, 0, 0]})), "id")
    assert alike.differing == 2


def test_a_join_of_several_columns_of_unlike_types(load):
    left = load(pa.table({"a": [1, 1, 2], "b": ["x", "y", "x"], "v": [1, 2, 3]}))
    right = load(pa.table({"a": ["1", "1", "2"], "b": ["x", "y", "z"], "v": ["1", "9", "3"]}))
    result = left.join(right, ("a", "b"))
    assert (result.matched, result.left_only, result.right_only, result.differing) == (2, 1, 1, 1)
    assert result.columns[0].examples[0].key == (1, "y")


def test_a_join_without_common_columns(load):
    left, right = load(pa.table({"id": [1], "x": [1]})), load(pa.table({"id": [1], "y": [1]}))
    result = left.join(right, "id")
    assert (result.matched, result.columns, result.differing) == (1, (), 0)
    with pytest.raises(InputError, match="no column 'x'"):
        left.join(right, "id", ["x"])
    with pytest.raises(InputError, match="no column 'z'"):
        left.join(right, "z")


def test_a_join_of_empty_tables(load):
    empty = pa.table({"id": pa.array([], pa.int64()), "x": pa.array([], pa.float64())})
    result = load(empty).join(load(empty), "id")
    assert (result.matched, result.left_only, result.right_only, result.left_missing, result.differing) == (0,) * 5


def test_all_rows_come_in_batches_of_the_size_asked_for(load):
    table = load(pa.table({"n": range(25), "t'x": [None if n % 5 == 0 else str(n) for n in range(25)]}))
    found = list(table.batches(10))
    assert [part.num_rows for part in found] == [10, 10, 5]
    assert sorted(pa.concat_tables(found).to_pylist(), key=lambda row: row["n"]) == [
        {"n": n, "t'x": None if n % 5 == 0 else str(n)} for n in range(25)
    ]
    (whole,) = table.batches(25, ["t'x"])
    assert (whole.num_rows, whole.column_names) == (25, ["t'x"])
    (none,) = load(pa.table({"n": pa.array([], pa.int64())})).batches(10)
    assert (none.num_rows, none.column_names) == (0, ["n"])
    with pytest.raises(InputError, match="no column 'z'"):
        next(table.batches(10, ["z"]))
