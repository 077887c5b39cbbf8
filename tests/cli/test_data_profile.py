"""`mlscore data profile`: files, roles and callables, each form, and what cannot be read."""

from __future__ import annotations

import pytest

CSV = "age,city\n31,Vigo\n40,Lugo\n,Vigo\n"


@pytest.fixture
def people(write):
    return write("people.csv", CSV)


def test_a_file(mlscore, people, snapshot):
    done = mlscore("data", "profile", "people.csv")
    assert (done.code, done.err) == (0, "")
    assert done.out == snapshot


def test_json_has_the_figures(mlscore, people, project):
    done = mlscore("data", "profile", "people.csv", "-r", "json", "-r", "markdown:people.md")
    age, city = done.data["columns"]
    assert (done.data["rows"], age["null"], age["minimum"], age["maximum"], age["mean"]) == (3, 1, 31, 40, 35.5)
    assert city["top"] == [{"value": "Vigo", "count": 2}, {"value": "Lugo", "count": 1}]
    assert (project / "people.md").read_text(encoding="utf-8").startswith("### people.csv: 3 rows, 2 columns")


def test_chosen_columns(mlscore, people):
    done = mlscore("data", "profile", "people.csv", "-c", "city", "-r", "json")
    assert [column["name"] for column in done.data["columns"]] == ["city"]
    assert mlscore("data", "profile", "people.csv", "-c", "town").code == 2


def test_a_role_of_the_project(mlscore, write, project):
    write("mlscore.toml", '[data]\ntrain = "data/${PEOPLE_OF_THE_TEST}.csv"\n')
    write("data/people.csv", CSV)
    done = mlscore("data", "profile", "train")
    assert done.code == 2
    assert "the environment variable PEOPLE_OF_THE_TEST is not set" in done.err


def test_a_role_with_its_variable(mlscore, write, monkeypatch):
    monkeypatch.setenv("PEOPLE_OF_THE_TEST", "people")
    write("mlscore.toml", '[data]\ntrain = "data/${PEOPLE_OF_THE_TEST}.csv"\n')
    write("data/people.csv", CSV)
    assert "3 rows, 2 columns" in mlscore("data", "profile", "train").out


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("nope.parquet",), "mlscore: nope.parquet: there is no such file"),
        (("people.csv", "--bins", "0"), "0 is not in the range"),
        (("people.csv", "-r", "html"), 'option --report: this result has no form "html"; use terminal, json, markdown'),
        (("people.csv", "-r", "json:"), 'no file is named after "json:"'),
        (("serving",), 'the data role "serving" is not configured'),
    ],
)
def test_a_mistake_is_one_sentence(mlscore, people, args, sentence):
    done = mlscore("data", "profile", *args)
    assert done.code == 2
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_a_misspelt_command_is_told(mlscore):
    done = mlscore("data", "profil")
    assert done.code == 2
    assert done.err == 'mlscore: there is no command "data profil"; did you mean "profile"?\n'
