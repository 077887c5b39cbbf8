"""A model's origin, followed through real repositories: each fault is a finding, what nobody knows never helps."""

import json
import subprocess

import pytest

from mlscore.checks import check_provenance
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.provenance import note_path
from mlscore.predictors.shapes import Provenance

PULL = "Merge pull request #7 from org/topic"


def judged(project, model, **options):
    return check_provenance(model, project.path, **{"code": ("train",), **options})


def test_a_model_from_a_reviewed_commit(project, train):
    _, merged = project.merge(PULL, train__fit_py="a = 2\n")
    report = judged(project, train())
    assert report.passed
    assert report.hollow is None
    assert (report.commit, report.arrival, report.branch) == (merged, merged, "main")
    (change,) = report.changes
    assert (change.commit, change.reviewed, change.pull) == (merged, True, "#7")
    assert change.why == "#7, with owners for all the code"


def test_a_commit_of_the_request_itself(project, train):
    made, merged = project.merge(PULL, train__fit_py="a = 2\n")
    model = train()
    note = json.loads(note_path(model).read_text())
    note_path(model).write_text(json.dumps({**note, "commit": made}))
    report = judged(project, model)
    assert report.passed
    assert report.hollow is None
    assert (report.commit, report.arrival) == (made, merged)


def test_code_that_the_branch_never_held(project, train):
    project.git("checkout", "-q", "-b", "long")
    early = project.commit("half", train__fit_py="a = 2\n")
    model = train()
    project.commit("whole", train__fit_py="a = 3\n")
    project.git("checkout", "-q", "main")
    project.git("merge", "-q", "--no-ff", "-m", PULL, "long")
    report = judged(project, model)
    assert f"trained from {early[:7]}, before it was merged as" in report.findings[0]


def test_a_dirty_tree(project, train):
    project.merge(PULL, train__fit_py="a = 2\n")
    (project.path / "train" / "fit.py").write_text("a = 99\n")
    report = judged(project, train())
    assert report.findings == ("the tree had changes that were not committed when the model was trained",)


def test_a_model_that_is_not_the_one_of_the_note(project, train):
    project.merge(PULL, train__fit_py="a = 2\n")
    model = train()
    model.write_bytes(b"PK\x03\x04 other weights")
    report = judged(project, model)
    assert report.findings[0].startswith("model.skops.provenance.json is of another file: it names sha256:")


def test_a_model_without_a_note(project):
    (project.path / "model.skops").write_bytes(b"PK")
    report = judged(project, project.path / "model.skops")
    assert report.findings == ("nothing says from which commit the model was trained",)


def test_a_commit_that_is_not_there(project):
    report = judged(project, Provenance("onnx", "sha256:0", commit="5" * 40, dirty=False))
    assert report.findings == ("the commit 555555555555 is not in the repository",)


@pytest.mark.parametrize("word", ["--all", "main..main", "HEAD", "main", "abc", "deadbeef\n"])
def test_a_commit_that_is_none(project, word):
    (finding,) = judged(project, Provenance("onnx", "sha256:0", commit=word, dirty=False)).findings
    assert finding.startswith("what is recorded as the commit is none")


def test_a_commit_that_is_not_on_the_branch(project, train):
    project.git("checkout", "-q", "-b", "experiment")
    commit = project.commit("try", train__fit_py="a = 3\n")
    model = train()
    report = judged(project, model)
    assert report.findings == (f"the commit {commit[:7]} is not on the branch main",)
    assert judged(project, model, branch="experiment").arrival == commit


def test_what_was_not_pushed_is_not_on_the_branch(project, train, tmp_path):
    project.merge(PULL, train__fit_py="a = 2\n")
    subprocess.run(["git", "clone", "-q", "--bare", str(project.path), str(tmp_path / "origin")], check=True)
    project.git("remote", "add", "origin", str(tmp_path / "origin"))
    project.git("fetch", "-q", "origin")
    assert judged(project, train()).branch == "origin/main"
    project.merge("Merge pull request #8 from org/topic", train__fit_py="a = 3\n")
    assert "is not on the branch origin/main" in judged(project, train()).findings[0]


def test_a_direct_push(project, train):
    commit = project.commit("quick fix", train__fit_py="a = 2\n")
    report = judged(project, train())
    assert report.findings == (f"{commit[:7]}: it came to the branch without a trace of a review",)


def test_a_push_beside_the_training_code_is_no_matter(project, train):
    project.merge(PULL, train__fit_py="a = 2\n")
    project.commit("words", docs__a_md="text\n")
    assert judged(project, train()).hollow is None
    assert judged(project, train()).passed
    assert not judged(project, train(), code=()).passed


def test_every_change_since(project, train):
    start = project.git("rev-parse", "HEAD")
    direct = project.commit("quick fix", train__fit_py="a = 2\n")
    project.merge(PULL, train__fit_py="a = 3\n")
    model = train()
    assert judged(project, model).passed
    report = judged(project, model, since=start)
    assert report.findings == (f"{direct[:7]}: it came to the branch without a trace of a review",)
    assert len(report.changes) == 2
    # Nothing changed since: the last change is judged, not none.
    assert len(judged(project, model, since="HEAD").changes) == 1
    with pytest.raises(ConfigError, match='"since" names v9, which is no commit here'):
        judged(project, model, since="v9")


def test_a_merge_without_a_request_is_not_known(project, train):
    project.merge("Merge branch 'topic'", train__fit_py="a = 2\n")
    report = judged(project, train())
    assert report.passed
    assert "by no pull request" in report.hollow


def test_a_request_without_owners_is_not_known(project, train):
    (project.path / ".github" / "CODEOWNERS").write_text("/docs/ @org/docs\n", encoding="utf-8")
    project.commit("owners")
    # A change cannot bring the rule that it needs itself.
    (project.path / ".github" / "CODEOWNERS").write_text("* @org/all\n", encoding="utf-8")
    project.merge(PULL, train__fit_py="a = 2\n")
    report = judged(project, train())
    assert report.passed
    assert "gives 1 files of the code no owner, such as train/fit.py" in report.hollow


def test_an_unclean_or_a_silent_note(project, train):
    _, merged = project.merge(PULL, train__fit_py="a = 2\n")
    report = judged(project, Provenance("callable", None, commit=merged))
    assert report.passed
    assert "nobody wrote down whether the tree was clean" in report.hollow
    assert len(report.not_judged) == 2


def test_a_shallow_clone_accuses_nobody(project, train, tmp_path):
    project.merge(PULL, train__fit_py="a = 2\n")
    model = train()
    project.commit("words", docs__a_md="text\n")
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{project.path}", str(tmp_path / "s")], check=True)
    report = check_provenance(model, tmp_path / "s", code=("train",))
    assert report.passed
    assert "as far as a shallow clone shows" in report.hollow


def test_trailers(project, train):
    project.commit("change\n\nReviewed-by: Ben <ben@example.org>", train__fit_py="a = 2\n")
    report = judged(project, train())
    assert report.passed
    assert report.hollow is None
    project.commit("change\n\nReviewed-by: A. N. A. <ANA@example.org>", train__fit_py="a = 3\n")
    assert "its author alone reviewed it" in judged(project, train()).findings[0]


def test_who_merges_may_be_who_reviewed(project, train):
    """A merge's author is the one who merged: the change is of those who wrote what it brought."""

    def merged(reviewer, number):
        project.git("checkout", "-q", "-b", "topic")
        project.commit("work", train__fit_py=f"a = {number}\n")  # by Ana
        project.git("checkout", "-q", "main")
        message = f"Merge branch 'topic'\n\nReviewed-by: {reviewer}"
        project.git("merge", "-q", "--no-ff", "-m", message, "topic", author="Ben", mail="ben@example.org")
        project.git("branch", "-q", "-D", "topic")
        return judged(project, train())

    report = merged("Ben <ben@example.org>", 2)
    assert report.passed
    assert report.hollow is None
    assert "its author alone reviewed it" in merged("Ana <ana@example.org>", 3).findings[0]
    assert "its author alone reviewed it" in merged("ana", 4).findings[0]


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        ({"branch": "mian"}, ConfigError, 'there is no branch "mian"'),
        ({"code": ("trian",)}, InputError, "has no such training code"),
    ],
)
def test_bad_options_are_one_sentence(project, train, options, error, why):
    with pytest.raises(error, match=why):
        judged(project, train(), **options)


def test_what_is_no_repository(tmp_path):
    with pytest.raises(InputError, match="origin comes from git"):
        check_provenance(Provenance("onnx"), tmp_path)


def test_no_branch_that_could_be_meant(project):
    project.git("branch", "-m", "trunk")
    with pytest.raises(ConfigError, match="nothing says which branch is deployed"):
        judged(project, Provenance("onnx"))
    with pytest.raises(InputError, match=r"there is no model model\.skops"):
        judged(project, project.path / "model.skops", branch="trunk")
