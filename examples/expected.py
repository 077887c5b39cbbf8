"""The examples' expected reports: scores an example and compares, or with --write keeps the result.

`python -m examples.expected` is about flights, `python -m examples.expected digits` about digits. What differs from machine
to machine is taken out: commit, times, figures, also those in the sentences of checks. The clock stands at a fixed day, so
that the attestations do not expire under the comparison.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

from mlscore import pipeline
from mlscore.collect.junit import read_junit
from mlscore.core.codec import dumps
from mlscore.core.evidence import Evidence, Outcome, SourceKind
from mlscore.core.report import ProjectFacts, Report, Tool
from mlscore.project.ci import VARIABLES
from mlscore.project.load import load_config

EXAMPLES = ("flights", "digits")
EXPECTED = "expected-report.json"
SHOWN = 60  # lines of the difference
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def score(example: Path) -> Report:
    """Run an example's tests outside of CI, and score them by way of their JUnit XML file."""
    env = {k: v for k, v in os.environ.items() if k not in VARIABLES and not k.startswith(("PYTEST_", "MLSCORE_"))}
    with tempfile.TemporaryDirectory() as folder:
        junit = Path(folder) / "tests.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--mlscore", f"--junitxml={junit}", "-p", "no:cacheprovider"]
        subprocess.run(command, cwd=example, env=env, check=True, stdout=sys.stderr)
        config = load_config(example, environ={}, today=NOW.date())
        gathered, diagnostics = read_junit([str(junit)], config, base=example)
        return portable(pipeline.run(config, gathered, now=NOW, diagnostics=diagnostics))


def portable(report: Report) -> Report:
    """The report without what differs from machine to machine and from commit to commit."""
    items = tuple(replace(item, evidence=tuple(map(_portable, item.evidence))) for item in report.items)
    facts = report.project
    return replace(
        report,
        items=items,
        project=ProjectFacts(name=facts.name, serving=facts.serving),
        tool=Tool("mlscore", ""),
        # Seen from the fixed day every later commit is of the future, and a checkout may be shallow or no clone at all.
        diagnostics=tuple(d for d in report.diagnostics if d.code not in ("clock", "git")),
    )


def _portable(evidence: Evidence) -> Evidence:
    evidence = replace(evidence, values=())
    if evidence.source.kind not in (SourceKind.TEST, SourceKind.CHECK):
        return evidence
    passed_check = evidence.source.kind is SourceKind.CHECK and evidence.outcome is Outcome.PASSED
    summary = evidence.summary
    if passed_check:
        # Sums in another order, on a busy machine, may change the last bits of a file and no prediction.
        summary = re.sub(r"the same file, |; the bytes of the files differ.*", "", re.sub(r"\d[\d,.]*%?", "…", summary))
    return replace(evidence, at=None, summary=summary)


def main() -> int:
    """Compare with the kept report, or with --write keep this one."""
    named = [word for word in sys.argv[1:] if word in EXAMPLES]
    example = Path(__file__).parent / (named[0] if named else EXAMPLES[0])
    found = dumps(score(example))
    if "--write" in sys.argv:
        (example / EXPECTED).write_text(found, encoding="utf-8")
        return 0
    kept = (example / EXPECTED).read_text(encoding="utf-8")
    if kept == found:
        print(f"{example.name}: the report is the expected one")
        return 0
    sides = [text.splitlines(keepends=True) for text in (kept, found)]
    sys.stderr.writelines(list(unified_diff(*sides, "expected", "found", n=1))[:SHOWN])
    print(f"{example.name}: the report is not the expected one; where it should be: make expected", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
