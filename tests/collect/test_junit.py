"""Several JUnit files made one: which files, matrices, split suites, and what becomes of partial jobs."""

from dataclasses import replace

import pytest

from mlscore.collect.cases import Case, SuiteFacts, to_property, to_suite_property
from mlscore.collect.junit import read_junit
from mlscore.core.evidence import Outcome
from mlscore.core.placement import Placement
from mlscore.errors import InputError

pytestmark = pytest.mark.mlscore("doors-2")

CASE = Case("tests/test_a.py::t", "tests/test_a.py", 3, "t", Outcome.PASSED, Placement(("data-1",)))


def escaped(text):
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def ours(*told, facts=None, **known):
    """A file as the plugin makes pytest write it; `told` are cases, or (case, attempt, children)."""
    facts = facts or SuiteFacts(tests=len(told), **known)
    body = "".join(
        f'<testcase classname="x" name="y"><properties><property name="mlscore" '
        f'value="{escaped(to_property(c, attempt=n))}"/></properties>{children}</testcase>'
        for c, n, children in ((t if isinstance(t, tuple) else (t, 1, "")) for t in told)
    )
    suite = f'<properties><property name="mlscore" value="{escaped(to_suite_property(facts))}"/></properties>'
    return f'<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite>{suite}{body}</testsuite></testsuites>'


@pytest.fixture
def read(project, tmp_path):
    def read(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.xml").write_text(text, encoding="utf-8")
        return read_junit([f"{name}.xml" for name in files], project(), base=tmp_path)[0]

    return read


def outcomes(gathered):
    return {case.nodeid: (case.outcome.value, case.detail) for case in gathered.cases}


def other(name, outcome=Outcome.PASSED, item="data-2", detail=""):
    return replace(
        CASE, nodeid=f"tests/test_b.py::{name}", path="tests/test_b.py", qualname=name, outcome=outcome,
        placement=Placement((item,)), detail=detail,
    )  # fmt: skip


class TestSeveralJobs:
    def test_a_split_suite_is_the_union(self, read):
        found = read(
            a=ours(CASE, silent=(other("u", Outcome.NOT_RUN, detail="not among the arguments: a"),), partial=("x",)),
            b=ours(other("u"), silent=(replace(CASE, outcome=Outcome.NOT_RUN, detail="not among the arguments: b"),)),
        )
        assert {o for o, _ in outcomes(found).values()} == {"passed"}
        assert (found.run.partial, found.run.unreached, found.run.tests, found.run.marked) == ((), (), 2, 2)

    def test_what_no_job_reached_stays_not_run(self, read):
        left = other("v", Outcome.NOT_RUN, detail="deselected by -k 'x'")
        found = read(a=ours(CASE, silent=(left,)), b=ours(other("u"), silent=(left,)))
        assert found.run.partial == ("deselected by -k 'x'",)
        assert found.run.unreached == ("data-2",)

    @pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
    def test_in_a_matrix_any_failure_counts(self, read, order):
        files = {"a": ours(CASE), "b": ours((replace(CASE, outcome=Outcome.FAILED, detail="no"), 1, "<failure/>"))}
        found = read(**{name: files[name] for name in order})
        assert outcomes(found) == {CASE.nodeid: ("failed", "no (in b.xml)")}

    def test_skipped_in_one_and_passed_in_another_has_passed(self, read):
        found = read(a=ours(replace(CASE, outcome=Outcome.SKIPPED, detail="no GPU")), b=ours(CASE))
        assert outcomes(found) == {CASE.nodeid: ("passed", "")}

    def test_errors_and_interruptions_of_any_job_count(self, read):
        found = read(a=ours(CASE, errors=("tests/test_c.py",)), b=ours(CASE, interrupted="stopping", ci="Drone"))
        assert found.run.errors == ("tests/test_c.py",)
        assert found.run.interrupted == "stopping"
        assert found.run.ci == "Drone"
        assert found.run.kind == "junit"

    def test_a_case_keeps_the_ci_system_it_ran_in(self, read):
        (case,) = read(a=ours(CASE), b=ours(replace(CASE, ci="Drone"))).cases
        assert case.ci == "Drone"


class TestOneFile:
    def test_the_last_attempt_counts_wherever_it_stands(self, read):
        failed = replace(CASE, outcome=Outcome.FAILED, detail="no")
        passed = replace(CASE, detail="passed after 1 rerun")
        for told in ([(failed, 1, ""), (passed, 2, "")], [(passed, 2, ""), (failed, 1, "")]):
            assert outcomes(read(a=ours(*told))) == {CASE.nodeid: ("passed", "passed after 1 rerun")}

    def test_an_attempt_that_was_skipped_at_last(self, read):
        skipped = replace(CASE, outcome=Outcome.SKIPPED, detail="enough")
        found = read(a=ours((replace(CASE, outcome=Outcome.FAILED), 1, ""), (skipped, 2, "<skipped/>")))
        assert outcomes(found)[CASE.nodeid] == ("skipped", "enough")

    def test_a_failed_call_and_an_error_in_teardown(self, read):
        broken = replace(CASE, outcome=Outcome.FAILED, detail="no")
        found = read(a=ours((broken, 1, '<failure message="no"/>'), (broken, 1, '<error message="teardown"/>')))
        assert outcomes(found) == {CASE.nodeid: ("failed", "no")}

    def test_a_failure_that_the_property_does_not_know(self, read):
        found = read(a=ours((CASE, 1, '<failure message="leaked"/>')))
        assert outcomes(found) == {CASE.nodeid: ("failed", "leaked")}

    def test_a_skipped_subtest_leaves_the_test_passed(self, read):
        assert outcomes(read(a=ours((CASE, 1, "<skipped/>")))) == {CASE.nodeid: ("passed", "")}

    def test_no_test_at_all(self, read):
        assert read(a="<testsuites/>").run.tests == 0


class TestPaths:
    def test_patterns_and_repetitions(self, project, tmp_path):
        (tmp_path / "out é").mkdir()
        for name in ("a", "b"):
            (tmp_path / "out é" / f"{name}.xml").write_text(ours(other(name)), encoding="utf-8")
        for files in (["out é/*.xml"], ["out é/a.xml", "out é/*.xml"], [str(tmp_path / "**" / "*.xml")]):
            assert len(read_junit(files, project(), base=tmp_path)[0].cases) == 2

    def test_the_same_file_given_twice_is_read_once(self, project, tmp_path):
        (tmp_path / "sub").mkdir()
        (tmp_path / "a.xml").write_text(ours(CASE, other("u")), encoding="utf-8")
        (tmp_path / "link.xml").symlink_to(tmp_path / "a.xml")
        once = read_junit(["a.xml"], project(), base=tmp_path)[0]
        assert once.run.tests == 2
        for again in ("a.xml", "./a.xml", "sub/../a.xml", str(tmp_path / "a.xml"), "a*.xml", "link.xml", "*.xml"):
            assert read_junit(["a.xml", again], project(), base=tmp_path)[0] == once, again

    def test_relative_to_the_base(self, project, tmp_path, monkeypatch):
        (tmp_path / "sub").mkdir()
        (tmp_path / "a.xml").write_text(ours(CASE), encoding="utf-8")
        monkeypatch.chdir(tmp_path / "sub")
        assert read_junit(["a.xml"], project(), base=tmp_path)[0].cases == (CASE,)
        assert read_junit(["../a.xml"], project(), base=tmp_path / "sub")[0].cases == (CASE,)

    def test_a_folder_with_magic_characters(self, project, tmp_path):
        folder = tmp_path / "build[1]"
        folder.mkdir()
        (folder / "a.xml").write_text(ours(CASE), encoding="utf-8")
        assert read_junit(["*.xml"], project(), base=folder)[0].cases == (CASE,)
        assert read_junit(["build[1]/a.xml"], project(), base=tmp_path)[0].cases == (CASE,)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("nothing.xml", "nothing.xml: there is no such file; check that pytest ran with --junitxml before"),
            ("no*.xml", "no*.xml: no file matches; check that pytest ran with --junitxml before"),
            ("reports/", 'reports/: this is a folder; name its files: "reports/*.xml"'),
        ],
    )
    def test_what_is_not_there(self, project, tmp_path, name, said):
        (tmp_path / "reports").mkdir()
        with pytest.raises(InputError) as caught:
            read_junit([name], project(), base=tmp_path)
        assert str(caught.value) == said
        assert caught.value.exit_code == 2

    def test_a_bad_file_is_named_as_it_was_given(self, project, tmp_path):
        (tmp_path / "a.xml").write_text("", encoding="utf-8")
        with pytest.raises(InputError, match=r"^a\.xml: the file is empty"):
            read_junit(["*.xml"], project(), base=tmp_path)


def test_foreign_files_are_named(project, tmp_path):
    for name in "abcde":
        (tmp_path / f"{name}.xml").write_text(
            '<testsuite><testcase classname="a" name="t"/></testsuite>', encoding="utf-8"
        )
    (tmp_path / "ours.xml").write_text(ours(CASE), encoding="utf-8")
    assert read_junit(["ours.xml"], project(), base=tmp_path)[1] == ()
    (found,) = read_junit(["*.xml"], project(), base=tmp_path)[1]
    assert found.code == "foreign-junit"
    assert found.message.startswith("a.xml, b.xml, c.xml and 2 more was not written by")
