"""Files are written whole or not at all: interrupted, killed, refused."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlscore.errors import OutputError
from mlscore.project.write import write_atomically

pytestmark = pytest.mark.mlscore("input-3")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_text_and_bytes_are_written_as_they_are(root):
    write_atomically(root / "a.txt", "prøject\r\nñ\n")
    assert (root / "a.txt").read_bytes() == "prøject\r\nñ\n".encode()
    write_atomically(root / "a.txt", b"\xff\x00")
    assert (root / "a.txt").read_bytes() == b"\xff\x00"
    assert names(root) == ["a.txt"]


def test_text_that_is_no_unicode_is_written_readably(root):
    write_atomically(root / "a.txt", "name \udce9")
    assert (root / "a.txt").read_text(encoding="utf-8") == "name \\udce9"


def test_missing_folders_are_made(root):
    write_atomically(root / "build" / "reports ñ" / "a.json", "{}")
    assert (root / "build" / "reports ñ" / "a.json").read_text(encoding="utf-8") == "{}"


def test_a_name_as_long_as_a_name_may_be(root):
    path = root / ("x" * 250 + ".json")
    write_atomically(path, "{}")
    assert path.read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o666])
def test_an_existing_file_keeps_its_mode(write, mode):
    path = write("a.sh", "old")
    path.chmod(mode)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text(encoding="utf-8") == "new"


def test_a_new_file_has_the_mode_of_any_new_file(root):
    old = os.umask(0o027)
    try:
        write_atomically(root / "a.txt", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o640


def test_a_link_stays_and_its_target_is_replaced(root, write):
    target = write("real/a.txt", "old")
    (root / "a.txt").symlink_to(target)
    (root / "new.txt").symlink_to(root / "real" / "new.txt")
    write_atomically(root / "a.txt", "new")
    write_atomically(root / "new.txt", "made")
    assert (root / "a.txt").is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
    assert (root / "real" / "new.txt").read_text(encoding="utf-8") == "made"
    assert names(root / "real") == ["a.txt", "new.txt"]


def test_a_device_and_a_pipe_are_written_to_directly(root):
    write_atomically(Path("/dev/null"), "x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    os.mkfifo(root / "pipe")
    reader = os.open(root / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(root / "pipe", "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((root / "pipe").stat().st_mode)


def test_what_cannot_be_written_is_told_in_one_sentence(root, write, complaint, snapshot):
    write("file", "x")
    (root / "loop").symlink_to("loop")
    found = {
        name: complaint(write_atomically, path, "x")
        for name, path in {
            "folder": root,
            "below a file": root / "file" / "a.json",
            "deep below a file": root / "file" / "sub" / "a.json",
            "link to itself": root / "loop",
            "where nothing can be made": Path("/proc/no/a.json"),
            "where no file can be": Path("/dev/null/a.json"),
            "name that is too long": root / ("x" * 300),
        }.items()
    }
    assert found == snapshot


@pytest.mark.parametrize(
    ("number", "text"), [(13, "Permission denied"), (30, "Read-only file system"), (28, "No space left on device")]
)
def test_a_destination_that_refuses_leaves_everything_as_it_was(
    write, root, complaint, snapshot, monkeypatch, number, text
):
    path = write("a.json", "old")

    def refuse(*args):
        raise OSError(number, text)

    monkeypatch.setattr(os, "fsync" if number == 28 else "open", refuse)
    assert complaint(write_atomically, path, "new") == snapshot
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert names(root) == ["a.json"]


def test_a_read_only_file_is_left_alone_though_its_folder_could_be_written(write, monkeypatch):
    path = write("a.json", "old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="the file is read-only; make it writable"):
        write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("moment", ["fsync", "replace"])
@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_interrupted_at_any_moment_the_old_content_stays_whole(write, root, monkeypatch, moment, interruption):
    path = write("a.json", "old")

    def interrupt(*args):
        raise interruption

    monkeypatch.setattr(os, moment, interrupt)
    with pytest.raises(interruption):
        write_atomically(path, "new")
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert names(root) == ["a.json"]


ENDLESS = """\
import signal, sys
from pathlib import Path
from mlscore.project.write import write_atomically
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in a shell's background
path = Path(sys.argv[1])
contents = [letter * 3_000_000 for letter in "ab"]
print("ready", flush=True)
for turn in range(10**9):
    write_atomically(path, contents[turn % 2])
"""


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_stopped_in_the_middle_leaves_no_half_written_file(root, blow):
    path = root / "report.json"
    for turn in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        process.stdout.readline()
        while not path.exists():
            time.sleep(0.001)
        time.sleep(0.004 * turn)
        process.send_signal(blow)
        _, errors = process.communicate(timeout=30)
        assert process.returncode != 0
        content = path.read_bytes()
        assert len(content) == 3_000_000
        assert len(set(content)) == 1
        if blow == signal.SIGINT:
            assert b"KeyboardInterrupt" in errors
            assert names(root) == ["report.json"]
