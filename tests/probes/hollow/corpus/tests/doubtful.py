"""Tests that a reviewer would ask about, without being sure."""

import subprocess
import sys

import pytest
import quality_kit
from click.testing import CliRunner
from quality_kit import run_suite

from parcel.cli import main
from parcel.evaluate import accuracy, evaluate
from parcel.model import DelayModel, train, train_carefully, train_or_stop


@pytest.mark.xfail
def test_known_weakness(fitted, trips):  # expect: weak
    assert fitted.predict(trips).mean() < 5


@pytest.mark.xfail(reason="slow slices", strict=True)
def test_strict_weakness(fitted, trips):  # expect: ok
    assert fitted.predict(trips).mean() < 5


@pytest.mark.xfail(sys.platform == "darwin", reason="rounding")
def test_weak_on_one_platform(fitted, trips):  # expect: ok
    assert fitted.predict(trips).mean() < 25


def test_unknown_helper(trips):  # expect: weak
    run_suite(trips)


def test_unknown_object(trips):  # expect: weak
    kit = quality_kit.Kit(trips)
    kit.go()


def test_unknown_check(trips):  # expect: ok
    quality_kit.assert_fresh(trips)


def test_code_asserts(trips):  # expect: weak
    train_carefully(trips)


def test_code_stops(trips):  # expect: weak
    train_or_stop(trips)


def test_loaded(tmp_path, fitted):  # expect: weak
    fitted.save(tmp_path / "m")
    model = DelayModel.load(tmp_path / "m")
    assert model is not None


def test_help_exit_code():  # expect: weak
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0


def test_help_checked():  # expect: weak
    subprocess.run([sys.executable, "-m", "parcel", "--help"], check=True)


def test_help_text():  # expect: ok
    result = CliRunner().invoke(main, ["--help"])
    assert "fit" in result.output


def test_accuracy_above_zero(fitted, trips):  # expect: weak
    assert evaluate(fitted, trips, trips["delay"])["accuracy"] > 0


def test_own_accuracy_range():  # expect: weak
    assert 0 <= accuracy([1, 0], [1, 1]) <= 1


def test_list_of_checks(fitted, trips):  # expect: weak
    assert [value < 60 for value in fitted.predict(trips)]
