"""What git says of a project, and that nothing about git ever raises."""

import os
import subprocess
import time
from datetime import date

import pytest

from mlscore.project.git import GitFacts, git_diagnostics, git_facts, uncommitted

PERSON = {
    "GIT_AUTHOR_NAME": "team",
    "GIT_AUTHOR_EMAIL": "team@example.org",
    "GIT_COMMITTER_NAME": "team",
    "GIT_COMMITTER_EMAIL": "team@example.org",
    "GIT_AUTHOR_DATE": "2026-03-04T23:30:00-0500",
    "GIT_COMMITTER_DATE": "2026-03-04T23:30:00-0500",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch):
    for name, value in PERSON.items():
        monkeypatch.setenv(name, value)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


def git(folder, *args):
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, check=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def empty(root):
    git(root, "init", "-q", "-b", "main")
    return root


@pytest.fixture
def repository(empty, write):
    write("a.txt", "one")
    write("teil ñ/b.txt", "two")
    git(empty, "add", ".")
    git(empty, "commit", "-q", "-m", "First")
    return empty


def test_a_repository_s_facts(repository):
    facts = git_facts(repository)
    assert facts == GitFacts(
        commit=git(repository, "rev-parse", "HEAD"),
        branch="main",
        shallow=False,
        available=True,
        committed=date(2026, 3, 5),
    )


def test_a_folder_below_knows_its_place(repository):
    assert git_facts(repository / "teil ñ").prefix == "teil ñ/"
    assert git_facts(repository / "teil ñ").commit == git_facts(repository).commit


def test_whether_there_are_changes_is_said_when_asked(repository, write):
    assert git_facts(repository).dirty is None
    assert git_facts(repository, dirty=True).dirty is False
    # A report that the run itself has written is no change of what was scored.
    write("new.txt")
    assert git_facts(repository, dirty=True).dirty is False
    git(repository, "add", ".")
    assert git_facts(repository, dirty=True).dirty is True
    git(repository, "commit", "-q", "-m", "Second")
    assert git_facts(repository, dirty=True).dirty is False
    write("a.txt", "changed")
    assert git_facts(repository, dirty=True).dirty is True
    # What differs beside the project is not the project's.
    assert git_facts(repository / "teil ñ", dirty=True).dirty is False


def test_files_that_differ_from_the_commit_are_said_to(repository, write):
    assert git_diagnostics(git_facts(repository, dirty=True)) == ()
    write("a.txt", "changed")
    facts = git_facts(repository, dirty=True)
    (said,) = git_diagnostics(facts)
    assert said.severity == "info"
    assert said.message == f"files differ from the commit {facts.commit[:7]}: the score is of the files as they are"


def test_a_repository_that_names_programs_for_comparing_is_not_compared(repository, write, tmp_path):
    write(".gitattributes", "*.txt filter=theirs\n")
    git(repository, "config", "filter.theirs.clean", f"touch '{tmp_path / 'ran'}'; cat")
    write("a.txt", "changed")
    assert git_facts(repository, dirty=True).dirty is None
    assert not (tmp_path / "ran").exists()


def test_a_branch_with_a_slash_and_a_head_without_a_branch(repository):
    git(repository, "switch", "-q", "-c", "feature/größer")
    assert git_facts(repository).branch == "feature/größer"
    git(repository, "switch", "-q", "--detach")
    facts = git_facts(repository)
    assert (facts.branch, facts.available) == (None, True)
    assert facts.commit is not None


def test_a_worktree_has_its_own_branch(repository, tmp_path):
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    facts = git_facts(tmp_path / "side")
    assert (facts.branch, facts.available, facts.prefix) == ("side", True, "")


def test_a_shallow_clone_says_so(repository, tmp_path, write):
    write("a.txt", "two")
    git(repository, "commit", "-q", "-a", "-m", "Second")
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), str(tmp_path / "clone"))
    facts = git_facts(tmp_path / "clone")
    assert facts.shallow is True
    assert facts.commit == git_facts(repository).commit


def test_a_repository_without_commits(empty):
    facts = git_facts(empty)
    assert (facts.commit, facts.committed, facts.branch, facts.available) == (None, None, "main", True)
    assert git_facts(empty, dirty=True).dirty is False


def test_no_repository(tmp_path):
    assert git_facts(tmp_path) == GitFacts(reason="not a git repository")


def test_a_folder_that_only_looks_like_one(root, tmp_path):
    # The fixture's own `.git` above is an empty folder.
    assert (tmp_path / ".git").is_dir()
    assert git_facts(root) == GitFacts(reason="not a git repository")


def test_no_git(repository, monkeypatch):
    monkeypatch.setenv("PATH", str(repository))
    assert git_facts(repository) == GitFacts(reason="git is not installed")


def test_a_git_that_cannot_be_started(repository, tmp_path, monkeypatch):
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_bytes(b"\0not a program")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent))
    assert git_facts(repository).reason.startswith("git could not be started")


def script(folder, monkeypatch, text):
    fake = folder / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "echo \"fatal: detected dubious ownership in repository at '/x'\" >&2; exit 128",
            "git refuses the repository: it belongs to another user",
        ),
        (
            "echo 'fatal: bad config line 1 in file .git/config' >&2; exit 128",
            "git says: fatal: bad config line 1 in file .git/config",
        ),
        ("exit 3", "git ended with exit code 3"),
        ("echo false", "git gave no answer that can be read"),
    ],
)
def test_a_git_that_refuses(repository, tmp_path, monkeypatch, text, reason):
    script(tmp_path, monkeypatch, text)
    assert git_facts(repository) == GitFacts(reason=reason)


def test_a_repository_of_another_user(repository, monkeypatch):
    # git takes this variable in its own tests to see every repository as somebody else's.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    facts = git_facts(repository, dirty=True)
    assert facts == GitFacts(reason="git refuses the repository: it belongs to another user")


def test_a_git_that_never_answers(repository, tmp_path, monkeypatch):
    script(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr("mlscore.project.git.TIMEOUT", 0.2)
    start = time.monotonic()
    assert git_facts(repository) == GitFacts(reason="git did not answer in time")
    assert time.monotonic() - start < 10


def test_a_project_that_is_gone(tmp_path):
    (tmp_path / ".git").mkdir()
    assert git_facts(tmp_path / "gone").available is False


def test_a_damaged_head_is_unknown(repository):
    (repository / ".git" / "refs" / "heads" / "main").write_text("0" * 40 + "\n", encoding="utf-8")
    facts = git_facts(repository)
    assert (facts.commit, facts.committed, facts.available) == (None, None, True)


def test_a_commit_with_a_strange_date(repository):
    raw = subprocess.run(
        ["git", "cat-file", "commit", "HEAD"], cwd=repository, capture_output=True, check=True
    ).stdout.replace(b" 1772685000 -0500", b" 99999999999999999 +0000")
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        cwd=repository,
        input=raw,
        capture_output=True,
        check=True,
    ).stdout.decode()
    git(repository, "update-ref", "refs/heads/main", made.strip())
    facts = git_facts(repository)
    assert (facts.commit, facts.committed) == (made.strip(), None)


def test_the_repository_s_own_settings_start_no_program(repository, tmp_path):
    spy = tmp_path / "spy.sh"
    spy.write_text(f'#!/bin/sh\ntouch "{tmp_path}/started"\n', encoding="utf-8")
    spy.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(spy))
    git(repository, "config", "core.pager", str(spy))
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "gpg.program", str(spy))
    git(repository, "config", "alias.rev-parse", f"!{spy}")
    hooks = repository / ".git" / "hooks"
    for name in ("post-index-change", "fsmonitor-watchman"):
        (hooks / name).parent.mkdir(exist_ok=True)
        (hooks / name).write_bytes(spy.read_bytes())
        (hooks / name).chmod(0o755)
    assert git_facts(repository, dirty=True).available
    assert not (tmp_path / "started").exists()


def test_a_hook_s_variables_do_not_lead_astray(repository, tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    git(tmp_path / "other", "init", "-q", "-b", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert git_facts(repository / "teil ñ").branch == "main"


def test_the_user_s_language_changes_nothing(repository, monkeypatch):
    for variable in ("LC_ALL", "LANG", "LANGUAGE"):
        monkeypatch.setenv(variable, "tr_TR.UTF-8")
    assert git_facts(repository).commit is not None


def test_two_calls_are_enough(repository, monkeypatch):
    calls = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: calls.append(args) or run(*args, **kwargs))
    git_facts(repository)
    assert len(calls) == 2


def test_files_that_are_not_committed_as_they_are(empty):
    names = ("kept.yml", "changed.yml", "new.yml", "off/ignored.yml", "staged.yml", "odd [name].yml")
    (empty / "off").mkdir()
    for name in names:
        (empty / name).write_text("a: 1\n", encoding="utf-8")
    (empty / ".gitignore").write_text("off/\n", encoding="utf-8")
    git(empty, "add", "kept.yml", "changed.yml", "odd [name].yml", ".gitignore")
    git(empty, "commit", "-q", "-m", "first")
    git(empty, "add", "staged.yml")
    assert uncommitted(empty, names) == {"new.yml", "off/ignored.yml", "staged.yml"}
    (empty / "changed.yml").write_text("a: 2\n", encoding="utf-8")
    assert uncommitted(empty, names) == {"changed.yml", "new.yml", "off/ignored.yml", "staged.yml"}
    assert uncommitted(empty, ["kept.yml"]) == uncommitted(empty, ()) == frozenset()


def test_without_git_nothing_is_called_uncommitted(root, monkeypatch):
    assert uncommitted(root, ["a.yml"]) == frozenset()
    (root / ".git").mkdir()
    monkeypatch.setenv("PATH", "")
    assert uncommitted(root, ["a.yml"]) == frozenset()
