"""`TYPE[:DEST]` read, and reports printed or written where they should go."""

import io
import json
from dataclasses import replace

import pytest

from mlscore.errors import OutputError, UsageError
from mlscore.report import FORMATS
from mlscore.report.badge import render_badge, render_endpoint
from mlscore.report.json_report import render_json
from mlscore.report.markdown import render_markdown
from mlscore.report.readme import update_readme
from mlscore.report.screen import Screen
from mlscore.report.targets import Target, deliver, parse_target
from mlscore.report.terminal import render_terminal


@pytest.fixture
def sent(reports, tmp_path):
    """Deliver the failing report; gives what was printed, and the notes."""

    def send(*targets, environ=None, stdout=None, report="failing", **options):
        stdout = stdout or io.StringIO()
        notes = []
        options = {"root": tmp_path, "note": notes.append, **options}
        deliver(reports[report], [parse_target(t) for t in targets], stdout=stdout, environ=environ or {}, **options)
        return stdout.getvalue() if isinstance(stdout, io.StringIO) else stdout.buffer.getvalue(), notes

    return send


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("json", Target("json")),
        ("json:out/report.json", Target("json", "out/report.json")),
        (r"markdown:C:\reports\a.md", Target("markdown", r"C:\reports\a.md")),
        ("badge:-", Target("badge", "-")),
        ("badge:a.b/badge", Target("badge", "a.b/badge")),
        ("badge:BADGE.SVG", Target("badge", "BADGE.SVG")),
        ("terminal:a:b:c", Target("terminal", "a:b:c")),
    ],
)
def test_parse(text, target):
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["jsn", "", "html:x", "JSON", " json", r"C:\x", "json:", "markdwon:x.md", "json:a\0b"])
def test_what_is_no_target_is_refused(text, snapshot):
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert str(caught.value) == snapshot


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_to_standard_output(sent, name):
    printed, notes = sent(f"{name}:-")
    assert len(printed) > 100
    assert notes == []


def test_defaults_on_standard_output(sent, reports, tmp_path):
    report = reports["failing"]
    assert sent("json")[0] == render_json(report)
    assert sent("markdown")[0] == render_markdown(report)
    assert sent("terminal")[0] == render_terminal(report, width=80, color=False, unicode=True)
    assert list(tmp_path.iterdir()) == []


def test_default_files_are_in_the_project(sent, reports, tmp_path):
    cwd = tmp_path / "elsewhere"
    cwd.mkdir()
    assert sent("badge", "readme", cwd=cwd)[0] == ""
    assert (tmp_path / "mlscore-badge.svg").read_text(encoding="utf-8") == render_badge(reports["failing"])
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == update_readme("", reports["failing"])
    assert list(cwd.iterdir()) == []


def test_named_files_are_where_the_user_is(sent, reports, tmp_path):
    cwd = tmp_path / "elsewhere"
    sent("json:a/b/report.json", "badge:badge.json", f"markdown:{tmp_path / 'abs.md'}", cwd=cwd)
    assert (cwd / "a/b/report.json").read_text(encoding="utf-8") == render_json(reports["failing"])
    assert (cwd / "badge.json").read_text(encoding="utf-8") == render_endpoint(reports["failing"])
    assert (tmp_path / "abs.md").read_text(encoding="utf-8") == render_markdown(reports["failing"])


def test_without_a_place_of_the_user_named_files_are_in_the_project(sent, tmp_path):
    sent("json:report.json")
    assert (tmp_path / "report.json").is_file()


def test_a_file_gets_a_screen_of_its_own(sent, reports, tmp_path):
    sent("terminal:report.txt", screen=Screen(40, color=True, unicode=False))
    shown = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert shown == render_terminal(reports["failing"], width=80, color=False, unicode=True)


def test_the_screen_is_looked_up_or_given(sent, reports):
    assert sent("terminal", environ={"COLUMNS": "50", "FORCE_COLOR": "1"})[0] == render_terminal(
        reports["failing"], width=50, color=True, unicode=True
    )
    assert sent("terminal", screen=Screen(60, color=False, unicode=False))[0] == render_terminal(
        reports["failing"], width=60, color=False, unicode=False
    )


def test_github_appends_to_the_job_summary_and_prints_annotations(sent, reports, tmp_path):
    summary = tmp_path / "summary.md"
    summary.write_text("# Before", encoding="utf-8")
    printed, notes = sent("github", environ={"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.read_text(encoding="utf-8") == "# Before\n" + render_markdown(reports["failing"])
    assert [line.partition(" ")[0] for line in printed.splitlines()] == ["::error"] * 3 + ["::warning"] * 3
    assert notes == []
    sent("github", environ={"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.read_text(encoding="utf-8") == "# Before\n" + 2 * render_markdown(reports["failing"])


def test_github_elsewhere_prints_the_summary_and_says_why(sent, reports):
    printed, notes = sent("github")
    assert printed.startswith(render_markdown(reports["failing"]))
    assert notes == ["GITHUB_STEP_SUMMARY is not set, so the github report goes to standard output"]


def test_annotations_name_files_from_the_repositorys_root(sent, tmp_path):
    environ = {"GITHUB_STEP_SUMMARY": str(tmp_path / "s.md"), "GITHUB_WORKSPACE": str(tmp_path)}
    assert (
        "::error file=models/eta/pyproject.toml,line=12,"
        in sent("github", environ=environ, root=tmp_path / "models/eta")[0]
    )
    assert "::error file=pyproject.toml,line=12," in sent("github", environ=environ)[0]
    environ["GITHUB_WORKSPACE"] = str(tmp_path / "other")
    assert "::error file=pyproject.toml,line=12," in sent("github", environ=environ)[0]


def test_a_readme_is_updated_in_place(sent, reports, tmp_path):
    readme = tmp_path / "README.md"
    before = b"\xef\xbb\xbf# T\xc3\xa9st\r\n\r\n<!-- mlscore:start -->\r\nold\r\n<!-- mlscore:end -->\r\nend"
    readme.write_bytes(before)
    sent("readme")
    after = readme.read_bytes()
    assert after.startswith(before.partition(b"old")[0])
    assert after.endswith(b"\r\n<!-- mlscore:end -->\r\nend")
    assert b"1.5 of 7" in after
    stamp = readme.stat().st_mtime_ns
    inode = readme.stat().st_ino
    sent("readme")
    assert readme.read_bytes() == after
    assert (readme.stat().st_mtime_ns, readme.stat().st_ino) == (stamp, inode)


def test_a_readme_that_is_not_utf8_is_left_alone(sent, tmp_path):
    (tmp_path / "README.md").write_bytes(b"caf\xe9")
    with pytest.raises(UsageError, match=r"README\.md: not UTF-8: byte 0xe9 on line 1; save the file as UTF-8"):
        sent("readme")
    assert (tmp_path / "README.md").read_bytes() == b"caf\xe9"


def test_broken_markers_leave_the_readme_alone(sent, tmp_path):
    (tmp_path / "README.md").write_text("<!-- mlscore:start -->\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"README\.md: <!-- mlscore:end --> is missing"):
        sent("readme")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "<!-- mlscore:start -->\n"


def test_a_destination_that_cannot_be_written_keeps_nobody_else_from_the_report(sent, reports, tmp_path):
    (tmp_path / "folder").mkdir()
    stdout = io.StringIO()
    with pytest.raises(OutputError, match="folder"):
        sent("json:folder", "terminal", "markdown:a.md", stdout=stdout)
    assert stdout.getvalue() == render_terminal(reports["failing"], width=80, color=False, unicode=True)
    assert (tmp_path / "a.md").is_file()


def test_every_failure_is_told_and_the_first_is_raised(reports, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    notes = []
    targets = [parse_target("json:one"), parse_target("github:two")]
    with pytest.raises(OutputError, match="one"):
        deliver(reports["good"], targets, stdout=io.StringIO(), environ={}, root=tmp_path, note=notes.append)
    assert len(notes) == 1
    assert "two" in notes[0]


def test_a_file_that_cannot_be_read_is_not_overwritten(sent, tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("# Title\n", encoding="utf-8")

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(OutputError, match=r"README\.md: cannot be read: Permission denied"):
        sent("readme")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
@pytest.mark.parametrize("name", FORMATS)
def test_any_encoding_of_standard_output_will_do(sent, name, encoding, reports):
    stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    printed, _ = sent(f"{name}:-", stdout=stdout, report="workshop-eleven")
    text = printed.decode(encoding)
    assert "ML Test Score" in text
    if name == "json":
        assert json.loads(text) == json.loads(render_json(reports["workshop-eleven"]))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_json_beyond_the_encoding_is_escaped_and_comes_back(reports, tmp_path, encoding):
    odd = replace(reports["good"], project=replace(reports["good"].project, name="é 表 😀 \udcff"))
    stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    deliver(odd, [Target("json")], stdout=stdout, environ={}, root=tmp_path)
    assert json.loads(stdout.buffer.getvalue().decode(encoding))["project"]["name"] == "é 表 😀 \udcff"


def test_notes_go_to_standard_error_by_default(reports, tmp_path, capsys):
    deliver(reports["good"], [Target("github")], stdout=io.StringIO(), environ={}, root=tmp_path)
    assert capsys.readouterr().err.startswith("mlscore: GITHUB_STEP_SUMMARY is not set")


@pytest.mark.parametrize("name", ["x.png", "a/b.jpeg", "badge.svg.gz", "report.md"])
def test_a_badge_is_not_written_under_the_ending_of_something_else(name):
    with pytest.raises(UsageError) as caught:
        parse_target(f"badge:{name}")
    assert str(caught.value) == (
        f'a badge is an SVG picture or JSON, and "{name}" is named as neither; name a file that ends in ".svg" or ".json"'
    )
