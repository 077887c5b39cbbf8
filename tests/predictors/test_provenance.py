"""Where a model comes from: notes beside it, and what they are worth once it changed."""

from __future__ import annotations

import json
import subprocess

import pytest

from mlscore.errors import InputError
from mlscore.predictors import Provenance
from mlscore.predictors.provenance import note_path, provenance_of, write_note
from mlscore.predictors.sources import digest_of


def git(folder, *words):
    own = ("-c", "user.name=team", "-c", "user.email=team@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def project(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text("print()\n", encoding="utf-8")
    (tmp_path / "train.csv").write_text("a\n1\n", encoding="utf-8")
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "-q", "-m", "Train")
    (tmp_path / "model.bin").write_bytes(b"weights")
    return tmp_path


def test_a_note_says_commit_data_and_versions(project):
    model = project / "model.bin"
    note = write_note(model, root=project, data=[project / "train.csv"], libraries=("pytest", "no-such-library"))
    assert note == project / "model.bin.provenance.json"
    found = provenance_of("skops", model, Provenance("", libraries={"numpy": "1"}))
    assert found.commit == git(project, "rev-parse", "HEAD")
    assert found.dirty is False
    assert found.data_digest == digest_of(project / "train.csv")
    assert found.libraries == {"numpy": "1", "pytest": pytest.__version__}
    assert (found.format, found.size, found.digest) == ("skops", 7, digest_of(model))


def test_a_dirty_tree_is_noted(project):
    (project / "train.py").write_text("print(1)\n", encoding="utf-8")
    write_note(project / "model.bin", root=project)
    assert provenance_of("skops", project / "model.bin", Provenance("")).dirty is True


def test_a_note_about_another_file_says_nothing(project):
    write_note(project / "model.bin", root=project)
    (project / "model.bin").write_bytes(b"other weights")
    found = provenance_of("skops", project / "model.bin", Provenance("", commit="of the file itself"))
    assert (found.commit, found.dirty) == ("of the file itself", None)


@pytest.mark.parametrize("text", ["", "[]", '{"commit": 3}', "{"])
def test_a_note_that_cannot_be_read_is_one_sentence(project, text):
    note_path(project / "model.bin").write_text(text, encoding="utf-8")
    with pytest.raises(
        InputError, match=r"model\.bin\.provenance\.json is no note about a model; have training write it"
    ):
        provenance_of("skops", project / "model.bin", Provenance(""))


def test_there_is_no_note_about_what_is_not_there(project):
    with pytest.raises(InputError, match=r"there is no away\.csv to write a note about"):
        write_note(project / "model.bin", root=project, data=[project / "away.csv"])
    assert not note_path(project / "model.bin").exists()


def test_versions_that_differ_are_told():
    made = Provenance("onnx", libraries={"b": "1", "a": "2", "away": "3"}, installed={"a": "2+cpu", "b": "9"})
    assert made.differences == ("b 1, here 9",)


def test_the_digest_of_a_folder_knows_names_and_contents(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "in").mkdir(parents=True)
        (tmp_path / name / "in" / "x").write_text("same", encoding="utf-8")
    first = digest_of(tmp_path / "one")
    assert first == digest_of(tmp_path / "two")
    (tmp_path / "two" / "in" / "x").rename(tmp_path / "two" / "in" / "y")
    assert digest_of(tmp_path / "two") != first


def test_notes_are_json(project):
    note = write_note(project / "model.bin", root=project)
    assert set(json.loads(note.read_text(encoding="utf-8"))) == {
        "digest",
        "commit",
        "dirty",
        "data_digest",
        "libraries",
    }
