"""One JUnit XML file: what it tells, and every way in which a file is refused."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.collect import junit_xml
from mlscore.collect.cases import Case, SuiteFacts, to_property, to_suite_property
from mlscore.collect.junit_xml import CHUNK, ForeignCase, parse_junit
from mlscore.core.evidence import Outcome
from mlscore.core.placement import Placement
from mlscore.errors import InputError

HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def attribute(text):
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


@pytest.fixture
def parse(tmp_path):
    def parse(content):
        path = tmp_path / "j.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return parse_junit(path, "j.xml")

    return parse


@pytest.fixture
def refused(parse):
    def refused(content):
        with pytest.raises(InputError) as caught:
            parse(content)
        text = str(caught.value)
        assert text.startswith("j.xml:")
        return text

    return refused


def cases(parse, body):
    file = parse(f"{HEAD}<testsuites><testsuite>{body}</testsuite></testsuites>")
    return [case for found in file.foreign.values() for case in found]


class TestForeign:
    @pytest.mark.parametrize(
        ("inside", "outcome", "detail"),
        [
            ('<failure message="assert 1 == 2&#10;more">text</failure>', Outcome.FAILED, "assert 1 == 2"),
            ("<failure>first line\nsecond</failure>", Outcome.FAILED, "first line"),
            ("<failure/>", Outcome.FAILED, ""),
            ('<error message="no database"/>', Outcome.ERROR, "no database"),
            ('<skipped message="no GPU" type="pytest.skip">a.py:3: no GPU</skipped>', Outcome.SKIPPED, "no GPU"),
            ("<skipped/>", Outcome.SKIPPED, ""),
            ('<skipped type="pytest.xfail" message="bug 3"/>', Outcome.SKIPPED, "xfailed: bug 3"),
            ('<skipped type="pytest.xfail" message=""/>', Outcome.SKIPPED, "xfailed"),
            (
                '<skipped type="pytest.xfail" message="[NOTRUN] hangs"/>',
                Outcome.SKIPPED,
                "not executed, as its xfail mark asks: hangs",
            ),
            ('<error message="teardown"/><failure message="call"/>', Outcome.FAILED, "call"),
            ('<skipped message="sub"/><error message="teardown"/>', Outcome.ERROR, "teardown"),
        ],
    )
    def test_how_it_went(self, parse, inside, outcome, detail):
        (case,) = cases(parse, f'<testcase classname="a" name="t">{inside}</testcase>')
        assert (case.outcome, case.detail) == (outcome, detail)

    def test_those_that_passed_are_names(self, parse):
        file = parse(
            f'{HEAD}<testsuite timestamp="T"><testcase classname="a" name="t"/><testcase classname="a" name="u"/>'
            '<testcase classname="b" name="t" file="b.py"/><testcase name="x"/></testsuite>'
        )
        assert file.plain == {("a", None, "T"): ["t", "u"], ("b", "b.py", "T"): ["t"], ("", None, "T"): ["x"]}

    def test_of_one_class_with_and_without_a_file(self, parse):
        one, two = (f'<testcase classname="a" name="{n}"{f} time="0" />' for n, f in (("t", ' file="é.py"'), ("u", "")))
        assert parse(f"<testsuite>{one}{two}</testsuite>").plain == {
            ("a", "é.py", None): ["t"],
            ("a", None, None): ["u"],
        }

    def test_suites_have_time_stamps_of_their_own(self, parse):
        file = parse(
            '<testsuites><testsuite timestamp="1"><testcase classname="a" name="t"/></testsuite>'
            '<testsuite timestamp="2"><testcase classname="a" name="t"/></testsuite></testsuites>'
        )
        assert list(file.plain) == [("a", None, "1"), ("a", None, "2")]

    def test_their_properties(self, parse):
        inside = '<properties><property name="req" value="Data 1"/><property value="x"/></properties>'
        (case,) = cases(parse, f'<testcase classname="a" name="t">{inside}</testcase>')
        assert case == ForeignCase("t", Outcome.PASSED, "", (("req", "Data 1"), ("", "x")))

    def test_a_suites_property_belongs_to_no_test(self, parse):
        assert (
            cases(parse, '<testcase classname="a" name="t"/><properties><property name="p" value="v"/></properties>')
            == []
        )

    def test_how_many_ran(self, parse):
        body = (
            '<testcase classname="a" name="passed"/><testcase classname="a" name="passed"/>'
            '<testcase classname="a" name="rerun"/><testcase classname="a" name="rerun"><failure/></testcase>'
            '<testcase classname="b" name="passed"/>'
            '<testcase classname="a" name="s"><skipped/></testcase>'
            '<testcase classname="a" name="x"><skipped type="pytest.xfail" message="bug"/></testcase>'
            '<testcase classname="a" name="n"><skipped type="pytest.xfail" message="[NOTRUN] bug"/></testcase>'
            '<testcase classname="" name="c"><error message="collection failure"/></testcase>'
            '<testcase classname="a" name="e"><error message="setup"/></testcase>'
        )
        assert parse(f"{HEAD}<testsuite>{body}</testsuite>").tests == 5

    def test_an_internal_error_of_pytest(self, parse):
        file = parse(
            '<testsuite><testcase classname="pytest" name="internal"><error message="internal error"/></testcase>'
            "</testsuite>"
        )
        assert file.internal_error
        assert file.foreign == {}

    def test_a_collection_that_failed_or_was_skipped(self, parse):
        body = (
            '<testcase classname="" name="tests.test_a"><error message="collection failure">E</error></testcase>'
            '<testcase classname="" name="tests.test_b"><skipped message="collection skipped">'
            "('b.py', 1, 'Skipped: no GPU')</skipped></testcase>"
        )
        broken, skipped = cases(parse, body)
        assert (broken.collection, broken.outcome) == (True, Outcome.ERROR)
        assert (skipped.collection, skipped.outcome) == (True, Outcome.SKIPPED)
        assert skipped.detail == "('b.py', 1, 'Skipped: no GPU')"


class TestOurs:
    CASE = Case("a.py::t", "a.py", 3, "t", Outcome.PASSED, Placement(("data-1",)))

    def test_a_case_and_its_vetoes(self, parse):
        file = parse(
            f'<testsuite><testcase classname="a" name="t"><properties><property name="mlscore" '
            f'value="{attribute(to_property(self.CASE, attempt=2))}"/></properties><failure message="no"/></testcase>'
            "</testsuite>"
        )
        ((told, vetoes),) = file.told
        assert (told.case, told.attempt) == (self.CASE, 2)
        assert vetoes == {Outcome.FAILED: "no"}

    def test_facts_of_a_suite_make_its_other_test_cases_say_nothing(self, parse):
        facts = attribute(to_suite_property(SuiteFacts(tests=7)))
        file = parse(
            f'<testsuites><testsuite><properties><property name="mlscore" value="{facts}"/></properties>'
            '<testcase classname="a" name="t"/><testcase classname="a" name="u"><failure/></testcase></testsuite>'
            '<testsuite><testcase classname="b" name="t"/></testsuite></testsuites>'
        )
        assert file.tests == 7 + 1
        assert file.plain == {("b", None, None): ["t"]}
        assert file.foreign == {}

    def test_a_property_of_the_same_name_that_is_not_ours(self, parse):
        file = parse(
            '<testsuite><testcase classname="a" name="t"><properties><property name="mlscore" value="data-1"/></properties>'
            "</testcase></testsuite>"
        )
        assert file.told == []
        assert file.foreign[("a", None, None)][0].properties == (("mlscore", "data-1"),)


class TestEncodings:
    BODY = '<testsuite><testcase classname="é" name="t"><failure message="größer"/></testcase></testsuite>'

    @pytest.mark.parametrize(
        ("declared", "codec"),
        [
            ("utf-8", "utf-8"),
            ("utf-8", "utf-8-sig"),
            ("utf-16", "utf-16"),
            ("iso-8859-1", "latin-1"),
            ("windows-1252", "cp1252"),
        ],
    )
    def test_declared_ones_are_read(self, parse, declared, codec):
        file = parse(f'<?xml version="1.0" encoding="{declared}"?>{self.BODY}'.encode(codec))
        assert file.foreign[("é", None, None)][0].detail == "größer"

    def test_windows_line_ends(self, parse):
        assert parse(f"{HEAD}\r\n{self.BODY}\r\n").tests == 1

    def test_not_utf8(self, refused):
        assert "j.xml:1: not UTF-8 in column " in refused((HEAD + self.BODY).encode("latin-1"))

    def test_an_encoding_nobody_knows(self, refused):
        assert "encoding" in refused(b'<?xml version="1.0" encoding="klingon"?><testsuite/>')

    def test_characters_cut_by_the_readers_chunks(self, parse):
        file = parse(f"{HEAD}<testsuite><system-out>{'é' * CHUNK}</system-out>{self.BODY}</testsuite>")
        assert file.tests == 1

    def test_bad_bytes_far_into_the_file(self, refused):
        text = f"{HEAD}<testsuite><system-out>{'é' * CHUNK}".encode() + b"\xff</system-out></testsuite>"
        assert "not UTF-8" in refused(text)


class TestRefused:
    @pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "\ufeff \n"])
    def test_an_empty_file(self, refused, content):
        assert refused(content) == "j.xml: the file is empty; let pytest write it again"

    @pytest.mark.parametrize("content", [HEAD, f"{HEAD}<testsuite>", f'{HEAD}<testsuite><testcase name="t', "<!-- a"])
    def test_a_truncated_file(self, refused, content):
        assert refused(content) == "j.xml:1: the XML ends too early; let pytest write it again"

    @pytest.mark.parametrize("content", ["hello", '{"tests": []}', "PK\x03\x04"])
    def test_no_xml_at_all(self, refused, content):
        assert "this is not XML" in refused(content)

    @pytest.mark.parametrize("content", ["<a></b>", "<testsuite><a b=1/></testsuite>", "<testsuite>&nbsp;</testsuite>"])
    def test_xml_that_is_not_well_formed(self, refused, content):
        said = refused(content)
        assert "not well-formed XML" in said or "not a JUnit report" in said

    def test_another_kind_of_xml(self, refused):
        assert "not a JUnit report: its root is <html>" in refused("<html><body/></html>")

    def test_a_billion_laughs(self, refused):
        lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)]
        said = refused(f"{HEAD}<!DOCTYPE lolz [{''.join(lines)}]><testsuite name='&a10;'/>")
        assert "declares a document type (lolz)" in said

    def test_an_external_entity(self, refused, tmp_path):
        (tmp_path / "secret").write_text("secret", encoding="utf-8")
        said = refused(f'<!DOCTYPE t [<!ENTITY x SYSTEM "{tmp_path}/secret">]><testsuite name="&x;"/>')
        assert "declares a document type" in said

    def test_an_external_document_type(self, refused):
        assert "declares a document type" in refused('<!DOCTYPE testsuite SYSTEM "http://localhost/x.dtd"><testsuite/>')

    def test_a_file_that_cannot_be_opened(self, tmp_path):
        with pytest.raises(InputError, match=r"^j\.xml: cannot be read: "):
            parse_junit(tmp_path, "j.xml")

    def test_deep_nesting_is_no_danger(self, parse):
        assert parse("<testsuite>" * 50_000 + "</testsuite>" * 50_000).tests == 0


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda t: f"<testsuite>{t}</testsuite>".encode()))
def test_whatever_the_bytes_it_is_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "j.xml"
    path.write_bytes(content)
    said = "j.xml:"
    try:
        told = parse_junit(path, "j.xml").told
    except InputError as error:
        told, said = [], str(error)
    assert told == []
    assert said.startswith("j.xml:")


OURS = f'<property name="mlscore" value="{attribute(to_suite_property(SuiteFacts(tests=3)))}"/>'
PIECES = st.lists(
    st.sampled_from(
        [
            '<testcase classname="a" name="t" time="0.1" />',
            '<testcase classname="a" name="u" time="0.1" />',
            '<testcase classname="a.B" name="t[1-x\'y&gt;]" time="1.25" />',
            '<testcase classname="b" name="t" file="b.py" line="3" time="0.1" />',
            '<testcase classname="b" name="t" file="b.py" time="0.1" />',
            '<testcase classname="b" name="v" time="0.1" file="b.py" />',
            '<testcase classname="b" name="w"/>',
            '<testcase classname="b" name="x" assertions="1" status="run"/>',
            '<testcase classname="b" name="y" name="z"/>',
            '<testcase name="t" classname="a" time="0.1" />',
            '<testcase classname="é" name="t" time="0.1" />',
            '<testcase classname="a" name="t" time="0.1"></testcase>',
            '<testcase classname="a" name="f" time="0.1"><failure message="no"/></testcase>',
            '<testcase classname="a" name="s" time="0.1"><skipped/></testcase>',
            '<testcase classname="a" name="p" time="0.1"><properties><property name="q"/></properties></testcase>',
            "</testsuite><testsuite>",
            '</testsuite><testsuite name="pytest" timestamp="2026-05-01T12:00:00">',
            f"</testsuite><testsuite><properties>{OURS}</properties>",
            "<system-out>text &lt;testcase</system-out>",
            '<!-- <testcase classname="a" name="c" time="0.1" /> -->',
            '<system-out><![CDATA[<testcase classname="a" name="c" time="0.1" />]]></system-out>',
            '<?look <testcase classname="a" name="i" time="0.1" /> ?>',
            "\n  ",
            "</broken>",
        ]
    ),
    max_size=14,
)


@given(PIECES, st.integers(len(HEAD), 400))
def test_skimming_plain_test_cases_off_changes_nothing(tmp_path_factory, pieces, size):
    path = tmp_path_factory.mktemp("skim") / "j.xml"
    path.write_text(f"{HEAD}<testsuites><testsuite>{''.join(pieces)}</testsuite></testsuites>", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(junit_xml, "CHUNK", size)
        skimmed = outcome_of_parsing(path)
        patch.setattr(junit_xml, "_DECLARATION", "never")
        assert skimmed == outcome_of_parsing(path)


def outcome_of_parsing(path):
    try:
        file = parse_junit(path, "j.xml")
    except InputError as error:
        return str(error)
    # Skimmed names come after those of the same chunk that were not.
    return {**asdict(file), "plain": {group: sorted(names) for group, names in file.plain.items()}}


def test_plain_test_cases_are_skimmed_off(tmp_path, monkeypatch):
    path = tmp_path / "j.xml"
    path.write_text(f'{HEAD}<testsuite><testcase classname="a" name="t" time="0.1" /></testsuite>', encoding="utf-8")
    noted = []
    monkeypatch.setattr(junit_xml._Parser, "_note", lambda self, plain: noted.append(plain))
    parse_junit(path, "j.xml")
    assert noted == [["a", "t", None, "</testsuite>"]]
