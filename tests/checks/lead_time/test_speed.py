"""Lead times of a long history stay quick: a few calls of git, however many commits, features and releases."""

from __future__ import annotations

import subprocess
import time
from datetime import date

import pytest

from mlscore.checks.lead_time.measure import Places, Production, measure_lead_times

COMMITS = 5000


def history():
    """5,000 commits for `git fast-import`, three hours apart: a feature every 25, a tag every 50."""
    features = []
    for number in range(COMMITS):
        at = 1_700_000_000 + number * 10_800
        if number % 25 == 0:
            features.append(f"feature_{len(features)}")
        schema = "".join(f'[[feature]]\nname = "{name}"\n' for name in features) + f"# {number}\n"
        code = f"def f{number}(frame):\n    return frame['{features[-1]}'] * {number}\n" * 20
        yield f"commit refs/heads/main\nmark :{number + 1}\ncommitter t <t@example.org> {at} +0000\ndata 1\nx\n"
        if number:
            yield f"from :{number}\n"
        for path, text in (("features.toml", schema), (f"src/m{number % 200}.py", code)):
            yield f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"
        if number % 50 == 49:
            yield f"reset refs/tags/v{number // 50}\nfrom :{number + 1}\n\n"


@pytest.mark.slow
def test_5000_commits_take_less_than_ten_seconds(repository):
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=repository.path, input="".join(history()).encode(), check=True
    )
    began = time.perf_counter()
    times = measure_lead_times(
        repository.path, Places("features.toml", ("src",)), Production(("v*",)), today=date(2026, 11, 1)
    )
    assert time.perf_counter() - began < 10
    assert len(times.features) == COMMITS // 25
    assert times.median == 36.5 * 10_800 / 86_400
    assert not times.not_judged
