"""From what a suite's own conventions consistently say to the lines of configuration that let them count."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from mlscore.core.placement import CLAIMED_BY_DOCSTRING, CLAIMED_BY_MARK, MARKER, Conventions, Mark, Placement, place
from mlscore.probes.suite.reader import StaticTest, Suite

_LEVELS = frozenset({"manual", "manually", "automatic", "automated", "auto"})
_GENERAL = "{section}_test+{section}_{n}"
FEWEST_TAGS = 2
"""A single tag in a docstring is an accident; several are a habit."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Conventions that would let tests count, and how many tests each of its parts reads."""

    conventions: Conventions
    by_markers: int = 0
    by_docstrings: int = 0
    unread: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to configure."""
        return not (self.by_markers or self.by_docstrings)

    def lines(self, *, table: str = "tool.mlscore.conventions") -> tuple[str, ...]:
        """The configuration as lines of TOML; `table` is "conventions" in an mlscore.toml."""
        if self.is_empty:
            return ()
        found = [f"[{table}]"]
        if self.by_markers:
            found.append(f"markers = [{', '.join(_quoted(m) for m in self.conventions.markers)}]")
        if self.by_docstrings:
            found.append("docstrings = true")
        return tuple(found)


def propose(suite: Suite, *, conventions: Conventions, rubric_ids: tuple[str, ...]) -> Proposal:
    """The lines to add to `conventions`: each reads every test that carries its markers, or it is not proposed."""
    lines: Counter[str] = Counter()
    tags = 0
    for test in suite.tests:
        placement = _place(test, conventions, rubric_ids)
        if placement.items or placement.problems or placement.suggested is None:
            continue
        if placement.confidence == CLAIMED_BY_MARK:
            match = re.search(r'markers = \["(.*)"\]', placement.why)
            if match is not None:
                lines[match[1]] += 1
        elif placement.confidence == CLAIMED_BY_DOCSTRING:
            tags += 1
    proposed = [_with_status(line, suite) for line, _ in lines.most_common()]
    proposed = _generalised(proposed, suite, conventions, rubric_ids)
    kept: list[str] = []
    unread: list[str] = []
    counts = 0
    for line in proposed:
        trial = replace(conventions, markers=(*conventions.markers, line))
        read, wrong = _reading(line, suite, trial, rubric_ids)
        if wrong:
            unread.append(f'"{line}" would not read {wrong} of {read + wrong} tests')
        elif read:
            kept.append(line)
            counts += read
    docstrings = tags if tags >= FEWEST_TAGS and not conventions.docstrings else 0
    return Proposal(
        conventions=replace(
            conventions, markers=(*conventions.markers, *kept), docstrings=conventions.docstrings or docstrings > 0
        ),
        by_markers=counts,
        by_docstrings=docstrings,
        unread=tuple(unread),
    )


def _place(test: StaticTest, conventions: Conventions, rubric_ids: tuple[str, ...]) -> Placement:
    return place(
        test.marks,
        docstring=test.docstring,
        name=test.name,
        path=test.path,
        conventions=conventions,
        rubric_ids=rubric_ids,
    )


def _carries(test: StaticTest, line: str) -> bool:
    """Whether a test has the (last) marker of a line, by name."""
    name = line.partition("(")[0].rpartition("+")[2]
    pattern = re.escape(name).replace(r"\{n\}", r"\d+").replace(r"\{section\}", r"[a-z_]+")
    return any(re.fullmatch(pattern, mark.name) for mark in test.marks)


def _reading(line: str, suite: Suite, conventions: Conventions, rubric_ids: tuple[str, ...]) -> tuple[int, int]:
    """How many tests with the line's markers it reads, and how many it cannot."""
    read = wrong = 0
    for test in suite.tests:
        if not _carries(test, line) or any(mark.name == MARKER for mark in test.marks):
            continue
        placement = _place(test, conventions, rubric_ids)
        if placement.problems:
            wrong += 1
        elif placement.items:
            read += 1
    return read, wrong


def _with_status(line: str, suite: Suite) -> str:
    """The line with `; status=manual` where the suite's marks say in a keyword how the test is run."""
    name, _, keyword = line.removesuffix(")").partition("(")
    for test in suite.tests:
        for mark in test.marks:
            if mark.name == name and (level := _level_keyword(mark, keyword)) is not None:
                return f"{name}({keyword}; {level}=manual)" if keyword else f"{name}(; {level}=manual)"
    return line


def _level_keyword(mark: Mark, keyword: str) -> str | None:
    for key, value in mark.kwargs.items():
        if key != keyword and isinstance(value, str) and value.lower() in _LEVELS:
            return key
    return None


def _generalised(lines: list[str], suite: Suite, conventions: Conventions, rubric_ids: tuple[str, ...]) -> list[str]:
    """One line for pairs such as `data_test+data_{n}` and `infrastructure_test+infra_{n}`, where it reads them all."""
    pairs = [line for line in lines if re.fullmatch(r"[a-z]+_test\+[a-z]+_\{n\}", line)]
    if len(pairs) < 2:
        return lines
    one = replace(conventions, markers=(*conventions.markers, _GENERAL))
    each = replace(conventions, markers=(*conventions.markers, *pairs))
    for test in suite.tests:
        if _place(test, each, rubric_ids).items != _place(test, one, rubric_ids).items:
            return lines
    return [_GENERAL, *(line for line in lines if line not in pairs)]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
