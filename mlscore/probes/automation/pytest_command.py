"""Reads a pytest command line: what it selects, or why it runs no test that counts."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.probes.automation.pytest_settings import PytestSettings, is_true, pytest_settings, settings_in
from mlscore.probes.automation.runs import UNKNOWN, Lead, Selection, is_folder, present, resolve, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlscore.project.tree import Tree

RUNS_NOTHING = frozenset(
    {
        "--collect-only", "--collectonly", "--co", "--help", "-h", "--version", "-V", "--fixtures", "--funcargs",
        "--fixtures-per-test", "--markers", "--setup-only", "--setuponly", "--setup-plan", "--setupplan",
        "--cache-show",
    }
)  # fmt: skip
# Options of plugins that let pytest succeed although tests failed.
SWALLOWS = frozenset({"--suppress-tests-failed-exit-code"})
# Flags that are so usual in conftest files that they are known to take no value.
_SUITES_OWN = frozenset({"--run-slow", "--runslow"})
# Options of pytest and its usual plugins that take the next word as their value.
TAKES_VALUE = frozenset(
    {
        "-k", "-m", "-c", "-o", "-p", "-n", "-r", "-W", "--maxfail", "--durations", "--durations-min", "--tb",
        "--junitxml", "--junit-xml", "--junitprefix", "--junit-prefix", "--rootdir", "--confcutdir", "--basetemp",
        "--ignore", "--ignore-glob", "--deselect", "--import-mode", "--capture", "--show-capture", "--color",
        "--code-highlight", "--pastebin", "--override-ini", "--config-file", "--verbosity", "--lfnf",
        "--last-failed-no-failures", "--doctest-report", "--doctest-glob",
        "--pdbcls", "--pythonwarnings",
        "--log-level",
        "--log-format", "--log-date-format", "--log-cli-level", "--log-cli-format", "--log-cli-date-format",
        "--log-file",
        "--log-file-mode", "--log-file-level", "--log-auto-indent", "--log-disable", "--assert", "--xfail-tb", "--cov",
        "--cov-report", "--cov-config", "--cov-fail-under", "--cov-context", "--numprocesses", "--dist",
        "--maxprocesses",
        "--tx", "--timeout", "--timeout-method", "--reruns", "--reruns-delay", "--only-rerun", "--rerun-except",
        "--html",
        "--css", "--splits", "--group", "--durations-path", "--splitting-algorithm", "--alluredir", "--randomly-seed",
        "--hypothesis-profile", "--hypothesis-seed", "--count", "--ds", "--benchmark-json", "--benchmark-storage",
        "--benchmark-columns", "--benchmark-sort", "--mlscore-fail-under", "--mlscore-report", "--mlscore-rubric",
        "--mlscore-profile",
        "--snapshot-report", "--env", "--base-url", "--browser", "--json-report-file", "--report-log", "--asyncio-mode",
        "--rsyncdir", "--mypy-config-file", "--test-group", "--test-group-count", "--md", "--nbval-sanitize-with",
    }
)  # fmt: skip
_SHORT_VALUE = ("-k", "-m", "-c", "-o", "-p", "-n", "-r", "-W")


class _Options:
    """A command line taken apart."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.values: dict[str, str] = {}
        self.deselected: list[str] = []
        self.ignored: list[str] = []
        self.ignored_globs: list[str] = []
        self.overrides: dict[str, str] = {}
        self.own: set[str] = set()
        self.problem: str | None = None
        self.pyargs = False
        self.scored = False

    def read(self, words: tuple[str, ...], tree: Tree, cwd: str | None) -> None:
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "--":
                self.paths.extend(rest)
                return
            if not word.startswith("-") or word == "-":
                self.positional(word)
                continue
            name, has_value, value = word.partition("=")
            if not word.startswith("--") and len(word) > 2 and word[:2] in _SHORT_VALUE:
                name, has_value, value = word[:2], "=", word[2:].removeprefix("=")
            elif not word.startswith("--") and not has_value and len(word) > 2:
                # Joined flags such as -xvs; the last may take a value (-qk expr).
                self.flags(word)
                name = "-" + word[-1] if "-" + word[-1] in _SHORT_VALUE else ""
            takes = name in TAKES_VALUE and not (name == "--cov" and rest and rest[0].startswith("-"))
            if not has_value and rest and (takes or self.eats(name, rest[0], tree, cwd)):
                value = rest.pop(0)
            self.option(name, value)

    def eats(self, name: str, following: str, tree: Tree, cwd: str | None) -> bool:
        """Whether an unknown long option takes the next word: when that is neither an option nor a path."""
        if not name.startswith("--") or following.startswith("-") or name in RUNS_NOTHING or name in _FLAGS:
            return False
        place = resolve(cwd, following.partition("::")[0])
        return place is None or not present(tree, place)

    def flags(self, word: str) -> None:
        if set(word[1:]) & {"h", "V"} and set(word[1:]) <= set("hVqvxslV"):
            self.problem = self.problem or f"`{word}` runs no test"

    def positional(self, word: str) -> None:
        if word.startswith("@"):
            self.problem = self.problem or f"its arguments are in a file (`{shown(word)}`)"
        else:
            self.paths.append(word)

    def option(self, name: str, value: str) -> None:
        if name in RUNS_NOTHING:
            self.problem = self.problem or f"`{name}` runs no test"
        elif name in SWALLOWS:
            self.problem = self.problem or f"failure swallowed by `{name}`"
        elif name.startswith("--mlscore"):
            self.scored = True
        elif name == "--pyargs":
            self.pyargs = True
        elif name in ("-k", "-m", "-c", "--config-file"):
            self.values["-c" if name == "--config-file" else name] = value
        elif name in ("-o", "--override-ini"):
            key, _, text = value.partition("=")
            self.overrides[key.strip()] = text
        elif name == "--ignore":
            self.ignored.append(value)
        elif name == "--ignore-glob":
            self.ignored_globs.append(value)
        elif name == "--deselect":
            self.deselected.append(value)
        elif name.startswith("--") and (name in _SUITES_OWN or (name not in TAKES_VALUE and name not in _FLAGS)):
            self.own.add(name)


_FLAGS = frozenset(
    {
        "--verbose", "--quiet", "--exitfirst", "--strict", "--strict-markers", "--strict-config", "--last-failed",
        "--lf",
        "--failed-first", "--ff", "--new-first", "--nf", "--stepwise", "--sw", "--stepwise-skip", "--cache-clear",
        "--showlocals", "--no-header", "--no-summary", "--no-cov", "--cov-append", "--cov-branch", "--no-cov-on-fail",
        "--disable-warnings", "--disable-pytest-warnings", "--doctest-modules", "--doctest-ignore-import-errors",
        "--runxfail", "--trace", "--pdb", "--full-trace", "--keep-duplicates", "--noconftest",
        "--continue-on-collection-errors",
        "--setup-show", "--benchmark-only", "--benchmark-disable", "--benchmark-skip", "--mlscore", "--mlscore-strict",
        "--self-contained-html", "--looponfail", "--boxed", "--forked", "--pyargs", "--flake8", "--black",
        "--mypy", "--ruff",
        "--nbval", "--nbmake", "--snapshot-update", *_SUITES_OWN, *SWALLOWS, "--headed", "--store-durations",
        "--fail-slow", "--json-report", "--suppress-no-test-exit-code", "--random-order", "--cov-reset",
    }
)  # fmt: skip


def pytest_lead(
    tree: Tree, words: tuple[str, ...], cwd: str | None, env: Mapping[str, str], unsure: str | None = None
) -> Lead:
    """The lead to a pytest run whose arguments are `words` (without `pytest`), started in the folder `cwd`.

    `env` gives `PYTEST_ADDOPTS`; `unsure` says why the arguments are not all known, where they are not.
    """
    try:
        extra = tuple(shlex.split(env.get("PYTEST_ADDOPTS", "")))
    except ValueError:
        extra = (UNKNOWN,)
    command = shown(" ".join(["pytest", *(_quoted(word) for word in words)]))
    options = _Options()
    options.read((*extra, *words), tree, cwd)
    if cwd is None:
        return Lead(command, Selection(), why_not="the folder it runs in is not known")
    if cwd and not is_folder(tree, cwd):
        return Lead(command, Selection(()), why_not=f"it runs in `{shown(cwd)}`, which is no folder of the repository")
    settings = _settings(tree, options, cwd)
    if "addopts" in options.overrides:
        settings = replace(settings, addopts=tuple(options.overrides["addopts"].split()))
    if "mlscore" in options.overrides:
        settings = replace(settings, scored=is_true(options.overrides["mlscore"]))
    options = _Options()
    options.read((*settings.addopts, *extra, *words), tree, cwd)
    selection = _selection(tree, options, cwd, settings)
    return Lead(command, selection, why_not=_problem(options, selection, unsure))


def _quoted(word: str) -> str:
    return word if word and not set(word) & set(" '\"()|&;<>$") else shlex.quote(word)


def _settings(tree: Tree, options: _Options, cwd: str) -> PytestSettings:
    named = options.values.get("-c")
    if named is not None:
        place = resolve(cwd, named)
        return (settings_in(tree, place) if place else None) or PytestSettings(cwd)
    places = [resolve(cwd, path.partition("::")[0]) for path in options.paths]
    folders = [
        place if is_folder(tree, place) else place.rpartition("/")[0]
        for place in places
        if place is not None and present(tree, place)
    ]
    if not folders:
        return pytest_settings(tree, cwd)
    common = os.path.commonpath(folders) if all(folders) else ""
    return pytest_settings(tree, common.replace(os.sep, "/"))


def _selection(tree: Tree, options: _Options, cwd: str, settings: PytestSettings) -> Selection:
    paths = list(options.paths)
    folder = cwd
    if not paths and cwd == settings.folder:
        # pytest falls back to the folder itself when no path of `testpaths` exists.
        paths = [p for p in settings.testpaths if "*" in p or present(tree, resolve(cwd, p) or p)]
    found: list[str] = []
    for path in paths:
        place, separator, rest = path.partition("::")
        known = resolve(folder, place)
        if options.pyargs and known is not None and not present(tree, known):
            known = _package(tree, place)
        if known is None:
            unknown = "its arguments depend on a value that is not in the repository"
            outside = f"`{shown(path)}` is not known to lie in the repository"
            options.problem = options.problem or (unknown if UNKNOWN in path else outside)
        else:
            found.append(known + separator + rest)
    return Selection(
        paths=tuple(found) if paths else (cwd,),
        keyword=options.values.get("-k") or None,
        markexpr=options.values.get("-m") or None,
        deselected=tuple(_relative(settings.folder, node) for node in options.deselected),
        ignored=_known(cwd, options.ignored),
        ignored_globs=_known(cwd, options.ignored_globs),
        options=tuple(sorted(options.own)),
        scored=options.scored or settings.scored,
    )


def _known(cwd: str, paths: list[str]) -> tuple[str, ...]:
    places = (resolve(cwd, path) for path in paths)
    return tuple(place for place in places if place is not None)


def _relative(folder: str, node: str) -> str:
    """A node id to deselect is relative to the folder of the configuration."""
    place, separator, rest = node.partition("::")
    return (resolve(folder, place) or place) + separator + rest


def _package(tree: Tree, name: str) -> str | None:
    path = name.replace(".", "/")
    for place in (path, f"src/{path}", f"{path}.py", f"src/{path}.py"):
        if present(tree, place):
            return place
    return None


def _problem(options: _Options, selection: Selection, unsure: str | None) -> str | None:
    if options.problem or unsure:
        return options.problem or unsure
    texts = (selection.keyword, selection.markexpr, *selection.deselected, *options.ignored, *options.ignored_globs)
    if any(text and UNKNOWN in text for text in texts):
        return "its selection depends on a value that is not in the repository"
    return None
