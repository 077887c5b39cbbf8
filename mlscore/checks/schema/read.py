"""What a user gives as a schema: a file of one of five forms, a Python object, or the name of one; recognised and read."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from mlscore.checks.schema.pandera_objects import is_pandera, read_pandera
from mlscore.checks.schema.shapes import Schema
from mlscore.errors import InputError
from mlscore.project.read import read_text

_ENDINGS = (".toml", ".yaml", ".yml", ".json", ".pbtxt", ".prototxt", ".textproto", ".pbtext")
_FORMS = (
    "mlscore's TOML, pandera's YAML or Python object (package.module:SCHEMA), Frictionless Table Schema (JSON), "
    "TFDV's schema.pbtxt, a Great Expectations suite (JSON)"
)


def read_schema(given: object, *, root: Path | None = None, environment: str | None = None) -> Schema:
    """The schema of a path, of "package.module:SCHEMA", of one of pandera's objects, or a Schema itself.

    Paths and modules are looked for below `root`, by default the working directory; `environment` is TFDV's. Raises
    InputError where it cannot be read or is none.
    """
    if isinstance(given, Schema):
        return given
    if is_pandera(given):
        return read_pandera(given, f"{type(given).__name__} {getattr(given, 'name', None) or ''}".strip())
    if not isinstance(given, (str, os.PathLike)):
        raise InputError(f"a {type(given).__name__} is no schema", hint=f"give {_FORMS}")
    root = Path.cwd() if root is None else root
    text = os.fspath(given)
    path = root / text
    module, colon, name = text.partition(":")
    if colon and not path.exists() and all(part.isidentifier() for part in (*module.split("."), name)):
        return _imported(module, name, root)
    return _file(path, text, environment)


def _file(path: Path, name: str, environment: str | None) -> Schema:
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        text = read_text(path, where=name, error=InputError) if path.suffix != ".py" else ""
        hint = "name the object in it: package.module:SCHEMA" if path.suffix == ".py" else f"schemas are {_FORMS}"
        what = f"{path.suffix or 'a file without an ending'} is no form of a schema"
        raise InputError(what if text or path.suffix == ".py" else "an empty file is no schema", where=name, hint=hint)
    text = read_text(path, where=name, error=InputError)
    if not text.strip():
        raise InputError("an empty file is no schema", where=name, hint="`mlscore data schema infer` proposes one")
    # Each form's reader is imported for its own files alone: a check should start quickly.
    if ending == ".toml":
        from mlscore.checks.schema.toml_form import read_toml

        return read_toml(text, name)
    if ending in (".yaml", ".yml"):
        from mlscore.checks.schema.pandera_yaml import read_pandera_yaml

        return read_pandera_yaml(text, name)
    if ending == ".json":
        return _json(text, name)
    from mlscore.checks.schema.tfdv import read_tfdv

    return read_tfdv(text, name, environment)


def _json(text: str, name: str) -> Schema:
    from mlscore.checks.schema.expectations import is_suite, read_suite
    from mlscore.checks.schema.frictionless import is_table_schema, read_table_schema
    from mlscore.checks.schema.json_text import parse_json

    data = parse_json(text, name)
    if is_suite(data):
        return read_suite(data, name)
    if is_table_schema(data):
        return read_table_schema(data, name)
    what = 'it has neither "expectations" (Great Expectations) nor "fields" (Frictionless)'
    raise InputError(what, where=name, hint="give one of the two")


def _imported(module: str, name: str, root: Path) -> Schema:
    from mlscore.checks.context import importable

    source = f"{module}:{name}"
    with importable(root):
        try:
            given = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise InputError(f"it cannot be imported: {error}", where=source, hint="check module and name") from None
        except Exception as error:
            what = f"importing it failed with {type(error).__name__}: {str(error)[:200]}"
            raise InputError(what, where=source, hint="mend the module") from None
    if isinstance(given, Schema):
        return given
    if not is_pandera(given):
        hint = "name a DataFrameSchema or a DataFrameModel of pandera's"
        raise InputError(f"a {type(given).__name__} is no schema", where=source, hint=hint)
    return read_pandera(given, source)
