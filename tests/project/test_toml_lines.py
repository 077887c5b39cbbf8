"""The lines of TOML keys: never a wrong one, checked against the standard library's reading of the same text."""

import itertools
import tomllib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlscore.project.toml_lines import find_line, key_lines

TEXT = '''\
# a comment
name = "x"  # name = 2
[tool.mlscore]
strict = true
gate.on = "verified"

[tool.mlscore.gate]
floors = { data = 3, infra = 0.5 }
must-have = [
  "data-1",  # ["x"]
  { item = "infra-4",
    level = "automated" },
]

[[tool.mlscore.attestation]]
"item" = "monitor-4"
what = """
[[tool.mlscore.attestation]]
item = "no key"
""\\""""
'link' = "https://example.org/#a"

[[tool.mlscore.attestation]]
item = \'\'\'
owner = "none"\'\'\'
[tool.mlscore.attestation.more]
"a.b\\u00e9" = 1979-05-27 07:32:00
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("tool",), 3),
        (("tool", "mlscore", "strict"), 4),
        (("tool", "mlscore", "gate"), 5),
        (("tool", "mlscore", "gate", "on"), 5),
        (("tool", "mlscore", "gate", "floors", "infra"), 8),
        (("tool", "mlscore", "gate", "must-have"), 9),
        (("tool", "mlscore", "gate", "must-have", 0), 10),
        (("tool", "mlscore", "gate", "must-have", 1), 11),
        (("tool", "mlscore", "gate", "must-have", 1, "level"), 12),
        (("tool", "mlscore", "attestation"), 15),
        (("tool", "mlscore", "attestation", 0, "item"), 16),
        (("tool", "mlscore", "attestation", 0, "link"), 21),
        (("tool", "mlscore", "attestation", 1), 23),
        (("tool", "mlscore", "attestation", 1, "item"), 24),
        (("tool", "mlscore", "attestation", 1, "more", "a.bé"), 27),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_each_key_has_its_line(path, line, ends):
    text = TEXT.replace("\n", ends)
    assert key_lines(text)[path] == line


def test_keys_inside_strings_are_no_keys():
    lines = key_lines(TEXT)
    assert ("tool", "mlscore", "attestation", 2) not in lines
    assert ("tool", "mlscore", "attestation", 1, "owner") not in lines


def test_a_key_that_is_absent_has_the_line_of_the_nearest_table_around_it():
    assert find_line(TEXT, ("tool", "mlscore", "attestation", 1, "expires")) == 23
    assert find_line(TEXT, ("tool", "other")) == 3
    assert find_line(TEXT, ("other",)) is None


def test_after_something_that_is_no_toml_keys_are_left_out():
    assert key_lines("a = 1\n= 2\nb = 3\n") == {("a",): 1}
    assert key_lines('a = """\nb = 3\n') == {("a",): 1}
    assert key_lines('a = 1\n"\\q" = 2\nb = 3\n') == {("a",): 1}
    assert key_lines("a\n[b\n") == {}


def test_nesting_too_deep_to_follow_is_no_failure():
    assert key_lines("b = 1\na = " + "[" * 100_000)[("b",)] == 1


# Texts whose every value carries a number of its own, so that a line can be told by what stands on it.
KEYS = st.sampled_from(["a", "b", "c-1", '"d.e"', "'f g'", '"h\\u00e9"', '"= #["'])
DECOYS = st.sampled_from(["", " a = 1", "\n[a]\n", '\n[[b]]\na = "', "\n# c", "\\\\", "]", "}", "''"])
SPACES = st.sampled_from(["", " ", "\t"])
GAPS = st.sampled_from(["", " ", "\n", "\n  # [a] , b = 1\n", "\r\n"])


@st.composite
def documents(draw):
    numbers = itertools.count(100_001)

    def scalar():
        mark = f"@{next(numbers)}@"
        decoy = draw(DECOYS)
        flat = decoy.replace("\n", " ").replace('"', "")
        return draw(
            st.sampled_from(
                [
                    f'"{mark}{flat}"',
                    f"'{mark}{flat.replace(chr(39), '')}'",
                    f'"""{mark}{decoy}"x\n"""',
                    f'"""{mark}{flat}"""""',
                    f"'''{mark}{decoy.replace(chr(39), '')}\n'''",
                ]
            )
        )

    def value(depth):
        kind = draw(st.sampled_from(["scalar"] * 3 + ["array", "table"])) if depth < 3 else "scalar"
        if kind == "array":
            parts = [draw(GAPS) + value(depth + 1) + draw(GAPS) for _ in range(draw(st.integers(0, 3)))]
            return "[" + ",".join(parts) + draw(GAPS) + "]"
        if kind == "table":
            pairs = [draw(SPACES) + pair(depth + 1) + draw(SPACES) for _ in range(draw(st.integers(0, 3)))]
            return "{" + ",".join(pairs) + "}"
        return scalar()

    def key():
        parts = [draw(KEYS) for _ in range(draw(st.integers(1, 2)))]
        return f"{draw(SPACES)}.{draw(SPACES)}".join(parts)

    def pair(depth):
        return f"{key()}{draw(SPACES)}={draw(SPACES)}{value(depth)}"

    rows = []
    for _ in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["pair", "pair", "pair", "table", "tables", "comment"]))
        if kind == "pair":
            rows.append(draw(SPACES) + pair(0) + draw(st.sampled_from(["", " # [x]"])))
        elif kind == "comment":
            rows.append(draw(st.sampled_from(["", "# [a]", " \t", "# a = 1"])))
        else:
            left, right = ("[", "]") if kind == "table" else ("[[", "]]")
            rows.append(f"{left}{draw(SPACES)}{key()}{draw(SPACES)}{right}")
    return draw(st.sampled_from(["\n", "\r\n"])).join([*rows, ""])


def paths_of(value, path=()):
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths_of(inner, (*path, number))


@given(documents())
@settings(max_examples=80, deadline=None)
def test_the_keys_are_those_of_the_standard_library_and_each_stands_on_its_line(text):
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    rows = text.split("\n")
    lines = key_lines(text)
    assert set(lines) == {path for path, _ in paths_of(data)}
    for path, value in paths_of(data):
        if isinstance(value, str):
            mark = value[: value.index("@", 1) + 1]
            assert mark in rows[lines[path] - 1]


@given(documents(), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_a_text_that_was_cut_off_has_no_wrong_lines(text, length):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    whole = key_lines(text)
    cut = key_lines(text[:length])
    assert cut.items() <= whole.items()


@given(st.text(alphabet="ab=[]{}\"'\\\n., #1", max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_scanner(text):
    assert all(1 <= line <= text.count("\n") + 1 for line in key_lines(text).values())
