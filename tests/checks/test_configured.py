"""Configured checks: kinds from outside, options with their types, names, selection; each mistake one sentence."""

from __future__ import annotations

from datetime import date

import pytest

from mlscore.checks.base import Check
from mlscore.checks.configured import configured_checks, select_checks
from mlscore.checks.registry import known_checks
from mlscore.errors import ConfigError
from mlscore.project.load import load_config


@pytest.fixture
def checks(tmp_path, toy):
    def read(text):
        (tmp_path / "mlscore.toml").write_text(text, encoding="utf-8")
        return configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))

    return read


def test_kinds_come_from_the_package_and_from_outside(toy):
    known = known_checks()
    assert known["toy"].title == "Says what it is told"
    assert all(isinstance(check, Check) and check.id == id_ for id_, check in known.items())
    assert all(check.items and check.title for check in known.values())


def test_options_have_their_types_and_defaults(checks):
    text = """
[[check]]
use = "toy"
share = 0.25
rows = 7
columns = "a"
deep = true
map = {a = 1.5, b = ["x"]}
"""
    (one,) = checks(text)
    assert dict(one.options) == {
        "say": "passed",
        "source": None,
        "limit": 0.5,
        "share": 0.25,
        "rows": 7,
        "columns": ("a",),
        "deep": True,
        "map": {"a": 1.5, "b": ["x"]},
    }
    assert (one.item, one.name, one.nodeid) == ("data-1", "toy", "mlscore::data-1::toy")
    assert isinstance(one.options["share"], float)


TWO = '[[check]]\nuse = "toy"\n[[check]]\nuse = "toy"\nitem = "data-5"\nname = "names"\n'


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["toy", "names"]),
        (("data-5",), ["names"]),
        (("data",), ["toy", "names"]),
        (("toy",), ["toy", "names"]),
        (("names", "data-1"), ["toy", "names"]),
        (("mlscore::data-1::toy",), ["toy"]),
    ],
)
def test_words_select(checks, words, names):
    assert [one.name for one in select_checks(checks(TWO), words)] == names


def test_a_word_that_names_none_is_refused(checks):
    with pytest.raises(ConfigError) as error:
        select_checks(checks(TWO), ["data-6"])
    assert str(error.value).startswith('no configured check is named by "data-6"; did you mean "data-')


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('use = "toi"', 'mlscore.toml:2: there is no check "toi"; did you mean "toy"? (the checks are '),
        ('use = "toy"\nrow = 3', 'mlscore.toml:3: the check "toy" has no option "row"; did you mean "rows"? ('),
        ('use = "toy"\nrows = 0', 'mlscore.toml:3: "rows" should be a whole number from 1, not 0'),
        ('use = "toy"\nrows = 1.5', '"rows" should be a whole number from 1, not 1.5'),
        ('use = "toy"\nshare = 1.5', '"share" should be a share from 0 to 1, not 1.5'),
        ('use = "toy"\nlimit = nan', '"limit" should be a number, not nan'),
        ('use = "toy"\nlimit = "2"', '"limit" should be a number, not "2"'),
        ('use = "toy"\ndeep = "yes"', '"deep" should be true or false, not "yes"'),
        ('use = "toy"\nmap = 3', '"map" should be a table, not 3'),
        ('use = "toy"\nsay = "nothing"', '"say" does not know "nothing"'),
        ('use = "toy"\nitem = "data-9"', 'mlscore.toml:3: the rubric "ml-test-score" has no item "data-9"'),
        (
            'use = "toy"\nitem = "model-1"',
            'mlscore.toml:3: the check "toy" is no evidence for model-1; it is for data-1',
        ),
        ('use = "toy"\nname = "a b"', 'mlscore.toml:3: "a b" is no name for a check'),
    ],
)
def test_a_mistake_is_one_sentence(checks, text, sentence):
    with pytest.raises(ConfigError) as error:
        checks(f"[[check]]\n{text}\n")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_two_checks_of_one_name_are_refused(checks):
    with pytest.raises(ConfigError, match='two checks of data-1 are called "toy"') as error:
        checks('[[check]]\nuse = "toy"\n[[check]]\nuse = "toy"\n')
    assert error.value.hint.startswith('give one of them another: name = "toy-2" (the first is at mlscore.toml:1')


def test_an_entry_point_that_leads_nowhere_is_named(toy, tmp_path):
    (toy / "toychecks-1.0.dist-info" / "entry_points.txt").write_text(
        "[mlscore.checks]\ngone = toychecks:GONE\n", encoding="utf-8"
    )
    known_checks.cache_clear()
    with pytest.raises(ConfigError, match="entry point gone of toychecks: it cannot be loaded: AttributeError"):
        known_checks()
