"""The picture of the terminal's report: self-contained, deterministic, and with every word of the report."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from mlscore.report.picture import CELL, LINE, render_svg
from mlscore.report.terminal import render_terminal

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return [(float(t.get("y")), float(t.get("x")), t.text) for t in fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", ["failing", "broken"])
def test_picture(reports, name, snapshot):
    assert render_svg(reports[name], 100) == snapshot


def test_a_picture_needs_nothing_from_elsewhere(report):
    svg = render_svg(report)
    assert re.findall(r"[a-z]+://[^\"'\s)]*", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"url\(|@import|@font-face|href|<script|<image|<foreignObject", svg)


def test_a_picture_says_what_it_shows(reports):
    root = fromstring(render_svg(reports["failing"]))
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.find(f"{SVG}title").text == "ML Test Score: 1.5 of 7, First steps"


def test_a_picture_has_every_word_of_the_screen(report):
    for width in (80, 112):
        shown = re.sub("[━┅╌─]+", " ", render_terminal(report, width=width, color=False, unicode=True)).split()
        drawn = " ".join(text for _, _, text in sorted(texts(render_svg(report, width)))).split()
        assert sorted(drawn) == sorted(shown)


def test_nothing_is_drawn_outside_the_picture(report):
    root = fromstring(render_svg(report, 60))
    across, down = float(root.get("width")), float(root.get("height"))
    for shape in root.iter():
        if shape.get("x") is not None:
            length = float(shape.get("textLength") or shape.get("width"))
            assert 0 <= float(shape.get("x")) <= float(shape.get("x")) + length <= across
            assert 0 <= float(shape.get("y")) <= down


def test_bars_are_drawn_as_long_as_their_points(reports):
    svg = render_svg(reports["failing"], 112)
    lengths = [float(n) for n in re.findall(r'width="([\d.]+)" height="8" class="good"', svg)]
    assert [round(n / CELL) for n in lengths] == [14, 8, 16, 6]
    assert LINE > 8


def test_hostile_text_stays_text(hostile_report):
    root = fromstring(render_svg(hostile_report))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "title", "style", "rect", "circle", "text"}


def test_the_same_report_makes_the_same_bytes_in_every_environment(tmp_path):
    code = (
        "import runpy, hashlib; from mlscore.report.picture import render_svg; "
        f"made = runpy.run_path({str(Path(__file__).with_name('conftest.py'))!r})['REPORTS']['failing'](); "
        "print(hashlib.sha256(render_svg(made).encode()).hexdigest())"
    )
    digests = set()
    screens = ({"COLUMNS": "40", "NO_COLOR": "1"}, {"FORCE_COLOR": "1", "TERM": "dumb", "TZ": "Asia/Tokyo"})
    for seed, extra in enumerate(screens):
        environ = {"PYTHONHASHSEED": str(seed), "PATH": "", **extra}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1
