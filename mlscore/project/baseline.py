"""The baseline file: reading the committed score strictly, and writing a new one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from mlscore.core.baseline import SCHEMA, Baseline, baseline_of
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.points import section_points, show, total_points
from mlscore.core.report import Report
from mlscore.core.rubric import Rubric
from mlscore.errors import ConfigError, InputError
from mlscore.project.read import read_text
from mlscore.project.schema_name import NewerSchemaError, check_schema

_AGAIN = "write it again: mlscore baseline write"


def read_baseline(path: Path, rubric: Rubric, *, where: str | None = None) -> Baseline:
    """The baseline in a file; `where` is how messages call the file (by default its path).

    Raises ConfigError when the file cannot be read, was cut off, is no baseline, comes from a newer mlscore, was measured
    with another rubric (its id differs), or holds points that its rubric cannot give. A rubric of the same id whose
    points or items have changed since is no error: the gate reports the changed ruler.
    """
    where = where or str(path)
    text = read_text(path, where=where)
    if not text.strip():
        raise ConfigError("the file is empty", where=where, hint=_AGAIN)
    try:
        data = loads(text, where=where)
        check_schema(data, SCHEMA, where=where)
        baseline = decode(Baseline, data, where=where)
    except NewerSchemaError as error:
        raise ConfigError(error.what, where=error.where, hint=error.hint) from None
    except InputError as error:
        raise ConfigError(error.what, where=error.where, hint=_AGAIN) from None
    if baseline.rubric.id != rubric.id:
        raise ConfigError(
            f'the baseline was measured with the rubric "{baseline.rubric.id}", the project is scored by "{rubric.id}"',
            where=where,
            hint=f'score by "{baseline.rubric.id}" again, or {_AGAIN}',
        )
    if baseline.rubric.digest == rubric.digest:
        _check_points(baseline, rubric, where)
    return baseline


def write_baseline(path: Path, report: Report) -> None:
    """Write the baseline that holds a project to `report`. Raises OutputError when the file cannot be written."""
    from mlscore.project.write import write_atomically

    write_atomically(path, dumps(baseline_of(report)))


def _check_points(baseline: Baseline, rubric: Rubric, where: str) -> None:
    """Raise ConfigError for sections, items or points that no report of the rubric has: somebody edited the file."""
    most = max(level.points for level in rubric.levels)
    known: dict[str, Fraction] = {item.id: most for item in rubric.items}
    sections = {s.id: section_points(rubric, s.id, known.__getitem__) for s in rubric.sections}
    measured: list[tuple[str, Any, Fraction | None]] = [
        ("the total", baseline, total_points(rubric, known.__getitem__)),
        *((f"section {s.id}", s, sections.get(s.id)) for s in baseline.sections),
        *((i.id, i, known.get(i.id)) for i in baseline.items),
    ]
    absent = [*(known.keys() - {i.id for i in baseline.items}), *(sections.keys() - {s.id for s in baseline.sections})]
    if absent:
        raise ConfigError(f"the baseline has no points of {', '.join(sorted(absent))}", where=where, hint=_AGAIN)
    for name, points, possible in measured:
        if possible is None:
            raise ConfigError(f'the rubric "{rubric.id}" has no {name}', where=where, hint=_AGAIN)
        for value in (points.practised, points.verified):
            if not 0 <= value <= possible:
                raise ConfigError(
                    f"{name} has {show(value)} points, of {show(possible)} possible", where=where, hint=_AGAIN
                )
