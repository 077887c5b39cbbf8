"""What a stream and its environment say of the screen behind it."""

import io
import os

import pytest

from mlscore.report.screen import MOST_WIDTH, Screen, screen_of


class Stream(io.StringIO):
    """A stream that says what it is told to."""

    def __init__(self, *, tty=True, encoding="utf-8"):
        super().__init__()
        self._tty = tty
        self._encoding = encoding

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return self._tty


@pytest.mark.parametrize(
    ("environ", "tty", "color"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, False),
    ],
)
def test_colors(environ, tty, color):
    assert screen_of(Stream(tty=tty), environ).color is color


@pytest.mark.parametrize(
    ("environ", "encoding", "unicode"),
    [
        ({}, "utf-8", True),
        ({}, "UTF8", True),
        ({}, "utf-16", True),
        ({}, None, True),
        ({}, "cp1252", False),
        ({}, "ascii", False),
        ({}, "no-such-encoding", False),
        ({"TERM": "dumb"}, "utf-8", False),
    ],
)
def test_unicode(environ, encoding, unicode):
    assert screen_of(Stream(tty=False, encoding=encoding), environ).unicode is unicode


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        ("100", 100),
        ("40", 40),
        ("5", 20),
        ("9999", MOST_WIDTH),
        ("0", 80),
        ("-3", 80),
        ("wide", 80),
        ("", 80),
        ("²", 80),
    ],
)
def test_columns_say_the_width(columns, width):
    assert screen_of(Stream(tty=False), {"COLUMNS": columns}).width == width


def test_a_terminal_says_its_own_width(monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda descriptor: os.terminal_size((97, 30)))
    stream = Stream()
    stream.fileno = lambda: 1
    assert screen_of(stream, {}).width == 97


def test_a_terminal_that_does_not_know_its_width_has_80_columns():
    assert screen_of(Stream(), {}).width == 80


def test_a_stream_that_is_closed_or_odd_is_no_terminal():
    closed = io.StringIO()
    closed.close()
    assert screen_of(closed, {}) == Screen(80, color=False, unicode=True)
    assert screen_of(object(), {}) == Screen(80, color=False, unicode=True)
