"""Each fault on a small table, before and after, for a reader to look at."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from mlscore.faults import catalogue, fault

TABLE = pa.table(
    {
        "time": pa.array([dt.datetime(2024, 3, 3 + row // 2, 7 + row, 30) for row in range(8)], pa.timestamp("s")),
        "city": ["León", "Ávila", "León", "Madrid", None, "Ávila", "Madrid", "León"],
        "km": [12, 40, None, 7, 55, 31, 18, 26],
        "price": pa.array([Decimal(text) for text in ("1.55", "4.20", "2.75", "1.05", "6.30", "3.15", "2.10", "3.00")]),
        "score": [0.125, 0.5, 0.375, 0.875, 0.625, None, 0.25, 0.75],
        "paid": [True, False, True, None, True, False, False, True],
    }
)
# Where a fault is shown, and at which size a table of eight rows shows it.
SHOWN = {
    "nulls": ("km", {"share": 0.3}),
    "default-value": ("km", {"share": 0.3}),
    "constant": ("city", {}),
    "lost-column": ("km", {}),
    "unit-change": ("km", {}),
    "sign-flip": ("km", {"share": 0.5}),
    "inverted-flag": ("paid", {}),
    "scale": ("km", {}),
    "clipped-range": ("km", {"share": 0.4}),
    "noise": ("km", {}),
    "outliers": ("km", {"share": 0.2}),
    "decimal-comma": ("price", {}),
    "lost-separator": ("score", {}),
    "numbers-as-text": ("km", {}),
    "integer-cast": ("price", {}),
    "precision-loss": ("score", {"digits": 1}),
    "new-category": ("city", {"share": 0.2}),
    "changed-case": ("city", {"share": 0.4}),
    "truncated-text": ("city", {}),
    "mojibake": ("city", {}),
    "padding": ("city", {"share": 0.4, "side": "around"}),
    "time-zone-shift": ("time", {}),
    "day-month-swap": ("time", {}),
    "lost-time-of-day": ("time", {}),
    "shuffled": ("km", {}),
    "label-leak": ("km", {"label": "paid"}),
    "stale": ("km", {"share": 0.5, "time": "time"}),
    "lagged-join": ("km", {"time": "time"}),
    "lost-slice": ("city", {}),
    "lost-day": ("time", {}),
    "sampling-bias": ("km", {}),
    "duplicated-rows": ((), {"share": 0.25}),
    "swapped-columns": (("km", "stop"), {}),
}


def shown_as(cell):
    """A cell as text: null as a dash, blanks at the ends as dots, characters that cannot be seen by their code."""
    if cell is None:
        return "-"
    text = str(cell)
    dotted = text.strip().rjust(len(text.rstrip()), "·").ljust(len(text), "·")
    return "".join(letter if letter.isprintable() else f"<{ord(letter):02x}>" for letter in dotted)


def written(table, rows):
    """The table as text, with a mark at each row of `rows`."""
    columns = [[name, *map(shown_as, table[name].to_pylist())] for name in table.schema.names]
    widths = [max(map(len, column)) for column in columns]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in zip(*columns, strict=True)
    ]
    return [f"{'>' if place - 1 in rows else ' '} {line}".rstrip() for place, line in enumerate(lines)]


@pytest.mark.parametrize("name", [each.id for each in catalogue()])
def test_before_and_after(name, snapshot):
    columns, sizes = SHOWN[name]
    table = TABLE if name != "swapped-columns" else TABLE.append_column("stop", pa.array([0, 1, 0, 2, 2, None, 2, 1]))
    shown = [columns] if isinstance(columns, str) else list(columns or ("time", "km"))
    extra = [each for each in ("paid", "time") if each in sizes.values()]
    table = table.select(list(dict.fromkeys([*shown, *extra, "score"])))
    injected = fault(name, **sizes).apply(table, columns=columns, seed=1)
    rows = set(injected.rows.tolist())
    before = written(table, rows if injected.effect != "added" else set())
    after = written(injected.table, rows if injected.effect != "removed" else set())
    assert "\n".join([f"{injected.fault}: {injected.description}", "", *before, "", *after]) == snapshot
