"""One JUnit XML file, read in a stream: test cases with our property apart from foreign ones, and what the suite says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from mlscore.collect.cases import PROPERTY, SuiteFacts, Told, from_property, from_suite_property
from mlscore.collect.phases import NOT_EXECUTED, brief
from mlscore.core.evidence import Outcome
from mlscore.errors import InputError

CHUNK = 1 << 20
_BLANK = b"\xef\xbb\xbf \t\r\n"
WRITE_AGAIN = "let pytest write it again"
NAME_ANOTHER = "name the file that pytest --junitxml wrote"
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
            return _Parser(name).parse(stream.read)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=name, hint="check the file") from None


class _Parser:
    """Handlers for expat; the two that see every element do as little as they can."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file = JunitFile()
        self._timestamp: str | None = None
        self._own = False
        self._rooted = False
        # The current test case: its attributes, verdict elements (name, type, message, text) and properties.
        self._case: dict[str, str] | None = None
        self._verdicts: list[list[str]] = []
        self._properties: list[tuple[str, str]] = []
        self._classname: str | None = None
        self._names: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._root
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.buffer_text = True

    def parse(self, read: Callable[[int], bytes]) -> JunitFile:
        """Feed the parser until the stream ends."""
        parser = self._parser
        start = b""
        while True:
            chunk = read(CHUNK)
            start = start or chunk.lstrip(_BLANK)[:1]
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                raise self._malformed(error, chunk, start) from None
            except (LookupError, ValueError) as error:
                raise InputError(f"cannot be read: {error}", where=self._name, hint="write it in UTF-8") from None
            if not chunk:
                self._count()
                return self._file

    def _malformed(self, error: expat.ExpatError, chunk: bytes, start: bytes) -> InputError:
        code = expat.errors.codes
        column = error.offset + 1
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

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name not in ("testsuites", "testsuite"):
            raise InputError(
                f"this is XML, but not a JUnit report: its root is <{name[:60]}>",
                where=self._name,
                hint=NAME_ANOTHER,
            )
        self._rooted = True
        self._parser.StartElementHandler = self._start
        self._start(name, attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "testcase":
            self._case = attributes
        elif self._case is not None:
            if name == "property":
                self._properties.append((attributes.get("name", ""), attributes.get("value", "")))
            elif name in _VERDICTS:
                message = attributes.get("message", "")
                self._verdicts.append([name, attributes.get("type", ""), message, ""])
                if message in ("", "collection skipped"):
                    self._parser.CharacterDataHandler = self._text
        elif name == "property":
            self._suite_property(attributes)
        elif name == "testsuite":
            self._timestamp = attributes.get("timestamp")
            self._classname = None
            self._own = False

    def _end(self, name: str) -> None:
        if name == "testcase":
            case = self._case
            if case is None:
                return
            self._case = None
            if self._properties or self._verdicts:
                self._close(case)
            elif not self._own:
                # Test cases of one class come one after the other.
                classname = case.get("classname", "")
                if classname != self._classname or "file" in case:
                    self._classname = classname
                    group = (classname, case.get("file"), self._timestamp)
                    self._names = self._file.plain.setdefault(group, [])
                self._names.append(case.get("name", ""))
        elif name in _VERDICTS:
            self._parser.CharacterDataHandler = None

    def _text(self, text: str) -> None:
        if len(self._verdicts[-1][3]) < CHUNK:
            self._verdicts[-1][3] += text

    def _suite_property(self, attributes: dict[str, str]) -> None:
        if attributes.get("name") == PROPERTY:
            facts = from_suite_property(attributes.get("value", ""))
            if facts is not None:
                self._own = True
                self._file.facts.append(facts)
                self._file.tests += facts.tests

    def _close(self, case: dict[str, str]) -> None:
        """A test case with verdicts or properties is over."""
        verdicts, properties = self._verdicts, self._properties
        self._verdicts, self._properties = [], []
        told = next((from_property(value) for name, value in properties if name == PROPERTY), None)
        if told is not None:
            self._file.told.append((told, _vetoes(verdicts)))
        elif not self._own:
            # In a file that the plugin wrote, the suite's property tells of the test cases without one.
            self._foreign(case, verdicts, properties)

    def _foreign(self, case: dict[str, str], verdicts: list[list[str]], properties: list[tuple[str, str]]) -> None:
        outcome, detail, message = Outcome.PASSED, "", ""
        if verdicts:
            verdict = min(verdicts, key=lambda v: _VERDICTS.index(v[0]))
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
