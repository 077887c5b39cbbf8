"""One JUnit XML file, read in a stream: test cases with our property apart from foreign ones, and what the suite says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from xml.parsers import expat

from mlscore.collect.cases import PROPERTY, PROPERTY_VERSION, SuiteFacts, Told, from_property, from_suite_property
from mlscore.collect.phases import NOT_EXECUTED, brief
from mlscore.core.evidence import Outcome
from mlscore.errors import InputError

CHUNK = 1 << 20
_BLANK = b"\xef\xbb\xbf \t\r\n"
WRITE_AGAIN = "let pytest write it again"
NAME_ANOTHER = "name the file that pytest --junitxml wrote"
# Test cases that passed and say nothing else, as test runners write them. Printable ASCII without quote, ampersand and
# angle bracket needs no XML parser to be read; `re` does so in half of expat's time.
_VALUE = r"[ !#-%'-;=-~]*"
_OTHERS = rf'(?: (?!classname=|name=|file=)[a-z]+="{_VALUE}")*'
_PLAIN, _PLAIN_WHOLE = (
    re.compile(rf'<testcase classname="{v}" name="{v}"(?: file="{v}")?{_OTHERS}(?: ?/>|></testcase>)')
    for v in (f"({_VALUE})", _VALUE)
)
_CASE = "<testcase"
_SUITE = "<testsuite"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
# Elements of a test case that say how it went, in the order in which they count.
_VERDICTS = ("failure", "error", "skipped")


Group = tuple[str, str | None, str | None]
"""Class name and file as test cases state them, and their suite's time stamp."""


@dataclass(slots=True)
class ForeignCase:
    """A test case without our property that has something to tell: its name, how it went, its own properties."""

    name: str
    outcome: Outcome
    detail: str
    properties: tuple[tuple[str, str], ...] = ()
    collection: bool = False
    ran: bool = True


@dataclass(slots=True)
class JunitFile:
    """What one file tells; `tests` ran to an outcome.

    `told` are the test cases with our property. Of the others, `plain` has the names of those that passed and say nothing
    else, `foreign` the rest.
    """

    told: list[tuple[Told, dict[Outcome, str]]] = field(default_factory=list)
    plain: dict[Group, list[str]] = field(default_factory=dict)
    foreign: dict[Group, list[ForeignCase]] = field(default_factory=dict)
    facts: list[SuiteFacts] = field(default_factory=list)
    tests: int = 0
    internal_error: bool = False


def parse_junit(path: Path, name: str) -> JunitFile:
    """Read the file at `path`; messages call it `name`.

    Neither document type declarations nor entities are accepted, so that no file can blow up or reach out. Raises
    InputError when the file cannot be read, is not well-formed, or is XML of another kind.
    """
    try:
        with path.open("rb") as stream:
            if stream.seekable():
                try:
                    return _Parser(name, skim=True).parse(stream.read)
                except (expat.ExpatError, LookupError, ValueError):
                    # Where it is wrong is known only when nothing is skimmed off.
                    stream.seek(0)
            parser = _Parser(name, skim=False)
            try:
                return parser.parse(stream.read)
            except expat.ExpatError as error:
                raise parser.malformed(error) from None
            except (LookupError, ValueError) as error:
                raise InputError(f"cannot be read: {error}", where=name, hint="write it in UTF-8") from None
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise InputError(f"cannot be read: {why}", where=name, hint="check its permissions") from None


class _Parser:
    """Handlers for expat; the two that see every element do as little as they can."""

    def __init__(self, name: str, *, skim: bool) -> None:
        self._name = name
        self._skim = skim
        self._start = b""
        self._chunk = b""
        self._tail = ""
        self._file = JunitFile()
        self._timestamp: str | None = None
        self._own = False
        self._rooted = False
        self._parser = expat.ParserCreate()
        # Attributes as a list of names and values are half as dear as a dictionary.
        self._parser.ordered_attributes = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._root
        self._parser.buffer_text = True

    def parse(self, read: Callable[[int], bytes]) -> JunitFile:
        """Feed the parser until the stream ends. What expat raises goes through."""
        self._chunk = read(CHUNK)
        # Another declaration may name an encoding in which bytes mean other characters.
        self._skim = self._skim and self._chunk.startswith(_DECLARATION.encode())
        while self._chunk:
            self._start = self._start or self._chunk.lstrip(_BLANK)[:1]
            if self._skim:
                self._feed(self._chunk)
            else:
                self._parser.Parse(self._chunk, False)
            self._chunk = read(CHUNK)
        self._parser.Parse(b"", True)
        self._count()
        return self._file

    def _feed(self, chunk: bytes) -> None:
        """Skim the plain test cases off the chunk, suite by suite, and let expat read the rest."""
        # Latin-1 makes a text of any bytes and gives them back; what is skimmed off is ASCII.
        head, *suites = chunk.decode("latin-1").split(_SUITE)
        for piece in (head, *(_SUITE + suite for suite in suites)):
            # What a suite says of itself stands before its test cases.
            start = max(piece.find(_CASE), 0)
            opening = piece[:start]
            self._parser.Parse(opening.encode("latin-1"), False)
            plain: list[str] = []
            rest = piece[start:]
            if self._own:
                rest = _PLAIN_WHOLE.sub("", rest)
            else:
                first, *plain = _PLAIN.split(rest)
                rest = "".join((first, *plain[3::4]))
            seen = self._tail + (opening + rest).removeprefix(_DECLARATION)
            self._tail = seen[-1:]
            if not self._skim or "<!" in seen or "<?" in seen:
                # A comment, CDATA or an instruction may hold what only looks like a test case.
                self._skim = False
                self._parser.Parse(piece[start:].encode("latin-1"), False)
                continue
            self._parser.Parse(rest.encode("latin-1"), False)
            if plain:
                self._note(plain)

    def _note(self, plain: list[str]) -> None:
        """File the names under their class and file; test cases of one class come one after the other."""
        names, done = plain[1::4], 0
        for (classname, path), run in groupby(zip(plain[::4], plain[2::4], strict=True)):
            start, done = done, done + sum(1 for _ in run)
            self._file.plain.setdefault((classname, path, self._timestamp), []).extend(names[start:done])

    def malformed(self, error: expat.ExpatError) -> InputError:
        """What expat's error means for the user."""
        code = expat.errors.codes
        column = error.offset + 1
        start, chunk = self._start, self._chunk
        if not start:
            return InputError("the file is empty", where=self._name, hint=WRITE_AGAIN)
        if start != b"<" and not self._rooted:
            return InputError("this is not XML", where=self._name, hint=NAME_ANOTHER)
        if error.code in (code[expat.errors.XML_ERROR_NO_ELEMENTS], code[expat.errors.XML_ERROR_UNCLOSED_TOKEN]):
            what, hint = "the XML ends too early", WRITE_AGAIN
        elif error.code == code[expat.errors.XML_ERROR_INVALID_TOKEN] and _is_not_utf8(chunk):
            what = f"not UTF-8 in column {column}, and no other encoding is declared"
            hint = "write it in UTF-8, or declare its encoding"
        elif error.code == code[expat.errors.XML_ERROR_INVALID_TOKEN]:
            what, hint = f"not well-formed XML: a character out of place in column {column}", WRITE_AGAIN
        else:
            what, hint = f"not well-formed XML: {expat.ErrorString(error.code)} in column {column}", WRITE_AGAIN
        return InputError(what, where=f"{self._name}:{error.lineno}", hint=hint)

    def _doctype(self, name: str, *_: object) -> None:
        raise InputError(
            f"it declares a document type ({name[:60]}), and such files are not read, as entities could hide there",
            where=self._name,
            hint=NAME_ANOTHER,
        )

    def _root(self, name: str, attributes: list[str]) -> None:
        if name not in ("testsuites", "testsuite"):
            raise InputError(
                f"this is XML, but not a JUnit report: its root is <{name[:60]}>",
                where=self._name,
                hint=NAME_ANOTHER,
            )
        self._rooted = True
        start, end = self._listeners()
        self._parser.StartElementHandler, self._parser.EndElementHandler = start, end
        start(name, attributes)

    def _listeners(self) -> tuple[Callable[[str, list[str]], None], Callable[[str], None]]:
        """The two handlers; what they share is in variables of this function, which are quicker than attributes."""
        file, parser = self._file, self._parser
        case: list[str] | None = None
        verdicts: list[list[str]] = []
        properties: list[tuple[str, str]] = []
        last: str | None = None
        names: list[str] = []

        def start(name: str, attributes: list[str]) -> None:
            nonlocal case, last
            if name == "testcase":
                case = attributes
            elif name == "property":
                given = _mapping(attributes)
                if case is None:
                    self._suite_property(given)
                else:
                    properties.append((given.get("name", ""), given.get("value", "")))
            elif case is not None and name in _VERDICTS:
                given = _mapping(attributes)
                message = given.get("message", "")
                verdicts.append([name, given.get("type", ""), message, ""])
                if message in ("", "collection skipped"):
                    parser.CharacterDataHandler = text
            elif name == "testsuite":
                self._timestamp = _mapping(attributes).get("timestamp")
                self._own = False
                last = None

        def text(data: str) -> None:
            if len(verdicts[-1][3]) < CHUNK:
                verdicts[-1][3] += data

        def end(name: str) -> None:
            nonlocal case, verdicts, properties, last, names
            if name == "testcase" and case is not None:
                if verdicts or properties:
                    self._close(_mapping(case), verdicts, properties)
                    verdicts, properties = [], []
                elif not self._own:
                    # Test cases of one class come one after the other, and pytest always begins them alike.
                    plain = len(case) == 6 and case[0] == "classname" and case[2] == "name"
                    if plain and case[1] == last:
                        names.append(case[3])
                    else:
                        given = _mapping(case)
                        group = (given.get("classname", ""), given.get("file"), self._timestamp)
                        names = file.plain.setdefault(group, [])
                        names.append(given.get("name", ""))
                        last = case[1] if plain else None
                case = None
            elif name in _VERDICTS:
                parser.CharacterDataHandler = None

        return start, end

    def _suite_property(self, attributes: dict[str, str]) -> None:
        if attributes.get("name") == PROPERTY:
            facts = from_suite_property(attributes.get("value", ""))
            if facts is not None:
                self._own = True
                self._file.facts.append(facts)
                self._file.tests += facts.tests
            else:
                self._refuse_newer(attributes.get("value", ""))

    def _refuse_newer(self, text: str) -> None:
        """Raise InputError for a property that a newer mlscore wrote: taken for a stranger's, it would tell half."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return
        version = data.get("v") if isinstance(data, dict) else None
        if isinstance(version, int) and version > PROPERTY_VERSION:
            raise InputError(
                f"written by a newer mlscore: its properties have version {version}, this one reads {PROPERTY_VERSION}",
                where=self._name,
                hint="upgrade mlscore: pip install --upgrade ml-test-score",
            )

    def _close(self, case: dict[str, str], verdicts: list[list[str]], properties: list[tuple[str, str]]) -> None:
        """A test case with verdicts or properties is over."""
        own = [value for name, value in properties if name == PROPERTY]
        told = next((found for value in own if (found := from_property(value)) is not None), None)
        if told is not None:
            self._file.told.append((told, _vetoes(verdicts)))
            return
        for value in own:
            self._refuse_newer(value)
        if own and self._own:
            # Passed over, a failing test would vanish.
            name = f"{case.get('classname', '')}::{case.get('name', '')}"
            raise InputError(
                f'the property "{PROPERTY}" of {name[:100]} is damaged', where=self._name, hint=WRITE_AGAIN
            )
        if not self._own:
            # In a file that the plugin wrote, the suite's property tells of the test cases without one.
            self._foreign(case, verdicts, properties)

    def _foreign(self, case: dict[str, str], verdicts: list[list[str]], properties: list[tuple[str, str]]) -> None:
        outcome, detail, message = Outcome.PASSED, "", ""
        if verdicts:
            verdict = verdicts[0] if len(verdicts) == 1 else min(verdicts, key=lambda v: _VERDICTS.index(v[0]))
            outcome, detail = _read_verdict(verdict)
            message = verdict[2]
        classname, name = case.get("classname", ""), case.get("name", "")
        if classname == "pytest" and name == "internal" and message == "internal error":
            self._file.internal_error = True
            return
        found = ForeignCase(
            name=name,
            outcome=outcome,
            detail=detail,
            properties=tuple(properties),
            collection=message in ("collection failure", "collection skipped"),
            ran=_ran(verdicts),
        )
        self._file.foreign.setdefault((classname, case.get("file"), self._timestamp), []).append(found)

    def _count(self) -> None:
        """How many different tests ran to an outcome; a rerun makes two test cases of one test."""
        file = self._file
        for group, cases in file.foreign.items():
            names = {case.name for case in cases if case.ran} - set(file.plain.get(group, ()))
            file.tests += len(names)
        file.tests += sum(len(set(names)) for names in file.plain.values())


def _mapping(attributes: list[str]) -> dict[str, str]:
    return dict(zip(attributes[::2], attributes[1::2], strict=True))


def _is_not_utf8(chunk: bytes) -> bool:
    try:
        # A character may be cut in two at the chunk's end.
        chunk[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _vetoes(verdicts: list[list[str]]) -> dict[Outcome, str]:
    kinds = {"failure": Outcome.FAILED, "error": Outcome.ERROR}
    return {kinds[v[0]]: brief(v[2]) for v in reversed(verdicts) if v[0] in kinds}


def _ran(verdicts: list[list[str]]) -> bool:
    """Whether a test case ran to an outcome: it was not skipped, and could be collected."""
    return not verdicts or any(
        v[2] != "collection failure"
        if v[0] != "skipped"
        else v[1] == "pytest.xfail" and not v[2].startswith(NOT_EXECUTED)
        for v in verdicts
    )


def _read_verdict(verdict: list[str]) -> tuple[Outcome, str]:
    name, kind, message, text = verdict
    if name == "failure":
        return Outcome.FAILED, brief(message or text)
    if name == "error":
        return Outcome.ERROR, brief(message or text)
    if kind == "pytest.xfail":
        reason = brief(message.removeprefix(NOT_EXECUTED))
        verb = "not executed, as its xfail mark asks" if message.startswith(NOT_EXECUTED) else "xfailed"
        return Outcome.SKIPPED, f"{verb}: {reason}" if reason else verb
    return Outcome.SKIPPED, brief(text if message == "collection skipped" else message or text)
