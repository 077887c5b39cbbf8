"""What is taken as a schema: files by their ending and content, modules, objects; and what is refused."""

import json

import pandera.pandas as pa
import pytest

import mlscore.checks
from mlscore.checks.schema.read import read_schema
from mlscore.checks.schema.shapes import Schema
from mlscore.errors import InputError

FILES = {
    "s.toml": "mlscore-schema = 1\n[[column]]\nname = 'a'\n",
    "s.yaml": "columns: {a: {dtype: int64}}\n",
    "s.YML": "columns: {a: {dtype: int64}}\n",
    "s.pbtxt": 'feature { name: "a" }',
    "table.json": json.dumps({"fields": [{"name": "a"}]}),
    "suite.json": json.dumps({"expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "a"}}]}),
}


@pytest.mark.parametrize("name", FILES)
def test_every_form_by_its_file(tmp_path, name):
    (tmp_path / name).write_text("\ufeff" + FILES[name], encoding="utf-8")
    schema = read_schema(name, root=tmp_path)
    assert [column.name for column in schema.columns] == ["a"]
    assert schema.source == name
    assert read_schema(tmp_path / name).columns[0].name == "a"


@pytest.mark.parametrize("name", FILES)
def test_every_form_cut_off_is_one_sentence(tmp_path, name):
    text = FILES[name].rstrip()
    for length in range(1, len(text), 5):
        (tmp_path / name).write_text(text[:length], encoding="utf-8")
        try:
            read_schema(name, root=tmp_path)
        except InputError as error:
            assert str(error).startswith(name)  # noqa: PT017 - some cuts leave a whole schema
            assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("name", FILES)
def test_every_form_in_another_encoding(tmp_path, name):
    (tmp_path / name).write_bytes(FILES[name].replace("a", "ñ").encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_schema(name, root=tmp_path)
    (tmp_path / name).write_bytes(FILES[name].encode("utf-16"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_schema(name, root=tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("s.json", "{", "s.json:1: not valid JSON: it ends too early; bring back what was cut off"),
        ("s.json", '{\n"a" 1}', "s.json:2: not valid JSON: expecting ':' delimiter; mend this line"),
        ("s.json", '{"a": NaN}', "s.json: not valid JSON: NaN is no number of JSON's"),
        ("s.json", "[" * 100_000, "s.json: not valid JSON: nested too deeply"),
        ("s.json", "[1]", 's.json: it has neither "expectations" (Great Expectations) nor "fields" (Frictionless)'),
        ("s.json", '{"a": ' + "9" * 5_000 + "}", "s.json: not valid JSON: "),
        ("s.toml", "  \n", "s.toml: an empty file is no schema; `mlscore data schema infer` proposes one"),
        ("s.txt", "x", "s.txt: .txt is no form of a schema; schemas are mlscore's TOML"),
        ("s", "x", "s: a file without an ending is no form of a schema"),
        ("s.py", "SCHEMA = 1", "s.py: .py is no form of a schema; name the object in it: package.module:SCHEMA"),
    ],
)
def test_what_is_refused(tmp_path, name, text, error):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_schema(name, root=tmp_path)
    assert str(caught.value).startswith(error)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_schema("nowhere.toml", root=tmp_path)
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(InputError, match="a folder, where a file is wanted"):
        read_schema("folder.toml", root=tmp_path)
    with pytest.raises(InputError, match="a dict is no schema"):
        read_schema({"a": int})


def test_objects_of_modules(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "trip_schemas.py").write_text(
        "import pandera.pandas as pa\n"
        "SCHEMA = pa.DataFrameSchema({'a': pa.Column(int)})\n"
        "class Model(pa.DataFrameModel):\n    a: int\n"
        "OTHER = 3\n",
        encoding="utf-8",
    )
    for name in ("SCHEMA", "Model"):
        schema = read_schema(f"trip_schemas:{name}", root=tmp_path)
        assert [column.name for column in schema.columns] == ["a"]
        assert schema.source == f"trip_schemas:{name}"
    with pytest.raises(InputError, match="trip_schemas:OTHER: a int is no schema"):
        read_schema("trip_schemas:OTHER", root=tmp_path)
    with pytest.raises(InputError, match="trip_schemas:NOTHING: it cannot be imported"):
        read_schema("trip_schemas:NOTHING", root=tmp_path)
    with pytest.raises(InputError, match="no_such_module:X: it cannot be imported"):
        read_schema("no_such_module:X", root=tmp_path)


def test_a_module_that_fails_is_told(tmp_path):
    (tmp_path / "broken_schemas.py").write_text("1 / 0\n", encoding="utf-8")
    with pytest.raises(InputError, match="importing it failed with ZeroDivisionError"):
        read_schema("broken_schemas:X", root=tmp_path)


def test_schemas_as_they_are():
    assert read_schema(Schema()) == Schema()
    assert read_schema(pa.DataFrameSchema({"a": pa.Column(int)})).columns[0].name == "a"


def test_a_model_that_pandera_refuses():
    class Wrong(pa.DataFrameModel):
        a: "nonsense"  # noqa: F821

    with pytest.raises(InputError, match="pandera cannot make a schema of this model"):
        read_schema(Wrong)


@pytest.mark.parametrize(
    "name", ["check_schema", "infer_schema", "diff_schemas", "check_invariants", "measure_power", "read_schema"]
)
def test_the_functions_are_where_they_are_looked_for(name):
    assert callable(getattr(mlscore.checks, name))


def test_nothing_else_is_there():
    with pytest.raises(AttributeError, match="no_such_function"):
        _ = mlscore.checks.no_such_function
