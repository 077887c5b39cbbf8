"""`mlscore map`: the list as text and JSON, the proposals, and marks put into the files."""

import pytest

SUITE = """\
import pandas as pd
import pytest

from shop.features import bucket
from shop.config import settings


def test_bucket():
    assert bucket(3) == "small"


def test_settings():
    assert settings().port == 80


def test_schema():
    frame = pd.read_csv("orders.csv")
    assert frame["price"].between(0, 10).all()


@pytest.mark.mlscore("monitor-6")
def test_latency(timer):
    assert timer() < 1


@pytest.mark.ml_test("INF-1")
def test_again(runs):
    assert runs[0] == runs[1]


def test_nothing():
    assert True
"""


@pytest.fixture
def suite(write):
    write("pyproject.toml", '[project]\nname = "shop"\n')
    write("tests/unit/test_small.py", "def test_one():\n    assert 1 + 1 == 2\n")
    return write("tests/test_shop.py", SUITE)


def test_the_list_for_a_pipe(mlscore, suite, snapshot):
    done = mlscore("map")
    assert (done.code, done.err) == (0, "")
    assert done.out == snapshot


def test_the_list_for_a_terminal(mlscore, suite, snapshot, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    done = mlscore("map")
    assert done.code == 0
    assert "\x1b[" in done.out
    assert done.out == snapshot
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in mlscore("map").out


def test_json(mlscore, suite):
    done = mlscore("map", "--json")
    assert done.code == 0
    assert done.data["schema"] == "mlscore-map/1"
    tests = {test["id"]: test for test in done.data["tests"]}
    assert list(tests) == [
        "tests/test_shop.py::test_bucket",
        "tests/test_shop.py::test_settings",
        "tests/test_shop.py::test_schema",
        "tests/test_shop.py::test_latency",
        "tests/test_shop.py::test_again",
        "tests/test_shop.py::test_nothing",
        "tests/unit/test_small.py::test_one",
    ]
    for test in tests.values():
        assert {"id", "section", "item", "confidence", "why", "hollow", "hollow_why"} <= set(test)
        assert 0 <= test["confidence"] <= 1
    short = {name.rpartition("::")[2]: test for name, test in tests.items()}
    assert {name: test["item"] for name, test in short.items()} == {
        "test_bucket": "data-7",
        "test_settings": None,
        "test_schema": "data-1",
        "test_latency": "monitor-6",
        "test_again": "infra-1",
        "test_nothing": None,
        "test_one": None,
    }
    assert short["test_schema"]["section"] == "data"
    assert short["test_settings"]["section"] is None
    assert short["test_settings"]["hollow"] is None
    assert short["test_nothing"]["hollow"] == "hollow"
    assert short["test_nothing"]["hollow_why"]
    assert short["test_latency"]["placed"]
    assert done.data["proposal"] == {"markers": ["ml_test"], "docstrings": False, "tests": 1}


def test_json_into_a_file(mlscore, suite, project):
    done = mlscore("map", "--report", "json:out/map.json", "--report", "terminal")
    assert done.code == 0
    assert (project / "out/map.json").read_text(encoding="utf-8") == mlscore("map", "--json").out
    assert "tests/test_shop.py::test_bucket" in done.out


@pytest.mark.parametrize(("path", "count"), [("tests", 7), ("tests/unit", 1), ("tests/test_shop.py", 6), (".", 7)])
def test_path_limits_what_is_read_and_ids_stay_relative_to_the_root(mlscore, suite, path, count):
    tests = mlscore("map", path, "--json").data["tests"]
    assert len(tests) == count
    assert all(test["id"].startswith("tests/") for test in tests)


def test_a_folder_that_is_no_project_is_its_own_root(mlscore, write):
    write("deep/er/check/test_a.py", "def test_a(): assert f()\n")
    assert [t["id"] for t in mlscore("map", "deep/er", "--json").data["tests"]] == ["check/test_a.py::test_a"]


def test_configured_conventions_place(mlscore, suite, write):
    write("pyproject.toml", '[tool.mlscore.conventions]\nmarkers = ["ml_test"]\n')
    done = mlscore("map", "--json").data
    (test,) = [t for t in done["tests"] if t["id"].endswith("test_again")]
    assert (test["item"], test["placed"], test["confidence"]) == ("infra-1", True, 1.0)
    assert done["proposal"]["tests"] == 0


def test_the_proposal_names_the_table_of_the_projects_own_file(mlscore, suite, write):
    assert "[tool.mlscore.conventions]" in mlscore("map").out
    write("mlscore.toml", 'profile = "poc"\n')
    assert "    [conventions]\n" in mlscore("map").out


def test_files_that_cannot_be_read_and_marks_that_cannot_are_told(mlscore, suite, write):
    write("tests/test_old.py", "def test_a():\n    print 'x'\n")
    write("tests/test_typo.py", "import pytest\n@pytest.mark.mlscore('dta-1')\ndef test_a(): assert f()\n")
    done = mlscore("map")
    assert done.code == 0
    assert "tests/test_old.py:2: the tests of this file are not listed" in done.out
    assert 'tests/test_typo.py::test_a: @pytest.mark.mlscore("dta-1"): the rubric has no item "dta-1"' in done.out


def test_no_tests_at_all(mlscore, project):
    done = mlscore("map")
    assert done.code == 0
    assert "no tests found" in done.out
    assert mlscore("map", "--json").data["tests"] == []


def test_dry_run_shows_a_diff_and_changes_nothing(mlscore, suite, snapshot):
    before = suite.read_bytes()
    done = mlscore("map", "--dry-run", "--min-confidence", "0.75")
    assert done.code == 0
    assert suite.read_bytes() == before
    assert done.out == snapshot
    assert "nothing was written" in done.err
    assert mlscore("map", "--dry-run", "--write", "--min-confidence", "0.75").out == done.out
    assert suite.read_bytes() == before


def test_write_puts_marks_in_once(mlscore, suite):
    done = mlscore("map", "--write", "--min-confidence", "0.75")
    assert (done.code, done.out) == (0, "3 marks in 1 file put in\n")
    after = suite.read_text(encoding="utf-8")
    assert '@pytest.mark.mlscore("data-7")\ndef test_bucket' in after
    assert '@pytest.mark.mlscore("data-1")\ndef test_schema' in after
    assert '@pytest.mark.ml_test("INF-1")\n@pytest.mark.mlscore("infra-1")\ndef test_again' in after
    assert after.count("mlscore") == 4
    assert (
        after.replace('@pytest.mark.mlscore("data-7")\n', "")
        .replace('@pytest.mark.mlscore("data-1")\n', "")
        .replace('@pytest.mark.mlscore("infra-1")\n', "")
        == SUITE
    )
    again = mlscore("map", "--write", "--min-confidence", "0.75")
    assert again.out == "0 marks in 0 files put in\n"
    assert suite.read_text(encoding="utf-8") == after


def test_only_sure_suggestions_are_put_in(mlscore, suite):
    assert mlscore("map", "--write", "--min-confidence", "0.99").out == "0 marks in 0 files put in\n"
    assert suite.read_text(encoding="utf-8") == SUITE


def test_a_hollow_test_gets_no_mark(mlscore, write):
    source = (
        "from shop.features import bucket\ndef test_bucket():\n"
        "    try:\n        assert bucket(3) == 's'\n    except Exception:\n        pass\n"
    )
    file = write("tests/test_a.py", source)
    (test,) = mlscore("map", "--json").data["tests"]
    assert (test["item"], test["hollow"]) == ("data-7", "hollow")
    assert mlscore("map", "--write").out == "0 marks in 0 files put in\n"
    assert file.read_text(encoding="utf-8") == source


def test_crlf_and_byte_order_mark_survive(mlscore, project):
    file = project / "test_a.py"
    file.write_bytes(
        b"\xef\xbb\xbffrom shop.features import bucket\r\n\r\ndef test_a():\r\n\tassert bucket(3) == 's'\r\n"
    )
    assert mlscore("map", "--write").out == "1 mark in 1 file put in\n"
    assert file.read_bytes() == (
        b"\xef\xbb\xbfimport pytest\r\nfrom shop.features import bucket\r\n\r\n"
        b"@pytest.mark.mlscore(\"data-7\")\r\ndef test_a():\r\n\tassert bucket(3) == 's'\r\n"
    )


AWKWARD = (
    b"# -*- coding: latin-1 -*-\r\n"
    b'"""Pruebas del ni\xf1o."""\r\n'
    b"from __future__ import annotations\r\n"
    b"\r\n"
    b"from shop.features import bucket\r\n"
    b"\r\n"
    b"class TestBucket:\r\n"
    b"\t@staticmethod\r\n"
    b"\tdef test_small() -> None:\r\n"
    b"\t\tassert bucket(3) == 'peque\xf1o'\r\n"
    b"\tasync def test_large(self) -> None:\r\n"
    b"\t\tassert bucket(9) == 'large'   \r\n"
)


def test_write_keeps_an_awkward_file_and_a_second_time_changes_nothing(mlscore, project):
    file = project / "test_a.py"
    file.write_bytes(AWKWARD)
    assert mlscore("map", "--write").out == "2 marks in 1 file put in\n"
    once = file.read_bytes()
    mark = b'\t@pytest.mark.mlscore("data-7")\r\n'
    expected = AWKWARD.replace(b"from shop", b"import pytest\r\nfrom shop")
    expected = expected.replace(b"\tdef test_small", mark + b"\tdef test_small").replace(b"\tasync", mark + b"\tasync")
    assert once == expected
    assert mlscore("map", "--write").out == "0 marks in 0 files put in\n"
    assert file.read_bytes() == once


def test_tests_that_a_pytestmark_of_ours_marks_get_no_second_mark(mlscore, write):
    source = (
        "import pytest\nfrom shop.features import bucket\npytestmark = pytest.mark.mlscore('data-7')\n"
        "def test_a(): assert bucket(3) == 's'\n"
    )
    file = write("tests/test_a.py", source)
    assert mlscore("map", "--write").out == "0 marks in 0 files put in\n"
    assert file.read_text(encoding="utf-8") == source


def test_an_interrupted_write_leaves_whole_files(mlscore, suite, project, monkeypatch):
    import os

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    assert mlscore("map", "--write", "--min-confidence", "0.75").code == 130
    assert suite.read_text(encoding="utf-8") == SUITE
    assert sorted(p.name for p in (project / "tests").iterdir()) == ["test_shop.py", "unit"]


@pytest.mark.parametrize("path", ["tests/test_bad.py", "tests", "."])
def test_a_file_that_python_cannot_parse_is_no_absence_of_tests(mlscore, write, path):
    source = "from shop.features import bucket\ndef test_a(:\n    assert bucket(3) == 's'\n"
    write("pyproject.toml", '[project]\nname = "shop"\n')
    file = write("tests/test_bad.py", source)
    done = mlscore("map", path)
    assert done.code == 0
    assert "tests/test_bad.py:2: the tests of this file are not listed: Python cannot parse it" in done.out
    assert "no tests listed: 1 file cannot be read, see above" in done.out
    assert "no tests found" not in done.out
    (told,) = mlscore("map", path, "--json").data["diagnostics"]
    assert (told["code"], told["location"]) == ("test-file-unreadable", {"path": "tests/test_bad.py", "line": 2})
    written = mlscore("map", path, "--write")
    assert (written.code, written.out) == (0, "0 marks in 0 files put in\n")
    assert "tests/test_bad.py:2: the tests of this file are not listed" in written.err
    assert file.read_text(encoding="utf-8") == source


def test_the_count_tells_of_files_that_were_not_read(mlscore, suite, write):
    write("tests/test_bad.py", "def test_a(:\n")
    assert "7 tests: 1 marked" in mlscore("map").out
    assert "; 1 file not read" in mlscore("map").out


def test_a_file_that_cannot_be_written_is_an_error(mlscore, suite, monkeypatch):
    from mlscore.errors import OutputError

    def refuse(path, data):
        raise OutputError("the file is read-only", where=str(path), hint="make it writable")

    monkeypatch.setattr("mlscore.project.write.write_atomically", refuse)
    done = mlscore("map", "--write")
    assert done.code == 2
    assert "test_shop.py: the file is read-only; make it writable" in done.err
    assert suite.read_text(encoding="utf-8") == SUITE


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("nowhere",), "there is no such file or folder"),
        (("--json", "--report", "json"), "--json and --report do not go together"),
        (("--write", "--json"), "a report and a change of the files do not go together"),
        (("--min-confidence", "2"), "should be a number from 0 to 1, not 2.0"),
        (("--report", "badge"), 'this result has no form "badge"'),
    ],
)
def test_wrong_calls(mlscore, suite, args, sentence):
    done = mlscore("map", *args)
    assert done.code == 2
    assert sentence in done.err


def test_nothing_is_executed(mlscore, write, project):
    write("conftest.py", "raise SystemExit('ran')\n")
    write("test_a.py", "open('witness', 'w')\ndef test_a(): assert f()\n")
    assert mlscore("map").code == 0
    assert not (project / "witness").exists()
