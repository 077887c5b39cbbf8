"""Every fault of a table as a list of cases, as the author of a test suite uses it."""

import pyarrow as pa
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.faults import catalogue, every_fault, fault

TABLE = pa.table(
    {
        "price": [1.5, 2.5, 3.25, None, 9.5, 7.25],
        "city": ["Ávila", "león", "Ávila", "león", None, "Burgos"],
        "day": pa.array([19785, 19786, 19787, 19788, 19789, 19790], pa.int32()).cast(pa.date32()),
        "late": [True, False, True, True, False, False],
        "empty": pa.nulls(6, pa.int64()),
    }
)


def test_every_fault_that_applies_is_listed():
    cases = every_fault(TABLE, label="late", time="day", entity="city")
    used = {case.fault.id for case in cases}
    assert {each.id for each in catalogue()} - used == {"time-zone-shift", "lost-time-of-day", "swapped-columns"}
    listed = [str(case) for case in cases]
    assert len(set(listed)) == len(listed)
    assert {"nulls:price", "default-value(value=N/A):city", "label-leak:price", "duplicated-rows"} <= set(listed)
    # An all-null column can only be lost; the label does not leak into itself; a text has no unit.
    assert [name for name in listed if name.endswith(":empty")] == ["lost-column:empty"]
    assert not {"label-leak:late", "unit-change:city"} & set(listed)


def test_two_columns_make_one_case():
    cases = every_fault(pa.table({"a": [1, 2], "b": [3, 4]}), faults=[fault("swapped-columns")])
    assert [str(case) for case in cases] == ["swapped-columns:a+b"]
    assert cases[0].columns == ("a", "b")


def test_roles_are_given_to_the_faults_that_ask():
    cases = every_fault(
        TABLE, label="late", time="day", entity="city", faults=[fault("stale", share=0.5), fault("nulls")]
    )
    stale = next(case.fault for case in cases if case.fault.id == "stale")
    assert stale == fault("stale", share=0.5, time="day", entity="city")
    own = every_fault(TABLE, time="day", faults=[fault("lagged-join", time="price")])
    assert {case.fault.time for case in own} == {"price"}
    assert not every_fault(TABLE, faults=[fault("label-leak")])


def test_cases_are_reproducible_and_the_seed_counts():
    table = pa.table({"a": range(100)})
    first, again, other = (every_fault(table, seed=seed, faults=[fault("nulls")])[0] for seed in (1, 1, 2))
    assert first == again
    assert first.apply(table).rows.tolist() == again.apply(table).rows.tolist() != other.apply(table).rows.tolist()


def test_a_case_applies_to_another_table_of_these_columns():
    case = every_fault(TABLE, faults=[fault("scale")])[0]
    assert case.apply(pa.table({"price": [1.0]})).table["price"].to_pylist() == [10.0]


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match='no column "dai"; did you mean "day"'):
        every_fault(TABLE, time="dai")
    with pytest.raises(InputError, match="the table has no rows"):
        every_fault(TABLE.slice(0, 0))
    with pytest.raises(InputError, match='"x" cannot be the time'):
        every_fault(pa.table({"x": [[1]]}), time="x")
    with pytest.raises(UsageError, match="a seed is a whole number"):
        every_fault(TABLE, seed="1")


SUITE = """
import pyarrow as pa
import pytest
from mlscore.faults import every_fault, fault

GOOD = pa.table({"age": [31, 42, 53, 64], "día [1]": ["a", "b", "a", "b"]})
FAULTS = [fault("nulls"), fault("unit-change"), fault("shuffled"), fault("padding")]

@pytest.mark.parametrize("case", every_fault(GOOD, faults=FAULTS))
def test_the_check_notices(case):
    table = case.apply(GOOD).table
    assert table["age"].null_count or table.column(1).null_count or max(table["age"].to_pylist()) > 64
"""


def test_a_suite_sees_by_name_what_its_check_misses(pytester):
    pytester.makepyfile(test_power=SUITE)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-v")
    result.assert_outcomes(passed=5, failed=4)
    lines = result.stdout.str()
    assert "test_power.py::test_the_check_notices[unit-change(unit=cents-to-euros):age] FAILED" in lines
    assert "test_power.py::test_the_check_notices[shuffled:age] FAILED" in lines
    assert r"test_power.py::test_the_check_notices[padding:d\xeda [1]] FAILED" in lines
