"""What messages, CODEOWNERS and platforms say of reviews."""

import json

import pytest

from mlscore.checks import check_provenance
from mlscore.checks.provenance.owners import unowned
from mlscore.checks.provenance.platform import read_platform
from mlscore.checks.provenance.reviews import request_of
from mlscore.errors import InputError


@pytest.mark.parametrize(
    ("message", "request_"),
    [
        ("Merge pull request #12 from org/topic", "#12"),
        ("Faster trees (#34)", "#34"),
        ("Merge pull request 'Faster trees' (#34) from topic into main", "#34"),
        ("Merged in topic (pull request #5)", "#5"),
        ("Merged PR 77: Faster trees", "#77"),
        ("Merge branch 'topic' into 'main'\n\nFaster\n\nSee merge request org/flights!9", "!9"),
        ("Faster\n\nReviewed-on: https://review.example.org/c/1", "https://review.example.org/c/1"),
        ("Merge branch 'topic'", None),
        ("Faster trees, see (#34) for why", None),
        ("Faster\n\nas (#34)", None),
        ("", None),
    ],
)
def test_requests_that_messages_name(message, request_):
    assert request_of(message) == request_


@pytest.mark.parametrize(
    ("rules", "free"),
    [
        ("* @a", ()),
        ("train @a", ("other/train.txt",)),
        ("/train/ @a", ("other/train.txt",)),
        ("train/* @a", ("train/deep/b.py", "other/train.txt")),
        ("**/deep @a", ("train/a.py", "other/train.txt")),
        ("*.py @a", ("other/train.txt",)),
        ("* @a\n/train/", ("train/a.py", "train/deep/b.py")),  # the last rule counts, and it names nobody
        ("* @a # all\n#/train/\n", ()),
        ("[ML] @org/ml\n/train/\n/other/ team@example.org", ()),
        ("^[ML] @org/ml\n*", ("train/a.py", "train/deep/b.py", "other/train.txt")),
        ("[A]\n* @a\n[B][2] @b\n/docs/", ()),
        ("train/?.py @a", ("train/deep/b.py", "other/train.txt")),
        ("", ("train/a.py", "train/deep/b.py", "other/train.txt")),
    ],
)
def test_files_without_owners(rules, free):
    assert unowned(rules, ("train/a.py", "train/deep/b.py", "other/train.txt")) == free


HASH = "ab" * 20
GH = {"number": 3, "author": {"login": "ana"}, "mergeCommit": {"oid": HASH}, "mergedAt": "2026-01-01T00:00:00Z"}


def approved(person, state="APPROVED"):
    return {"author": {"login": person}, "state": state}


@pytest.mark.parametrize(
    ("data", "approvers"),
    [
        ([GH], None),
        ([{**GH, "reviews": [approved("ben")]}], ("ben",)),
        ([{**GH, "reviews": [approved("ana"), approved("ben", "COMMENTED")]}], ()),
        ([{**GH, "reviews": [approved("ben"), approved("ben", "CHANGES_REQUESTED")]}], ()),
        ([{**GH, "reviews": [approved("ben", "CHANGES_REQUESTED"), approved("ben")]}], ("ben",)),
        ({HASH: [{"number": 3, "user": {"login": "ana"}, "merged_at": "2026-01-01", "reviews": []}]}, ()),
        (
            {
                "iid": 3,
                "state": "merged",
                "author": {"username": "ana"},
                "merge_commit_sha": HASH,
                "approved_by": [{"user": {"username": "ben"}}],
            },
            ("ben",),
        ),
    ],
)
def test_what_platforms_say(tmp_path, data, approvers):
    (tmp_path / "pulls.json").write_text(json.dumps(data))
    (pull,) = read_platform(tmp_path / "pulls.json", "pulls.json")
    assert pull.commits == (HASH,)
    assert pull.approvers == approvers


def test_open_requests_are_not_merged(tmp_path):
    (tmp_path / "pulls.json").write_text(json.dumps([{"number": 3, "merged_at": None, "merge_commit_sha": HASH}]))
    assert read_platform(tmp_path / "pulls.json", "pulls.json") == ()


@pytest.mark.parametrize(
    ("text", "why"), [("[", "not valid JSON"), ('[{"a": 1}]', "no pull or merge request"), ("3", "no pull or merge")]
)
def test_files_that_are_none(tmp_path, text, why):
    (tmp_path / "pulls.json").write_text(text)
    with pytest.raises(InputError, match=why):
        read_platform(tmp_path / "pulls.json", "pulls.json")


def test_the_platform_decides(project, train):
    _, merged = project.merge("Merge pull request #3 from org/topic", train__fit_py="a = 2\n")
    model, pulls = train(), project.path / "pulls.json"

    def judged(**entry):
        pulls.write_text(json.dumps([{**GH, "mergeCommit": {"oid": merged}, **entry}]))
        return check_provenance(model, project.path, code=("train",), metadata=pulls)

    report = judged(reviews=[approved("ben")])
    assert report.passed
    assert report.changes[0].why == "#3, approved by ben"
    assert "#3 was merged without anybody else's approval" in judged(reviews=[approved("ana")]).findings[0]
    # A message can name any request: the platform knows which it was.
    assert "the platform says was merged as abababa" in judged(mergeCommit={"oid": HASH}).findings[0]
    assert judged().changes[0].why == "#3, with owners for all the code"


def test_the_platform_speaks_for_commits_without_a_trace(project, train):
    commit = project.commit("rebased", train__fit_py="a = 2\n")
    pulls = project.path / "pulls.json"
    pulls.write_text(json.dumps({commit: [{**GH, "reviews": [approved("ben")]}]}))
    assert check_provenance(train(), project.path, code=("train",), metadata=pulls).passed
