"""What surrounds a run and can be wrong: git, the clock, the locale, the terminal, a reader that goes away, Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

SCORE = ("score", "--no-tests")
MARKED = (
    "import pytest\nfrom pathlib import Path\n\n"
    '@pytest.mark.mlscore("data-1")\ndef test_rows():\n    assert Path(__file__).stat().st_size > 10\n'
)
ATTESTATION = """\
[[attestation]]
item = "infra-7"
owner = "equipo-ñandú"
date = 2026-10-01
what = "rolled back – in staging"
link = "https://example.org/drill"
"""


def git(folder, *args, **environ):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def repository(project, write):
    """The project under git, with two commits."""
    write("mlscore.toml", 'name = "x"\n')
    git(project, "init", "-q")
    for day in ("2026-11-19", "2026-11-20"):
        write("README.md", f"# {day}\n")
        git(project, "add", ".")
        at = f"{day}T12:00:00Z"
        git(project, "commit", "-qm", day, GIT_COMMITTER_DATE=at, GIT_AUTHOR_DATE=at)
    return project


@pytest.fixture
def remarks(mlscore, plain):
    """`remarks()`: the commit that a score names, and what it remarks on its surroundings."""

    def call(*args):
        done = mlscore(*(args or SCORE), "--report", "json")
        assert (done.code, done.err) == (0, "")
        data = done.data
        said = [f"{d['severity']} | {d['message']}; {d['help']}" for d in data["diagnostics"] if d["code"] != "no-band"]
        return data["project"]["commit"], [plain(s) for s in said]

    return call


class TestGit:
    def test_a_whole_clone_is_nothing_to_remark(self, repository, remarks):
        assert remarks() == (git(repository, "rev-parse", "HEAD"), [])

    def test_a_shallow_clone(self, repository, tmp_path, remarks, monkeypatch, sentences):
        git(tmp_path, "clone", "-q", "--depth=1", repository.as_uri(), "shallow")
        monkeypatch.chdir(tmp_path / "shallow")
        commit, said = remarks()
        assert commit == git(repository, "rev-parse", "HEAD")
        assert said == sentences

    def test_no_repository(self, project, remarks, sentences):
        assert remarks() == (None, sentences)

    def test_no_git_program(self, repository, tmp_path, remarks, monkeypatch, sentences):
        monkeypatch.setenv("PATH", str(tmp_path))
        assert remarks() == (None, sentences)

    def test_a_git_that_fails(self, repository, tmp_path, remarks, monkeypatch, sentences):
        (tmp_path / "git").write_text("#!/bin/sh\necho 'fatal: corrupt' >&2\nexit 128\n", encoding="utf-8")
        (tmp_path / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert remarks() == (None, sentences)

    def test_an_empty_git_folder(self, project, remarks, sentences):
        (project / ".git").mkdir()
        assert remarks() == (None, sentences)

    def test_a_git_file_that_leads_nowhere(self, project, write, remarks, sentences):
        write(".git", "gitdir: /nowhere/at/all\n")
        assert remarks() == (None, sentences)

    def test_a_repository_without_a_commit(self, project, remarks):
        git(project, "init", "-q")
        assert remarks() == (None, [])

    def test_the_hook_needs_no_git(self, project, mlscore, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        assert mlscore("hook").code == 0


class TestClock:
    @pytest.mark.parametrize("day", [(1970, 1, 1), (2024, 12, 31), (2026, 11, 18)], ids=lambda day: str(day[0]))
    def test_a_clock_that_is_slow(self, day, repository, remarks, clock, sentences):
        clock(*day)
        commit, said = remarks()
        assert commit
        assert said == sentences

    def test_it_is_seen_on_the_terminal_and_fails_a_strict_gate(self, repository, mlscore, clock):
        clock(1970, 1, 1)
        assert mlscore(*SCORE).code == 0
        done = mlscore(*SCORE, "--strict")
        assert done.code == 1
        shown = " ".join(done.out.split())
        assert "clock is wrong: it says 1970-01-01" in shown

    def test_dates_are_not_blamed_for_a_clock_that_was_never_set(self, write, clock, refused, sentences):
        clock(1970, 1, 1)
        assert refused(SCORE, {"mlscore.attestations.toml": ATTESTATION}) == sentences

    def test_a_clock_that_is_a_day_behind_a_colleagues_is_right(self, repository, remarks, clock):
        clock(2026, 11, 19)
        assert remarks()[1] == []

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Nowhere/At-All"])
    def test_no_time_zone_changes_a_day(self, zone, project, write, monkeypatch, mlscore):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        try:
            write("mlscore.attestations.toml", ATTESTATION.replace("2026-10-01", "2026-11-21"))
            report = mlscore(*SCORE, "--report", "json").data
        finally:
            monkeypatch.undo()
            time.tzset()
        assert report["generated_at"] == "2026-11-21T12:00:00Z"
        assert next(i for i in report["items"] if i["id"] == "infra-7")["level"] == "manual"


LOCALES = {
    "C without UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "POSIX": {"LC_ALL": "POSIX", "PYTHONUTF8": "0"},
    "ASCII alone": {"PYTHONIOENCODING": "ascii"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    "Spanish": {"LC_ALL": "es_ES.UTF-8", "LANGUAGE": "es"},
    "one that does not exist": {"LC_ALL": "xx_XX.klingon"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOCALES)
def test_a_locale_other_than_english(name, program, write, project):
    write("mlscore.toml", 'name = "größe – ñandú"\nfail-under = 1\npytest = ["-p", "no:cacheprovider"]\n')
    write("mlscore.attestations.toml", ATTESTATION)
    write("tests/test_größe.py", MARKED)
    env = {"PYTHONIOENCODING": ""} | LOCALES[name]
    command = [
        sys.executable,
        "-c",
        # Several calls in one process, which begins with the locale as a program does.
        "import sys\nfrom mlscore.cli import run\n"
        "codes = [run(args.split()) for args in sys.argv[1:]]\n"
        "sys.exit(codes != [1, 1, 1, 0, 0, 0, 0, 0])\n",
        "score --report terminal",
        "score --no-tests --report json:bericht-ü.json --report markdown --report github --report badge:-",
        "score --no-tests --report json --report readme:-",
        "rubric show",
        "explain data-1",
        "config show --report json",
        "map",
        "hook",
    ]
    done = Output(command, project, env)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    # What is written to a file is UTF-8 wherever it is written, and says the same.
    data = json.loads((project / "bericht-ü.json").read_text(encoding="utf-8"))
    assert data["project"]["name"] == "größe – ñandú"
    wrong = Output([sys.executable, "-m", "mlscore", "hook", "--project", "größe"], project, env)
    assert wrong.code == 2
    assert wrong.err.count("\n") == 1


@pytest.mark.slow
def test_pytest_in_a_locale_that_knows_no_umlaut(project, write):
    write("tests/test_größe.py", MARKED)
    options = ["--mlscore", "--mlscore-report=json:a.json", "--mlscore-report=terminal", "-p", "no:cacheprovider"]
    done = Output([sys.executable, "-m", "pytest", *options], project, LOCALES["C without UTF-8"])
    assert done.code == 0, done.out + done.err
    evidence = json.loads((project / "a.json").read_text(encoding="utf-8"))["items"][0]["evidence"]
    name = evidence[0]["source"]["name"]
    # Python cannot decode the file's name here; what JSON keeps of it leads back to the same bytes.
    assert os.fsencode(name) == "tests/test_größe.py::test_rows".encode()
    assert "The ML Test Score" in done.out


class Output:
    """A finished program; its output may be in any encoding."""

    def __init__(self, command, folder, environ):
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.code = done.returncode
        self.out = done.stdout.decode("latin-1")
        self.err = done.stderr.decode("latin-1")


# Runs a program, and stops it at the moment before a new file is forced to disk.
HELD = """
import os, runpy, sys, time

real = os.fsync

def hold(descriptor):
    print("writing", flush=True)
    time.sleep(60)
    real(descriptor)

os.fsync = hold
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
WRITERS = {
    "score": ("report.json", (*SCORE, "--report", "json:report.json")),
    "readme": ("README.md", (*SCORE, "--report", "readme")),
    "attest": (
        "mlscore.attestations.toml",
        ("attest", "infra-7", "--owner", "ml-platform", "--what", "x", "--link", "https://example.org/a"),
    ),
    "baseline": ("mlscore-baseline.json", ("baseline", "write", "--no-tests")),
    "map": ("tests/test_a.py", ("map", "--write", "--min-confidence", "0")),
}


class TestInterrupted:
    @pytest.fixture
    def held(self, project, write, mlscore):
        """`held(name)`: a program that has begun to write its file and goes no further, and the file's name."""
        write("mlscore.toml", 'name = "x"\n')
        write("report.json", "old\n")
        write("README.md", "# X\n")
        write("mlscore.attestations.toml", ATTESTATION)
        write(
            "tests/test_a.py", "def test_training_twice_with_one_seed():\n    assert train(seed=1) == train(seed=1)\n"
        )
        assert mlscore("baseline", "write", "--no-tests").code == 0
        started = []

        def start(name):
            options = ["-s", "-p", "no:cacheprovider", "--mlscore-report=json:report.json"]
            arguments = ("pytest", *options) if name == "pytest" else ("mlscore", *WRITERS[name][1])
            process = subprocess.Popen(
                [sys.executable, "-c", HELD, *arguments],
                cwd=project,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            started.append(process)
            for line in process.stdout:
                if line.endswith(b"writing\n"):
                    break
            return process

        yield start
        for process in started:
            process.kill()
            process.communicate()

    @pytest.mark.parametrize("name", WRITERS)
    def test_by_ctrl_c(self, name, held, unchanged):
        with unchanged():
            process = held(name)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
        assert (process.returncode, said.strip()) == (130, b"mlscore: interrupted")

    def test_pytest_by_ctrl_c(self, held, project, unchanged):
        with unchanged():
            process = held("pytest")
            process.send_signal(signal.SIGINT)
            said, errors = process.communicate(timeout=30)
        assert process.returncode == pytest.ExitCode.INTERRUPTED
        assert b"mlscore: interrupted before every report was written; run the suite again for them" in said
        assert b"Traceback" not in said + errors
        assert b"1 failed" in said

    def test_for_good(self, held, project):
        before = (project / "mlscore-baseline.json").read_bytes()
        process = held("baseline")
        process.kill()
        process.communicate()
        # Nobody was left to take the unfinished file away, but under the baseline's name nothing half-written stands.
        assert (project / "mlscore-baseline.json").read_bytes() == before
        assert [p.name[:9] for p in project.iterdir() if p.name.startswith(".")] == [".mlscore-"]

    def test_while_tests_run(self, project, write):
        write(
            "tests/test_a.py",
            MARKED.replace("assert", "print('running', flush=True); import time; time.sleep(60)\n    assert"),
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "mlscore", "score", "-r", "json:report.json", "--", "-s", "-p", "no:cacheprovider"],
            cwd=project,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        said = b""
        while b"running" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        os.killpg(process.pid, signal.SIGINT)
        out, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert out == b""
        assert said.endswith(b"mlscore: interrupted\n")
        assert b"Traceback" not in said
        assert not (project / "report.json").exists()


def test_a_reader_that_goes_away_in_the_middle(project):
    command = f'"{sys.executable}" -m mlscore score --no-tests -r json | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run([shutil.which("bash"), "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "{\n0\n"
    assert done.stderr == ""


def test_output_that_is_closed(project):
    command = f'"{sys.executable}" -m mlscore rubric show >&-'
    done = subprocess.run([shutil.which("bash"), "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def test_output_on_a_full_disk(project, complaint, program, sentences):
    command = f'"{sys.executable}" -m mlscore rubric show >/dev/full'
    done = program.run([shutil.which("bash"), "-c", command])
    assert complaint(done) == sentences
