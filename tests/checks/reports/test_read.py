"""Reports that are nearly right: parts replaced or taken out end in a report or in one sentence, never in a traceback."""

from __future__ import annotations

import copy
import json
import random

import pytest

from mlscore.checks.reports.read import read_report
from mlscore.errors import InputError

FILES = [
    "deepchecks-0.19.1/suite.json",
    "evidently-0.4.40/suite.json",
    "evidently-0.4.40/report.json",
    "evidently-0.7.23/tests.json",
    "great_expectations-0.18.22/checkpoint.json",
    "great_expectations-1.24.1/validation.json",
    "great_expectations-1.24.1/checkpoint.json",
    "fairlearn-0.15.0/summary.json",
    "fairlearn-0.15.0/by-two-split.json",
    "scikit-learn-1.9.1/classification-report.json",
    "pytest-benchmark-5.3.1/benchmark.json",
    "coverage-7.17.3/coverage.json",
]
OTHERS = (None, True, 3, "x", [], {}, [None], {"a": None}, [[]])


def places(data, path=()):
    """The path of every part of a JSON value."""
    yield path
    if isinstance(data, dict):
        for key in data:
            yield from places(data[key], (*path, key))
    elif isinstance(data, list):
        for index, one in enumerate(data):
            yield from places(one, (*path, index))


def replaced(data, path, value):
    data = copy.deepcopy(data)
    if not path:
        return value
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return data


@pytest.mark.parametrize("file", FILES)
def test_a_part_that_is_something_else(samples, tmp_path, file):
    data = json.loads((samples / file).read_text(encoding="utf-8"))
    chance = random.Random(0)
    paths = list(places(data))
    path = tmp_path / "changed.json"
    refused = []
    for where in chance.sample(paths, min(25, len(paths))):
        path.write_text(json.dumps(replaced(data, where, chance.choice(OTHERS))), encoding="utf-8")
        try:
            read_report(path)
        except InputError as error:
            refused.append(str(error))
    assert len(refused) < 25
    assert all("\n" not in one for one in refused)


@pytest.mark.parametrize("file", FILES)
def test_every_cut_is_said(samples, tmp_path, file):
    text = (samples / file).read_text(encoding="utf-8").rstrip()
    path = tmp_path / "cut.json"
    for share in (0.1, 0.5, 0.9):
        path.write_text(text[: int(len(text) * share)], encoding="utf-8")
        with pytest.raises(InputError, match="not valid JSON"):
            read_report(path)


def test_a_part_that_is_missing_says_what_was_tried(read, samples):
    data = json.loads((samples / "evidently-0.4.40" / "suite.json").read_text(encoding="utf-8"))
    del data["tests"][0]["name"]
    with pytest.raises(
        InputError,
        match=r"it looks like a report of Evidently, but a part is not what it should be \(KeyError: 'name'\); "
        r"write it by Evidently 0.4.40 or 0.6.7 or 0.7.23",
    ):
        read(data)


@pytest.mark.parametrize(
    ("version", "untried"),
    [
        ("1.99.0", None),
        ("2.0.0", "Great Expectations 0.18.22 or 1.24.1"),
        ("0.15.0", None),
        ("develop", None),
    ],
)
def test_a_later_release_is_noted(read, samples, version, untried):
    text = (samples / "great_expectations-1.24.1" / "validation.json").read_text(encoding="utf-8")
    assert read(text.replace('"1.24.1"', f'"{version}"')).untried == untried


def test_before_1_0_a_minor_release_may_change_the_form(read, samples):
    text = (samples / "evidently-0.6.7" / "suite.json").read_text(encoding="utf-8")
    assert read(text.replace('"0.6.7"', '"0.9.0"')).untried == "Evidently 0.4.40 or 0.6.7 or 0.7.23"
