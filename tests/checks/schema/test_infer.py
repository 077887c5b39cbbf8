"""A proposed schema: what was seen, the slack with its reason, and that the data it came from passes."""

import random
from datetime import date, datetime

import hypothesis.strategies as st
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pytest
from hypothesis import given, settings

from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.infer import infer_schema
from mlscore.checks.schema.pandera_writer import write_pandera_yaml
from mlscore.checks.schema.toml_form import read_toml, write_toml
from mlscore.errors import InputError


def proposed(values, name="c"):
    """The rules of one column: text and tolerated share, without type and missing values."""
    column = infer_schema(pa.table({name: values})).columns[0]
    return {rule.text: rule.tolerated for rule in column.rules if rule.topic not in ("dtype", "not_null", "unique")}


def missing(values):
    column = infer_schema(pa.table({"c": values})).columns[0]
    return [rule.tolerated for rule in column.rules if rule.topic == "not_null"]


def test_the_whole_proposal_as_a_person_reads_it(trips, snapshot):
    assert write_toml(infer_schema(trips), title="A schema proposed by mlscore.\nCorrect it.") == snapshot


def test_every_rule_has_a_reason(trips):
    schema = infer_schema(trips)
    assert all(rule.reason.endswith(".") for _, rule in schema.each())


def test_the_data_passes_its_own_schema(trips):
    report = check_schema(infer_schema(trips), trips)
    assert report.passed, report.broken
    assert report.unknown == ()
    assert report.hollow is None


SOURCES = st.fixed_dictionaries(
    {},
    optional={
        "i": st.just(st.integers(-(2**40), 2**40)),
        "f": st.just(st.floats()),
        "t": st.just(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)),
        "few": st.just(st.sampled_from(["a", "b", " c", "Ã©"])),
        "b": st.just(st.booleans()),
        "d": st.just(st.dates(date(1700, 1, 1), date(2200, 1, 1))),
        "m": st.just(st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))),
        "none": st.just(st.none()),
    },
).filter(bool)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_table_passes_its_own_schema_also_from_the_file(data):
    kinds = data.draw(SOURCES)
    rows = data.draw(st.integers(1, 60))
    table = pa.table(
        {name: data.draw(st.lists(values | st.none(), min_size=rows, max_size=rows)) for name, values in kinds.items()}
    )
    schema = infer_schema(table)
    for one in (schema, read_toml(write_toml(schema), "s.toml")):
        report = check_schema(one, table)
        assert report.passed, report.broken
        assert not report.unknown


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (list(range(100)) * 2, "in_range(0, 109)"),
        ([*range(-50, 50)] * 2, "in_range(-60, 59)"),
        ([*range(-100, 1)] * 2, "in_range(-110, 0)"),
        ([7] * 50, "in_range(7, 7)"),
        ([0.1, 0.9] * 50, "in_range(0.0, 1.0)"),
        ([5.0, 15.0] * 50, "in_range(4.0, 16.0)"),
        ([1, 5], "in_range(0, 9)"),
        ([datetime(2024, 1, 2), datetime(2024, 1, 9)], "greater_than_or_equal_to(2024-01-02T00:00:00)"),
        ([date(2024, 1, 2), date(2024, 1, 9)], "greater_than_or_equal_to(2024-01-02)"),
    ],
)
def test_limits(values, rule):
    assert rule in proposed(values)


def test_an_id_has_no_upper_limit():
    column = infer_schema(pa.table({"id": list(range(100, 200))})).columns[0]
    assert [rule.text for rule in column.rules][2:] == ["unique", "greater_than_or_equal_to(0)"]
    assert "unique" not in {r.text for r in infer_schema(pa.table({"id": [1, 1, *range(98)]})).columns[0].rules}


def test_lists_of_values_say_how_open_they_are():
    assert proposed(["a", "b"] * 100) == {"isin(['a', 'b'])": 0.0}
    assert proposed(["a", "b"] * 100 + ["c"]) == {"isin(['a', 'b', 'c'])": 0.01}
    many = [f"v{n}" for n in range(80)] * 5
    assert not any(rule.startswith("isin") for rule in proposed(many))


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        (lambda r: str(r.randint(1, 10**9)), "[0-9]+"),
        (lambda r: "".join(r.choices("ABC", k=r.randint(1, 9))), "[A-Z]+"),
        (lambda r: "".join(r.choices("AB12", k=9)), "[A-Z0-9]+"),
        (lambda r: "".join(r.choices("ab_-", k=9)), "[A-Za-z0-9_-]+"),
        (lambda r: " ".join(r.choices(["ab", "c!"], k=9)), "[!-~]+( [!-~]+)*"),
        (lambda r: "  ".join(r.choices(["ab", "c!"], k=5)) + str(r.random()), "[ -~]*"),
        (
            lambda r: " ".join(r.choices(["ñu", "c!", "x"], k=9)),
            "[^\\\\x00-\\\\x20\\\\x7f]+( [^\\\\x00-\\\\x20\\\\x7f]+)*",
        ),
    ],
)
def test_shapes_of_text(make, pattern):
    r = random.Random(1)
    rules = proposed([make(r) for _ in range(300)])
    assert f"str_fullmatches('{pattern}')" in rules


def test_text_in_the_wrong_encoding_is_noticed_later(held):
    words = [f"cañón {n}" for n in range(100)]
    schema = infer_schema(pa.table({"c": words}))
    mangled = [word.encode().decode("latin-1") for word in words]
    (found,) = [count for rule, count in held(schema, pa.table({"c": mangled})).items() if "not_str_contains" in rule]
    assert found == 100


def test_text_that_can_be_read_as_something_else():
    assert "reads_as(date)" in proposed([f"2024-01-{day:02}" for day in range(1, 31)] * 3)
    assert "reads_as(number)" in proposed([f"{n}.5" for n in range(90)])


def test_missing_values():
    assert missing([1] * 50) == [0.0]
    (allowed,) = missing([None] * 50 + [1] * 950)
    assert 0.05 < allowed <= 0.08
    assert missing([None, None]) == []
    assert missing([None] * 99 + [1]) == []
    (few,) = missing([None] * 1 + [1] * 99_999)
    assert 0.00001 < few < 0.0001


def test_what_says_nothing():
    column = infer_schema(pa.table({"c": pa.array([None, None], pa.string())})).columns[0]
    assert [rule.text for rule in column.rules] == ["dtype(text)"]
    assert "No value was seen" in column.reason
    with pytest.raises(InputError, match="no rows"):
        infer_schema(pa.table({"c": pa.array([], pa.int64())}))


def test_nested_binary_and_strange_columns():
    table = pa.table({"n": [[1], [2]], "b": [b"x", b"y"], "h": pa.array([1, 2], pa.duration("s"))})
    schema = infer_schema(table)
    assert check_schema(schema, table).passed


def test_the_same_as_yaml_of_pandera(trips):
    schema = infer_schema(trips)
    text = write_pandera_yaml(schema)
    read = pandera.DataFrameSchema.from_yaml(text)
    frame = trips.to_pandas()
    read.validate(frame, lazy=True)
    frame.loc[0, "city"] = "Roma"
    frame.loc[1, "price"] = 1e9
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        read.validate(frame, lazy=True)
    assert {(e.schema.name, e.check.name) for e in caught.value.schema_errors} == {
        ("city", "isin"),
        ("price", "in_range"),
    }
    lost = [line for line in text.splitlines() if line.startswith("#")]
    assert lost == [
        "# not said in pandera: age: not_null, with 0.057 tolerated",
        "# not said in pandera: price: not_infinite",
        "# not said in pandera: row_count(1, None)",
    ]


def test_tables_may_be_given_as_frames():
    assert infer_schema(pd.DataFrame({"a": [1, 2]})).columns[0].name == "a"
