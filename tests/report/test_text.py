"""Foreign text is made safe, and names get shorter in a fixed order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.report.text import capitalised, clean, clip, count, node_forms, printable, to_ascii

pytestmark = pytest.mark.mlscore("input-2")


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain", "plain"),
        ("  two\t words\r\nand  more ", "two words and more"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://a.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("broken \x1b[", "broken \\x1b["),
        ("never ends \x1b]0;rest", "never ends \\x1b]0;rest"),
        ("\x9b31mred", "red"),
        ("a\x00b\x7f", "a\\x00b\\x7f"),
        ("user\u202egpj.exe", "user\\u202egpj.exe"),
        ("\u2066isolated\u2069", "\\u2066isolated\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("lone \udcff", "lone \\udcff"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("line\u2028end", "line end"),
        ("no\u00a0break", "no break"),
        ("é 表 😀 नमस्ते می\u200cخواهم", "é 表 😀 नमस्ते می\u200cخواهم"),
    ],
)
def test_clean(foreign, shown):
    assert clean(foreign) == shown


@given(st.text(st.characters()))
def test_clean_text_is_one_printable_line_and_stays_as_it_is(foreign):
    shown = clean(foreign)
    assert shown.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert clean(shown) == shown


def test_printable_keeps_spaces():
    assert printable("x = 1   # one\x1b[0m\x07") == "x = 1   # one\\x07"


@given(st.text())
def test_ascii_is_ascii(text):
    assert to_ascii(text).isascii()


def test_ascii_has_plain_twins_for_typographic_signs():
    assert to_ascii("a – b… ≥ 1 → “é”") == 'a - b... >= 1 -> "\\xe9"'


@pytest.mark.parametrize(
    ("text", "most", "cut"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bcd", 3, "a…"), ("ab", 1, "…")]
)
def test_clip(text, most, cut):
    assert clip(text, most) == cut


def test_capitalised():
    assert (capitalised("a first pass by NaN"), capitalised("")) == ("A first pass by NaN", "")


def test_count():
    assert (count(0, "test"), count(1, "test"), count(2, "test")) == ("0 tests", "1 test", "2 tests")


def test_node_ids_get_shorter_and_keep_the_function():
    assert node_forms("tests/a/test_b.py::TestC::test_d[x/y::z]") == [
        "test_b.py::TestC::test_d[x/y::z]",
        "test_b.py::TestC::test_d[…]",
        "test_b.py::TestC::test_d",
        "test_b.py::test_d",
        "test_d",
    ]
    assert node_forms("schema-check") == ["schema-check"]
    assert node_forms("data/schema.toml") == ["schema.toml"]
    assert node_forms("test_b.py::test_d") == ["test_b.py::test_d", "test_d"]
    assert node_forms("folder/") == ["folder/"]
