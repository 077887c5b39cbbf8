"""Evidence out of JUnit XML: the files of one run or of several CI jobs, merged as if they had been one run."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.collect.cases import Case, Gathered, SuiteFacts, run_facts, settle
from mlscore.collect.junit_xml import JunitFile, parse_junit
from mlscore.collect.merge import merge, partial_reasons, settled
from mlscore.core.evidence import Diagnostic, Severity
from mlscore.errors import InputError

if TYPE_CHECKING:
    from mlscore.project.config import Config


def read_junit(files: Sequence[str], config: Config, *, base: Path) -> tuple[Gathered, tuple[Diagnostic, ...]]:
    """The cases and run facts of JUnit files, and what a reader should know about the files.

    `files` are paths or glob patterns, relative to `base`. Files that pytest wrote with the plugin tell the same as the
    run itself did; of others, tests are placed by their marks in the source, properties, names and files, as far as the
    configuration's conventions say. The same test in several files counts once: a failure anywhere outweighs the rest.

    Raises InputError for a file that is missing, cannot be read, or is not JUnit XML.
    """
    read = [(name, parse_junit(path, name)) for name, path in _paths(files, base)]
    foreign = [name for name, file in read if file.foreign or file.plain]
    told: list[tuple[str, Case]] = []
    errors: list[str] = []
    placer = None
    if foreign:
        # The reader of foreign files looks into the suite's source; files of our own do without.
        from mlscore.collect.junit_foreign import ForeignPlacer

        placer = ForeignPlacer(config)
    facts = [fact for _, file in read for fact in file.facts]
    silent = iter(settled(facts))
    for name, file in read:
        told += [(name, case) for case in _own_cases(file)]
        told += [(name, case) for _, cases in zip(file.facts, silent, strict=False) for case in cases]
        if placer is not None:
            placed = placer.place(file)
            told += [(name, case) for case in placed.cases]
            errors += placed.errors
    cases = merge(told)
    run = run_facts(
        "junit",
        cases,
        ci=next((f.ci for f in facts if f.ci), next((c.ci for c in cases if c.ci), None)),
        tests=sum(file.tests for _, file in read),
        partial=partial_reasons(cases),
        errors=[*(error for f in facts for error in f.errors), *errors],
        interrupted=next((reason for reason in _interruptions(facts, read)), None),
    )
    return Gathered(cases, run), _diagnostics(foreign, cases)


def _own_cases(file: JunitFile) -> Iterable[Case]:
    """The last attempt at each test that carries our property."""
    last: dict[str, tuple[int, Case]] = {}
    for told, vetoes in file.told:
        case = settle(told.case, vetoes)
        before = last.get(case.nodeid)
        if before is None or told.attempt > before[0]:
            last[case.nodeid] = (told.attempt, case)
        elif told.attempt == before[0]:
            # A failed call and an error in teardown come as two test cases of one attempt.
            last[case.nodeid] = (told.attempt, merge([("", before[1]), ("", case)])[0])
    yield from (case for _, case in last.values())


def _interruptions(facts: Iterable[SuiteFacts], read: Iterable[tuple[str, JunitFile]]) -> Iterable[str]:
    yield from (fact.interrupted for fact in facts if fact.interrupted)
    yield from (f"{name} tells of an internal error of pytest" for name, file in read if file.internal_error)


def _diagnostics(foreign: Sequence[str], cases: Sequence[Case]) -> tuple[Diagnostic, ...]:
    if not foreign:
        return ()
    names = ", ".join(foreign[:3]) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
    marked = sum(bool(case.placement.items) for case in cases)
    return (
        Diagnostic(
            Severity.INFO,
            "foreign-junit",
            f"{names} was not written by `pytest --mlscore`: {marked} of its tests could be placed at items by source, "
            "properties and names",
            help="run pytest with --mlscore --junitxml=FILE, and the file carries the evidence itself",
        ),
    )


def _paths(files: Sequence[str], base: Path) -> list[tuple[str, Path]]:
    """Each file once, under the name it was given by. Raises InputError for one that does not exist."""
    found: dict[str, tuple[str, Path]] = {}
    for text in files:
        for path in _matches(text, base):
            shown = os.path.relpath(path, base).replace(os.sep, "/") if glob.has_magic(text) else text
            found.setdefault(os.path.realpath(path), (shown, path))
    return list(found.values())


def _matches(text: str, base: Path) -> list[Path]:
    path = base / os.path.expanduser(text)
    if path.is_dir():
        raise InputError("this is a folder", where=text, hint=f'name its files: "{text.rstrip("/")}/*.xml"')
    if path.exists():
        return [path]
    if glob.has_magic(text):
        folder = Path(path.anchor) if os.path.isabs(text) else base
        matches = [m for m in sorted(folder.glob(str(path.relative_to(folder)))) if m.is_file()]
        if matches:
            return matches
        raise InputError("no file matches", where=text, hint="check that pytest ran with --junitxml before")
    if os.path.lexists(path):
        raise InputError("a symbolic link that leads nowhere", where=text, hint="mend or remove it")
    raise InputError("there is no such file", where=text, hint="check that pytest ran with --junitxml before")
