"""Tests without an item: `mlscore score` lists what `mlscore map` says of them."""

from dataclasses import replace

import pytest

from mlscore.collect.unplaced import MOST_READ, as_mapped
from mlscore.core.evidence import Location
from mlscore.core.placement import Conventions, place
from mlscore.core.report import Unplaced
from mlscore.probes.suite.survey import survey
from mlscore.project.tree import Tree

IDS = ("data-1", "data-2", "model-1", "model-6", "monitor-2")
PATH = "tests/data/test_schema.py"
SOURCE = {
    "its body says nothing": "import os\n\n\ndef test_schema_types():\n    assert os.getcwd()\n",
    "its body agrees": (
        "import pandas as pd\n\n\ndef test_schema_types():\n"
        "    data = pd.read_csv('data/train.csv')\n    assert data['age'].notna().all()\n"
        "    assert data['age'].max() < 120\n"
    ),
}


def placed(name="test_schema_types", path=PATH, **changes):
    found = place((), docstring=None, name=name, path=path, conventions=Conventions(), rubric_ids=IDS)
    one = Unplaced(f"{path}::{name}", found.section, found.suggested, found.why, Location(path, 4))
    return replace(one, **changes)


@pytest.fixture
def mapped(tmp_path):
    def run(source, *tests):
        (tmp_path / PATH).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / PATH).write_text(source, encoding="utf-8")
        return as_mapped(tests, Tree(tmp_path), Conventions(), IDS)

    return run


@pytest.mark.parametrize(("source", "item"), [*zip(SOURCE.values(), (None, "data-1"), strict=True)], ids=[*SOURCE])
def test_score_and_map_say_the_same(mapped, tmp_path, source, item):
    assert placed().suggested == "data-1"
    (found,) = mapped(source, placed())
    (row,) = survey(Tree(tmp_path), conventions=Conventions(), rubric_ids=IDS).rows
    assert (found.section, found.suggested, found.why) == (row.section, row.item, row.why)
    assert row.item == item


def test_why_an_item_is_none_says_so(mapped):
    (found,) = mapped(SOURCE["its body says nothing"], placed())
    assert found.why == (
        "file test_schema.py places it in a section; the words of its name suggest data-1, what it asserts does not"
    )


def test_an_item_that_only_its_body_shows_is_suggested(mapped):
    source = SOURCE["its body agrees"].replace("test_schema_types", "test_it")
    (found,) = mapped(source, placed("test_it"))
    assert (placed("test_it").suggested, found.suggested) == (None, "data-1")


@pytest.mark.parametrize(
    "one",
    [
        placed(why='marker "d1"; markers = ["d{n}"] lets it count'),
        placed(id="tests/data/test_schema.py::test_made_at_run_time"),
        placed(path="tests/data/test_elsewhere.py"),
        placed(location=None, id="x"),
    ],
    ids=["claimed by a mark", "not in its source", "no source", "no place"],
)
def test_what_the_source_does_not_answer_stays(mapped, one):
    assert mapped(SOURCE["its body says nothing"], one) == (one,)


def test_so_many_are_read(mapped):
    tests = [placed(id=f"x{number}") for number in range(MOST_READ - 1)]
    found = mapped(SOURCE["its body says nothing"], *tests, placed(), placed())
    assert [one.suggested for one in found[-2:]] == [None, "data-1"]
    assert len(found) == MOST_READ + 1
