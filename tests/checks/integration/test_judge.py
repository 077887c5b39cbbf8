"""A pipeline's run: a healthy one passes, and each way in which a stage goes wrong is found, at that stage."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from mlscore.checks.integration.judge import check_integration
from mlscore.checks.integration.shapes import Gate, Kind, Stage
from mlscore.errors import ConfigError, UsageError

STAGES = (
    Stage("prepare", ("python", "prepare.py"), needs=("raw.csv",), makes=("prepared.csv",)),
    Stage("train", ("python", "train.py"), needs=("prepared.csv",), makes=("model.json",)),
)


def kinds(report):
    return [(one.kind, one.stage) for one in report.findings]


def test_a_healthy_pipeline_passes(go):
    report = go(twice=True)
    assert report.passed, report.findings
    assert [one.name for one in report.stages] == [one.name for one in report.again] == ["prepare", "train"]
    prepared, model = (stage.outputs[0] for stage in report.stages)
    assert (prepared.rows, prepared.columns) == (200, ("a", "b", "late"))
    assert (model.rows, model.bytes) == (None, 13)
    assert report.files == 3
    assert report.sample == "200 rows at raw.csv"
    assert report.hollow is None
    assert report.unknown == ("whether the result is good enough: no gate is configured",)
    assert any(one.startswith("HOME and the folder") for one in report.environment)


def test_nothing_is_left_of_it(go, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = {path for path in (tmp_path / "project").rglob("*") if ".git" not in path.parts} | {tmp_path / "project"}
    go()
    after = {path for path in tmp_path.rglob("*") if ".git" not in path.parts}
    assert {path.name for path in after - before} == {"prepare.py", "train.py", "sampling.py"}


@pytest.mark.parametrize(
    ("script", "text", "kind", "says"),
    [
        ("prepare", "open('prepared.csv', 'w')", Kind.EMPTY, "prepared.csv is a file without a byte"),
        ("prepare", "open('prepared.csv', 'w').write('a,b\\n')", Kind.EMPTY, "prepared.csv is a table without a row"),
        ("prepare", "pass", Kind.MISSING, "it ended well and wrote no prepared.csv"),
        ("train", "pass", Kind.MISSING, "it ended well and wrote no model.json"),
        ("train", "open('model.json', 'w').write('{')", Kind.UNREADABLE, "model.json cannot be read as JSON"),
        ("prepare", "import shutil; shutil.copyfile('raw.csv', 'prepared.csv')", Kind.SAME, "is the same as raw.csv"),
        (
            "train",
            "WHOLE\nopen('prepared.csv', 'a').write('1,1,1\\n')",
            Kind.CHANGED,
            "it changes prepared.csv, which prep",
        ),
        (
            "train",
            "WHOLE\nimport os; os.remove('prepared.csv')",
            Kind.CHANGED,
            "it removes prepared.csv, which prepare made",
        ),
        (
            "prepare",
            "WHOLE\nopen('raw.csv', 'a').write('1,1\\n')",
            Kind.CHANGED,
            "it changes raw.csv, which it was given",
        ),
        (
            "prepare",
            "WHOLE\nopen('../else.csv', 'w').write('a')",
            Kind.WROTE,
            "it writes outside of its folder: ../else.csv",
        ),
        (
            "prepare",
            "WHOLE\nimport os; os.system('echo a > ../else.csv')",
            Kind.WROTE,
            "outside of its folder: ../else.csv",
        ),
        (
            "prepare",
            "WHOLE\nimport os; os.system('echo a > ~/else.csv')",
            Kind.WROTE,
            "outside of its folder: ~/else.csv",
        ),
        (
            "train",
            "import os; open('model.json', 'w').write(f'[\"{os.getcwd()}\"]')",
            Kind.PATH,
            "model.json holds the path",
        ),
        (
            "prepare",
            "WHOLE\nimport os; os.utime('prepared.csv', (1, 1))",
            Kind.OLD,
            "prepared.csv is older than the run",
        ),
        (
            "prepare",
            "WHOLE\nimport os, time; os.utime('prepared.csv', (time.time() - 60, time.time() - 60))",
            Kind.OLD,
            "prepared.csv is older than the run",
        ),
        ("train", "raise SystemExit('no rows')", Kind.FAILED, 'ended with exit code 1; it said: "no rows"'),
        ("train", "import os; os.kill(os.getpid(), 11)", Kind.FAILED, "was ended by SIGSEGV"),
    ],
)
def test_a_stage_that_goes_wrong(go, script, text, kind, says):
    report = go({f"{script}.py": text}, stages=STAGES[:1] if script == "prepare" else STAGES)
    assert kinds(report)[0] == (kind, script)
    assert says in report.findings[0].says
    assert not report.passed


@pytest.mark.parametrize(
    "text",
    [
        "WHOLE\nimport os; os.utime('raw.csv', (1, 1))",
        "WHOLE\nimport tempfile; tempfile.NamedTemporaryFile(delete=False).write(b'a')",
        "WHOLE\nimport pathlib; (pathlib.Path.home() / '.cache').mkdir()",
        "import shutil; open('extra.csv', 'w').write('a')\nWHOLE",
        "import os; os.system('true'); os.listdir('/')\nWHOLE",
        "import glob, json, sqlite3, logging, multiprocessing\nmultiprocessing.Lock()\nWHOLE",
    ],
)
def test_what_is_no_fault(go, text):
    assert go({"prepare.py": text}, stages=STAGES[:1]).findings == ()


def test_yesterday_s_output_from_the_project_s_own_folder(go, tmp_path):
    own = tmp_path / "project" / "prepared.csv"
    yesterday = {"prepared.csv": "a,b\n1,2\n"}
    report = go({"prepare.py": f"open('prepared.csv', 'w').write(open({str(own)!r}).read())"}, untracked=yesterday)
    assert kinds(report) == [(Kind.READ, "prepare")]
    assert report.findings[0].says.endswith("own folder, not in the clean one: the project's prepared.csv")
    # What another program reads is seen by the age of what it copies, or told where it is the same.
    report = go({"prepare.py": f"import os; os.system('cp {own} .')"}, untracked=yesterday)
    assert report.findings == ()
    assert report.unknown[0].startswith(
        "whether prepare made prepared.csv: it equals the one in the project's own folder"
    )
    report = go(
        {"prepare.py": f"import os; os.system('cp -p {own} .')"},
        untracked=yesterday,
        before=lambda root: os.utime(root / "prepared.csv", (1e9, 1e9)),
    )
    assert kinds(report) == [(Kind.OLD, "prepare")]


def test_code_from_the_project_s_own_folder(go, tmp_path):
    text = f"import sys; sys.path.insert(0, {str(tmp_path / 'project')!r})\nimport sampling\nWHOLE"
    report = go({"prepare.py": text})
    assert kinds(report) == [(Kind.READ, "prepare")]
    assert "it reads code in the project's own folder" in report.findings[0].says
    # By its name the clean folder's own is found, though the project may be installed by a link.
    assert go({"prepare.py": "import sampling\nWHOLE"}).passed


@pytest.mark.parametrize("by", ["python", "shell"])
def test_a_write_into_the_project_s_own_folder(go, tmp_path, by):
    own = tmp_path / "project" / "model.json"
    done = {"python": f"open({str(own)!r}, 'w').write('[1]')", "shell": f"import os; os.system('echo [1] > {own}')"}[by]
    report = go({"train.py": done})
    assert [kind for kind, _ in kinds(report)] == [Kind.MISSING, Kind.WROTE]
    assert "project's" in report.findings[1].says
    assert "model.json" in report.findings[1].says


def test_what_a_stage_removes_elsewhere(go, tmp_path):
    other = tmp_path / "yesterday.csv"
    other.write_text("a", encoding="utf-8")
    report = go({"prepare.py": f"WHOLE\nimport os; os.remove({str(other)!r})"})
    assert kinds(report) == [(Kind.WROTE, "prepare")]
    assert report.findings[0].says == f"it removes outside of its folder: {other}"


def test_columns_that_change_places(go):
    swap = PREPARE_TEXT.replace('"a": row["a"], "b": row["b"]', '"a": row["b"], "b": row["a"]')
    report = go({"prepare.py": swap})
    assert kinds(report) == [(Kind.SWAPPED, "prepare")]
    assert report.findings[0].says == "a and b of raw.csv changed places in prepared.csv"


PREPARE_TEXT = """\
import csv
with open("raw.csv") as file:
    rows = list(csv.DictReader(file))
with open("prepared.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, ["a", "b"])
    writer.writeheader()
    writer.writerows({"a": row["a"], "b": row["b"]} for row in rows)
"""


def gone(file):
    """Whether the process whose number is in the file is no more, which may take it a moment."""
    status = Path(f"/proc/{file.read_text(encoding='utf-8').strip()}/status")
    for _ in range(100):
        if not status.exists() or "State:\tZ" in status.read_text(encoding="utf-8"):
            return True
        time.sleep(0.05)
    return False


def test_a_stage_that_hangs_is_ended_with_all_it_started(go, tmp_path):
    child = tmp_path / "child"
    stage = Stage("wait", ("sh", "wait.sh"), makes=("waited",))
    start = time.monotonic()
    report = go(
        {"wait.sh": f"sleep 300 &\necho $! > {child}\necho reading\nwait\n"}, stages=[stage, STAGES[0]], timeout=1.0
    )
    assert time.monotonic() - start < 60
    assert kinds(report) == [(Kind.HUNG, "wait")]
    assert report.findings[0].says == 'did not end within 1 s; it said: "reading"'
    assert report.not_run == ("prepare",)
    assert report.stages[0].code is None
    assert gone(child)


def test_a_stage_that_leaves_a_process_behind(go, tmp_path):
    child = tmp_path / "child"
    text = (
        "WHOLE\nimport pathlib, subprocess\n"
        "process = subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
        f"pathlib.Path({str(child.parent)!r}, 'child').write_text(str(process.pid))\n"
    )
    report = go({"prepare.py": text})
    (left,) = (one for one in report.findings if one.kind is Kind.LEFT)
    assert str(left) == "prepare: it left processes running, which were ended: sleep"
    assert gone(child)


def test_what_follows_a_failure_is_not_run(go):
    report = go({"prepare.py": "import sys; print('one\\ntwo'); sys.exit(3)"}, twice=True)
    assert report.not_run == ("train",)
    assert report.again == ()
    assert report.findings[0].says == 'ended with exit code 3; it said: "one | two"'
    # A stage that ended well and wrote nothing lets the next one fail before it starts.
    report = go({"prepare.py": "pass"}, twice=True)
    assert kinds(report) == [(Kind.MISSING, "prepare"), (Kind.NEEDS, "train")]
    assert report.findings[1].says == "it needs prepared.csv, which prepare did not write"


def test_a_stage_s_traceback_is_told_by_its_last_line(go):
    report = go({"prepare.py": "print('reading')\ndef rows():\n    return {}['b']\nrows()\n"})
    assert report.findings[0].says == """ended with exit code 1; it said: "reading | KeyError: 'b'\""""


def test_no_secret_is_told(go, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "correct-horse")
    text = "import os, sys; sys.exit(f\"no login: {os.environ['WAREHOUSE_PASSWORD']} token={os.environ['SAID']}\")"
    report = go({"prepare.py": text}, environment={"SAID": "battery-staple"})
    said = str(report)
    assert "no login: *** token=***" in said
    assert "horse" not in said
    assert "staple" not in said
    assert "set: SAID" in report.environment


def test_the_data_that_nobody_puts_there(go):
    report = go(sample=None)
    assert kinds(report) == [(Kind.NEEDS, "prepare")]
    assert "it needs raw.csv, which no stage before it makes and which is not among the project's files" in str(report)
    assert report.not_run == ("prepare", "train")
    given = {"raw.csv": "a,b\n" + "1,2\n70,3\n" * 20}
    assert go({".gitignore": "raw.csv"}, sample=None, untracked=given, inputs=["raw.csv"]).passed


def test_what_git_does_not_track_is_not_there(go, git):
    report = go({"prepare.py": "import helper\nWHOLE"}, untracked={"helper.py": ""})
    assert kinds(report) == [(Kind.FAILED, "prepare")]
    assert "No module named 'helper'" in report.findings[0].says
    assert go({"prepare.py": "import helper\nWHOLE"}, untracked={"helper.py": ""}, inputs=["helper.py"]).passed


def test_earlier_outputs_are_not_there(go):
    report = go({"train.py": "open('seen', 'w').write('a')", "model.json": "{}"})
    assert kinds(report) == [(Kind.MISSING, "train")]
    assert report.notes == ("removed from the copy before the run, since stages make them: model.json",)


@pytest.mark.parametrize(
    ("script", "text", "says"),
    [
        (
            "train",
            "import os; os.mkdir('runs')\nWHOLE",
            "a second run over what the first one left ended with exit code 1",
        ),
        (
            "prepare",
            "rows = open('raw.csv').read() + '1,2\\n'\nopen('prepared.csv', 'a').write(rows)",
            "adds to prepared.csv",
        ),
        (
            "train",
            "import os\nos.remove('model.json') if os.path.exists('model.json') else open('model.json', 'w').write('[]')",
            "after a second run model.json is gone",
        ),
    ],
)
def test_a_second_run(go, script, text, says):
    report = go({f"{script}.py": text}, twice=True)
    assert kinds(report) == [(Kind.AGAIN, script)]
    assert says in report.findings[0].says
    assert go({f"{script}.py": text}).passed


def test_the_gate_judges_what_was_made(go):
    seen = []

    def gate(folder):
        seen.append((folder / "model.json").read_text(encoding="utf-8"))
        return Gate("model.json", False, "error 0.4 is above the limit of 0.2")

    report = go(gate=gate)
    assert seen == ['{"rows": 200}']
    assert kinds(report) == [(Kind.GATE, None)]
    assert str(report.findings[0]) == "model.json does not pass the quality gate: error 0.4 is above the limit of 0.2"
    weak = go(gate=lambda folder: Gate("model.json", True, "error 0.1", "the limit lets everything through"))
    assert weak.passed
    assert weak.unknown == ("whether the result is good enough: the limit lets everything through",)


def test_stages_that_make_nothing_are_hollow(go):
    report = go(stages=[Stage("prepare", ("python", "prepare.py")), Stage("train", ("python", "train.py"))])
    assert report.passed
    assert report.hollow == "no stage says what it makes, so that one that writes nothing would pass"


@pytest.mark.parametrize(
    ("stages", "why"),
    [
        ([], "the pipeline has no stage"),
        (
            [Stage("a", ("true",), makes=("x",)), Stage("b", ("true",), makes=("x",))],
            "two runs would write the same file",
        ),
        ([Stage("a", ("true",), needs=("x",), makes=("x",))], "the stage a both needs and makes x"),
        (
            [Stage("a", ("true",), needs=("x",)), Stage("b", ("true",), makes=("x",))],
            "the stage a needs x, which b makes",
        ),
        ([Stage("a", ("no-such-program",))], 'there is no program "no-such-program"'),
        ([Stage("a", ("true",), folder="else")], 'the stage a runs in "else", which is not there'),
    ],
)
def test_stages_that_contradict_each_other(go, stages, why):
    with pytest.raises(ConfigError, match=re.escape(why)):
        go(stages=stages)


def test_tables_need_their_extra(go, monkeypatch):
    def missing(*_, **__):
        raise UsageError("DuckDB is not installed", hint='pip install "ml-test-score[data]"')

    monkeypatch.setattr("mlscore.tables.table.open_table", missing)
    with pytest.raises(UsageError, match="DuckDB is not installed"):
        go()


def test_without_git_files_are_named(tmp_path):
    (tmp_path / "a.py").write_text("", encoding="utf-8")
    stage = Stage("a", ("python", "a.py"))
    with pytest.raises(ConfigError, match=r"git does not say which files make the project: .*write files = "):
        check_integration([stage], tmp_path)
    assert check_integration([stage], tmp_path, files=["a.py"]).files == 1
    with pytest.raises(ConfigError, match=r'there is no "b\.py" to be copied'):
        check_integration([stage], tmp_path, files=["b.py"])
    with pytest.raises(ConfigError, match=r'"\.\./b.py" is outside of the project'):
        check_integration([stage], tmp_path, files=["../b.py"])


def test_a_project_that_is_too_large(go):
    with pytest.raises(ConfigError, match="the project's files hold more than 0 MB"):
        go(copy_mb=0)


def test_links_out_of_the_project_are_not_followed(go, tmp_path):
    project = tmp_path / "project"
    (project / "out").symlink_to(tmp_path)
    (project / "in").symlink_to("train.py")
    report = go()
    assert report.notes == ("out is a link out of the project and was not copied",)
    assert report.files == 4
