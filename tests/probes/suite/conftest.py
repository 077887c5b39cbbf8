"""Suites written by a test into a folder, and the labelled corpora."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlscore.core.placement import Conventions
from mlscore.probes.suite.reader import read_suite
from mlscore.probes.suite.settings import SuiteSettings, read_settings
from mlscore.probes.suite.suggest import suggest
from mlscore.project.tree import Tree

IDS = tuple(f"{section}-{n}" for section in ("data", "model", "infra", "monitor") for n in range(1, 8))
CORPUS = Path(__file__).parent / "corpus"

collect_ignore = ["corpus"]


@pytest.fixture(scope="session")
def rubric_ids():
    return IDS


@pytest.fixture
def suite_of(tmp_path):
    """`suite_of({"tests/test_a.py": source, ...}, under=...)` writes the files and reads them as pytest would."""

    def read(files, *, under=()):
        for name, source in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source if isinstance(source, bytes) else source.encode())
        tree = Tree(tmp_path)
        return read_suite(tree, read_settings(tree), under=under)

    return read


@pytest.fixture
def suggestion(suite_of):
    """`suggestion(source, name)` is what is said of one test; by default of the only one of a file `test_it.py`."""

    def one(source, name=None, *, path="tests/test_it.py", **conventions):
        suite = suite_of({path: source}, under=(path,))
        found = {s.test.name: s for s in suggest(suite, conventions=Conventions(**conventions), rubric_ids=IDS)}
        return found[name] if name else found.popitem()[1]

    return one


@dataclass(frozen=True)
class Measured:
    """How suggestions compare with a corpus's labels: each wrong one as (test, label, suggestion)."""

    tests: int
    nones: int
    right: int
    suggested: int
    labelled: int
    wrong: tuple

    @property
    def precision(self):
        return self.right / self.suggested

    @property
    def recall(self):
        return self.right / self.labelled


@pytest.fixture(scope="session")
def measure(tmp_path_factory):
    """`measure("tuned")` compares the suggestions for a corpus with the label above each of its tests.

    A corpus is a folder of files `path__to__test_x.py.txt`; a line `#= data-1` or `#= none` above a test is its label
    and is taken out before the file is read, so that nothing gives it away.
    """

    def run(corpus):
        root = tmp_path_factory.mktemp(corpus)
        labels = {}
        for file in sorted((CORPUS / corpus).glob("*.py.txt")):
            name = file.name.removesuffix(".txt").replace("__", "/")
            lines, label = [], None
            for line in file.read_text(encoding="utf-8").splitlines():
                if said := re.match(r"\s*#= (\S+)", line):
                    label = said[1]
                    continue
                if test := re.match(r"\s*(?:async )?def (test\w*)\(", line):
                    if label is not None:
                        labels[name, test[1]] = None if label == "none" else label
                    label = None
                lines.append(line)
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        suite = read_suite(Tree(root), SuiteSettings())
        found = {(s.test.path, s.test.name): s.item for s in suggest(suite, conventions=Conventions(), rubric_ids=IDS)}
        assert set(labels) == set(found), "every test of the corpus has a label, and every label its test"
        return Measured(
            tests=len(labels),
            nones=sum(label is None for label in labels.values()),
            right=sum(label is not None and found[test] == label for test, label in labels.items()),
            suggested=sum(item is not None for item in found.values()),
            labelled=sum(label is not None for label in labels.values()),
            wrong=tuple((test, label, found[test]) for test, label in labels.items() if found[test] != label),
        )

    return run
