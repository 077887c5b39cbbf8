"""A training command, and a repository with released models: what checks on files of models are tried by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from mlscore.checks import check_provenance, check_reproducible
from mlscore.predictors.provenance import write_note

# Logistic regression by stochastic gradient, in numpy alone, so that a process takes a tenth of a second.
TRAIN = """
import sys
import numpy
data = numpy.random.default_rng(int(sys.argv[1]))
rows = data.normal(size=(300, 4))
labels = rows @ [1.0, -1.0, 0.5, 0.0] + data.normal(size=300) > 0
order = numpy.random.default_rng(None if sys.argv[2] == "none" else int(sys.argv[2]))
weights = numpy.zeros(4)
for place in order.permutation(300):
    weights += 0.1 * (labels[place] - 1 / (1 + numpy.exp(-rows[place] @ weights))) * rows[place]
numpy.save(sys.argv[3], weights)
"""


class _Folder:
    """A folder for as long as a block lasts."""

    def __enter__(self) -> Self:
        self.path = Path(tempfile.mkdtemp(prefix="mlscore-benchmark-"))
        self.prepare()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def prepare(self) -> None:
        """Fill the folder."""


class Training(_Folder):
    """A project that trains by a command, with a seed or without."""

    def prepare(self) -> None:
        """Write the program."""
        (self.path / "train.py").write_text(TRAIN, encoding="utf-8")

    def differs(self, number: int, *, seeded: bool) -> bool:
        """Whether the check `reproducible` finds two trainings on the same rows to differ."""
        command = [sys.executable, "train.py", str(number), str(number) if seeded else "none", "{artefact}"]
        return not check_reproducible(command, "model.npy", self.path, search=False).passed


class Repository(_Folder):
    """A project in git whose training code came by a merged and reviewed request."""

    def prepare(self) -> None:
        """Commit the code on a branch, and have another person merge it."""
        self._git("init", "-q", "-b", "main")
        (self.path / ".gitignore").write_text("model*\n", encoding="utf-8")
        (self.path / "CODEOWNERS").write_text("train.py reviewer@example.org\n", encoding="utf-8")
        self._commit("start", "a = 1\n")
        self._git("checkout", "-q", "-b", "topic")
        self._commit("work", "a = 2\n")
        self._git("checkout", "-q", "main")
        self._git("merge", "-q", "--no-ff", "-m", "Merge pull request #1 from topic", "topic", who="reviewer")

    def refused(self, number: int, *, stale: bool) -> bool:
        """Whether the check `provenance` refuses a release; a stale one has the new note beside the old weights."""
        path = self.path / "model.bin"
        path.write_bytes(f"weights {number}".encode())
        write_note(path, root=self.path, libraries=())
        if stale:
            path.write_bytes(f"weights {number - 1}".encode())
        return not check_provenance(path, self.path, since="HEAD^", code=["train.py"]).passed

    def _commit(self, message: str, code: str) -> None:
        (self.path / "train.py").write_text(code, encoding="utf-8")
        self._git("add", "train.py", ".gitignore", "CODEOWNERS")
        self._git("commit", "-q", "-m", message)

    def _git(self, *args: str, who: str = "author") -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        named = {f"GIT_{role}_NAME": who for role in ("AUTHOR", "COMMITTER")}
        mails = {f"GIT_{role}_EMAIL": f"{who}@example.org" for role in ("AUTHOR", "COMMITTER")}
        own = {**kept, **named, **mails, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(["git", *args], cwd=self.path, env=own, check=True, capture_output=True)
