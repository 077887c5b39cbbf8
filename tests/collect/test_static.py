"""Marked tests read from their files, for runs that never collected them."""

import pytest

from mlscore.collect import static
from mlscore.collect.static import marked_cases, skipped_module
from mlscore.core.evidence import Outcome
from mlscore.core.placement import Conventions
from mlscore.probes.suite.settings import SuiteSettings
from mlscore.project.tree import Tree

IDS = ("data-1", "data-2", "model-1")


@pytest.fixture
def read(tmp_path):
    def read(files, paths=None, **conventions):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        wanted = list(files) if paths is None else paths
        return marked_cases(Tree(tmp_path), SuiteSettings(), wanted, Conventions(**conventions), IDS)

    return read


def test_marks_of_functions_classes_and_modules(read):
    found = read(
        {
            "tests/test_a.py": "import pytest\n"
            "pytestmark = pytest.mark.mlscore('data-1')\n"
            "def test_a():\n    pass\n"
            "class TestB:\n"
            "    @pytest.mark.mlscore('model-1')\n"
            "    def test_b(self):\n        pass\n"
        }
    )
    assert [(c.nodeid, c.qualname, c.placement.items, c.line) for c in found] == [
        ("tests/test_a.py::test_a", "test_a", ("data-1",), 3),
        ("tests/test_a.py::TestB::test_b", "TestB.test_b", ("data-1", "model-1"), 7),
    ]
    assert {c.outcome for c in found} == {Outcome.NOT_RUN}
    assert found[0].markers == ("mlscore",)


def test_only_the_files_asked_for(read):
    mark = "import pytest\n@pytest.mark.mlscore('data-1')\ndef test_a():\n    pass\n"
    found = read({"test_a.py": mark, "test_b.py": mark, "sub/test_c.py": mark}, paths=["test_b.py"])
    assert [c.path for c in found] == ["test_b.py"]


def test_a_mark_that_cannot_be_read_is_told_too(read):
    (found,) = read({"test_a.py": "import pytest\n@pytest.mark.mlscore('dta-1')\ndef test_a():\n    pass\n"})
    assert found.placement.items == ()
    assert 'did you mean "data-1"?' in found.placement.problems[0]


def test_files_that_cannot_have_a_mark_are_not_parsed(read, monkeypatch):
    def parse(*args, **options):
        raise AssertionError("parsed")

    monkeypatch.setattr(static, "read_suite", parse)
    files = {"test_a.py": "import pytest\ndef test_a():\n    pass\n"}
    assert read(files) == ()
    assert read(files, markers=("ml_test", "model_test+model_{n}")) == ()
    with pytest.raises(AssertionError, match="parsed"):
        read({"test_a.py": "# MLSCORE\n"})


@pytest.mark.parametrize(
    ("text", "conventions"),
    [
        ("@pytest.mark.ml_test('Data 1')\ndef test_a():\n    pass\n", {"markers": ("ml_test",)}),
        ("@pytest.mark.model_1\ndef test_a():\n    pass\n", {"markers": ("model_{n}",)}),
        (
            "@pytest.mark.model_1\n@pytest.mark.model_test\ndef test_a():\n    pass\n",
            {"markers": ("model_test+model_{n}",)},
        ),
        ("@pytest.mark.data_2\ndef test_a():\n    pass\n", {"markers": ("{section}_{n}",)}),
        ("@pytest.mark.smoke\ndef test_a():\n    pass\n", {"markers": ("smoke=data-1",)}),
        ("@pytest.mark.SMOKE\ndef test_a():\n    pass\n", {"markers": ("smoke=data-1",)}),
        ("def test_a():\n    'Data 1: the schema'\n", {"docstrings": True}),
        ("def test_data_1_schema():\n    pass\n", {"names": True}),
    ],
)
def test_conventions_of_others(read, text, conventions):
    (found,) = read({"test_a.py": f"import pytest\n{text}"}, **conventions)
    assert len(found.placement.items) == 1


def test_files_that_are_not_there_or_not_text(read, tmp_path):
    (tmp_path / "test_b.py").write_bytes(b"mlscore \xff\xfe")
    (tmp_path / "test_c.py").write_text("mlscore (", encoding="utf-8")
    assert read({}, paths=["test_a.py", "test_b.py", "test_c.py"]) == ()


def test_a_module_that_skipped_itself(read):
    cases = read({"test_a.py": "import pytest\n@pytest.mark.mlscore('data-1')\ndef test_a():\n    pass\n"})
    (found,) = skipped_module(cases, "no GPU")
    assert (found.outcome, found.detail) == (Outcome.SKIPPED, "its module was skipped: no GPU")
    assert skipped_module(cases, "")[0].detail == "its module was skipped"
