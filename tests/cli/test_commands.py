"""Each command that reads or writes statements, rubrics and reports, as a person would call it."""

import json
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.mlscore("doors-3")

TODAY = datetime.now(UTC).date()

SUITE = """
from pathlib import Path
import pytest

@pytest.mark.mlscore("data-1")
def test_schema():
    assert Path(__file__).read_text(encoding="utf-8").startswith("\\nfrom pathlib")
"""


@pytest.fixture
def attested(write):
    """A project with one attestation in each section."""
    write("docs/done.md", "# Done\n")
    items = ("data-6", "model-1", "infra-7", "monitor-1")
    entries = [
        f'[[attestation]]\nitem = "{item}"\nowner = "ml-platform"\ndate = {TODAY}\nwhat = "Done."\nlink = "docs/done.md"\n'
        for item in items
    ]
    return write("mlscore.attestations.toml", "\n".join(entries))


def test_score_from_attestations_alone(mlscore, attested):
    done = mlscore("score", "--no-tests", "--report", "json")
    assert done.code == 0
    score = done.data["score"]
    assert (score["practised"], score["verified"]) == (0.5, 0.5)
    assert [s["verified"] for s in score["sections"]] == [0.5] * 4
    assert score["binding"] == ["data", "model", "infra", "monitor"]
    item = next(i for i in done.data["items"] if i["id"] == "infra-7")
    assert item["level"] == "manual"
    assert item["evidence"][0]["source"] == {"kind": "attestation", "name": "ml-platform"}


@pytest.mark.parametrize(("least", "code"), [("0.5", 0), ("0.51", 1), ("1", 1), ("0", 0)])
def test_score_gates_by_exit_code(mlscore, attested, least, code):
    assert mlscore("score", "--no-tests", "--fail-under", least).code == code


def test_score_writes_several_reports_at_once(mlscore, attested, project):
    done = mlscore(
        "score", "--no-tests", "-r", "json:out/r.json", "-r", "badge:b.svg", "-r", "badge:b.json", "-r", "readme"
    )
    assert done.code == 0
    assert done.out == ""
    assert json.loads((project / "out/r.json").read_text(encoding="utf-8"))["schema"] == "mlscore-report/1"
    assert (project / "b.svg").read_text(encoding="utf-8").startswith("<svg")
    assert json.loads((project / "b.json").read_text(encoding="utf-8"))["schemaVersion"] == 1
    assert "<!-- mlscore:start -->" in (project / "README.md").read_text(encoding="utf-8")


def test_render_gives_what_score_gave(mlscore, attested):
    mlscore("score", "--no-tests", "-r", "json:r.json")
    for kind in ("terminal", "markdown", "json"):
        assert mlscore("render", "r.json", "--to", kind).out == mlscore("score", "--from", "r.json", "-r", kind).out
    assert "0.5" in mlscore("render", "r.json").out


def test_next_names_the_binding_items_with_a_recipe(mlscore, attested):
    done = mlscore("next", "--no-tests", "--limit", "4")
    assert done.code == 0
    assert "The total is 0.5 of 7 (verified)." in done.out
    assert "turn the manual routine into a marked test that CI runs" in done.out
    assert '@pytest.mark.mlscore("data-1")' in mlscore("next", "--no-tests", "--limit", "8").out
    assert done.out.rstrip().endswith("With these steps the total would be 1.")
    steps = mlscore("next", "--no-tests", "--limit", "4", "-r", "json").data["next"]
    assert [s["section"] for s in steps] == ["data", "model", "infra", "monitor"]


def test_explain_shows_an_items_standing(mlscore, attested):
    mlscore("score", "--no-tests", "-r", "json:r.json")
    done = mlscore("explain", "infra-7", "--from", "r.json")
    assert "ml-platform" in done.out
    assert mlscore("explain", "infra-7", "-r", "json").data["id"] == "infra-7"


def test_attest_writes_and_renews(mlscore, write, project):
    write("docs/drill.md", "# Drill\n")
    given = ("attest", "infra-7", "--owner", "ml-platform", "--link", "docs/drill.md")
    first = mlscore(*given, "--what", "Rolled back once.", "--date", TODAY - timedelta(days=100))
    assert first.code == 0
    assert first.out.startswith("wrote mlscore.attestations.toml:")
    again = mlscore(*given, "--what", "Rolled back again.")
    assert again.out.startswith("renewed mlscore.attestations.toml:")
    (entry,) = tomllib.loads((project / "mlscore.attestations.toml").read_text(encoding="utf-8"))["attestation"]
    assert entry == {
        "item": "infra-7",
        "owner": "ml-platform",
        "date": TODAY,
        "what": "Rolled back again.",
        "link": "docs/drill.md",
        "expires": TODAY + timedelta(days=180),
    }
    assert mlscore("score", "--no-tests", "-r", "json").data["score"]["sections"][2]["verified"] == 0.5


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["infra-77"], "infra-77"),
        (["infra-7", "--date", "tomorrow"], "tomorrow"),
        (["infra-7", "--date", TODAY + timedelta(days=3)], "future"),
        (["infra-7", "--expires", TODAY - timedelta(days=1)], "expires"),
        (["infra-7", "--expires", TODAY + timedelta(days=366)], "365"),
        (["infra-7", "--link", "docs/none.md"], "docs/none.md"),
        (["infra-7", "--link", "../outside.md"], "outside"),
    ],
)
def test_attest_refuses_what_is_wrong_and_writes_nothing(mlscore, write, project, args, said):
    write("docs/drill.md", "# Drill\n")
    link = () if "--link" in args else ("--link", "docs/drill.md")
    done = mlscore("attest", *args, "--owner", "ml-platform", "--what", "Done.", *link)
    assert done.code == 2
    assert said in done.err
    assert not (project / "mlscore.attestations.toml").exists()


def test_waive_frees_the_gate_and_not_the_score(mlscore, write):
    write("mlscore.toml", '[gate]\nmust-have = ["data-5"]\n')
    assert mlscore("score", "--no-tests").code == 1
    done = mlscore(
        "waive", "data-5", "--reason", "not-applicable", "--note", "No personal data.", "--author", "team-data"
    )
    assert done.code == 0
    after = mlscore("score", "--no-tests", "-r", "json")
    assert after.code == 0
    item = next(i for i in after.data["items"] if i["id"] == "data-5")
    assert item["verified"] == 0
    assert item["waiver"]["reason"] == "not-applicable"


def test_baseline_holds_the_project_to_its_score(mlscore, attested, project):
    wrote = mlscore("baseline", "write", "--no-tests")
    assert wrote.code == 0
    assert "verified 0.5" in wrote.out
    assert "total     0.5 verified" in mlscore("baseline", "show").out
    assert mlscore("score", "--no-tests").code == 0
    text = attested.read_text(encoding="utf-8").replace('item = "infra-7"', 'item = "infra-6"')
    attested.write_text(text, encoding="utf-8")
    assert mlscore("score", "--no-tests").code == 0  # another item of the section took its place
    attested.write_text(text.replace('item = "infra-6"', 'item = "data-5"'), encoding="utf-8")
    done = mlscore("score", "--no-tests", "-r", "json")
    assert done.code == 1
    rule = next(r for r in done.data["gate"]["rules"] if r["id"] == "ratchet")
    assert rule["passed"] is False
    assert "infra-7" in rule["to_meet"]


def test_config_show_names_origins(mlscore, write, monkeypatch):
    write("pyproject.toml", '[tool.mlscore]\nname = "demo"\n\nfail-under = 1.5\n')
    monkeypatch.setenv("MLSCORE_PROFILE", "poc")
    settings = {s["key"]: s for s in mlscore("config", "show", "--strict", "-r", "json").data["settings"]}
    assert settings["name"] == {"key": "name", "value": "demo", "origin": "pyproject.toml:2"}
    assert settings["fail-under"]["origin"] == "pyproject.toml:4"
    assert settings["profile"]["origin"] == "environment MLSCORE_PROFILE"
    assert settings["strict"]["origin"] == "option --strict"
    assert settings["serving"]["origin"] == "default"
    assert "pyproject.toml:4" in mlscore("config", "show").out


def test_rubric_commands(mlscore, write):
    assert "ml-test-score-2016" in mlscore("rubric", "list").out
    assert [r["items"] for r in mlscore("rubric", "list", "-r", "json").data["rubrics"]] == [28, 28]
    shown = mlscore("rubric", "show").out
    assert shown.count("\n  data-") == 7
    assert "over 5: " in shown
    own = write(
        "own.toml",
        'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\nversion = "1"\ndrop = ["data-6"]\n',
    )
    assert "own" in mlscore("rubric", "check", own).out
    assert mlscore("rubric", "check", own, "-r", "json").data["items"] == 27
    own.write_text(
        'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\nversion = "1"\ndrop = ["data-66"]\n',
        encoding="utf-8",
    )
    bad = mlscore("rubric", "check", own)
    assert bad.code == 2
    assert "data-66" in bad.err


def test_the_first_score_of_a_project_with_a_marked_test(mlscore, write):
    write("tests/test_data.py", SUITE)
    done = mlscore("score", "--report", "json")
    item = next(i for i in done.data["items"] if i["id"] == "data-1")
    assert (item["level"], item["verified"]) == ("manual", 0.5)
    assert any("CI" in said for said in item["missing"])


def test_score_hands_arguments_to_pytest_and_says_that_the_run_was_partial(mlscore, write):
    write("tests/test_data.py", SUITE + "\n\ndef test_other():\n    assert Path(__file__).exists()\n")
    done = mlscore("score", ".", "--fail-under", "3", "-r", "json", "--", "-k", "other")
    assert done.code == 0
    assert done.data["gate"]["passed"] is None
    assert done.data["run"]["unreached"] == ["data-1"]


def test_score_without_a_report_from_pytest_is_an_error(mlscore, write):
    write("tests/test_data.py", SUITE)
    done = mlscore("score", ".", "--", "--no-such-option")
    assert done.code == 2
    assert "pytest ended with exit code 4 and left no report" in done.err


def test_a_stored_report_is_judged_by_the_gate_of_now(mlscore, attested):
    mlscore("score", "--no-tests", "-r", "json:r.json")
    assert mlscore("score", "--from", "r.json").code == 0
    assert mlscore("score", "--from", "r.json", "--fail-under", "3").code == 1
    other = mlscore("score", "--from", "r.json", "--rubric", "ml-test-score-2016")
    assert other.code == 2
    assert "the report was measured with ml-test-score" in other.err


def test_next_says_when_its_steps_are_too_few(mlscore):
    done = mlscore("next", "--no-tests", "--limit", "2")
    assert done.out.rstrip().endswith(
        "The total rises once every one of data, model, infra, monitor has risen: see more with --limit."
    )


def test_explain_reads_ids_as_people_write_them(mlscore):
    assert mlscore("explain", "Data 1").out == mlscore("explain", "data-1").out


def test_help_names_the_forms_a_command_really_has(mlscore):
    assert "badge" in mlscore("score", "--help").out
    assert "badge" not in mlscore("explain", "--help").out


def test_arguments_for_pytest_need_no_path_before_them(mlscore, write):
    write("tests/test_a.py", SUITE)
    done = mlscore("score", "-r", "json", "--", "-k", "nothing")
    assert "deselected by -k 'nothing'" in " ".join(done.data["run"]["partial"])


def test_a_rubric_named_from_elsewhere_reaches_pytest(mlscore, write, project, monkeypatch):
    write("part/tests/test_a.py", SUITE)
    write("part/mlscore.toml", 'name = "part"\n')
    write(
        "own.toml", 'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\nversion = "1"\ntitle = "Own"\n'
    )
    assert mlscore("score", "part", "--rubric", "own.toml", "-r", "json").data["rubric"]["id"] == "own"


def test_a_report_read_from_a_file_is_held_to_the_gate_of_now(mlscore, write):
    assert mlscore("score", "--no-tests", "-r", "json:report.json").code == 0
    assert mlscore("score", "--from", "report.json").code == 0
    assert mlscore("score", "--from", "report.json", "--fail-under", "1").code == 1


def test_a_baseline_that_is_named_and_missing_fails_the_gate(mlscore, write):
    write("mlscore.toml", 'baseline = "gone.json"\n')
    done = mlscore("score", "--no-tests")
    assert done.code == 1
    assert "there is no baseline to compare with" in done.out
    assert mlscore("baseline", "write", "--no-tests").code == 0
    assert mlscore("score", "--no-tests").code == 0


def test_no_baseline_from_a_run_without_a_test(mlscore, write, project):
    junit = write("empty.xml", "<testsuites/>")
    done = mlscore("baseline", "write", "--junit", junit)
    assert done.code == 2
    assert "no baseline from a run in which no test ran" in done.err
    assert not (project / "mlscore-baseline.json").exists()


def test_a_changed_ruler_is_a_warning_that_strict_catches(mlscore, write):
    own = 'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\n'
    write("own.toml", own)
    write("mlscore.toml", 'rubric = "own.toml"\n')
    assert mlscore("baseline", "write", "--no-tests").code == 0
    write("own.toml", own + 'drop = ["data-6"]\n')
    assert mlscore("score", "--no-tests").code == 0
    assert mlscore("score", "--no-tests", "--strict").code == 1


def test_a_table_that_is_nearly_ours_is_not_left_unread(mlscore, write):
    write("pyproject.toml", "[tool.ml-score]\nfail-under = 1\n")
    done = mlscore("score", "--no-tests")
    assert done.code == 2
    assert done.err == "mlscore: pyproject.toml:1: [tool.ml-score] is not read; did you mean [tool.mlscore]?\n"


def test_an_attestation_that_would_have_expired_replaces_nothing(mlscore, write, project):
    write("docs/drill.md", "# Drill\n")
    given = ("attest", "infra-7", "--owner", "ml-platform", "--what", "Done.", "--link", "docs/drill.md")
    assert mlscore(*given).code == 0
    before = (project / "mlscore.attestations.toml").read_bytes()
    done = mlscore(*given, "--date", TODAY - timedelta(days=300))
    assert done.code == 2
    assert "it would have expired already" in done.err
    assert (project / "mlscore.attestations.toml").read_bytes() == before


def test_another_rule_does_not_inherit_the_bands_of_the_first(mlscore, write):
    own = 'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\n[scoring]\ntotal = "sum"\n'
    write("own.toml", own)
    assert mlscore("score", "--no-tests", "--rubric", "own.toml", "-r", "json").data["score"]["band"] is None


def test_the_job_that_merges_may_refuse_a_missing_file_alone(mlscore, write, project, monkeypatch):
    test = "import pytest\n\n@pytest.mark.mlscore('{0}')\ndef test_it(tmp_path):\n    assert not list(tmp_path.iterdir())\n"
    for item in ("data-1", "model-1"):
        write(f"tests/test_{item[:-2]}.py", test.format(item))
    for item in ("data-1", "model-1"):
        part = ("--", f"tests/test_{item[:-2]}.py", f"--junitxml={item}.xml")
        assert mlscore("score", *part).code == 0
    monkeypatch.setenv("MLSCORE_PARTIAL", "fail")
    assert mlscore("score", "--junit", "data-1.xml", "--junit", "model-1.xml").code == 0
    assert mlscore("score", "--junit", "*-1.xml").code == 0
    done = mlscore("score", "--junit", "data-1.xml")
    assert done.code == 1
    assert "read the files of all jobs" in done.out
    monkeypatch.delenv("MLSCORE_PARTIAL")
    assert mlscore("score", "--junit", "data-1.xml").code == 0
