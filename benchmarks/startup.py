"""Start-up of the command line, as a ratio to importing click."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import pairs

LIMITS = {"mlscore --version": 1.5, "mlscore explain data-1": 2.5}


def run(quick: bool) -> dict[str, object]:
    """Whole processes, in an empty folder: ours beside `python -c "import click"`."""
    count = 5 if quick else 31
    mlscore = str(Path(sys.executable).with_name("mlscore"))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for command, limit in LIMITS.items():
            pair = pairs(
                [mlscore, *command.split()[1:]], [sys.executable, "-c", "import click"], count=count, cwd=Path(folder)
            )
            rows.append(
                {
                    "what": f'`{command}` / `python -c "import click"`',
                    "figure": round(pair.ratio, 2),
                    "unit": "×",
                    "limit": limit,
                    "met": pair.ratio <= limit,
                    "detail": f"{pair.ours * 1000:.0f} ms beside {pair.theirs * 1000:.0f} ms, {pair.pairs} pairs",
                }
            )
    return {"rows": rows}
