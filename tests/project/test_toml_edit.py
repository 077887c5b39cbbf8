"""Editing one table of an array: what it should say it says, and every other byte stays."""

import tomllib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.project.toml_edit import edit_entries

PATH = ("attestation",)
ENTRY = {"item": "data-6", "owner": "ml-platform", "date": date(2026, 11, 21), "expires": date(2027, 5, 20)}
TEXT = """\
# what people vouch for

[[attestation]]  # the first
  item = "monitor-4"   # age
owner = 'team-data'
date = 2026-01-02  # when

# why infra-6 has to wait
[[waiver]]
item = "infra-6"

[[attestation]]
owner = "ml-platform"
item = "data-6"
what = \"\"\"
measured
# not a comment\"\"\"

# the end
"""


def test_a_new_entry_is_added_at_the_end(snapshot):
    changed = edit_entries(TEXT, PATH, ENTRY, None)
    assert changed.startswith(TEXT)
    assert changed[len(TEXT) :] == snapshot


def test_an_entry_is_changed_where_it_stands(snapshot):
    assert edit_entries(TEXT, PATH, ENTRY, 0) == snapshot(name="first")
    assert edit_entries(TEXT, PATH, ENTRY, 1) == snapshot(name="second")


def test_the_same_values_change_nothing():
    entry = {"item": "monitor-4", "owner": "team-data", "date": date(2026, 1, 2)}
    assert edit_entries(TEXT, PATH, entry, 0) == TEXT


@pytest.mark.parametrize("number", [None, 0, 1])
def test_line_ends_stay(number):
    plain = edit_entries(TEXT, PATH, ENTRY, number)
    assert edit_entries(TEXT.replace("\n", "\r\n"), PATH, ENTRY, number) == plain.replace("\n", "\r\n")


def test_mixed_line_ends_stay_too():
    mixed = TEXT.replace("\n", "\r\n", 5)
    changed = edit_entries(mixed, PATH, ENTRY, 1)
    assert changed.startswith(mixed[: mixed.index("[[waiver]]")])


@pytest.mark.parametrize(
    "text",
    [
        'attestation = [{item = "a"}, # first\n  {item = "b"}]\nx = 1\n',
        'x = 1\n[[attestation]]\nitem = "a"\n[[attestation]]\nitem = "b"',
        '[x.y]\n[[attestation]]\nitem = "a"\n[[attestation]]\nitem = "b"\n[x]\nz = nan\n',
        '[[attestation]]\nitem = "a"\n[attestation.more]\nz = 1\n[[attestation]]\nitem = "b"\n[attestation.more]\nz = 2\n',
    ],
)
@pytest.mark.parametrize("number", [None, 0, 1])
def test_other_ways_to_write_it(text, number):
    before = tomllib.loads(text, parse_float=str)
    after = tomllib.loads(edit_entries(text, PATH, ENTRY, number), parse_float=str)
    assert after.pop("x", None) == before.pop("x", None)
    if number is None:
        assert after["attestation"] == [*before["attestation"], ENTRY]
    else:
        assert after["attestation"][number] == before["attestation"][number] | ENTRY
        assert after["attestation"][1 - number] == before["attestation"][1 - number]


@pytest.mark.parametrize(
    "text",
    [
        '[tool.mlscore]\nname = "x"\n[[tool.mlscore.attestation]]\nitem = "a"\n\n[tool.ruff]\nline-length = 100\n',
        '[tool.ruff.lint]\n[[tool.mlscore.attestation]]\nitem = "a"\n[tool.ruff]\n[tool.mlscore]\nname = "x"\n',
        '[tool]\nmlscore.attestation = [{item = "a"}]\n[tool.ruff]\nx = 1\n',
    ],
)
def test_inside_pyproject(text):
    path = ("tool", "mlscore", "attestation")
    changed = edit_entries(text, path, ENTRY, 0)
    assert tomllib.loads(changed)["tool"]["mlscore"]["attestation"] == [ENTRY]
    kept = [line for line in text.splitlines() if "item" not in line]
    assert [line for line in changed.splitlines() if line in kept] == kept


def test_what_cannot_be_said_there_is_not_written():
    # A table with a header cannot follow an array that is written in line.
    assert edit_entries("attestation = []\n", PATH, ENTRY, None) is None


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
ENTRIES = st.fixed_dictionaries(
    {"item": NAMES, "owner": NAMES, "date": st.dates(), "what": st.text(max_size=40).map(lambda t: "x" + t)}
)
COMMENTS = st.sampled_from(["", "# [[attestation]]\n", "\n\n", '# item = "x"\n', "  # ñ\n"])


@given(st.lists(st.tuples(ENTRIES, COMMENTS, COMMENTS), max_size=3), ENTRIES, st.data())
@settings(max_examples=60, deadline=None)
def test_any_entry_among_any_others(entries, entry, data):
    import tomlkit

    text = ""
    for one, above, below in entries:
        table = tomlkit.table()
        table.update(one)
        text += f"{above}[[attestation]] # of mine\n{table.as_string()}{below}"
    number = data.draw(st.sampled_from([None, *range(len(entries))]))
    changed = edit_entries(text, PATH, entry, number)
    expected = [one for one, _, _ in entries]
    if number is None:
        expected.append(entry)
        assert changed.startswith(text)
    else:
        expected[number] = expected[number] | entry
    assert tomllib.loads(changed)["attestation"] == expected
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in changed.splitlines() if line.lstrip().startswith("#")] == comments
