"""JUnit files of others: class names back to files, and tests placed by source, properties, names and files."""

import pytest

from mlscore.collect import junit_foreign
from mlscore.collect.junit import read_junit
from mlscore.core.evidence import Outcome


@pytest.fixture
def read(project, tmp_path):
    def read(body, *, conventions="", **files):
        for name, text in files.items():
            path = tmp_path / "tests" / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        suite = f'<testsuite timestamp="2026-05-01T12:00:00+02:00">{body}</testsuite>'
        (tmp_path / "j.xml").write_text(f"<testsuites>{suite}</testsuites>", encoding="utf-8")
        config = project(f"[tool.mlscore.conventions]\n{conventions}\n")
        return read_junit(["j.xml"], config, base=tmp_path)[0]

    return read


MARKED = """import pytest
@pytest.mark.mlscore("data-1")
def test_schema():
    pass
class TestModel:
    @pytest.mark.slow
    @pytest.mark.mlscore("model-6")
    @pytest.mark.parametrize("n", [1, 2])
    def test_slice(self, n):
        pass
def test_unmarked():
    pass
"""


def test_marks_are_read_from_the_source(read):
    found = read(
        '<testcase classname="tests.test_a" name="test_schema"/>'
        '<testcase classname="tests.test_a.TestModel" name="test_slice[1]"><failure message="no"/></testcase>'
        '<testcase classname="tests.test_a" name="test_unmarked"/>',
        test_a=MARKED,
    )
    schema, model = found.cases
    assert (schema.nodeid, schema.placement.items, schema.line) == ("tests/test_a.py::test_schema", ("data-1",), 3)
    assert schema.outcome is Outcome.PASSED
    assert schema.at == "2026-05-01T10:00:00Z"
    assert schema.ci is None
    assert (model.nodeid, model.path) == ("tests/test_a.py::TestModel::test_slice[1]", "tests/test_a.py")
    assert (model.qualname, model.outcome, model.detail) == ("TestModel.test_slice", Outcome.FAILED, "no")
    assert model.markers == ("slow", "mlscore", "parametrize")
    assert (found.run.tests, found.run.marked) == (3, 2)


def test_a_class_name_relative_to_another_root(read):
    found = read('<testcase classname="test_a" name="test_schema"/>', test_a=MARKED)
    assert [c.nodeid for c in found.cases] == ["tests/test_a.py::test_schema"]


def test_a_file_attribute_tells_the_path(read):
    body = (
        '<testcase classname="tests.test_a.TestModel" name="test_slice[1]" file="tests/test_a.py" line="3"/>'
        '<testcase classname="whatever.TestModel" name="test_slice[2]" file="tests\\test_a.py"/>'
    )
    found = read(body, test_a=MARKED)
    assert [c.nodeid for c in found.cases] == [
        "tests/test_a.py::TestModel::test_slice[1]",
        "tests/test_a.py::TestModel::test_slice[2]",
    ]


def test_without_its_source_a_test_is_placed_in_a_section_by_its_file(read):
    (found,) = read('<testcase classname="suite.test_monitoring.TestX" name="test_a"/>').cases
    assert (found.path, found.qualname) == ("suite/test_monitoring.py", "TestX.test_a")
    assert found.placement.items == ()
    assert found.placement.section == "monitor"


def test_names_say_what_the_configuration_lets_them_say(read):
    body = (
        '<testcase classname="suite.test_x" name="test_data_3_cost"/><testcase classname="suite.test_x" name="test_y"/>'
    )
    (found,) = read(body).cases
    assert (found.placement.items, found.placement.section, found.placement.suggested) == ((), "data", None)
    assert "its name says data-3" in found.placement.why
    (found,) = read(body, conventions="names = true").cases
    assert found.placement.items == ("data-3",)


def test_properties_that_the_configuration_names(read):
    body = (
        '<testcase classname="suite.test_x" name="test_y"><properties><property name="requirement" value="Data 1"/>'
        '</properties></testcase><testcase classname="suite.test_x" name="test_z"><properties>'
        '<property name="other" value="Data 1"/></properties></testcase>'
    )
    assert read(body).cases == ()
    (found,) = read(body, conventions="properties = ['requirement']").cases
    assert (found.qualname, found.placement.items) == ("test_y", ("data-1",))


def test_conventions_of_the_suite(read):
    text = "import pytest\n@pytest.mark.ml_test('FD-2')\ndef test_y():\n    'Data 5: private'\n"
    body = '<testcase classname="tests.test_x" name="test_y"/>'
    assert read(body, conventions="markers = ['ml_test']", test_x=text).cases[0].placement.items == ("data-2",)
    assert read(body, conventions="docstrings = true", test_x=text).cases[0].placement.items == ("data-5",)


def test_a_file_that_could_not_be_collected(read):
    body = (
        '<testcase classname="" name="tests.test_a"><error message="collection failure">E</error></testcase>'
        '<testcase classname="" name="gone.test_b"><error message="collection failure">E</error></testcase>'
    )
    found = read(body, test_a="import nothing\n")
    assert found.run.errors == ("tests/test_a.py", "gone/test_b.py")
    assert found.run.tests == 0


def test_a_file_that_skipped_itself(read):
    body = (
        '<testcase classname="" name="tests.test_a"><skipped message="collection skipped">'
        "('/x/tests/test_a.py', 2, 'Skipped: no GPU')</skipped></testcase>"
    )
    found = read(body, test_a=MARKED)
    assert [(c.qualname, c.outcome, c.detail) for c in found.cases] == [
        ("test_schema", Outcome.SKIPPED, "its module was skipped: no GPU"),
        ("TestModel.test_slice", Outcome.SKIPPED, "its module was skipped: no GPU"),
    ]


def test_an_internal_error_of_pytest(read):
    body = '<testcase classname="pytest" name="internal"><error message="internal error">E</error></testcase>'
    assert read(body).run.interrupted == "j.xml tells of an internal error of pytest"


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("2026-05-01T12:00:00.123+00:00", "2026-05-01T12:00:00Z"),
        ("2026-05-01T12:00:00", "2026-05-01"),
        ("yesterday", None),
        ("", None),
    ],
)
def test_time_stamps(project, tmp_path, stamp, at):
    (tmp_path / "j.xml").write_text(
        f'<testsuite timestamp="{stamp}"><testcase classname="a.test_data" name="t"/></testsuite>', encoding="utf-8"
    )
    (found,) = read_junit(["j.xml"], project(), base=tmp_path)[0].cases
    assert found.at == at


@pytest.mark.parametrize(
    ("mark", "outcome"),
    [("", Outcome.SKIPPED), ("(reason='soon')", Outcome.SKIPPED), ("(strict=True)", Outcome.PASSED)],
)
def test_an_unexpected_pass_earns_nothing_where_the_mark_tolerates_failure(read, mark, outcome):
    found = read(
        '<testcase classname="tests.test_a" name="test_schema"/>',
        test_a=MARKED.replace("def test_schema", f"@pytest.mark.xfail{mark}\ndef test_schema"),
    )
    assert [c.outcome for c in found.cases] == [outcome]


def test_tests_that_name_no_item_are_listed_once_each_and_not_without_end(read, monkeypatch):
    body = "".join(f'<testcase classname="suite.test_data" name="test_{n}[{k}]"/>' for n in range(4) for k in range(3))
    names = ["test_0", "test_1", "test_2", "test_3"]
    assert [c.qualname for c in read(body).cases] == names
    failed = read(body.replace("/>", "><failure/></testcase>")).cases
    assert [c.nodeid for c in failed] == [f"suite/test_data.py::{name}" for name in names]
    monkeypatch.setattr(junit_foreign, "MOST_UNPLACED", 2)
    assert [c.qualname for c in read(body).cases] == names[:2]
    marked = body + '<testcase classname="tests.test_a" name="test_schema"/>'
    assert [c.qualname for c in read(marked, test_a=MARKED).cases] == [*names[:2], "test_schema"]
