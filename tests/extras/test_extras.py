"""Where environments stand, which Python builds them, when one is used again, and what is said when nothing works."""

import shutil
import sys
from pathlib import Path

import pytest

from mlscore.errors import OutputError, UsageError
from mlscore.extras import build, interpreters, shapes
from mlscore.extras.build import failure, install, is_sound, remove
from mlscore.extras.interpreters import Interpreter, choose
from mlscore.extras.known import EXTRAS, OF_PIP, find_extra
from mlscore.extras.places import MARKER, find, folder_of, home, need
from mlscore.extras.shapes import python_in

DEEPCHECKS = EXTRAS["deepchecks"]


def test_the_home_is_where_it_is_said_to_be(tmp_path):
    assert home({"MLSCORE_HOME": str(tmp_path), "XDG_DATA_HOME": "/other"}) == tmp_path
    assert home({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "mlscore"
    # A relative one counts as none.
    assert home({"XDG_DATA_HOME": "data"}) == home({})
    assert home({}).is_relative_to(Path.home())


def test_no_home_is_told(monkeypatch):
    def unknown():
        raise RuntimeError

    monkeypatch.setattr(Path, "home", unknown)
    with pytest.raises(UsageError, match="set MLSCORE_HOME"):
        home({})


def test_pins_are_whole():
    named = {}
    for python in DEEPCHECKS.pythons:
        lines = DEEPCHECKS.pins(python).splitlines()
        parts = [line.split() for line in lines]
        assert all(len(one) == 2 and "==" in one[0] and one[1].startswith("--hash=sha256:") for one in parts)
        named[python] = dict(one[0].split("==") for one in parts)
        assert lines == sorted(lines)
    assert set(named) == {"3.11", "3.12"}
    for pins in named.values():
        assert pins["deepchecks"] == "0.19.1"
        assert (pins["pandas"][0], pins["numpy"][0], pins["scikit-learn"][:3]) == ("2", "1", "1.5")
    # One package is for the older Python alone.
    assert set(named["3.11"]) - set(named["3.12"]) == {"overrides"}


def test_what_runs_there_is_led_nowhere_else(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    given = DEEPCHECKS.surroundings(tmp_path)
    assert given["DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY"] == "1"
    assert given["MPLCONFIGDIR"] == f"{tmp_path}/matplotlib"
    assert not {"PYTHONPATH", "PIP_TARGET"} & set(given)
    assert given["PIP_INDEX_URL"] == "https://mirror.example/simple"


@pytest.mark.parametrize("name", OF_PIP)
def test_what_pip_brings_is_told(name):
    with pytest.raises(UsageError, match=r'pip install "ml-test-score\[' + name):
        find_extra(name)


def test_an_unknown_extra_is_told():
    with pytest.raises(UsageError, match='did you mean "deepchecks"'):
        find_extra("deepcheck")


def test_an_absent_environment_says_the_one_command(home):
    with pytest.raises(UsageError) as told:
        need("deepchecks")
    assert str(told.value) == "the environment of deepchecks is not there; mlscore extra install deepchecks"


def test_a_python_without_pins_is_refused(monkeypatch):
    monkeypatch.setattr(interpreters, "ask", lambda path: Interpreter(str(path), "3.13", "3.13.0", True))
    with pytest.raises(UsageError, match=r"works with Python 3\.11 or 3\.12; this is .* --python PATH"):
        choose(DEEPCHECKS)
    with pytest.raises(UsageError, match=r"p: this is Python 3\.13\.0; deepchecks works with Python 3\.11 or 3\.12"):
        choose(DEEPCHECKS, Path("p"))


def test_another_python_on_the_path_is_taken(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    minors = {sys.executable: "3.13", "/usr/bin/python3.12": "3.12"}
    monkeypatch.setattr(interpreters, "ask", lambda path: Interpreter(path, minors[path], minors[path] + ".1", True))
    assert choose(DEEPCHECKS).path == "/usr/bin/python3.12"


def test_a_python_that_makes_no_environments_is_told(monkeypatch):
    monkeypatch.setattr(interpreters, "ask", lambda path: Interpreter(str(path), "3.12", "3.12.1", False))
    for given in (None, Path("p")):
        with pytest.raises(UsageError, match=r"its ensurepip is missing; install it .Debian and Ubuntu: python3-venv."):
            choose(DEEPCHECKS, given)


def test_what_is_no_python_is_told(tmp_path):
    with pytest.raises(UsageError, match="this is no Python that runs"):
        choose(DEEPCHECKS, tmp_path / "none")
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    with pytest.raises(UsageError, match="this is no Python that runs"):
        choose(DEEPCHECKS, tmp_path / "text")


HASHES = """ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
toytool==1.0 from file:///wheels/toytool-1.0-py3-none-any.whl (from -r pins.txt (line 1)):"""
OFFLINE = """WARNING: Retrying after connection broken by 'NewConnectionError(...: Failed to establish a new connection)'
ERROR: Could not find a version that satisfies the requirement anyio==4.16.0 (from versions: none)
ERROR: No matching distribution found for anyio==4.16.0"""


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        (HASHES, UsageError, "not the one that was pinned: toytool==1.0; let pip install from an index"),
        (OFFLINE, UsageError, "the package index cannot be reached; mend the network or pip's own settings"),
        (OFFLINE.partition("\n")[2], UsageError, "pip's package index has no wheel of anyio==4.16.0 for this system"),
        (
            "ERROR: [Errno 28] No space left on device: 'x'",
            OutputError,
            "the disk is full; make room or set MLSCORE_HOME",
        ),
        ("x\nERROR: odd https://me:secret@host/x", UsageError, "w: odd https://***@host/x; mend that"),
        ("", UsageError, "it said nothing"),
    ],
)
def test_failures_say_what_to_do(said, kind, told):
    error = failure("w", said.splitlines())
    assert type(error) is kind
    assert told in str(error)


def test_too_little_room_is_told_before_anything_is_done(toy, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 999))
    with pytest.raises(OutputError, match="0 MB are free, and building toy takes 1 MB; make room or set MLSCORE_HOME"):
        install(toy)
    assert not folder_of(toy).exists()


def test_a_home_that_cannot_be_written_is_told(toy, home):
    home.write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match=r"cannot be written: .*set MLSCORE_HOME to another folder"):
        install(toy)


def test_an_interruption_leaves_what_was_there(toy, monkeypatch):
    place = folder_of(toy)
    place.mkdir(parents=True)
    (place / "old").write_text("old", encoding="utf-8")
    (place.parent / ".toy-left").mkdir()

    def interrupted(command, *rest):
        Path(command[-1]).mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        install(toy)
    assert sorted(one.name for one in place.parent.iterdir()) == [".toy.lock", "toy"]
    assert (place / "old").exists()


@pytest.mark.parametrize("marker", ["", "[]", '{"python": "3.11.7"}', '{"python": "3.1", "pins": "x"}', None])
def test_a_half_built_environment_is_none(toy, marker):
    place = folder_of(toy)
    python_in(place).parent.mkdir(parents=True)
    python_in(place).touch()
    if marker is not None:
        (place / MARKER).write_text(marker, encoding="utf-8")
    assert find(toy) is None
    with pytest.raises(UsageError, match="is broken, or not of today's pins; mlscore extra install toy"):
        need("toy")
    assert remove(toy) == place
    assert remove(toy) is None


@pytest.mark.slow
def test_an_environment_is_built_once_and_again_when_it_broke(toy, home):
    said = []
    found, built = install(toy, tell=lambda what, share: said.append(what))
    assert built
    assert found.folder == home / "extras" / "toy"
    assert found == find(toy) == need("toy")
    assert any(one == "fetching 1 of 1 packages" for one in said)
    assert sorted(one.name for one in found.folder.parent.iterdir()) == [".toy.lock", "toy"]
    made = found.made
    found, built = install(toy)
    assert (built, found.made) == (False, made)

    module = next(found.folder.glob("lib*/**/toytool-1.0.dist-info"))
    shutil.rmtree(module)
    assert find(toy) is not None
    assert not is_sound(found)
    found, built = install(toy)
    assert built
    assert is_sound(found)

    # A pin that changed makes it one of yesterday.
    for path in shapes._PINS.iterdir():
        path.write_text("toytool==2.0\n", encoding="utf-8")
    assert find(toy) is None
