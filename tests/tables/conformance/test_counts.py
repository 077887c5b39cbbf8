"""Every engine's counts per bin and block, held against plain Python."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.tables.shapes import (
    UNDATED,
    WHOLE,
    Aspect,
    Categories,
    Edges,
    RowBlocks,
    TimeBlocks,
    Unit,
)

START = datetime(2013, 1, 29).timestamp()
EDGES = {
    "whole": (-10.5, -3.0, 0.0, 7.0),
    "real": (-100.0, -0.0, 1e-300, 99.5),
    "money": (-50.25, 0.0, 12.34),
    "day": (1_356_825_600.0, 1_357_000_000.0, 1_358_000_000.0),
    "at": (1_359_500_000.5, 1_359_700_000.0),
    "zoned": (1_359_500_000.5, 1_359_700_000.0),
    "absent": (0.0,),
}


@pytest.fixture
def both(load, awkward, reference):
    data = awkward(300)
    return load(data), reference(data)


def test_edges_of_every_ordered_kind(both, names):
    table, right = both
    found = table.counts({names[key]: Edges(values) for key, values in EDGES.items()})
    for key, values in EDGES.items():
        counts = found[names[key]][WHOLE]
        assert (counts.bins, counts.null, counts.nan) == right.binned(names[key], values), key
        assert counts.rows == 300


def test_many_edges(both, names):
    table, right = both
    edges = {
        "real": tuple(n * 2.5 for n in range(-75, 75)),
        "at": tuple(1_359_498_600.0 + 3_000 * n for n in range(99)),
    }
    found = table.counts({names[key]: Edges(values) for key, values in edges.items()})
    for key, values in edges.items():
        counts = found[names[key]][WHOLE]
        assert (counts.bins, counts.null, counts.nan) == right.binned(names[key], values), key


def test_no_categories_count_missing_values_of_every_kind(both):
    table, right = both
    found = table.counts({column.name: Categories(()) for column in table.columns})
    for name, of in found.items():
        missing = right.values(name).count(None)
        assert (of[WHOLE].bins, of[WHOLE].null, of[WHOLE].other) == ((), missing, 300 - missing), name


def test_no_edges_make_one_bin(both, names):
    table, right = both
    counts = table.counts({names["real"]: Edges(())})[names["real"]][WHOLE]
    assert (counts.bins, counts.null, counts.nan) == right.binned(names["real"], ())


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("text", ("a", "", "it's", "not there", "O'Brien; --", "back\\slash")),
        ("flag", ("true", "false", "maybe")),
        ("flag", ("false",)),
        ("whole", ("0", "-3", "zero", "7")),
        ("money", ("12.34", "x", "-77.01")),
        ("day", ("2013-01-01", "never")),
        ("text", ("A", *(f"nothing {n}" for n in range(60)), "naïve 🙂 text")),
    ],
)
def test_categories(both, names, key, values):
    table, right = both
    counts = table.counts({names[key]: Categories(values)})[names[key]][WHOLE]
    frequencies = right.frequencies(names[key])
    assert counts.bins == tuple(frequencies[value] for value in values)
    assert counts.null == right.values(names[key]).count(None)
    assert counts.other == 300 - counts.null - sum(counts.bins)


def test_lengths_of_texts(both, names):
    table, right = both
    bins = {
        "lengths": Edges((0.0, 3.0, 8.0), column=names["text"], aspect=Aspect.LENGTH),
        "many": Edges(tuple(n / 4 for n in range(60)), column=names["text"], aspect=Aspect.LENGTH),
    }
    found = table.counts(bins)
    for name, edges in bins.items():
        counts = found[name][WHOLE]
        assert (counts.bins, counts.null, counts.nan) == right.binned(names["text"], edges.values, of=len)


def test_words_of_texts(both, names):
    table, right = both
    words = Categories(("a", "so", "x", "text"), column=names["text"], aspect=Aspect.WORD)
    counts = table.counts({"words": words})["words"][WHOLE]
    texts = right.values(names["text"])
    expected = Counter(word for text in texts if text is not None for word in text.lower().split(" ") if word)
    assert counts.bins == tuple(expected[word] for word in words.values)
    assert counts.other == expected.total() - sum(counts.bins)
    assert counts.null == texts.count(None)


def start_of(unit, value):
    if value is None:
        return UNDATED
    day = datetime(value.year, value.month, value.day)
    found = {
        Unit.HOUR: day + timedelta(hours=getattr(value, "hour", 0)),
        Unit.DAY: day,
        Unit.WEEK: day - timedelta(days=value.weekday()),
        Unit.MONTH: day.replace(day=1),
        Unit.YEAR: day.replace(day=1, month=1),
    }
    return found[unit].isoformat()


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("key", ["at", "zoned", "day"])
def test_blocks_of_time(both, names, key, unit):
    table, right = both
    rows = defaultdict(list)
    for row in right.rows:
        rows[start_of(unit, row[names[key]])].append(row)
    bins = {names["whole"]: Edges((0.0,)), names["text"]: Categories(("a", "A"))}
    found = table.counts(bins, TimeBlocks(names[key], unit))
    assert list(found[names["whole"]]) == sorted(rows, key=lambda name: (name == UNDATED, name))
    for block, counts in found[names["whole"]].items():
        assert (counts.bins, counts.null, counts.nan) == right.binned(names["whole"], (0.0,), rows[block])
    for block, counts in found[names["text"]].items():
        texts = [row[names["text"]] for row in rows[block]]
        assert (*counts.bins, counts.null) == (texts.count("a"), texts.count("A"), texts.count(None))


def test_rows_are_numbered_beside_a_column_of_that_name(load):
    table = load(pa.table({"mlscore row": ["a", "b"] * 50, "n": list(range(100))}))
    found = table.counts({"n": Edges((49.5,)), "mlscore row": Categories(("a",))}, RowBlocks(50))
    assert {block: of.bins for block, of in found["n"].items()} == {"0": (50, 0), "1": (0, 50)}
    assert [of.bins for of in found["mlscore row"].values()] == [(25,), (25,)]


def test_many_categories_and_words_in_blocks(both, names):
    table, right = both
    bins = {
        names["text"]: Categories(("a", *(f"nothing {n}" for n in range(60)))),
        "words": Categories(("a",), column=names["text"], aspect=Aspect.WORD),
    }
    found = table.counts(bins, TimeBlocks(names["day"], Unit.MONTH))
    whole = table.counts(bins)
    for name in bins:
        blocks = found[name].values()
        assert sum((b.bins[0] for b in blocks), 0) == whole[name][WHOLE].bins[0] > 0
        total = next(iter(blocks))
        for more in list(blocks)[1:]:
            total += more
        assert total == whole[name][WHOLE]
    january = [
        row[names["text"]] for row in right.rows if start_of(Unit.MONTH, row[names["day"]]).startswith("2013-01")
    ]
    assert found[names["text"]]["2013-01-01T00:00:00"].bins[0] == january.count("a")


def test_blocks_of_rows(both, names):
    table, right = both
    found = table.counts({names["whole"]: Edges((0.0,))}, RowBlocks(70))[names["whole"]]
    assert list(found) == ["0", "1", "2", "3", "4"]
    assert [counts.rows for counts in found.values()] == [70, 70, 70, 70, 20]
    for number, counts in enumerate(found.values()):
        rows = right.rows[number * 70 : number * 70 + 70]
        assert (counts.bins, counts.null, counts.nan) == right.binned(names["whole"], (0.0,), rows)


def test_an_empty_table_counts_nothing(load, awkward, names):
    table = load(awkward(1).slice(0, 0))
    counts = table.counts({names["whole"]: Edges((0.0,)), names["text"]: Categories(("a",))})
    assert [c[WHOLE].rows for c in counts.values()] == [0, 0]
    assert table.counts({names["whole"]: Edges((0.0,))}, TimeBlocks(names["at"], Unit.DAY)) == {names["whole"]: {}}


@pytest.mark.parametrize(
    ("key", "bins"),
    [
        ("text", Edges((0.0,))),
        ("flag", Edges((0.0,))),
        ("raw", Categories(("a",))),
        ("many", Categories(("a",))),
        ("whole", Edges((0.0,), aspect=Aspect.LENGTH)),
        ("text", Edges((0.0,), aspect=Aspect.WORD)),
        ("text", Categories(("a",), aspect=Aspect.LENGTH)),
    ],
)
def test_bins_that_do_not_fit_the_column(both, names, key, bins):
    with pytest.raises(InputError, match="do not fit"):
        both[0].counts({names[key]: bins})


def test_blocks_of_a_column_without_times(both, names):
    with pytest.raises(InputError, match="not times"):
        both[0].counts({names["whole"]: Edges((0.0,))}, TimeBlocks(names["text"], Unit.DAY))


@pytest.mark.parametrize("key", ["whole", "real", "money", "day", "at"])
def test_edges_hold_about_equally_many_rows(both, names, key):
    table, right = both
    edges = table.edges([names[key]], 10)[names[key]]
    assert edges.values == pytest.approx(sorted({right.quantile(names[key], n / 10) for n in range(1, 10)}), abs=1e-6)


def test_edges_of_nothing(both, names):
    assert both[0].edges([names["absent"]], 10) == {names["absent"]: Edges(())}
    assert both[0].edges([names["whole"]], 1) == {names["whole"]: Edges(())}
    with pytest.raises(InputError, match="edges do not fit"):
        both[0].edges([names["text"]], 10)


def test_most_frequent_values_first(both, names):
    table, right = both
    found = table.top([names["text"], names["flag"], names["whole"]], 4)
    for key in ("text", "flag", "whole"):
        frequencies = right.frequencies(names[key])
        ranked = sorted(frequencies, key=lambda value: (-frequencies[value], value))[:4]
        assert found[names[key]] == Categories(tuple(ranked)), key


def test_most_frequent_words(both, names):
    found = both[0].top([names["text"]], 2, Aspect.WORD)[names["text"]]
    texts = [text for text in both[1].values(names["text"]) if text]
    words = Counter(word for text in texts for word in text.lower().split(" ") if word)
    ranked = sorted(words, key=lambda word: (-words[word], word))
    assert found == Categories(tuple(ranked[:2]), aspect=Aspect.WORD)


def test_the_most_frequent_of_decimals_longer_than_doubles(load):
    long, short = Decimal("100000000000000000000.25"), Decimal("0.10")
    table = load(pa.table({"d": pa.array([long, long, short], pa.decimal128(30, 2))}))
    categories = table.top(["d"], 2)["d"]
    assert len(categories.values) == 2
    assert table.counts({"d": categories})["d"][WHOLE].bins == (2, 1)
