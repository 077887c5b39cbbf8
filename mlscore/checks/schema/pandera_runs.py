"""One check of pandera's run by pandera on a frame, and what it says counted by rows or as a whole."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from mlscore.checks.schema.shapes import Ran
from mlscore.tables.extras import need

RUNS = ("pandas", "polars")  # the backends whose own checks can be run here


def runner(check: Any, column: Any, backend: str) -> Callable[[Any, str | None], Ran]:
    """A function that runs one check on a pandas frame whose rows are numbered from 0, and counts what fails it.

    It raises ValueError where the check itself fails or the column cannot be coerced, NotImplementedError for a backend
    that is not run here.
    """

    def run(frame: Any, name: str | None) -> Ran:
        if backend not in RUNS:
            raise NotImplementedError(f"a check of pandera's {backend} backend can be run by that backend alone")
        module = need(f"pandera.{backend}")
        errors = need("pandera.errors")
        watched, rows = _watched(check)
        given: dict[str, Any] = {}
        if column is not None and name is not None:
            dtype = column.dtype if getattr(column, "coerce", False) else None
            given = {name: module.Column(dtype, checks=[watched], nullable=True, coerce=dtype is not None)}
            if check.groupby is not None:  # the columns to group by have to be in the schema
                given |= {str(other): module.Column(nullable=True) for other in frame.columns if other != name}
        table = need("polars").from_pandas(frame) if backend == "polars" else frame
        try:
            module.DataFrameSchema(given, checks=[watched] if column is None else None).validate(table, lazy=True)
        except errors.SchemaErrors as failure:
            return _counted(failure, rows(len(frame)))
        return Ran(0, rows(len(frame)))

    return run


def _watched(check: Any) -> tuple[Any, Callable[[int], bool]]:
    """The check, and a function that tells, once it has run on so many rows, whether it said something of each."""
    if check.element_wise:
        return check, lambda _: True
    if check.groupby is not None or hasattr(check, "relationship"):  # a hypothesis test
        return check, lambda _: False
    said: list[Any] = []
    function = check._check_fn

    def listening(*given: Any, **named: Any) -> Any:
        answer = function(*given, **named)
        said.append(answer)
        return answer

    def by_rows(rows: int) -> bool:
        lengths = [_length(answer) for answer in said]
        return bool(lengths) and all(length is not None and (length != 1 or rows == 1) for length in lengths)

    watched = copy.copy(check)
    watched._check_fn = listening
    return watched, by_rows


def _length(answer: Any) -> int | None:
    """For how many rows an answer stands; None for one answer to all."""
    if hasattr(answer, "collect"):  # a lazy frame
        answer = answer.collect()
    return len(answer) if hasattr(answer, "__len__") else None


def _counted(failure: Any, by_rows: bool) -> Ran:
    violations = 0
    failed: set[int] = set()
    for error in failure.schema_errors:
        reason = getattr(error.reason_code, "name", "")
        if reason == "CHECK_ERROR":
            raise ValueError(str(error.failure_cases))
        if reason != "DATAFRAME_CHECK":
            raise ValueError(f"the column cannot be coerced: {str(error)[:120]}")
        cases = error.failure_cases
        columns = getattr(cases, "columns", ())
        numbered = "index" in columns
        if not by_rows or not len(columns) or (numbered and cases["index"].isna().all()):
            violations, by_rows = violations + 1, False
        elif numbered:
            numbers = set(cases["index"].tolist())
            violations, failed = violations + len(numbers), failed | numbers
        else:
            violations += len(cases)
            answers = error.check_output.to_series().to_list()
            failed |= {number for number, answer in enumerate(answers) if answer is False}
    return Ran(violations, by_rows, frozenset(failed) if by_rows else frozenset())
