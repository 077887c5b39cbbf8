"""Every file that can be wrong, given to the command: one sentence, the right exit code, and no file changed."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUM = (ROOT / "tests" / "rubrics" / "own" / "sum.toml").read_text(encoding="utf-8")

ATTESTATION = """\
[[attestation]]
item = "infra-7"
owner = "ml-platform"
date = 2026-10-01
what = "rolled back in staging"
link = "docs/drill.md"
"""
WAIVER = """\
[[waiver]]
item = "infra-6"
reason = "planned"
note = "comes with the new server"
author = "ml-platform"
date = 2026-10-01
"""
JUNIT = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" tests="1">
<testcase classname="tests.test_a" name="test_schema" time="0.1"/>
</testsuite></testsuites>
"""
BILLION_LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE testsuites [\n <!ENTITY a "ha">\n'
    + "".join(f' <!ENTITY {b} "{f"&{a};" * 10}">\n' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + ']>\n<testsuites><testsuite><testcase name="&j;"/></testsuite></testsuites>\n'
)
EXTERNAL_ENTITY = (
    '<!DOCTYPE testsuites [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n'
    '<testsuites><testsuite><testcase name="t"><failure>&x;</failure></testcase></testsuite></testsuites>\n'
)
OWN = 'schema = "mlscore-rubric/1"\nid = "own"\nversion = "1"\ntitle = "Own"\n'
SCORE = ("score", "--no-tests")


@dataclass(frozen=True)
class Case:
    """What is called, and what lies in the project's folder."""

    args: tuple[str, ...]
    files: dict[str, str | bytes] = field(default_factory=dict)


def configured(text, *args):
    return Case(args or SCORE, {"mlscore.toml": text})


def rubric(text, *more, **others):
    return Case(("rubric", "check", "own.toml", *more), {"own.toml": text, **others})


def junit(content):
    return Case(("score", "--junit", "a.xml"), {"a.xml": content})


ATTEST = ("attest", "infra-7", "--owner", "ml-platform", "--what", "rolled back", "--link", "docs/drill.md")

CONFIGURATION = {
    "not UTF-8": configured("name = 'Prävention'\n".encode("latin-1")),
    "UTF-16": configured("name = 'x'\n".encode("utf-16")),
    "empty": configured(""),
    "truncated": configured('name = "x"\n[gate]\nmust-have = ["data-1",\n'),
    "truncated in a text": configured('name = "x"\nserving = "ba'),
    "byte-order mark and then broken": configured(b'\xef\xbb\xbfname = "x"\r\nfail-undr = 2\r\n'),
    "key twice": configured('name = "x"\nname = "y"\n'),
    "unknown key": configured('name = "x"\nfail-undr = 2\n'),
    "unknown item": configured('[gate]\nmust-have = ["data-11"]\n'),
    "item twice": configured('[gate]\nmust-have = ["data-1", "data-1"]\n'),
    "wrong type": configured('fail-under = "two"\n'),
    "two configurations at once": Case(
        SCORE, {"mlscore.toml": 'name = "x"\n', "pyproject.toml": '[project]\nname = "x"\n[tool.mlscore]\nname = "y"\n'}
    ),
    "pyproject.toml truncated": Case(SCORE, {"pyproject.toml": '[project]\nname = "x\n'}),
    "unknown rubric": configured('rubric = "ml-test-scores"\n'),
    "rubric file missing": configured('rubric = "rubrics/own.toml"\n'),
    "rubric file empty": Case(SCORE, {"mlscore.toml": 'rubric = "own.toml"\n', "own.toml": ""}),
    "date in the future": configured(ATTESTATION.replace("2026-10-01", "2026-11-23")),
    "dates in the wrong order": configured(ATTESTATION + "expires = 2026-09-30\n"),
    "waiver for too long": configured(WAIVER + "expires = 2028-01-01\n"),
    "the hook": configured("fail-under = 8\n", "hook"),
    "config show": configured("fail-under = 8\n", "config", "show"),
    "map": configured("fail-under = 8\n", "map"),
    "next": configured("fail-under = 8\n", "next", "--no-tests"),
    "explain": configured("rubic = 'own.toml'\n", "explain", "data-1"),
    "baseline write": configured("fail-under = 8\n", "baseline", "write", "--no-tests"),
}
OPTIONS = {
    **{
        f"fail-under {value or 'empty'}": Case((*SCORE, f"--fail-under={value}"))
        for value in ("abc", "-1", "8", "nan", "inf", "", "1/0", "1e9", "٣", "2,5")
    },
    "profile": Case((*SCORE, "--profile=prod")),
    "rubric": Case((*SCORE, "--rubric=ml-test-scor")),
    "rubric file": Case((*SCORE, "--rubric=own.toml")),
    "report type": Case((*SCORE, "--report=jsn")),
    "report without a name": Case((*SCORE, "--report=json:")),
    "folder that is missing": Case(("score", "nowhere")),
    "two sources of evidence": Case((*SCORE, "--junit", "a.xml")),
    "item that the rubric lacks": Case(("explain", "data-9")),
    "unknown form of a result": Case(("config", "show", "--report", "markdown")),
    "init fail-under abc": Case(("init", "--yes", "--fail-under", "abc")),
    "init fail-under nan": Case(("init", "--yes", "--fail-under", "nan")),
    "init fail-under -1": Case(("init", "--yes", "--fail-under", "-1")),
    "init fail-under 8": Case(("init", "--yes", "--fail-under", "8")),
    "init in a folder that is missing": Case(("init", "--yes", "nowhere")),
    "init in a file": Case(("init", "--yes", "a.txt"), {"a.txt": "x"}),
    "init with a broken pyproject.toml": Case(("init", "--yes"), {"pyproject.toml": '[project]\nname = "x\n'}),
    "init with a pyproject.toml not in UTF-8": Case(("init", "--yes"), {"pyproject.toml": b'name = "\xe4"\n'}),
    "init with data that are missing": Case(("init", "--yes", "--data", "rows.csv")),
    "init with empty data": Case(("init", "--yes", "--data", "rows.csv"), {"rows.csv": ""}),
    "init with data not in UTF-8": Case(("init", "--yes", "--data", "rows.csv"), {"rows.csv": b"a,b\n\xe4,1\n"}),
    "init with a folder for data": Case(("init", "--yes", "--data", "rows.csv"), {"rows.csv/a.csv": "a\n1\n"}),
}
RUBRIC = {
    "missing": Case(("rubric", "check", "own.toml")),
    "folder": Case(("rubric", "check", "own.toml"), {"own.toml/a": ""}),
    "not UTF-8": rubric(SUM.encode("utf-16")),
    "empty": rubric(""),
    "truncated": rubric(SUM[: SUM.index('"', len(SUM) // 2) + 3]),
    "byte-order mark, CRLF and then broken": rubric(
        b"\xef\xbb\xbf" + OWN.replace("\n", "\r\n").encode() + b"x = 1\r\n"
    ),
    "unknown key": rubric(SUM.replace("language =", "langauge =")),
    "wrong id": rubric(SUM.replace("[items.types]", "[items.Types_1]")),
    "duplicate id": rubric(SUM + "\n[items.types]\n"),
    "id of a section and of an item": rubric(SUM.replace("[items.types]", "[items.code]")),
    "extends itself": rubric(OWN + 'extends = "own.toml"\n'),
    "cycle in extends": rubric(
        OWN + 'extends = "b.toml"\n',
        **{"b.toml": OWN + 'extends = "c.toml"\n', "c.toml": OWN + 'extends = "own.toml"\n'},
    ),
    "extends nothing there": rubric(OWN + 'extends = "b.toml"\n'),
    "extends a broken one": rubric(OWN + 'extends = "b.toml"\n', **{"b.toml": OWN + "item = 1\n"}),
    "without sections": rubric(SUM[: SUM.index("[sections")] + "[sections]\n[items]\n"),
    "without the table of sections": rubric(SUM[: SUM.index("[sections")]),
    "newer schema": rubric(SUM.replace("mlscore-rubric/1", "mlscore-rubric/2")),
    "something else": rubric('[project]\nname = "x"\n'),
    "a rubric that is JSON": rubric('{"schema": "mlscore-rubric/1"}\n'),
}
XML = {
    "missing": Case(("score", "--junit", "a.xml")),
    "no match": Case(("score", "--junit", "reports/*.xml")),
    "folder": Case(("score", "--junit", "reports"), {"reports/a.xml": JUNIT}),
    "empty": junit(""),
    "blank with a byte-order mark": junit(b"\xef\xbb\xbf\r\n"),
    "truncated": junit(JUNIT[: JUNIT.index("time=")]),
    "truncated between elements": junit(JUNIT[: JUNIT.index("</testsuite>")]),
    "truncated in the declaration": junit("<?xml ver"),
    "not UTF-8": junit(JUNIT.replace("test_schema", "test_schéma").encode("latin-1")),
    "unknown encoding": junit(JUNIT.replace("utf-8", "klingon")),
    "null characters": junit(JUNIT.replace("test_schema", "test\0schema")),
    "not XML": junit("PASSED tests/test_a.py::test_schema\n"),
    "JSON": junit('{"schema": "mlscore-report/1"}\n'),
    "HTML": junit("<!DOCTYPE html>\n<html><body>404</body></html>\n"),
    "another kind of XML": junit('<coverage version="7"/>\n'),
    "tags that do not match": junit(JUNIT.replace("</testsuite>", "</suite>")),
    "two roots": junit("<testsuites/><testsuites/>"),
    "attribute twice": junit(JUNIT.replace("time=", 'name="b" time=')),
    "billion laughs": junit(BILLION_LAUGHS),
    "external entity": junit(EXTERNAL_ENTITY),
    "second of two": Case(("score", "--junit", "a.xml", "--junit", "b.xml"), {"a.xml": JUNIT, "b.xml": "<testsui"}),
    "named in the configuration": Case(
        ("score",), {"mlscore.toml": 'junit = ["out/*.xml"]\n', "out/a.xml": BILLION_LAUGHS}
    ),
}


@pytest.fixture
def good(mlscore, project):
    """A report and a baseline as mlscore writes them, as data."""
    done = mlscore(*SCORE, "--report", "json:../report.json")
    assert (done.code, done.err) == (0, "")
    assert mlscore("baseline", "write", "--no-tests").code == 0
    text = (project / "mlscore-baseline.json").read_text(encoding="utf-8")
    (project / "mlscore-baseline.json").unlink()
    whole = (project.parent / "report.json").read_text(encoding="utf-8")
    return {"report": json.loads(whole), "baseline": json.loads(text)}


def changed(data, path, value):
    """A copy of JSON data with the value at a path replaced, or taken out (value is Ellipsis)."""
    copy = json.loads(json.dumps(data))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(copy, indent=2, ensure_ascii=False)


def broken_json(data, name):
    """Every way in which a file of JSON can be broken, by what is wrong with it."""
    text = json.dumps(data, indent=2)
    return {
        "empty": "",
        "blank": "\r\n",
        "truncated": text[: text.index('"tool"') + 20],
        "truncated to a byte-order mark": b"\xef\xbb\xbf",
        "not UTF-8": text.encode("utf-16"),
        "Latin-1": text.replace("mlscore", "mlscör", 1).encode("latin-1"),
        "not JSON": "score: 3\n",
        "XML": JUNIT,
        "a number": "3\n",
        "a list": f"[{text}]",
        "another program's": '{"name": "x", "version": 1}\n',
        "a newer schema": changed(data, ["schema"], f"mlscore-{name}/2"),
        "a schema of nobody's": changed(data, ["schema"], f"mlscore-{name}/0"),
        "another kind": changed(data, ["schema"], f"mlscore-{'report' if name == 'baseline' else 'baseline'}/1"),
        "not a number": text.replace('"verified": 0', '"verified": NaN', 1),
        "a wrong type": changed(data, ["rubric"], "ml-test-score"),
        "a key missing": changed(data, ["rubric", "digest"], ...),
        "nested too deeply": "[" * 100_000,
        "number of thousands of digits": text.replace('"verified": 0', '"verified": 1' + "0" * 5000, 1),
        "text for points": text.replace('"verified": 0', '"verified": "much"', 1),
        "points over nothing": text.replace('"verified": 0', '"verified": "1/0"', 1),
        "points beyond arithmetic": text.replace('"verified": 0', '"verified": 1e999999999', 1),
        "keys in a list": changed(data, ["items"], {"data-1": 1}),
    }


JSON_FAULTS = tuple(broken_json({"schema": "", "tool": {}, "rubric": {"digest": ""}, "items": []}, "report"))


@pytest.mark.parametrize("name", CONFIGURATION)
def test_configuration(name, refused, sentences):
    assert refused(CONFIGURATION[name].args, CONFIGURATION[name].files) == sentences


@pytest.mark.parametrize("name", OPTIONS)
def test_option(name, refused, sentences):
    assert refused(OPTIONS[name].args, OPTIONS[name].files) == sentences


@pytest.mark.parametrize("name", RUBRIC)
def test_rubric(name, refused, sentences):
    case = RUBRIC[name]
    assert refused(case.args, case.files) == sentences
    # As the project's own rubric it is refused as well, by the commit's hook too.
    for args in (SCORE, ("hook",), ("rubric", "show")):
        assert ".toml:" in refused(args, {"mlscore.toml": 'rubric = "own.toml"\n'})


@pytest.mark.parametrize("name", XML)
def test_junit(name, refused, sentences):
    assert refused(XML[name].args, XML[name].files) == sentences


@pytest.mark.parametrize("name", JSON_FAULTS)
def test_report(name, good, refused, sentences):
    files = {"report.json": broken_json(good["report"], "report")[name]}
    sentence = refused(("render", "report.json"), files)
    assert sentence == sentences
    # Every other door that takes a report says the same.
    for args in (("score",), ("next",), ("explain", "data-1"), ("baseline", "write")):
        assert refused((*args, "--from", "report.json")) == sentence


@pytest.mark.parametrize("name", JSON_FAULTS)
def test_baseline(name, good, refused, mlscore, sentences):
    files = {"mlscore-baseline.json": broken_json(good["baseline"], "baseline")[name]}
    sentence = refused(SCORE, files)
    assert sentence == sentences
    for args in (("hook",), ("baseline", "show")):
        assert refused(args) == sentence
    # Who does not judge by it goes on, and who writes it anew replaces it with a word about the old one.
    for args in (("explain", "data-1"), ("rubric", "show"), ("config", "show"), ("next", "--no-tests"), ("map",)):
        assert (mlscore(*args).code, mlscore(*args).err) == (0, "")
    done = mlscore("baseline", "write", "--no-tests")
    assert done.code == 0
    assert done.err.startswith("mlscore: replaced a baseline that could not be used: mlscore-baseline.json")
    assert mlscore(*SCORE).code == 0
