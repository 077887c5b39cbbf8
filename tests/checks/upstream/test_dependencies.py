"""Changes of direct dependencies: named, announced or not, between two files and two commits of a real repository."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from mlscore.checks.upstream.changes import FailOn, Way, announced_in, compare_locks
from mlscore.checks.upstream.dependencies import compare_dependencies
from mlscore.checks.upstream.locks import read_lock
from mlscore.checks.upstream.versions import Step
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError

OLD = "pandas==2.2.3\nnumpy==1.26.4\nscipy==1.13.0\nsix==1.16.0\ntorch @ https://example.org/a.whl\n"
NEW = "pandas==3.0.1\nnumpy==1.26.5\nscipy==1.12.0\nrich==13.0\ntorch @ https://example.org/b.whl\n"


def compare(old=OLD, new=NEW, **given):
    before, after = read_lock("old.txt", old), read_lock("new.txt", new)
    return compare_locks(before, after, frozenset(before.packages) | frozenset(after.packages), **given)


def test_every_change_is_named():
    result = compare()
    assert {one.name: (one.way, one.step) for one in result.changes} == {
        "pandas": (Way.UP, Step.MAJOR),
        "torch": (Way.OTHER, Step.SOURCE),
        "scipy": (Way.DOWN, Step.MINOR),
        "numpy": (Way.UP, Step.PATCH),
        "six": (Way.REMOVED, None),
        "rich": (Way.ADDED, None),
    }
    assert [str(one) for one in result.failing] == [
        "pandas: 2.2.3 -> 3.0.1, major up; not announced",
        "torch: https://example.org/a.whl -> https://example.org/b.whl, from another source; not announced",
    ]
    assert (result.passed, result.direct, result.hollow) == (False, 6, None)


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        (FailOn.MAJOR, {"pandas", "torch"}),
        (FailOn.MINOR, {"pandas", "torch", "scipy"}),
        (FailOn.ANY, {"pandas", "torch", "scipy", "numpy", "six", "rich"}),
    ],
)
def test_what_must_be_announced(fail_on, failing):
    assert {one.name for one in compare(fail_on=fail_on).failing} == failing


def test_the_same_twice_changes_nothing():
    result = compare(OLD, OLD)
    assert (result.changes, result.passed) == ((), True)


def test_a_version_spelt_otherwise_is_the_same():
    assert compare("pandas==2.2\n", "pandas==2.2.0\n").changes == ()


def test_indirect_packages_are_left_out():
    before, after = read_lock("a.txt", OLD), read_lock("b.txt", NEW)
    result = compare_locks(before, after, frozenset({"numpy", "lost"}))
    assert [one.name for one in result.changes] == ["numpy"]
    assert "lost: asked for, but not locked" in result.not_judged
    everything = compare_locks(before, after, None)
    assert "which packages are direct: no manifest says so, all are compared" in everything.not_judged


@pytest.mark.parametrize(
    ("line", "announced"),
    [
        ("- pandas 3", True),
        ("- Pandas: 2.2.3 -> 3.0.1", True),
        ("- `pandas` v3.0 (copy on write)", True),
        ("- pandas", False),
        ("- pandas 3.1", False),
        ("- pandas 2.2.3", False),
        ("- pandas-stubs 3.0.1", False),
        ("- geo-pandas 3.0.1", False),
        ("- 3.0.1 of pandas", False),
        ("- torch", False),
    ],
)
def test_a_notice_names_the_package_and_the_version(line, announced):
    result = compare(announcers=[announced_in([line], "CHANGELOG.md")])
    (pandas,) = (one for one in result.changes if one.name == "pandas")
    assert pandas.announced == ("CHANGELOG.md" if announced else None)


def test_names_may_be_spelt_otherwise_and_a_source_needs_its_name_alone():
    (change,) = compare("scikit-learn==1.5\n", "scikit-learn==2.0\n").changes
    assert announced_in(["scikit_learn 2.0"], "x")(change) == "x"
    (torch,) = (one for one in compare().changes if one.name == "torch")
    assert announced_in(["torch from our own build"], "x")(torch) == "x"


def test_platforms_with_versions_of_their_own():
    table = '[[package]]\nname = "numpy"\nversion = "{}"\n'
    before = read_lock("pdm.lock", table.format("1.26.4"))
    both = read_lock("pdm.lock", table.format("1.26.4") + table.format("2.1.0"))
    (change,) = compare_locks(before, both, None).changes
    assert str(change) == "numpy: 1.26.4 -> 1.26.4, 2.1.0, major up; not announced"
    less = read_lock("pdm.lock", table.format("1.0") + table.format("2.1.0"))
    (change,) = compare_locks(both, less, None).changes
    assert (change.way, change.step) == (Way.OTHER, Step.PATCH)


@pytest.fixture
def git(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    def call(*args):
        options = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *options, *args], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    call("init", "-q", "-b", "main")
    return call


@pytest.fixture
def repository(git, write):
    """A repository with the old lock file at the tag v1, and the new one in the work tree."""
    write("requirements.txt", OLD)
    write("CHANGELOG.md", "# 1.0\n\n- pandas 3 is not supported\n")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    git("tag", "v1")
    write("requirements.txt", NEW)
    return git


def names(result):
    return {one.name for one in result.failing}


def test_against_the_newest_tag_and_a_commit(repository, tmp_path):
    for given in ({}, {"since": "v1"}, {"since": "HEAD"}):
        assert names(compare_dependencies(tmp_path, "requirements.txt", **given)) == {"pandas", "torch"}
    repository("commit", "-q", "-am", "two")
    assert names(compare_dependencies(tmp_path, "requirements.txt")) == {"pandas", "torch"}
    assert not compare_dependencies(tmp_path, "requirements.txt", since="HEAD").changes


def test_only_what_a_notice_gained_announces(repository, tmp_path, write):
    given = {"notices": ["CHANGELOG.md"], "approved": ["torch from our own build"]}
    assert names(compare_dependencies(tmp_path, "requirements.txt", **given)) == {"pandas"}
    write("CHANGELOG.md", "# 2.0\n\n- pandas 3\n\n# 1.0\n\n- pandas 3 is not supported\n")
    result = compare_dependencies(tmp_path, "requirements.txt", **given)
    assert result.passed
    assert {one.announced for one in result.changes if one.name in ("pandas", "torch")} == {"CHANGELOG.md", "approval"}


def test_between_two_files(write, tmp_path):
    write("old/requirements.txt", OLD)
    write("requirements.txt", NEW)
    result = compare_dependencies(tmp_path, "requirements.txt", before="old/requirements.txt")
    assert names(result) == {"pandas", "torch"}
    same = compare_dependencies(tmp_path, "requirements.txt", before="old/../requirements.txt")
    assert same.hollow == "the lock file is compared with itself"


def test_the_manifest_beside_a_lock_file_says_what_is_direct(repository, tmp_path, write):
    lock = '[[package]]\nname = "pandas"\nversion = "{}"\n[[package]]\nname = "six"\nversion = "{}"\n[metadata]\n'
    write("app/poetry.lock", lock.format("2.0", "1.0"))
    write("app/pyproject.toml", '[tool.poetry.dependencies]\npandas = "*"\n')
    repository("add", "-A")
    repository("commit", "-q", "-m", "poetry")
    write("app/poetry.lock", lock.format("3.0", "2.0"))
    result = compare_dependencies(tmp_path, "app/poetry.lock", since="HEAD")
    assert [one.name for one in result.changes] == ["pandas"]
    # What was direct then, and is no more, counts too.
    write("app/pyproject.toml", '[tool.poetry.dependencies]\nsix = "*"\n')
    result = compare_dependencies(tmp_path, "app/poetry.lock", since="HEAD")
    assert [one.name for one in result.changes] == ["pandas", "six"]


def test_a_frozen_file_is_all_direct_unless_a_manifest_beside_it_says_otherwise(write, tmp_path):
    write("old.txt", OLD)
    write("requirements.txt", NEW)
    write("pyproject.toml", "[tool.ruff]\nline-length = 99\n")
    given = {"before": "old.txt", "fail_on": FailOn.ANY}
    assert len(names(compare_dependencies(tmp_path, "requirements.txt", **given))) == 6
    write("requirements.in", "numpy\n")
    assert names(compare_dependencies(tmp_path, "requirements.txt", **given)) == {"numpy"}


def test_an_included_file_is_read_at_the_commit(repository, tmp_path, write):
    write("all.txt", "-r base/base.txt\n")
    write("base/base.txt", "pandas==1.0\n")
    repository("add", "-A")
    repository("commit", "-q", "-m", "include")
    write("base/base.txt", "pandas==2.0\n")
    result = compare_dependencies(tmp_path, "all.txt", since="HEAD")
    assert [str(one) for one in result.changes] == ["pandas: 1.0 -> 2.0, major up; not announced"]


DEPENDABOT = """
version: 2
updates:
  - package-ecosystem: {ecosystem}
    directory: {directory}
    schedule: {{interval: weekly}}
    {more}
"""


def dependabot(ecosystem="pip", directory="/", more=""):
    return DEPENDABOT.format(ecosystem=ecosystem, directory=directory, more=more)


@pytest.mark.parametrize(
    ("path", "text", "failing"),
    [
        (".github/dependabot.yml", dependabot(), set()),
        (".github/dependabot.yml", dependabot("npm"), {"pandas", "torch"}),
        (".github/dependabot.yml", dependabot(directory="/other"), {"pandas", "torch"}),
        (".github/dependabot.yml", dependabot(more="open-pull-requests-limit: 0"), {"pandas", "torch"}),
        (".github/dependabot.yml", dependabot(more="ignore: [{dependency-name: pan*}]"), {"pandas"}),
        (".github/dependabot.yml",
         dependabot(more="ignore: [{dependency-name: '*', update-types: ['version-update:semver-major']}]"),
         {"pandas", "torch"}),
        (".github/dependabot.yml", dependabot(more="allow: [{dependency-name: torch}]"), {"pandas"}),
        ("dependabot.yml", dependabot(), {"pandas", "torch"}),
        ("renovate.json", "{}", set()),
        (".github/renovate.json", json.dumps({"enabled": False}), {"pandas", "torch"}),
        (".renovaterc", json.dumps({"ignoreDeps": ["pandas"]}), {"pandas"}),
        ("renovate.json", json.dumps({"packageRules": [{"matchUpdateTypes": ["major"], "enabled": False}]}),
         {"pandas", "torch"}),
        ("renovate.json", json.dumps({"packageRules": [{"matchPackageNames": ["x"], "enabled": False}]}), set()),
        ("renovate.json", json.dumps({"major": {"enabled": False}}), {"pandas"}),
        ("renovate.json", "{", {"pandas", "torch"}),
        ("renovate.json5", "{}", {"pandas", "torch"}),
    ],
)  # fmt: skip
def test_bots_announce_what_their_configuration_covers(repository, tmp_path, write, path, text, failing):
    write(path, text)
    result = compare_dependencies(tmp_path, "requirements.txt")
    assert names(result) == failing
    if path == "renovate.json5" or text == "{":
        assert any(path in line for line in result.not_judged)


def test_what_git_does_not_know(repository, tmp_path, write, git):
    with pytest.raises(InputError, match=r'^since "v9": it names no commit; mend it$'):
        compare_dependencies(tmp_path, "requirements.txt", since="v9")
    with pytest.raises(InputError, match="it names no commit"):
        compare_dependencies(tmp_path, "requirements.txt", since="--all")
    with pytest.raises(InputError, match=r"^lost\.txt: there is no such file at [0-9a-f]{7}; check the path$"):
        compare_dependencies(tmp_path, "lost.txt", since="v1")
    git("tag", "-d", "v1")
    with pytest.raises(InputError, match="no tag leads to the earlier lock file; name the earlier"):
        compare_dependencies(tmp_path, "requirements.txt")


def test_a_shallow_clone_says_what_to_fetch(repository, tmp_path, monkeypatch):
    repository("commit", "-q", "-am", "two")
    first = repository("rev-list", "--max-parents=0", "HEAD").strip()
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", tmp_path.as_uri(), str(clone)], check=True, capture_output=True)
    with pytest.raises(InputError, match=r"git fetch --unshallow --tags"):
        compare_dependencies(clone, "requirements.txt", since=first)


def test_without_git(tmp_path, write):
    write("requirements.txt", NEW)
    with pytest.raises(InputError, match="not a git repository"):
        compare_dependencies(tmp_path, "requirements.txt", since="HEAD")


def test_the_check(repository, run, write):
    result = run("dependency-changes", lock="requirements.txt")
    assert (result.outcome, result.summary) == (Outcome.FAILED, "6 of 6 direct dependencies changed, 2 without a word")
    assert result.details["changes"][0]["name"] == "pandas"
    approved = ["pandas 3", "torch"]
    result = run("dependency-changes", lock="requirements.txt", approved=approved)
    assert (result.outcome, result.summary) == (Outcome.PASSED, "6 of 6 direct dependencies changed")
    assert run("dependency-changes", lock="requirements.txt", approved=approved, **{"fail-on": "any"}).passed is False
    write("empty.txt", "# nothing\n")
    result = run("dependency-changes", lock="empty.txt", before="empty.txt")
    assert result.outcome is Outcome.HOLLOW
    write("other.txt", "")
    assert run("dependency-changes", lock="empty.txt", before="other.txt").hollow == "no direct dependency is locked"
    with pytest.raises(ConfigError, match="before and since are both given"):
        run("dependency-changes", lock="requirements.txt", before="a", since="b")
