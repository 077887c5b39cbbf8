"""Files that are whole, but of another rubric, a newer mlscore or cut anywhere; and those that only look unusual."""

import json
import random
import re
from html import escape, unescape

import pytest

SCORE = ("score", "--no-tests")
OWN = (
    'schema = "mlscore-rubric/1"\nextends = "ml-test-score"\nid = "own"\nversion = "1"\ntitle = "Própria"\n'
    'drop = ["data-6"]\n'
)
SUITE = """\
import pytest
from pathlib import Path

@pytest.mark.mlscore("data-1")
def test_good(mlscore_evidence):
    mlscore_evidence("rows", 336776, unit="filas", threshold=1)
    assert Path(__file__).stat().st_size > 10

@pytest.mark.mlscore("data-2")
def test_bad():
    assert Path(__file__).stat().st_size < 10

@pytest.mark.mlscore("data-3")
@pytest.mark.skip("später")
def test_skipped():
    assert Path(__file__).stat().st_size > 10
"""
ATTESTATION = """\
[[attestation]]
item = "infra-7"
owner = "ml-platform"
date = 2026-10-01
what = "geprüft"
link = "https://example.org/drill"
"""


@pytest.fixture
def other(mlscore, write, project):
    """A report and a baseline that another rubric measured, in a project scored by the shipped one."""
    write("own.toml", OWN)
    write("mlscore.toml", 'name = "x"\nrubric = "own.toml"\n')
    assert mlscore(*SCORE, "-r", "json:report.json").code == 0
    assert mlscore("baseline", "write", "--no-tests").code == 0
    write("mlscore.toml", 'name = "x"\n')
    return project


def test_a_baseline_of_another_rubric(other, refused, mlscore, suite, complaint, unchanged, sentences):
    sentence = refused(SCORE)
    assert sentence == sentences
    for args in (
        ("hook",),
        ("baseline", "show"),
        ("score", "--from", "report.json"),
    ):
        assert refused(args) == sentence
    with unchanged():
        assert complaint(suite("--mlscore"), 4) == sentence.replace("exit 2", "exit 4")
    assert 'measured with the rubric "own"' in mlscore("baseline", "write", "--no-tests").err
    assert mlscore(*SCORE).code == 0


def test_a_report_of_another_rubric(other, refused, mlscore, sentences):
    (other / "mlscore-baseline.json").unlink()
    sentence = refused(("score", "--from", "report.json"))
    assert sentence == sentences
    for args in (("next",), ("baseline", "write")):
        assert refused((*args, "--from", "report.json")) == sentence
    # Rendering asks for no rubric, and with its own the report is judged.
    assert mlscore("render", "report.json").code == 0
    assert mlscore("score", "--from", "report.json", "--rubric", "own.toml").code == 0


def test_a_ruler_that_changed_is_no_regression(other, mlscore, write):
    write("mlscore.toml", 'name = "x"\nrubric = "own.toml"\n')
    write("own.toml", OWN.replace("data-6", "data-5"))
    done = mlscore(*SCORE, "-r", "json")
    rule = next(r for r in done.data["gate"]["rules"] if r["id"] == "ratchet")
    assert (rule["passed"], done.code) == (None, 0)
    assert "ruler" in rule["summary"]
    assert rule["to_meet"]


FAULTS = {
    "an item missing": (["items", 0], ...),
    "an item twice": (["items", 0, "id"], "data-2"),
    "a section missing": (["score", "sections", 3], ...),
    "points below 0": (["items", 1, "verified"], -1),
    "points beyond what is possible": (["items", 1, "practised"], 28),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_report_that_somebody_edited(name, mlscore, write, project, refused, sentences):
    assert mlscore(*SCORE, "-r", "json:report.json").code == 0
    data = json.loads((project / "report.json").read_text(encoding="utf-8"))
    (*path, last), value = FAULTS[name]
    inner = data
    for key in path:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    write("report.json", json.dumps(data))
    sentence = refused(("score", "--from", "report.json"))
    assert sentence == sentences
    for args in (("next",), ("baseline", "write")):
        assert refused((*args, "--from", "report.json")) == sentence


@pytest.fixture
def junit(write, suite, project):
    """A JUnit file that pytest wrote with the plugin, as text."""
    write("tests/test_a.py", SUITE)
    assert suite("--mlscore", "--junitxml=j.xml").code == 1
    return (project / "j.xml").read_text(encoding="utf-8")


def properties(junit):
    return [unescape(value) for value in re.findall(r'<property name="mlscore" value="([^"]*)"', junit)]


class TestJunit:
    @pytest.mark.parametrize("place", ["suite", "case"])
    def test_of_a_newer_mlscore(self, place, junit, write, refused, sentences):
        own = properties(junit)
        assert len(own) == 4
        text = own[0 if place == "suite" else 1]
        newer = junit.replace(escape(text), escape(text.replace('"v":1', '"v":2')))
        assert newer != junit
        assert refused(("score", "--junit", "j.xml"), {"j.xml": newer}) == sentences

    def test_with_a_property_that_is_damaged(self, junit, refused, sentences):
        text = next(t for t in properties(junit) if "test_bad" in t)
        damaged = junit.replace(escape(text), escape(text[: len(text) // 2]))
        assert damaged != junit
        assert refused(("score", "--junit", "j.xml"), {"j.xml": damaged}) == sentences

    def test_with_a_failure_that_its_property_does_not_know(self, junit, write, mlscore):
        lying = junit.replace("&quot;outcome&quot;:&quot;failed&quot;", "&quot;outcome&quot;:&quot;passed&quot;")
        assert lying != junit
        write("j.xml", lying)
        items = mlscore("score", "--junit", "j.xml", "-r", "json").data["items"]
        assert next(i for i in items if i["id"] == "data-2")["verdict"] == "failing"

    @pytest.mark.parametrize("name", ["byte-order mark", "CRLF", "UTF-16", "Latin-1", "declared nothing"])
    def test_in_another_encoding_tells_the_same(self, name, junit, write, mlscore):
        def verdicts():
            done = mlscore("score", "--junit", "j.xml", "-r", "json")
            assert done.err == ""
            return [(i["id"], i["verdict"]) for i in done.data["items"]]

        declared = '<?xml version="1.0" encoding="utf-8"?>'
        assert junit.startswith(declared)
        expected = verdicts()
        write(
            "j.xml",
            {
                "byte-order mark": b"\xef\xbb\xbf" + junit.encode(),
                "CRLF": junit.replace("\n", "\r\n").encode(),
                "UTF-16": junit.replace("utf-8", "utf-16", 1).encode("utf-16"),
                "Latin-1": junit.replace("utf-8", "iso-8859-1", 1).encode("latin-1"),
                "declared nothing": junit.removeprefix(declared).encode(),
            }[name],
        )
        assert verdicts() == expected

    def test_cut_anywhere(self, junit, write, mlscore):
        content = junit.rstrip().encode()
        for end in range(0, len(content), 97):
            write("j.xml", content[:end])
            assert one_sentence(mlscore("score", "--junit", "j.xml")), end


UNUSUAL = {
    "as it is": ("", "\n"),
    "byte-order mark": ("\ufeff", "\n"),
    "CRLF": ("", "\r\n"),
    "both": ("\ufeff", "\r\n"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_byte_order_mark_and_line_ends_change_nothing(name, mlscore, write, project, suite):
    mark, ends = UNUSUAL[name]

    def put(file, text):
        write(file, mark + text.replace("\n", ends))

    put("mlscore.toml", 'name = "größe"\nrubric = "own.toml"\nfail-under = 0\n')
    put("own.toml", OWN)
    put("mlscore.attestations.toml", ATTESTATION)
    put("README.md", "# X\n\n<!-- mlscore:start -->\n<!-- mlscore:end -->\n")
    write("tests/test_a.py", SUITE.partition('@pytest.mark.mlscore("data-3")')[0])
    assert mlscore("baseline", "write", "--no-tests").code == 0
    put("mlscore-baseline.json", (project / "mlscore-baseline.json").read_text(encoding="utf-8"))
    assert mlscore(*SCORE, "-r", "json:report.json", "-r", "readme").code == 0
    readme = (project / "README.md").read_bytes().decode("utf-8")
    assert readme.startswith(mark + "# X")
    assert readme.count("\r\n") == (readme.count("\n") if ends == "\r\n" else 0)
    put("report.json", (project / "report.json").read_text(encoding="utf-8"))
    report = mlscore("score", "--from", "report.json", "-r", "json").data
    assert (report["project"]["name"], report["rubric"]["id"], report["rubric"]["title"]) == ("größe", "own", "Própria")
    assert next(i for i in report["items"] if i["id"] == "infra-7")["level"] == "manual"
    assert report["gate"]["passed"] is True
    assert mlscore("rubric", "check", "own.toml").code == 0
    assert mlscore("hook").code == 0
    assert "1 passed" in suite("--mlscore", "-k", "good").out


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\u202eb", "two\nlines", "\x9b2J"])
def test_what_a_file_says_cannot_command_the_terminal(text, mlscore, write, suite):
    write("mlscore.toml", f"profile = {json.dumps(text)}\n")
    write("tests/test_a.py", SUITE)
    done = mlscore(*SCORE)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.rstrip("\n").isprintable()
    done = suite("--mlscore")
    assert done.code == 4
    assert (done.out + done.err).replace("\n", "").isprintable()


def one_sentence(done):
    """Whether a call ended as it should: with a result, or with one sentence and exit code 2."""
    if done.code == 2:
        return done.out == "" and done.err.startswith("mlscore: ") and done.err.count("\n") == 1
    return done.code in (0, 1) and "Traceback" not in done.err


@pytest.mark.parametrize(
    ("name", "text", "args"),
    [
        ("mlscore.toml", 'name = "x"\nfail-under = 1.5\n[gate]\nmust-have = ["data-1"]\n' + ATTESTATION, SCORE),
        ("mlscore.attestations.toml", ATTESTATION, ("hook",)),
        ("own.toml", OWN, ("rubric", "check", "own.toml")),
    ],
    ids=["configuration", "attestations", "rubric"],
)
def test_whatever_becomes_of_a_file(name, text, args, mlscore, write):
    content = text.encode()
    choice = random.Random(7)
    for end in range(0, len(content), 5):
        write(name, content[:end])
        assert one_sentence(mlscore(*args)), content[:end]
    for _ in range(60):
        changed = bytearray(content)
        for _ in range(choice.randint(1, 3)):
            changed[choice.randrange(len(changed))] = choice.choice(b"\"'[]={}\n\\.,#abc019-:\xff\x00")
        write(name, bytes(changed))
        assert one_sentence(mlscore(*args)), bytes(changed)


VALUES = (..., None, "", "x", -1, 1e6, True, [], {}, "7/3", "\u202e\x1b[31m\0", "a" * 3000, "ñ\ud800")
FORMATS = ("terminal", "markdown", "github:-", "badge:-", "readme:-", "json")


def places(data, at=()):
    """Where each value of JSON data stands; of a list the first one alone."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data[:1]):
        yield (*at, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*at, key))


def test_whatever_stands_in_a_report(mlscore, write, project, suite):
    write("tests/test_a.py", SUITE)
    write("mlscore.attestations.toml", ATTESTATION)
    suite("--mlscore-fail-under=1", "--mlscore-report=json:report.json")
    data = json.loads((project / "report.json").read_text(encoding="utf-8"))
    choice = random.Random(7)
    for path in places(data):
        changed = json.loads(json.dumps(data))
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        value = choice.choice(VALUES)
        if value is ...:
            del inner[path[-1]]
        else:
            inner[path[-1]] = value
        write("report.json", json.dumps(changed))
        for args in (("render", "report.json", "--to", choice.choice(FORMATS)), ("next", "--from", "report.json")):
            assert one_sentence(mlscore(*args)), (path, value, args)
