"""What the tests of the analysis share: a project made of texts, judged by the analyser."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from mlscore.probes.hollow import Analyzer, Finding
from mlscore.project.tree import Tree

Judge = Callable[..., Finding | None]


@pytest.fixture
def judge(tmp_path) -> Judge:
    """Judge a test: `judge(source)` its last function, `judge(source, name, files)` a named one beside other files."""

    def run(source: str, name: str | None = None, files: dict[str, str] | None = None, path: str = "tests/test_it.py"):
        for where, text in {path: source, **(files or {})}.items():
            (tmp_path / where).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / where).write_text(textwrap.dedent(text), encoding="utf-8")
        if name is None:
            name = [line for line in source.splitlines() if "def test" in line][-1].split("def ")[1].split("(")[0]
        return Analyzer(Tree(tmp_path)).function(path, name)

    return run
