"""Reading reports back from JSON, and every way such a file can be wrong."""

import json

import pytest

from mlscore.core.baseline import baseline_of
from mlscore.core.codec import dumps
from mlscore.project.reports import read_report


def test_what_was_written_is_read(write, report):
    assert read_report(write("r.json", dumps(report))) == report
    assert read_report(write("r.json", "\ufeff" + dumps(report).replace("\n", "\r\n"))) == report


def test_keys_of_a_later_version_of_the_same_schema_are_ignored(write, report):
    data = json.loads(dumps(report)) | {"colour": "red"}
    assert read_report(write("r.json", json.dumps(data))) == report


WRONG = {
    "empty": lambda report: "",
    "truncated": lambda report: dumps(report)[:30],
    "not UTF-8": lambda report: b"\xe9",
    "newer": lambda report: dumps(report).replace("mlscore-report/1", "mlscore-report/2"),
    "newer of another shape": lambda report: '{"schema": "mlscore-report/3", "items": 7}',
    "a baseline": lambda report: dumps(baseline_of(report)),
    "not ours": lambda report: '{"version": "2.1.0", "runs": []}',
    "not an object": lambda report: "3",
    "a part missing": lambda report: '{"schema": "mlscore-report/1"}',
    "a word where a number should be": lambda report: dumps(report).replace('"tests": 1', '"tests": "one"'),
    "not a number": lambda report: dumps(report).replace('"tests": 1', '"tests": NaN'),
    "nested too deeply": lambda report: "[" * 100_000,
    "XML": lambda report: "<testsuite/>",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_report_gets_one_sentence(write, report, complaint, snapshot, name):
    sentence = complaint(read_report, write("r.json", WRONG[name](report)))
    assert sentence.startswith("exit 2: TMP/")
    assert sentence == snapshot


def test_a_report_that_is_no_file(root, complaint):
    assert "a folder, where a file is wanted" in complaint(read_report, root)
    assert "there is no such file" in complaint(read_report, root / "gone.json")
