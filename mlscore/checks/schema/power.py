"""What a schema is worth: which faults of the catalogue, put into a sample of the data, it would catch."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.judge import conditions_of, count, results_of
from mlscore.checks.schema.plan import Plan, make_plan
from mlscore.checks.schema.shapes import Rule, Schema
from mlscore.errors import InputError
from mlscore.tables import conditions as c
from mlscore.tables.shapes import TableOptions, TimeBlocks, Unit
from mlscore.tables.table import Table, open_table

if TYPE_CHECKING:
    from mlscore.faults import Case, Fault

ROWS = 2_000
CASES = 600
CELLS = 4_000_000  # faulty tables are laid together up to so many values
_EPOCH = datetime(1970, 1, 1)
_ALONE = TableOptions(threads=1)


@dataclass(frozen=True, slots=True)
class FaultPower:
    """One kind of fault: into how many choices of columns it was put, and in how many of these the schema noticed."""

    fault: str
    tried: int
    caught: int
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """How many of the faults a schema catches. `of` is how many cases there are; `tried` of them were applied."""

    rows: int
    of: int
    faults: tuple[FaultPower, ...]

    @property
    def tried(self) -> int:
        """How many faults were put into the sample."""
        return sum(fault.tried for fault in self.faults)

    @property
    def caught(self) -> int:
        """How many of them the schema noticed."""
        return sum(fault.caught for fault in self.faults)

    @property
    def share(self) -> float:
        """The share of the faults tried that the schema noticed; 0 when none could be tried."""
        return self.caught / self.tried if self.tried else 0.0

    @property
    def blind(self) -> tuple[str, ...]:
        """The kinds of fault that the schema never noticed."""
        return tuple(fault.fault for fault in self.faults if not fault.caught)

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON knows them."""
        return {
            "rows": self.rows,
            "tried": self.tried,
            "of": self.of,
            "caught": self.caught,
            "share": self.share,
            "faults": [
                {"fault": f.fault, "tried": f.tried, "caught": f.caught, "missed": list(f.missed)} for f in self.faults
            ],
        }


def measure_power(
    schema: Schema,
    table: Table,
    *,
    rows: int = ROWS,
    cases: int = CASES,
    faults: Iterable[Fault] | None = None,
    label: str | None = None,
    time: str | None = None,
    entity: str | None = None,
    tolerated: float = 0.0,
    seed: int = 0,
) -> Power:
    """Put each fault of the catalogue into a sample of the table and see whether the schema notices.

    A fault is noticed when a rule fails that did not, or is broken by more rows than before. Limits on the number of
    rows are judged as if the whole table had grown or shrunk as the sample did. At most `cases` faults are tried, some
    of every kind. `label`, `time` and `entity` are columns for the faults that ask for them; `tolerated` is that of
    `check_schema`. Raises InputError for an empty table.
    """
    from mlscore.faults import every_fault

    whole = table.count()
    sample = table.sample(min(rows, max(1, whole)), seed)
    if not sample.num_rows:
        raise InputError("the table has no rows, so no fault can be put into it", where=str(table.source))
    every = every_fault(sample, label=label, time=time, entity=entity, seed=seed, faults=faults)
    chosen = _spread(every, cases)
    bench = _Bench(_scaled(schema, sample.num_rows / whole), sample, tolerated)
    found: dict[str, tuple[int, int, list[str]]] = {}
    for case, noticed in bench.tried(chosen):
        tried, caught, missed = found.get(case.fault.id, (0, 0, []))
        if not noticed:
            missed.append(str(case))
        found[case.fault.id] = (tried + 1, caught + noticed, missed)
    order = dict.fromkeys(case.fault.id for case in chosen)
    told = tuple(FaultPower(fault, *found[fault][:2], tuple(found[fault][2])) for fault in order)
    return Power(rows=sample.num_rows, of=len(every), faults=told)


def _spread(cases: Sequence[Case], most: int) -> list[Case]:
    """At most so many cases, in turn one of each kind of fault, in the order of the catalogue."""
    if len(cases) <= most:
        return list(cases)
    kinds: dict[str, list[Case]] = {}
    for case in cases:
        kinds.setdefault(case.fault.id, []).append(case)
    rounds = [kind[turn] for turn in range(len(cases)) for kind in kinds.values() if turn < len(kind)]
    kept = set(map(id, rounds[:most]))
    return [case for case in cases if id(case) in kept]


def _scaled(schema: Schema, factor: float) -> Schema:
    """The schema for a sample: limits on the number of rows shrink with it, checks of other libraries are left out."""

    def rule(given: Rule) -> Rule:
        if not isinstance(given, shapes.RowCount):
            return given
        low = None if given.low is None else int(given.low * factor)
        return replace(given, low=low, high=None if given.high is None else -int(-given.high * factor // 1))

    columns = tuple(
        replace(column, rules=tuple(r for r in column.rules if not isinstance(r, shapes.Custom)))
        for column in schema.columns
    )
    rules = tuple(rule(r) for r in schema.rules if not isinstance(r, shapes.Custom))
    return replace(schema, columns=columns, rules=rules)


Broken = dict[tuple[str | None, str], tuple[bool, int]]


class _Bench:
    """A schema and the sample it is tried on. Faulty tables are judged many at once: each in an hour of its own."""

    def __init__(self, schema: Schema, sample: Any, tolerated: float = 0.0) -> None:
        self.schema = schema
        self.tolerated = tolerated
        self.sample = sample
        with open_table(sample, options=_ALONE) as table:
            self.plan = make_plan(schema, table.columns)
            counted, self.failed = count(table, conditions_of(self.plan))
        self.before = self._broken(self.plan, counted, self.failed)
        self.hour = next(name for name in _names() if name not in sample.column_names)

    def tried(self, cases: Sequence[Case]) -> Iterator[tuple[Case, bool]]:
        """Each case with whether the schema noticed it."""
        together: list[tuple[Case, Any]] = []
        cells = 0
        for case in cases:
            faulty = case.apply(self.sample).table
            if not faulty.schema.equals(self.sample.schema) or not faulty.num_rows:
                yield case, self._alone(faulty)
                continue
            together.append((case, faulty))
            cells += faulty.num_rows * faulty.num_columns
            if cells > CELLS:
                yield from self._together(together)
                together, cells = [], 0
        if together:
            yield from self._together(together)

    def _alone(self, faulty: Any) -> bool:
        """One table by itself: its columns may be others."""
        with open_table(faulty, options=_ALONE) as table:
            plan = make_plan(self.schema, table.columns)
            counted, failed = count(table, conditions_of(plan))
        return self._noticed(self._broken(plan, counted, failed))

    def _together(self, cases: Sequence[tuple[Case, Any]]) -> Iterator[tuple[Case, bool]]:
        import pyarrow as pa

        hours = [_EPOCH + timedelta(hours=number) for number in range(len(cases))]
        stamped = [
            faulty.append_column(self.hour, pa.array([hour] * faulty.num_rows, pa.timestamp("us")))
            for hour, (_, faulty) in zip(hours, cases, strict=True)
        ]
        asked = {name: one for name, one in conditions_of(self.plan).items() if name not in self.failed}
        repeated = {name: one for name, one in asked.items() if isinstance(one, c.Repeated)}
        alone = {name: one for name, one in asked.items() if name not in repeated}
        with open_table(pa.concat_tables(stamped), options=_ALONE) as table:
            counted = table.violations_by(alone, TimeBlocks(self.hour, Unit.HOUR))
            for name, one in repeated.items():
                within = replace(one, columns=(self.hour, *one.columns))
                rows = table.rows_where(within, sum(faulty.num_rows for faulty in stamped), [self.hour])
                times = Counter(str(row[self.hour]) for row in rows)
                for block, found in counted.items():
                    found[name] = times[block]
        for hour, (case, _) in zip(hours, cases, strict=True):
            yield case, self._noticed(self._broken(self.plan, counted[hour.isoformat()], self.failed))

    def _broken(self, plan: Plan, counted: Mapping[str, int], failed: Mapping[str, str]) -> Broken:
        """Each rule that does not only warn: whether it fails, and how many rows break it."""
        results, _ = results_of(plan, counted, failed, self.tolerated)
        return {(r.column, r.rule): (not r.passed, r.violations) for r in results if not r.warns}

    def _noticed(self, after: Broken) -> bool:
        for rule, (fails, violations) in after.items():
            failed, known = self.before.get(rule, (False, 0))
            if fails and (not failed or violations > known):
                return True
        return False


def _names() -> Iterator[str]:
    yield from (f"hour {number}" for number in itertools.count())
