"""What tests of deepchecks share: results that it wrote, and a stand-in for its environment that answers with them."""

import json
import os
import sys
from pathlib import Path

import pytest

from mlscore.checks.deepchecks import run
from mlscore.extras.known import EXTRAS
from mlscore.extras.shapes import Environment, python_in

SAMPLES = Path(__file__).parent / "samples"
PROGRAM = """
import json, os, shutil, sys, time
from pathlib import Path
folder, do = Path(sys.argv[-1]), {do!r}
request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
with open({log!r}, "a", encoding="utf-8") as log:
    log.write(json.dumps({{"request": request, "files": sorted(os.listdir(folder)),
        "quiet": os.environ.get("DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY")}}) + "\\n")
if do == "hang":
    time.sleep(60)
if do == "eat":
    held = bytearray(300_000_000)
    held[::4096] = b"x" * len(held[::4096])
    time.sleep(60)
if do == "crash":
    sys.exit("the library is broken")
if do == "refuse":
    (folder / "failed.json").write_text(json.dumps({{"error": "ValueError: no such thing"}}), encoding="utf-8")
    sys.exit()
for suite in request["suites"]:
    shutil.copy(Path({samples!r}) / ("0.19.1-" + do + "-" + suite + ".json"), folder / (suite + ".json"))
"""


@pytest.fixture
def sample():
    """`sample("planted", "data_integrity")`: a result, parsed."""

    def read(kind, suite):
        return json.loads((SAMPLES / f"0.19.1-{kind}-{suite}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """`stand_in("planted")`: an environment whose Python answers so; what it was asked is the list that comes back."""
    log = tmp_path / "log.jsonl"

    class Asked(list):
        def __iter__(self):
            return map(json.loads, log.read_text(encoding="utf-8").splitlines() if log.exists() else ())

        def __len__(self):
            return len(list(iter(self)))

    def make(do):
        folder = tmp_path / f"env-{do}"
        program = folder / "program.py"
        python_in(folder).parent.mkdir(parents=True)
        program.write_text(PROGRAM.format(do=do, log=str(log), samples=str(SAMPLES)), encoding="utf-8")
        python_in(folder).write_text(
            f'#!/bin/sh\nfor last; do :; done\nexec "{sys.executable}" -I "{program}" "$last"\n', encoding="utf-8"
        )
        os.chmod(python_in(folder), 0o755)
        found = Environment(EXTRAS["deepchecks"], folder, "3.12.1", do, 1)
        monkeypatch.setattr(run, "need", lambda name: found)
        return Asked()

    monkeypatch.setattr(run, "_RUNS", {})
    return make
