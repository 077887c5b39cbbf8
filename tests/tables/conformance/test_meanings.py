"""What engines by themselves take differently and must take alike: regular expressions, numbers out of range, order."""

import re

import pyarrow as pa
import pytest

from mlscore.tables.conditions import Compare, Matches
from mlscore.tables.shapes import Tolerance

TEXTS = [
    "",
    "a",
    "ab",
    "AB",
    "a\nb",
    "a\n",
    "a\rb",
    "a b",
    "word_1 2",
    "naïve",
    "Éa",
    "x]y",
    "a^b",
    "[a]",
    "a&&b",
    "tab\there",
    "$5.00",
    "back\\slash",
    "2013-01-31",
]
PATTERNS = [
    "a",
    "a.b",
    "^a$",
    "^a",
    "b$",
    r"\bb",
    r"\Bb",
    r"\w+",
    r"\W",
    r"\d{4}-\d{2}-\d{2}",
    r"\s",
    r"\S\s\S",
    "[^a]b",
    r"[\w]",
    r"[\d\s]",
    r"[^\w\s]",
    "[]x]",
    "[^]x]",
    r"[\[\]]",
    "[[]",
    "[a&&b]",
    "(?i)ab",
    "(?s)a.b",
    "(?P<first>a)b",
    "(?:a|x)b",
    "a{1,2}",
    "a+?b",
    r"\$\d\.",
    r"back\\s",
    "a?",
]


@pytest.fixture(scope="module")
def texts():
    """Texts in which patterns are looked for."""
    return pa.table({"t": TEXTS})


@pytest.mark.filterwarnings("ignore:Possible (nested set|set intersection):FutureWarning")
def test_a_pattern_matches_the_same_texts_everywhere(load, texts):
    conditions = {}
    for number, pattern in enumerate(PATTERNS):
        conditions[f"{number} part"] = Matches("t", pattern)
        conditions[f"{number} start"] = Matches("t", pattern, start=True)
        conditions[f"{number} full"] = Matches("t", pattern, full=True)
    found = load(texts).violations(conditions)
    for number, pattern in enumerate(PATTERNS):
        expected = {
            "part": sum(searched(pattern, text) for text in TEXTS),
            "start": sum(searched(f"^(?:{pattern})", text) for text in TEXTS),
            "full": sum(searched(f"^(?:{pattern})$", text) for text in TEXTS),
        }
        assert {how: found[f"{number} {how}"] for how in expected} == expected, pattern


def searched(pattern, text):
    """Python's search where it means what is meant: classes of ASCII, `$` at the very end."""
    flags = "".join(re.findall(r"\(\?([is]+)\)", pattern))
    bare = re.sub(r"\(\?[is]+\)", "", pattern)
    bare = re.sub(r"(?<!\\)\$(?=$|\))", r"\\Z", bare)
    return re.search(f"(?a{flags}){bare}", text) is not None


def test_numbers_out_of_range(load):
    values = [1.7e308, -1.7e308, 1e160, -1e160, 5e-324, -5e-324, 1e-200, 0.0, None]
    table = load(pa.table({"x": pa.array(values, pa.float64())}))
    found = table.profile().columns[0]
    assert (found.minimum, found.maximum, found.zero, found.negative) == (-1.7e308, 1.7e308, 1, 3)
    assert (found.infinite, found.nan, found.null, found.distinct) == (0, 0, 1, 8)
    assert found.deviation is None
    assert sum(found.histogram) == 8
    limits = {"huge": Compare("x", ">", 1e300), "tiny": Compare("x", "<", 1e-300), "none": Compare("x", ">", 1.75e308)}
    assert table.violations(limits) == {"huge": 1, "tiny": 5, "none": 0}


@pytest.mark.parametrize("tolerance", [Tolerance(), Tolerance(1e-9), Tolerance(0, 1e-9), Tolerance(1e308, 2.0)])
def test_differences_out_of_range(load, tolerance):
    left = pa.table({"id": [1, 2, 3], "x": [1.7e308, 5e-324, 1e-310]})
    right = pa.table({"id": [1, 2, 3], "x": [-1.7e308, 5e-324, 1.5e-310]})
    found = load(left).join(load(right), "id", {"x": tolerance}).columns[0]
    small = tolerance.absolute == 0
    assert found.differing == (tolerance.relative < 1) + small
    assert found.largest == pytest.approx(5e-311, rel=1e-6) if small else found.largest is None


def test_texts_are_ordered_by_their_code_points(load):
    texts = ["b", "B", "a", "Z", "é", "_", "🙂", "ﬀ", "aa", "a b"]
    table = load(pa.table({"t": texts}))
    found = table.profile(top=3).columns[0]
    assert (found.minimum, found.maximum) == (min(texts), max(texts))
    assert [entry.value for entry in found.top] == sorted(texts)[:3]
    limits = {text: Compare("t", "<", text) for text in texts}
    assert table.violations(limits) == {text: sum(other < text for other in texts) for text in texts}
