"""The report as JSON: it comes back as it went, and its published schema is the shape it has."""

import json
from dataclasses import MISSING, fields, is_dataclass, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlscore.report
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.report import SCHEMA, Report
from mlscore.report import Page
from mlscore.report.json_report import render, render_json

PUBLISHED = json.loads(Path(mlscore.report.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)


def back(text):
    return decode(Report, loads(text, where="report.json"), where="report.json")


def values(kind):
    """Values of any type that a report is made of."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return st.one_of([values(one) for one in get_args(kind)])
    if origin is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=2).map(tuple)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{f.name: values(hints[f.name]) for f in fields(kind)})
    if issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    return {
        str: st.text(max_size=8),
        bool: st.booleans(),
        int: st.integers(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        Fraction: st.fractions(),
        NoneType: st.none(),
    }[kind]


def test_reports_come_back_whole_and_fit_the_schema(report):
    text = render_json(report)
    assert back(text) == report
    VALIDATOR.validate(json.loads(text))
    assert render(report, Page()) == text == dumps(report)


@given(values(Report))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_report_comes_back_whole_and_fits_the_schema(made):
    made = replace(made, schema=SCHEMA)
    text = render_json(made)
    assert back(text) == made
    VALIDATOR.validate(json.loads(text))


def test_the_shape_is_the_one_promised(reports):
    data = json.loads(render_json(reports["failing"]))
    assert data["schema"] == "mlscore-report/1"
    assert data["generated_at"] == "2026-06-01T08:05:00Z"
    assert data["score"]["practised"] == 2.5
    assert data["score"]["verified"] == 1.5
    assert data["score"]["binding"] == ["monitor"]
    assert data["score"]["sections"][0]["id"] == "data"
    assert {"tool", "project", "rubric", "run", "items", "gate", "next", "unplaced", "diagnostics"} <= set(data)
    item = data["items"][0]
    assert {"id", "section", "title", "level", "practised", "verified", "evidence", "missing", "waiver"} <= set(item)
    assert {"source", "outcome", "summary", "location", "values", "at"} <= set(item["evidence"][0])
    assert json.loads(render_json(reports["thirds"]))["score"]["verified"] == "7/3"


def schema_of(kind):
    """What the published schema must say of a type, but for descriptions."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        parts = [schema_of(one) for one in get_args(kind)]
        if all(set(part) == {"type"} for part in parts):
            names = {part["type"] for part in parts}
            return {"type": names - {"integer"} if "number" in names else names}
        return {"anyOf": parts}
    if origin is tuple:
        return {"type": "array", "items": schema_of(get_args(kind)[0])}
    if is_dataclass(kind):
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if kind is Fraction:
        return {"$ref": "#/$defs/points"}
    if issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}[kind]}


def said(schema):
    """A part of the published schema in the form that `schema_of` gives."""
    schema = {key: value for key, value in schema.items() if key not in ("description", "format")}
    if isinstance(schema.get("type"), list):
        schema["type"] = set(schema["type"])
    return schema


def dataclasses_in(kind):
    if is_dataclass(kind):
        return {kind}.union(*(dataclasses_in(hint) for hint in get_type_hints(kind).values()))
    return set().union(*(dataclasses_in(one) for one in get_args(kind)))


def published(kind):
    return PUBLISHED if kind is Report else PUBLISHED["$defs"][kind.__name__]


@pytest.mark.parametrize("kind", sorted(dataclasses_in(Report), key=lambda k: k.__name__), ids=lambda k: k.__name__)
def test_the_schema_has_the_fields_of_the_report(kind):
    schema = published(kind)
    hints = get_type_hints(kind)
    assert list(schema["properties"]) == [f.name for f in fields(kind)]
    assert schema["required"] == [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    assert schema["additionalProperties"] is True
    assert schema["description"]
    for name, part in schema["properties"].items():
        assert part["description"].endswith(".")
        if (kind, name) != (Report, "schema"):
            assert said(part) == schema_of(hints[name])


def test_the_schema_is_a_schema_and_has_no_definition_that_nothing_uses():
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA
    assert set(PUBLISHED["$defs"]) == {k.__name__ for k in dataclasses_in(Report) - {Report}} | {"points"}


def test_the_shape_may_grow(reports):
    data = json.loads(render_json(reports["failing"]))
    data["new"] = data["items"][0]["new"] = data["score"]["sections"][0]["new"] = {"any": "thing"}
    VALIDATOR.validate(data)
    assert back(json.dumps(data)) == reports["failing"]


@pytest.mark.parametrize("wrong", ["7/0", "1.5", "half", None, [1]])
def test_points_are_numbers_or_fractions(reports, wrong):
    data = json.loads(render_json(reports["failing"]))
    data["score"]["verified"] = wrong
    assert not VALIDATOR.is_valid(data)


def test_a_newer_schema_is_not_this_one(reports):
    assert not VALIDATOR.is_valid(json.loads(render_json(replace(reports["good"], schema="mlscore-report/2"))))


def test_a_path_that_was_not_utf8_can_be_written_and_comes_back(reports):
    odd = replace(reports["good"], project=replace(reports["good"].project, name="caf\udce9"))
    text = render_json(odd)
    assert '"caf\\udce9"' in text
    assert back(text.encode("utf-8").decode("utf-8")) == odd
