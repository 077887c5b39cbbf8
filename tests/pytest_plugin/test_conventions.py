"""Suites with marks of their own: placed by the configuration's conventions, and listed when only in a section."""

import pytest

PASSES = "    assert os.getcwd() != ''\n"


@pytest.mark.parametrize(
    ("conventions", "test"),
    [
        ('markers = ["ml_test"]', f"@pytest.mark.ml_test('FD-1')\ndef test_x():\n{PASSES}"),
        (
            'markers = ["model_test+model_{n}"]\nprefixes = {model = "data"}',
            f"@pytest.mark.model_test\n@pytest.mark.model_1\ndef test_x():\n{PASSES}",
        ),
        ("docstrings = true", f"def test_x():\n    '''Data 1: the schema.'''\n{PASSES}"),
        ("names = true", f"def test_data_1_schema():\n{PASSES}"),
        (
            'properties = ["requirement"]',
            f"def test_x(record_property):\n    record_property('requirement', 'Data 1')\n{PASSES}",
        ),
    ],
)
def test_one_line_of_configuration_places_a_test(project, conventions, test):
    project.configure(f"[tool.mlscore.conventions]\n{conventions}", 'markers = ["ml_test", "model_test", "model_1"]')
    project.write("test_a.py", test)
    scored = project.score()
    assert [o for _, o, _ in scored.evidence("data-1")] == ["passed"]
    assert (scored.run.tests, scored.run.marked) == (1, 1)


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_recorded_property_counts_whatever_became_of_the_test(project, workers):
    project.configure('[tool.mlscore.conventions]\nproperties = ["requirement"]')
    project.write(
        "test_a.py",
        "def test_bad(record_property):\n    record_property('requirement', 'Data 1')\n    assert str(1) == '2'\n"
        f"def test_other(record_property):\n    record_property('other', 'Data 2')\n{PASSES}",
    )
    scored = project.score(*workers)
    assert scored.evidence("data-1") == [("test_a.py::test_bad", "failed", "AssertionError: assert '1' == '2'")]
    assert scored.evidence("data-2") == []


def test_marked_as_run_by_hand_earns_manual_at_most(project, monkeypatch):
    monkeypatch.setenv("CI", "true")
    project.configure('[tool.mlscore.conventions]\nmarkers = ["ml(id; status=manual)"]', 'markers = ["ml"]')
    project.write("test_a.py", f"@pytest.mark.ml(id='data-1', status='manual')\ndef test_x():\n{PASSES}")
    assert project.score().item("data-1")["level"] == "manual"


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_section_alone_earns_nothing_and_is_listed(project, workers):
    project.configure("", 'markers = ["monitoring"]')
    project.write("test_a.py", f"@pytest.mark.monitoring\ndef test_drift():\n{PASSES}def test_plain():\n{PASSES}")
    scored = project.score(*workers)
    assert all(item["level"] == "none" for item in scored.report["items"])
    (found,) = scored.report["unplaced"]
    assert (found["id"], found["section"]) == ("test_a.py::test_drift", "monitor")


def test_a_tag_that_cannot_be_read_is_a_warning(project):
    project.configure("[tool.mlscore.conventions]\ndocstrings = true")
    project.write("test_a.py", f"def test_x():\n    '''Data 99: no such item.'''\n{PASSES}")
    scored = project.score()
    assert scored.code == 0
    assert any(d["code"] == "marker" and "Data 99" in d["message"] for d in scored.report["diagnostics"])


def test_what_is_only_in_a_section_is_listed_once_whatever_its_parameters(project):
    project.write(
        "tests/test_data.py", "@pytest.mark.parametrize('n', [1, 2])\ndef test_x(n):\n    assert os.getcwd() != n\n"
    )
    scored = project.score("--junitxml=j.xml")
    assert [u["id"] for u in scored.report["unplaced"]] == ["tests/test_data.py::test_x"]
    assert (project.path / "j.xml").read_text(encoding="utf-8").count("<property ") == 1


def test_a_property_takes_a_test_off_the_list(project):
    project.configure('[tool.mlscore.conventions]\nproperties = ["requirement"]')
    project.write(
        "tests/test_data.py", f"def test_x(record_property):\n    record_property('requirement', 'Data 1')\n{PASSES}"
    )
    scored = project.score()
    assert scored.report["unplaced"] == []
    assert scored.outcome("data-1")[0] == "passed"
