"""Files that cannot be reports are answered by one sentence, and nothing in them is run or expanded."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.reports.load import MOST_BYTES, clean, load_document, moment, number
from mlscore.checks.reports.read import read_report
from mlscore.errors import InputError, UsageError

BOMB = """<?xml version="1.0"?>
<!DOCTYPE coverage [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<coverage line-rate="1">&b;</coverage>"""
OUTSIDE = """<!DOCTYPE coverage [<!ENTITY a SYSTEM "file:///etc/hostname">]><coverage line-rate="1">&a;</coverage>"""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the report is empty; write it anew"),
        (b" \n", "the report is empty"),
        (b'{"a": 1', r"not valid JSON: it ends too early \(line 1\); it was cut off"),
        (b'{"a": "b', r"not valid JSON: it ends too early \(line 1\)"),
        (b'{"a" 1}', r"not valid JSON: expecting ':' delimiter \(line 1\); write it anew"),
        (b"[" * 100_000, "not valid JSON: nested too deeply"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not valid JSON: a number is too long"),
        (b'{"a": "\xe9"}', "not UTF-8: byte 0xe9 on line 1; save the file as UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8 but UTF-16; save the file as UTF-8"),
        (b"\x89PNG\r\n", "not UTF-8: byte 0x89"),
        (b"PK\x03\x04\x00\x00", "a binary file, no report as text"),
        (b"<coverage line-rate=", "not valid XML: "),
        (BOMB.encode(), "XML that declares entities of its own is not read"),
        (OUTSIDE.encode(), "XML that declares entities of its own is not read"),
        (b"hello", "no report of a known format; known are deepchecks, evidently"),
        (b"[1, 2]", "no report of a known format"),
        (b"{}", "no report of a known format"),
        (b"<html></html>", "no report of a known format"),
        (b'{"name": "flights"}', "no report of a known format"),
    ],
)
def test_no_reports(read, content, why):
    with pytest.raises(InputError, match=why) as caught:
        read(content)
    assert str(caught.value).startswith("report.json: ")
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_hindrance(read):
    assert read(b"\xef\xbb\xbf" + b'{"accuracy": 0.5}').metrics == {"accuracy": 0.5}


def test_a_great_file_is_refused_unread(tmp_path):
    path = tmp_path / "great.json"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)  # a hole: nothing of it is on the disk
    with pytest.raises(InputError, match="the report is of 200 MB, and 64 MB is the most that is read; write it with"):
        load_document(path, "great.json")
    assert MOST_BYTES == 64 * 2**20


def test_what_is_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_report(tmp_path / "none.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="no report of a known format"):
        read_report(tmp_path / "folder")
    (tmp_path / "dead").symlink_to("nowhere")
    with pytest.raises(InputError, match="a symbolic link that leads nowhere"):
        read_report(tmp_path / "dead")


def test_a_pipe_is_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no regular file"):
        read_report(tmp_path / "pipe")


def test_an_unknown_format(read):
    with pytest.raises(UsageError, match=r'there is no format "evidntly"; did you mean "evidently"\?'):
        read({"accuracy": 1}, "evidntly")


def test_another_tool_s_report(read):
    with pytest.raises(InputError, match=r"no report of Evidently; it is one of pytest-benchmark"):
        read({"benchmarks": [], "machine_info": {}}, "evidently")
    with pytest.raises(InputError, match="no report of Evidently; mend the path, or the format's name"):
        read({"accuracy": 1}, "evidently")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_that_json_does_not_have(read, word):
    value = read(f'{{"loss": {word}, "accuracy": 0.5}}').metrics["loss"]
    assert math.isnan(value) if word == "NaN" else value == float(word)


def test_texts_of_reports_are_harmless():
    assert clean("a\x1b[31mred\nline\u202e") == "a [31mred line"
    assert len(clean("x" * 1000)) == 160
    assert "hunter2" not in clean("postgresql://me:hunter2@host/db")


def test_names_that_become_one_lose_no_value(read):
    assert read({"recall ": 0.9, "recall": 0.1, "\trecall": 0.5}).metrics == {
        "recall": 0.9,
        "recall (2)": 0.1,
        "recall (3)": 0.5,
    }
    long = "x" * 500
    assert sorted(read({long + "a": 0.9, long + "b": 0.1}).metrics.values()) == [0.1, 0.9]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), (0.5, 0.5), (True, None), ("1", None), (None, None), (10**400, math.inf), (-(10**400), -math.inf)],
    ids=range(7),
)
def test_numbers(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-21T21:38:21Z", "20261121T213821Z", "2026-11-21 21:38:21", "2026-11-21T22:38:21+01:00"),
        *(1795297101, 1795297101000, "1795297101", "1795297101000"),
    ],
)
def test_times(text):
    assert moment(text) == datetime(2026, 11, 21, 21, 38, 21, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "yesterday", "7", math.nan, math.inf, 1e300, [], "9" * 19])
def test_no_times(text):
    assert moment(text) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(data=JSON)
def test_any_json_is_a_report_or_an_input_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "any.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    said = None
    try:
        metrics = read_report(path).metrics
    except InputError as error:
        metrics, said = {}, str(error)
    assert said is None or said.startswith("any.json: ")
    assert all(isinstance(one, float) for one in metrics.values())
