"""The shipped rubrics: 28 items with every text, both scales with every boundary, recipes that are tests."""

import ast
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from mlscore.core.rubric import Scoring
from mlscore.project.rubrics import load_rubric, rubric_folder, shipped_rubrics

RUBRIC = load_rubric("ml-test-score", root=Path())
WORKSHOP = load_rubric("ml-test-score-2016", root=Path())
SECTIONS = ("data", "model", "infra", "monitor")
TEXTS = ("title", "question", "why", "manual", "automated", "pitfall")
by_item = pytest.mark.parametrize("item", RUBRIC.items, ids=lambda item: item.id)


def sentences(item):
    parts = [item.question, item.why, *item.how, item.manual, item.automated, item.pitfall, item.title]
    return [s.strip().lower() for part in parts for s in re.split(r"(?<=[.?!:;])\s+", part) if s.strip()]


def test_the_items_are_the_papers_28():
    assert tuple(section.id for section in RUBRIC.sections) == SECTIONS
    assert [item.id for item in RUBRIC.items] == [f"{s}-{n}" for s in SECTIONS for n in range(1, 8)]
    assert all(item.section == item.id.partition("-")[0] for item in RUBRIC.items)
    assert {item.weight for item in RUBRIC.items} == {1}


def test_the_ruler_of_2017():
    assert RUBRIC.scoring == Scoring("sum", "min")
    assert [(level.id, level.points) for level in RUBRIC.levels] == [
        ("none", 0),
        ("manual", Fraction(1, 2)),
        ("automated", 1),
    ]
    assert RUBRIC.language == "en"
    assert "10.1109/BigData.2017.8258038" in RUBRIC.source


def test_the_workshops_ruler_has_the_same_items_on_another_scale():
    assert WORKSHOP.items == RUBRIC.items
    assert WORKSHOP.sections == RUBRIC.sections
    assert WORKSHOP.scoring == RUBRIC.scoring
    assert [level.points for level in WORKSHOP.levels] == [0, 1, 2]
    assert WORKSHOP.digest != RUBRIC.digest
    assert "2016" in WORKSHOP.source


@pytest.mark.parametrize(
    ("total", "place"),
    [
        ("0", 0),
        ("1/1000000", 1), ("1/2", 1), ("1", 1),
        ("1000001/1000000", 2), ("3/2", 2), ("2", 2),
        ("2000001/1000000", 3), ("5/2", 3), ("3", 3),
        ("3000001/1000000", 4), ("7/2", 4), ("4", 4), ("5", 4),
        ("5000001/1000000", 5), ("11/2", 5), ("6", 5), ("7", 5),
    ],
)  # fmt: skip
def test_bands_of_2017_are_open_on_the_left_and_closed_on_the_right(total, place):
    assert RUBRIC.band_for(Fraction(total)) is RUBRIC.bands[place]


def test_no_total_of_2017_is_without_a_band():
    assert len(RUBRIC.bands) == 6
    halves = [Fraction(n, 2) for n in range(15)]
    assert all(sum(band.contains(total) for band in RUBRIC.bands) == 1 for total in halves)


@pytest.mark.parametrize(
    ("total", "place"),
    [
        (0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (8, 4), (9, 4), (10, 4), (11, None), (12, 5),
        (13, 5), (14, 5),
    ],
)  # fmt: skip
def test_bands_of_the_workshop_leave_11_out(total, place):
    found = WORKSHOP.band_for(Fraction(total))
    assert found is (None if place is None else WORKSHOP.bands[place])


def test_both_scales_read_alike():
    assert [(b.id, b.title, b.reading) for b in RUBRIC.bands] == [(b.id, b.title, b.reading) for b in WORKSHOP.bands]
    assert len({band.reading for band in RUBRIC.bands}) == 6


@by_item
def test_every_text_is_there(item):
    assert all(getattr(item, text) for text in TEXTS)
    assert 2 <= len(item.how) <= 4
    assert len(item.references) >= 1
    assert item.references[0].startswith("Breck et al.")
    section, number = item.id.split("-")
    assert f"test {section.capitalize()} {number}" in item.references[0]


@by_item
def test_texts_are_of_a_useful_length(item):
    assert item.question.endswith("?")
    assert item.question.count("?") == 1
    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", item.why)) <= 3
    for text in (item.why, item.manual, item.automated, item.pitfall, *item.how):
        assert text.endswith("."), text
        assert 40 <= len(text) <= 300, text


def test_no_two_items_share_a_sentence():
    counts = Counter(s for item in RUBRIC.items for s in set(sentences(item)))
    assert [s for s, count in counts.items() if count > 1] == []


@by_item
def test_the_recipe_is_a_test_with_the_items_own_marker(item):
    tree = ast.parse(item.recipe)
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert len(tests) == 1
    marks = [ast.unparse(decorator) for decorator in tests[0].decorator_list]
    assert f"pytest.mark.mlscore('{item.id}')" in marks
    assert item.recipe.count("mark.mlscore") == 1
    assert 8 <= len(item.recipe.splitlines()) <= 14
    assert max(map(len, item.recipe.splitlines())) <= 120


@by_item
def test_the_recipe_can_fail(item):
    """It asserts on something it computed, or calls what raises."""
    test = next(node for node in ast.parse(item.recipe).body if isinstance(node, ast.FunctionDef))
    asserts = [node for node in ast.walk(test) if isinstance(node, ast.Assert)]
    called = {ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(test) if isinstance(node, ast.Call)}
    raising = called & {"validate", "assert_series_equal", "assert_array_equal"}
    checked = "run" in called and "check=True" in ast.unparse(test)
    assert asserts or raising or checked
    assert not [node for node in asserts if isinstance(node.test, ast.Constant | ast.Tuple)]


@by_item
def test_the_recipe_imports_all_it_names(item):
    """Names are builtins, imported, defined in the test, or fixtures."""
    import builtins

    tree = ast.parse(item.recipe)
    known = set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            known |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert used <= known
    assert imported <= used, "imported for nothing"


def test_a_file_is_named_as_its_id():
    assert shipped_rubrics() == ("ml-test-score", "ml-test-score-2016")
    for name in shipped_rubrics():
        assert load_rubric(name, root=Path()).id == name
        assert (rubric_folder() / f"{name}.toml").is_file()
