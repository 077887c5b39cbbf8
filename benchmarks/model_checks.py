"""All checks on the flights example's model by one command, in an environment that holds what the example needs."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import environment, once

ROOT = Path(__file__).parents[1]
FLIGHTS = ROOT / "examples" / "flights"
WORDS = ("data-2", "data-3", "model", "infra", "monitor-5")
LIMIT_SECONDS = 60
RUNS = 3


def run(quick: bool) -> dict[str, object]:
    """Whole processes, `mlscore check` for the items of the model part; a quick run is one check in this environment."""
    python = sys.executable if quick else peers.python("flights")
    words = ("tuning",) if quick else WORDS
    runs = [
        once([python, "-m", "mlscore", "check", *words], cwd=FLIGHTS, env=environment())
        for _ in range(1 if quick else RUNS)
    ]
    passed = not any(one.code for one in runs)
    seconds = sorted(one.seconds for one in runs)[len(runs) // 2]
    row = {
        "what": f"`mlscore check {' '.join(words)}` on the flights example",
        "figure": round(seconds, 1),
        "unit": "s",
        "limit": LIMIT_SECONDS,
        "met": seconds <= LIMIT_SECONDS and passed,
        "detail": f"median of {len(runs)}, {'all passed' if passed else 'not all passed'}; {runs[-1].processor:.0f} s of "
        f"the processors' time, {max(one.megabytes for one in runs):.0f} MB at most in one process",
    }
    return {"rows": [row]}
