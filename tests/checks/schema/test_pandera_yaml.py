"""pandera's YAML, old and new form, read with origins; what pandera writes itself reads back to the same rules."""

import pandas as pd
import pandera.pandas as pa
import pytest

from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.pandera_objects import read_pandera
from mlscore.checks.schema.pandera_yaml import read_pandera_yaml
from mlscore.errors import InputError

OLD = """\
schema_type: dataframe
version: 0.20.0
columns:
  age:
    dtype: int64
    nullable: false
    checks:
      in_range:
        min_value: 0
        max_value: 120
        include_max: false
      greater_than: {value: 1, options: {raise_warning: true}}
    unique: true
    required: true
  city:
    dtype: category
    nullable: true
    checks: {isin: [a, b], not_a_check_of_pandera: 3}
    required: false
  x_.*:
    dtype: float64
    coerce: true
    regex: true
    default: 0
checks: {positive: true}
index:
- dtype: int64
strict: true
ordered: true
unique: [age, city]
"""


def rules(schema):
    return [(column.name, rule.text) for column in schema.columns for rule in column.rules]


def test_the_old_form():
    schema = read_pandera_yaml(OLD, "s.yaml")
    assert rules(schema) == [
        ("age", "dtype(integer, 64 bits)"),
        ("age", "not_null"),
        ("age", "unique"),
        ("age", "in_range(0, 120, include_max=False)"),
        ("age", "greater_than(1)"),
        ("city", "dtype(text or integer or number or boolean or date)"),
        ("city", "isin(['a', 'b'])"),
        ("x_.*", "dtype(number, 64 bits, coerced)"),
    ]
    age, city, x = schema.columns
    assert [rule.warns for rule in age.rules] == [False, False, False, False, True]
    assert age.rules[3].origin == "s.yaml:8"
    assert (age.origin, city.required, x.pattern) == ("s.yaml:4", False, True)
    assert (schema.strict, schema.ordered) == (True, True)
    assert [rule.text for rule in schema.rules] == ["unique(age, city)"]
    assert [str(u) for u in schema.unmapped] == [
        "city: not_a_check_of_pandera: a check registered by code of its own; give the Python object instead of the YAML "
        "(s.yaml:18)",
        "positive: a check of the whole frame is code; give the Python object (s.yaml:25)",
        "index: a table has no index; make it a column (s.yaml:26)",
    ]


def test_what_pandera_writes_is_read_as_its_object_is():
    check = pa.Check
    given = pa.DataFrameSchema(
        {
            "a": pa.Column(
                int,
                [check.in_range(0, 9, include_max=False), check.gt(1, raise_warning=True), check.isin([1, 2])],
                unique=True,
            ),
            "b": pa.Column(
                str, [check.str_matches("^a"), check.str_length(1, 5), check.str_length(exact_value=3)], nullable=True
            ),
            "c": pa.Column(
                str, [check.str_contains("x", ignore_na=False), check.str_startswith("'"), check.str_endswith("z")]
            ),
            "d": pa.Column("float64", [check.ne(1.5), check.le(3), check.notin([0.5])], required=False, coerce=True),
            "e": pa.Column(bool, check.eq(True)),
            "f_": pa.Column(int, check.unique_values_eq({1, 2}), regex=True),
        },
        strict=True,
        ordered=True,
        unique=["a", "b"],
    )
    here, there = read_pandera(given, "m:S"), read_pandera_yaml(given.to_yaml(), "s.yaml")
    assert rules(here) == rules(there)
    pairs = list(zip(here.columns, there.columns, strict=True))
    assert [(a.required, a.pattern) for a, _ in pairs] == [(b.required, b.pattern) for _, b in pairs]
    flags = [[(r.warns, r.missing_breaks) for c in s.columns for r in c.rules] for s in (here, there)]
    assert flags[0] == flags[1]
    assert (there.strict, there.ordered, there.unmapped) == (True, True, ())


def test_times_in_yaml():
    given = pa.DataFrameSchema({"t": pa.Column("datetime64[ns]", pa.Check.ge(pd.Timestamp("2024-01-02")))})
    schema = read_pandera_yaml(given.to_yaml(), "s.yaml")
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-01-01", "2024-01-03"])})
    (result,) = [rule for rule in check_schema(schema, frame).rules if rule.topic == "range"]
    assert result.violations == 1


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("columns: [", "s.yaml:1: not valid YAML: expected the node content, but found '<stream end>'; mend this line"),
        ("columns:\n  a:\n b: 1", "s.yaml:3: not valid YAML"),
        ("just text", "s.yaml: no schema of pandera's: it should hold columns"),
        ("- a\n- b", "s.yaml: no schema of pandera's"),
        ("colums: {}", 's.yaml: a schema of pandera\'s has "columns", and this has none; write "columns" for "colums"'),
        ("columns: 3", 's.yaml:1: "columns" should be a table of columns'),
        ("columns: {a: 3}", "s.yaml:1: the column 'a' should be a table of its settings, not 3"),
        (
            "columns: {a: {nulable: true}}",
            "s.yaml:1: unknown key 'nulable' of the column 'a'; did you mean \"nullable\"?",
        ),
        ("columns: {}\nstrikt: true", "s.yaml:2: unknown key 'strikt'; did you mean \"strict\"?"),
        ("columns: {}\nstrict: perhaps", 's.yaml:2: "strict" is true, false or "filter", not \'perhaps\''),
        ("columns:\n  a:\n    nullable: maybe", "s.yaml:3: \"nullable\" is true or false, not 'maybe'"),
        ("columns:\n  a:\n    checks: 3", 's.yaml:3: "checks" should be a table or a list'),
        ("columns:\n  a:\n    checks:\n    - 3", "s.yaml:4: a check without a name"),
        ("columns:\n  a:\n    isin: 3", "s.yaml:3: a: a list of values is wanted, not 3"),
        ("columns:\n  a:\n    isin: [[1]]", "s.yaml:3: a: [1] is no text, number, date or truth value"),
        ("columns:\n  a:\n    in_range: {min: 3}", "s.yaml:3: a: in_range has no argument 'min'"),
        ("columns:\n  a:\n    str_matches: 3", "s.yaml:3: a: str_matches wants a text, not 3"),
        ("columns:\n  a:\n    str_length: {min_value: long}", "s.yaml:3: a: str_length wants whole numbers"),
        ("columns:\n  a:\n    str_length: {min_value: null}", "s.yaml:3: a: str_length wants min_value, max_value or"),
        ("columns:\n  a:\n    greater_than: {}", "s.yaml:3: a: greater_than has no arguments"),
        (
            "columns:\n  a:\n    greater_than: {value: 1, options: {nonsense: 1}}",
            "s.yaml:3: a: greater_than has no option",
        ),
        (
            "columns:\n  a:\n    greater_than: {value: 1, options: {groupby: b}}",
            "s.yaml:3: a: greater_than by groups is code",
        ),
        ("columns:\n- {dtype: int64}", 's.yaml:2: a column without a name; give it a "name"'),
        (
            "columns: !!python/object/apply:os.system [echo]",
            "s.yaml:1: not valid YAML: could not determine a constructor",
        ),
        ("a: &a [x]\nb: *c", "s.yaml:2: not valid YAML: found undefined alias 'c'"),
    ],
)
def test_each_error_is_one_sentence_that_says_where(text, error):
    with pytest.raises(InputError) as caught:
        read_pandera_yaml(text, "s.yaml")
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)


def test_a_type_that_no_table_has_is_named():
    schema = read_pandera_yaml("columns: {a: {dtype: complex128, nullable: true, parsers: [x]}}", "s.yaml")
    assert [(u.column, u.rule) for u in schema.unmapped] == [("a", "dtype(complex128)"), ("a", "parsers")]


def test_aliases_that_multiply_are_read_quickly():
    text = "columns: {}\nname: &a [x, x]\n" + "title: &b [*a, *a]\n" + "description: [*b, *b, *b]\n"
    assert read_pandera_yaml(text, "s.yaml").columns == ()


def test_lists_of_columns_and_groups_of_unique_columns():
    text = (
        "columns:\n- {name: a, dtype: int64}\n- {name: [b, c], nullable: true}\nunique: [[a], [a, b]]\nstrict: filter\n"
    )
    schema = read_pandera_yaml(text, "s.yaml")
    assert [column.name for column in schema.columns] == ["a", "('b', 'c')"]
    assert [rule.text for rule in schema.rules] == ["unique", "unique(a, b)"]
    assert not schema.strict
