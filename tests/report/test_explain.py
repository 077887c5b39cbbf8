"""An item explained: every text of the rubric, the points of its levels, and where it stands."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mlscore.project.rubrics import load_rubric
from mlscore.report.explain import render_explain


def explained(make, item="monitor-3", result=None, **options):
    rubric = make.rubric()
    entry = rubric.item(item)
    return render_explain(entry, rubric.section(entry.section).title, rubric, result, **options)


def test_explained(make, snapshot):
    assert explained(make) == snapshot


@pytest.mark.parametrize("item", ["monitor-3", "data-5", "data-4"])
def test_explained_with_its_standing(make, reports, item, snapshot):
    assert explained(make, item, reports["failing"].item(item), width=60) == snapshot


def test_colors_are_only_added(make, reports):
    colored = explained(make, result=reports["failing"].item("monitor-3"), color=True)
    assert "\x1b[1mmonitor-3: Training and serving compute the same\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9]m", "", colored) == explained(make, result=reports["failing"].item("monitor-3"))


def test_the_points_are_the_rubrics(make):
    rubric = make.ladder()
    levels = tuple(replace(level, points=level.points / 3) for level in rubric.levels)
    text = render_explain(rubric.items[0], "Stage", replace(rubric, levels=levels))
    assert "What earns 1/6 (manual)" in text
    assert "What earns 1/3 (automated)" in text


def test_what_a_rubric_leaves_out_has_no_heading(make):
    rubric = make.rubric()
    bare = replace(rubric.items[0], why="", how=(), pitfall="", references=(), recipe="")
    text = render_explain(bare, "Data", rubric)
    for heading in ("Why it matters", "How to do it", "fools", "A test to start from", "References", "Where it stands"):
        assert heading not in text


def test_hostile_text_is_neutralised_and_code_keeps_its_spaces(make):
    rubric = make.rubric()
    evil = replace(rubric.items[0], title="a\x1b[2Jb\u202ec", recipe="def test():\n\tx = 1    # one\x1b[0m\x07\n")
    text = render_explain(evil, "Data\r", rubric)
    assert "data-1: ab\\u202ec\n" in text
    assert "    def test():\n        x = 1    # one\\x07\n" in text
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["ml-test-score", "ml-test-score-2016"])
def test_every_item_of_our_rubrics_fits_its_width(name):
    rubric = load_rubric(name, root=Path())
    for item in rubric.items:
        for width in (10, 60, 100):
            text = render_explain(item, rubric.section(item.section).title, rubric, width=width)
            prose = "".join(re.split(r"A test to start from\n(?:    .*\n|\n(?=    ))*", text))
            assert all(len(line) <= max(width, 30) or " " not in line.strip(" -") for line in prose.splitlines())
            assert item.question.split()[-1] in text


def test_explaining_imports_nothing_heavy():
    code = "import sys, mlscore.report.explain; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"rich", "tomlkit", "yaml", "json", "hashlib", "click", "pytest", "defusedxml"} & set(
        done.stdout.split()
    )
