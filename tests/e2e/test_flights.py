"""The flights example's kept report, with which `make compare` compares its score, and the README's picture of it."""

from pathlib import Path

import pytest

from mlscore.project.reports import read_report
from mlscore.report.picture import render_svg

ROOT = Path(__file__).parents[2]
EXPECTED = ROOT / "examples" / "flights" / "expected-report.json"


@pytest.fixture(scope="module")
def expected():
    return read_report(EXPECTED)


def test_the_example_has_items_at_all_three_levels_in_a_believable_picture(expected):
    assert {item.level for item in expected.items} == {"none", "manual", "automated"}
    assert 0 < expected.score.verified < expected.score.possible
    assert len(expected.score.sections) == 4
    assert expected.run.errors == ()
    assert expected.run.partial == ()


def test_nothing_of_the_example_is_hollow_or_expired(expected):
    assert {item.verdict for item in expected.items} <= {"verified", "no evidence"}


def test_the_picture_in_the_readme_is_current(expected):
    picture = ROOT / "docs" / "images" / "report.svg"
    assert picture.read_text(encoding="utf-8") == render_svg(expected)
    assert "docs/images/report.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
