"""Gains of a file, in each form, and what is wrong with one that cannot be used."""

from __future__ import annotations

import json

import pytest

from mlscore.checks.benefit.shapes import Benefit, BenefitReport, Verdict
from mlscore.checks.cost.gains import gains_of, read_gains
from mlscore.checks.cost.shapes import Gain
from mlscore.checks.intervals import Interval
from mlscore.core.codec import encode
from mlscore.errors import InputError

GAIN = Gain(("wind", "rain"), Interval(0.02, 0.01, 0.03))
BENEFIT = Benefit("wind + rain", GAIN.features, GAIN.gain, Verdict.BENEFICIAL, 500)
REPORT = BenefitReport("AUC", 0.8, 0.5, 0.003, (BENEFIT,), (), 4000, 5000)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"wind + rain": {"value": 0.02, "low": 0.01, "high": 0.03}}),
        json.dumps(encode(REPORT)),
        "feature,gain,low,high\nwind + rain,0.02,0.01,0.03\n",
        "\ufefffeature,note,gain,low,high\nwind+rain,x,0.02,0.01,0.03\n",
    ],
)
def test_forms(tmp_path, text):
    (tmp_path / "gains").write_text(text, encoding="utf-8")
    assert read_gains(tmp_path / "gains", tmp_path) == (GAIN,)


def test_a_gain_without_limits_is_what_it_says(tmp_path):
    for text in ('{"wind": 0.02}', '{"wind": {"value": 0.02}}', "feature,gain\nwind,0.02\n"):
        (tmp_path / "gains").write_text(text, encoding="utf-8")
        assert read_gains(tmp_path / "gains", tmp_path) == (Gain(("wind",), Interval(0.02, 0.02, 0.02)),)


def test_gains_of_a_report():
    assert gains_of(REPORT) == (GAIN,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no column feature"),
        ("{}", "there is no gain in it"),
        ("feature,gain\n", "there is no gain in it"),
        ("[1]", "it is a list, and not gains by feature"),
        ('{"wind": ', "the gains cannot be understood"),
        ("feature,benefit\nwind,1\n", "there is no column gain"),
        ("feature,gain\nwind,much\n", "the gain of wind is no number within its limits"),
        ('{"wind": true}', "the gain of wind is no number"),
        ('{"wind": {"value": 0.5, "low": 0.6, "high": 0.7}}', "no number within its limits"),
        ('{"wind": {"low": 0.6}}', "the gains cannot be understood"),
        ("feature,gain\nwind,1\nwind,2\n", "the gain of wind is there twice"),
        ("feature,gain\na + b,1\nb + a,2\n", "the gain of b \\+ a is there twice"),
    ],
)
def test_files_that_are_wrong(tmp_path, text, said):
    (tmp_path / "gains.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        read_gains(tmp_path / "gains.json", tmp_path)
    assert str(caught.value).startswith("gains.json: ")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="the gains cannot be read"):
        read_gains(tmp_path / "gains.json", tmp_path)
    (tmp_path / "gains").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="the gains cannot be read"):
        read_gains(tmp_path / "gains", tmp_path)
