"""The real doors, each called as a person would: the command and pytest in this process, and both as programs."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from syrupy.extensions.amber import AmberSnapshotExtension

# Imported here, so that pytest's tester does not load them anew for each run in this process.
import mlscore.collect.junit_foreign
import mlscore.pipeline
import mlscore.probes.automation
import mlscore.probes.hollow
import mlscore.project.load
import mlscore.project.rubrics
import mlscore.pytest_plugin.activate
import mlscore.pytest_plugin.figures
import mlscore.report.json_report
import mlscore.report.terminal
from mlscore.cli import run as run_command

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
# The commands that look at the clock by themselves, besides loading the configuration.
CLOCKS = ("_shared", "attest", "waive", "hook")
OURS = re.compile(r"CI|MLSCORE_.*|GITHUB_.*|NO_COLOR|FORCE_COLOR|PY_COLORS|TERM|PYTEST_ADDOPTS|GIT_.*")
CI_VARIABLES = ("GITLAB_CI", "TF_BUILD", "JENKINS_URL", "CIRCLECI", "BITBUCKET_BUILD_NUMBER", "TRAVIS", "DRONE",
                "BUILDKITE", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID")  # fmt: skip


class Sentences(AmberSnapshotExtension):
    """One file for every module here, so that a person can read all sentences in one place."""

    @classmethod
    def get_file_basename(cls, *, test_location, index):
        return "sentences"


@dataclass(frozen=True)
class Done:
    """What a call left: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)


@pytest.fixture
def sentences(snapshot):
    return snapshot.use_extension(Sentences)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    """No CI, no colours, nothing of the user's, wherever these tests run."""
    for name in os.environ:
        if OURS.fullmatch(name) or name in CI_VARIABLES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def clock(monkeypatch):
    """`clock(year, month, day)` sets the commands' clock; it begins at noon of 2026-11-21 (UTC)."""

    def set_to(*day):
        moment = datetime(*day, 12, tzinfo=UTC)
        for name in CLOCKS:
            monkeypatch.setattr(import_module(f"mlscore.cli.{name}"), "now", lambda: moment)

    set_to(NOW.year, NOW.month, NOW.day)
    return set_to


@pytest.fixture
def project(tmp_path, monkeypatch, clock):
    """An empty project's folder, the current one: with a space and letters beyond ASCII in its path."""
    folder = tmp_path / "proyecto ñandú ßµ"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def write(project):
    """`write("a/b.py", text or bytes)` writes a file of the project, its line ends as they are."""

    def put(name, content=""):
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return put


@pytest.fixture
def mlscore(project, capsys):
    """`mlscore("explain", "data-1")` runs the command in this process."""

    def call(*args):
        capsys.readouterr()
        code = run_command([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture
def suite(project, pytester, monkeypatch, capsys):
    """`suite("--mlscore")` runs pytest on the project in this process, with the plugin."""
    monkeypatch.chdir(project)

    def call(*args):
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:syrupy", "-p", "no:asyncio", *args)
        capsys.readouterr()
        return Done(int(result.ret), result.stdout.str(), result.stderr.str())

    return call


@pytest.fixture
def program(project):
    """`program("score")` starts the command, `program.pytest()` pytest, as programs of their own."""
    return Programs(project)


class Programs:
    """Starts programs in the project's folder; keywords are changes of the environment."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *args, **environ):
        return self.run([sys.executable, "-m", "mlscore", *args], environ)

    def pytest(self, *args, **environ):
        options = ["-p", "no:cacheprovider", "-p", "no:syrupy", "-p", "no:asyncio", *args]
        return self.run([sys.executable, "-m", "pytest", *options], environ)

    def run(self, command, environ=None, *, may_write_everywhere=True):
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
            preexec_fn=None if may_write_everywhere else _give_up_superpowers,
        )
        return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def _give_up_superpowers():
    """Let permissions bind root too: after this, the program to be executed cannot pass over them."""
    import ctypes

    drop_from_bounding_set, override_permissions, search_and_read_everything = 24, 1, 2
    libc = ctypes.CDLL(None)
    for capability in (override_permissions, search_and_read_everything):
        libc.prctl(drop_from_bounding_set, capability, 0, 0, 0)


@pytest.fixture
def plain(tmp_path, project):
    """`plain(text)`: without this machine's paths and figures, as the snapshots keep it."""

    def normalise(text):
        text = text.replace(str(project), "PROJECT").replace(str(tmp_path), "TMP").replace(str(Path.cwd()), "PROJECT")
        # pytest's own door has the machine's clock.
        return re.sub(r"today is \d{4}-\d\d-\d\d", "today is TODAY", text).rstrip("\n")

    return normalise


@pytest.fixture
def complaint(plain):
    """`complaint(done, code)`: the one sentence with which a call ended, whatever else it printed before it."""

    def check(done, code=2):
        everything = done.out + done.err
        assert "Traceback" not in everything
        assert "internal error" not in everything
        said = [line.removeprefix("ERROR: ") for line in everything.splitlines() if "mlscore: " in line]
        assert len(said) == 1, everything
        assert done.code == code, everything
        sentence = plain(said[0])
        assert sentence.startswith("mlscore: ")
        assert "; " in sentence, "what to do is missing"
        assert all(c.isprintable() for c in sentence)
        return f"exit {code} | {sentence}"

    return check


@pytest.fixture
def refused(mlscore, write, unchanged, complaint):
    """`refused(args, files)`: the sentence with which the command refuses to do anything at all."""

    def call(args, files=None, code=2):
        for name, content in (files or {}).items():
            write(name, content)
        with unchanged():
            done = mlscore(*args)
        assert done.out == ""
        return complaint(done, code)

    return call


def contents(folder):
    """Every file below a folder with its bytes, and every link with its goal."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        # Byte code is Python's and pytest's to write, wherever the surroundings allow it.
        if (path.is_symlink() or path.is_file()) and "__pycache__" not in path.parts
    }


@pytest.fixture
def unchanged(project):
    """A context in which no file of the project may change, appear or vanish."""
    from contextlib import contextmanager

    @contextmanager
    def watch():
        before = contents(project)
        yield
        assert contents(project) == before

    return watch
