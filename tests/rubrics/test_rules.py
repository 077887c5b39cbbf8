"""Rubrics of one's own: the total under each rule, worked out by hand."""

from fractions import Fraction
from pathlib import Path

import pytest

from mlscore.core.points import section_points, total_points
from mlscore.project.rubrics import load_rubric

OWN = Path(__file__).parent / "own"

# Levels of the items lint and types (section code) and card (section model): a level earns 0, 1 or 3 points. Then the
# points of the sections code and model, and the total.
TABLE = [
    ("sum", "none none none", "0", "0", "0"),
    ("sum", "automated manual none", "4", "0", "4"),
    ("sum", "automated automated automated", "6", "3", "9"),
    ("mean", "automated manual none", "2", "0", "1"),
    ("mean", "automated none automated", "3/2", "3", "9/4"),
    # code: (3 * 1/10 + 1 * 2/10) / (3/10) = 5/3; total: 5/3 * 1/3 + 0
    ("weighted-mean", "automated manual none", "5/3", "0", "5/9"),
    ("weighted-mean", "manual automated manual", "7/3", "1", "13/9"),
    ("weighted-mean", "automated automated automated", "3", "3", "3"),
    ("min", "automated manual automated", "1", "3", "1"),
    ("min", "automated automated none", "3", "0", "0"),
    # The ladder's total is the number of complete stages: code wants automated, model is content with manual.
    ("ladder", "automated manual automated", "4", "3", "0"),
    ("ladder", "automated automated none", "6", "0", "1"),
    ("ladder", "automated automated manual", "6", "1", "2"),
    ("ladder", "none none automated", "0", "3", "0"),
]


@pytest.mark.parametrize(("rule", "levels", "code", "model", "total"), TABLE)
def test_the_total_by_hand(rule, levels, code, model, total):
    rubric = load_rubric(f"{rule}.toml", root=OWN)
    assert rubric.scoring.total == rule
    points = {item.id: rubric.level(level).points for item, level in zip(rubric.items, levels.split(), strict=True)}
    assert list(points) == ["lint", "types", "card"]
    assert section_points(rubric, "code", points.__getitem__) == Fraction(code)
    assert section_points(rubric, "model", points.__getitem__) == Fraction(model)
    assert total_points(rubric, points.__getitem__) == Fraction(total)


@pytest.mark.parametrize(("stages", "band"), [(0, "begun"), (1, "under-way"), (2, "under-way")])
def test_a_ladder_has_bands_of_its_own(stages, band):
    assert load_rubric("ladder.toml", root=OWN).band_for(Fraction(stages)).id == band


def test_every_rule_gives_a_digest_of_its_own():
    digests = {load_rubric(path.name, root=OWN).digest for path in OWN.glob("*.toml")}
    assert len(digests) == len(list(OWN.glob("*.toml"))) == 6


def test_a_teams_own_list_on_the_shipped_one():
    rubric = load_rubric("ours.toml", root=OWN)
    assert [(section.id, len(rubric.items_of(section.id))) for section in rubric.sections] == [
        ("data", 6),
        ("model", 8),
        ("infra", 7),
        ("metamorphic", 1),
    ]
    assert rubric.item("data-1").title == "The flights table has a schema"
    assert rubric.item("data-1").why == load_rubric("ml-test-score", root=OWN).item("data-1").why
