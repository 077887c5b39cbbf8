"""YAML with places: lines, anchors, merge keys, unknown tags, and files built to explode."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.probes.automation.yaml_file import Items, Map, Text, YamlError, entries, maps, read_yaml, texts


def read(text):
    (document,) = read_yaml(text, "f.yml")
    return document


def test_keys_stay_text_and_know_their_lines():
    document = read("on: push\nyes: no\n1: 2\n~: x\n'a b': c\n")
    assert list(document) == ["on", "yes", "1", "~", "a b"]
    assert document.keys_at == {"on": 1, "yes": 2, "1": 3, "~": 4, "a b": 5}
    assert (document["yes"], document["1"]) == ("no", "2")


@pytest.mark.parametrize(
    ("text", "line", "exact"),
    [
        ("a: b", 1, True),
        ("\n\na: 'b'", 3, True),
        ("a: |\n  b\n  c\n", 2, True),
        ("a: |-\n\n  b\n", 2, True),
        ("a: >\n  b\n  c\n", 2, False),
        ("a: >-\n  b\n", 2, False),
        ("a: b\n  c\n", 1, False),
        ('a: "b\n  c"\n', 1, False),
        ("- x\n- a: |\n    b", None, None),
    ],
)
def test_scalars_know_where_their_lines_are(text, line, exact):
    document = read(text)
    value = document["a"] if isinstance(document, Map) else document[1]["a"]
    assert isinstance(value, Text)
    assert (value.line, value.exact) == ((3, True) if line is None else (line, exact))


def test_anchors_merge_keys_and_duplicates():
    document = read("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {z: 4}]}\nd: 1\nd: 2\n")
    assert document["b"] == {"x": "1", "y": "3"}
    assert document["c"] == {"x": "1", "y": "2", "z": "4"}
    assert document["d"] == "2"
    assert document["b"].keys_at["x"] == 1


def test_unknown_tags_survive():
    document = read("a: !reference [b, c]\nd: !vault x\n")
    assert isinstance(document["a"], Items)
    assert (document["a"].tag, texts(document["a"]), document["d"]) == ("!reference", ["b", "c"], "x")


def test_several_documents_and_byte_order_marks():
    assert read_yaml("a: 1\n---\nb: 2\n", "f") == [{"a": "1"}, {"b": "2"}]
    assert read_yaml("", "f") == []


def bomb(width=9, depth=9, kind="[{}]"):
    lines = ["a0: &a0 " + kind.format(", ".join(["x"] * width))]
    lines += [f"a{n}: &a{n} " + kind.format(", ".join([f"*a{n - 1}"] * width)) for n in range(1, depth)]
    return "\n".join(lines)


def test_an_alias_bomb_costs_nothing():
    started = time.perf_counter()
    document = read(bomb())
    assert len(texts(document["a8"])) == 2000
    assert sum(1 for _ in maps(document["a8"])) == 0
    assert time.perf_counter() - started < 5


def test_a_bomb_of_merge_keys_is_bounded():
    wide = ", ".join(f"k{n}: 1" for n in range(2000))
    text = f"a: &a {{{wide}}}\n" + "".join(f"b{n}: {{<<: *a}}\n" for n in range(1000))
    with pytest.raises(YamlError, match="merge keys"):
        read_yaml(text, "f")


def test_a_bomb_in_a_workflow_is_harmless(find):
    found = find(
        {
            ".github/workflows/ci.yml": bomb()
            + "\non: push\njobs: {t: {steps: *a8, needs: *a8, runs-on: *a8, env: {X: *a8}}}\n"
        }
    )
    assert found.runs == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", 1),
        ("a: b: c", 1),
        ("x: 1\na: *b", 2),
        ("\t", 1),
        ("a: &a [*a]", 1),
        ("a: &a {b: *a}", 1),
        ("'", 1),
        ("a: \x00", None),
        ("[" * 5000, None),
    ],
)
def test_what_is_no_yaml_is_refused(text, line):
    with pytest.raises(YamlError) as caught:
        read_yaml(text, "f")
    assert line is None or abs(caught.value.line - line) <= 1


def test_a_huge_file_is_refused():
    with pytest.raises(YamlError, match="too large"):
        read_yaml("#" * 1_000_001, "f")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-{}[]&*!|>'\"#,? \n\t<~%@", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        documents = read_yaml(text, "f")
    except YamlError:
        return
    assert all(isinstance(document, Text | Items | Map) for document in documents)


def test_entries_are_maps_of_lists_only():
    document = read("a: [{b: 1}, c, [d]]\ne: {f: 1}\n")
    assert list(entries(document["a"])) == [{"b": "1"}]
    assert list(entries(document["e"])) == []
    assert list(maps(document["e"])) == [{"f": "1"}]
