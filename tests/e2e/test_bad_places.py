"""Places that cannot be read or written: folders, files in the way, full disks, read-only projects, links in a circle."""

import os
import stat
import sys

import pytest

SCORE = ("score", "--no-tests")
SUITE = """\
import pytest
from pathlib import Path

@pytest.mark.mlscore("data-1")
def test_rows_are_there():
    assert "ñ" in Path(__file__).parent.parent.name
"""
PLAIN = "def test_training_twice_with_one_seed_is_reproducible():\n    assert train(seed=1) == train(seed=1)\n"
ATTEST = ("attest", "infra-7", "--owner", "ml-platform", "--what", "rolled back", "--link", "docs/drill.md")
MARKERS = "<!-- mlscore:start -->", "<!-- mlscore:end -->"

# What is asked to be written where, and what lies there.
UNWRITABLE = {
    "a folder": (("json:out",), {"out/a.txt": ""}),
    "a file in the path": (("json:out/report.json",), {"out": "a file"}),
    "badge into a folder that is a file": (("badge:images/badge.svg",), {"images": "a file"}),
    "badge where a folder is": (("badge",), {"mlscore-badge.svg/a": ""}),
    "markdown into a file in the path": (("markdown:out/a/b.md",), {"out": "a file"}),
    "terminal to a folder": (("terminal:out",), {"out/a.txt": ""}),
    "a full disk": (("json:/dev/full",), {}),
    "a name too long": (("json:" + "a" * 300,), {}),
    "a null character": (("json:a\0b",), {}),
    "no name at all": (("json:",), {}),
    "README with one marker": (("readme",), {"README.md": f"# A\n{MARKERS[0]}\n"}),
    "README with the end alone": (("readme",), {"README.md": f"# A\n{MARKERS[1]}\n"}),
    "README with markers in the wrong order": (("readme",), {"README.md": f"{MARKERS[1]}\n{MARKERS[0]}\n"}),
    "README with two starts": (("readme",), {"README.md": f"{MARKERS[0]}\n{MARKERS[0]}\n{MARKERS[1]}\n"}),
    "README with a marker inside a line": (("readme",), {"README.md": f"see {MARKERS[0]}\n{MARKERS[1]}\n"}),
    "README not in UTF-8": (("readme",), {"README.md": "# Prüfung\n".encode("latin-1")}),
    "README in UTF-16": (("readme",), {"README.md": "# A\n".encode("utf-16")}),
    "README that is a folder": (("readme",), {"README.md/a": ""}),
    "github's summary is a folder": (("github:out",), {"out/a.txt": ""}),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_destination(name, refused, sentences):
    reports, files = UNWRITABLE[name]
    assert refused((*SCORE, *(f"--report={r}" for r in reports)), files) == sentences


@pytest.mark.parametrize("where", ["out", "out/a.json"])
@pytest.mark.parametrize("args", [("config", "show"), ("explain", "data-1"), ("rubric", "list"), ("hook",), ("map",)])
def test_results_that_are_no_reports_cannot_go_there_either(refused, args, where):
    files = {"out/a.txt": ""} if where == "out" else {"out": "a file"}
    assert refused((*args, f"--report=json:{where}"), files).startswith(f"exit 2 | mlscore: {where}: ")


def test_one_report_that_fails_does_not_keep_the_others_from_theirs(mlscore, write, project, complaint):
    write("out", "a file")
    done = mlscore(*SCORE, "-r", "json:out/a.json", "-r", "json:b.json", "-r", "terminal")
    assert "out/a.json" in complaint(done)
    assert "The ML Test Score" in done.out
    assert (project / "b.json").read_text(encoding="utf-8").endswith("}\n")


def test_a_full_disk_leaves_the_old_file_whole(mlscore, write, project, monkeypatch, complaint, sentences):
    write("report.json", "old")
    real = os.fsync

    def full(descriptor):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    assert complaint(mlscore(*SCORE, "-r", "json:report.json")) == sentences
    assert {p.name: p.read_text(encoding="utf-8") for p in project.iterdir()} == {"report.json": "old"}


def test_a_read_only_file_system(mlscore, write, project, monkeypatch, complaint, sentences, unchanged):
    write("mlscore.toml", 'name = "x"\n')
    real = os.open

    def refuse(path, flags, *args, **kwargs):
        if flags & os.O_CREAT:
            raise OSError(30, "Read-only file system")
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    with unchanged():
        assert complaint(mlscore(*SCORE, "-r", "json:report.json")) == sentences
        assert mlscore(*SCORE).code == 0


@pytest.fixture
def read_only(project, write):
    """A project whose files and folders nobody may write to, with everything that the commands would change."""
    write("mlscore.toml", 'name = "x"\n')
    write("mlscore.attestations.toml", "# ours\n")
    write("docs/drill.md", "# Drill\n")
    write("README.md", "# X\n")
    write("tests/test_rows.py", SUITE)
    write("tests/test_plain.py", PLAIN)
    paths = [project, *project.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield project
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)


WRITING = {
    "score": (*SCORE, "--report=json:report.json"),
    "readme": (*SCORE, "--report=readme"),
    "badge": (*SCORE, "--report=badge"),
    "attest": ATTEST,
    "baseline write": ("baseline", "write", "--no-tests"),
    "map --write": ("map", "--write", "--min-confidence=0"),
    "init": ("init", "--yes"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="root is bound by permissions on Linux alone")
def test_a_read_only_project(read_only, program, complaint, sentences, unchanged):
    def call(*args):
        return program.run([sys.executable, "-m", "mlscore", *args], may_write_everywhere=False)

    with unchanged():
        assert {name: complaint(call(*args)) for name, args in WRITING.items()} == sentences
        # What writes nothing works, and a score can be had; pytest shows the tests' results with its complaint.
        assert call("score").code == 0
        options = ["-p", "no:cacheprovider", "--mlscore-report=json:report.json"]
        done = program.run([sys.executable, "-m", "pytest", *options], may_write_everywhere=False)
        assert complaint(done, 1).partition(" | ")[2] == complaint(call(*WRITING["score"])).partition(" | ")[2]
        assert "1 failed, 1 passed" in done.out
        assert "1 mark" in call("map", "--dry-run", "--min-confidence=0").err
        assert call("hook").code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="root is bound by permissions on Linux alone")
def test_files_that_may_not_be_read(project, write, program, complaint, sentences):
    files = {
        "mlscore.toml": SCORE,
        "own.toml": ("rubric", "check", "own.toml"),
        "a.xml": ("score", "--junit", "a.xml"),
        "report.json": ("render", "report.json"),
        "rows.csv": ("init", "--yes", "--data", "rows.csv"),
    }
    said = {}
    for name, args in files.items():
        path = write(name, "x")
        path.chmod(0)
        call = [sys.executable, "-m", "mlscore", *args]
        said[name] = complaint(program.run(call, may_write_everywhere=False))
        path.unlink()
    assert said == sentences


LOOPS = {
    "mlscore.toml": SCORE,
    "pyproject.toml": SCORE,
    "mlscore.attestations.toml": SCORE,
    "mlscore-baseline.json": SCORE,
    "own.toml": ("rubric", "check", "own.toml"),
    "a.xml": ("score", "--junit", "a.xml"),
    "report.json": ("render", "report.json"),
    "out.json": (*SCORE, "--report=json:out.json"),
    "README.md": (*SCORE, "--report=readme"),
    "folder": ("score", "folder"),
    "rows.csv": ("init", "--yes", "--data", "rows.csv"),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_link_to_itself(name, project, refused, sentences):
    (project / name).symlink_to(name)
    assert refused(LOOPS[name]) == sentences


def test_links_in_a_circle_inside_the_project_are_passed_by(mlscore, suite, write, project):
    write("tests/test_rows.py", SUITE)
    (project / "tests" / "again").symlink_to("..", target_is_directory=True)
    (project / "one").symlink_to("two")
    (project / "two").symlink_to("one")
    (project / ".github").symlink_to(".github")
    assert mlscore("map").out.count("test_rows_are_there") == 1
    assert mlscore("hook").code == 0
    done = suite("--mlscore", "--mlscore-report=json:out.json", "tests/test_rows.py")
    assert done.code == 0, done.out
    assert mlscore("render", "out.json").code == 0


def test_a_path_with_spaces_and_letters_beyond_ascii(mlscore, suite, write, project):
    write(
        "tests/daten prüfung/test_größe 1.py",
        SUITE.replace('"ñ" in Path(__file__).parent.parent.name', "Path(__file__).is_file()"),
    )
    write("mlscore.toml", "name = 'größe'\n")
    done = suite("--mlscore", "--mlscore-report=json:bericht ü.json", "--junitxml=prüf bericht.xml")
    assert done.code == 0, done.out
    report = mlscore("score", "--junit", "prüf bericht.xml", "--report", "json").data
    (evidence,) = next(i for i in report["items"] if i["id"] == "data-1")["evidence"]
    assert evidence["source"]["name"] == "tests/daten prüfung/test_größe 1.py::test_rows_are_there"
    assert evidence["outcome"] == "passed"
    assert mlscore("score", "--junit", "prüf*.xml").code == 0
    assert "test_größe 1.py" in mlscore("render", "bericht ü.json").out


def test_a_path_that_is_not_utf8(mlscore, write, project):
    os.makedirs(os.fsencode(project) + b"/tests/caf\xe9")
    with open(os.fsencode(project) + b"/tests/caf\xe9/test_a.py", "w", encoding="utf-8") as file:
        file.write(PLAIN)
    done = mlscore("map", "--report", "json")
    assert (done.code, done.err) == (0, "")
    assert len(done.data["tests"]) == 1
    assert mlscore("map").code == 0
    assert mlscore("hook").code == 0
    assert mlscore(*SCORE).code == 0
