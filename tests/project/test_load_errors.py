"""Every way to get the configuration wrong: one clear sentence each, kept as a snapshot, and exit code 2."""

import pytest

pytestmark = pytest.mark.mlscore("input-1")

ATTESTATION = """\
[[attestation]]
item = "monitor-4"
owner = "team-data"
date = 2026-10-01
what = "looked at the age of every stage"
link = "mlscore.toml"
"""
WAIVER = """\
[[waiver]]
item = "infra-6"
reason = "planned"
note = "comes with the new server"
author = "ml-platform"
date = 2026-10-01
"""

# Each is the text of mlscore.toml.
WRONG = {
    # keys
    "misspelt key": 'name = "x"\nfail-undr = 2\n',
    "key with an underscore": "fail_under = 2\n",
    "unknown key": "colour = true\n",
    "misspelt key in gate": '\n[gate]\npartail = "skip"\n',
    "unknown key in gate": '[gate]\ncolour = "red"\n',
    "misspelt key in conventions": '[conventions]\nmarker = ["ml_test"]\n',
    "misspelt key in an attestation": ATTESTATION.replace("owner", "onwer"),
    "misspelt key in a waiver": WAIVER.replace("author", "autor"),
    "misspelt key in an answer": '[[answer]]\ntset = "a"\nreason = "b"\n',
    "misspelt table": "[gates]\n",
    "misspelt key of a must-have": '[gate]\nmust-have = ["data-1", {itm = "data-2"}]\n',
    "top key in gate": "[gate]\nfail-under = 2\n",
    "profile in gate": '[gate]\nprofile = "poc"\n',
    "gate key at the top": "ratchet = true\n",
    "convention at the top": 'markers = ["ml_test"]\n',
    "key of an attestation at the top": 'owner = "team-data"\n',
    "tool.mlscore in mlscore.toml": '[tool.mlscore]\nname = "x"\n',
    # types
    "text for a number": 'fail-under = "two"\n',
    "number in quotes": 'profile = "poc"\nfail-under = "2"\n',
    "floor in quotes": '[gate.floors]\ndata = ".5"\n',
    "bool for a number": "fail-under = true\n",
    "list for a number": "fail-under = [2]\n",
    "word for a flag": 'strict = "yes"\n',
    "number for a flag": "strict = 1\n",
    "number for a text": "name = 3\n",
    "empty text": 'name = " "\n',
    "text with a null character": 'attestations = "a\\u0000b"\n',
    "text for a list": 'pytest = "-n 2"\n',
    "number in a list": 'pytest = ["-n", 2]\n',
    "number for a text or a list": "junit = 3\n",
    "value for a table": "gate = 3\n",
    "table for an array of tables": '[attestation]\nitem = "data-1"\n',
    "text in an array of tables": 'waiver = ["infra-6"]\n',
    "floors as a list": '[gate]\nfloors = ["data"]\n',
    "must-have as a text": '[gate]\nmust-have = "data-1"\n',
    "must-have as numbers": "[gate]\nmust-have = [1]\n",
    "must-have without an item": '[gate]\nmust-have = [{level = "manual"}]\n',
    "prefixes as a list": '[conventions]\nprefixes = ["FD", "data"]\n',
    "docstrings as a text": '[conventions]\ndocstrings = "true"\n',
    # choices
    "unknown profile": 'profile = "prod"\n',
    "unknown serving": 'serving = "bacth"\n',
    "serving of another type": "serving = 3\n",
    "unknown on": '[gate]\non = "practiced"\n',
    "unknown partial": '[gate]\npartial = "ignore"\n',
    "unknown level of a must-have": '[gate]\nmust-have = [{item = "data-1", level = "automatic"}]\n',
    "unknown reason of a waiver": WAIVER.replace("planned", "no time"),
    "unknown report": 'report = [\n  "terminal",\n  "jsn:a.json",\n]\n',
    "report without a type we know": 'report = "html"\n',
    "report without its file": 'report = ["json:"]\n',
    # ids
    "unknown item of a must-have": '[gate]\nmust-have = [\n  "data-1",\n  "data-11",\n]\n',
    "item of a must-have twice": '[gate]\nmust-have = ["data-1", "data-1"]\n',
    "item of a must-have is no text": "[gate]\nmust-have = [{item = 1}]\n",
    "unknown item of an attestation": ATTESTATION.replace("monitor-4", "Monitor4"),
    "unknown item of a waiver": WAIVER.replace("infra-6", "serving-1"),
    "section for an item of a must-have": '[gate]\nmust-have = ["data"]\n',
    "section for an item of an attestation": ATTESTATION.replace("monitor-4", "monitor"),
    "unknown section of a floor": "[gate]\nfloors = {data = 1, infrastructure = 2}\n",
    "unknown target of a prefix": '[conventions]\nprefixes = {FD = "dat"}\n',
    "prefix without a text": "[conventions]\nprefixes = {FD = 1}\n",
    "marker line that cannot be read": '[conventions]\nmarkers = [\n  "ml_test",\n  "model_{m}",\n]\n',
    "marker line of an unknown item": '[conventions]\nmarkers = ["smoke=data-9"]\n',
    # numbers
    "fail-under above the maximum": "fail-under = 8\n",
    "fail-under just above the maximum": "fail-under = 7.0000000000000000000001\n",
    "fail-under below 0": "fail-under = -1\n",
    "fail-under nan": "fail-under = nan\n",
    "fail-under infinite": "fail-under = -inf\n",
    "fail-under beyond arithmetic": "fail-under = 1e999999999\n",
    "fail-under of many digits": "fail-under = " + "9" * 100 + "\n",
    "fail-under divided by 0": 'fail-under = "1/0"\n',
    "floor above the maximum": "[gate]\nfloors.data = 7.5\n",
    "floor no number": '[gate.floors]\ndata = "x"\n',
    # people's statements
    "attestation without an owner": ATTESTATION.replace('owner = "team-data"\n', ""),
    "attestation with an empty owner": ATTESTATION.replace('"team-data"', '""'),
    "waiver without a note": WAIVER.replace('note = "comes with the new server"\n', ""),
    "answer without a reason": '[[answer]]\ntest = "tests/test_a.py::test_a"\n',
    "answer with an empty reason": '[[answer]]\ntest = "tests/test_a.py::test_a"\nreason = ""\n',
    "attestation of the day after tomorrow": ATTESTATION.replace("2026-10-01", "2026-11-23"),
    "waiver of the day after tomorrow": WAIVER.replace("2026-10-01", "2026-11-23"),
    "expiry before the date": ATTESTATION + "expires = 2026-09-30\n",
    "expiry after more than 365 days": ATTESTATION + "expires = 2027-10-02\n",
    "waiver for more than 365 days": WAIVER + "expires = 2028-01-01\n",
    "date with a time": ATTESTATION.replace("2026-10-01", "2026-10-01T12:00:00Z"),
    "date that the calendar lacks": ATTESTATION.replace("2026-10-01", '"2026-02-30"'),
    "date in another order": ATTESTATION.replace("2026-10-01", '"01.10.2026"'),
    "date as a number": ATTESTATION.replace("2026-10-01", "20261001"),
    "expiry no date": ATTESTATION + 'expires = "never"\n',
    "link to the whole project": ATTESTATION.replace("mlscore.toml", "."),
    "link that leaves the project": ATTESTATION.replace("mlscore.toml", "../elsewhere/report.md"),
    "link by an absolute path": ATTESTATION.replace("mlscore.toml", "/etc/hostname"),
    "link of another scheme": ATTESTATION.replace("mlscore.toml", "file:///etc/hostname"),
    "link without a host": ATTESTATION.replace("mlscore.toml", "https://"),
    "attestations file that is missing": 'attestations = ["docs/attested.toml"]\n',
    "attestations file outside the project": 'attestations = "../attested.toml"\n',
    "attestations file that is a folder": 'attestations = "."\n',
    # other files
    "unknown rubric": 'rubric = "ml-test-scores"\n',
    "rubric file that is missing": 'rubric = "rubrics/own.toml"\n',
    "rubric no text": "rubric = 2016\n",
    # the file itself
    "empty file": "",
    "blank file": " \n\n",
    "not UTF-8": 'name = "x"\nserving = "b\xe4tch"\n'.encode("latin-1"),
    "UTF-16": 'name = "x"\n'.encode("utf-16"),
    "truncated table": 'name = "x"\n[gate\n',
    "truncated text": 'name = "x"\nserving = "ba',
    "truncated list": 'name = "x"\n[gate]\nmust-have = ["data-1",\n',
    "not TOML": "name: x\n",
    "key twice": 'name = "x"\nname = "y"\n',
    "null character": 'name = "x\0"\n',
    "number of thousands of digits": "fail-under = 1" + "0" * 5000 + "\n",
    "nested too deeply": "name = " + "[" * 5000 + "]" * 5000 + "\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_configuration_gets_one_sentence(name, write, load, complaint, snapshot):
    write("mlscore.toml", WRONG[name])
    sentence = complaint(load)
    assert sentence.startswith("exit 2: ")
    assert "\n" not in sentence
    assert sentence == snapshot


WRONG_IN_PYPROJECT = {
    "misspelt key": '[project]\nname = "x"\n\n[tool.mlscore]\nfail-undr = 2\n',
    "top key in gate": "[tool.mlscore.gate]\nfail-under = 2\n",
    "attestation key at the top": '[tool.mlscore]\nowner = "team-data"\n',
    "attestation without an item": '[tool.mlscore]\n[[tool.mlscore.attestation]]\nowner = "team-data"\n',
    "not a table": "[tool]\nmlscore = true\n",
    "truncated before our table": '[project]\nname = "x\n',
    "not UTF-8": b'[project]\nname = "\xff"\n',
}


@pytest.mark.parametrize("name", WRONG_IN_PYPROJECT)
def test_pyproject_is_held_to_the_same(name, write, load, complaint, snapshot):
    write("pyproject.toml", WRONG_IN_PYPROJECT[name])
    assert complaint(load) == snapshot


WRONG_ATTESTATIONS = {
    "empty": "",
    "truncated": '[[attestation]]\nitem = "moni',
    "not UTF-8": b"# \xe9\n",
    "misspelt table": '[[atestation]]\nitem = "data-1"\n',
    "key of the configuration": "fail-under = 2\n",
    "answer": '[[answer]]\ntest = "a"\nreason = "b"\n',
    "stranger": "colour = 1\n",
    "unknown item": ATTESTATION.replace("monitor-4", "data-9"),
}


@pytest.mark.parametrize("name", WRONG_ATTESTATIONS)
def test_a_file_of_attestations_is_held_to_the_same(name, write, load, complaint, snapshot):
    write("mlscore.toml", "strict = true\n")
    write("mlscore.attestations.toml", WRONG_ATTESTATIONS[name])
    assert complaint(load) == snapshot


WRONG_OPTIONS = {
    "abc": {"fail-under": "abc"},
    "-1": {"fail-under": "-1"},
    "8": {"fail-under": "8"},
    "nan": {"fail-under": "nan"},
    "inf": {"fail-under": float("inf")},
    "empty": {"fail-under": ""},
    "1/0": {"fail-under": "1/0"},
    "unknown profile": {"profile": "prod"},
    "unknown rubric": {"rubric": "ml-test-scores"},
    "strict": {"strict": "perhaps"},
    "must-have": {"gate.must-have": ["data-9"]},
    "floors": {"gate.floors": {"data": 9}},
}


@pytest.mark.parametrize("name", WRONG_OPTIONS)
def test_a_wrong_option_is_named(name, load, complaint, snapshot):
    assert complaint(load, **WRONG_OPTIONS[name]) == snapshot


WRONG_VARIABLES = {
    "fail-under": {"MLSCORE_FAIL_UNDER": "abc"},
    "profile": {"MLSCORE_PROFILE": "stagin"},
    "strict": {"MLSCORE_STRICT": "maybe"},
    "misspelt": {"MLSCORE_FAIL_UNDR": "2"},
}


@pytest.mark.parametrize("name", WRONG_VARIABLES)
def test_a_wrong_variable_is_named(name, load, complaint, snapshot):
    assert complaint(load, environ=WRONG_VARIABLES[name]) == snapshot


def test_two_configurations_at_once(write, load, complaint, snapshot):
    write("mlscore.toml", 'name = "x"\n')
    write("pyproject.toml", '[project]\nname = "x"\n[tool.mlscore]\nname = "x"\n')
    assert complaint(load) == snapshot


def test_a_configuration_that_is_a_folder(root, load, complaint, snapshot):
    (root / "mlscore.toml").mkdir()
    assert complaint(load) == snapshot


def test_links_that_go_in_a_circle(root, load, complaint, snapshot):
    (root / "one").symlink_to(root / "two")
    (root / "two").symlink_to(root / "one")
    (root / "mlscore.toml").symlink_to(root / "one")
    assert [complaint(load), complaint(load, root / "one")] == snapshot


def test_a_configuration_that_links_nowhere(root, load, complaint, snapshot):
    (root / "mlscore.toml").symlink_to(root / "gone")
    assert complaint(load) == snapshot


def test_files_that_may_not_be_read(write, load, complaint, snapshot, monkeypatch):
    from pathlib import Path

    write("mlscore.toml", 'name = "x"\nattestations = "people.toml"\n')
    write("people.toml", ATTESTATION)
    read = Path.read_bytes
    for forbidden in ("people.toml", "mlscore.toml"):

        def refuse(path, forbidden=forbidden):
            if path.name == forbidden:
                raise PermissionError(13, "Permission denied")
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", refuse)
        assert complaint(load) == snapshot(name=forbidden)


def test_a_clock_that_was_never_set_is_named_when_dates_seem_to_lie_in_the_future(write, load, complaint, snapshot):
    from datetime import date

    write("mlscore.toml", ATTESTATION)
    assert complaint(load, today=date(1970, 1, 1)) == snapshot


def test_a_wrong_value_is_reported_before_a_wrong_rubric_is_read(write, load, complaint):
    write("mlscore.toml", 'rubric = "own.toml"\nserving = "bath"\n')
    assert "serving" in complaint(load)
