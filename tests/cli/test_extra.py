"""`mlscore extra`: what it lists, installs and removes, and what it says of what there is not."""

import pytest

from mlscore.extras.shapes import Environment, python_in


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("MLSCORE_HOME", str(folder))
    return folder


def test_list_of_nothing(mlscore):
    done = mlscore("extra", "list")
    assert (done.code, done.err) == (0, "")
    first, _, last = done.out.splitlines()
    assert first == "deepchecks: not installed"
    assert last.strip() == "mlscore extra install deepchecks"
    (one,) = mlscore("extra", "list", "--report", "json").data["extras"]
    assert (one["name"], one["state"], one["folder"]) == ("deepchecks", "not installed", None)


def test_a_half_one_is_listed_and_removed(mlscore, home):
    python_in(home / "extras" / "deepchecks").parent.mkdir(parents=True)
    assert mlscore("extra", "list").out.startswith("deepchecks: broken or outdated\n")
    assert mlscore("extra", "remove", "deepchecks").out == f"deepchecks: removed {home}/extras/deepchecks\n"
    assert mlscore("extra", "remove", "deepchecks").out == "deepchecks: it is not installed\n"


def test_what_there_is_not(mlscore):
    done = mlscore("extra", "install", "model")
    assert (done.code, done.out) == (2, "")
    assert 'pip install "ml-test-score[model]"' in done.err
    done = mlscore("extra", "install", "deepchecks", "--python", "nowhere")
    assert done.code == 2
    assert done.err == "mlscore: nowhere: this is no Python that runs; name one of Python 3.11 or 3.12\n"


@pytest.mark.parametrize(("built", "how"), [(True, "built in 0 s"), (False, "there already")])
def test_install_says_what_it_did(mlscore, monkeypatch, home, built, how):
    def install(extra, *, python, tell):
        tell("making an environment with Python 3.12.1", None)
        tell("fetching 1 of 2 packages", 0.4)
        tell("fetching 2 of 2 packages", 0.8)
        return Environment(extra, home, "3.12.1", "2026-11-21T00:00:00Z", 743), built

    monkeypatch.setattr("mlscore.extras.build.install", install)
    done = mlscore("extra", "install", "deepchecks")
    assert done.code == 0
    assert done.out == f"deepchecks: {how}: {home} (Python 3.12.1, 743 MB)\n"
    assert done.err.splitlines() == [
        "deepchecks: making an environment with Python 3.12.1",
        "deepchecks: fetching 1 of 2 packages",
    ]
