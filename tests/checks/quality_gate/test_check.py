"""The configured check: the model is judged, and the project's own gate is given models that it must refuse."""

import sys

import pytest

from mlscore.errors import ConfigError, UsageError

# A gate as projects have them.
REAL = """
sys.path[:0] = {path!r}
import pandas as pd, skops.io
rows = pd.read_parquet("validation.parquet")
wrong = (skops.io.load(model).predict(rows[list("abc")]) != rows["late"]).mean()
print("error", wrong)
sys.exit(int(wrong > 0.25))
"""


@pytest.mark.slow
def test_a_good_model_and_a_gate_that_works(judge, script):
    result = judge(limit=0.3, gate=script(REAL.format(path=sys.path)), faults=["label-shuffled"], apart=True)
    assert result.passed, result.findings
    assert result.hollow is None
    assert {value.name: value.value for value in result.values}["broken models refused"] == 1
    (tried,) = result.details["gate"]["broken"]
    assert tried["code"] == 1
    assert tried["loss"] > 0.3 > tried["healthy"]
    assert tried["words"].startswith("error 0.")
    assert "the gate refuses 1 of 1 broken models" in result.summary


def test_a_gate_that_accepts_everything_fails(judge, script):
    result = judge(gate=script("sys.exit(0)"), faults=["off-by-one", "untrained"])
    assert not result.passed
    assert len(result.findings) == 2
    assert result.findings[0].startswith("the gate accepts a model that is broken on purpose: off-by-one (each of 2")
    assert "unbroken" in result.findings[0]


def test_a_gate_that_refuses_everything_fails(judge, script):
    result = judge(gate=script("print('no'); sys.exit(3)"), broken=["bad.skops"])
    assert not result.passed
    assert result.findings[0].startswith("the gate refuses the released model too (ended with exit code 3: no)")


def test_a_gate_that_cannot_read_what_is_written_anew_is_hollow(judge, script):
    gate = script("sys.exit(0 if 'mlscore-' not in model else 'only from the registry')")
    result = judge(gate=gate, faults=["off-by-one"])
    assert result.passed
    assert "written anew" in result.hollow
    assert "only from the registry" in result.hollow


def test_models_named_as_broken(judge, script):
    result = judge(gate=script("sys.exit('bad' in model)"), broken=["bad.skops"])
    assert result.passed
    assert result.hollow is None
    result = judge(gate=script("sys.exit(0)"), broken=["bad.skops"])
    assert "broken on purpose: bad.skops (named as broken)" in result.findings[0]


def test_a_gate_that_hangs_or_is_killed(judge, script):
    result = judge(
        gate=script("import time\nif 'bad' in model: time.sleep(60)"), broken=["bad.skops"], **{"gate-timeout": 1}
    )
    assert not result.passed
    assert "did not end within 1 s when it was given bad.skops" in result.findings[0]
    killed = script("import os, signal\nif 'bad' in model: os.kill(os.getpid(), signal.SIGKILL)")
    result = judge(gate=killed, broken=["bad.skops"])
    assert "was ended by SIGKILL" in result.findings[0]


def test_the_previous_release_is_handed_on(judge, script, project):
    gate = [*script("import pathlib\nsys.exit(pathlib.Path(sys.argv[2]).name != 'bad.skops')"), "{previous}"]
    result = judge(previous="bad.skops", gate=gate, broken=["bad.skops"])
    assert "the gate accepts" in result.findings[0]


def test_a_worse_release_is_refused_without_a_gate_too(judge):
    result = judge(source="bad.skops", previous="model.skops")
    assert not result.passed
    assert "greater than the previous release's" in result.summary
    result = judge(source="model.skops", previous="bad.skops")
    assert result.passed
    assert result.hollow is None
    assert result.outcome == "passed"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "nothing says what is good enough"),
        ({"gate": ["true"]}, r"the gate's command has no \{model\}"),
        ({"gate": ["no-such-gate", "{model}"]}, 'there is no program "no-such-gate"'),
        ({"gate": "true '{model}"}, "cannot be read: No closing quotation"),
        ({"gate": ["true", "{model}"], "broken": ["none.skops"]}, 'there is no broken model "none.skops"'),
        ({"gate": ["true", "{model}"], "faults": ["untraned"]}, 'did you mean "untrained"'),
        ({"limit": 1, "loss": "squared error"}, "is no loss of a model that predicts classes"),
    ],
)
def test_bad_options_are_one_sentence(judge, options, why):
    with pytest.raises(UsageError, match=why):
        judge(**options)


def test_what_is_no_file_cannot_be_given_to_a_gate(judge, project):
    (project / "rules.py").write_text("def late(rows): return (rows['a'] > 0).astype(int)\n", encoding="utf-8")
    from mlscore.checks.context import Context
    from mlscore.checks.quality_gate.trial import try_gate
    from mlscore.project.config import DataSettings, ModelSettings

    context = Context(project, DataSettings(), {}, None, model=ModelSettings(source="rules:late"))
    with pytest.raises(ConfigError, match="the model is no file that a gate could be given"):
        try_gate(context, "true {model}")
