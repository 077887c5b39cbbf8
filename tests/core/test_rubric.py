"""The rubric as a value: look-ups, bands at their boundaries, and a digest of the ruler alone."""

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlscore
from mlscore.core.rubric import Band, Item, Level, Rubric, Scoring, Section, ruler_digest

ROOT = Path(mlscore.__file__).parents[1]
HALF = Fraction(1, 2)
TEXTS = ("title", "question", "why", "manual", "automated", "pitfall", "recipe")


def item(name, section, weight=1):
    return Item(
        id=name, section=section, title="t", question="q?", why="w.", how=("h.",), manual="m.", automated="a.",
        pitfall="p.", references=("r",), weight=Fraction(weight), recipe="pass",
    )  # fmt: skip


SMALL = Rubric(
    id="small",
    version="1",
    title="Small",
    source="",
    language="en",
    levels=(Level("none", Fraction(0), "no"), Level("manual", HALF, "by hand"), Level("automated", Fraction(1), "yes")),
    bands=(
        Band("nothing", "nothing", "r", at_least=Fraction(0), at_most=Fraction(0)),
        Band("some", "some", "r", above=Fraction(0), at_most=Fraction(2)),
        Band("more", "more", "r", above=Fraction(3)),
    ),
    scoring=Scoring("sum", "min"),
    sections=(Section("a", "A"), Section("b", "B")),
    items=(item("a-1", "a"), item("a-2", "a"), item("b-1", "b")),
)

boundaries = st.none() | st.fractions(-3, 3, max_denominator=4)
totals = st.fractions(-4, 4, max_denominator=8)
bands = st.builds(
    Band, st.just("x"), st.just("x"), st.just("x"), above=boundaries, at_least=boundaries, at_most=boundaries
)


def test_looking_up_by_id():
    assert SMALL.item("a-2") is SMALL.items[1]
    assert SMALL.section("b") is SMALL.sections[1]
    assert SMALL.level("manual").points == HALF
    assert [i.id for i in SMALL.items_of("a")] == ["a-1", "a-2"]
    assert SMALL.items_of("nowhere") == ()


@pytest.mark.parametrize("look", [SMALL.item, SMALL.section, SMALL.level])
def test_an_unknown_id_is_a_key_error(look):
    with pytest.raises(KeyError, match="absent"):
        look("absent")


@pytest.mark.parametrize(
    ("total", "band"),
    [
        ("0", "nothing"),
        ("1/100", "some"),
        ("2", "some"),
        ("201/100", None),
        ("3", None),
        ("301/100", "more"),
        ("-1", None),
    ],
)
def test_the_band_of_a_total(total, band):
    found = SMALL.band_for(Fraction(total))
    assert (found and found.id) == band


@pytest.mark.parametrize(
    ("boundaries", "inside", "outside"),
    [
        ({"above": 1}, ["1.01"], ["1", "0"]),
        ({"at_least": 1}, ["1", "2"], ["0.99"]),
        ({"at_most": 1}, ["1", "-5"], ["1.01"]),
        ({"above": 1, "at_most": 2}, ["1.5", "2"], ["1", "2.01"]),
        ({"at_least": 1, "at_most": 1}, ["1"], ["0.99", "1.01"]),
    ],
)
def test_which_boundary_belongs_to_the_band(boundaries, inside, outside):
    band = Band("x", "x", "x", **{key: Fraction(value) for key, value in boundaries.items()})
    assert all(band.contains(Fraction(total)) for total in inside)
    assert not any(band.contains(Fraction(total)) for total in outside)


@given(bands, totals)
def test_nothing_lies_in_an_empty_band(band, total):
    if band.contains(total):
        assert not band.is_empty()


@given(bands)
def test_a_band_that_is_not_empty_has_a_total(band):
    lower = max((b for b in (band.above, band.at_least) if b is not None), default=Fraction(-9))
    upper = Fraction(9) if band.at_most is None else band.at_most
    assert band.is_empty() is not any(band.contains(t) for t in (lower, upper, (lower + upper) / 2))


@given(bands, bands, totals)
def test_bands_that_share_a_total_overlap(one, other, total):
    assert one.overlaps(other) is other.overlaps(one)
    if one.contains(total) and other.contains(total):
        assert one.overlaps(other)


def test_bands_that_touch_at_a_boundary_overlap_only_when_both_include_it():
    low = Band("low", "", "", at_most=Fraction(2))
    assert low.overlaps(Band("high", "", "", at_least=Fraction(2)))
    assert not low.overlaps(Band("high", "", "", above=Fraction(2)))


def test_nothing_can_be_assigned():
    for value in (SMALL, SMALL.items[0], SMALL.bands[0], SMALL.levels[0], SMALL.sections[0], SMALL.scoring):
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, "other")
        assert not hasattr(value, "__dict__")


def test_the_digest_is_a_hash_that_no_release_may_change_unawares():
    assert re.fullmatch("sha256:[0-9a-f]{64}", SMALL.digest)
    assert SMALL.digest == "sha256:84af5705339d77e662351b653fb82a51c4741d5333184f7bc5be8a7bec77ca07"
    assert SMALL.digest == ruler_digest(SMALL.levels, SMALL.bands, SMALL.scoring, SMALL.sections, SMALL.items)


@given(st.sampled_from(TEXTS), st.text(max_size=8), st.integers(0, 2))
def test_the_digest_does_not_change_with_texts(field, text, place):
    items = list(SMALL.items)
    items[place] = replace(items[place], **{field: text}, how=(text,), references=(text, text))
    changed = replace(
        SMALL,
        id="x" + text,
        version=text,
        title=text,
        source=text,
        language="de",
        levels=tuple(replace(level, title=text) for level in SMALL.levels),
        bands=tuple(replace(band, title=text, reading=text) for band in SMALL.bands),
        sections=tuple(replace(section, title=text) for section in SMALL.sections),
        items=tuple(items),
    )
    assert changed.digest == SMALL.digest


def test_the_digest_does_not_change_with_the_order_of_items_and_bands():
    assert replace(SMALL, items=SMALL.items[::-1], bands=SMALL.bands[::-1]).digest == SMALL.digest


def at(entries, place, **changes):
    """The entries with one of them changed."""
    return tuple(replace(e, **changes) if n == place else e for n, e in enumerate(entries))


RULERS = {
    "points": {"levels": at(SMALL.levels, 1, points=Fraction(2, 3))},
    "a band's id": {"bands": at(SMALL.bands, 0, id="none")},
    "a lower boundary": {"bands": at(SMALL.bands, 1, above=Fraction(1))},
    "an upper boundary": {"bands": at(SMALL.bands, 1, at_most=Fraction(3))},
    "a boundary that becomes inclusive": {"bands": at(SMALL.bands, 2, above=None, at_least=Fraction(3))},
    "a boundary that goes": {"bands": at(SMALL.bands, 1, at_most=None)},
    "a band less": {"bands": SMALL.bands[:2]},
    "the rule of sections": {"scoring": Scoring("mean", "min")},
    "the rule of the total": {"scoring": Scoring("sum", "sum")},
    "a section's id": {"sections": at(SMALL.sections, 0, id="c")},
    "a section's weight": {"sections": at(SMALL.sections, 0, weight=Fraction(2))},
    "when a stage is complete": {"sections": at(SMALL.sections, 0, complete_at="manual")},
    "the sections' order": {"sections": SMALL.sections[::-1]},
    "an item's id": {"items": at(SMALL.items, 0, id="a-9")},
    "an item's section": {"items": at(SMALL.items, 0, section="b")},
    "an item's weight": {"items": at(SMALL.items, 0, weight=HALF)},
    "an item less": {"items": SMALL.items[1:]},
}


@pytest.mark.parametrize("change", RULERS)
def test_the_digest_changes_with_the_ruler(change):
    assert replace(SMALL, **RULERS[change]).digest != SMALL.digest


def test_every_change_of_the_ruler_gives_a_digest_of_its_own():
    assert len({replace(SMALL, **changes).digest for changes in RULERS.values()}) == len(RULERS)


@settings(max_examples=50)
@given(st.fractions(0, 1), st.fractions(0, 1))
def test_equal_points_give_equal_digests_and_others_do_not(one, other):
    first = replace(SMALL, levels=at(SMALL.levels, 1, points=one))
    second = replace(SMALL, levels=at(SMALL.levels, 1, points=other))
    assert (first.digest == second.digest) is (one == other)


def test_importing_it_pulls_in_neither_hashes_nor_json():
    code = (
        "import sys; before = set(sys.modules); import mlscore.core.rubric; "
        "print(*sorted({'hashlib', 'json', 'tomllib', 'pathlib'} & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
