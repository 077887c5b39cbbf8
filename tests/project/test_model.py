"""`[tool.mlscore.model]`: what arrives, with its origin, and what is refused."""

from __future__ import annotations

import pytest

from mlscore.errors import ConfigError
from mlscore.predictors import Task
from mlscore.project.config import ModelSettings
from mlscore.project.keys import TASKS

DIGEST = "sha256:" + "0a" * 32
MODEL = f"""
[model]
source = "models/flights.skops"
task = "binary"
features = ["hour", "carrier"]
classes = ["no", "yes"]
positive = "yes"
threshold = 0.25
trusted = true
digest = "{DIGEST}"
previous = ["python", "old.py"]
train = "python -m flights.train --token=hunter2"
artefact = "models"
format = "csv"
timeout = 5
memory-mb = 300
batch = 7
"""


def test_the_model_arrives(write, load):
    write("mlscore.toml", MODEL)
    assert load().model == ModelSettings(
        source="models/flights.skops",
        task="binary",
        features=("hour", "carrier"),
        classes=("no", "yes"),
        positive="yes",
        threshold=0.25,
        trusted=True,
        digest=(DIGEST,),
        previous=("python", "old.py"),
        train="python -m flights.train --token=hunter2",
        artefact="models",
        format="csv",
        timeout=5.0,
        memory_mb=300,
        batch=7,
    )


def test_without_any_there_are_defaults(load):
    assert load().model == ModelSettings()


def test_one_word_in_a_list_is_a_command(write, load):
    write("mlscore.toml", '[model]\nsource = ["predict"]\n')
    assert load().model.source == ("predict",)


def test_every_setting_knows_its_origin_and_shows_no_secret(write, load):
    write("mlscore.toml", MODEL)
    config = load()
    shown = {s.key: (s.value, s.origin) for s in config.settings}
    assert shown["model.threshold"] == (0.25, "mlscore.toml:8")
    assert shown["model.previous"] == (("python", "old.py"), "mlscore.toml:11")
    assert "hunter2" not in str(config.settings)
    assert str(config.model.at("threshold")) == "mlscore.toml:8"
    assert str(config.model.at("away")) == "mlscore.toml:3"


def test_labels_may_be_numbers_and_flags(write, load):
    write("mlscore.toml", "[model]\nclasses = [0, 1, 2.5, true]\npositive = 1\n")
    assert load().model.classes == (0, 1, 2.5, True)


def test_the_tasks_are_those_of_predictors():
    assert tuple(Task) == TASKS


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[model]\nsuorce = "x"', 'mlscore.toml:2: unknown key "suorce" in [model]; did you mean "source"?'),
        ('[model]\ntask = "binray"', 'mlscore.toml:2: "task" does not know "binray"; did you mean "binary"?'),
        ("[model]\nthreshold = 2", 'mlscore.toml:2: "threshold" should be a number from 0 to 1, not 2'),
        (
            '[model]\ntrusted = "true"',
            'mlscore.toml:2: "trusted" should be true or false, not "true"; write trusted = true',
        ),
        ('[model]\ndigest = "abc"', 'mlscore.toml:2: "abc" is no digest; write "sha256:" and 64 hexadecimal digits'),
        ('[model]\nfeatures = ["a", "b", "a"]', 'mlscore.toml:2: "features" names a twice; take one of the two out'),
        (
            '[model]\nclasses = ["a", "b"]\npositive = "c"',
            'mlscore.toml:3: "positive" is c, which is none of the classes',
        ),
        ("[model]\npositive = []", '"positive" should be a text, a number, or true or false, not a list'),
        ("[model]\nbatch = 0", '"batch" should be a whole number from 1, not 0'),
        ('[model]\nclasses = "a"', '"classes" should be a list of labels, not "a"'),
    ],
)
def test_a_mistake_is_one_sentence(write, load, text, sentence):
    write("mlscore.toml", text)
    with pytest.raises(ConfigError) as error:
        load()
    assert sentence in str(error.value)
