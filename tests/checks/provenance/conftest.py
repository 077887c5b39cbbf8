"""A project in a repository of its own: training code that came by requests, a model, and its note."""

import os
import subprocess

import pytest

from mlscore.predictors.provenance import write_note


class Repository:
    """A repository in a folder, with a short way to write, commit and merge."""

    def __init__(self, path):
        self.path = path

    def git(self, *args, author="Ana", mail="ana@example.org"):
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in
               (("NAME", author), ("EMAIL", mail), ("DATE", "1767268800 +0000"))}  # fmt: skip
        command = ["git", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false", *args]
        done = subprocess.run(
            command, cwd=self.path, env={**os.environ, **who}, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message, **files):
        """Commit files, `a__b_py` being a/b.py; the commit's hash."""
        for name, text in files.items():
            stem, _, ending = name.replace("__", "/").rpartition("_")
            path = self.path / (f"{stem}.{ending}" if stem else name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def merge(self, message, **files):
        """Commit files on a branch and merge it; the hashes of both commits."""
        self.git("checkout", "-q", "-b", "topic")
        made = self.commit("work", **files)
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", message, "topic")
        self.git("branch", "-q", "-D", "topic")
        return made, self.git("rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    made = Repository(tmp_path / "project")
    made.path.mkdir()
    made.git("init", "-q", "-b", "main")
    (made.path / ".github").mkdir()
    (made.path / ".github" / "CODEOWNERS").write_text("/train/ @org/ml\n", encoding="utf-8")
    (made.path / ".gitignore").write_text("model.*\n*.json\n", encoding="utf-8")
    made.commit("start", train__fit_py="a = 1\n")
    return made


@pytest.fixture
def train(project):
    """Write a model and its note, as training does at the commit that is checked out."""

    def make(name="model.skops", content=b"PK\x03\x04 weights"):
        path = project.path / name
        path.write_bytes(content)
        write_note(path, root=project.path, libraries=())
        return path

    return make
