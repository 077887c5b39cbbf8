"""mlscore's own form of a schema: TOML that a person corrects, with the reason of every rule as a comment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.pandera_words import UnknownWordError, type_rule
from mlscore.checks.schema.shapes import Anchor, ColumnRules, Literal, Rule, Schema
from mlscore.errors import ConfigError, InputError, did_you_mean
from mlscore.project.read import parse_toml
from mlscore.project.toml_lines import key_lines, nearest_line
from mlscore.tables.conditions import Operator, Place
from mlscore.tables.shapes import Kind

MARK = "mlscore-schema"
VERSION = 1
_TABLE = ("strict", "ordered", "unique", "rows", "compare")
_RULES = [
    "type",
    "bits",
    "missing",
    "unique",
    "finite",
    "at-least",
    "more-than",
    "at-most",
    "less-than",
    "equals",
    "differs-from",
    "one-of",
    "all-of",
    "none-of",
    "pattern",
    "contains-pattern",
    "without-pattern",
    "starts-with-pattern",
    "starts-with",
    "ends-with",
    "length",
    "reads-as",
]
_COLUMN = ("name", "required", "name-is-pattern", "missing-values", *_RULES, "tolerated", "warns")
_KINDS = {kind.value: kind for kind in Kind}


def read_toml(text: str, name: str) -> Schema:
    """The schema of a TOML text. Raises InputError with file and line."""
    try:
        data = parse_toml(text, where=name)
    except ConfigError as error:
        raise InputError(error.what, where=error.where, hint=error.hint) from None
    return _Reader(data, text, name).schema()


class _Reader:
    def __init__(self, data: Mapping[str, Any], text: str, name: str) -> None:
        self.data = data
        self.name = name
        self.lines = key_lines(text)

    def at(self, *path: str | int) -> str:
        line = nearest_line(self.lines, path)
        return self.name if line is None else f"{self.name}:{line}"

    def wrong(self, what: str, *path: str | int, hint: str | None = None) -> InputError:
        return InputError(what, where=self.at(*path), hint=hint or "mend it")

    def schema(self) -> Schema:
        version = self.data.get(MARK)
        if version is None:
            hint = f"its first line should be {MARK} = {VERSION}; `mlscore data schema infer` writes one"
            raise InputError("no schema of mlscore's", where=self.name, hint=hint)
        if version != VERSION or isinstance(version, bool):
            raise self.wrong(f"a schema of version {version!r}", MARK, hint=f"this mlscore reads version {VERSION}")
        self._known(self.data, (MARK, "table", "column"))
        columns = self.data.get("column", [])
        if not isinstance(columns, list) or not all(isinstance(one, dict) for one in columns):
            raise self.wrong("columns stand in tables of their own", "column", hint="write each under [[column]]")
        table = self.data.get("table", {})
        if not isinstance(table, dict):
            raise self.wrong('"table" should be a table', "table", hint="write [table]")
        read = tuple(self._column(one, place) for place, one in enumerate(columns))
        seen: dict[str, int] = {}
        for place, column in enumerate(read):
            if column.name in seen:
                raise self.wrong(
                    f"the column {column.name!r} is there twice", "column", place, "name", hint="join the two"
                )
            seen[column.name] = place
        return Schema(
            columns=read,
            rules=tuple(self._table(table)),
            strict=self._flag(table, "strict", False, "table"),
            ordered=self._flag(table, "ordered", False, "table"),
            source=self.name,
            form="mlscore TOML",
        )

    def _known(self, given: Mapping[str, Any], known: tuple[str, ...], *path: str | int) -> None:
        for key in given:
            if key not in known:
                hint = did_you_mean(key, known) or f"known are {', '.join(known)}"
                raise self.wrong(f"unknown key {key!r}", *path, key, hint=hint)

    def _flag(self, given: Mapping[str, Any], key: str, default: bool, *path: str | int) -> bool:
        value = given.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(f"{key!r} is true or false, not {shapes.told(value)}", *path, key)
        return value

    def _text(self, given: Mapping[str, Any], key: str, *path: str | int) -> str:
        value = given.get(key)
        if not isinstance(value, str):
            said = "is missing" if key not in given else f"should be a text, not {shapes.told(value)}"
            raise self.wrong(f"{key!r} {said}", *path, key)
        return value

    def _share(self, value: object, key: str, *path: str | int) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not 0 <= value <= 1:
            raise self.wrong(f"{key!r} is a share from 0 to 1, not {shapes.told(value)}", *path)
        return float(value)

    def _limits(self, value: object, key: str, *path: str | int) -> tuple[int | None, int | None]:
        """[least, most], or {at-least, at-most} where one is left out."""
        if isinstance(value, dict) and set(value) <= {"at-least", "at-most"} and value:
            pair = [value.get("at-least"), value.get("at-most")]
        elif isinstance(value, list) and len(value) == 2:
            pair = value
        else:
            raise self.wrong(f"{key!r} is [least, most] or {{ at-least = … }}, not {shapes.told(value)}", *path, key)
        for one in pair:
            if one is not None and (not isinstance(one, int) or isinstance(one, bool) or one < 0):
                raise self.wrong(f"{key!r} wants whole numbers from 0, not {shapes.told(one)}", *path, key)
        return pair[0], pair[1]

    def _literal(self, value: object, key: str, *path: str | int) -> Literal:
        if isinstance(value, Decimal):
            as_float = float(value)
            if as_float != as_float:
                raise self.wrong(f"{key!r} cannot be NaN", *path, key)
            return as_float
        if isinstance(value, (str, int, bool, datetime, date)):
            return value
        raise self.wrong(
            f"{key!r} wants a text, a number, a date or true or false, not {shapes.told(value)}", *path, key
        )

    def _literals(self, value: object, key: str, *path: str | int) -> tuple[Literal, ...]:
        if not isinstance(value, list):
            raise self.wrong(f"{key!r} wants a list, not {shapes.told(value)}", *path, key)
        return tuple(dict.fromkeys(self._literal(one, key, *path) for one in value))

    def _texts(self, value: object, key: str, *path: str | int) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(f"{key!r} wants a list of texts, not {shapes.told(value)}", *path, key)
        return tuple(value)

    def _table(self, given: Mapping[str, Any]) -> Iterator[Rule]:
        self._known(given, _TABLE, "table")
        groups = given.get("unique", [])
        if not isinstance(groups, list):
            raise self.wrong('"unique" wants a list of lists of columns', "table", "unique")
        for group in [groups] if groups and all(isinstance(one, str) for one in groups) else groups:
            names = self._texts(group, "unique", "table")
            yield shapes.Unique(names, missing_equal=True, origin=self.at("table", "unique"))
        if "rows" in given:
            low, high = self._limits(given["rows"], "rows", "table")
            yield shapes.RowCount(low, high, origin=self.at("table", "rows"))
        operators = {operator.value: operator for operator in Operator}
        for one in self._texts(given.get("compare", []), "compare", "table"):
            words = next(
                ((left, operator, right) for operator in sorted(operators, key=len, reverse=True)
                 for left, found, right in [one.partition(f" {operator} ")] if found),
                None,
            )  # fmt: skip
            if words is None or not words[0] or not words[2]:
                raise self.wrong(f"{one!r} compares no two columns", "table", "compare", hint='write "start <= end"')
            yield shapes.Related(words[0], operators[words[1]], words[2], origin=self.at("table", "compare"))

    def _column(self, given: Mapping[str, Any], place: int) -> ColumnRules:
        path = ("column", place)
        self._known(given, _COLUMN, *path)
        name = self._text(given, "name", *path)
        rules = tuple(self._rules(given, path))
        missing = self._texts(given.get("missing-values", []), "missing-values", *path)
        return ColumnRules(
            name,
            rules,
            required=self._flag(given, "required", True, *path),
            pattern=self._flag(given, "name-is-pattern", False, *path),
            missing_values=missing,
            origin=self.at(*path),
        )

    def _rules(self, given: Mapping[str, Any], path: tuple[str, int]) -> Iterator[Rule]:
        tolerated = given.get("tolerated", 0)
        shares = tolerated if isinstance(tolerated, dict) else dict.fromkeys(_RULES, tolerated)
        warns = self._texts(given.get("warns", []), "warns", *path)
        for key in (*(shares if isinstance(tolerated, dict) else ()), *warns):
            if key not in _RULES:
                hint = did_you_mean(key, _RULES) or f"rules are {', '.join(_RULES)}"
                raise self.wrong(
                    f"no rule is called {key!r}", *path, "tolerated" if key in shares else "warns", hint=hint
                )
        settings: dict[str, dict[str, Any]] = {}
        for key in _RULES:
            if key in given:
                share = self._share(shares.get(key, 0), "tolerated", *path, "tolerated")
                settings[key] = {"origin": self.at(*path, key), "warns": key in warns, "tolerated": share}
        ends = [key for key in settings if key in _ENDS]
        for key, common in settings.items():
            if key in ends:
                yield from self._range(given, {end: settings[end] for end in ends} if key == ends[0] else {}, path)
            else:
                rule = self._rule(key, given, common, path)
                if rule is not None:
                    yield rule

    def _rule(self, key: str, given: Mapping[str, Any], common: dict[str, Any], path: tuple[str, int]) -> Rule | None:
        value = given[key]
        if key == "bits":  # it belongs to the type
            return None
        if key == "type":
            return self._type(value, given.get("bits"), common, path)
        if key == "missing":
            common["tolerated"] = self._share(value, key, *path, key)
            return shapes.Present(**common)
        if key == "unique":
            name = str(given["name"])
            return (
                shapes.Unique((name,), missing_equal=True, **common) if self._flag(given, key, False, *path) else None
            )
        if key == "finite":
            return shapes.Finite(nan=False, **common) if self._flag(given, key, False, *path) else None
        if key in ("equals", "differs-from"):
            return shapes.Equal(self._literal(value, key, *path), negated=key == "differs-from", **common)
        if key in ("one-of", "all-of", "none-of"):
            values = self._literals(value, key, *path)
            return shapes.Among(values, negated=key == "none-of", all_seen=key == "all-of", **common)
        if key == "length":
            low, high = self._limits(value, key, *path)
            return shapes.Sized(low, high, **common)
        if key == "reads-as":
            if value not in ("integer", "number", "boolean", "date", "datetime"):
                raise self.wrong(
                    f"'reads-as' cannot be {shapes.told(value)}",
                    *path,
                    key,
                    hint="integer, number, boolean, date or datetime",
                )
            return shapes.Parsed(_KINDS[value], **common)
        text = self._text(given, key, *path)
        if key in ("starts-with", "ends-with"):
            return shapes.Affix(text, Place.START if key == "starts-with" else Place.END, **common)
        anchor = {"pattern": Anchor.WHOLE, "starts-with-pattern": Anchor.START}.get(key, Anchor.ANYWHERE)
        return shapes.Pattern(text, anchor, negated=key == "without-pattern", **common)

    def _type(self, value: object, bits: object, common: dict[str, Any], path: tuple[str, int]) -> Rule:
        words = [value] if isinstance(value, str) else list(self._texts(value, "type", *path))
        if bits is not None and (not isinstance(bits, int) or isinstance(bits, bool) or bits < 1):
            raise self.wrong(f"'bits' is a whole number, not {shapes.told(bits)}", *path, "bits")
        kinds = [_KINDS[word] for word in words if word in _KINDS]
        strange = next((word for word in words if word not in _KINDS), None)
        if strange is None and kinds:
            return shapes.OfKind(tuple(kinds), bits, **{**common, "tolerated": 0.0})
        try:
            if len(words) == 1:
                return type_rule(words[0], origin=common["origin"])
        except UnknownWordError:
            pass
        hint = did_you_mean(str(strange), list(_KINDS)) or f"types are {', '.join(_KINDS)}"
        raise self.wrong(f"unknown type {shapes.told(strange)}", *path, "type", hint=hint)

    def _range(
        self, given: Mapping[str, Any], ends: Mapping[str, dict[str, Any]], path: tuple[str, int]
    ) -> Iterator[Rule]:
        """The limits, as one rule unless each has a share or a warning of its own."""
        for closed, opened in (("at-least", "more-than"), ("at-most", "less-than")):
            if closed in ends and opened in ends:
                raise self.wrong(f'"{closed}" and "{opened}" both', *path, opened, hint="keep one of the two")
        alike = len({(common["tolerated"], common["warns"]) for common in ends.values()}) == 1
        for group in [tuple(ends)] if alike else [(end,) for end in ends]:
            limits = {word: self._literal(given[word], word, *path) for word in group}
            low, high = (next((limits[w] for w in pair if w in limits), None) for pair in (_ENDS[:2], _ENDS[2:]))
            is_open = ("more-than" in limits, "less-than" in limits)
            yield shapes.Within(low, high, low_open=is_open[0], high_open=is_open[1], **ends[group[0]])


_ENDS = ("at-least", "more-than", "at-most", "less-than")
_SIDES = {"more-than": "at-least", "less-than": "at-most"}  # two ways of writing one end


def write_toml(schema: Schema, *, title: str = "") -> str:
    """A schema as TOML, the reason of each rule above it. What the form cannot say stands in it as a comment."""
    lines = [f"# {line}".rstrip() for line in title.splitlines()]
    lines += [f"{MARK} = {VERSION}", "", "[table]"]
    lines += [f"strict = {_toml(schema.strict)}", f"ordered = {_toml(schema.ordered)}"]
    groups = [rule for rule in schema.rules if isinstance(rule, shapes.Unique)]
    if groups:
        lines += [*_said(groups[0].reason), f"unique = {_toml([list(rule.columns) for rule in groups])}"]
    for rule in schema.rules:
        if isinstance(rule, shapes.RowCount):
            lines += [*_said(rule.reason), f"rows = {_pair(rule.low, rule.high)}"]
        elif not isinstance(rule, (shapes.Unique, shapes.Related)):
            lines.append(f"# not written: {_line(rule.text)}")
    compared = [rule.text for rule in schema.rules if isinstance(rule, shapes.Related)]
    if compared:
        lines.append(f"compare = {_toml(compared)}")
    for column in schema.columns:
        lines += ["", "[[column]]", *_column_lines(column)]
    for unmapped in schema.unmapped:
        lines += [f"# not judged: {_line(str(unmapped))}"]
    return "\n".join(lines) + "\n"


def _column_lines(column: ColumnRules) -> Iterator[str]:
    yield f"name = {_toml(column.name)}"
    yield from _said(column.reason)
    if not column.required:
        yield "required = false"
    if column.pattern:
        yield "name-is-pattern = true"
    if column.missing_values:
        yield f"missing-values = {_toml(list(column.missing_values))}"
    tolerated: dict[str, float] = {}
    warns: list[str] = []
    written: set[str] = set()
    for rule in column.rules:
        pairs = dict(_pairs(rule))
        sides = {_SIDES.get(key, key) for key in pairs}
        if not pairs or written & sides:
            yield f"# not written: {_line(rule.text)}"
            continue
        yield from _said(rule.reason)
        yield from (f"{key} = {text}" for key, text in pairs.items())
        written |= sides
        named = [key for key in pairs if key != "bits"]
        if rule.tolerated and not isinstance(rule, shapes.Present):
            tolerated |= dict.fromkeys(named, rule.tolerated)
        if rule.warns:
            warns += named
    if tolerated:
        yield f"tolerated = {{ {', '.join(f'{key} = {_toml(share)}' for key, share in tolerated.items())} }}"
    if warns:
        yield f"warns = {_toml(warns)}"


def _pairs(rule: Rule) -> Iterator[tuple[str, str]]:
    """The keys a rule is written with; none where the form cannot say it."""
    if isinstance(rule, shapes.OfKind) and rule.signed and not rule.coerced:
        named = [kind.value for kind in rule.kinds]
        yield "type", _toml(named[0] if len(named) == 1 else named)
        if rule.bits is not None:
            yield "bits", str(rule.bits)
    elif isinstance(rule, shapes.Present):
        yield "missing", _toml(rule.tolerated)
    elif isinstance(rule, shapes.Unique):
        yield "unique", "true"
    elif isinstance(rule, shapes.Finite) and not rule.nan:
        yield "finite", "true"
    elif isinstance(rule, shapes.Within):
        if rule.low is not None:
            yield "more-than" if rule.low_open else "at-least", _toml(rule.low)
        if rule.high is not None:
            yield "less-than" if rule.high_open else "at-most", _toml(rule.high)
    elif isinstance(rule, shapes.Equal):
        yield "differs-from" if rule.negated else "equals", _toml(rule.value)
    elif isinstance(rule, shapes.Among):
        yield "none-of" if rule.negated else "all-of" if rule.all_seen else "one-of", _toml(list(rule.values))
    elif isinstance(rule, shapes.Sized):
        yield "length", _pair(rule.low, rule.high)
    elif isinstance(rule, shapes.Affix):
        yield "starts-with" if rule.place is Place.START else "ends-with", _toml(rule.affix)
    elif isinstance(rule, shapes.Parsed):
        yield "reads-as", _toml(rule.kind.value)
    elif isinstance(rule, shapes.Pattern) and (not rule.negated or rule.anchor is Anchor.ANYWHERE):
        words = {Anchor.WHOLE: "pattern", Anchor.START: "starts-with-pattern", Anchor.ANYWHERE: "contains-pattern"}
        yield "without-pattern" if rule.negated else words[rule.anchor], _toml(rule.pattern)


def _said(reason: str) -> list[str]:
    return [f"# {_line(line)}" for line in reason.splitlines()]


def _line(text: str) -> str:
    """A text as a comment may hold it."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _pair(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"[{low}, {high}]"
    return f"{{ at-least = {low} }}" if high is None else f"{{ at-most = {high} }}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = json.dumps(value, ensure_ascii=False)
        return "".join(c if c.isprintable() or c == " " else _escape(c) for c in escaped)
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return {True: "inf", False: "-inf"}.get(value > 0, "nan") if value == value else "nan"
        text = repr(value)
        return text if "." in text or "e" in text else f"{text}.0"
    return str(value)


def _escape(c: str) -> str:
    return f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}"
