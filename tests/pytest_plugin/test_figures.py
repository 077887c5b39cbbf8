"""The fixture `mlscore_evidence`: figures a test attaches, checked, shown, and harmless where no score is wanted."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.core.evidence import Value
from mlscore.pytest_plugin.figures import Figures


def one(*args, **options):
    figures = Figures()
    figures(*args, **options)
    (value,) = figures.values
    return value


@given(
    st.text(min_size=1).filter(str.strip),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.text()),
)
def test_plain_values_are_kept_as_they_are(name, value, threshold):
    found = one(name, value, unit="ms", threshold=threshold)
    assert found == Value(name, value, "ms", threshold)
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    ("given_value", "wanted"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(0.25), 0.25),
        (np.str_("a"), "a"),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 2), 0.5),
        (np.uint8(3), 3),
        (Decimal("1E+3"), 1000.0),
    ],
)
def test_scalars_of_other_libraries_become_plain(given_value, wanted):
    found = one("auc", given_value, threshold=0.1).value
    assert found == wanted
    assert type(found) is type(wanted)


def test_nan_stays_visible():
    assert math.isnan(one("auc", float("nan")).value)
    assert math.isnan(one("auc", np.float64("nan")).value)
    assert math.isnan(one("auc", Decimal("sNaN")).value)


@pytest.mark.parametrize("value", [10**5000, -(10**400), Fraction(10**500, 3)], ids=["huge", "negative", "ratio"])
def test_numbers_beyond_a_float_are_refused(value):
    with pytest.raises(ValueError, match=r'mlscore_evidence: "size" is larger than any number a report can hold'):
        Figures()("size", value)


@pytest.mark.parametrize("value", [[1], {"a": 1}, np.array([0.5]), object(), 1j, b"x"])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError, match=r'mlscore_evidence: "auc" is a number, a text or a truth value, not an? '):
        Figures()("auc", value)


@pytest.mark.parametrize(
    ("args", "options", "error", "said"),
    [
        (("", 1), {}, ValueError, "needs a name"),
        (("  ", 1), {}, ValueError, "needs a name"),
        ((1, 1), {}, TypeError, "the name of a figure is text, not an int"),
        (("auc", 1), {"unit": 3}, TypeError, 'mlscore_evidence("auc"): the unit is text, not an int'),
        (("auc", 1), {"threshold": [1]}, TypeError, 'the threshold of "auc" is a number'),
        (("auc", 1), {"threshold": True}, TypeError, 'the threshold of "auc" is a number or a text, not a bool'),
    ],
)
def test_other_mistakes_are_named(args, options, error, said):
    with pytest.raises(error) as caught:
        Figures()(*args, **options)
    assert said in str(caught.value)


def test_a_later_figure_of_the_same_name_replaces_the_earlier():
    figures = Figures()
    figures("auc", 0.1)
    figures("f1", 0.2)
    figures("auc", 0.3)
    assert [(v.name, v.value) for v in figures.values] == [("auc", 0.3), ("f1", 0.2)]


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_they_stand_in_the_report(project, workers):
    project.write(
        "test_a.py",
        '@pytest.mark.mlscore("model-6")\n'
        "def test_x(mlscore_evidence):\n"
        "    mlscore_evidence('auc', 0.83, threshold=0.8)\n"
        "    mlscore_evidence('latency', float('nan'), unit='ms')\n"
        "    assert os.getcwd() != ''\n",
    )
    scored = project.score(*workers)
    (found,) = scored.item("model-6")["evidence"]
    assert found["values"] == [
        {"name": "auc", "value": 0.83, "unit": None, "threshold": 0.8},
        {"name": "latency", "value": "nan", "unit": "ms", "threshold": None},
    ]
    assert "auc" in scored.output


def test_they_stand_there_when_the_test_fails_too_and_from_fixtures(project):
    project.write(
        "test_a.py",
        "@pytest.fixture\ndef model(mlscore_evidence):\n    mlscore_evidence('size', 3)\n"
        '@pytest.mark.mlscore("model-6")\n'
        "def test_x(model, mlscore_evidence):\n"
        "    mlscore_evidence('auc', 0.7)\n"
        "    assert str(1) == '2'\n",
    )
    (found,) = project.score().item("model-6")["evidence"]
    assert [v["name"] for v in found["values"]] == ["size", "auc"]


def test_a_rerun_does_not_show_the_figures_of_the_attempt_before(project):
    project.write(
        "test_a.py",
        "tries = []\n"
        '@pytest.mark.flaky(reruns=1)\n@pytest.mark.mlscore("model-6")\n'
        "def test_x(mlscore_evidence):\n"
        "    tries.append(1)\n"
        "    mlscore_evidence('first' if len(tries) == 1 else 'second', len(tries))\n"
        "    assert len(tries) == 2\n",
    )
    (found,) = project.score().item("model-6")["evidence"]
    assert found["outcome"] == "passed"
    assert [(v["name"], v["value"]) for v in found["values"]] == [("second", 2)]


def test_a_rerun_that_breaks_off_before_any_figure_shows_none(project):
    project.write(
        "test_a.py",
        "tries = []\n"
        "@pytest.fixture\ndef server():\n    tries.append(1)\n    assert len(tries) == 1\n"
        '@pytest.mark.flaky(reruns=1)\n@pytest.mark.mlscore("model-6")\n'
        "def test_x(server, mlscore_evidence):\n    mlscore_evidence('auc', 0.1)\n    assert not tries\n",
    )
    (found,) = project.score().item("model-6")["evidence"]
    assert (found["outcome"], found["values"]) == ("error", [])


def test_a_test_without_a_mark_may_use_it(project):
    project.write("test_a.py", "def test_x(mlscore_evidence):\n    mlscore_evidence('auc', 0.7)\n")
    assert project.score().code == 0


def test_without_a_score_nothing_happens_but_mistakes_still_show(project):
    project.write(
        "test_a.py",
        "def test_good(mlscore_evidence):\n    mlscore_evidence('auc', 0.7)\n"
        "def test_bad(mlscore_evidence):\n    mlscore_evidence('auc', [0.7])\n",
    )
    result = project.pytest("--junitxml=j.xml")
    result.assert_outcomes(passed=1, failed=1)
    assert "<property" not in (project.path / "j.xml").read_text(encoding="utf-8")


def test_they_are_shown_as_a_person_writes_numbers(project):
    project.write(
        "test_a.py",
        "import numpy as np\n"
        "from decimal import Decimal\n"
        "from fractions import Fraction\n"
        '@pytest.mark.mlscore("model-6")\n'
        "def test_x(mlscore_evidence):\n"
        "    mlscore_evidence('f32', np.float32(0.1), threshold=np.float32(0.3))\n"
        "    mlscore_evidence('i64', np.int64(3))\n"
        "    mlscore_evidence('dec', Decimal('0.10'))\n"
        "    mlscore_evidence('third', Fraction(1, 3))\n"
        "    mlscore_evidence('worst', float('-inf'))\n"
        "    assert os.getcwd() != ''\n",
    )
    project.pytester._monkeypatch.setenv("COLUMNS", "200")
    scored = project.score()
    assert "f32 0.1 (threshold 0.3), i64 3, dec 0.1, third 0.333333, worst -inf" in scored.output
    (found,) = scored.item("model-6")["evidence"]
    assert [v["value"] for v in found["values"]] == [float(np.float32(0.1)), 3, 0.1, 1 / 3, "-inf"]
