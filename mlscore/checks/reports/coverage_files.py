"""Coverage of code: Cobertura XML and coverage.py's JSON, which give the same metrics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlscore.checks.reports.load import Document, clean, moment, number, put
from mlscore.checks.reports.shapes import Report
from mlscore.errors import InputError


def is_xml(document: Document) -> bool:
    """Whether it is Cobertura's XML."""
    return document.kind == "xml" and document.data.tag == "coverage" and "line-rate" in document.data.attrib


def read_xml(document: Document) -> Report:
    """`line-rate`, `branch-rate` and `covered-rate` (both together), of all and of each file as `line-rate:FILE`.

    Rates are shares from 0 to 1; a rate of no line or branch is left out. Raises InputError where it is something else.
    """
    if not is_xml(document):
        raise InputError("no coverage as Cobertura's XML", where=document.name, hint="write it by coverage xml")
    root = document.data
    metrics: dict[str, float] = {}
    files: dict[str, list[int]] = {}
    for one in root.iter("class"):
        # Several classes of one file stand apart where the language knows such.
        counts = files.setdefault(str(one.get("filename")), [0, 0, 0, 0])
        for line in one.iterfind("lines/line"):
            shares = re.search(r"\((\d{1,9})/(\d{1,9})\)", line.get("condition-coverage") or "")
            taken = (int(shares[1]), int(shares[2])) if shares is not None else (0, 0)
            for place, more in enumerate((_count(line.get("hits")) > 0, 1, *taken)):
                counts[place] += more
    told = ("lines-covered", "lines-valid", "branches-covered", "branches-valid")
    if all(name in root.attrib for name in told):
        total = [_count(root.get(name)) for name in told]
    else:
        total = [sum(counts[place] for counts in files.values()) for place in range(4)]
    _rates(metrics, "", (total[0], total[1]), (total[2], total[3]))
    for file, counts in files.items():
        _rates(metrics, f":{clean(file)}", (counts[0], counts[1]), (counts[2], counts[3]))
    version = root.get("version")
    # Others write Cobertura's form too, and a version of their own.
    own = version is not None and re.fullmatch(r"\d+\.\d+(\.\d+)?\w*", version) is not None
    return Report(
        "coverage.py" if own else "Cobertura",
        version=clean(version) if version else None,
        made=moment(root.get("timestamp")),
        metrics=metrics,
    )


def is_json(document: Document) -> bool:
    """Whether it is coverage.py's JSON."""
    record = document.record
    totals = record.get("totals")
    return isinstance(totals, dict) and "num_statements" in totals and isinstance(record.get("files"), dict)


def read_json(document: Document) -> Report:
    """The same metrics as of XML. Raises InputError where it is something else."""
    if not is_json(document):
        raise InputError("no coverage as JSON", where=document.name, hint="write it by coverage json")
    record = document.record
    metrics: dict[str, float] = {}
    _summary(metrics, "", record["totals"])
    for file, one in record["files"].items():
        _summary(metrics, f":{clean(file)}", one["summary"])
    meta = record["meta"] if isinstance(record.get("meta"), dict) else {}
    version = meta.get("version")
    return Report(
        "coverage.py",
        version=None if version is None else clean(version),
        made=moment(meta.get("timestamp")),
        metrics=metrics,
    )


def _summary(metrics: dict[str, float], of: str, told: Mapping[str, Any]) -> None:
    lines = (_count(told.get("covered_lines")), _count(told.get("num_statements")))
    _rates(metrics, of, lines, (_count(told.get("covered_branches")), _count(told.get("num_branches"))))


def _rates(metrics: dict[str, float], of: str, lines: tuple[int, int], branches: tuple[int, int]) -> None:
    for name, covered, valid in (
        ("line-rate", *lines),
        ("branch-rate", *branches),
        ("covered-rate", lines[0] + branches[0], lines[1] + branches[1]),
    ):
        if valid > 0:
            put(metrics, f"{name}{of}", covered / valid)


def _count(value: object) -> int:
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) < 12 else 0
    found = number(value)
    return int(found) if found is not None and 0 <= found < 1e12 else 0
