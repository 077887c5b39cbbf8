"""Scoring JUnit files, beside parsing the same files with the standard library alone."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from benchmarks.measure import pairs
from mlscore.collect.cases import Case, SuiteFacts, to_property, to_suite_property
from mlscore.core.evidence import Outcome
from mlscore.core.placement import Placement

ITEMS = tuple(f"{section}-{n}" for section in ("data", "model", "infra", "monitor") for n in range(1, 8))
LIMIT = 2.0
PARSE = "import sys, xml.etree.ElementTree as E\nfor name in sys.argv[1:]: E.parse(name)"
MODULES = ("features.test_delay", "features.test_weather", "model.test_training", "serving.test_api")
TESTS = ("mean_of_the_last_hours", "rejects_missing_values", "keeps_the_order_of_rows", "predicts_within_bounds")
TRACEBACK = """tmp_path = PosixPath('/tmp/pytest-of-runner/pytest-0/test_keeps_the_order_of_rows0')
frame = {'origin': ['EWR', 'JFK', 'LGA'], 'delay': [3.0, -1.5, 12.25], 'distance': [1400, 1089, 2475]}

    def test_keeps_the_order_of_rows(tmp_path, frame):
        written = write(frame, tmp_path / "frame.parquet")
        found = read(written)
>       assert found["delay"] == sorted(frame["delay"])
E       AssertionError: assert [3.0, -1.5, 12.25] == [-1.5, 3.0, 12.25]
E
E         At index 0 diff: 3.0 != -1.5
E         Use -v to get more diff

tests/features/test_delay.py:48: AssertionError"""


def run(quick: bool) -> dict[str, object]:
    """Whole processes in pairs: `mlscore score --junit` of all files, and `ElementTree.parse` of each."""
    files, cases, count = (4, 500, 2) if quick else (20, 5_000, 15)
    mlscore = str(Path(sys.executable).with_name("mlscore"))
    rows = []
    for plugin, what in ((True, "written by `pytest --mlscore`"), (False, "written by plain `pytest`")):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "pyproject.toml").write_text('[project]\nname = "jobs"\n', encoding="utf-8")
            names = [f"job{n}.xml" for n in range(files)]
            for number, file in enumerate(names):
                (folder / file).write_text(junit(number, cases, plugin=plugin), encoding="utf-8")
            ours = [mlscore, "score", *(part for file in names for part in ("--junit", file))]
            pair = pairs(ours, [sys.executable, "-c", PARSE, *names], count=count, cwd=folder)
        rows.append(
            {
                "what": f"`mlscore score --junit` / parsing alone, {files} files, {files * cases:,} cases, {what}",
                "figure": round(pair.ratio, 2),
                "unit": "×",
                "limit": LIMIT,
                "met": pair.ratio <= LIMIT,
                "detail": f"{pair.ours * 1000:.0f} ms beside {pair.theirs * 1000:.0f} ms, {pair.pairs} pairs",
            }
        )
    return {"rows": rows}


def junit(job: int, cases: int, *, plugin: bool) -> str:
    """One job's file as pytest writes it: one test in a hundred fails, and each item has a marked test."""
    facts = SuiteFacts(tests=cases)
    suite = f'<properties><property name="mlscore" value={quoteattr(to_suite_property(facts))} /></properties>'
    body = "".join(_case(job, number, plugin=plugin) for number in range(cases))
    return (
        '<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" '
        f'failures="{cases // 100}" skipped="0" tests="{cases}" time="12.345" timestamp="2026-05-01T12:00:00+00:00" '
        f'hostname="runner">{suite if plugin else ""}{body}</testsuite></testsuites>'
    )


def _case(job: int, number: int, *, plugin: bool) -> str:
    """Fifty files of a hundred tests each, parametrised as tests are."""
    file = f"tests/{MODULES[number // 100 % 4].replace('.', '/')}_{job}_{number // 100}"
    name = f"test_{TESTS[number // 25 % 4]}[{number % 25}-True]"
    inside = ""
    if plugin and number % 100 == 0 and number // 100 < len(ITEMS):
        case = Case(
            nodeid=f"{file}.py::{name}",
            path=f"{file}.py",
            line=3 * number + 1,
            qualname=name.partition("[")[0],
            outcome=Outcome.PASSED,
            placement=Placement((ITEMS[number // 100],), why='marker "mlscore"'),
            markers=("parametrize", "mlscore"),
            at="2026-05-01T12:00:00Z",
        )
        inside = f'<properties><property name="mlscore" value={quoteattr(to_property(case))} /></properties>'
    elif number % 100 == 99:
        message = "AssertionError: assert [3.0, -1.5, 12.25] == [-1.5, 3.0, 12.25]"
        inside = f'<failure message="{message}">{escape(TRACEBACK)}</failure>'
    head = f'<testcase classname="{file.replace("/", ".")}" name="{name}" time="0.001"'
    return f"{head}>{inside}</testcase>" if inside else f"{head} />"
