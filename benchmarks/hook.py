"""The pre-commit hook on the flights example, beside a bare interpreter with click."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import pairs

FLIGHTS = Path(__file__).parents[1] / "examples" / "flights"
LIMIT_SECONDS = 1.0


def run(quick: bool) -> dict[str, object]:
    """Whole processes: `mlscore hook` over all files of the example."""
    mlscore = str(Path(sys.executable).with_name("mlscore"))
    pair = pairs([mlscore, "hook"], [sys.executable, "-c", "import click"], count=3 if quick else 15, cwd=FLIGHTS)
    row = {
        "what": "`mlscore hook` on the flights example",
        "figure": round(pair.ours, 2),
        "unit": "s",
        "limit": LIMIT_SECONDS,
        "met": pair.ours <= LIMIT_SECONDS,
        "detail": f'{pair.ratio:.1f} × `python -c "import click"`, {pair.pairs} pairs',
    }
    return {"rows": [row]}
