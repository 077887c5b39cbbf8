"""TensorFlow Data Validation's schema (`schema.pbtxt`) as rules, read without TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.pbtxt import Field, Message, Word, parse_pbtxt
from mlscore.checks.schema.shapes import ColumnRules, Literal, Rule, Schema, Unmapped
from mlscore.core.evidence import Location
from mlscore.errors import InputError, did_you_mean
from mlscore.tables.shapes import Kind

_SCHEMA = [
    "feature",
    "sparse_feature",
    "weighted_feature",
    "string_domain",
    "float_domain",
    "int_domain",
    "default_environment",
    "annotation",
    "dataset_constraints",
    "tensor_representation_group",
    "represent_variable_length_as_ragged",
    "generate_legacy_feature_spec",
]
_FEATURE = [
    "name",
    "deprecated",
    "presence",
    "group_presence",
    "shape",
    "value_count",
    "value_counts",
    "type",
    "domain",
    "int_domain",
    "float_domain",
    "string_domain",
    "bool_domain",
    "struct_domain",
    "natural_language_domain",
    "image_domain",
    "mid_domain",
    "url_domain",
    "time_domain",
    "time_of_day_domain",
    "distribution_constraints",
    "annotation",
    "skew_comparator",
    "drift_comparator",
    "in_environment",
    "not_in_environment",
    "lifecycle_stage",
    "unique_constraints",
    "validation_derived_source",
    "sequence_metadata",
]
_INNER = {
    "presence": ("min_fraction", "min_count"),
    "int_domain": ("name", "min", "max", "is_categorical"),
    "float_domain": ("name", "min", "max", "disallow_nan", "disallow_inf", "is_embedding", "embedding_dim",
                     "is_categorical", "embedding_type"),
    "string_domain": ("name", "value"),
    "bool_domain": ("name", "true_value", "false_value"),
    "distribution_constraints": ("min_domain_mass",),
}  # fmt: skip
_TYPES: dict[str, tuple[Kind, ...]] = {
    "BYTES": (Kind.TEXT, Kind.BINARY, Kind.DATE, Kind.DATETIME, Kind.OTHER),
    "INT": (Kind.INTEGER,),
    "FLOAT": (Kind.NUMBER,),
    "STRUCT": (Kind.NESTED,),
}
_WHY = {
    "skew_comparator": "skew is a check of its own",
    "drift_comparator": "drift is a check of its own",
    "struct_domain": "nested values are not judged",
    "group_presence": "it is about nested values",
    "unique_constraints": "how many different values there are is no rule on rows",
    "natural_language_domain": "a semantic type, not judged",
    "image_domain": "a semantic type, not judged",
    "mid_domain": "a semantic type, not judged",
    "url_domain": "a semantic type, not judged",
    "time_domain": "a format of times, not judged",
    "time_of_day_domain": "a format of times, not judged",
    "sequence_metadata": "sequences are not judged",
    "value_counts": "nested values are not judged",
    "sparse_feature": "a feature made of several columns is not judged",
    "weighted_feature": "a feature made of several columns is not judged",
    "tensor_representation_group": "it is about tensors, not about rows",
}
_INACTIVE = ("DEPRECATED", "PLANNED", "ALPHA", "DEBUG_ONLY", "DISABLED")


def read_tfdv(text: str, name: str, environment: str | None = None) -> Schema:
    """The schema of a `schema.pbtxt`; features outside `environment` may be absent. Raises InputError."""
    return _Reader(parse_pbtxt(text, name), name, environment).schema()


class _Reader:
    def __init__(self, message: Message, name: str, environment: str | None) -> None:
        self.message = message
        self.name = name
        self.environment = environment
        self.unmapped: list[Unmapped] = []
        self.domains: dict[str, Field] = {}
        self.defaults: list[str] = []

    def schema(self) -> Schema:
        self._known(self.message, _SCHEMA, "schema")
        if not any(True for _ in self.message.all("feature")):
            raise InputError(
                "no schema of TFDV's: it has no feature", where=self.name, hint="it should hold feature { … }"
            )
        for kind in ("string_domain", "int_domain", "float_domain"):
            for field in self.message.all(kind):
                self.domains[self._text(self._inner(field), "name", field)] = field
        self.defaults = [str(field.value) for field in self.message.all("default_environment")]
        columns = tuple(self._feature(field) for field in self.message.all("feature"))
        rules: list[Rule] = []
        for field in self.message.fields:
            if field.name == "dataset_constraints":
                rules += self._dataset(field)
            elif field.name in _WHY:
                self._unmapped(None, field)
        return Schema(
            columns=columns,
            rules=tuple(rules),
            strict=True,  # to TFDV a column that the schema does not know is an anomaly
            unmapped=tuple(self.unmapped),
            source=self.name,
            form="TFDV schema.pbtxt",
        )

    def _at(self, field: Field) -> Location:
        return Location(self.name, field.line)

    def _unmapped(self, column: str | None, field: Field) -> None:
        why = _WHY.get(field.name, "no rule on rows says this")
        self.unmapped.append(Unmapped(column, field.name, why, str(self._at(field))))

    def _known(self, message: Message, known: list[str] | tuple[str, ...], what: str) -> None:
        for field in message.fields:
            if field.name not in known and not field.name.startswith("["):
                hint = did_you_mean(field.name, tuple(known)) or f"it knows {', '.join(known[:8])}"
                raise InputError(f"a {what} has no field {field.name!r}", where=self._at(field), hint=hint)

    def _inner(self, field: Field) -> Message:
        if not isinstance(field.value, Message):
            raise InputError(f"{field.name!r} should be followed by braces", where=self._at(field), hint="mend it")
        if field.name in _INNER:
            self._known(field.value, _INNER[field.name], field.name)
        return field.value

    def _text(self, message: Message, key: str, around: Field) -> str:
        field = message.last(key)
        if field is None or not isinstance(field.value, str) or isinstance(field.value, Word):
            where = self._at(field or around)
            raise InputError(
                f'a {around.name} should have a text as its "{key}"', where=where, hint=f'write {key}: "…"'
            )
        return field.value

    def _number(self, message: Message, key: str, whole: bool = False) -> Any:
        """A number, None when it is left out. Raises InputError."""
        field = message.last(key)
        if field is None:
            return None
        value: object = field.value
        if isinstance(value, Word) and value.lower().lstrip("-") in ("inf", "infinity", "nan") and not whole:
            value = float(value)
        if isinstance(value, (str, Message)) or (whole and not isinstance(value, int)):
            what = "a whole number" if whole else "a number"
            raise InputError(f"{key!r} should be {what}", where=self._at(field), hint="mend it")
        return value

    def _true(self, message: Message, key: str) -> bool:
        field = message.last(key)
        if field is None:
            return False
        if str(field.value) not in ("true", "false", "True", "False", "t", "f", "0", "1") or isinstance(
            field.value, Message
        ):
            raise InputError(f"{key!r} should be true or false", where=self._at(field), hint="mend it")
        return str(field.value).lower() in ("true", "t", "1")

    def _feature(self, feature: Field) -> ColumnRules:
        message = self._inner(feature)
        self._known(message, _FEATURE, "feature")
        name = self._text(message, "name", feature)
        origin = str(self._at(feature))
        stage = message.last("lifecycle_stage")
        if self._true(message, "deprecated") or (stage is not None and str(stage.value) in _INACTIVE):
            said = "deprecated" if stage is None else f"in stage {stage.value}"
            self.unmapped.append(Unmapped(name, "feature", f"it is {said}, so nothing of it is judged", origin))
            return ColumnRules(name, required=False, origin=origin)
        inside = self._inside(message)
        rules: list[Rule] = []
        required = False
        presence = message.last("presence")
        if presence is not None and inside:
            required = True
            rules += self._presence(name, presence)
        rules += self._type(message)
        rules += self._domain(name, message)
        for field in message.fields:
            if field.name in ("shape", "value_count"):
                self._single(name, field)
            elif field.name in _WHY:
                self._unmapped(name, field)
        return ColumnRules(name, tuple(rules), required=required, origin=origin)

    def _inside(self, message: Message) -> bool:
        """Whether the feature is expected in the environment asked for."""
        if self.environment is None:
            return True
        outside = {str(field.value) for field in message.all("not_in_environment")}
        within = {str(field.value) for field in message.all("in_environment")}
        if self.environment in outside:
            return False
        return self.environment in within or self.environment in self.defaults or (not within and not self.defaults)

    def _presence(self, name: str, presence: Field) -> Iterator[Rule]:
        message = self._inner(presence)
        share, least = self._number(message, "min_fraction"), self._number(message, "min_count", whole=True)
        if share is not None:
            if not 0 <= share <= 1:
                raise InputError("min_fraction is a share from 0 to 1", where=self._at(presence), hint="mend it")
            if share > 0:
                yield shapes.Present(nan=False, tolerated=round(1 - share, 12), origin=str(self._at(presence)))
        if least is not None and least > 1:
            why = "that so many values are present is no rule on a share of rows"
            self.unmapped.append(Unmapped(name, f"min_count {least}", why, str(self._at(presence))))

    def _type(self, message: Message) -> Iterator[Rule]:
        field = message.last("type")
        if field is None:
            return
        named = str(field.value)
        if named in ("TYPE_UNKNOWN", "0"):
            return
        numbered = {"1": "BYTES", "2": "INT", "3": "FLOAT", "4": "STRUCT"}
        named = numbered.get(named, named)
        if named not in _TYPES:
            hint = did_you_mean(named, list(_TYPES)) or f"types are {', '.join(_TYPES)}"
            raise InputError(f"unknown type {named!r}", where=self._at(field), hint=hint)
        kinds = _TYPES[named]
        if message.last("bool_domain") is not None:
            kinds = (*kinds, Kind.BOOLEAN)
        yield shapes.OfKind(kinds, origin=str(self._at(field)))

    def _domain(self, name: str, message: Message) -> Iterator[Rule]:
        mass = message.last("distribution_constraints")
        share = self._number(self._inner(mass), "min_domain_mass") if mass is not None else None
        if share is not None and not 0 <= share <= 1:
            raise InputError(
                "min_domain_mass is a share from 0 to 1", where=self._at(mass or message.fields[0]), hint="mend it"
            )
        tolerated = 0.0 if share is None else round(1 - share, 12)
        for kind in ("int_domain", "float_domain", "string_domain", "bool_domain"):
            field = message.last(kind)
            if field is not None:
                yield from self._rules(field, tolerated)
        reference = message.last("domain")
        if reference is not None:
            shared = self.domains.get(str(reference.value))
            if shared is None:
                hint = did_you_mean(str(reference.value), tuple(self.domains))
                raise InputError(
                    f"{name}: no domain is called {str(reference.value)!r}", where=self._at(reference), hint=hint
                )
            yield from self._rules(shared, tolerated)

    def _rules(self, field: Field, tolerated: float) -> Iterator[Rule]:
        message = self._inner(field)
        common: Mapping[str, Any] = {"origin": str(self._at(field)), "tolerated": tolerated}
        if field.name == "string_domain":
            values: list[Literal] = []
            for value in message.all("value"):
                if isinstance(value.value, (Word, Message)) or not isinstance(value.value, str):
                    raise InputError(
                        'a "value" of a string_domain should be a text', where=self._at(value), hint="put it in quotes"
                    )
                values.append(value.value)
            if values:
                yield shapes.Among(tuple(dict.fromkeys(values)), **common)
            return
        if field.name == "bool_domain":
            said = [str(one.value) for key in ("true_value", "false_value") if (one := message.last(key)) is not None]
            if said:
                yield shapes.Among((*said, True, False), **common)
            return
        low, high = (self._number(message, key, whole=field.name == "int_domain") for key in ("min", "max"))
        low, high = (None if one is None or not math.isfinite(one) else one for one in (low, high))
        if low is not None or high is not None:
            yield shapes.Within(low, high, **common)
        if field.name == "float_domain":
            nan, infinite = self._true(message, "disallow_nan"), self._true(message, "disallow_inf")
            if nan or infinite:
                yield shapes.Finite(nan=nan, infinite=infinite, missing_breaks=False, **common)

    def _single(self, name: str, field: Field) -> None:
        """One value in each row is what every column has; anything else is about lists."""
        message = self._inner(field)
        sizes = [self._number(self._inner(dim), "size", whole=True) for dim in message.all("dim")]
        limits = {key: self._number(message, key, whole=True) for key in ("min", "max")}
        plain = (
            all(size == 1 for size in sizes)
            if field.name == "shape"
            else all(v in (None, 0, 1) for v in limits.values())
        )
        if not plain:
            self.unmapped.append(
                Unmapped(name, field.name, "how many values a row has is not judged", str(self._at(field)))
            )

    def _dataset(self, field: Field) -> Iterator[Rule]:
        message = self._inner(field)
        least, most = (self._number(message, f"{end}_examples_count", whole=True) for end in ("min", "max"))
        if least is not None or most is not None:
            yield shapes.RowCount(least, most, origin=str(self._at(field)))
        for inner in message.fields:
            if inner.name not in ("min_examples_count", "max_examples_count"):
                self.unmapped.append(Unmapped(None, inner.name, "a comparison with other data", str(self._at(inner))))
