"""`[tool.mlscore.data]` and `[[tool.mlscore.check]]`: what arrives, what is refused, and what is never shown."""

from __future__ import annotations

import pytest

from mlscore.errors import ConfigError
from mlscore.project.config import DataSettings

DATA = """
[data]
train = "data/train.parquet"
serving = "postgresql://mlscore:hunter2@db/flights?table=served"
label = "delay"
id = "flight"
time = "hour"
memory-mb = 300
timeout = 60

[[check]]
use = "schema"
item = "data-1"
schema = "schema.yaml"
tolerance = 0.5

[[check]]
use = "drift"
name = "season"
"""


@pytest.fixture
def config(write, load):
    write("mlscore.toml", DATA)
    return load()


def test_the_data_arrive(config):
    assert config.data.sources == {
        "train": "data/train.parquet",
        "serving": "postgresql://mlscore:hunter2@db/flights?table=served",
    }
    assert (config.data.label, config.data.id, config.data.time) == ("delay", ("flight",), "hour")
    assert (config.data.memory_mb, config.data.timeout) == (300, 60.0)


def test_without_any_there_are_defaults(load):
    assert load().data == DataSettings()
    assert load().checks == ()


def test_a_check_keeps_its_options_and_their_places(config):
    schema, drift = config.checks
    assert (schema.use, schema.item, schema.name) == ("schema", "data-1", None)
    assert schema.options["schema"] == "schema.yaml"
    assert float(schema.options["tolerance"]) == 0.5
    assert [str(schema.at(key)) for key in ("use", "tolerance", "absent")] == [
        "mlscore.toml:12",
        "mlscore.toml:15",
        "mlscore.toml:11",
    ]
    assert (drift.use, drift.item, drift.name, dict(drift.options)) == ("drift", None, "season", {})


def test_settings_show_no_password(config):
    shown = {s.key: (s.value, s.origin) for s in config.settings}
    assert shown["data.serving"] == ("postgresql://***@db/flights?table=served", "mlscore.toml:4")
    assert shown["data.id"] == (("flight",), "mlscore.toml:6")
    assert shown["check season"] == ("drift", "mlscore.toml:17")
    assert "hunter2" not in str(config.settings)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[data]\ntrian = "x"', 'mlscore.toml:2: unknown key "trian" in [data]; did you mean "train"?'),
        ("[data]\ntrain = 3", 'mlscore.toml:2: "train" should be a text, not 3; write it in quotes'),
        ("[data]\nmemory-mb = 0", '"memory-mb" should be a whole number from 1, not 0'),
        ("[data]\ntimeout = 1.5", '"timeout" should be a whole number from 1, not 1.5'),
        ('[[check]]\nname = "a"', 'mlscore.toml:1: [[check]] has no "use"'),
        ("[[check]]\nuse = 3", 'mlscore.toml:2: "use" should be a text'),
        ('[check]\nuse = "schema"', "mlscore.toml:1: "),
    ],
)
def test_a_mistake_is_one_sentence(write, load, text, sentence):
    write("mlscore.toml", text)
    with pytest.raises(ConfigError) as error:
        load()
    assert sentence in str(error.value)
