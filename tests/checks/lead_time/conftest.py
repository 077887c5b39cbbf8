"""Real git repositories whose commits have the dates that a test gives them."""

import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Repository:
    """A repository in a folder; days count from 2026-01-01 at noon."""

    def __init__(self, path):
        self.path = path

    def git(self, *args, day=0.0, written=None):
        def moment(number):
            return f"{int((START + timedelta(days=number)).timestamp())} +0000"

        environ = {
            **os.environ,
            "GIT_AUTHOR_DATE": moment(day if written is None else written),
            "GIT_COMMITTER_DATE": moment(day),
        }
        options = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        command = ["git", *options, "-c", "core.autocrlf=false", "-c", "tag.gpgsign=false", *args]
        done = subprocess.run(command, cwd=self.path, env=environ, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, **files):
        """Write files, `a__b_toml` being a/b.toml; None removes one."""
        for name, text in files.items():
            stem, _, ending = name.replace("__", "/").rpartition("_")
            path = self.path / f"{stem}.{ending}"
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, day, written=None, **files):
        """Commit files on a day; its hash."""
        self.write(**files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x", day=day, written=written)
        return self.git("rev-parse", "HEAD")

    def tag(self, name, day):
        self.git("tag", "-a", name, "-m", name, day=day)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    made = Repository(tmp_path)
    made.git("init", "-q", "-b", "main")
    return made
