"""The check `report` as it is configured: files and globs, items, limits, and what its result says."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.reports.catalogue import FORMATS
from mlscore.checks.reports.limits import read_limits
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.sources import digest_of
from mlscore.project.config import ModelSettings
from mlscore.project.load import load_config


def values(result):
    return {value.name: value.value for value in result.values}


def test_a_validation_that_failed(judge, samples):
    result = judge(samples / "great_expectations-1.24.1" / "validation.json", "data-1")
    assert not result.passed
    assert result.outcome == "failed"
    assert result.summary == "expect_column_values_to_not_be_null:delay failed: 50"
    assert result.findings[1:] == ("expect_column_mean_to_be_between:distance warns: 1601.29 (max_value 1200.0)",)
    assert result.unknown == (
        'expect_column_values_to_be_in_set:none-such: it raised: Error: The column "none-such" in BatchData does not '
        "exist.",
    )
    assert values(result) == {
        "rules passed": 2,
        "made": "2026-11-21",
        "written by": "Great Expectations 1.24.1",
    }
    json.dumps(result.details)


def test_rules_that_passed(judge, samples):
    result = judge(samples / "evidently-0.6.7" / "suite.json", "monitor-3", rules=["Drift per Column:carrier"])
    assert result.outcome == "passed"
    assert result.summary == "1 of 1 rules of Evidently passed"


def test_the_item_chooses_the_rules(judge, samples):
    file = samples / "evidently-0.7.23" / "tests.json"
    drift = judge(file, "monitor-3")
    assert drift.findings == ("Value Drift for column distance failed: 4.46084e-141 (0.05)",)
    assert any(note.startswith("left out, since they speak to other items: Column 'delay'") for note in drift.notes)
    quality = judge(file, "data-1", allow_warnings=True)
    assert quality.findings == ("Column 'delay' missing values: Equal 0.000 failed: 50 (0)",)
    # In a rubric of one's own all rules count.
    assert len(judge(file, "our-1").findings) == 3


def test_metrics_within_limits(judge, samples):
    file = samples / "fairlearn-0.15.0" / "by-group.json"
    result = judge(file, "model-7", limits={"accuracy difference": {"most": 0.1}, "accuracy:*": {"least": 0.7}})
    assert result.outcome == "passed"
    assert result.summary == "4 metrics within limits"
    assert values(result)["accuracy difference"] == pytest.approx(0.0496, abs=1e-4)
    result = judge(file, "model-7", limits={"selection_rate difference": {"most": 0.05}})
    assert result.findings == ("selection_rate difference is 0.0989247, and has to be at most 0.05",)
    assert judge(file, "model-7").hollow == "the report holds no verdict, and no limit is given for its metrics"


@pytest.mark.parametrize(
    ("sample", "item", "passes", "fails"),
    [
        ("coverage-7.17.3/coverage.xml", "data-7", {"line-rate:covered.py": 0.75}, {"line-rate": 0.8}),
        ("coverage-7.17.3/coverage.json", "data-7", {"covered-rate": 0.7}, {"branch-rate": 0.6}),
        ("scikit-learn-1.9.1/plain.json", "infra-4", {"accuracy": 0.8}, {"f1": 0.8}),
        ("scikit-learn-1.9.1/classification-report.json", "infra-4", {"recall:*": 0.7}, {"precision:*": 0.7}),
        ("mlflow-3.17.2/metrics.json", "infra-4", {"accuracy_score": 0.8}, {"recall_score": 0.8}),
        ("pytest-benchmark-5.3.1/benchmark.json", "monitor-6", {"ops:test_sorting": 1}, {"ops:*": 1e12}),
        ("evidently-0.7.23/plain.json", "monitor-3", {"ValueDrift(column=carrier*": 0.05}, {"ValueDrift*": 0.05}),
    ],
)
def test_each_format_passes_and_fails(judge, samples, sample, item, passes, fails):
    good = judge(samples / sample, item, limits={name: {"least": least} for name, least in passes.items()})
    assert good.outcome == "passed", good.findings
    bad = judge(samples / sample, item, limits={name: {"least": least} for name, least in fails.items()})
    assert bad.outcome == "failed"
    assert "and has to be at least" in bad.findings[0]


def test_a_report_that_is_stale(judge, samples):
    file = samples / "coverage-7.17.3" / "coverage.xml"
    limits = {"line-rate": {"least": 0.5}}
    assert judge(file, "data-7", limits=limits, most_age=30).passed
    result = judge(file, "data-7", limits=limits, most_age=30, today=date(2027, 3, 1))
    assert result.findings == ("the report is 100 days old, of 2026-11-21, and 30 are the most allowed",)


def test_another_model(judge, write):
    path = write("model.skops", b"weights")
    digest = digest_of(path)
    limits = {"accuracy": {"least": 0.5}}
    model = ModelSettings(source="model.skops")
    write("right.json", json.dumps({"accuracy": 0.9, "model_digest": digest}))
    assert judge("right.json", "infra-4", limits=limits, model=model).outcome == "passed"
    write("other.json", json.dumps({"accuracy": 0.9, "model_digest": "sha256:" + "0" * 64}))
    result = judge("other.json", "infra-4", limits=limits, model=model)
    assert result.findings[0].startswith(f'the report is about the model digest "sha256:{"0" * 64}", not "{digest}"')
    # Without a configured model, nothing says which is right.
    assert judge("other.json", "infra-4", limits=limits).passed
    model = ModelSettings(source="models:/flights/3")
    write("registry.json", json.dumps({"accuracy": 0.9, "model": "models:/flights/2"}))
    result = judge("registry.json", "infra-4", limits=limits, model=model)
    assert result.findings == ('the report is about the model "models:/flights/2", not "models:/flights/3"',)
    write("file.json", json.dumps({"accuracy": 0.9, "model": "flights"}))
    assert judge("file.json", "infra-4", limits=limits, model=model).passed


def test_other_data(judge, samples):
    file = samples / "great_expectations-0.18.22" / "validation.json"
    rules = ["expect_column_values_to_not_be_null:carrier"]
    assert judge(file, "data-1", rules=rules, about={"data": "flights", "suite": "flights"}).outcome == "passed"
    result = judge(file, "data-1", rules=rules, about={"data": "trains"})
    assert result.findings == ('the report is about the data "flights", not "trains"',)
    result = judge(file, "data-1", rules=rules, about={"data-digest": "f36c8f13a3fb0e95e04eb346e1fbda47"})
    assert result.passed
    assert result.unknown == ()


@pytest.fixture
def history(tmp_path, samples):
    """Two dated reports of which the earlier one is bad."""
    text = (samples / "coverage-7.17.3" / "coverage.xml").read_text(encoding="utf-8")
    stamp = text.split('timestamp="')[1].split('"')[0]
    (tmp_path / "old").mkdir()
    earlier = text.replace(stamp, str(int(stamp) - 10 * 86_400_000)).replace('lines-covered="6"', 'lines-covered="1"')
    (tmp_path / "old" / "z.xml").write_text(earlier, encoding="utf-8")
    (tmp_path / "old" / "a.xml").write_text(text, encoding="utf-8")
    return "old/*.xml"


def test_a_glob(judge, history):
    limits = {"line-rate": {"least": 0.5}}
    result = judge(history, "data-7", limits=limits)
    assert result.findings == ("old/z.xml: line-rate is 0.125, and has to be at least 0.5",)
    assert len(result.details["reports"]) == 2
    newest = judge(history, "data-7", limits=limits, newest=True)
    assert newest.outcome == "passed"
    assert [one["file"] for one in newest.details["reports"]] == ["old/a.xml"]


def test_the_newest_of_undated_reports_cannot_be_told(judge, write):
    write("a.json", '{"accuracy": 1}')
    write("b.json", '{"accuracy": 1}')
    with pytest.raises(InputError, match=r"a\.json: the report does not say when it was made, so that the newest"):
        judge("*.json", "infra-4", newest=True)


def test_a_folder_of_mlflow(judge, samples, tmp_path):
    (experiment,) = samples.glob("mlflow-*/store/*")
    shutil.copytree(experiment, tmp_path / "mlruns" / "1")
    limits = {"accuracy_score": {"least": 0.8}}
    result = judge("mlruns/1", "infra-4", limits=limits, most_age=30)
    assert result.outcome == "passed"
    assert values(result)["made"] == "2026-11-21"


def test_a_blessing(judge, tmp_path):
    (tmp_path / "blessing").mkdir()
    (tmp_path / "blessing" / "NOT_BLESSED").write_bytes(b"")
    assert judge("blessing", "infra-4").findings == ("model blessing failed",)
    (tmp_path / "blessing" / "NOT_BLESSED").rename(tmp_path / "blessing" / "BLESSED")
    result = judge("blessing", "infra-4", most_age=100_000)
    assert result.outcome == "passed"
    assert result.unknown == ("how old the report is: it does not say when it was made",)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"file": "none.json"}, 'there is no report "none.json"; write it first, or mend the path'),
        ({"file": "none/*.json"}, 'no report fits "none/*.json"; write one first, or mend the pattern'),
        ({"file": "m.json", "format": "evidently"}, "m.json: no report of Evidently"),
        (
            {"file": "m.json", "item": "data-1"},
            r"a report of metrics (metrics) says nothing on data-1; name one of its",
        ),
        ({"file": "m.json", "limits": {"accuracy": 1}}, 'the limit of "accuracy" says neither least nor most'),
        ({"file": "m.json", "limits": {"loss": {"most": 1}}}, 'the report has no metric "loss"; there are accuracy'),
        ({"file": "m.json", "rules": ["x"]}, 'the report has no rule "x"; it holds no rules at all'),
        ({"file": "m.json", "about": {"modle": "x"}}, '"about" has an unknown key "modle"; did you mean "model"?'),
        ({"file": "m.json", "about": {"model": 3}}, '"about": model is no text; write model = "…"'),
        ({"file": "cut.json"}, "cut.json: not valid JSON: it ends too early (line 1)"),
    ],
)
def test_bad_options_are_one_sentence(judge, write, options, why):
    write("m.json", '{"accuracy": 0.5}')
    write("cut.json", '{"accuracy": 0.5')
    options = {"item": "infra-4", **options}
    with pytest.raises((ConfigError, InputError)) as caught:
        judge(**options)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


CONFIG = """
[tool.mlscore]

[[tool.mlscore.check]]
use = "report"
file = "coverage.xml"
{more}

[tool.mlscore.check.limits]
line-rate = {{least = {least}}}
"""


@pytest.fixture
def configure(write, samples, tmp_path):
    def make(more, least=0.5):
        shutil.copyfile(samples / "coverage-7.17.3" / "coverage.xml", tmp_path / "coverage.xml")
        write("pyproject.toml", CONFIG.format(more=more, least=least))
        return tmp_path

    return make


def test_the_item_follows_from_a_format_with_one(configure):
    root = configure('format = "coverage"')
    (check,) = configured_checks(load_config(root, environ={}, today=date(2026, 11, 25)))
    assert check.item == "data-7"
    root = configure("")
    with pytest.raises(ConfigError, match=r'the check "report" may be evidence for several items; name one: item = "'):
        configured_checks(load_config(root, environ={}, today=date(2026, 11, 25)))
    root = configure('format = "fairlearn"')
    with pytest.raises(ConfigError, match=r'name one: item = "model-7" \(it is for model-7, model-6\)'):
        configured_checks(load_config(root, environ={}, today=date(2026, 11, 25)))
    root = configure('format = "coverage"\nitem = "data-1"')
    with pytest.raises(ConfigError, match='the check "report" is no evidence for data-1; it is for data-7'):
        configured_checks(load_config(root, environ={}, today=date(2026, 11, 25)))


@pytest.mark.parametrize(("least", "code", "word"), [(0.5, 0, "passed"), (0.9, 1, "failed")])
def test_by_the_command(configure, monkeypatch, capsys, least, code, word):
    from mlscore.cli import run as run_command

    monkeypatch.chdir(configure('item = "data-7"', least))
    monkeypatch.setenv("COLUMNS", "80")
    assert run_command(["check", "data-7"]) == code
    out = capsys.readouterr().out
    assert out.startswith(f"{word}  data-7 report: ")
    assert f"line-rate 0.75 (limit at least {least})" in out
    assert "written by coverage.py 7.17.3" in out


def test_nothing_heavy_is_imported():
    import subprocess
    import sys

    heavy = {"yaml", "defusedxml", "pandas", "numpy", "mlscore.checks.reports.read"}
    code = f"import sys; import mlscore.checks.reports; print([m for m in sys.modules if m in {heavy!r}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


PAGE = Path(__file__).parents[3] / "docs" / "models" / "reports.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_s_configuration_is_read(tmp_path):
    (shown,) = blocks("toml")
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    (check,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 25)))
    assert (check.check.id, check.item, check.options["most-age"]) == ("report", "infra-4", 30)
    assert set(read_limits(check.options["limits"])) == {"accuracy", "recall:*", "log_loss"}


def test_the_page_s_code_runs(tmp_path, monkeypatch):
    (code,) = blocks("python")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "evaluation.json").write_text('{"accuracy": 0.9}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    names["test_the_evaluation"]()
    (tmp_path / "reports" / "evaluation.json").write_text('{"accuracy": 0.7}', encoding="utf-8")
    with pytest.raises(AssertionError):
        names["test_the_evaluation"]()


def test_the_page_lists_every_format():
    for one in FORMATS.values():
        (row,) = (line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{one.id}` "))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[-2] == ", ".join(f"[{item}](../items/{item}.md)" for item in one.items)
        assert cells[-1] == (", ".join(one.tried) or "not by the tool")
