"""The baseline file: written, read back, and every way it can be wrong."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from mlscore.core.baseline import baseline_of
from mlscore.core.codec import dumps
from mlscore.project.baseline import read_baseline, write_baseline
from mlscore.project.rubrics import load_rubric


def test_what_is_written_is_read(root, report, rubric):
    path = root / "ci" / "mlscore-baseline.json"
    write_baseline(path, report)
    assert read_baseline(path, rubric) == baseline_of(report)
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["schema"] == "mlscore-baseline/1"
    assert (data["rubric"]["id"], data["tool"]["version"]) == ("ml-test-score", "0.1.0")


def test_marks_and_line_ends_of_an_editor_change_nothing(write, report, rubric):
    text = dumps(baseline_of(report)).replace("\n", "\r\n")
    assert read_baseline(write("b.json", "\ufeff" + text), rubric) == baseline_of(report)


def test_keys_of_a_later_version_of_the_same_schema_are_ignored(write, report, rubric):
    data = json.loads(dumps(baseline_of(report))) | {"colour": "red"}
    assert read_baseline(write("b.json", json.dumps(data)), rubric) == baseline_of(report)


def test_a_rubric_whose_points_have_changed_is_no_error_here(write, report, rubric):
    other = replace(rubric, items=rubric.items[1:])
    assert other.digest != rubric.digest
    baseline = baseline_of(report)
    assert read_baseline(write("b.json", dumps(baseline)), other) == baseline


def test_another_rubric_is_named_with_ours(write, report, complaint, snapshot):
    path = write("b.json", dumps(baseline_of(report)))
    assert complaint(read_baseline, path, load_rubric("ml-test-score-2016", root=path)) == snapshot


def edited(report, **changes):
    return dumps(replace(baseline_of(report), **changes))


WRONG = {
    "empty": lambda report: "",
    "blank": lambda report: " \n",
    "truncated": lambda report: dumps(baseline_of(report))[:30],
    "not UTF-8": lambda report: b'{"schema": "\xff"}',
    "newer": lambda report: edited(report, schema="mlscore-baseline/2"),
    "much newer and of another shape": lambda report: '{"schema": "mlscore-baseline/10"}',
    "of schema 0": lambda report: edited(report, schema="mlscore-baseline/0"),
    "a report": dumps,
    "no schema": lambda report: "{}",
    "a list": lambda report: "[]",
    "a schema of somebody else": lambda report: '{"schema": "https://json-schema.org/"}',
    "a schema that is no text": lambda report: '{"schema": 1}',
    "no points": lambda report: '{"schema": "mlscore-baseline/1"}',
    "points above the most": lambda report: edited(report, verified=Fraction(15, 2)),
    "points below 0": lambda report: edited(report, practised=Fraction(-1)),
    "points that are no number": lambda report: dumps(baseline_of(report)).replace(
        '"verified": 0', '"verified": "x"', 1
    ),
    "an item of another rubric": lambda report: dumps(baseline_of(report)).replace('"id": "data-2"', '"id": "data-22"'),
    "an item more": lambda report: edited(
        report, items=(*baseline_of(report).items, replace(baseline_of(report).items[0], id="data-8"))
    ),
    "a section too few": lambda report: edited(report, sections=baseline_of(report).sections[1:]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_baseline_gets_one_sentence(write, report, rubric, complaint, snapshot, name):
    sentence = complaint(read_baseline, write("b.json", WRONG[name](report)), rubric, where="b.json")
    assert sentence.startswith(("exit 2: b.json: ", "exit 2: b.json:2: "))
    assert sentence == snapshot


def test_a_baseline_that_is_no_file(root, rubric, complaint):
    assert "a folder, where a file is wanted" in complaint(read_baseline, root, rubric)
    assert "there is no such file" in complaint(read_baseline, root / "gone.json", rubric)


def test_an_unwritable_destination_is_told(root, write, report, complaint):
    write("file")
    assert "cannot be written" in complaint(write_baseline, root / "file" / "b.json", report)
