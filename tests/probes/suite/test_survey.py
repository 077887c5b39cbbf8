"""The whole list: every test once, hollow ones named, and which marks are worth putting in."""

from dataclasses import dataclass

import pytest

from mlscore.core.placement import Conventions
from mlscore.probes.suite.survey import marks_by_file, survey
from mlscore.project.tree import Tree

SOURCE = """
import pandas as pd, pytest
from shop.features import bucket

def test_bucket():
    assert bucket(3) == "small"

def test_bucket_again():
    assert bucket(9) == "large"

@pytest.mark.mlscore("data-1")
def test_marked():
    pass

def test_plumbing():
    assert 1

class Base:
    def test_inherited(self):
        assert bucket(1) == "small"

class TestA(Base): pass
class TestB(Base): pass
"""


@dataclass(frozen=True)
class Said:
    verdict: str
    message: str


@pytest.fixture
def found(tmp_path, rubric_ids):
    (tmp_path / "test_a.py").write_text(SOURCE)
    asked = []

    def analyse(path, qualname):
        asked.append((path, qualname))
        return {"test_bucket_again": Said("hollow", "cannot fail"), "test_plumbing": Said("weak", "look")}.get(qualname)

    result = survey(Tree(tmp_path), conventions=Conventions(), rubric_ids=rubric_ids, analyse=analyse)
    assert len(asked) == len(set(asked)), "a function is analysed once"
    assert ("test_a.py", "Base.test_inherited") in asked
    return result


def test_every_test_is_listed_with_its_verdict(found):
    rows = {row.id.removeprefix("test_a.py::"): row for row in found.rows}
    assert list(rows) == [
        "test_bucket",
        "test_bucket_again",
        "test_marked",
        "test_plumbing",
        "TestA::test_inherited",
        "TestB::test_inherited",
    ]
    assert [r.item for r in found.rows] == ["data-7", "data-7", "data-1", None, "data-7", "data-7"]
    assert (rows["test_bucket_again"].hollow, rows["test_bucket_again"].hollow_why) == ("hollow", "cannot fail")
    assert (rows["test_plumbing"].hollow, rows["test_plumbing"].hollow_why) == ("weak", "look")
    assert rows["test_bucket"].hollow is None
    assert rows["test_marked"].placed


def test_only_sure_suggestions_of_tests_that_can_fail_are_worth_a_mark(found):
    sure = found.confident(0.75)
    assert [r.id.rpartition(":")[2] for r in sure] == ["test_bucket", "test_inherited", "test_inherited"]
    assert found.confident(0.99) == ()


def test_marks_are_gathered_by_file_and_line_once(found):
    lines = SOURCE.split("\n")
    assert marks_by_file(found.confident(0.75)) == {
        "test_a.py": {
            lines.index("def test_bucket():") + 1: ("data-7",),
            lines.index("    def test_inherited(self):") + 1: ("data-7",),
        }
    }


def test_the_hollow_analysis_is_the_default(tmp_path, rubric_ids):
    (tmp_path / "test_a.py").write_text("def test_a():\n    assert True\ndef test_b(x):\n    assert x == 3\n")
    rows = survey(Tree(tmp_path), conventions=Conventions(), rubric_ids=rubric_ids).rows
    assert [row.hollow for row in rows] == ["hollow", None]
    assert rows[0].hollow_why
