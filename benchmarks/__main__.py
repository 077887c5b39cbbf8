"""`python -m benchmarks NAME [--quick] [--json] [--write]`: one benchmark, or `all`; exit code 1 when a limit is missed.

Each module's `run(quick)` returns `rows` of figures and, where tables of it stand in the documentation, a `page`: its path,
the section between two markers there, and the text.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
START, END = "<!-- benchmarks:start -->", "<!-- benchmarks:end -->"
NAMES = (
    "startup",
    "plugin",
    "junit",
    "hook",
    "hollow",
    "profile",
    "drift",
    "linear",
    "detection",
    "schema",
    "spark",
    "slices",
    "groups",
    "model_checks",
    "benefit",
    "privacy",
    "tuning",
    "gate",
    "model_faults",
)


def main() -> int:
    """Run what was asked for and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="+", choices=[*NAMES, "all"], help=f"{', '.join(NAMES)}, or all")
    parser.add_argument(
        "--quick", action="store_true", help="fewer and smaller runs: shows that it works, not the figure"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    parser.add_argument(
        "--into", metavar="FILE", type=Path, help="write each table into its section of a Markdown file"
    )
    parser.add_argument("--write", action="store_true", help="write tables into their own pages in docs/")
    given = parser.parse_args()
    if given.write and given.quick:
        parser.error("a quick run shows that it works, and its figures are not written")
    results: dict[str, dict[str, object]] = {}
    pages = []
    for name in NAMES if "all" in given.names else dict.fromkeys(given.names):
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        results[name] = importlib.import_module(f"benchmarks.{name}").run(given.quick)
        pages.append(results[name].pop("page", None))
    if given.json:
        json.dump(results, sys.stdout, indent=2, default=plain)
        print()
    else:
        print(table(results))
    missed = [row for result in results.values() for row in rows_of(result) if not row["met"]]
    if given.readme:
        README.write_text(with_table(README.read_text(encoding="utf-8"), table(results)), encoding="utf-8")
    if given.into:
        text = given.into.read_text(encoding="utf-8")
        for name, result in results.items():
            text = with_table(text, table({name: result}), f"<!-- {name}:start -->", f"<!-- {name}:end -->")
        given.into.write_text(text, encoding="utf-8")
    if given.write:
        for page in filter(None, pages):
            assert isinstance(page, dict)
            write(**page)
    # A quick run shows that a measurement works; only a whole one tells whether a limit is kept.
    return 1 if missed and not given.quick else 0


def plain(value: object) -> object:
    """A number or flag of numpy as Python's own, which JSON knows."""
    item = getattr(value, "item", None)
    if item is None:
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    return item()


def rows_of(result: dict[str, object]) -> list[dict[str, object]]:
    """The rows of one benchmark's result."""
    rows = result["rows"]
    assert isinstance(rows, list)
    return rows


def write(path: str, section: str, text: str) -> None:
    """Write a text into a section of a page, between its two markers."""
    page = ROOT / path
    made = with_table(page.read_text(encoding="utf-8"), text, f"<!-- {section}:start -->", f"<!-- {section}:end -->")
    page.write_text(made, encoding="utf-8")


def with_table(text: str, figures: str, start: str = START, end: str = END) -> str:
    """A page's text with the figures between its two markers."""
    before, _, rest = text.partition(start)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"the page has no {start} ... {end}")
    return f"{before}{start}\n{figures}\n{end}{after}"


def table(results: dict[str, dict[str, object]]) -> str:
    """The rows of every result as a Markdown table."""
    lines = ["| what | measured | limit | detail |", "|---|---|---|---|"]
    for result in results.values():
        rows = rows_of(result)
        lines += [
            f"| {row['what']} | {'' if row['met'] else '**'}{row['figure']} {row['unit']}{'' if row['met'] else '**'} "
            f"| {row.get('sign', '≤')} {row['limit']} {row['unit']} | {row['detail']} |"
            for row in rows
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
