"""Training twice: the same, or not, with the cause; and commands that go wrong in every way."""

import sys
from functools import partial

import pytest

from mlscore.checks.reproducible.judge import check_reproducible
from mlscore.checks.reproducible.report import as_result
from mlscore.checks.reproducible.shapes import Factor
from mlscore.errors import ConfigError, InputError

TRAIN = [sys.executable, "train.py"]


@pytest.fixture
def train(tmp_path):
    """`train(code, **options)`: the report on a project whose training runs this code; it writes to `out`."""
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    for name in "abcdefgh":
        (root / "data" / f"{name}.csv").write_text(name, encoding="utf-8")

    def make(code, command=None, artefact="model.txt", **options):
        (root / "train.py").write_text(f"out = open({artefact!r}, 'w')\n{code}\nout.close()\n", encoding="utf-8")
        return check_reproducible(command or TRAIN, artefact, root, **{"limit": 60, **options})

    make.root = root
    return make


def test_a_training_without_chance_is_reproducible(train):
    report = train("out.write(open('data/a.csv').read())")
    assert report.passed
    assert report.digests[0] == report.digests[1]
    assert report.differences == ()
    assert report.tried == ()
    assert as_result(report).outcome == "passed"
    assert not (train.root / "model.txt").exists(), "the project is not trained in"


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import random; out.write(str(random.random()))", Factor.SEED),
        ("import uuid; out.write(uuid.uuid4().hex)", Factor.SEED),
        ("import numpy; out.write(str(numpy.random.default_rng().random()))", Factor.SEED),
        ("import numpy; out.write(str(numpy.random.random()))", Factor.SEED),
        ("out.write(' '.join({'a%d' % n for n in range(40)}))", Factor.HASH_SEED),
        ("import datetime; out.write(str(datetime.datetime.now()))", Factor.CLOCK),
        ("import pandas, datetime; out.write(str(pandas.Timestamp(datetime.datetime.now())))", Factor.CLOCK),
        ("import time; out.write(time.strftime('%c') + str(time.time()))", Factor.CLOCK),
        ("import os; out.write(os.getcwd())", Factor.FOLDER),
    ],
    ids=["random", "uuid", "numpy", "numpy's global", "set", "datetime", "pandas", "time", "folder"],
)
def test_the_cause_of_a_difference_is_found(train, code, cause):
    report = train(code)
    assert not report.passed
    assert report.causes == (cause,)
    assert len(report.tried) == len(Factor)
    result = as_result(report)
    assert result.summary.endswith(f"because of {cause}")
    assert any(finding.startswith(f"cause: {cause}; ") for finding in result.findings)


def test_several_causes_are_found_together_and_those_that_lie_dormant(train):
    code = (
        "import os, random, datetime\n"
        "out.write(str(random.random()) + str(datetime.date.today()))\n"
        "out.write(''.join(os.listdir('data')) + os.environ.get('OMP_NUM_THREADS', ''))"
    )
    assert train(code).causes == (Factor.SEED, Factor.THREADS, Factor.ORDER, Factor.CLOCK)


def test_what_cannot_be_held_is_said(train):
    code = "import ctypes; out.write(open('/proc/sys/kernel/random/uuid').read())"
    report = train(code)
    assert report.causes == ()
    assert report.stuck.startswith("two trainings differ although seed")
    assert "cause not found" in as_result(report).findings[-1]


def test_the_search_can_be_left_out(train):
    report = train("import random; out.write(str(random.random()))", search=False)
    assert not report.passed
    assert report.tried == ()


def test_a_command_may_be_told_where_to_write(train):
    code = "import sys, os; open(sys.argv[1], 'w').write(str(len(os.listdir('data'))))"
    report = train(code, [*TRAIN, "{artefact}"])
    assert report.passed
    assert (train.root / "model.txt").exists(), "it ran in the project"


def test_a_folder_may_be_the_artefact(train):
    (train.root / "train.py").write_text(
        "import os; os.makedirs('model/in'); open('model/in/weights', 'w').write(os.getcwd())", encoding="utf-8"
    )
    report = check_reproducible(TRAIN, "model", train.root, search=False)
    assert not report.passed
    assert report.differences[0].level == "bytes"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise SystemExit(3)", "training number 1 ended with exit code 3"),
        ("raise ValueError('no rows')", 'ended with exit code 1: "ValueError: no rows"'),
        ("out.close(); import os; os.remove('model.txt')", 'ended well and wrote no "model.txt"'),
        ("import time; time.sleep(60)", "training number 1 did not end within 1 s"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL"),
    ],
    ids=["exit", "raise", "nothing", "hang", "killed"],
)
def test_a_training_that_goes_wrong_is_told(train, code, why):
    with pytest.raises(InputError, match=why):
        train(code, limit=1 if "sleep" in code else 60)


def test_two_runs_that_write_one_folder_are_told(train):
    path = train.root / "model.txt"
    code = f"out.close(); import os; os.remove('model.txt'); open({str(path)!r}, 'a').write('x')"
    with pytest.raises(InputError, match="two runs write the same folder"):
        train(code)
    # Writing where it should as well makes it no better.
    with pytest.raises(InputError, match="two runs write the same folder"):
        train(f"open({str(path)!r}, 'a').write('x')")
    with pytest.raises(ConfigError, match="is outside the project, where two runs would write the same file"):
        check_reproducible(TRAIN, str(path), train.root)


def test_an_old_artefact_does_not_count(train):
    (train.root / "model.txt").write_text("old", encoding="utf-8")
    with pytest.raises(InputError, match=r"wrote no .model\.txt"):
        train("out.close(); import os; os.remove('model.txt')")


@pytest.mark.parametrize(
    ("command", "options", "why"),
    [
        ("no-such-program", {}, 'there is no program "no-such-program"'),
        (TRAIN, {"copy_mb": 0}, "too much to copy"),
        ("", {}, "the command is empty"),
    ],
)
def test_what_cannot_be_run_is_told(train, command, options, why):
    call = partial(train, "pass", **options) if command is TRAIN else None
    with pytest.raises(ConfigError, match=why):
        call() if call else check_reproducible(command, "model.txt", train.root)


def test_files_that_differ_and_cannot_be_opened_are_not_judged(train):
    def opener(trained):
        raise InputError("types that nobody vouches for", hint="name the digest")

    with pytest.raises(InputError, match="what is in them cannot be compared: types that nobody vouches for"):
        train("import random; out.write(str(random.random()))", opener=opener)
    report = train("out.write('same')", opener=opener)
    assert report.passed
    assert "types that nobody vouches for" in report.not_judged[0]
