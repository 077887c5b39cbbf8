"""The analysis of tests that cannot fail: right and wrong verdicts on the labelled corpus, and its speed."""

from __future__ import annotations

import ast
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlscore.probes.hollow import Analyzer, Finding
from mlscore.project.tree import Tree

CORPUS = Path(__file__).parents[1] / "tests" / "probes" / "hollow" / "corpus"
MIN_PRECISION, MIN_RECALL, LIMIT_SECONDS = 0.98, 0.90, 1.0
_LABEL = re.compile(r"#\s*expect:\s*(hollow|weak|ok)(?:\s+([\w-]+))?\s*$")


@dataclass(frozen=True)
class Labelled:
    """One test of the corpus with a reviewer's label ("hollow", "weak" or "ok") and, for hollow ones, a reason."""

    path: str
    qualname: str
    label: str
    reason: str | None

    @property
    def id(self) -> str:
        """Path and name as one text."""
        return f"{self.path}::{self.qualname}"


def corpus(tree: Tree) -> list[Labelled]:
    """Every labelled test of the corpus, in the order of the files."""
    found = []
    for path in tree.files():
        text = tree.text(path) if path.endswith(".py") else None
        if text is not None:
            found += list(_labelled(path, ast.parse(text).body, text.split("\n"), ""))
    return found


def _labelled(path: str, body: list[ast.stmt], lines: list[str], prefix: str) -> Iterator[Labelled]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _labelled(path, node.body, lines, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            label = _LABEL.search(lines[node.lineno - 1])
            if label:
                yield Labelled(path, prefix + node.name, label[1], label[2])


def judged(root: Path = CORPUS) -> list[tuple[Labelled, Finding | None]]:
    """What the analysis says about every labelled test of the corpus."""
    tree = Tree(root)
    analyzer = Analyzer(tree)
    return [(case, analyzer.function(case.path, case.qualname)) for case in corpus(tree)]


def figures(results: list[tuple[Labelled, Finding | None]]) -> dict[str, object]:
    """Precision and recall of the verdict "hollow", with the tests it accuses wrongly and those it misses."""
    accused = [case for case, finding in results if finding is not None and finding.verdict == "hollow"]
    guilty = [case for case, _ in results if case.label == "hollow"]
    right = [case for case in accused if case.label == "hollow"]
    return {
        "cases": len(results),
        "precision": len(right) / len(accused) if accused else 1.0,
        "recall": len(right) / len(guilty) if guilty else 1.0,
        "false_accusations": [case.id for case in accused if case.label != "hollow"],
        "missed": [case.id for case in guilty if case not in right],
    }


def speed(files: int, tests_per_file: int) -> float:
    """Seconds to judge files x tests_per_file tests that all ask helpers and fixtures; imports are not counted."""
    body = '''
def test_{n}(trips):
    """Training number {n} keeps what it learned."""
    model = train(prepare(trips), seed={n})
    before = model.predict(trips)
    for column in ("weight", "zone"):
        shuffled = trips.assign(**{{column: trips[column].sample(frac=1, random_state={n})}})
        assert_close(before, model.predict(shuffled), limit=0.{n})
'''
    head = '"""Generated."""\nimport numpy as np\nfrom model import prepare, train\nfrom helpers import assert_close\n'
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "model.py").write_text(
            "def prepare(t):\n    return t\n\n\ndef train(t, seed):\n    return t\n", encoding="utf-8"
        )
        (root / "tests").mkdir()
        (root / "tests" / "conftest.py").write_text(
            "import pytest\n\n\n@pytest.fixture\ndef trips():\n    return load()\n", encoding="utf-8"
        )
        (root / "tests" / "helpers.py").write_text(
            "def assert_close(a, b, limit):\n    assert abs(a - b).max() < limit\n", encoding="utf-8"
        )
        for number in range(files):
            text = head + "".join(body.format(n=n) for n in range(tests_per_file))
            (root / "tests" / f"test_{number}.py").write_text(text, encoding="utf-8")
        start = time.perf_counter()
        analyzer = Analyzer(Tree(root))
        for number in range(files):
            for n in range(tests_per_file):
                if analyzer.function(f"tests/test_{number}.py", f"test_{n}") is not None:
                    raise RuntimeError(f"test_{n} asserts, and the analysis does not see it")
        return time.perf_counter() - start


def run(quick: bool) -> dict[str, object]:
    """Verdicts on the corpus and the time for 1,000 tests in 50 files (a tenth of it when quick)."""
    found = figures(judged())
    files = 5 if quick else 50
    seconds = min(speed(files, 20) for _ in range(1 if quick else 3))
    precision, recall = float(str(found["precision"])), float(str(found["recall"]))
    detail = f"{found['cases']} labelled tests of our own"
    rows = [
        {
            "what": "tests that cannot fail: precision of the accusation",
            "figure": round(precision, 3), "unit": "", "sign": "≥", "limit": MIN_PRECISION,
            "met": precision >= MIN_PRECISION, "detail": detail,
        },
        {
            "what": "tests that cannot fail: recall",
            "figure": round(recall, 3), "unit": "", "sign": "≥", "limit": MIN_RECALL,
            "met": recall >= MIN_RECALL, "detail": detail,
        },
        {
            "what": f"tests that cannot fail: time for {files * 20:,} tests in {files} files",
            "figure": round(seconds, 2), "unit": "s", "limit": LIMIT_SECONDS,
            "met": seconds <= LIMIT_SECONDS, "detail": "reading and parsing included",
        },
    ]  # fmt: skip
    return {"rows": rows, **found}
