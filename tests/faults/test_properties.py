"""For any table and any fault: reproducible, sized, sound, the input untouched, or a clear refusal."""

import datetime as dt
from dataclasses import fields, replace

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore.errors import InputError
from mlscore.faults import catalogue, every_fault
from mlscore.faults.base import CellFault

VARIANTS = [variant for each in catalogue() for variant in each.variants()]
TYPES = {
    pa.int8(): st.integers(-128, 127),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float16(): st.floats(width=16),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.decimal128(6, 2): st.decimals(-9999, 9999, places=2),
    pa.decimal256(60, 3): st.decimals(-(10**20), 10**20, places=3),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(st.characters(codec="utf-8"), max_size=5),
    pa.dictionary(pa.int8(), pa.string()): st.sampled_from(["EWR", "JFK", "lga", "Málaga", ""]),
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("ns"): st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)),
    pa.timestamp("ms", "America/New_York"): st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2030, 1, 1)),
    pa.list_(pa.int8()): st.lists(st.integers(0, 3), max_size=2),
}


@st.composite
def tables(draw):
    rows = draw(st.integers(0, 12))
    kinds = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=4))
    columns = []
    for kind in kinds:
        values = st.lists(st.none() | TYPES[kind], min_size=rows, max_size=rows)
        if draw(st.booleans()):  # few values that repeat
            few = draw(st.lists(TYPES[kind], min_size=1, max_size=3))
            values = st.lists(st.none() | st.sampled_from(few), min_size=rows, max_size=rows)
        array = pa.array(draw(values), pa.string() if pa.types.is_dictionary(kind) else kind).cast(kind)
        cut = draw(st.integers(0, rows))
        columns.append(pa.chunked_array([array.slice(0, cut), array.slice(cut)], type=kind))
    return pa.table(columns, names=[f"c{place}" for place in range(len(kinds))])


@st.composite
def sized(draw):
    """A fault with any size, its roles played by any column."""
    each = draw(st.sampled_from(VARIANTS))
    given_sizes = {}
    for field in fields(each):
        if field.name == "share":
            given_sizes["share"] = draw(st.floats(0, 1, exclude_min=True))
        elif field.metadata.get("role") and draw(st.booleans()):
            given_sizes[field.name] = draw(st.sampled_from(["c0", "c1"]))
    return replace(each, **given_sizes)


@given(tables(), sized(), st.integers())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_fault_on_any_table(assert_sound, assert_same, table, each, seed):
    before = repr(table.to_pydict())
    for names in each.columns(table):
        try:
            injected = each.apply(table, columns=names, seed=seed)
        except InputError:
            continue
        assert_sound(table, injected, each)
        assert_same(each.apply(table, columns=names, seed=seed), injected)
        if hasattr(each, "share") and each.id not in ("clipped-range", "lost-slice"):
            asked = max(
                each.least if each.id in ("shuffled", "label-leak") else 1, int(each.share * injected.able + 0.5)
            )
            assert injected.taken == min(asked, injected.able)
    assert repr(table.to_pydict()) == before


@given(
    tables(),
    st.sampled_from([each for each in VARIANTS if isinstance(each, CellFault)]),
    st.floats(0.01, 1),
    st.integers(),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_larger_share_takes_the_same_rows_and_more(table, each, share, seed):
    for names in each.columns(table):
        try:
            whole = replace(each, share=1.0).apply(table, columns=names, seed=seed)
        except InputError:
            continue
        part = replace(each, share=share).apply(table, columns=names, seed=seed)
        assert part.able == whole.able == len(whole.rows)
        assert set(part.rows.tolist()) <= set(whole.rows.tolist())
        for row in part.rows.tolist():
            assert repr(part.table[names[0]][row]) == repr(whole.table[names[0]][row])


@given(tables(), st.integers())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_case_listed_applies(table, seed):
    if not table.num_rows:
        return
    roles = [field.name for field in table.schema if not pa.types.is_list(field.type)]
    cases = every_fault(table, *([roles[0], roles[0], roles[-1]] if roles else []), seed=seed)
    assert len({str(case) for case in cases}) == len(cases)
    for case in cases:
        assert len(case.apply(table).rows)
