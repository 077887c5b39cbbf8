"""`python -m benchmarks`: JSON whatever the figures are, pages written in one way, a missed limit an exit code."""

import json
import sys
import types
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import __main__ as command

PAGE = "before\n<!-- toy:start -->\nold\n<!-- toy:end -->\nafter\n"


@pytest.fixture
def toy(tmp_path, monkeypatch, capsys):
    """`toy(*args, met=True)`: exit code and output of a benchmark of one row and a page."""
    (tmp_path / "toy.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "NAMES", ("toy",))

    def call(*args, met=True):
        row = {"what": "toys", "figure": np.float64(1.5), "unit": "%", "limit": 2, "met": np.bool_(met), "detail": "d"}
        page = {"path": "toy.md", "section": "toy", "text": "| new |"}
        made = types.SimpleNamespace(run=lambda quick: {"rows": [row], "page": page})
        monkeypatch.setitem(sys.modules, "benchmarks.toy", made)
        monkeypatch.setattr(sys, "argv", ["benchmarks", "toy", *args])
        code = command.main()
        return code, capsys.readouterr().out, (tmp_path / "toy.md").read_text(encoding="utf-8")

    return call


def test_json_holds_the_figures_and_no_page(toy):
    code, out, page = toy("--json")
    assert (code, page) == (0, PAGE)
    assert json.loads(out)["toy"] == {
        "rows": [{"what": "toys", "figure": 1.5, "unit": "%", "limit": 2, "met": True, "detail": "d"}]
    }


def test_a_page_is_written_between_its_markers(toy):
    assert toy("--write")[2] == "before\n<!-- toy:start -->\n| new |\n<!-- toy:end -->\nafter\n"


def test_a_quick_run_is_not_written(toy, capsys):
    with pytest.raises(SystemExit) as stopped:
        toy("--write", "--quick")
    assert stopped.value.code == 2
    assert "a quick run shows that it works, and its figures are not written" in capsys.readouterr().err


@pytest.mark.parametrize(("args", "code"), [((), 1), (("--quick",), 0)])
def test_a_missed_limit_is_told_by_a_whole_run(toy, args, code):
    found, out, _ = toy(*args, met=False)
    assert found == code
    assert "| toys | **1.5 %** | ≤ 2 % | d |" in out


@pytest.mark.parametrize("name", command.NAMES)
def test_every_name_is_a_module(name):
    assert find_spec(f"benchmarks.{name}") is not None


@pytest.mark.slow
def test_a_real_one_prints_json(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "tuning", "--quick", "--json"])
    assert command.main() == 0
    (rows,) = (result["rows"] for result in json.loads(capsys.readouterr().out).values())
    assert all(row["met"] for row in rows)
