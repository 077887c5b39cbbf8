"""Precision and recall on the labelled corpus, and an honest list of what the analysis gets wrong there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.mlscore("honesty-1")

MEASURE = Path(__file__).parents[3] / "benchmarks" / "hollow.py"
# Each with the reason why it is missed. All of them keep their points as "weak".
KNOWN_MISSES = {
    "tests/held_out.py::test_latency_report": "it calls an object of a class that is not in the project",
    "tests/held_out.py::test_report_written_or_not": "a bare call into a module that is not in the project may check",
    "tests/mimics.py::test_patched_by_name": "what the patch answers comes from a file, so the answer may matter",
    "tests/held_out_3/data.py::test_head_is_short": "`head` may be a method of the project",
    "tests/held_out_3/training.py::test_best_feature_has_a_place": "`argmax` of a series that is all NaN has been -1",
}
# Sound tests that are said to be weak. They keep their points.
KNOWN_DOUBTS = {
    "tests/held_out_3/honest.py::test_by_name": "the helper is looked up in `globals()` by a parameter",
}
KNOWN_FALSE_ACCUSATIONS: dict[str, str] = {}


@pytest.fixture(scope="module")
def measure():
    """The module that measures, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("measure_hollow", MEASURE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def results(measure):
    return measure.judged()


def part(results, held_out: bool):
    return [pair for pair in results if ("held_out" in pair[0].path) is held_out]


def test_corpus_is_large_and_mixed(results):
    labels = [case.label for case, _ in part(results, held_out=False)]
    assert len(labels) >= 170
    assert labels.count("ok") >= 80
    assert labels.count("hollow") >= 80
    assert len(part(results, held_out=True)) >= 40
    assert len({case.id for case, _ in results}) == len(results)


@pytest.mark.parametrize("held_out", [False, True])
def test_precision_and_recall(measure, results, held_out):
    figures = measure.figures(part(results, held_out))
    assert figures["precision"] >= 0.98
    assert figures["recall"] >= 0.90


def test_nobody_is_accused_who_is_not_listed(measure, results):
    assert set(measure.figures(results)["false_accusations"]) == set(KNOWN_FALSE_ACCUSATIONS)


def test_misses_are_the_listed_ones(measure, results):
    assert set(measure.figures(results)["missed"]) == set(KNOWN_MISSES)


def test_misses_are_reported_as_weak(results):
    verdicts = {case.id: finding for case, finding in results}
    assert {verdicts[name].verdict for name in KNOWN_MISSES} == {"weak"}


def test_sound_tests_are_left_in_peace(results):
    doubted = {case.id: finding.verdict for case, finding in results if case.label == "ok" and finding is not None}
    assert doubted == dict.fromkeys(KNOWN_DOUBTS, "weak")


def test_doubtful_tests_are_weak(results):
    doubtful = [finding for case, finding in results if case.label == "weak"]
    assert len(doubtful) >= 15
    assert all(finding is not None and finding.verdict == "weak" for finding in doubtful)


def test_reasons_are_the_reviewers(results):
    wrong = [
        (case.id, case.reason, finding.reason)
        for case, finding in results
        if finding is not None and finding.verdict == "hollow" and case.reason not in {None, finding.reason}
    ]
    assert len(wrong) / len(results) < 0.02, wrong


def test_findings_point_into_the_project(measure, results):
    for case, finding in results:
        if finding is not None:
            text = (measure.CORPUS / finding.location.path).read_text(encoding="utf-8")
            assert 1 <= finding.location.line <= text.count("\n") + 1, case.id
            assert finding.message
            assert "\n" not in finding.message


def test_figures_tell_false_accusations_and_misses(measure):
    finding = measure.Finding("hollow", "no-assertion", "nothing", None)
    cases = [
        (measure.Labelled("a.py", "test_a", "hollow", None), finding),
        (measure.Labelled("a.py", "test_b", "hollow", None), None),
        (measure.Labelled("a.py", "test_c", "ok", None), finding),
        (measure.Labelled("a.py", "test_d", "ok", None), None),
    ]
    assert measure.figures(cases) == {
        "cases": 4,
        "precision": 0.5,
        "recall": 0.5,
        "false_accusations": ["a.py::test_c"],
        "missed": ["a.py::test_b"],
    }


def test_run_reports_rows_for_the_table(measure):
    result = measure.run(quick=True)
    assert result["cases"] >= 210
    assert [row["met"] for row in result["rows"]][:2] == [True, True]
    assert all({"what", "figure", "unit", "limit", "met", "detail"} <= set(row) for row in result["rows"])
