"""Models no one wishes for, through the commands: one clear sentence, nothing run or left behind, others go on."""

import hashlib
import json
import os
import pickle
import re
import sys
import tempfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

ROWS = 240
CONFIG = """
[data]
train = "train.parquet"
validation = "{validation}"
label = "late"
time = "at"

[model]
{model}

[[check]]
use = "report"
item = "infra-4"
file = "metrics.json"
limits = {{ accuracy = {{ least = 0.8 }} }}
"""
CHECKS = {
    "slices": 'columns = ["sex"]\npairs = false',
    "fairness": 'definition = "equalised odds"\nprotected = ["sex"]\nlimit = 0.4',
    "simpler-model": "",
    "quality-gate": "limit = 0.4",
    "stability": "",
    "feature-benefit": "refit-seconds = 0",
    "metamorphic": "relations.order = { order = true }\ngenerated = 10\nsample = 50",
    "trace": "",
    "tuning": 'trials = "trials.json"',
    "reproducible": "search = false",
    "staleness-curve": "max-age = 3\nmost-increase = 0.5\ntrain-days = 4\nstep = 2\nwindows = 3\nages = 2",
    "pipeline-run": 'files = ["train.py"]\ninputs = ["train.parquet"]\ntwice = false\n'
    '[check.stages.train]\ncommand = "python train.py"\nmakes = ["m.skops"]',
}
SKOPS = 'source = "m.skops"'
FUNCTION = (
    'source = "answers:{name}"\ntask = "binary"\nclasses = [0, 1]\nfeatures = ["a", "b"]\nbatch = 100\ntimeout = 2'
)
ANSWERS = """
import os
import sys
import time

import numpy as np


def good(rows):
    return (rows["a"] + rows["b"] > 0).astype(int).to_numpy()


def short(rows):
    return good(rows)[:-1]


def nan(rows):
    return np.where(np.arange(len(rows)) == 3, np.nan, good(rows))


def strings(rows):
    return np.array(["perhaps"] * len(rows))


def generator(rows):
    yield from good(rows)


def row_17(rows):
    if (rows["b"] == 17).any():
        raise ValueError("no such\\nvalue")
    return good(rows)


def forks(rows):
    os.fork()
    return good(rows)


def hangs(rows):
    time.sleep(60)


held = []


def leaks(rows):
    held.append(np.ones(40_000_000))
    time.sleep(0.3)
    return good(rows)


def prints(rows):
    print("an answer?")
    os.write(1, b"more")
    sys.stdout.flush()
    return good(rows)


def detaches(rows):
    if not held and os.fork() == 0:
        os.setsid()
        time.sleep(60)
        os._exit(0)
    held.append(1)
    return good(rows)
"""


class Payload:
    """What writes a file wherever it is unpickled."""

    def __reduce__(self):
        return (open, ("it-ran.txt", "w"))


def rows(**others):
    """Rows with a label that the features tell, with some columns exchanged; None leaves a column out."""
    random = np.random.default_rng(5)
    a, b = random.normal(size=ROWS), random.normal(size=ROWS)
    b[16] = 17
    late = (a + b + random.logistic(scale=0.4, size=ROWS) > 0).astype(int)
    data = {"a": a, "b": b, "sex": ["fm"[n % 2] for n in range(ROWS)]}
    data |= {"at": [datetime(2026, 3, 1) + timedelta(hours=2 * n) for n in range(ROWS)], "late": late}
    return pa.table({name: values for name, values in (data | others).items() if values is not None})


@pytest.fixture(scope="module")
def fitted():
    """The bytes of one small model."""
    model = LogisticRegression().fit(rows().select(["a", "b"]).to_pandas(), rows()["late"].to_numpy())
    return skops.io.dumps(model)


@pytest.fixture
def unmade(project, fitted, write, monkeypatch, tmp_path):
    """A project with a model and rows; its temporary files have a folder of their own."""
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    monkeypatch.setenv("TMPDIR", str(aside))
    write("m.skops", fitted)
    write("answers.py", ANSWERS)
    write("metrics.json", '{"accuracy": 0.83}')
    write("trials.json", json.dumps({"param_C": [0.1, 1.0, 10.0], "mean_test_score": [0.7, 0.8, 0.7]}))
    pyarrow.parquet.write_table(rows(), project / "train.parquet")
    return aside


@pytest.fixture
def told(unmade, project, mlscore, write, plain):
    """`told(checks, model, bad)`: what each check said, beside one that passes and with nothing left behind."""

    def call(checks, model=SKOPS, bad=None):
        if bad is not None:
            pyarrow.parquet.write_table(bad, project / "bad.parquet")
        configured = [f'\n[[check]]\nuse = "{one}"\n{CHECKS[one]}\n' for one in checks]
        validation = "train.parquet" if bad is None else "bad.parquet"
        write("mlscore.toml", CONFIG.format(validation=validation, model=model) + "".join(configured))
        before = {path.relative_to(project) for path in project.rglob("*")}
        done = mlscore("check", "-r", "json")
        assert done.err == ""
        beside, *found = done.data["checks"]
        assert done.code == any(one["outcome"] != "passed" for one in found)
        assert (beside["name"], beside["outcome"]) == ("report", "passed")
        assert list(unmade.iterdir()) == []
        after = {path.relative_to(project) for path in project.rglob("*") if "__pycache__" not in path.parts}
        assert after <= before
        assert children_of_ours(project) == []
        said = {}
        for one in found:
            lines = [one["summary"], *one["findings"], *(f"? {line}" for line in one["unknown"]), one["hollow"] or ""]
            text = "\n".join(dict.fromkeys(line for line in lines if line))
            assert "Traceback" not in text
            assert "failed inside" not in text
            assert str(unmade) not in text
            said[one["name"]] = f"{one['outcome']} | {figureless(plain(text))}"
        return said

    return call


def figureless(text):
    """Without what the machine's speed decides."""
    return re.sub(r"[\d,]+ × dearer", "N × dearer", re.sub(r"sha256:[0-9a-f]{64}", "sha256:DIGEST", text))


def children_of_ours(folder):
    """Processes whose working folder is the project's, other than this one."""
    found = []
    for process in Path("/proc").iterdir() if sys.platform == "linux" else ():
        try:
            if process.name.isdigit() and int(process.name) != os.getpid() and (process / "cwd").readlink() == folder:
                found.append(process.name)
        except OSError:
            continue
    return found


def older(data):
    """The skops file as another version of scikit-learn would have written it."""
    import io

    import sklearn

    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, source.read(name).replace(sklearn.__version__.encode(), b"0.19.1"))
    return target.getvalue()


TRUSTED = 'source = "m.pkl"\ntrusted = true\ndigest = "{digest}"'
FILES = {
    "a pickle that runs code": ("m.pkl", lambda _: pickle.dumps(Payload()), 'source = "m.pkl"', "slices"),
    "the same under another name": ("m.skops", lambda _: pickle.dumps(Payload()), SKOPS, "trace"),
    "another pickle than the trusted one": (
        "m.pkl",
        lambda _: pickle.dumps(Payload()),
        TRUSTED.format(digest="sha256:" + "0" * 64),
        "stability",
    ),
    "a previous release that runs code": (
        "m.pkl",
        lambda _: pickle.dumps(Payload()),
        f'{FUNCTION.format(name="good")}\nprevious = "m.pkl"',
        "quality-gate",
    ),
    "cut off": ("m.skops", lambda data: data[: len(data) // 2], SKOPS, "feature-benefit"),
    "no bytes": ("m.skops", lambda _: b"", SKOPS, "metamorphic"),
    "a trusted pickle that is cut off": ("m.pkl", lambda _: pickle.dumps([1] * 99)[:20], TRUSTED, "fairness"),
    "features in another order": ("m.skops", bytes, f'{SKOPS}\nfeatures = ["b", "a"]', "simpler-model"),
    "features of other names": ("m.skops", bytes, f'{SKOPS}\nfeatures = ["a", "bb"]', "tuning"),
    "too few features": ("m.skops", bytes, f'{SKOPS}\nfeatures = ["a"]', "slices"),
    "not there": ("other.skops", bytes, 'source = "nowhere.skops"', "trace"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_model_that_cannot_be_opened_is_one_sentence(told, project, write, fitted, snapshot, name):
    place, made, model, check = FILES[name]
    content = made(fitted)
    write(place, content)
    said = told([check], model.replace("{digest}", f"sha256:{hashlib.sha256(content).hexdigest()}"))
    assert said[check].startswith("error | ")
    assert "\n" not in said[check]
    assert said[check] == snapshot
    assert not (project / "it-ran.txt").exists()


@pytest.mark.slow
def test_a_model_of_another_version_is_judged_all_the_same(told, write, fitted):
    write("m.skops", older(fitted))
    assert told(["slices"])["slices"].startswith("passed | ")


WRONG = {
    "short": "slices",
    "nan": "quality-gate",
    "strings": "stability",
    "generator": "trace",
    "row_17": "fairness",
    "forks": "metamorphic",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_model_that_answers_wrongly_is_one_sentence(told, snapshot, name):
    said = told([WRONG[name]], FUNCTION.format(name=name))[WRONG[name]]
    # NaN is a finding of this check alone; whatever else there is comes to no result.
    assert said.startswith("error | ")
    assert "\n" not in said
    assert said == snapshot


@pytest.mark.parametrize("name", ["prints", "detaches"])
def test_what_a_model_prints_and_starts_is_no_answer_and_is_gone(told, name):
    assert told(["slices"], FUNCTION.format(name=name))["slices"].startswith("passed | ")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hangs", "leaks"])
def test_a_model_that_takes_too_much_is_ended(told, snapshot, name):
    said = told(["slices"], FUNCTION.format(name=name) + "\nmemory-mb = 700\n")["slices"]
    assert said.startswith("error | ")
    assert said == snapshot


def labels(change):
    return change(rows()["late"].to_pylist())


DATA = {
    "no such feature": (lambda: rows(b=None), ["slices", "stability"]),
    "a class that the model does not know": (
        lambda: rows(late=labels(lambda own: [2 if n % 5 == 0 else one for n, one in enumerate(own)])),
        ["quality-gate", "feature-benefit", "slices", "fairness"],
    ),
    "one class": (lambda: rows(late=[1] * ROWS), ["slices", "feature-benefit"]),
    "no protected attribute": (lambda: rows(sex=None), ["fairness", "slices"]),
    "nobody's attribute is known": (lambda: rows(sex=pa.nulls(ROWS, pa.string())), ["fairness"]),
    "labels with nulls": (
        lambda: rows(late=labels(lambda own: [None if n % 4 == 0 else one for n, one in enumerate(own)])),
        ["slices", "fairness"],
    ),
    "no label at all": (lambda: rows(late=pa.nulls(ROWS, pa.int64())), ["slices", "quality-gate"]),
    "no rows": (lambda: rows().slice(0, 0), ["quality-gate", "stability"]),
}


@pytest.mark.parametrize("name", DATA)
def test_rows_that_hold_nothing_to_judge_by(told, snapshot, name):
    table, checks = DATA[name]
    assert told(checks, FUNCTION.format(name="good"), bad=table()) == snapshot


def test_an_empty_slice_is_named_as_not_judged(told, monkeypatch):
    good = FUNCTION.format(name="good")
    monkeypatch.setitem(
        CHECKS, "slices", CHECKS["slices"] + '\nslices = { nobody = { sex = "x" }, odd = { nowhere = 1 } }'
    )
    said = told(["slices"], good)["slices"]
    assert said.startswith('error | PROJECT/train.parquet: the slice "odd" is cut by "nowhere", which is no column')
    monkeypatch.setitem(
        CHECKS, "slices", 'pairs = false\ncolumns = ["sex"]\nslices = { nobody = { sex = "x" } }\nlimit = 0.01'
    )
    assert '? the slice "nobody": no row with a label' in told(["slices"], good)["slices"]


TRAININGS = {
    "it fails": "print('token=abcdef')\ndef rows():\n    return {}['b']\nrows()\n",
    "it writes nothing": "print('done')\n",
    "two runs write one folder": "open({own!r}, 'ab').write(b'x')\nopen('m.skops', 'wb').write(b'y')\n",
}


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_that_goes_wrong_is_one_sentence(told, project, write, snapshot, name):
    write(
        "train.py",
        TRAININGS[name].format(own=str(project / "m.skops")) if "{own" in TRAININGS[name] else TRAININGS[name],
    )
    said = told(["reproducible", "pipeline-run"], f'{SKOPS}\ntrain = ["python", "train.py"]')
    assert said["reproducible"].startswith("error | ")
    assert said["pipeline-run"].startswith("failed | ")
    assert said == snapshot


@pytest.mark.slow
def test_an_extra_that_is_absent_is_told_by_its_command(told, write, monkeypatch, tmp_path):
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "skops.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'skops'\", name='skops')", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "absent"))
    said = told(["slices", "trace"])
    assert set(said.values()) == {
        'error | mlscore.toml:9: skops is not installed, which this model needs; pip install "ml-test-score[model]"'
    }


@pytest.mark.slow
def test_every_check_of_the_model_says_the_same_and_pytest_too(told, suite):
    checks = [one for one in CHECKS if one not in ("reproducible", "pipeline-run")]
    said = told(checks, 'source = "nowhere.skops"')
    assert set(said.values()) == {said["slices"]}
    assert said["slices"].startswith('error | mlscore.toml:9: there is no model "nowhere.skops"; ')
    tested = suite("--mlscore", "-rA")
    assert re.search(rf"1 passed.*{len(checks)} errors|{len(checks)} errors.*1 passed", tested.out)
    assert "Traceback" not in tested.out + tested.err
