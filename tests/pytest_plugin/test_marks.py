"""Which tests are evidence: marks wherever pytest lets one put them, and those that cannot be read."""

import pytest


def test_on_a_function(project):
    project.write("test_a.py", '@pytest.mark.mlscore("data-1")\ndef test_schema():\n    assert os.getcwd() != ""\n')
    assert project.score().evidence("data-1") == [("test_a.py::test_schema", "passed", "")]


def test_several_ids_on_one_test(project):
    project.write(
        "test_a.py", '@pytest.mark.mlscore("data-1", "infra-3")\ndef test_both():\n    assert os.getcwd() != ""\n'
    )
    scored = project.score()
    assert scored.outcome("data-1") == scored.outcome("infra-3") == ("passed", "")


def test_marks_add_up_from_module_class_and_function(project):
    project.write(
        "test_a.py",
        'pytestmark = pytest.mark.mlscore("data-1")\n'
        '@pytest.mark.mlscore("model-1")\n'
        "class TestModel:\n"
        '    @pytest.mark.mlscore("infra-1")\n'
        "    def test_all(self):\n        assert os.getcwd() != ''\n"
        "class TestOther:\n"
        "    def test_module_alone(self):\n        assert os.getcwd() != ''\n",
    )
    scored = project.score()
    both = ["test_a.py::TestModel::test_all", "test_a.py::TestOther::test_module_alone"]
    assert [name for name, _, _ in scored.evidence("data-1")] == both
    assert [name for name, _, _ in scored.evidence("model-1")] == both[:1]
    assert [name for name, _, _ in scored.evidence("infra-1")] == both[:1]


def test_added_while_collecting_by_a_conftest(project):
    project.write(
        "conftest.py",
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        item.add_marker(pytest.mark.mlscore('data-3'))\n",
    )
    project.write("test_a.py", "def test_cost():\n    assert os.getcwd() != ''\n")
    assert project.score().evidence("data-3") == [("test_a.py::test_cost", "passed", "")]


def test_added_while_collecting_by_the_last_of_all_hooks(project):
    project.write(
        "conftest.py",
        "@pytest.hookimpl(wrapper=True, trylast=True)\n"
        "def pytest_collection_modifyitems(items):\n"
        "    result = yield\n"
        "    for item in items:\n"
        "        item.add_marker(pytest.mark.mlscore('data-3'))\n"
        "    return result\n",
    )
    project.write("test_a.py", "def test_cost():\n    assert os.getcwd() != ''\n")
    assert project.score().evidence("data-3") == [("test_a.py::test_cost", "passed", "")]


def test_several_tests_for_one_item_and_one_fails(project):
    project.write(
        "test_a.py",
        'pytestmark = pytest.mark.mlscore("data-1")\n'
        "def test_good():\n    assert os.getcwd() != ''\n"
        "def test_bad():\n    assert str(1) == '2'\n",
    )
    item = project.score().item("data-1")
    assert (item["practised"], item["verified"], item["verdict"]) == (0.5, 0, "failing")


def test_each_set_of_parameters_is_a_case(project):
    project.write(
        "test_a.py",
        '@pytest.mark.mlscore("model-6")\n'
        "@pytest.mark.parametrize('group', ['a', pytest.param('b::c[1]', marks=pytest.mark.mlscore('model-7'))])\n"
        "def test_slice(group):\n    assert os.getcwd() != group\n",
    )
    scored = project.score()
    assert [name for name, _, _ in scored.evidence("model-6")] == [
        "test_a.py::test_slice[a]",
        "test_a.py::test_slice[b::c[1]]",
    ]
    assert [name for name, _, _ in scored.evidence("model-7")] == ["test_a.py::test_slice[b::c[1]]"]
    assert {e["location"]["line"] for e in scored.item("model-6")["evidence"]} == {2}


def test_unittest_classes(project):
    project.write(
        "test_a.py",
        "import unittest\n"
        '@pytest.mark.mlscore("data-1")\n'
        "class SchemaTest(unittest.TestCase):\n"
        "    def test_range(self):\n        self.assertNotEqual(os.getcwd(), '')\n"
        '    @pytest.mark.mlscore("data-2")\n'
        "    def test_null(self):\n        self.assertEqual(str(1), '2')\n"
        "    @unittest.skip('no data')\n"
        "    def test_later(self):\n        pass\n",
    )
    scored = project.score()
    assert [(n.rpartition("::")[2], o) for n, o, _ in scored.evidence("data-1")] == [
        ("test_later", "skipped"),
        ("test_null", "failed"),
        ("test_range", "passed"),
    ]
    assert scored.outcome("data-2") == ("failed", "AssertionError: '1' != '2'")


def test_asyncio_tests(project):
    project.write(
        "test_a.py",
        '@pytest.mark.asyncio\n@pytest.mark.mlscore("infra-1")\nasync def test_good():\n    assert os.getcwd() != ""\n'
        '@pytest.mark.asyncio\n@pytest.mark.mlscore("infra-2")\nasync def test_bad():\n    assert str(1) == "2"\n',
    )
    scored = project.score()
    assert scored.outcome("infra-1")[0] == "passed"
    assert scored.outcome("infra-2")[0] == "failed"


def test_items_that_are_no_functions_do_no_harm(project):
    project.write("test_a.py", '@pytest.mark.mlscore("data-1")\ndef test_x():\n    assert os.getcwd() != ""\n')
    (project.path / "test_notes.txt").write_text(">>> 1 + 1\n2\n", encoding="utf-8")
    project.write(
        "conftest.py",
        "class Line(pytest.Item):\n"
        "    def runtest(self):\n        pass\n"
        "    def reportinfo(self):\n        return self.path, None, self.name\n"
        "class Yaml(pytest.File):\n"
        "    def collect(self):\n"
        "        item = Line.from_parent(self, name='first')\n"
        "        item.add_marker(pytest.mark.mlscore('data-2'))\n"
        "        yield item\n"
        "def pytest_collect_file(file_path, parent):\n"
        "    if file_path.suffix == '.yaml':\n"
        "        return Yaml.from_parent(parent, path=file_path)\n",
    )
    (project.path / "rows.yaml").write_text("a: 1\n", encoding="utf-8")
    scored = project.score("--doctest-glob=*.txt")
    assert scored.code == 0
    assert scored.run.tests == 3
    assert scored.evidence("data-2") == [("rows.yaml::first", "passed", "")]


def test_a_mark_inherited_from_a_class_in_another_file(project):
    project.write(
        "base.py",
        'class Base:\n    @pytest.mark.mlscore("data-1")\n    def test_x(self):\n        assert os.getcwd() != ""\n',
    )
    project.write("test_a.py", "from base import Base\nclass TestReal(Base):\n    pass\n")
    (found,) = project.score().item("data-1")["evidence"]
    assert found["source"]["name"] == "test_a.py::TestReal::test_x"
    assert found["location"] == {"path": "test_a.py", "line": None}


def test_importlib_import_mode(project):
    for folder in ("a", "b"):
        project.write(
            f"{folder}/test_same.py", '@pytest.mark.mlscore("data-1")\ndef test_x():\n    assert os.getcwd() != ""\n'
        )
    scored = project.score("--import-mode=importlib")
    assert [n for n, _, _ in scored.evidence("data-1")] == ["a/test_same.py::test_x", "b/test_same.py::test_x"]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("pytest.mark.mlscore", "names no item"),
        ("pytest.mark.mlscore()", "names no item"),
        ('pytest.mark.mlscore(["data-1", "data-2"])', 'write @pytest.mark.mlscore("data-1", "data-2")'),
        ("pytest.mark.mlscore(1)", "an item's id is text, not 1"),
        ('pytest.mark.mlscore("dta-1")', 'did you mean "data-1"?'),
        ('pytest.mark.mlscore(item="data-1")', "does not read the keyword item"),
    ],
)
def test_a_mark_that_cannot_be_read_is_a_usage_error(project, mark, said):
    project.write("tests/test_a.py", f"@{mark}\ndef test_x():\n    assert os.getcwd() != ''\n")
    scored = project.score()
    assert scored.code == pytest.ExitCode.USAGE_ERROR
    assert scored.report is None
    assert "mlscore: 1 mark cannot be read" in scored.output
    assert "tests/test_a.py:2: " in scored.output
    assert said in scored.output


def test_all_bad_marks_are_listed_at_once_also_of_tests_left_out(project):
    body = "".join(f'@pytest.mark.mlscore("nope-{n}")\ndef test_{n}():\n    pass\n' for n in range(25))
    project.write("test_a.py", body)
    scored = project.score("-k", "test_1")
    assert scored.code == pytest.ExitCode.USAGE_ERROR
    assert "25 marks cannot be read" in scored.output
    assert scored.output.count("the rubric has no item") == 20
    assert "and 5 more" in scored.output


def test_one_bad_module_mark_is_one_problem_per_line(project):
    project.write(
        "test_a.py",
        'pytestmark = pytest.mark.mlscore("nope")\n'
        "@pytest.mark.parametrize('n', range(30))\ndef test_x(n):\n    pass\n",
    )
    assert "1 mark cannot be read" in project.score().output


def test_bad_marks_end_a_distributed_run_too(project):
    project.write("test_a.py", '@pytest.mark.mlscore("nope")\ndef test_x():\n    raise SystemExit("must not run")\n')
    scored = project.score("-n", "2")
    assert scored.code == pytest.ExitCode.USAGE_ERROR
    assert "1 mark cannot be read" in scored.output
    assert "must not run" not in scored.output


def test_a_rubric_of_ones_own_has_its_own_ids(project):
    (project.path / "own.toml").write_text('schema = "mlscore-rubric/1"\n', encoding="utf-8")
    project.write("test_a.py", '@pytest.mark.mlscore("data-1")\ndef test_x():\n    assert os.getcwd() != ""\n')
    scored = project.score("--mlscore-rubric=ml-test-score-2016")
    assert scored.report["rubric"]["id"] == "ml-test-score-2016"
    assert scored.outcome("data-1") == ("passed", "")


class TestAddedWhileRunning:
    """Marks that a test or a fixture of its adds to its node when it runs, as `xfail` may be added."""

    FIXTURE = (
        "@pytest.fixture\ndef marks(request):\n    request.node.add_marker(pytest.mark.mlscore('{item}'))\n"
        "def test_x(marks):\n    assert {holds}\n"
    )

    @pytest.mark.parametrize("workers", [(), ("-n", "2")])
    @pytest.mark.parametrize(("holds", "outcome"), [("os.getcwd() != ''", "passed"), ("str(1) == '2'", "failed")])
    def test_by_a_fixture(self, project, workers, holds, outcome):
        project.write("test_a.py", self.FIXTURE.format(item="data-3", holds=holds))
        scored = project.score(*workers)
        assert scored.outcome("data-3")[0] == outcome
        assert (scored.run.tests, scored.run.marked) == (1, 1)

    def test_by_the_test_itself_beside_its_other_marks(self, project):
        project.write(
            "test_a.py",
            "@pytest.mark.mlscore('data-1')\ndef test_x(request):\n"
            "    request.node.add_marker(pytest.mark.mlscore('data-2'))\n    assert os.getcwd() != ''\n",
        )
        scored = project.score()
        assert scored.outcome("data-1") == scored.outcome("data-2") == ("passed", "")

    def test_by_a_fixture_that_then_fails(self, project):
        project.write(
            "test_a.py", self.FIXTURE.format(item="data-3", holds="True").replace(")\ndef", ")\n    1 / 0\ndef")
        )
        assert project.score().outcome("data-3") == ("error", "error in setup: ZeroDivisionError: division by zero")

    def test_of_another_kind_change_nothing(self, project):
        project.write(
            "test_a.py",
            "def test_x(request):\n    request.node.add_marker(pytest.mark.xfail)\n    assert str(1) == '2'\n",
        )
        scored = project.score()
        assert (scored.run.tests, scored.run.marked) == (1, 0)

    def test_reach_the_junit_file(self, project):
        project.write("test_a.py", self.FIXTURE.format(item="data-3", holds="os.getcwd() != ''"))
        project.score("--junitxml=j.xml")
        assert "data-3" in (project.path / "j.xml").read_text(encoding="utf-8")

    @pytest.mark.parametrize("workers", [(), ("-n", "1")])
    def test_with_an_unknown_item_are_warned_of(self, project, workers):
        project.write("test_a.py", self.FIXTURE.format(item="data-33", holds="os.getcwd() != ''"))
        scored = project.score(*workers)
        assert scored.code == 0
        (found,) = [d for d in scored.report["diagnostics"] if d["code"] == "marker"]
        assert "data-33" in found["message"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_of_one_set_of_parameters(project, workers):
    project.write(
        "test_a.py",
        "@pytest.mark.parametrize('n', [\n"
        "    pytest.param(1, marks=pytest.mark.mlscore('data-1')),\n"
        "    pytest.param(2, marks=[pytest.mark.mlscore('data-2'), pytest.mark.xfail(strict=True)]),\n"
        "    3])\n"
        "def test_x(n):\n    assert os.getcwd() != str(n)\n",
    )
    scored = project.score(*workers)
    assert scored.evidence("data-1") == [("test_a.py::test_x[1]", "passed", "")]
    assert scored.outcome("data-2")[0] == "failed"


def test_inherited_from_a_base_class(project):
    project.write(
        "test_a.py",
        "class Base:\n    pytestmark = pytest.mark.mlscore('data-1')\n"
        "class TestChild(Base):\n    def test_x(self):\n        assert os.getcwd() != ''\n",
    )
    assert project.score().evidence("data-1") == [("test_a.py::TestChild::test_x", "passed", "")]
