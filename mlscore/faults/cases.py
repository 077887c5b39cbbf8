"""Every fault that a table can have, as a list of cases: what to try a schema, a drift check or a test suite with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import pyarrow as pa

from mlscore.errors import InputError
from mlscore.faults.base import Fault, Injected, check_role
from mlscore.faults.registry import catalogue
from mlscore.faults.settings import ROLES


@dataclass(frozen=True, slots=True)
class Case:
    """One fault for one choice of columns, with its seed. `str()` of it is an id that stays the same from run to run."""

    fault: Fault
    columns: tuple[str, ...]
    seed: int = 0

    def apply(self, table: pa.Table) -> Injected:
        """Put the fault into a table: the one the cases were made for, or another with these columns."""
        return self.fault.apply(table, columns=self.columns, seed=self.seed)

    def __str__(self) -> str:
        return f"{self.fault}:{'+'.join(self.columns)}" if self.columns else str(self.fault)

    @property
    def __name__(self) -> str:
        """The id under which pytest shows the case without being asked to."""
        return str(self).encode("unicode_escape").decode("ascii")


def every_fault(
    table: pa.Table,
    label: str | None = None,
    time: str | None = None,
    entity: str | None = None,
    seed: int = 0,
    faults: Iterable[Fault] | None = None,
) -> tuple[Case, ...]:
    """Every fault in all its variants with every choice of columns that it can be put into in this table.

    `label`, `time` and `entity` name columns for the faults that ask for them. `faults` are the faults to try, the
    whole catalogue by default; `[fault("nulls", share=0.02)]` tries one at another size. Each case was tried on the
    table: what cannot be applied (a fault of text to a table without text, an outlier in an all-null column) is
    left out. Raises InputError for an empty table and for a role's column that is not there or has no order,
    UsageError for a seed that is no whole number.

        @pytest.mark.parametrize("case", every_fault(GOOD, label="late", time="day"))
        def test_the_checks_notice(case):
            assert problems(case.apply(GOOD).table)
    """
    roles = {name: value for name, value in zip(ROLES, (label, time, entity), strict=True) if value is not None}
    for role, name in roles.items():
        check_role(table, role, name)
    if not table.num_rows:
        raise InputError("the table has no rows, so no fault can be put into it")
    chosen = catalogue() if faults is None else tuple(faults)
    tried = [variant for fault in chosen for variant in _cast(fault, roles).variants()]
    cases = (Case(fault, columns, seed) for fault in tried for columns in fault.columns(table))
    return tuple(case for case in cases if _applies(case, table))


def _cast(fault: Fault, roles: dict[str, str]) -> Fault:
    """The fault with the roles it asks for and has not been given."""
    asked = {each.name for each in fields(fault) if each.metadata.get("role") and getattr(fault, each.name) is None}
    return replace(fault, **{name: value for name, value in roles.items() if name in asked})


def _applies(case: Case, table: pa.Table) -> bool:
    try:
        case.apply(table)
    except InputError:
        return False
    return True
