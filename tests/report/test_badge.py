"""The badge: readable without a network and without seeing it, in its band's colour."""

import json
import re

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from mlscore.report import Page
from mlscore.report.badge import _COLORS, _INVALID, _LABEL, _NO_BAND, _width, render, render_badge, render_endpoint

SVG = "{http://www.w3.org/2000/svg}"


def test_badges(reports, snapshot):
    assert {name: render_badge(report) for name, report in reports.items()} == snapshot


def test_endpoints(reports, snapshot):
    assert {name: json.loads(render_endpoint(report)) for name, report in reports.items()} == snapshot


def test_an_endpoint_has_what_shields_wants(report):
    badge = json.loads(render_endpoint(report))
    assert list(badge) == ["schemaVersion", "label", "message", "color"]
    assert badge["schemaVersion"] == 1
    assert re.fullmatch("[0-9a-f]{6}", badge["color"])
    assert badge["label"]
    assert badge["message"]


@pytest.mark.parametrize("destination", ["badge.json", "out/BADGE.JSON"])
def test_a_destination_in_json_gets_the_endpoint(reports, destination):
    assert render(reports["good"], Page(destination=destination)) == render_endpoint(reports["good"])


@pytest.mark.parametrize("destination", [None, "badge.svg", "json"])
def test_any_other_destination_gets_svg(reports, destination):
    assert render(reports["good"], Page(destination=destination)) == render_badge(reports["good"])


def test_a_badge_is_accessible_and_self_contained(report):
    svg = render_badge(report)
    root = fromstring(svg)
    label, message = (t.text for t in root.iter(f"{SVG}text"))
    assert root.get("role") == "img"
    assert root.get("aria-label") == f"{label}: {message}"
    assert root.find(f"{SVG}title").text
    assert re.findall(r"[a-z]+://[^\"'\s)]*", svg) == ["http://www.w3.org/2000/svg"]
    assert " id=" not in svg, "ids would collide on a page with several badges"


def test_the_band_is_a_color_and_a_word(make, reports):
    seen = {}
    for keep in (0, 1, 2, 3, 5, 7):
        rubric = make.rubric()
        report = make.report([make.case(i.id) for s in rubric.sections for i in rubric.items_of(s.id)[:keep]])
        seen[keep] = json.loads(render_endpoint(report))
        assert seen[keep]["message"] == f"{keep} of 7 · {report.score.band.title}"
    assert [f"#{badge['color']}" for badge in seen.values()] == list(_COLORS)
    assert json.loads(render_endpoint(reports["workshop-eleven"]))["color"] == _NO_BAND[1:]
    assert json.loads(render_endpoint(reports["broken"])) | {"label": ""} == {
        "schemaVersion": 1, "label": "", "message": "not valid", "color": _INVALID[1:]
    }  # fmt: skip


def luminance(color):
    channels = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("color", [*_COLORS, _NO_BAND, _INVALID, _LABEL])
def test_white_text_can_be_read_on_every_color(color):
    assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_a_partial_run_says_so(reports):
    assert json.loads(render_endpoint(reports["partial"]))["message"].endswith("(partial run)")


@given(st.text(max_size=40), st.text(max_size=40))
def test_wider_text_never_makes_a_narrower_badge(text, more):
    assert _width(text + more) >= _width(text) >= 0


def test_hostile_text_stays_text(hostile_report):
    root = fromstring(render_badge(hostile_report))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {"svg", "title", "path", "rect", "g", "text"}
    assert float(root.get("width")) < 1500
    assert json.loads(render_endpoint(hostile_report))["label"].isprintable()
