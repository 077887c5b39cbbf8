"""Finding the row at which a model fails: halves of the batch are tried until one row is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_LEAST = 2.0  # seconds that a part of a batch is given while a row is looked for on which the model hangs


class BatchError(Exception):
    """A batch that the model did not answer.

    `search` says that the model raised, `ended` that its process is gone, so that the row is to be looked for; `row` is
    the row, from 0, where it is known already.
    """

    def __init__(
        self,
        what: str,
        hint: str | None,
        *,
        row: int | None = None,
        search: bool = False,
        ended: bool = False,
        hung: bool = False,
        memory: bool = False,
        whole: bool = False,
    ) -> None:
        self.what = what
        self.hint = hint
        self.row = row
        self.search = search
        self.ended = ended
        self.hung = hung
        self.memory = memory
        self.whole = whole
        super().__init__(what)

    @property
    def searchable(self) -> bool:
        """Whether trying parts of the batch may find the row."""
        return self.row is None and (self.search or (self.ended and not self.memory))


def find_row(
    ask: Callable[[pa.Table, float], object], rows: pa.Table, failure: BatchError, timeout: float
) -> int | None:
    """The first row, from 0, at which the model fails by itself; None where no single row is at fault.

    A model that hangs is given a twentieth of its time for each part, so that the search is shorter than the wait was.
    """
    limit = max(_LEAST, timeout / 20) if failure.hung else timeout

    def fails(first: int, count: int) -> bool:
        try:
            ask(rows.slice(first, count), limit)
        except BatchError:
            return True
        return False

    first, count = 0, rows.num_rows
    if (
        count > 1
        and fails(0, count // 2)
        and fails(count // 2, count - count // 2)
        and (failure.hung or (fails(0, 1) and fails(count - 1, 1) and fails(count // 2, 1)))
    ):
        return None  # it fails whatever it is given
    while count > 1:
        half = count // 2
        if fails(first, half):
            count = half
        else:
            first, count = first + half, count - half
    return first if fails(first, 1) else None
