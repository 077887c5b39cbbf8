"""`pipeline-run` as it is configured: stages, sample, environment, the gate, variants and their record."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.checks.text import result_lines
from mlscore.cli import run as run_command
from mlscore.core.codec import dumps
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.load import load_config

DATA = '[data]\ntrain = "history.csv"\nlabel = "late"\n'
STAGES = """
[check.stages.prepare]
command = "python prepare.py"
needs = ["raw.csv"]
makes = ["prepared.csv"]

[check.stages.train]
command = ["python", "train.py"]
needs = "prepared.csv"
makes = ["model.json"]
"""
CHECK = '\n[[check]]\nuse = "pipeline-run"\ntwice = false\n'
SAMPLE = 'sample = { rows = 50, to = "raw.csv" }\n'
TODAY = date(2026, 11, 1)


@pytest.fixture
def configure(project):
    """`configure(lines of the check, stages)`: the project's folder, configured, its history not tracked."""

    def make(lines=SAMPLE, stages=STAGES, files=None, data=DATA):
        history = "a,b\n" + "".join(f"{i * 37 % 100},{i / 7}\n" for i in range(300))
        root = project({".gitignore": "history.csv\n", **(files or {})}, {"history.csv": history})
        (root / "mlscore.toml").write_text(data + CHECK + lines + stages, encoding="utf-8")
        return root

    return make


@pytest.fixture
def go(configure):
    def make(lines=SAMPLE, stages=STAGES, files=None, data=DATA, today=TODAY, said=None):
        root = configure(lines, stages, files, data)
        config = load_config(root, environ={}, today=today)
        (one,) = configured_checks(config)
        steps = None if said is None else said.append
        context = Context(root, config.data, one.options, today, one.spec.location, steps, config.model)
        result = one.check.run(context)
        assert dumps(result.details)
        return result

    return make


def test_it_runs(go):
    said = []
    result = go(said=said)
    assert result.outcome is Outcome.PASSED
    assert result.summary == "the fast variant's 2 stages made what the next needs"
    assert [value.name for value in result.values] == ["stages", "run", "outputs", "size of outputs"]
    assert result.notes[0] == "the fast variant ran, by commands"
    assert result.notes[1] == "4 files copied; 50 rows of train at raw.csv"
    assert " s and made prepared.csv (" in result.notes[2]
    assert ", 50 rows)" in result.notes[2]
    assert [step.what for step in said] == ["running prepare", "running train"]
    assert result.details["stages"][0]["outputs"][0]["rows"] == 50
    assert "?" in "\n".join(result_lines(result))


def test_it_fails(go):
    result = go(files={"train.py": "import sys; sys.exit('no rows')"})
    assert result.outcome is Outcome.FAILED
    assert result.summary == 'train: ended with exit code 1; it said: "no rows"'
    result = go(files={"prepare.py": "pass"})
    assert result.summary == "prepare: it ended well and wrote no prepared.csv (and another finding)"
    assert result.unknown == ("not run: train",)


@pytest.mark.parametrize("broken", [False, True])
def test_by_the_command_line(configure, capsys, monkeypatch, broken):
    root = configure(files={"train.py": "pass"} if broken else None)
    monkeypatch.chdir(root)
    code = run_command(["check", "infra-3"])
    said = capsys.readouterr().out
    assert code == int(broken)
    if broken:
        assert said.startswith("failed  infra-3 pipeline-run: train: it ended well and wrote no model.json")
    else:
        assert said.startswith("passed  infra-3 pipeline-run: the fast variant's 2 stages made what the next needs")


@pytest.mark.parametrize(
    ("ending", "reads"), [("csv", "csv"), ("tsv", "csv"), ("parquet", "parquet"), ("jsonl", "json")]
)
def test_samples_in_each_form(go, ending, reads):
    stages = f'\n[check.stages.copy]\ncommand = "cp raw.{ending} made.{ending}"\nmakes = ["made.{ending}"]\n'
    result = go(f'sample = {{ rows = 40, to = "raw.{ending}" }}\n', stages)
    assert result.passed, result.findings
    (output,) = result.details["stages"][0]["outputs"]
    assert (output["rows"], output["columns"]) == (40, ["a", "b"])


def test_a_sample_by_a_function(go, monkeypatch):
    monkeypatch.delitem(sys.modules, "sampling", raising=False)
    result = go('sample = { rows = 60, function = "sampling:put" }\n')
    assert result.passed
    assert result.notes[1].endswith("what sampling:put wrote: raw.csv")
    monkeypatch.delitem(sys.modules, "sampling")
    with pytest.raises(InputError, match=r"sampling:fail failed: ZeroDivisionError: division by zero"):
        go('sample = { function = "sampling:fail" }\n', files={"sampling.py": "def fail(folder, rows):\n    1 / 0\n"})


def test_the_environment(go, monkeypatch):
    monkeypatch.setenv("TOKEN_OF_CI", "horse")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")
    lines = SAMPLE + 'environment = { DEPTH = 3, LOGIN = "${TOKEN_OF_CI}" }\n'
    text = (
        "import os, pathlib, json\n"
        "assert not list(pathlib.Path.home().iterdir())\n"
        "assert 'MLFLOW_TRACKING_URI' not in os.environ\n"
        "json.dump([os.environ['DEPTH'], os.environ['LOGIN']], open('model.json', 'w'))\n"
        "assert os.environ['LOGIN'] == 'horse'\n"
    )
    result = go(lines, files={"train.py": text})
    assert result.passed, result.findings
    (said,) = (note for note in result.notes if note.startswith("environment: "))
    assert "set: DEPTH, LOGIN" in said
    assert "MLFLOW_TRACKING_URI" in said
    assert "horse" not in str(result)


ROWS = "a,late\n" + "".join(f"{i % 100},{int(i % 100 > 50)}\n" for i in range(400))
GATED = """
[check.stages.train]
command = "python train.py"
needs = "raw.csv"
makes = ["{model}"]

[check.gate]
model = "{model}"
limit = 0.1
validation = "held.csv"
"""
HELD = 'sample = { rows = 300, to = "raw.csv", from = "held.csv" }\n'


class Above(Predictor):
    """A model whose file holds the number above which the answer is 1."""

    def __init__(self, settings, root, **_):
        assert root.name == "project"
        self.task, self.classes, self.features = Task.BINARY, (0, 1), ("a",)
        self.provenance = Provenance("json")
        self._limit = json.loads(Path(settings.source).read_text(encoding="utf-8"))

    def predict(self, rows, *, finite=True):
        return Prediction((rows["a"].to_numpy() > self._limit).astype(int), None, self.classes)

    def close(self):
        pass


@pytest.mark.parametrize(("limit", "error"), [(50, 0), (60, 0.1), (20, 0.3)])
def test_the_gate_on_the_model_that_was_made(go, monkeypatch, limit, error):
    monkeypatch.setattr("mlscore.predictors.predictor.open_predictor", Above)
    files = {"train.py": f"open('model.json', 'w').write('{limit}')", "held.csv": ROWS}
    data = '[data]\nlabel = "late"\n[model]\ntask = "binary"\n'
    result = go(HELD, GATED.format(model="model.json"), files, data)
    assert result.passed is (error <= 0.1)
    if result.passed:
        assert result.summary.endswith(", and the model passes the gate")
        assert any(note.startswith(f"quality gate on model.json: error {error:g} (") for note in result.notes)
    else:
        (finding,) = result.findings
        assert finding.startswith("model.json does not pass the quality gate: the model is refused: the loss is 0.3 (")


SKOPS = """\
import numpy, skops.io
from sklearn.naive_bayes import GaussianNB
rows = numpy.loadtxt("raw.csv", delimiter=",", skiprows=1)
skops.io.dump(GaussianNB().fit(rows[:, :1], 1 - rows[:, 1].astype(int)), "model.skops")
"""


@pytest.mark.slow
def test_the_gate_on_a_real_model_of_wrong_labels(go):
    files = {"train.py": SKOPS, "held.csv": ROWS}
    data = '[data]\nlabel = "late"\n[model]\ntask = "binary"\nfeatures = ["a"]\n'
    result = go(HELD, GATED.format(model="model.skops"), files, data)
    (finding,) = result.findings
    assert finding.startswith("model.skops does not pass the quality gate: the model is refused: the loss is 1 (")


def test_a_model_that_cannot_be_judged(go):
    stages = STAGES + '\n[check.gate]\nmodel = "model.json"\nlimit = 0.1\nvalidation = "history.csv"\n'
    result = go(SAMPLE, stages)
    assert result.outcome is Outcome.FAILED
    assert result.findings[0].startswith("model.json does not pass the quality gate: it cannot be judged: ")


QUICK = """
[check.stages.train]
command = "sh train.sh"
needs = "raw.csv"
makes = "model.txt"
"""
SHELL = {"train.sh": "echo trained > model.txt"}
FAITHFUL = SAMPLE + 'variant = "faithful"\nrecord = "runs/last.json"\nmax-age = 10\n'


def test_the_faithful_variant_s_last_run_is_evidence(go, tmp_path):
    first = go(FAITHFUL, QUICK, SHELL)
    assert first.notes[0] == "the faithful variant ran, by commands"
    assert first.notes[-1] == "the result is kept in runs/last.json"
    record = tmp_path / "project" / "runs" / "last.json"
    assert json.loads(record.read_text(encoding="utf-8"))["date"] == "2026-11-01"
    broken = {"train.sh": "true"}
    kept = go(FAITHFUL, QUICK, broken, today=date(2026, 11, 11))
    assert kept.passed
    assert kept.summary == "the faithful variant's stage made what it should (on 2026-11-01)"
    assert kept.notes[0] == "the faithful variant did not run now: the result is of 2026-11-01, from runs/last.json"
    assert kept.notes[1] == "it was of files that no commit holds"
    assert kept.values == first.values
    # Too old, or of another configuration, or of a day to come: it runs again.
    assert not go(FAITHFUL, QUICK, broken, today=date(2026, 11, 12)).passed
    assert go(FAITHFUL, QUICK, SHELL).passed
    assert not go(FAITHFUL.replace("50", "60"), QUICK, broken).passed
    assert go(FAITHFUL, QUICK, SHELL, today=date(2026, 12, 1)).passed
    assert not go(FAITHFUL, QUICK, broken, today=date(2026, 11, 30)).passed
    # A run that failed is kept, and stands for nothing.
    assert json.loads(record.read_text(encoding="utf-8"))["passed"] is False
    assert go(FAITHFUL, QUICK, SHELL).passed


def test_the_record_names_its_commit(go, git):
    files = {**SHELL, ".gitignore": "history.csv\nruns\nmlscore.toml\n"}
    changed = go(SAMPLE, QUICK, files)
    assert changed.notes[-1] == "files differ from the commit: the copy is of the files as they are"
    git("commit", "-q", "-m", "Add the pipeline")
    assert "differ" not in str(go(FAITHFUL, QUICK, files).notes)
    kept = go(FAITHFUL, QUICK, files)
    assert kept.notes[1].startswith("it was of commit ")
    assert kept.notes[1].endswith(", as now")
    git("commit", "-q", "--allow-empty", "-m", "Change something")
    assert go(FAITHFUL, QUICK, files).notes[1].endswith(", and the code is another now")


@pytest.mark.parametrize(
    ("text", "why"), [("{", "cannot be read"), ("[]", "does not hold what it should"), ('{"form": 2}', "of the form 2")]
)
def test_a_record_that_cannot_be_read(go, configure, text, why):
    root = configure(FAITHFUL)
    (root / "runs").mkdir()
    (root / "runs" / "last.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=why) as told:
        go(FAITHFUL)
    assert str(told.value).endswith("remove it: the next run writes it anew")


@pytest.mark.parametrize(
    ("lines", "stages", "why"),
    [
        (SAMPLE, "", r"the pipeline has no stage; add \[tool\.mlscore\.check\.stages\.NAME\]"),
        (SAMPLE, '\n[check.stages.a]\nmakes = ["x"]\n', "the stage a has no command"),
        (
            SAMPLE,
            '\n[check.stages.a]\ncommand = "a"\nmake = ["x"]\n',
            'the stage a has no key "make"; did you mean "makes"',
        ),
        (SAMPLE, "\n[check.stages.a]\ncommand = 3\n", "the command of the stage a is 3"),
        (SAMPLE, '\n[check.stages.a]\ncommand = "a"\nmakes = [3]\n', r'"makes" of the stage a is \[3\]'),
        (SAMPLE, '\n[check.stages.a]\ncommand = "a"\nmakes = ["/x"]\n', '"/x" is outside of the project'),
        (SAMPLE, '\n[check.stages.a]\ncommand = "a"\ncopies = "no"\n', '"copies" of the stage a'),
        (SAMPLE, '\n[check.stages.a]\ncommand = "a"\nparameters = 3\n', '"parameters" of the stage a'),
        (SAMPLE, '\n[check.stages.a]\ncommand = "a"\nrun = "b"\n', 'takes no "run" and no "parameters"'),
        (SAMPLE, "\n[check.stages]\na = 3\n", "the stage a is 3, not a table"),
        (SAMPLE, '\n[check.stages.a]\ncommand = "\'"\n', "cannot be read: No closing quotation"),
        ("sample = { rows = 3 }\n", STAGES, '"sample" does not say where it is put'),
        ('sample = { rows = 0, to = "a.csv" }\n', STAGES, '"rows" of the sample is 0'),
        ('sample = { to = "a.xls" }\n', STAGES, '"a.xls" does not say in what form rows are written'),
        ('sample = { to = "../a.csv" }\n', STAGES, r'"\.\./a\.csv" is outside of the project'),
        ('sample = { row = 3, to = "a.csv" }\n', STAGES, '"sample" has no key "row"; did you mean "rows"'),
        ('sample = { function = "put" }\n', STAGES, '"put" names no function'),
        ('sample = { function = "sampling:nothing" }\n', STAGES, "sampling:nothing cannot be imported"),
        ('sample = { function = "sampling:put", to = "a.csv" }\n', STAGES, '"sample" names a function besides'),
        ('sample = { to = "a.csv", from = "validation" }\n', STAGES, 'the data role "validation" is not configured'),
        ("environment = { A = [1] }\n", STAGES, 'the environment variable "A" is'),
        ('environment = { A = "${NOT_SET_AT_ALL}" }\n', STAGES, "the environment variable NOT_SET_AT_ALL is not set"),
        ('variant = "faithful"\nrecord = "../x.json"\n', STAGES, r'"\.\./x\.json" is outside of the project'),
        ('sample = { to = "prepared.csv" }\n', STAGES, "the sample is at prepared.csv, which prepare makes"),
        ('record = "x.json"\n', STAGES, "only the faithful variant's last run is evidence"),
        ('inputs = ["no.csv"]\n', STAGES, r'there is no "no\.csv" to be copied'),
        (SAMPLE, STAGES + "\n[check.gate]\nlimit = 0.1\n", '"gate" does not say which file is the model'),
        (SAMPLE, STAGES + '\n[check.gate]\nmodel = "m"\ngate = "x"\n', '"gate" takes no "gate"'),
        (
            SAMPLE,
            STAGES + '\n[check.gate]\nmodel = "m"\nlimits = 1\n',
            'the check "quality-gate" has no option "limits"',
        ),
        ('runner = "cron"\n', STAGES, 'does not know "cron"'),
        ('runner = "make"\n', STAGES, 'the stage prepare has a command, while runner = "make"'),
    ],
)
def test_what_does_not_fit(go, lines, stages, why):
    with pytest.raises(ConfigError, match=why):
        go(lines, stages)
