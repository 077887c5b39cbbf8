"""Writes the page about the fault catalogue from the catalogue itself."""

from __future__ import annotations

from dataclasses import fields

from mlscore.faults import ColumnKind, Effect, Fault, catalogue

INTRODUCTION = """\
# Fault catalogue

A schema that accepts everything and a drift check that never alarms look the same as good ones until something
breaks. The catalogue breaks it on purpose: {count} faults, each a documented way in which tables go wrong, sized,
and reproducible from a seed. They turn a `pyarrow.Table` into another one and never change the one they are
given. They need the extra `data`: `pip install "ml-test-score[data]"`.

```python
from mlscore.faults import catalogue, every_fault, fault

injected = fault("nulls", share=0.2).apply(table, columns="age", seed=1)
injected.table        # the table with the fault in it
injected.rows         # the positions of the rows that differ
injected.description  # "age": 19 of 95 values set to null
```

## Try your own checks

`every_fault` lists every fault with every choice of columns that a table can have, ready for pytest:

```python
import pytest
from mlscore.faults import every_fault

GOOD = load_a_clean_sample()

@pytest.mark.parametrize("case", every_fault(GOOD, label="late", time="day", entity="carrier"))
def test_the_checks_notice(case):
    assert problems(case.apply(GOOD).table), case
```

A case has an id such as `nulls:age` or `unit-change(unit=cents-to-euros):price`, so `-k nulls` runs those alone.
`faults=` takes the faults to try, for instance `[fault("nulls", share=0.02), fault("lost-day", days=2)]`. Every
case was tried on the table before it is listed; a table of 100,000 rows and a dozen columns takes about ten seconds,
so a sample of some thousand rows is a better start.

No check sees every fault, and none should: a schema cannot see a shuffled column, a drift check cannot see a leak
that keeps the distribution. What a check misses is what the list is for.

## What holds for all of them

- The result differs from the table, or `apply` raises `InputError` and says why it cannot be applied: no rows,
  all null, all values the same, a column of another kind.
- The same table, settings, columns and seed give the same result (with the same versions of numpy and pyarrow);
  each column gets rows of its own.
- A `share` is one of the values that the fault would change, rounded half up, at least one. So 10 % of nulls in a
  column that is half empty are 10 % of the values that are there. Where values only trade places (a shuffle, a
  lag), a value may meet its equal: the share counts what took part, `rows` what differs.
- Names, types, their order and the metadata stay, save for the faults that say so. Dictionary-encoded columns
  stay so: known categories keep their place, new ones are appended.
- Times of day, durations, binary and nested columns are carried along; only faults of whole rows and the lost
  column touch them.

"""

EXTENDING = """\
## Faults of your own

A fault is a frozen dataclass. One that changes single values says what each value would become; sizes, seeds,
refusals, nulls and the way back to the stored type are taken care of:

```python
from dataclasses import dataclass
from typing import ClassVar

import pyarrow.compute as pc
from mlscore.faults import CellFault, ColumnKind

@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed(CellFault):
    \"\"\"Text from right to left.\"\"\"

    id: ClassVar[str] = "reversed"
    title: ClassVar[str] = "Reversed text"
    does: ClassVar[str] = "Writes text from right to left."
    incident: ClassVar[str] = "A label printer's driver mixes up two writing systems."
    kinds: ClassVar[frozenset[ColumnKind]] = frozenset({ColumnKind.TEXT})
    phrase: ClassVar[str] = "from right to left"

    def altered(self, table, values, random):
        return pc.utf8_reverse(values.array)
```

Give it to `every_fault(table, faults=[Reversed(share=0.1)])`, or offer it to everyone by an entry point; then
`fault("reversed")` and `catalogue(installed=True)` find it:

```toml
[project.entry-points."mlscore.faults"]
reversed = "our_faults:Reversed"
```
"""


def page() -> str:
    """The page in Markdown."""
    known = catalogue()
    lines = [INTRODUCTION.format(count=len(known)), "## The faults", "", "| fault | columns | rows |", "|---|---|---|"]
    lines += [f"| [{each.id}](#{each.id}) {each.title} | {_columns(each)} | {_rows(each)} |" for each in known]
    lines.append("")
    for each in known:
        lines += _section(each)
    return "\n".join(lines) + "\n" + EXTENDING


def _section(fault: Fault) -> list[str]:
    lines = [f"### {fault.id}", "", f"**{fault.title}.** {fault.does}", "", f"*Imitates:* {fault.incident}", ""]
    lines += [f"- columns: {_columns(fault)}"]
    for each in fields(fault):
        asked = "a column's name" if each.metadata.get("role") else f"default `{each.default!r}`"
        lines.append(f"- `{each.name}`: {each.metadata['help']} ({asked})")
    tried = [str(variant) for variant in fault.variants()]
    if len(tried) > 1:
        lines.append("- `every_fault` tries " + ", ".join(f"`{each}`" for each in tried))
    if not fault.keeps_schema:
        lines.append("- the schema changes")
    return [*lines, ""]


def _columns(fault: Fault) -> str:
    if not fault.takes:
        return "none: whole rows"
    kinds = "any" if fault.kinds >= frozenset(ColumnKind) - {ColumnKind.OTHER} else ", ".join(_named(fault.kinds))
    return f"two of the same kind, {kinds}" if fault.takes == 2 else kinds


def _named(kinds: frozenset[ColumnKind]) -> list[str]:
    return [kind.value for kind in ColumnKind if kind in kinds]


def _rows(fault: Fault) -> str:
    return {Effect.CHANGED: "changed", Effect.ADDED: "added", Effect.REMOVED: "removed"}[fault.effect]
