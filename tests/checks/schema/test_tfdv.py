"""TFDV's schema.pbtxt: features, domains, presence, environments, and what is named instead of judged."""

import math

import pyarrow as pa
import pytest

from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.tfdv import read_tfdv
from mlscore.errors import InputError

TEXT = """\
# proto-file: schema.proto
feature {
  name: "age"
  type: INT
  presence { min_fraction: 0.75 min_count: 1 }
  shape { dim { size: 1 } }
  int_domain { min: 0 max: 120 }
}
feature {
  name: "city"
  type: BYTES
  domain: "cities"
  presence: { min_fraction: 1.0, min_count: 3 }
  distribution_constraints { min_domain_mass: 0.9 }
  not_in_environment: "SERVING"
}
feature <
  name: 'price' type: FLOAT
  float_domain { min: 0 max: inf disallow_nan: true disallow_inf: true }
  drift_comparator { jensen_shannon_divergence { threshold: 0.1 } }
  unique_constraints { min: 1 }
>
feature { name: "paid" type: BYTES bool_domain { true_value: "yes" false_value: "no" } }
feature { name: "old" deprecated: true type: INT }
feature { name: "soon" lifecycle_stage: PLANNED }
feature { name: "tags" type: BYTES value_count { min: 0 max: 5 } url_domain {} }
string_domain { name: "cities" value: "Bilbao" value: "C\\303\\241diz" }
default_environment: "TRAINING"
default_environment: "SERVING"
dataset_constraints { min_examples_count: 2 num_examples_drift_comparator { } }
sparse_feature { name: "sparse" }
"""


def texts(column):
    return [rule.text for rule in column.rules]


def test_a_whole_schema():
    schema = read_tfdv(TEXT, "s.pbtxt")
    assert {column.name: (column.required, texts(column)) for column in schema.columns} == {
        "age": (True, ["not_null", "dtype(integer)", "in_range(0, 120)"]),
        "city": (True, ["not_null", "dtype(text or binary or date or datetime or other)", "isin(['Bilbao', 'Cádiz'])"]),
        "price": (False, ["dtype(number)", "greater_than_or_equal_to(0)", "finite"]),
        "paid": (
            False,
            ["dtype(text or binary or date or datetime or other or boolean)", "isin(['yes', 'no', True, False])"],
        ),
        "old": (False, []),
        "soon": (False, []),
        "tags": (False, ["dtype(text or binary or date or datetime or other)"]),
    }
    age, city = schema.columns[:2]
    assert (age.rules[0].tolerated, city.rules[0].tolerated, city.rules[2].tolerated) == (0.25, 0.0, 0.1)
    assert age.rules[2].origin == "s.pbtxt:7"
    assert schema.strict
    assert [rule.text for rule in schema.rules] == ["row_count(2, None)"]
    assert [(u.column, u.rule, u.origin) for u in schema.unmapped] == [
        ("city", "min_count 3", "s.pbtxt:13"),
        ("price", "drift_comparator", "s.pbtxt:20"),
        ("price", "unique_constraints", "s.pbtxt:21"),
        ("old", "feature", "s.pbtxt:24"),
        ("soon", "feature", "s.pbtxt:25"),
        ("tags", "value_count", "s.pbtxt:26"),
        ("tags", "url_domain", "s.pbtxt:26"),
        (None, "num_examples_drift_comparator", "s.pbtxt:30"),
        (None, "sparse_feature", "s.pbtxt:31"),
    ]


def test_rows_against_it():
    table = pa.table(
        {
            "age": [1, 200, None, None],
            "city": ["Bilbao", "Cádiz", "Vigo", None],
            "price": [1.0, math.nan, math.inf, -1.0],
            "paid": ["yes", "no", "maybe", None],
            "new": [1, 1, 1, 1],
        }
    )
    report = check_schema(read_tfdv(TEXT, "s.pbtxt"), table)
    assert {rule.id: rule.violations for rule in report.broken} == {
        "new: strict": 4,
        "age: not_null": 2,
        "age: in_range(0, 120)": 1,
        "price: finite": 2,
        "price: greater_than_or_equal_to(0)": 1,
        "city: isin(['Bilbao', 'Cádiz'])": 1,
        "city: not_null": 1,
        "paid: isin(['yes', 'no', True, False])": 1,
    }


@pytest.mark.parametrize(("environment", "required"), [(None, True), ("TRAINING", True), ("SERVING", False)])
def test_environments(environment, required):
    city = read_tfdv(TEXT, "s.pbtxt", environment).column("city")
    assert city.required is required
    assert ("not_null" in texts(city)) is required


def test_features_of_one_environment_alone():
    text = 'feature { name: "label" type: INT presence { min_fraction: 1 } in_environment: "TRAINING" }'
    assert read_tfdv(text, "s", "TRAINING").columns[0].required
    assert not read_tfdv(text, "s", "SERVING").columns[0].required


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "s: no schema of TFDV's: it has no feature"),
        ("feature { type: INT }", 's:1: a feature should have a text as its "name"'),
        ("feature { name: age }", 's:1: a feature should have a text as its "name"'),
        ('feature { name: "a"\n tipe: INT }', "s:2: a feature has no field 'tipe'; did you mean \"type\"?"),
        ('feature { name: "a" type: INTT }', "s:1: unknown type 'INTT'; did you mean \"INT\"?"),
        ('featur { name: "a" }', "s:1: a schema has no field 'featur'; did you mean \"feature\"?"),
        ('feature: "a"', "s:1: 'feature' should be followed by braces"),
        ('feature { name: "a" int_domain { min: "x" } }', "s:1: 'min' should be a whole number"),
        ('feature { name: "a" int_domain { mni: 1 } }', "s:1: a int_domain has no field 'mni'"),
        ('feature { name: "a" float_domain { min: x } }', "s:1: 'min' should be a number"),
        ('feature { name: "a" presence { min_fraction: 7 } }', "s:1: min_fraction is a share from 0 to 1"),
        ('feature { name: "a" domain: "d" }', "s:1: a: no domain is called 'd'"),
        ('feature { name: "a" deprecated: maybe }', "s:1: 'deprecated' should be true or false"),
        ('feature { name: "a" string_domain { value: x } }', 's:1: a "value" of a string_domain should be a text'),
        (
            'feature { name: "a" domain: "d" distribution_constraints { min_domain_mass: 2 } }',
            "s:1: min_domain_mass is a",
        ),
    ],
)
def test_each_error_is_one_sentence_that_says_where(text, error):
    with pytest.raises(InputError) as caught:
        read_tfdv(text, "s")
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)
