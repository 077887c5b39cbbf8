"""The end of a session: gate and exit status, reports and where they go, and what happens when that goes wrong."""

import json
import xml.etree.ElementTree as ElementTree
from importlib import import_module

import pytest

from mlscore import pipeline
from mlscore.errors import ISSUES_URL

PASSES = "@pytest.mark.mlscore('data-1')\ndef test_x():\n    assert os.getcwd() != ''\n"
FAILS = "@pytest.mark.mlscore('data-1')\ndef test_x():\n    assert str(1) == '2'\n"


class TestGate:
    def test_met(self, project):
        project.write("test_a.py", PASSES)
        scored = project.score("--mlscore-fail-under=0")
        assert (scored.code, scored.gate["passed"]) == (0, True)

    def test_not_met(self, project):
        project.write("test_a.py", PASSES)
        scored = project.score("--mlscore-fail-under=0.5")
        assert (scored.code, scored.gate["passed"]) == (1, False)
        assert "total 0 < 0.5" in scored.output
        rule = next(r for r in scored.gate["rules"] if r["id"] == "fail-under")
        assert rule["origin"] == "option --mlscore-fail-under"
        assert "1 passed" in scored.output

    def test_a_failing_test_keeps_pytests_own_status(self, project):
        project.write("test_a.py", FAILS)
        assert project.score().code == 1

    def test_not_met_by_a_conftest_that_forgives_everything(self, project):
        project.write("conftest.py", "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n")
        project.write("test_a.py", PASSES)
        assert project.score("--mlscore-fail-under=0.5").code == 1

    def test_no_test_ran(self, project):
        scored = project.score()
        assert (scored.code, scored.gate["passed"]) == (1, False)
        assert "no test ran" in scored.output

    def test_every_test_skipped_is_no_test_ran(self, project):
        project.write("test_a.py", "@pytest.mark.skip\ndef test_x():\n    pass\n")
        scored = project.score()
        assert (scored.code, scored.run.tests) == (1, 0)
        assert "no test ran" in scored.output

    def test_every_test_deselected_is_no_test_ran(self, project):
        project.write("test_a.py", PASSES)
        scored = project.score("-k", "nothing")
        assert (scored.code, scored.gate["passed"]) == (1, False)

    def test_a_profile(self, project):
        project.write("test_a.py", PASSES)
        scored = project.score("--mlscore-profile=production")
        assert (scored.code, scored.gate["profile"]) == (1, "production")

    def test_strict_fails_for_a_warning(self, project):
        project.write("test_a.py", "@pytest.mark.ml_test('ML-99')\n@pytest.mark.mlscore('data-1')\n" + PASSES)
        project.configure("[tool.mlscore.conventions]\nmarkers = ['ml_test']", 'markers = ["ml_test"]')
        project.write("test_b.py", "@pytest.mark.ml_test('ML-99')\ndef test_y():\n    assert os.getcwd() != ''\n")
        assert project.score().code == 0
        scored = project.score("--mlscore-strict")
        assert scored.code == 1
        assert "ML-99" in scored.output


class TestCollectionErrors:
    @pytest.mark.parametrize("workers", [(), ("-n", "2")])
    def test_the_score_is_not_valid(self, project, workers):
        project.write("test_a.py", PASSES)
        project.write("sub/test_b.py", "import nothing_of_this_name\n")
        scored = project.score(*workers)
        assert scored.code != 0
        assert scored.run.errors == ["sub/test_b.py"]
        assert scored.gate["passed"] is False
        assert any(
            d["code"] == "collection-error" and "not valid" in d["message"] for d in scored.report["diagnostics"]
        )
        # Workers run what they could collect; a single process runs nothing.
        assert scored.outcome("data-1")[0] == ("passed" if workers else "not run")

    def test_going_on_all_the_same_does_not_make_it_valid(self, project):
        project.write("test_a.py", PASSES)
        project.write("test_b.py", "import nothing_of_this_name\n")
        scored = project.score("--continue-on-collection-errors")
        assert scored.outcome("data-1")[0] == "passed"
        assert scored.run.errors == ["test_b.py"]
        assert scored.gate["passed"] is False

    def test_a_quiet_run_says_so_too(self, project):
        project.write("test_a.py", PASSES)
        project.write("test_b.py", "import nothing_of_this_name\n")
        assert "not valid" in project.score("-q").output


class TestUsageErrors:
    @pytest.mark.parametrize(
        ("option", "said"),
        [
            ("--mlscore-fail-under=abc", "option --mlscore-fail-under"),
            ("--mlscore-fail-under=-1", "option --mlscore-fail-under"),
            ("--mlscore-fail-under=8", "option --mlscore-fail-under"),
            ("--mlscore-fail-under=nan", "option --mlscore-fail-under"),
            ("--mlscore-fail-under=", "option --mlscore-fail-under"),
            ("--mlscore-report=jsn", 'did you mean "json"?'),
            ("--mlscore-report=json:", 'the destination after "json:"'),
            ("--mlscore-report=badge:x.png", '"x.png" is named as neither'),
            ("--mlscore-rubric=no-such.toml", "no-such.toml"),
            ("--mlscore-profile=prod", 'did you mean "production"?'),
        ],
    )
    def test_options(self, project, option, said):
        project.write("test_a.py", PASSES)
        result = project.pytest(option)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert said in result.stderr.str()
        assert "Traceback" not in result.stderr.str() + result.stdout.str()
        assert "mlscore: " in result.stderr.str()

    def test_the_configuration(self, project):
        project.write("test_a.py", PASSES)
        project.configure("[tool.mlscore]\nfail-undr = 1\n")
        result = project.pytest("--mlscore")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "pyproject.toml:" in result.stderr.str()
        assert 'did you mean "fail-under"?' in result.stderr.str()

    def test_help_works_with_a_broken_configuration(self, project):
        project.configure("[tool.mlscore]\nfail-undr = 1\n", "mlscore = true")
        assert project.pytest("--help").ret == 0

    def test_a_run_without_a_score_ignores_it(self, project):
        project.write("test_a.py", PASSES)
        project.configure("[tool.mlscore]\nfail-undr = 1\n")
        assert project.pytest().ret == 0


class TestReports:
    def test_the_terminal_by_default(self, project):
        project.write("test_a.py", PASSES)
        output = project.pytest("--mlscore").stdout
        output.fnmatch_lines(["*ML Test Score*", "*data-1*", "*1 passed*"])

    def test_several_at_once(self, project):
        project.write("test_a.py", PASSES)
        result = project.pytest(
            "--mlscore-report=json:out/a.json", "--mlscore-report=markdown:b.md", "--mlscore-report=badge:c.svg"
        )
        assert result.ret == 0
        report = json.loads((project.path / "out" / "a.json").read_text(encoding="utf-8"))
        assert report["schema"] == "mlscore-report/1"
        assert "data-1" in (project.path / "b.md").read_text(encoding="utf-8")
        assert ElementTree.parse(project.path / "c.svg").getroot().tag.endswith("svg")
        result.stdout.fnmatch_lines(["ML Test Score 0 verified, 0 practised; no gate is set"])

    def test_json_on_the_screen(self, project):
        project.write("test_a.py", PASSES)
        text = project.pytest("--mlscore-report=json").stdout.str()
        assert json.loads(text[text.index("{\n") : text.rindex("\n}") + 2])["schema"] == "mlscore-report/1"

    def test_json_alone_on_standard_output(self, project):
        project.write("test_a.py", PASSES)
        result = project.pytest("--mlscore-report=json", "-p", "no:terminal", subprocess=True)
        assert json.loads(result.stdout.str())["schema"] == "mlscore-report/1"

    @pytest.mark.parametrize("kind", ["json", "markdown", "badge:-", "readme:-", "github:-", "terminal"])
    def test_a_terminal_that_speaks_ascii(self, project, monkeypatch, kind):
        monkeypatch.setenv("PYTHONIOENCODING", "ascii")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "summary.md"))
        project.write("test_ü.py", PASSES)
        text = project.pytest(f"--mlscore-report={kind}", subprocess=True).stdout.str()
        # pytest would write line ends out too where a text does not fit the encoding.
        assert text.partition("= ML Test Score =")[2].count("\n") > 5

    def test_a_dumb_terminal_gets_plain_signs(self, project, monkeypatch):
        monkeypatch.setenv("TERM", "dumb")
        project.write("test_a.py", PASSES)
        report = project.score(subprocess=True).output.partition("= ML Test Score =")[2]
        assert "+ data-1 " in report
        assert report.isascii()

    def test_the_job_summary(self, project, monkeypatch):
        summary = project.path / "summary.md"
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
        project.write("test_a.py", PASSES)
        assert project.pytest("--mlscore-report=github").ret == 0
        assert "data-1" in summary.read_text(encoding="utf-8")

    def test_those_of_the_configuration(self, project):
        project.write("test_a.py", PASSES)
        project.configure('[tool.mlscore]\nreport = ["json:from-configuration.json"]\n')
        project.pytest("--mlscore")
        assert (project.path / "from-configuration.json").exists()

    def test_options_replace_those_of_the_configuration(self, project):
        project.write("test_a.py", PASSES)
        project.configure('[tool.mlscore]\nreport = ["json:from-configuration.json"]\n')
        project.pytest("--mlscore-report=json:asked.json")
        assert (project.path / "asked.json").exists()
        assert not (project.path / "from-configuration.json").exists()

    def test_a_destination_is_relative_to_where_it_is_typed(self, project, monkeypatch):
        project.write("tests/test_a.py", PASSES)
        monkeypatch.chdir(project.path / "tests")
        project.pytest("--mlscore-report=json:here.json")
        assert (project.path / "tests" / "here.json").exists()

    @pytest.mark.parametrize("calm", ["-q", "-qq"])
    def test_quiet_is_one_line(self, project, calm):
        project.write("test_a.py", PASSES)
        text = project.pytest("--mlscore", calm, "--mlscore-fail-under=0.5").stdout.str()
        assert "ML Test Score 0 verified, 0 practised; gate not met: total 0 < 0.5 (verified)" in text
        assert "monitor-7" not in text

    def test_the_gate_is_told_where_pytest_shows_no_summary(self, project):
        project.write("test_a.py", PASSES)
        text = project.pytest("--mlscore", "--mlscore-fail-under=0.5", "--no-summary").stdout.str()
        assert "ML Test Score 0 verified, 0 practised; gate not met: total 0 < 0.5 (verified)" in text
        assert "monitor-7" not in text

    def test_the_gate_is_told_whatever_a_plugin_ends_with(self, project):
        project.write("conftest.py", "def pytest_sessionfinish(session):\n    session.exitstatus = 77\n")
        project.write("test_a.py", "@pytest.mark.mlscore('data-1')\ndef test_x():\n    pytest.exit('enough', 78)\n")
        result = project.pytest("--mlscore", subprocess=True)
        assert result.stdout.str().count("score not valid: the run broke off: pytest.exit: enough") == 1

    def test_the_terminal_is_standard_output_too(self, project):
        project.write("test_a.py", PASSES)
        text = project.pytest("--mlscore-report=terminal:-").stdout.str()
        assert text.count(" data-1 ") == 1
        assert "practised; " not in text

    def test_without_a_terminal_reporter(self, project):
        project.write("test_a.py", PASSES)
        result = project.pytest(
            "--mlscore-report=json:a.json", "--mlscore-fail-under=0.5", "-p", "no:terminal", subprocess=True
        )
        assert result.ret == 1
        assert result.stdout.str().strip() == ""
        assert "gate not met" in result.stderr.str()
        assert (project.path / "a.json").exists()

    @pytest.mark.parametrize("calm", [("-q",), ("-p", "no:terminal")])
    def test_a_terminal_report_that_is_asked_for_is_shown(self, project, calm):
        project.write("test_a.py", PASSES)
        asked = project.pytest("--mlscore-report=terminal", *calm, subprocess=True)
        assert "data-1     manual" in asked.stdout.str()
        by_default = project.pytest("--mlscore", *calm, subprocess=True)
        assert "data-1     manual" not in by_default.stdout.str()

    def test_a_run_in_ci_earns_the_automated_level(self, project, monkeypatch):
        project.write("test_a.py", PASSES)
        assert project.score().item("data-1")["level"] == "manual"
        monkeypatch.setenv("GITLAB_CI", "true")
        scored = project.score()
        assert scored.item("data-1")["level"] == "automated"
        assert scored.run.ci == "GitLab CI"

    def test_a_path_with_spaces_and_other_letters(self, project):
        project.write("mes tests é/test_ü.py", PASSES)
        scored = project.score("mes tests é")
        assert scored.evidence("data-1") == [("mes tests é/test_ü.py::test_x", "passed", "")]


class TestUnwritable:
    def test_says_so_and_keeps_the_results(self, project):
        project.write("test_a.py", PASSES)
        (project.path / "file").write_text("", encoding="utf-8")
        result = project.pytest("--mlscore-report=json:file/a.json", "--mlscore-report=json:b.json")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        text = result.stdout.str()
        assert "a.json" in text
        assert "1 passed" in text
        assert (project.path / "b.json").exists()

    def test_on_standard_error_without_a_terminal_reporter(self, project):
        project.write("test_a.py", PASSES)
        (project.path / "file").write_text("", encoding="utf-8")
        result = project.pytest("--mlscore-report=json:file/a.json", "-p", "no:terminal", subprocess=True)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "a.json" in result.stderr.str()


class TestOurOwnFailure:
    @pytest.fixture
    def broken(self, project, monkeypatch):
        def run(*args, **options):
            raise RuntimeError("a bug of ours")

        monkeypatch.setattr(pipeline, "run", run)
        project.write("test_a.py", PASSES)
        return project

    def test_one_clear_line_and_exit_3(self, broken):
        result = broken.pytest("--mlscore")
        text = result.stdout.str()
        assert result.ret == 3
        assert "mlscore: internal error: RuntimeError: a bug of ours" in text
        assert ISSUES_URL in text
        assert "Traceback" not in text
        assert "1 passed" in text

    @pytest.mark.parametrize("option", ["-v", "--full-trace"])
    def test_the_traceback_when_asked_for(self, broken, option):
        assert "Traceback" in broken.pytest("--mlscore", option).stdout.str()

    def test_a_failed_tests_status_is_kept(self, broken):
        broken.write("test_b.py", FAILS)
        assert broken.pytest("--mlscore").ret == 1

    @pytest.mark.parametrize(
        "place",
        [
            "mlscore.pytest_plugin.items:ItemReader.read",
            "mlscore.pytest_plugin.recorder:Teller._tell",
            "mlscore.pytest_plugin.ledger:Ledger._take_down",
            "mlscore.pytest_plugin.ledger:Ledger.close",
            "mlscore.project.ci:detect_ci",
        ],
    )
    def test_wherever_it_happens(self, project, monkeypatch, place):
        def fail(*args, **options):
            raise RuntimeError("a bug of ours")

        # An earlier run inside this process may have left a module behind that is no longer the one to be imported.
        module, _, name = place.partition(":")
        owner, _, attribute = name.rpartition(".")
        found = import_module(module)
        monkeypatch.setattr(getattr(found, owner) if owner else found, attribute, fail)
        project.write("test_a.py", PASSES)
        result = project.pytest("--mlscore", "--junitxml=j.xml")
        assert result.ret == 3
        assert "mlscore: internal error: RuntimeError: a bug of ours" in result.stdout.str()
        assert "1 passed" in result.stdout.str()


class TestNothingRuns:
    @pytest.mark.parametrize("option", ["--collect-only", "--setup-only", "--setup-plan"])
    def test_no_score_and_no_gate(self, project, option):
        project.write("test_a.py", PASSES)
        result = project.pytest("--mlscore-report=json:a.json", "--mlscore-fail-under=1", option)
        assert result.ret == 0
        said = f"mlscore: {option} runs no test: there is no score, and the gate is not judged"
        assert said in result.stdout.str()
        assert "verified" not in result.stdout.str()
        assert not (project.path / "a.json").exists()

    @pytest.mark.parametrize("calm", [("-q",), ("-qq",), ("-n", "2"), ("-p", "no:terminal")])
    def test_never_without_a_word(self, project, calm):
        project.write("test_a.py", PASSES)
        result = project.pytest("--mlscore-fail-under=1", "--co", *calm, subprocess=True)
        assert result.ret == 0
        assert "the gate is not judged" in result.stdout.str() + result.stderr.str()

    def test_short_option(self, project):
        project.write("test_a.py", PASSES)
        assert "--collect-only runs no test" in project.pytest("--mlscore", "--co").stdout.str()

    @pytest.mark.parametrize("option", ["--fixtures", "--markers", "--version", "--help", "--fixtures-per-test"])
    def test_other_commands_stay_themselves(self, project, option):
        project.write("test_a.py", PASSES)
        result = project.pytest("--mlscore", option)
        assert result.ret == 0
        assert "verified" not in result.stdout.str()


class TestBrokenSessions:
    def test_an_internal_error_of_pytest_is_no_whole_run(self, project):
        project.write("conftest.py", "def pytest_runtest_logreport(report):\n    raise ValueError('a bug of theirs')\n")
        project.write("test_a.py", PASSES)
        scored = project.score()
        assert scored.code == pytest.ExitCode.INTERNAL_ERROR
        assert scored.run.interrupted == "an internal error of pytest or of a plugin"
        assert scored.gate["passed"] is False

    @pytest.mark.skipif(pytest.version_tuple < (9,), reason="pytest 8 takes it for a file that cannot be collected")
    def test_interrupted_before_any_test_there_is_no_score(self, project):
        project.write("test_a.py", "raise KeyboardInterrupt\n")
        result = project.pytest("--mlscore-report=json:a.json", subprocess=True)
        assert result.ret == pytest.ExitCode.INTERRUPTED
        assert "verified" not in result.stdout.str()
        assert not (project.path / "a.json").exists()


class TestTwiceInOneProcess:
    def test_each_run_has_its_own_score(self, project):
        project.write("one/test_a.py", PASSES)
        project.write("two/test_b.py", "@pytest.mark.mlscore('data-2')\ndef test_x():\n    assert os.getcwd() != ''\n")
        project.write(
            "both.py",
            "for folder in ('one', 'two'):\n"
            "    pytest.main([folder, '-p', 'no:cacheprovider', f'--mlscore-report=json:{folder}.json'])\n",
        )
        project.pytester.runpython(project.path / "both.py")
        for folder, item, other in (("one", "data-1", "data-2"), ("two", "data-2", "data-1")):
            report = json.loads((project.path / f"{folder}.json").read_text(encoding="utf-8"))
            verdicts = {i["id"]: i["verdict"] for i in report["items"]}
            assert (verdicts[item], verdicts[other]) == ("verified", "not run")


def test_no_cacheprovider_is_needed(project):
    project.write("test_a.py", PASSES)
    assert project.score().code == 0
    assert project.score(cache=True).code == 0
