"""Which columns of an example are personal, and everything on its way that shows them, redacted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.checks.trace.shapes import Cell, Snapshot, Step

if TYPE_CHECKING:
    import pyarrow as pa

REDACTED = "▒▒▒"
_SHORT = 2  # characters of a value that would be found in every text
SAMPLE = 1_000  # rows that the detectors look at


def personal_columns(rows: pa.Table) -> tuple[str, ...]:
    """The columns of a sample whose names or values the detectors of personal data find. Names in the table's order."""
    from mlscore.checks.privacy import detectors, names
    from mlscore.checks.privacy.personal import find_personal_data
    from mlscore.tables.table import open_table

    found: set[str] = set()
    with open_table(rows) as table:
        told = find_personal_data(table)
    by_label = {f'column "{name}"': name for name in rows.column_names}
    found |= {by_label[one.column] for one in told.found if one.column in by_label}
    for name in rows.column_names:
        if names.kind_by_name(name) or names.bare_name(name) or detectors.names_itself(name):
            found.add(name)
    return tuple(name for name in rows.column_names if name in found)


class Redactor:
    """Takes personal values out of a trace: by the columns they stand in, those made of them, and wherever they recur."""

    def __init__(self, columns: Iterable[str], row: Mapping[str, object]) -> None:
        self._columns = tuple(columns)
        shown = {str(row[name]) for name in self._columns if row.get(name) is not None}
        shown |= {part for one in shown for part in one.split()}
        self._values = sorted((one for one in shown if len(one) > _SHORT), key=len, reverse=True)
        words = "|".join(re.escape(name) for name in sorted(self._columns, key=len, reverse=True))
        # A transformer's output is named after its input: num__salary, city_Oviedo, name_length.
        self._made = re.compile(rf"(?:^|[^A-Za-z0-9])(?:{words})(?:$|[^A-Za-z0-9])") if words else None

    def text(self, text: str) -> str:
        """A text without the personal values."""
        for value in self._values:
            text = text.replace(value, REDACTED)
        return text

    def step(self, step: Step) -> Step:
        """A step without the personal values."""
        return replace(
            step,
            name=self.text(step.name),
            before=None if step.before is None else self.snapshot(step.before),
            after=None if step.after is None else self.snapshot(step.after),
            error=None if step.error is None else self.text(step.error),
        )

    def snapshot(self, of: Snapshot) -> Snapshot:
        """A value without the personal ones."""
        if not self._columns:
            return of
        columns = of.columns
        return replace(
            of,
            columns=None if columns is None else tuple(self._name(name) for name in columns),
            cells=tuple(
                (number, self.cell(None if columns is None else columns[number % len(columns)], cell))
                for number, cell in of.cells
            ),
        )

    def cell(self, column: str | None, cell: Cell) -> Cell:
        """A cell, redacted where its column is personal or made of one, or where it holds a personal value."""
        if cell is None:
            return None
        if column is not None and self._made is not None and self._made.search(column):
            return REDACTED
        text = self.text(str(cell))
        return text if text != str(cell) else cell

    def _name(self, name: str) -> str:
        """A column's name; what an encoder wrote behind that of a personal one is a value."""
        said = self.text(name)
        for column in self._columns:
            place = said.find(f"{column}_")
            if place >= 0 and (place == 0 or not said[place - 1].isalnum()):
                return f"{said[: place + len(column)]}_{REDACTED}"
        return said
