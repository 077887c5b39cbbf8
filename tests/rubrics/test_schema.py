"""rubric.schema.json says to editors what the loader says: the same tables, keys, choices and requirements."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from mlscore.core.rubric import LEVEL_IDS, SECTION_RULES, TOTAL_RULES
from mlscore.project.rubric_format import REQUIRED, SCHEMA, TABLES
from mlscore.project.rubrics import load_rubric_file, rubric_folder

FOLDER = rubric_folder()
DOCUMENT = json.loads((FOLDER / "rubric.schema.json").read_text(encoding="utf-8"))
DEFS = DOCUMENT["$defs"]
# Where the schema keeps each of the loader's tables.
PLACES = {
    "rubric": DOCUMENT,
    "scoring": DEFS["scoring"],
    "levels": DEFS["levels"],
    "none": DEFS["levels"]["properties"]["none"],
    "level": DEFS["level"],
    "band": DEFS["band"],
    "section": DEFS["section"],
    "item": DEFS["item"],
}
ACCEPTED = [*sorted((Path(__file__).parent / "own").glob("*.toml")), *sorted(FOLDER.glob("*.toml"))]


def test_it_is_a_schema_of_the_2020_12_draft():
    assert DOCUMENT["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(DOCUMENT)


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_accepted_rubrics_validate(path):
    assert load_rubric_file(path).items
    jsonschema.Draft202012Validator(DOCUMENT).validate(tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_tables_are_the_loaders():
    assert set(PLACES) == set(TABLES)


@pytest.mark.parametrize("table", PLACES)
def test_the_keys_are_the_loaders(table):
    assert list(PLACES[table]["properties"]) == list(TABLES[table])
    assert PLACES[table]["additionalProperties"] is False
    assert PLACES[table]["type"] == "object"


def test_what_is_required_is_what_the_loader_requires():
    whole = DOCUMENT["else"]
    inner = whole["properties"]
    assert DOCUMENT["if"] == {"required": ["extends"]}
    assert "then" not in DOCUMENT
    assert tuple(whole["required"]) == ("version", "title", *REQUIRED["rubric"])
    assert tuple(inner["scoring"]["required"]) == REQUIRED["scoring"]
    assert tuple(inner["levels"]["required"]) == REQUIRED["levels"]
    assert {tuple(level["required"]) for level in inner["levels"]["properties"].values()} == {REQUIRED["level"]}
    assert tuple(inner["sections"]["additionalProperties"]["required"]) == REQUIRED["section"]
    assert tuple(inner["items"]["additionalProperties"]["required"]) == REQUIRED["item"]
    assert tuple(DEFS["band"]["required"]) == REQUIRED["band"]


def test_the_choices_are_the_loaders():
    assert DOCUMENT["properties"]["schema"]["const"] == SCHEMA
    assert tuple(DEFS["scoring"]["properties"]["section"]["enum"]) == SECTION_RULES
    assert tuple(DEFS["scoring"]["properties"]["total"]["enum"]) == TOTAL_RULES
    assert tuple(DEFS["levels"]["properties"]) == LEVEL_IDS
    assert tuple(DEFS["section"]["properties"]["complete-at"]["enum"]) == LEVEL_IDS[1:]


@pytest.mark.parametrize("table", PLACES)
def test_every_key_is_described(table):
    for key, entry in PLACES[table]["properties"].items():
        target = DEFS[entry["$ref"].rpartition("/")[2]] if set(entry) == {"$ref"} else entry
        assert target.get("description", "").endswith("."), key


def test_shipped_rubrics_name_the_schema_for_editors():
    for path in FOLDER.glob("*.toml"):
        assert path.read_text(encoding="utf-8").startswith("#:schema ./rubric.schema.json\n")
