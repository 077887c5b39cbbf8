"""Reading text files of the user's: bytes that are no text, files that are no files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.errors import ConfigError, InputError
from mlscore.project.read import parse_toml, read_text


@pytest.mark.parametrize("text", ["", "a\nb", "a\r\nb\r\n", "prøject ñ 漢", "a\rb"])
def test_text_is_read_as_it_is(write, text):
    assert read_text(write("a.toml", text), where="a.toml") == text
    assert read_text(write("a.toml", b"\xef\xbb\xbf" + text.encode()), where="a.toml") == text


@pytest.mark.parametrize(
    ("data", "says"), [(b"a\nb\xff", "byte 0xff on line 2"), (b"\xff\xfea\0", "byte 0xff on line 1"), (b"\xc3", "0xc3")]
)
def test_bytes_that_are_no_utf_8_are_named_with_their_line(write, data, says):
    with pytest.raises(ConfigError, match=says):
        read_text(write("a.toml", data), where="a.toml")


def test_what_is_no_readable_file_is_named(root, write, monkeypatch):
    write("file", "x")
    (root / "loop").symlink_to("loop")
    (root / "nowhere").symlink_to("gone")
    for name, says in [
        ("gone", "there is no such file"),
        (".", "a folder"),
        ("file/below", "cannot be read"),
        ("loop", "symbolic link"),
        ("nowhere", "leads nowhere"),
    ]:
        with pytest.raises(InputError, match=says):
            read_text(root / name, where=name, error=InputError)
    monkeypatch.setattr(Path, "read_bytes", lambda path: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(ConfigError, match="no permission"):
        read_text(root / "file", where="file")


@given(st.text(alphabet='ab=[]{}"#.\n 1-:T', max_size=40))
def test_any_text_is_toml_or_the_one_error(text):
    data, line = None, None
    try:
        data = parse_toml(text, where="a.toml")
    except ConfigError as error:
        line = error.where.line
    assert isinstance(data, dict) or 1 <= line <= text.count("\n") + 1
