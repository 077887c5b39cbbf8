"""Every rubric of rejected.toml is refused with its sentence, and by the JSON Schema too where structure decides."""

import json
import shutil
import tomllib
from pathlib import Path

import jsonschema
import pytest

from mlscore.errors import EXIT_USAGE, RubricError
from mlscore.project.rubrics import load_rubric, rubric_folder

pytestmark = pytest.mark.mlscore("input-1")

HERE = Path(__file__).parent
SOUND = (HERE / "own" / "sum.toml").read_text(encoding="utf-8")
CASES = tomllib.loads((HERE / "rejected.toml").read_text(encoding="utf-8"))["case"]
SCHEMA = json.loads((rubric_folder() / "rubric.schema.json").read_text(encoding="utf-8"))


def edited(case):
    text = SOUND
    if "cut" in case:
        assert case["cut"] in text
        text = text[: text.index(case["cut"])]
    for old, new in case.get("edits", []):
        assert old in text
        text = text.replace(old, new, 1)
    return text + case.get("append", "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_refused_with_one_clear_sentence(case, tmp_path):
    (tmp_path / "rubric.toml").write_text(edited(case), encoding="utf-8")
    shutil.copy(HERE / "own" / "sum.toml", tmp_path)
    with pytest.raises(RubricError) as error:
        load_rubric("rubric.toml", root=tmp_path)
    assert str(error.value) == case["says"]
    assert error.value.exit_code == EXIT_USAGE


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] != "text"], ids=lambda case: case["name"])
def test_the_schema_refuses_what_structure_decides(case):
    # Floats, as an editor reads them: the schema serves editors.
    accepted = jsonschema.Draft202012Validator(SCHEMA).is_valid(tomllib.loads(edited(case)))
    assert accepted is (case["kind"] == "whole")


def test_what_is_no_toml_is_told_apart():
    for case in CASES:
        try:
            tomllib.loads(edited(case))
        except tomllib.TOMLDecodeError:
            assert case["kind"] == "text", case["name"]
        else:
            assert case["kind"] != "text", case["name"]


def test_every_sentence_names_the_file_and_what_to_do():
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names)) >= 90
    assert all(case["says"].startswith("rubric.toml:") for case in CASES)
    alone = [case["name"] for case in CASES if " should be " not in case["says"] and "; " not in case["says"]]
    assert alone == ["illegal characters alone"], "a fault that does not say what would be right"
