"""The page on hollow tests names every reason that the analysis gives, and each of its examples is judged as it says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "hollow.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "mlscore" / "probes" / "hollow"
WEAK = "## Reasons why a test is weak"
HEAD = """
import unittest, warnings
from contextlib import suppress
from unittest.mock import Mock
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from model import Model, evaluate, train, train_or_stop
"""
MODEL = """
class Model:
    def predict(self, x):
        return x
def train(x):
    return x
def evaluate(x):
    return x
def train_or_stop(x):
    error = train(x)
    if error > 3:
        raise RuntimeError(error)
"""
# Names for the analysis alone: they never reach a finding.
INTERNAL = {"unknown-call", "stand-in"}


def rows():
    """Verdict, reason and example of each row of the page's two tables."""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.split(" | ")]
        reason = re.fullmatch(r"\| `([\w-]+)`", cells[0])
        if reason:
            verdict = "weak" if PAGE.index(WEAK) < PAGE.index(line) else "hollow"
            yield verdict, reason[1], "\n".join(re.findall(r"`([^`]+)`", cells[-1]))


ROWS = list(rows())


@pytest.mark.parametrize(("verdict", "reason", "example"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_example_is_judged_as_the_page_says(judge, verdict, reason, example):
    if "def test" not in example:
        example = "def test(x):\n" + "\n".join(f"    {line}" for line in example.splitlines())
    name = "T.test" if "class T" in example else "test"
    finding = judge(f"{HEAD}\n{example}\n", name, {"model.py": MODEL})
    assert finding is not None
    assert (finding.verdict, finding.reason) == (verdict, reason)


def test_page_names_every_reason_of_the_code():
    words = {"tautology", "comprehension", "swallowed", "unreachable"}
    reasons = {
        node.value
        for path in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node.value in words or re.fullmatch(r"[a-z]+(-[a-z]+)+", node.value)
    }
    assert reasons - INTERNAL == {reason for _, reason, _ in ROWS}


def test_page_has_both_tables():
    assert [verdict for verdict, _, _ in ROWS].count("hollow") >= 20
    assert [verdict for verdict, _, _ in ROWS].count("weak") >= 19
