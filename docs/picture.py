"""Draws the README's picture from the flights example's expected report; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from mlscore.project.reports import read_report
from mlscore.report.picture import render_svg

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "examples" / "flights" / "expected-report.json"
PICTURE = ROOT / "docs" / "images" / "report.svg"


def main() -> int:
    """Write the picture, or with --check say that it is not current."""
    drawn = render_svg(read_report(REPORT))
    if "--check" in sys.argv:
        if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == drawn:
            return 0
        print(f"{PICTURE.relative_to(ROOT)} is not current: make picture", file=sys.stderr)
        return 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(drawn, encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
