"""Frictionless Table Schema (versions 1 and 2), alone or inside a Data Package, as rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.json_text import wanted
from mlscore.checks.schema.shapes import Anchor, ColumnRules, Literal, Rule, Schema, Unmapped
from mlscore.errors import InputError, did_you_mean
from mlscore.tables.shapes import Kind

_TYPES: dict[str, tuple[Kind, ...]] = {
    "string": (Kind.TEXT,),
    "number": (Kind.NUMBER, Kind.INTEGER),
    "integer": (Kind.INTEGER,),
    "boolean": (Kind.BOOLEAN,),
    "date": (Kind.DATE,),
    "datetime": (Kind.DATETIME,),
    "year": (Kind.INTEGER,),
    "object": (Kind.NESTED, Kind.TEXT),
    "array": (Kind.NESTED, Kind.TEXT),
    "list": (Kind.NESTED, Kind.TEXT),
    "geojson": (Kind.NESTED, Kind.TEXT),
    "any": (),
}
_NOT_KINDS = ("time", "duration", "yearmonth", "geopoint")
_FORMATS = {"email": r"[^@\s]+@[^@\s]+\.[^@\s]+", "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+", "uuid": r"[0-9a-fA-F-]{32,36}"}
_CONSTRAINTS = [
    "required",
    "unique",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "pattern",
    "enum",
    "jsonSchema",
]
_FIELD = [
    "name",
    "type",
    "format",
    "title",
    "description",
    "example",
    "examples",
    "constraints",
    "rdfType",
    "missingValues",
    "trueValues",
    "falseValues",
    "decimalChar",
    "groupChar",
    "bareNumber",
    "categories",
    "categoriesOrdered",
    "itemType",
    "delimiter",
]
_TOP = [
    "fields",
    "missingValues",
    "primaryKey",
    "foreignKeys",
    "uniqueKeys",
    "fieldsMatch",
    "$schema",
    "name",
    "title",
    "description",
    "profile",
    "version",
    "homepage",
    "licenses",
    "keywords",
    "contributors",
    "created",
    "image",
    "sources",
    "path",
    "id",
]


def is_table_schema(data: object) -> bool:
    """Whether a JSON document looks like a Table Schema or a Data Package."""
    return isinstance(data, Mapping) and ("fields" in data or "resources" in data or "schema" in data)


def read_table_schema(data: Mapping[str, Any], name: str) -> Schema:
    """The schema of a parsed JSON document. Raises InputError."""
    if "resources" in data:
        resources = wanted(data["resources"], list, '"resources"', name)
        if len(resources) != 1:
            names = ", ".join(str(one.get("name")) for one in resources if isinstance(one, Mapping))
            raise InputError(
                f"a Data Package of {len(resources)} tables ({names})",
                where=name,
                hint="save the schema of the one you mean as a file of its own",
            )
        data = wanted(resources[0], dict, "the resource", name)
    if "schema" in data and "fields" not in data:
        data = wanted(data["schema"], dict, '"schema"', name)
    for key in data:
        if key not in _TOP:
            raise InputError(
                f"unknown key {key!r}", where=name, hint=did_you_mean(key, _TOP) or f"known are {', '.join(_TOP[:6])}"
            )
    fields = wanted(data.get("fields"), list, '"fields"', name)
    missing = _texts(data.get("missingValues", [""]), '"missingValues"', name)
    unmapped: list[Unmapped] = []
    match = data.get("fieldsMatch", "subset")
    match = match[0] if isinstance(match, list) and match else match
    if match not in ("exact", "equal", "subset", "superset", "partial"):
        raise InputError(
            f'"fieldsMatch" cannot be {match!r}', where=name, hint="exact, equal, subset, superset or partial"
        )
    # A subset: the data holds at least these fields. A superset or partial: some of them may be absent.
    required = match in ("exact", "equal", "subset")
    columns = [_field(one, place, name, missing, required, unmapped) for place, one in enumerate(fields)]
    rules: list[Rule] = []
    keys = [("primaryKey", data["primaryKey"])] if data.get("primaryKey") else []
    keys += [("uniqueKeys", one) for one in wanted(data.get("uniqueKeys") or [], list, '"uniqueKeys"', name)]
    for key, given in keys:
        group = (given,) if isinstance(given, str) else _texts(given, f'"{key}"', name)
        origin = f"{name} {key}"
        rules.append(shapes.Unique(group, origin=origin))
        if key == "primaryKey":
            columns = [_keyed(column, group, origin) for column in columns]
    if data.get("foreignKeys"):
        unmapped.append(Unmapped(None, "foreignKeys", "it is about another table", f"{name} foreignKeys"))
    return Schema(
        columns=tuple(columns),
        rules=tuple(rules),
        strict=match in ("exact", "equal", "superset"),
        ordered=match == "exact",
        unmapped=tuple(unmapped),
        source=name,
        form="Frictionless Table Schema",
    )


def _keyed(column: ColumnRules, names: tuple[str, ...], origin: str) -> ColumnRules:
    if column.name not in names or any(isinstance(rule, shapes.Present) for rule in column.rules):
        return column
    rules = (*column.rules, shapes.Present(origin=origin))
    return ColumnRules(column.name, rules, column.required, missing_values=column.missing_values, origin=column.origin)


def _texts(given: object, what: str, where: str) -> tuple[str, ...]:
    found = []
    for one in wanted(given, list, what, where):
        found.append(
            str(
                wanted(one["value"] if isinstance(one, dict) and "value" in one else one, str, f"each of {what}", where)
            )
        )
    return tuple(found)


def _field(
    one: object, place: int, name: str, missing: tuple[str, ...], required: bool, unmapped: list[Unmapped]
) -> ColumnRules:
    where = f"{name} fields[{place}]"
    field = wanted(one, dict, "a field", where)
    column = str(wanted(field.get("name"), str, 'the field\'s "name"', where))
    for key in field:
        if key not in _FIELD:
            raise InputError(
                f"unknown key {key!r} of the field {column!r}", where=where, hint=did_you_mean(key, _FIELD)
            )
    rules: list[Rule] = []
    named = field.get("type", "any")
    if named in _TYPES:
        if _TYPES[named]:
            rules.append(shapes.OfKind(_TYPES[named], origin=where))
    elif named in _NOT_KINDS:
        unmapped.append(
            Unmapped(column, f"type {named}", "engines have no such type; its values are not judged", where)
        )
    else:
        hint = did_you_mean(str(named), list(_TYPES)) or f"types are {', '.join((*_TYPES, *_NOT_KINDS))}"
        raise InputError(f"the field {column!r} has an unknown type {named!r}", where=where, hint=hint)
    form = field.get("format", "default")
    if form in _FORMATS and named == "string":
        rules.append(shapes.Pattern(_FORMATS[form], Anchor.WHOLE, origin=where))
    elif form not in ("default", "any", None):
        unmapped.append(
            Unmapped(column, f"format {form}", "how values are written is the reader's matter; not judged", where)
        )
    if field.get("categories"):
        given = wanted(field["categories"], list, '"categories"', where)
        values = tuple(_literal(c["value"] if isinstance(c, dict) else c, named, where) for c in given)
        rules.append(shapes.Among(values, origin=where))
    own = _texts(field["missingValues"], '"missingValues"', where) if "missingValues" in field else missing
    constraints = wanted(field.get("constraints") or {}, dict, '"constraints"', where)
    rules += _constraints(column, constraints, named, f"{where}.constraints", unmapped)
    return ColumnRules(column, tuple(rules), required, missing_values=own, origin=where)


def _constraints(column: str, given: Mapping[str, Any], named: str, where: str, unmapped: list[Unmapped]) -> list[Rule]:
    for key in given:
        if key not in _CONSTRAINTS:
            hint = did_you_mean(key, _CONSTRAINTS) or f"constraints are {', '.join(_CONSTRAINTS)}"
            raise InputError(f"the field {column!r} has an unknown constraint {key!r}", where=where, hint=hint)
    rules: list[Rule] = []
    if wanted(given.get("required", False), bool, '"required"', where):
        rules.append(shapes.Present(origin=where))
    if wanted(given.get("unique", False), bool, '"unique"', where):
        rules.append(shapes.Unique((column,), origin=where))
    sizes = {key: wanted(given[key], int, f'"{key}"', where) for key in ("minLength", "maxLength") if key in given}
    if sizes and named == "string":
        rules.append(shapes.Sized(sizes.get("minLength"), sizes.get("maxLength"), origin=where))
    elif sizes:
        unmapped.append(Unmapped(column, " and ".join(sizes), "of texts alone the length is judged", where))
    low, low_open = _limit(given, "minimum", "exclusiveMinimum", named, where)
    high, high_open = _limit(given, "maximum", "exclusiveMaximum", named, where)
    if low is not None or high is not None:
        rules.append(shapes.Within(low, high, low_open=low_open, high_open=high_open, origin=where))
    if "pattern" in given:
        pattern = wanted(given["pattern"], str, '"pattern"', where)
        rules.append(shapes.Pattern(pattern, Anchor.WHOLE, origin=where))
    if "enum" in given:
        values = tuple(_literal(one, named, where) for one in wanted(given["enum"], list, '"enum"', where))
        rules.append(shapes.Among(values, origin=where))
    if "jsonSchema" in given:
        unmapped.append(Unmapped(column, "jsonSchema", "it is about nested values", where))
    return rules


def _limit(given: Mapping[str, Any], closed: str, opened: str, named: str, where: str) -> tuple[Literal | None, bool]:
    if closed in given and opened in given:
        raise InputError(f'"{closed}" and "{opened}" both', where=where, hint="keep one of the two")
    key = opened if opened in given else closed
    return (None, False) if key not in given else (_literal(given[key], named, where), key == opened)


def _literal(value: object, named: str, where: str) -> Literal:
    """A JSON value as the field's type has it: numbers and dates may be written as text."""
    if not isinstance(value, (str, int, float, bool)):
        raise InputError(f"{value!r} is no text, number or truth value", where=where, hint="mend it")
    if not isinstance(value, str):
        return value
    try:
        if named in ("integer", "year"):
            return int(value)
        if named == "number":
            return float(value)
        if named == "boolean" and re.fullmatch(r"(?i)true|false|1|0", value):
            return value.lower() in ("true", "1")
        if named == "date":
            return date.fromisoformat(value)
        if named == "datetime":
            return datetime.fromisoformat(value)
    except ValueError:
        raise InputError(f"{value!r} is no {named}", where=where, hint="mend it") from None
    return value
