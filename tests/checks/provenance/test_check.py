"""The configured check: the model's own note, the previous release's commit, and what is hollow."""

from datetime import date

import pytest

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.errors import UsageError
from mlscore.predictors.shapes import Provenance
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

PULL = "Merge pull request #7 from org/topic"


class Here(Context):
    """The surroundings of a check whose model is answered for without a process."""

    def predictor(self, *, previous=False):
        class Opened:
            provenance = Provenance("onnx", "sha256:1", commit=(self.root / "commit.json").read_text(), dirty=False)

            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

        return Opened()


def run(project, source="model.skops", previous=None, **options):
    check = find_check("provenance")
    read = read_options(check, CheckSpec("provenance", options={"code": ["train"], **options}))
    model = ModelSettings(source=source, previous=previous)
    return check.run(Here(project.path, DataSettings(), read, date(2026, 11, 1), model=model))


def test_a_model_from_a_reviewed_commit(project, train):
    project.merge(PULL, train__fit_py="a = 2\n")
    train()
    result = run(project)
    assert result.outcome == "passed"
    assert result.summary.endswith("on main, reviewed: #7, with owners for all the code")
    assert result.values[0].value == 1
    assert result.details["recorded"]["dirty"] is False


def test_a_finding_and_what_is_not_known(project, train):
    project.commit("quick fix", train__fit_py="a = 2\n")
    train()
    assert run(project).outcome == "failed"
    project.merge("Merge branch 'topic'", train__fit_py="a = 3\n")
    train()
    result = run(project)
    assert result.outcome == "hollow"
    assert result.summary.startswith("not known: ")
    assert result.unknown


def test_all_changes_since_the_previous_release(project, train):
    train("model.old")
    project.commit("quick fix", train__fit_py="a = 2\n")
    project.merge(PULL, train__fit_py="a = 3\n")
    train()
    assert run(project).passed
    result = run(project, previous="model.old")
    assert not result.passed
    assert result.values[0].unit == "of 2"


def test_the_served_file_is_judged(project, train):
    project.merge(PULL, train__fit_py="a = 2\n")
    train()
    (project.path / "model.bin").write_bytes(b"PK another")
    assert run(project, served="model.bin").findings == ("nothing says from which commit the model was trained",)
    with pytest.raises(UsageError, match='there is no served model "none"'):
        run(project, served="none")


def test_a_model_that_names_its_commit_itself(project):
    _, merged = project.merge(PULL, train__fit_py="a = 2\n")
    (project.path / "commit.json").write_text(merged)
    (project.path / "model.onnx").write_bytes(b"\x08\x07 onnx")
    assert run(project, source="model.onnx").outcome == "passed"
    # A file of a kind that cannot name one is not opened for it.
    (project.path / "model.pkl").write_bytes(b"\x80\x04.")
    assert "nothing says from which commit" in run(project, source="model.pkl").summary
