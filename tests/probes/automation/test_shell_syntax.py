"""The shell's grammar: structure, lines, and that no text whatever makes it raise anything but its own error."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlscore.probes.automation.runs import UNKNOWN
from mlscore.probes.automation.shell_lexer import ShellSyntaxError
from mlscore.probes.automation.shell_nodes import Block, Case, Function, If, Loop, Simple
from mlscore.probes.automation.shell_syntax import parse
from mlscore.probes.automation.shell_values import Values


def words(script, **known):
    (entry,) = parse(script)
    command = entry.parts[0][1].commands[0]
    assert isinstance(command, Simple)
    return Values({"A": "one", "B": "two words", "E": "", "L": ("x", "y z"), **known}).expand(command.words)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a b  c", ["a", "b", "c"]),
        ("a 'b c' \"d e\"", ["a", "b c", "d e"]),
        (r"a b\ c", ["a", "b c"]),
        ("a b\\\n c", ["a", "b", "c"]),
        ("a $A ${A}x", ["a", "one", "onex"]),
        ("a $B", ["a", "two", "words"]),
        ('a "$B"', ["a", "two words"]),
        ("a '$B'", ["a", "$B"]),
        ("a $E b", ["a", "b"]),
        ('a "$E" b', ["a", "", "b"]),
        ('a "${L[@]}" ${L[0]}', ["a", "x", "y z", "x"]),
        ("a x$B-y", ["a", "xtwo", "words-y"]),
        ("a $U", ["a", UNKNOWN]),
        ("a --cov=$U", ["a", f"--cov={UNKNOWN}"]),
        ("a ${U:-d} ${A:-d} ${E:-d} ${E-d}", ["a", "d", "one", "d"]),
        ("a ${A:+x} ${E:+x}y", ["a", "x", "y"]),
        ("a $((1 + 2 * 3)) $((10 / 3))", ["a", "7", "3"]),
        ("a $(unknown thing)", ["a", UNKNOWN]),
        ("a $(echo x) `echo y`", ["a", "x", "y"]),
        ("a {b,c}d", ["a", "bd", "cd"]),
        ("a '{b,c}'", ["a", "{b,c}"]),
        ("a $'x\\ny'", ["a", "x\ny"]),
        ("a b # c", ["a", "b"]),
        ("a b#c", ["a", "b#c"]),
        ("a 2>&1 >x <y b", ["a", "b"]),
        ("a b&>c", ["a", "b"]),
        ("A=1 a $A", ["a", "one"]),
        ("a é ü", ["a", "é", "ü"]),
        ("[[ a && b ]]", ["[[", "a", "&&", "b", "]]"]),
    ],
)
def test_words(script, expected):
    assert words(script) == expected


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        ("a\nb\n\nc", [1, 2, 4]),
        ("a; b\nc", [1, 1, 2]),
        ("a \\\n  b\nc", [1, 3]),
        ("cat <<X\na\nb\nX\nc", [1, 5]),
        ("cat <<-X | y\n\ta\n\tX\nc", [1, 4]),
        ("cat <<A <<'B'\na\nA\nb\nB\nc", [1, 6]),
        ("if a\nthen b\nfi\nc", [1, 4]),
        ("# x\n\na", [3]),
        ("a &&\n\nb ||\n c\nd", [1, 5]),
        ("a\r\nb\r\n", [1, 2]),
    ],
)
def test_lines(script, lines):
    assert [entry.line for entry in parse(script)] == lines


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("( a; b )", Block),
        ("{ a; b; }", Block),
        ("if a; then b; elif c; then d; else e; fi", If),
        ("while a; do b; done", Loop),
        ("until a\ndo\nb\ndone", Loop),
        ("for x in a b; do c; done", Loop),
        ("for x; do c; done", Loop),
        ("for ((i=0; i<3; i++)); do c; done", Loop),
        ("case x in a|b) c;; (d) e;; *) f; esac", Case),
        ("case x in\na)\n;;\nesac", Case),
        ("f() { a; }", Function),
        ("function f { a; }", Function),
        ("function f() (a)", Function),
        ("echo if then fi", Simple),
        ("echo { }", Simple),
        ("((a += 1))", Simple),
    ],
)
def test_commands(script, kind):
    (entry,) = parse(script)
    assert isinstance(entry.parts[0][1].commands[0], kind)


@pytest.mark.parametrize(
    "script",
    ["'a", '"a', "`a", "$(a", "${a", "a |", "a &&", "if a; then b", "( a", "a )", "case x in a", "for", "done", "fi", "a >", ";;", "f( a", "{ a"],
)  # fmt: skip
def test_what_is_no_shell_is_refused(script):
    with pytest.raises(ShellSyntaxError):
        parse(script)


def test_deep_nesting_is_refused():
    for script in ("(" * 5000, "if a; then " * 5000, "f() " * 3000 + "{ a; }", "! " * 3000 + "a", "{ " * 2000):
        with pytest.raises(ShellSyntaxError):
            parse(script + "(" * 100)


PIECES = [
    "a", "pytest", " ", "\n", ";", "&", "&&", "|", "||", "(", ")", "{", "}", "if ", "then ", "else ", "elif ", "fi", "for ", "in ", "do ",
    "done", "while ", "case ", "esac", ";;", "'", '"', "`", "$", "$(", "${", "$((", "))", "[[ ", " ]]", "<<E", "E\n", "<<<", ">", "2>&1", "#",
    "\\", "\\\n", "=", "x=", "x=(", "!", "function ", "()", "-", "\t", "\0", "é", "$?", "${x:-", "*", "[", "]", "exit ", "set -e", "eval ", "trap ",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example("$(" * 30)
@example("<<E" * 10)
@example("a<<")
@example("case a in")
def test_any_text_is_parsed_or_refused(script):
    try:
        entries = parse(script)
    except ShellSyntaxError:
        return
    assert all(1 <= entry.line <= script.count("\n") + 1 for entry in entries)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_unicode_is_parsed_or_refused(script):
    try:
        told = parse(script)
    except ShellSyntaxError as error:
        told = str(error)
    assert isinstance(told, tuple) or told.startswith("line ")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_script_is_walked(script):
    """Walking a script ends and raises nothing, whatever it says."""
    from pathlib import Path

    from mlscore.probes.automation.engine import Engine, Shell
    from mlscore.probes.automation.shell_state import Unit
    from mlscore.project.tree import Tree

    engine = Engine(Tree(Path(__file__).parent / "nowhere"))
    leads = engine.script([Unit(script + "\npytest\n", "ci.yml", 1)], shell=Shell())
    assert all(lead.command for lead in leads)
