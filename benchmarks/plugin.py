"""What the pytest plugin costs: installed but unused, and in use on 10,000 trivial tests, alone and distributed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Pair, environment, pairs

ITEMS = tuple(f"{section}-{n}" for section in ("data", "model", "infra", "monitor") for n in range(1, 8))
FILES = 20
MOST_MILLISECONDS = 10
MOST_RATIO = 1.05
MOST_MEGABYTES = 50


def run(quick: bool) -> dict[str, object]:
    """Whole processes in pairs, with the plugin and without it (`-p no:mlscore`)."""
    tests, count = (500, 2) if quick else (10_000, 15)
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory() as name:
        empty, suite = Path(name) / "empty", Path(name) / "suite"
        empty.mkdir()
        write_suite(suite, tests)
        collecting = pairs(
            [*pytest, "--collect-only"],
            [*pytest, "--collect-only", "-p", "no:mlscore"],
            count=5 if quick else 31,
            cwd=empty,
            codes=(5,),
        )
        # Without the other plugins that happen to be installed: they would make each test slower, and our share smaller.
        env = environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        ours = ["-p", "mlscore.pytest_plugin", "--mlscore"]
        alone = pairs([*pytest, *ours], pytest, count=count, cwd=suite, env=env)
        workers = [*pytest, "-p", "xdist.plugin", "-n", "2"]
        spread = pairs([*workers, *ours], workers, count=count, cwd=suite, env=env)
    # Of each pair, not of the medians: the machine's mood changes between pairs more than the plugin costs.
    added = (collecting.ratio - 1) * collecting.theirs * 1000
    grown = alone.ours_megabytes - alone.theirs_megabytes
    return {
        "rows": [
            {
                "what": "installed but unused, added to `pytest --collect-only` on an empty folder",
                "figure": round(added, 1),
                "unit": "ms",
                "limit": MOST_MILLISECONDS,
                "met": added <= MOST_MILLISECONDS,
                "detail": f"{collecting.theirs * 1000:.0f} ms without, {collecting.pairs} pairs",
            },
            _ratio(f"`pytest --mlscore` / `pytest`, {tests:,} trivial tests", alone),
            _ratio(f"the same with `-n 2`, {tests:,} trivial tests", spread),
            {
                "what": f"memory added there, {tests:,} trivial tests",
                "figure": round(grown, 1),
                "unit": "MB",
                "limit": MOST_MEGABYTES,
                "met": grown <= MOST_MEGABYTES,
                "detail": f"{alone.theirs_megabytes:.0f} MB without",
            },
        ]
    }


def _ratio(what: str, pair: Pair) -> dict[str, object]:
    return {
        "what": what,
        "figure": round(pair.ratio, 3),
        "unit": "×",
        "limit": MOST_RATIO,
        "met": pair.ratio <= MOST_RATIO,
        "detail": f"{pair.ours:.2f} s beside {pair.theirs:.2f} s, {pair.pairs} pairs",
    }


def write_suite(folder: Path, tests: int) -> None:
    """A suite of that many trivial tests, of which one for each item is marked."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "trivial"\n[tool.pytest.ini_options]\naddopts = ""\n', encoding="utf-8"
    )
    marked = "".join(
        f'@pytest.mark.mlscore("{item}")\ndef test_{item.replace("-", "_")}():\n    assert os.getcwd() != ""\n\n'
        for item in ITEMS
    )
    (folder / "test_marked.py").write_text(f"import os\nimport pytest\n\n{marked}", encoding="utf-8")
    left = tests - len(ITEMS)
    for number in range(FILES):
        share = left // FILES + (number < left % FILES)
        body = "".join(f"def test_{n}():\n    assert True\n\n" for n in range(share))
        (folder / f"test_trivial_{number}.py").write_text(body, encoding="utf-8")
