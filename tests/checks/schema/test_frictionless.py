"""Frictionless Table Schema: types, constraints, keys, missing values, and what is named instead of judged."""

import json

import pyarrow as pa
import pytest

from mlscore.checks.schema.frictionless import is_table_schema, read_table_schema
from mlscore.errors import InputError

WHOLE = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True}},
        {"name": "age", "type": "integer", "constraints": {"minimum": "0", "exclusiveMaximum": 120}},
        {"name": "city", "type": "string", "constraints": {"enum": ["a", "b"], "minLength": 1, "maxLength": 3}},
        {"name": "code", "type": "string", "constraints": {"pattern": "[A-Z]{2}"}},
        {"name": "price", "type": "number", "format": "default"},
        {"name": "day", "type": "date", "format": "%d/%m/%Y", "constraints": {"minimum": "2024-01-01"}},
        {"name": "mail", "type": "string", "format": "email"},
        {"name": "list", "type": "array", "constraints": {"minLength": 1, "jsonSchema": {}}},
        {"name": "hour", "type": "time"},
        {"name": "what"},
        {"name": "size", "type": "string", "categories": ["s", {"value": "m", "label": "M"}]},
    ],
    "missingValues": ["", "NA"],
    "primaryKey": ["id", "age"],
    "uniqueKeys": [["city", "code"]],
    "foreignKeys": [{"fields": "city", "reference": {"resource": "cities", "fields": "id"}}],
}


def test_a_whole_schema():
    schema = read_table_schema(WHOLE, "s.json")
    assert {column.name: [rule.text for rule in column.rules] for column in schema.columns} == {
        "id": ["dtype(integer)", "not_null", "unique"],
        "age": ["dtype(integer)", "in_range(0, 120, include_max=False)", "not_null"],
        "city": ["dtype(text)", "str_length(1, 3)", "isin(['a', 'b'])"],
        "code": ["dtype(text)", "str_fullmatches('[A-Z]{2}')"],
        "price": ["dtype(number or integer)"],
        "day": ["dtype(date)", "greater_than_or_equal_to(2024-01-01)"],
        "mail": ["dtype(text)", r"str_fullmatches('[^@\\s]+@[^@\\s]+\\.[^@\\s]+')"],
        "list": ["dtype(nested or text)"],
        "hour": [],
        "what": [],
        "size": ["dtype(text)", "isin(['s', 'm'])"],
    }
    assert [rule.text for rule in schema.rules] == ["unique(id, age)", "unique(city, code)"]
    assert [(u.column, u.rule) for u in schema.unmapped] == [
        ("day", "format %d/%m/%Y"),
        ("list", "minLength"),
        ("list", "jsonSchema"),
        ("hour", "type time"),
        (None, "foreignKeys"),
    ]
    assert schema.column("age").rules[1].origin == "s.json fields[1].constraints"
    assert schema.column("age").missing_values == ("", "NA")


def test_empty_texts_are_missing_by_default(held):
    given = {"fields": [{"name": "c", "type": "string", "constraints": {"required": True, "minLength": 2}}]}
    found = held(read_table_schema(given, "s.json"), pa.table({"c": ["", "ab", "a", None]}))
    assert (found["c: not_null"], found["c: str_length(2, None)"]) == (2, 1)


def test_a_pattern_has_to_match_the_whole_text(held):
    given = {"fields": [{"name": "c", "type": "string", "constraints": {"pattern": "a|b"}}]}
    assert (
        held(read_table_schema(given, "s.json"), pa.table({"c": ["a", "ab", "xb"]}))["c: str_fullmatches('a|b')"] == 2
    )


@pytest.mark.parametrize(
    ("match", "strict", "ordered", "required"),
    [
        ("exact", True, True, True),
        (["equal"], True, False, True),
        ("subset", False, False, True),
        ("superset", True, False, False),
        ("partial", False, False, False),
    ],
)
def test_how_fields_match(match, strict, ordered, required):
    schema = read_table_schema({"fields": [{"name": "a"}], "fieldsMatch": match}, "s.json")
    assert (schema.strict, schema.ordered, schema.columns[0].required) == (strict, ordered, required)


def test_data_packages():
    package = {"resources": [{"name": "t", "schema": {"fields": [{"name": "a"}]}}]}
    assert is_table_schema(package)
    assert read_table_schema(package, "d.json").columns[0].name == "a"
    assert not is_table_schema([1])


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"fields": 3}, 's.json: "fields" should be a list, not 3; mend it'),
        ({"fields": [3]}, "s.json fields[0]: a field should be an object, not 3"),
        ({"fields": [{}]}, 's.json fields[0]: the field\'s "name" should be a text, not null'),
        (
            {"fields": [{"name": "a", "type": "intger"}]},
            "s.json fields[0]: the field 'a' has an unknown type 'intger'; did",
        ),
        (
            {"fields": [{"name": "a", "typ": "integer"}]},
            "s.json fields[0]: unknown key 'typ' of the field 'a'; did you mean",
        ),
        ({"fields": [], "feilds": []}, "s.json: unknown key 'feilds'; did you mean \"fields\"?"),
        ({"fields": [], "fieldsMatch": "some"}, "s.json: \"fieldsMatch\" cannot be 'some'; exact, equal"),
        ({"fields": [], "missingValues": ""}, 's.json: "missingValues" should be a list, not ""'),
        (
            {"fields": [{"name": "a", "constraints": {"minimun": 1}}]},
            "s.json fields[0].constraints: the field 'a' has an unk",
        ),
        (
            {"fields": [{"name": "a", "constraints": {"required": "yes"}}]},
            's.json fields[0].constraints: "required" should be',
        ),
        (
            {"fields": [{"name": "a", "constraints": {"minLength": True}}]},
            's.json fields[0].constraints: "minLength" should',
        ),
        (
            {"fields": [{"name": "a", "constraints": {"enum": "ab"}}]},
            's.json fields[0].constraints: "enum" should be a list',
        ),
        (
            {"fields": [{"name": "a", "constraints": {"enum": [[1]]}}]},
            "s.json fields[0].constraints: [1] is no text, number",
        ),
        (
            {"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": "x"}}]},
            "s.json fields[0].constraints: 'x' is no integer; mend it",
        ),
        (
            {"fields": [{"name": "a", "constraints": {"minimum": 1, "exclusiveMinimum": 2}}]},
            's.json fields[0].constraints: "minimum" and "exclusiveMinimum" both; keep one of the two',
        ),
        ({"resources": [{"name": "a"}, {"name": "b"}]}, "s.json: a Data Package of 2 tables (a, b); save the schema"),
        ({"fields": [], "primaryKey": [3]}, 's.json: each of "primaryKey" should be a text, not 3'),
    ],
)
def test_each_error_is_one_sentence_that_says_where(given, error):
    with pytest.raises(InputError) as caught:
        read_table_schema(json.loads(json.dumps(given)), "s.json")
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)
