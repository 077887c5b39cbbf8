"""The flights example uses every kind of check that fits it, says why another does not, and all of them pass."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.registry import known_checks
from mlscore.project.load import load_config
from mlscore.project.reports import read_report

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"


@pytest.fixture(scope="module")
def configured():
    return configured_checks(load_config(FLIGHTS, environ={}, today=date(2026, 11, 21)))


def test_every_kind_of_check_is_used_or_left_out_for_a_reason(configured):
    kinds = set(known_checks())
    section = (
        (FLIGHTS / "README.md")
        .read_text(encoding="utf-8")
        .partition("## Checks that do not fit")[2]
        .partition("\n## ")[0]
    )
    rows = re.findall(r"^\| (`[^|]+`) \| (.{30,}) \|$", section, re.MULTILINE)
    left_out = {kind for named, _ in rows for kind in re.findall(r"`([\w-]+)`", named)}
    used = {one.check.id for one in configured}
    assert used | left_out == kinds
    assert not used & left_out


def test_the_released_models_are_those_whose_digests_are_configured():
    model = load_config(FLIGHTS, environ={}, today=date(2026, 11, 21)).model
    files = [FLIGHTS / name for name in (model.source, model.previous)]
    assert list(model.digest) == [f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
    for file in files:
        note = json.loads(file.with_name(f"{file.name}.provenance.json").read_text(encoding="utf-8"))
        assert note["digest"] in model.digest
        assert note["dirty"] is False


def test_what_is_switched_off_has_its_reason_beside_it(configured):
    (feature_code,) = (one for one in configured if one.check.id == "feature-code")
    off = feature_code.options["off"]
    assert set(off["flights.features:congestion"]) == {"alone"}
    assert all(len(reason) > 30 for properties in off.values() for reason in properties.values())


def test_each_check_is_evidence_in_the_expected_report(configured):
    items = {item.id: item for item in read_report(FLIGHTS / "expected-report.json").items}
    for one in configured:
        (evidence,) = (e for e in items[one.item].evidence if e.source.name == one.nodeid)
        assert evidence.outcome.value == "passed"


@pytest.mark.slow
def test_the_checks_of_an_item_run_by_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "mlscore", "check", "monitor-2"],
        cwd=FLIGHTS, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("passed  monitor-2 invariants: 0 of ")


def test_the_newest_versions_tested_are_within_what_the_example_promises():
    promised = tomllib.loads((FLIGHTS / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    locked = (FLIGHTS / "requirements-locked.txt").read_text(encoding="utf-8")
    lowest = (FLIGHTS / "checks" / "requirements-lowest.txt").read_text(encoding="utf-8")
    for line in promised:
        name, least, below = re.fullmatch(r"([\w-]+)>=([\d.]+),<([\d.]+)", line).groups()
        found = re.search(rf"^{name}==([\d.]+)$", locked, re.MULTILINE)
        assert found is not None
        assert _number(least) <= _number(found[1]) < _number(below)
        assert re.search(rf"^{name}=={re.escape(least)}(\.0)?$", lowest, re.MULTILINE)


def _number(version):
    return tuple(map(int, version.split(".")))
