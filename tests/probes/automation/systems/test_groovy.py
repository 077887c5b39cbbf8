"""Reading Groovy: strings, comments, nesting, and that any text is read or refused."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlscore.probes.automation.systems.groovy import GroovyError, read_groovy, source, tokens_of


def tokens(text):
    return [(token.kind, token.text, token.line) for token in tokens_of(read_groovy(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sh 'a' // sh 'b'", [("word", "sh", 1), ("string", "a", 1)]),
        ("/* a\n b */ sh 'c'", [("word", "sh", 2), ("string", "c", 2)]),
        ("sh '''a\nb'''\nx", [("word", "sh", 1), ("string", "a\nb", 1), ("word", "x", 3)]),
        ('sh "a // b"', [("word", "sh", 1), ("string", "a // b", 1)]),
        (r"sh 'it\'s'", [("word", "sh", 1), ("string", "it's", 1)]),
        (
            "a = b / c\nd = e / f",
            [("word", w, n) if w.isalpha() else ("op", w, n) for n, s in ((1, "a=b/c"), (2, "d=e/f")) for w in s],
        ),
        ("x =~ /a'b/", [("word", "x", 1), ("op", "=~", 1), ("string", "a'b", 1)]),
        ("#!/usr/bin/env groovy\nx", [("word", "x", 2)]),
        ("env?.X", [("word", "env.X", 1)]),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


def test_interpolation_is_taken_apart():
    (token,) = tokens_of(read_groovy('"a ${b.c} $d e\\$f"'))
    assert token.parts == ("a ", "b.c", " ", "d", " e$f")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a\nb", 2),
        ("a; b", 2),
        ("a(\n1,\n2)\nb", 2),
        ("stage('x')\n{\n  a\n}", 1),
        ("if (a) {\n}\nelse {\n}", 1),
        ("try {\n}\ncatch (e) {\n}\nfinally {\n}\nb", 2),
        ("a\n  .b()\n  .c()", 1),
        ("x = a ||\n  b", 1),
        ("{ a }\n{ b }", 2),
    ],
)
def test_statements(text, count):
    assert len(read_groovy(text)) == count


@pytest.mark.parametrize(
    ("text", "line"), [("a {\n", 1), ("\n'a", 2), ("'''a\n\n", 1), ("a\n}", 2), ("(\n]", 1), ("a\n`", 2)]
)
def test_what_cannot_be_read_is_refused_with_its_line(text, line):
    with pytest.raises(GroovyError) as caught:
        read_groovy(text)
    assert caught.value.line == line


PIECES = [
    "pipeline", "stage", "sh", " ", "\n", "{", "}", "(", ")", "[", "]", "'", '"', "'''", '"""', "//", "/*", "*/", "/", "$", "${", "\\", ",", ":",
    ";", "=", "!", "&&", "||", ".", "if", "else", "try", "catch", "def", "'a'", "pytest", "?", "é", "\0", "@", "when", "expression", "steps",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example("{" * 500)
@example("/" * 50)
@example('"${' * 30)
def test_any_text_is_read_or_refused(text):
    line = 1
    statements = ()
    try:
        statements = read_groovy(text)
    except GroovyError as error:
        line = error.line
    assert 1 <= line <= text.count("\n") + 1
    assert all(isinstance(source(statement), str) for statement in statements)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_jenkinsfile_is_walked(text):
    from pathlib import Path

    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.systems.jenkins import _disabled, _Jenkins
    from mlscore.project.tree import Tree

    reader = _Jenkins(Engine(Tree(Path(__file__).parent / "nowhere")))
    try:
        statements = read_groovy(text)
    except GroovyError:
        return
    reader.file(statements, _disabled(statements, text))
    assert all(run.system == "Jenkins" for run in reader.runs.values())
