"""Relations as the configuration writes them: a small table each, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlscore.checks.metamorphic.relations import Direction, Invariance, Relation, RowOrder, Symmetry
from mlscore.errors import ConfigError, did_you_mean

_KINDS = {
    "invariance": ("values", "noise", "text", "labels"),
    "direction": ("falls", "by", "of"),
    "symmetry": ("opposite", "mirror"),
    "order": ("labels",),
}
_ALL = ("tolerance", "most")
_FLAGS = ("labels", "falls", "opposite")
_NUMBERS = ("noise", "by", "tolerance", "most")
_EXAMPLES = {
    "invariance": '{ invariance = "sex" }',
    "direction": '{ direction = "income" }',
    "symmetry": '{ symmetry = ["home", "away"] }',
    "order": "{ order = true }",
}


def read_relations(given: Mapping[str, Any], where: object | None = None) -> tuple[Relation, ...]:
    """The relations of a table of tables. Raises ConfigError for the first key or value that makes none."""
    if not given:
        raise ConfigError("no relation is given", where=where, hint=f"write relations.one = {_EXAMPLES['invariance']}")
    return tuple(_relation(name, table, where) for name, table in given.items())


def _relation(name: str, table: Any, where: object | None) -> Relation:
    def wrong(why: str, hint: str | None = None) -> ConfigError:
        return ConfigError(f'the relation "{name}" {why}', where=where, hint=hint)

    if not isinstance(table, Mapping):
        raise wrong("is no table", f"write {name} = {_EXAMPLES['invariance']}")
    kinds = [kind for kind in _KINDS if kind in table]
    if len(kinds) != 1:
        said = f"is of {len(kinds)} kinds ({', '.join(kinds)})" if kinds else "is of no kind"
        raise wrong(said, f"write one of {', '.join(_EXAMPLES.values())}")
    kind = kinds[0]
    known = (kind, *_KINDS[kind], *_ALL)
    for key, value in table.items():
        if key not in known:
            near = did_you_mean(key, known)
            listed = f"known are {', '.join(known)}"
            raise wrong(f'has an unknown key "{key}"', f"{near} ({listed})" if near else listed)
        if key in _FLAGS and not isinstance(value, bool):
            raise wrong(f"says {key} = {value!r}, which is neither true nor false")
        if key in _NUMBERS and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise wrong(f"says {key} = {value!r}, which is no number")
    if not 0 <= table.get("most", 0) <= 1:
        raise wrong(f"says most = {table['most']!r}, which is no share from 0 to 1")
    if table.get("tolerance", 0) < 0:
        raise wrong(f"says tolerance = {table['tolerance']!r}, which is less than 0")
    all_: dict[str, Any] = {"name": name, "tolerance": table.get("tolerance"), "most": float(table.get("most", 0))}
    match kind:
        case "invariance":
            values = table.get("values", [])
            if not isinstance(values, list) or any(isinstance(one, (list, dict)) for one in values):
                raise wrong(f"says values = {values!r}, which is no list of values")
            text = table.get("text")
            if text is not None and not isinstance(text, str):
                raise wrong(f"says text = {text!r}", 'write text = "case" or "whitespace"')
            return Invariance(
                _column(table[kind], wrong), tuple(values), table.get("noise"), text, table.get("labels", False), **all_
            )
        case "direction":
            by = table.get("by")
            return Direction(_column(table[kind], wrong), table.get("falls", False), by, table.get("of"), **all_)
        case "symmetry":
            mirror = table.get("mirror")
            if mirror is not None and not isinstance(mirror, Mapping):
                raise wrong(f"says mirror = {mirror!r}", 'write mirror = { win = "loss", loss = "win" }')
            return Symmetry(_pairs(table[kind], wrong), table.get("opposite", False), mirror, **all_)
        case _:
            if table[kind] is not True:
                raise wrong(f"says order = {table[kind]!r}", f"write {_EXAMPLES['order']}, or leave it out")
            return RowOrder(table.get("labels", False), **all_)


def _column(value: Any, wrong: Any) -> str:
    if not isinstance(value, str) or not value:
        raise wrong(f"names {value!r}, which is no column", "write one name, as text")
    return value


def _pairs(value: Any, wrong: Any) -> tuple[tuple[str, str], ...]:
    """`["a", "b"]`, or `[["a", "b"], ["c", "d"]]`."""
    listed = value if isinstance(value, list) else []
    pairs = [listed] if listed and all(isinstance(one, str) for one in listed) else listed
    if not pairs or any(
        not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(one, str) for one in pair) for pair in pairs
    ):
        raise wrong(f"exchanges {value!r}, which are no two columns", 'write ["a", "b"], or [["a", "b"], ["c", "d"]]')
    return tuple((pair[0], pair[1]) for pair in pairs)
