"""pandera's schemas as YAML, old and new form, read without pandera and with the line of every column and check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.pandera_words import ALIASES, BUILTINS, UnknownWordError, check_rule, type_rule
from mlscore.checks.schema.shapes import ColumnRules, Rule, Schema, Unmapped
from mlscore.core.evidence import Location
from mlscore.errors import InputError, did_you_mean

_TOP = [
    "schema_type",
    "version",
    "api",
    "columns",
    "checks",
    "index",
    "multiindex",
    "dtype",
    "coerce",
    "strict",
    "name",
    "ordered",
    "unique",
    "report_duplicates",
    "unique_column_names",
    "add_missing_columns",
    "title",
    "description",
    "drop_invalid_rows",
    "dataframe_library",
    "metadata",
    "on_missing_columns",
    "parsers",
]
_COLUMN = [
    "title",
    "description",
    "dtype",
    "nullable",
    "checks",
    "name",
    "unique",
    "coerce",
    "required",
    "regex",
    "default",
    "report_duplicates",
    "drop_invalid_rows",
    "metadata",
    "parsers",
]
_OPTIONS = [
    "check_name",
    "ignore_na",
    "raise_warning",
    "n_failure_cases",
    "error",
    "element_wise",
    "title",
    "description",
    "groupby",
    "groups",
]
_DEEPEST = 4  # nothing whose line matters lies deeper; aliases could make deeper walks endless


def read_pandera_yaml(text: str, name: str) -> Schema:
    """The schema in a YAML text; `name` is the file's, for origins. Raises InputError with file and line."""
    document = _Yaml(text, name)
    top = document.data
    if not isinstance(top, Mapping):
        raise InputError(
            "no schema of pandera's: it should hold columns", where=name, hint="write it with schema.to_yaml()"
        )
    if "columns" not in top:
        near = next((str(key) for key in top if did_you_mean(str(key), ["columns"])), None)
        hint = f'write "columns" for "{near}"' if near else "write it with schema.to_yaml()"
        raise InputError('a schema of pandera\'s has "columns", and this has none', where=name, hint=hint)
    for key in top:
        if key not in _TOP and key not in BUILTINS:
            hint = did_you_mean(str(key), _TOP) or f"known are {', '.join(_TOP)}"
            raise InputError(f"unknown key {str(key)!r}", where=document.at(key), hint=hint)
    unmapped: list[Unmapped] = []
    listed = top["columns"] or {}
    if isinstance(listed, Mapping):
        pairs: list[tuple[Any, Any, tuple[Any, ...]]] = [
            (key, value, ("columns", key)) for key, value in listed.items()
        ]
    elif isinstance(listed, Sequence) and not isinstance(listed, str):
        pairs = [(_called(one, document, place), one, ("columns", place)) for place, one in enumerate(listed)]
    else:
        raise InputError('"columns" should be a table of columns', where=document.at("columns"), hint="mend it")
    columns = [_column(str(key), value, document, path, unmapped) for key, value, path in pairs]
    rules: list[Rule] = []
    unique = top.get("unique") or []
    groups = [unique] if isinstance(unique, str) or all(isinstance(one, str) for one in unique) else unique
    for group in groups:
        if group:
            names = (group,) if isinstance(group, str) else tuple(str(one) for one in group)
            rules.append(shapes.Unique(names, missing_equal=True, origin=document.at("unique")))
    for named, _, path in _checks(top, document, ()):
        unmapped.append(
            Unmapped(None, named, "a check of the whole frame is code; give the Python object", document.at(*path))
        )
    unmapped += _settings(top, document)
    strict = top.get("strict", False)
    if strict not in (True, False, None, "filter"):
        raise InputError(f'"strict" is true, false or "filter", not {strict!r}', where=document.at("strict"))
    return Schema(
        columns=tuple(columns),
        rules=tuple(rules),
        strict=strict is True,
        ordered=_flag(top, "ordered", False, document, ()),
        unmapped=tuple(unmapped),
        source=name,
        form="pandera YAML",
    )


class _Yaml:
    """A parsed YAML text with the line of each key."""

    def __init__(self, text: str, name: str) -> None:
        import yaml

        self.name = name
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            self._lines = dict(_lines(node, ())) if node is not None else {}
            self.data: Any = loader.construct_document(node) if node is not None else None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = Location(name, mark.line + 1 if mark else None)
            raise InputError(
                f"not valid YAML: {error.problem or error.context}", where=where, hint="mend this line"
            ) from None
        except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
            raise InputError(
                f"not valid YAML: {str(error).splitlines()[0]}", where=name, hint="mend the file"
            ) from None
        finally:
            loader.dispose()

    def at(self, *path: Any) -> str:
        """File and line of a key, or of the nearest around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return f"{self.name}:{self._lines[path[:length]]}"
        return self.name


def _lines(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], int]]:
    if len(path) >= _DEEPEST:
        return
    if node.id == "mapping":
        for key, value in node.value:
            if key.id == "scalar":
                yield (*path, key.value), key.start_mark.line + 1
                yield from _lines(value, (*path, key.value))
    elif node.id == "sequence":
        for place, value in enumerate(node.value):
            yield (*path, place), value.start_mark.line + 1
            yield from _lines(value, (*path, place))


def _called(one: object, document: _Yaml, place: int) -> str:
    if isinstance(one, Mapping) and isinstance(one.get("name"), (str, list)):
        given = one["name"]
        return given if isinstance(given, str) else str(tuple(given))
    raise InputError("a column without a name", where=document.at("columns", place), hint='give it a "name"')


def _settings(top: Mapping[str, Any], document: _Yaml) -> list[Unmapped]:
    found = []
    for key, why in (
        ("index", "a table has no index; make it a column"),
        ("multiindex", "a table has no index; make it columns"),
        ("dtype", "a type for all columns is not judged; give each its own"),
        ("parsers", "the rows are judged as they are, before any parser"),
        ("drop_invalid_rows", "nothing is dropped here: the rows it would drop are counted"),
    ):
        if top.get(key):
            found.append(Unmapped(None, key, why, document.at(key)))
    return found


def _flag(given: Mapping[str, Any], key: str, default: bool, document: _Yaml, path: tuple[Any, ...]) -> bool:
    value = given.get(key, default)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InputError(f'"{key}" is true or false, not {value!r}', where=document.at(*path, key), hint="mend it")
    return value


def _column(name: str, given: Any, document: _Yaml, path: tuple[Any, ...], unmapped: list[Unmapped]) -> ColumnRules:
    where = document.at(*path)
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise InputError(
            f"the column {name!r} should be a table of its settings, not {given!r}", where=where, hint="mend it"
        )
    rules: list[Rule] = []
    coerced = _flag(given, "coerce", False, document, path)
    dtype = given.get("dtype")
    if dtype is not None:
        try:
            rules.append(type_rule(str(dtype), coerced=coerced, origin=document.at(*path, "dtype")))
        except UnknownWordError as error:
            unmapped.append(Unmapped(name, f"dtype({dtype})", str(error), document.at(*path, "dtype")))
    if not _flag(given, "nullable", False, document, path) and given.get("default") is None:
        rules.append(shapes.Present(origin=where))
    if _flag(given, "unique", False, document, path):
        rules.append(shapes.Unique((name,), missing_equal=True, origin=document.at(*path, "unique")))
    if given.get("parsers"):
        unmapped.append(Unmapped(name, "parsers", "the values are judged as they are, before any parser", where))
    for named, value, place in _checks(given, document, path):
        origin = document.at(*place)
        if ALIASES.get(named, named) not in BUILTINS:
            why = "a check registered by code of its own; give the Python object instead of the YAML"
            unmapped.append(Unmapped(name, named, why, origin))
            continue
        try:
            rules.append(_rule(named, value, origin))
        except UnknownWordError as error:
            raise InputError(f"{name}: {error}", where=origin, hint="mend the check") from None
    for key in given:
        if key not in _COLUMN and ALIASES.get(str(key), str(key)) not in BUILTINS:
            near = did_you_mean(str(key), _COLUMN)
            if near:
                raise InputError(
                    f"unknown key {str(key)!r} of the column {name!r}", where=document.at(*path, key), hint=near
                )
            why = "a check registered by code of its own, or no key of pandera's; give the Python object"
            unmapped.append(Unmapped(name, str(key), why, document.at(*path, key)))
    return ColumnRules(
        name,
        tuple(rules),
        required=_flag(given, "required", True, document, path),
        pattern=_flag(given, "regex", False, document, path),
        origin=where,
    )


def _checks(
    given: Mapping[str, Any], document: _Yaml, path: tuple[Any, ...]
) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Name, arguments and place of each check: under `checks` as a table or a list, or beside the column's settings."""
    for key, value in given.items():
        if ALIASES.get(str(key), str(key)) in BUILTINS:
            yield str(key), value, (*path, key)
    checks = given.get("checks")
    if checks is None:
        return
    if isinstance(checks, Mapping):
        for key, value in checks.items():
            yield str(key), value, (*path, "checks", key)
        return
    if not isinstance(checks, Sequence) or isinstance(checks, str):
        raise InputError('"checks" should be a table or a list', where=document.at(*path, "checks"), hint="mend it")
    for place, one in enumerate(checks):
        options = one.get("options") if isinstance(one, Mapping) else None
        if isinstance(options, Mapping) and isinstance(options.get("check_name"), str):
            yield options["check_name"], one, (*path, "checks", place)
        elif isinstance(one, Mapping) and len(one) == 1:
            ((key, value),) = one.items()
            yield str(key), value, (*path, "checks", place)
        else:
            raise InputError(
                "a check without a name", where=document.at(*path, "checks", place), hint="give options.check_name"
            )


def _rule(named: str, value: Any, origin: str) -> Rule:
    """A built-in check from its arguments, be they a table or the first of them alone."""
    words = BUILTINS[ALIASES.get(named, named)]
    options: dict[str, Any] = {}
    if isinstance(value, Mapping):
        given = {str(key): one for key, one in value.items()}
        inner = given.pop("options", None)
        options = dict(inner) if isinstance(inner, Mapping) else {}
        for word in [word for word in given if word in _OPTIONS]:
            options[word] = given.pop(word)
        if "value" in given and "value" not in words:
            given[words[0]] = given.pop("value")
    else:
        given = {words[0]: value}
    if not given:
        raise UnknownWordError(f"{named} has no arguments")
    for word in options:
        if word not in _OPTIONS:
            raise UnknownWordError(f"{named} has no option {word!r}")
    if options.get("groupby"):
        raise UnknownWordError(f"{named} by groups is code; give the Python object")
    return check_rule(
        named,
        given,
        ignore_na=options.get("ignore_na", True) is not False,
        warns=options.get("raise_warning", False) is True,
        origin=origin,
    )
