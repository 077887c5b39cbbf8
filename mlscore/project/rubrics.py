"""Rubrics from their TOML files: found, read strictly, merged along `extends`, and checked as a whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from mlscore.core.rubric import LEVEL_IDS, Band, Item, Level, Rubric, Scoring, Section
from mlscore.errors import ConfigError, RubricError, did_you_mean
from mlscore.project.read import parse_toml, read_text
from mlscore.project.rubric_format import SCHEMA, FormatError, KeyPath, check_complete, read_file

_LEVEL_TITLES = {"none": "not practised", "manual": "by hand", "automated": "automatically"}


@dataclass(frozen=True, slots=True)
class _File:
    """One rubric file as read: `label` is how messages call it, `real` tells it from every other file."""

    label: str
    real: str
    text: str
    data: dict[str, Any]


def load_rubric(name_or_path: str, *, root: Path) -> Rubric:
    """The rubric of that shipped id, or of that file: what ends in `.toml` or has a separator is a path from `root`.

    Raises RubricError with file, line and key when there is no such rubric or something in it is wrong.
    """
    if _is_path(name_or_path):
        return _load(root / name_or_path, Path(name_or_path).as_posix())
    return _load(*_shipped(name_or_path))


def load_rubric_file(path: Path) -> Rubric:
    """The rubric of one file. Raises RubricError with file, line and key when something in it is wrong."""
    return _load(path, path.as_posix())


def shipped_rubrics() -> tuple[str, ...]:
    """The ids of the rubrics that come with mlscore, sorted."""
    return tuple(sorted(path.stem for path in rubric_folder().glob("*.toml")))


def rubric_folder() -> Path:
    """Where the shipped rubrics are: inside the installed package, else at the top of a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "_rubrics"
    return inside if inside.is_dir() else package.parent / "rubrics"


def _is_path(name: str) -> bool:
    return name.endswith(".toml") or "/" in name or os.sep in name


def _shipped(name: str) -> tuple[Path, str]:
    path = rubric_folder() / f"{name}.toml"
    if not path.is_file():
        known = shipped_rubrics()
        hint = (
            did_you_mean(name, known)
            or f"known are {', '.join(known)}, and a file is named by its path, ending in .toml"
        )
        raise RubricError(f'there is no rubric "{name}"', hint=hint)
    return path, path.name


def _load(path: Path, label: str) -> Rubric:
    chain = _read_chain(path, label)
    try:
        rubric = _build(_merge_chain(chain))
        _check_id(rubric, chain[0])
        return rubric
    except FormatError as fault:
        # The merged rubric does not remember which file a value came from: it is the first in the chain that has it.
        raise _placed(fault, next((f for f in chain if _has(f.data, fault.path)), chain[0])) from None


def _check_id(rubric: Rubric, file: _File) -> None:
    """Raise FormatError for another ruler under a shipped one's id: two scores of one name that do not compare.

    A copy, or a translation, measures alike and may keep the id.
    """
    if rubric.id not in shipped_rubrics():
        return
    path, label = _shipped(rubric.id)
    if file.real != os.path.realpath(path) and rubric.digest != _load(path, label).digest:
        what = f'"{rubric.id}" is the id of a rubric that comes with mlscore, and this one measures otherwise'
        raise FormatError(("id",), what, f'give it an id of its own, such as id = "my-{rubric.id}"')


def _read_chain(path: Path, label: str) -> list[_File]:
    """The file and everything it extends, nearest first."""
    chain = [_read(path, label)]
    while (extends := chain[-1].data.get("extends")) is not None:
        last = chain[-1]
        try:
            path, label = _extended(extends, last)
            base = _read(path, label)
        except RubricError as error:
            if error.where == label or error.where is None:
                fault = FormatError(("extends",), f'"extends" names "{extends}", but {error.what}', error.hint)
                raise _placed(fault, last) from None
            raise
        reals = [file.real for file in chain]
        if base.real in reals:
            names = [*(file.label for file in chain[reals.index(base.real) :]), base.label]
            fault = FormatError(
                ("extends",), f'"extends" goes in a circle: {" -> ".join(names)}', "let one of them extend nothing"
            )
            raise _placed(fault, last)
        chain.append(base)
    return chain


def _extended(extends: str, file: _File) -> tuple[Path, str]:
    if not _is_path(extends):
        return _shipped(extends)
    if Path(extends).is_absolute():
        raise RubricError("that is an absolute path", hint="give it relative to this file, so that it holds elsewhere")
    label = Path(os.path.normpath(Path(file.label).parent / extends))
    return Path(file.real).parent / extends, label.as_posix()


def _read(path: Path, label: str) -> _File:
    """One file, parsed and checked by itself. Raises RubricError."""
    text = read_text(path, where=label, error=RubricError)
    if not text.strip():
        raise RubricError("the file is empty", where=label, hint=f'begin it with: schema = "{SCHEMA}"')
    try:
        data = parse_toml(text, where=label)
    except ConfigError as error:
        raise RubricError(error.what, where=error.where, hint=error.hint) from None
    try:
        read = read_file(data)
    except FormatError as fault:
        raise _placed(fault, _File(label, "", text, data)) from None
    return _File(label, os.path.realpath(path), text, read)


def _placed(fault: FormatError, file: _File) -> RubricError:
    """The fault as an error that names file and line."""
    from mlscore.core.evidence import Location
    from mlscore.project.toml_lines import find_line

    return RubricError(fault.what, where=Location(file.label, find_line(file.text, fault.path)), hint=fault.hint)


def _has(data: Any, path: KeyPath) -> bool:
    """Whether the file, as read, has something at `path`; the empty path is no file's in particular."""
    for part in path:
        if part not in (range(len(data)) if isinstance(data, tuple) else data):
            return False
        data = data[part]
    return bool(path)


def _merge_chain(chain: list[_File]) -> dict[str, Any]:
    """Everything the files say together: each overrides, adds to and drops from what it extends."""
    merged = chain[-1].data
    for file in reversed(chain[:-1]):
        try:
            merged = _merge(merged, file.data)
        except FormatError as fault:
            raise _placed(fault, file) from None
    return merged


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = base | own
    merged["scoring"] = base.get("scoring", {}) | own.get("scoring", {})
    if merged["scoring"] != base.get("scoring") and "bands" not in own:
        # Bands are made for one rule's totals: 12 of 28 is not what 12 of 7 would be.
        merged.pop("bands", None)
    for table in ("levels", "sections", "items"):
        inherited = base.get(table, {})
        written = own.get(table, {})
        merged[table] = inherited | {key: inherited.get(key, {}) | entry for key, entry in written.items()}
    _drop(merged, base, own)
    return merged


def _drop(merged: dict[str, Any], base: dict[str, Any], own: dict[str, Any]) -> None:
    """Take the dropped items, and the dropped sections with their items, out of `merged`."""
    filled = {item.get("section") for item in merged["items"].values()}
    for place, name in enumerate(own.get("drop", ())):
        table = next((t for t in ("items", "sections") if name in base.get(t, {})), None)
        if table is None:
            known = (*base.get("items", {}), *base.get("sections", {}))
            hint = did_you_mean(name, known) or "see them all with: mlscore rubric show"
            raise FormatError(("drop", place), f'"drop" names "{name}", which the extended rubric does not have', hint)
        if name in own.get(table, {}):
            raise FormatError((table, name), f'"{name}" is dropped and written here as well', "choose one of the two")
        del merged[table][name]
        if table == "sections":
            inside = [key for key, item in merged["items"].items() if item.get("section") == name]
            for key in inside:
                if key in own.get("items", {}):
                    what = f'the item "{key}" is in the section "{name}", which is dropped here'
                    raise FormatError(("items", key), what, 'give it another: section = "…"')
                del merged["items"][key]
    for name in merged["sections"]:
        if name in filled and all(item.get("section") != name for item in merged["items"].values()):
            what = f'"drop" leaves the section "{name}" without items'
            raise FormatError(("drop",), what, "drop the section instead of its items")


def _build(merged: dict[str, Any]) -> Rubric:
    """The rubric itself. Raises FormatError where the parts do not make a whole."""
    check_complete(merged, "rubric", (), "the rubric")
    check_complete(merged["scoring"], "scoring", ("scoring",), '"scoring"')
    scoring = Scoring(**merged["scoring"])
    sections = _sections(merged, scoring)
    return Rubric(
        id=merged["id"],
        version=merged["version"],
        title=merged["title"],
        source=merged.get("source", ""),
        language=merged.get("language", "en"),
        levels=_levels(merged["levels"]),
        bands=_bands(merged.get("bands", ())),
        scoring=scoring,
        sections=sections,
        items=_items(merged, sections, scoring),
    )


def _levels(table: dict[str, dict[str, Any]]) -> tuple[Level, ...]:
    check_complete(table, "levels", ("levels",), '"levels"')
    levels = []
    for name in LEVEL_IDS:
        entry = table.get(name, {})
        if name != "none":
            check_complete(entry, "level", ("levels", name), f'the level "{name}"')
        levels.append(Level(name, entry.get("points", Fraction(0)), entry.get("title", _LEVEL_TITLES[name])))
    _, manual, automated = levels
    if manual.points > automated.points:
        raise FormatError(
            ("levels", "manual", "points"),
            "the level manual earns more than the level automated",
            "let none <= manual <= automated",
        )
    if not automated.points:
        raise FormatError(
            ("levels", "automated", "points"), "no level earns anything", "let automated earn more than 0"
        )
    return tuple(levels)


def _bands(entries: tuple[dict[str, Any], ...]) -> tuple[Band, ...]:
    bands: list[Band] = []
    for place, entry in enumerate(entries):
        path = ("bands", place)
        band = Band(
            id=entry["id"],
            title=entry["title"],
            reading=entry["reading"],
            above=entry.get("above"),
            at_least=entry.get("at-least"),
            at_most=entry.get("at-most"),
        )
        if band.is_empty():
            raise FormatError(
                path, f'no total lies in the band "{band.id}": it ends below its beginning', "mend a boundary"
            )
        for other in bands:
            if other.id == band.id:
                raise FormatError((*path, "id"), f'two bands have the id "{band.id}"', "rename one")
            if other.overlaps(band):
                hint = 'a total has one band: use "above" where the band before ends with "at-most"'
                raise FormatError(path, f'the bands "{other.id}" and "{band.id}" overlap', hint)
        bands.append(band)
    return tuple(bands)


def _sections(merged: dict[str, Any], scoring: Scoring) -> tuple[Section, ...]:
    sections = []
    for name, entry in merged["sections"].items():
        path = ("sections", name)
        check_complete(entry, "section", path, f'the section "{name}"')
        section = Section(name, entry["title"], entry.get("weight", Fraction(1)), entry.get("complete-at", "automated"))
        if section.weight != 1 and scoring.total != "weighted-mean":
            raise _idle((*path, "weight"), "weight", f'scoring.total is "{scoring.total}"', "weighted-mean")
        if section.complete_at != "automated" and scoring.total != "ladder":
            raise _idle((*path, "complete-at"), "complete-at", f'scoring.total is "{scoring.total}"', "ladder")
        if name in merged["items"]:
            raise FormatError(path, f'"{name}" is the id of a section and of an item', "rename one")
        sections.append(section)
    if not sections:
        raise FormatError(("sections",), "the rubric has no sections", "write at least one: [sections.…]")
    return tuple(sections)


def _items(merged: dict[str, Any], sections: tuple[Section, ...], scoring: Scoring) -> tuple[Item, ...]:
    by_section: dict[str, list[Item]] = {section.id: [] for section in sections}
    for name, entry in merged["items"].items():
        check_complete(entry, "item", ("items", name), f'the item "{name}"')
        if "weight" in entry and entry["weight"] != 1 and scoring.section != "weighted-mean":
            raise _idle(("items", name, "weight"), "weight", f'scoring.section is "{scoring.section}"', "weighted-mean")
        if entry["section"] not in by_section:
            hint = did_you_mean(entry["section"], tuple(by_section)) or f"known are {', '.join(by_section)}"
            raise FormatError(
                ("items", name, "section"),
                f'the item "{name}" is in the section "{entry["section"]}", which is unknown',
                hint,
            )
        by_section[entry["section"]].append(Item(id=name, **entry))
    for name, items in by_section.items():
        if not items:
            hint = f'give an item section = "{name}", or take the section out'
            raise FormatError(("sections", name), f'the section "{name}" has no items', hint)
    return tuple(item for items in by_section.values() for item in items)


def _idle(path: KeyPath, key: str, because: str, needed: str) -> FormatError:
    return FormatError(path, f'"{key}" has no effect: {because}', f'take it out, or let the rule be "{needed}"')
