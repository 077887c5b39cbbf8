"""Loading the configuration: found, checked, layered under options and environment, and resolved into one value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from mlscore.core.attestation import Attestation, Waiver
from mlscore.core.placement import Conventions
from mlscore.core.policy import GatePolicy
from mlscore.core.rubric import Rubric
from mlscore.errors import ConfigError, RubricError
from mlscore.project import keys
from mlscore.project.config import Config
from mlscore.project.data import read_checks, read_data
from mlscore.project.discover import discover
from mlscore.project.document import Document
from mlscore.project.keys import CONVENTIONS, GATE, TOP
from mlscore.project.layers import DEFAULT, Given, Layers, Options
from mlscore.project.model import read_model
from mlscore.project.policy import read_policy
from mlscore.project.settings import describe_settings
from mlscore.project.statements import read_answers, read_attestations, read_waivers
from mlscore.project.structure import check_configuration, check_statements
from mlscore.project.values import misfit, nearest, text, texts

_NO_OPTIONS: Options = MappingProxyType({})


def load_rubric_of(start: Path, *, options: Options = _NO_OPTIONS, environ: Mapping[str, str]) -> Rubric:
    """The rubric alone that the project at `start` is scored by, whatever else of its configuration is wrong.

    `options` and `environ` are as for `load_config`. Raises ConfigError where the configuration cannot be read, which a
    rubric among the options makes needless, and RubricError for a faulty rubric file.
    """
    if "rubric" in options:
        return _rubric(Layers(None, options, environ), Path(os.path.abspath(start)))
    project = discover(start)
    if project.document is not None:
        check_configuration(project.document)
    return _rubric(Layers(project.document, options, environ), project.root)


def load_config(
    start: Path,
    *,
    options: Options = _NO_OPTIONS,
    environ: Mapping[str, str],
    today: date,
    baseline: bool = True,
) -> Config:
    """The configuration of the project that `start` belongs to.

    `options` maps a key ("fail-under", "gate.on") to its value and to what messages call it ("option --fail-under").
    `environ` may set MLSCORE_FAIL_UNDER, MLSCORE_PROFILE and the like; an empty variable counts as not set. An option
    wins over the environment, that over the file, that over the profile, that over the default. `today` decides which
    dates lie in the future. Without `baseline` the committed baseline stays unread, for who judges nothing by it.

    Raises ConfigError, with file and line, at the first thing that is wrong, and RubricError for a faulty rubric file.
    """
    project = discover(start)
    document = project.document
    if document is not None:
        check_configuration(document)
    layers = Layers(document, options, environ)
    root = project.root
    name = layers.value(TOP, "name")
    if name is None:
        layers.origins["name"] = project.name_origin
    serving = layers.value(TOP, "serving")
    rubric = _rubric(layers, root)
    gate = read_policy(layers, rubric)
    baseline_path = root / str(layers.value(TOP, "baseline") or keys.DEFAULT_BASELINE)
    gate = _with_baseline(gate, layers, baseline_path, root, rubric, read=baseline)
    files = _statement_files(layers, root)
    attestations: list[Attestation] = []
    waivers: list[Waiver] = []
    for source in (document, *files):
        if source is not None:
            attestations += read_attestations(source, rubric=rubric, root=root, today=today)
            waivers += read_waivers(source, rubric=rubric, today=today)
    config = Config(
        root=root,
        file=document.path if document else None,
        name=project.name if name is None else str(name),
        rubric=rubric,
        serving=None if serving is None else str(serving),
        gate=gate,
        baseline_path=baseline_path,
        attestations=tuple(attestations),
        waivers=tuple(waivers),
        answers=read_answers(document) if document else (),
        conventions=_conventions(layers, rubric),
        pytest_args=_texts(layers, "pytest"),
        junit=_texts(layers, "junit"),
        reports=_reports(layers),
        attestation_files=tuple(f.path for f in files),
        data=read_data(layers),
        model=read_model(layers),
        checks=read_checks(document) if document else (),
    )
    return replace(config, settings=describe_settings(config, layers.origins))


def _texts(layers: Layers, name: str, table: str = TOP) -> tuple[str, ...]:
    found = layers.value(table, name)
    return found if isinstance(found, tuple) else ()


def _reports(layers: Layers) -> tuple[str, ...]:
    """The reports to make. Raises ConfigError for a type that there is not: told now, before anything has run."""
    given = layers.given(TOP, "report")
    if given is None:
        return ()
    found = texts("report", given.value, given.where, one_is_enough=True)
    for number, wanted in enumerate(found):
        where = given.where
        if given.in_file and layers.document is not None and not isinstance(given.value, str):
            where = layers.document.at("report", number)
        name, colon, destination = wanted.partition(":")
        if name not in keys.REPORT_TYPES:
            known = f"the types are {', '.join(keys.REPORT_TYPES)}"
            near = nearest(name, keys.REPORT_TYPES)
            raise ConfigError(
                f'there is no report type "{name}"', where=where, hint=f"{near} ({known})" if near else known
            )
        if colon and not destination:
            raise ConfigError(
                f'no file is named after "{wanted}"', where=where, hint=f'write "{name}" or "{name}:FILE"'
            )
    return found


def _rubric(layers: Layers, root: Path) -> Rubric:
    # The rubric's reader is imported here, after cheaper errors had their chance.
    from mlscore.project.rubrics import load_rubric

    given = layers.given(TOP, "rubric")
    if given is None:
        return load_rubric(keys.DEFAULT_RUBRIC, root=root)
    name = text("rubric", given.value, given.where)
    if not given.in_file and name.endswith(".toml") and os.path.isfile(name):
        # A path on the command line is relative to where it is typed.
        name = os.path.abspath(name)
    try:
        return load_rubric(name, root=root)
    except RubricError as error:
        if error.where not in (None, Path(name).as_posix()):
            raise
        # There is no such rubric, or no such file: that is the configuration's mistake.
        what = error.what if f'"{name}"' in error.what else f'rubric "{name}": {error.what}'
        raise ConfigError(what, where=given.where, hint=error.hint) from None


def _with_baseline(
    gate: GatePolicy, layers: Layers, path: Path, root: Path, rubric: Rubric, *, read: bool
) -> GatePolicy:
    wanted = layers.value(GATE, "ratchet")
    named = layers.given(TOP, "baseline")
    # Who names a baseline's file means to be held to it: a file that is not there does not switch the ratchet off.
    ratchet = (os.path.lexists(path) or named is not None) if wanted is None else bool(wanted)
    shown = _relative(path, root)
    if wanted is None and named is not None:
        layers.origins["gate.ratchet"] = layers.origins["baseline"]
    elif wanted is None and ratchet:
        layers.origins["gate.ratchet"] = f"{DEFAULT}: {shown} exists"
    if not ratchet:
        return gate
    if not read or not os.path.lexists(path):
        return replace(gate, ratchet=True, baseline_origin=layers.origins["gate.ratchet"])
    # Imported where it is needed: it brings the report's nouns, and `mlscore explain` does without.
    from mlscore.project.baseline import read_baseline

    return replace(gate, ratchet=True, baseline=read_baseline(path, rubric, where=shown), baseline_origin=shown)


def _statement_files(layers: Layers, root: Path) -> list[Document]:
    given = layers.given(TOP, "attestations")
    if given is None:
        path = root / keys.DEFAULT_ATTESTATIONS
        if not os.path.lexists(path):
            return []
        layers.origins["attestations"] = f"{DEFAULT}: {keys.DEFAULT_ATTESTATIONS} exists"
        return [_statements(path, keys.DEFAULT_ATTESTATIONS)]
    names = texts("attestations", given.value, given.where, one_is_enough=True)
    return [_named_statements(name, given, root) for name in dict.fromkeys(names)]


def _named_statements(name: str, given: Given, root: Path) -> Document:
    path = Path(os.path.normpath(root / name))
    if not path.is_relative_to(root):
        raise ConfigError(
            f'the attestations file "{name}" is outside the project',
            where=given.where,
            hint="keep it under the project's folder, where it is reviewed and versioned with the rest",
        )
    if not os.path.lexists(path):
        raise ConfigError(
            f'there is no attestations file "{name}"',
            where=given.where,
            hint="create it (a comment line will do), or take the name out",
        )
    if path.is_dir():
        raise ConfigError(f'the attestations file "{name}" is a folder', where=given.where, hint="name a file in it")
    return _statements(path, _relative(path, root))


def _statements(path: Path, name: str) -> Document:
    document = Document.read(path, name)
    if document.blank:
        raise ConfigError("the file is empty", where=name, hint="write a comment line into it, or delete it")
    check_statements(document)
    return document


def _conventions(layers: Layers, rubric: Rubric) -> Conventions:
    prefixes = _prefixes(layers.given(CONVENTIONS, "prefixes"), rubric, layers)
    markers = _texts(layers, "markers", CONVENTIONS)
    if markers:
        _check_markers(markers, prefixes, rubric, layers)
    return Conventions(
        markers=markers,
        docstrings=bool(layers.value(CONVENTIONS, "docstrings")),
        properties=_texts(layers, "properties", CONVENTIONS),
        names=bool(layers.value(CONVENTIONS, "names")),
        prefixes=prefixes,
    )


def _check_markers(
    markers: tuple[str, ...], prefixes: tuple[tuple[str, str], ...], rubric: Rubric, layers: Layers
) -> None:
    """Raise ConfigError for the first line that cannot be read, at its own line of the file."""
    from mlscore.core.placement_rules import parse_conventions

    ids = tuple(item.id for item in rubric.items)
    for number, line in enumerate(markers):
        where = layers.document.at(CONVENTIONS, "markers", number) if layers.document else None
        parse_conventions((line,), rubric_ids=ids, prefixes=prefixes, where=where)


def _prefixes(given: Given | None, rubric: Rubric, layers: Layers) -> tuple[tuple[str, str], ...]:
    if given is None:
        return ()
    if not isinstance(given.value, dict):
        raise misfit("prefixes", "a table", given.value, given.where, hint='write prefixes = {FD = "data"}')
    known = list(dict.fromkeys(item.id.rpartition("-")[0] or item.id for item in rubric.items))
    pairs = []
    for prefix, target in given.value.items():
        where = layers.document.at(CONVENTIONS, "prefixes", prefix) if layers.document else given.where
        if target not in known:
            meant = text(f"prefixes.{prefix}", target, where)
            raise ConfigError(
                f'no item of the rubric "{rubric.id}" begins with "{meant}"',
                where=where,
                hint=nearest(meant, known) or f"known are {', '.join(known)}",
            )
        pairs.append((str(prefix), str(target)))
    return tuple(pairs)


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()
