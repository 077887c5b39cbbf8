"""Path filters: the languages of patterns, and whether the project's code passes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.probes.automation.path_filters import (
    braces,
    folder_glob,
    github_glob,
    passes,
    reaches_code,
    shuts_out_code,
)


@pytest.mark.parametrize(
    ("pattern", "text", "github", "folders"),
    [
        ("*.py", "a.py", True, True),
        ("*.py", "src/a.py", False, False),
        ("**.py", "src/a.py", True, False),
        ("**/*.py", "a.py", True, True),
        ("**/*.py", "src/deep/a.py", True, True),
        ("src/**", "src/deep/a.py", True, False),
        ("src/**/*", "src/deep/a.py", True, True),
        ("src/**/*", "other/a.py", False, False),
        ("a?.py", "a.py", True, False),
        ("a?.py", "ab.py", False, True),
        ("[ab].py", "b.py", True, True),
        ("a+.py", "aaa.py", True, False),
        ("a.py", "axpy", False, False),
        ("[z-a].py", "anything", True, True),
    ],
)
def test_patterns(pattern, text, github, folders):
    assert bool(github_glob(pattern).fullmatch(text)) is github
    assert bool(folder_glob(pattern).fullmatch(text)) is folders


def test_braces_are_choices():
    assert braces("{a,b}/{c,d}") == ["a/c", "a/d", "b/c", "b/d"]
    assert folder_glob("src/*.{py,pyx}").fullmatch("src/a.pyx")
    assert not folder_glob("src/*.{py,pyx}").fullmatch("src/a.md")
    assert len(braces("{a,b}" * 30)) < 200


def test_the_last_pattern_that_matches_decides():
    assert passes(["**", "!docs/**"], "src/a.py", github_glob)
    assert not passes(["**", "!docs/**"], "docs/a.py", github_glob)
    assert passes(["**", "!docs/**", "docs/a.py"], "docs/a.py", github_glob)
    assert not passes([], "a", github_glob)


def test_documentation_and_hidden_folders_are_no_code(repository):
    tree = repository({"docs/conf.py": "", ".github/x.py": "", "a/.b/c.py": "", "src/a.py": "", "src/a.md": ""})
    asked = []
    assert not reaches_code(tree, lambda path: asked.append(path))
    assert asked == ["src/a.py"]


@pytest.mark.parametrize(
    ("included", "excluded", "shut"),
    [
        ([], [], False),
        (["src"], [], False),
        (["/src/"], [], False),
        (["src/*"], [], False),
        (["*.py"], [], False),
        (["**/a.py"], [], False),
        (["{docs,src}/**"], [], False),
        (["sr"], [], True),
        (["docs"], [], True),
        ([], ["src"], False),
        ([], ["*.py"], False),
        ([], ["src/**"], True),
        (["src"], ["src/deep/*.py"], True),
    ],
)
def test_what_includes_is_read_widely_and_what_excludes_narrowly(repository, included, excluded, shut):
    assert shuts_out_code(repository({"src/deep/a.py": "", "docs/b.py": ""}), included, excluded) is shut


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="ab/*?+[]!{},.\\", max_size=12))
def test_any_pattern_is_read(pattern):
    plain = pattern.translate(str.maketrans("", "", "*?+[]!{},\\"))
    for glob in (github_glob, folder_glob):
        assert not glob(pattern).fullmatch(f"{plain}#") or set(pattern) & set("*?+[")
        assert glob(plain).fullmatch(plain)
