"""The text format of protocol buffers."""

from contextlib import suppress

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mlscore.checks.schema.pbtxt import Field, Message, Word, parse_pbtxt
from mlscore.errors import InputError


def pairs(message):
    return [(f.name, pairs(f.value) if isinstance(f.value, Message) else f.value) for f in message.fields]


def test_every_way_of_writing():
    text = """
    a: 1, b: -2; c: 0x1F d: 010 e: 1.5e3 f: .5 g: 2f   # a comment with "quotes" and { braces
    h: "one" 'two' i: "a\\n\\x41\\101\\u00e9\\"" j: WORD k: -inf
    l { m: true } n: { } o < p: 'x' > q: [1, 2] r: [] [ext.name]: 3 [type.url/a.b] { s: 1 }
    """
    assert pairs(parse_pbtxt(text, "s")) == [
        ("a", 1), ("b", -2), ("c", 31), ("d", 8), ("e", 1500.0), ("f", 0.5), ("g", 2.0),
        ("h", "onetwo"), ("i", 'a\nAAé"'), ("j", "WORD"), ("k", "-inf"),
        ("l", [("m", "true")]), ("n", []), ("o", [("p", "x")]), ("q", 1), ("q", 2), ("[ext.name]", 3),
        ("[type.url/a.b]", [("s", 1)]),
    ]  # fmt: skip


def test_words_are_not_texts_and_lines_are_counted():
    message = parse_pbtxt("a: X\n\nb: 'X'", "s")
    assert message.last("a") == Field("a", Word("X"), 1)
    assert isinstance(message.last("a").value, Word)
    assert not isinstance(message.last("b").value, Word)
    assert message.last("b").line == 3
    assert message.last("c") is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a {", "s:1: not a protocol buffer's text: it ends too early; bring back what was cut off"),
        ("a {\n b: 1\n", "s:3: not a protocol buffer's text: it ends too early"),
        ("a:", "s:1: not a protocol buffer's text: it ends too early"),
        ("a: [1,", "s:1: not a protocol buffer's text: it ends too early"),
        ('a: "x\nb: 1', "s:1: not a protocol buffer's text: a text is not closed before the line ends"),
        ("a 1", "s:1: not a protocol buffer's text: after \"a\" a colon or a brace should stand, not '1'"),
        ("a: }", "s:1: not a protocol buffer's text: '}' where a value should stand"),
        ("}", "s:1: not a protocol buffer's text: '}' where a field's name should stand"),
        ("a: [1 2]", "s:1: not a protocol buffer's text: '2' in a list, where a comma should stand"),
        ("a: §", "s:1: not a protocol buffer's text: '§' cannot stand here"),
        ("a: '\\377'", "s:1: not a protocol buffer's text: a text that is not UTF-8"),
        ("a: '\\Uffffffff'", "s:1: not a protocol buffer's text: an escape that is no character"),
        ("a {" * 200, "s:1: not a protocol buffer's text: nested too deeply"),
        ("a: 08", "s:1: not a protocol buffer's text: '08' is no number"),
        ("a: " + "9" * 5000, "s:1: not a protocol buffer's text: '9"),
    ],
)
def test_each_error_is_one_sentence_that_says_where(text, error):
    with pytest.raises(InputError) as caught:
        parse_pbtxt(text, "s")
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:{}<>[],;\"'\\ \n#1.-x0"))
def test_any_text_is_parsed_or_refused(text):
    with suppress(InputError):
        assert isinstance(parse_pbtxt(text, "s"), Message)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_texts_survive(text):
    written = "".join(f"\\{byte:03o}" for byte in text.encode())
    assert parse_pbtxt(f'a: "{written}"', "s").last("a").value == text
