"""Erasure: ids that were to be forgotten, looked for in every source that should no longer hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256

from mlscore.checks.privacy.personal import opened
from mlscore.checks.privacy.scan import as_text
from mlscore.errors import InputError, UsageError
from mlscore.tables.engines.base import Engine
from mlscore.tables.queries.quote import identifier, string
from mlscore.tables.queries.scope import Scope

HASHES = ("none", "md5", "sha256")
_BLANK = string(" \t\r\n\u00a0\u200b\ufeff")
_NUMBER = string("^[0-9]+([.]0+)?$")
_UUID = string("^[{]?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}[}]?$")
_BETWEEN = string("\x1f")
_CHUNK = 5_000
_POSITIONS = 5
# What ids look like: two sides without a form in common can never meet.
_FORMS = {"numbers": "^[0-9]+$", "e-mail addresses": "@", "hexadecimal digests": "^[0-9a-f]{32,}$"}


@dataclass(frozen=True, slots=True)
class ErasedIn:
    """What one source still holds.

    `rows` of it hold `ids` different ids of the list; `disguised` of these rows only once the spelling of both sides was
    alike (None where not asked). `positions` are the first of these rows, from 0, where the source keeps an
    order; `digests` the first eight digits of the SHA-256 of their ids. `missing` rows have no id. `unlike` says why no
    id of the list could be found there at all.
    """

    source: str
    total: int
    missing: int
    rows: int
    ids: int
    disguised: int | None
    positions: tuple[int, ...]
    digests: tuple[str, ...]
    unlike: str | None = None

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.source}: none of {self.total:,} rows"
        where = f", at rows {', '.join(map(str, self.positions))}" if self.positions else ""
        also = f", {self.disguised:,} of them spelt otherwise than in the list" if self.disguised else ""
        marks = f" (SHA-256 of the ids: {', '.join(f'{mark}…' for mark in self.digests)})" if self.digests else ""
        return f"{self.source}: {self.rows:,} of {self.total:,} rows hold {self.ids:,} erased ids{also}{where}{marks}"


@dataclass(frozen=True, slots=True)
class Erasure:
    """The list's distinct ids, its rows without one, and what each source still holds."""

    listed: int
    missing: int
    sources: tuple[ErasedIn, ...]


def find_erased(
    erased: object,
    sources: Mapping[str, object],
    *,
    id: str | Sequence[str],  # noqa: A002 - the word of the configuration
    ids: Mapping[str, str | Sequence[str]] | None = None,
    list_id: str | Sequence[str] | None = None,
    hashed: str = "none",
) -> Erasure:
    """Look for the ids of a list in sources (each whatever `open_table` takes), counted by a join in the engine.

    `id` names the id's column or columns, `ids` those of single sources, `list_id` those of the list where they differ.
    Both sides are made alike first: blanks around an id, capitals, zeros before a number, `.0` after it, and the signs in
    a UUID do not matter, nor whether a number is stored as text. With `hashed` the list holds digests in hexadecimal: of
    the ids as they are stored, or of that normal form. Raises InputError for columns that are not there, UsageError for
    an unknown digest and no sources.
    """
    if hashed not in HASHES:
        raise UsageError(f"{hashed!r} is no digest", hint=f"one of {', '.join(HASHES)}")
    if not sources:
        raise UsageError("there is no source to look for erased ids in", hint="name the training data, logs, features")
    own = _columns(id)
    with ExitStack() as stack:
        listing = stack.enter_context(opened(erased)).engine
        tables = {name: stack.enter_context(opened(source)).engine for name, source in sources.items()}
        for name, engine in tables.items():
            engine.scope.chosen(_columns((ids or {}).get(name, own)))
        key = _Key(listing.scope, _columns(list_id or own))
        cells = listing.run(
            f"SELECT COUNT(*), COUNT({key.normal}), COUNT(DISTINCT {key.normal}) FROM {listing.scope.relation}",
            "counting erased ids",
        )[0]
        total, present, distinct = (int(cell or 0) for cell in cells)
        forms = _forms(listing, key) if hashed == "none" and distinct else set()
        found: list[ErasedIn] = []
        for name, engine in tables.items() if distinct else ():
            columns = _columns((ids or {}).get(name, own))
            one = _search(listing, key, engine, columns, name, hashed)
            found.append(replace(one, unlike=_unlike(one, engine, columns, forms)))
    return Erasure(distinct, total - present, tuple(found))


def _unlike(one: ErasedIn, engine: Engine, columns: tuple[str, ...], forms: set[str]) -> str | None:
    """Why none of the list could be found there, if it could not."""
    if one.rows:
        return None
    if one.total == one.missing:
        return "it holds no ids" if one.total else "it is empty"
    there = _forms(engine, _Key(engine.scope, columns)) if forms else forms
    if there & forms or not forms:
        return None
    return f"its ids are {' and '.join(sorted(there))}, those of the list {' and '.join(sorted(forms))}"


def _columns(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


class _Key:
    """The SQL of an id: as it is stored (`raw`), without blanks (`bare`), in its normal form; null where missing."""

    def __init__(self, scope: Scope, columns: tuple[str, ...]) -> None:
        texts: list[str] = []
        for name in columns:
            text = as_text(scope, scope.column(name))
            if text is None:
                what = f"the column {name!r} holds {scope.kind(name).value} values, which are no ids"
                raise InputError(what, where=scope.source, hint="name a column of text or whole numbers")
            texts.append(text)
        if not texts:
            raise UsageError("no column of ids is named", hint='name it: id = "customer_id"')
        self.columns = columns
        self.raw = _joined(texts)
        self.bare = _joined([f"NULLIF(TRIM({text}, {_BLANK}), '')" for text in texts])
        self.normal = _joined([_normal(text) for text in texts])


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else "(" + f" || {_BETWEEN} || ".join(parts) + ")"


def _normal(text: str) -> str:
    low = f"LOWER(TRIM({text}, {_BLANK}))"
    number = f"COALESCE(NULLIF(LTRIM(SPLIT_PART({low}, '.', 1), '0'), ''), '0')"
    uuid = f"REPLACE(REPLACE(REPLACE({low}, '-', ''), '{{', ''), '}}', '')"
    numeric, unique = f"REGEXP_MATCHES({low}, {_NUMBER})", f"REGEXP_MATCHES({low}, {_UUID})"
    return f"CASE WHEN {numeric} THEN {number} WHEN {unique} THEN {uuid} ELSE NULLIF({low}, '') END"


def _forms(engine: Engine, key: _Key) -> set[str]:
    """The forms that ids have, "others" among them."""
    tests = [f"COUNT_IF(REGEXP_MATCHES({key.normal}, {string(pattern)}))" for pattern in _FORMS.values()]
    sql = f"SELECT COUNT({key.normal}), {', '.join(tests)} FROM {engine.scope.relation}"
    present, *counts = (int(cell or 0) for cell in engine.run(sql, "looking at ids")[0])
    found = {form for form, count in zip(_FORMS, counts, strict=True) if count}
    return found | ({"others"} if sum(counts) < present else set())


def _search(
    listing: Engine, listed: _Key, engine: Engine, columns: tuple[str, ...], name: str, hashed: str
) -> ErasedIn:
    """Count in the source's engine: by a join where it sees the list, else by digests of the list's ids."""
    if len(columns) != len(listed.columns):
        what = f"an id is {len(columns)} columns there and {len(listed.columns)} in the list"
        raise UsageError(what, where=name, hint="name as many columns on both sides")
    right = engine.beside(listing)
    if right is not None:
        other = _Key(right, listed.columns)
        held = f"SELECT {other.normal} AS k FROM {right.relation} WHERE {other.normal} IS NOT NULL"
        same = f"SELECT {other.raw} AS k FROM {right.relation} WHERE {other.raw} IS NOT NULL"
        return _counted(engine, columns, name, [held], same if hashed == "none" else None, hashed)
    # Only digests of the ids stand in queries that another server may log.
    sent = f"MD5({listed.normal})" if hashed == "none" else listed.normal
    rows = listing.run(f"SELECT DISTINCT {sent} FROM {listing.scope.relation} WHERE {listed.normal} IS NOT NULL", "ids")
    digests = sorted(str(row[0]) for row in rows)
    chunks = [digests[start : start + _CHUNK] for start in range(0, len(digests), _CHUNK)]
    return _counted(
        engine, columns, name, [", ".join(map(string, chunk)) for chunk in chunks], None, hashed, remote=True
    )


def _hit(key: _Key, held: str, hashed: str, remote: bool) -> str:
    """Whether a row's id is among those held: a query, or literals."""
    if hashed == "none":
        return f"{f'MD5({key.normal})' if remote else key.normal} IN ({held})"
    digest = hashed.upper()
    forms = (f"{digest}({key.bare})", f"{digest}({key.normal})", key.normal)  # the source may hold digests as well
    return "(" + " OR ".join(f"{form} IN ({held})" for form in forms) + ")"


def _counted(
    engine: Engine,
    columns: tuple[str, ...],
    name: str,
    held: list[str],
    same: str | None,
    hashed: str,
    remote: bool = False,
) -> ErasedIn:
    scope = engine.scope
    key = _Key(scope, columns)
    total = missing = rows = ids = 0
    disguised = None if same is None else 0
    for part in held:
        plain = "FALSE" if same is None else f"{key.raw} IN ({same})"
        hit = _hit(key, part, hashed, remote)
        looked = f"SELECT {key.normal} AS k, {hit} AS hit, {plain} AS plain FROM {scope.relation}"
        sql = (
            "SELECT COUNT(*), COUNT(k), COUNT_IF(hit), COUNT(DISTINCT CASE WHEN hit THEN k END), "
            f"COUNT_IF(hit AND NOT plain) FROM ({looked}) AS looked"
        )
        figures = [int(cell or 0) for cell in engine.run(sql, "looking for erased ids")[0]]
        total, missing = figures[0], figures[0] - figures[1]
        rows, ids = rows + figures[2], ids + figures[3]
        disguised = None if disguised is None else disguised + figures[4]
    positions: tuple[int, ...] = ()
    digests: tuple[str, ...] = ()
    if rows and engine.name == "duckdb":
        numbered = engine.numbered()
        counted = _Key(numbered, columns)
        places: list[int] = []
        for part in held:
            hit = _hit(counted, part, hashed, remote)
            sql = (
                f"SELECT {identifier(numbered.row)} FROM {numbered.relation} WHERE {hit} ORDER BY 1 LIMIT {_POSITIONS}"
            )
            places += [int(row[0]) for row in engine.run(sql, "finding rows")]
        positions = tuple(sorted(places)[:_POSITIONS])
    elif rows:
        found: set[str] = set()
        for part in held:
            hit = _hit(key, part, hashed, remote)
            sql = f"SELECT DISTINCT {key.normal} AS k FROM {scope.relation} WHERE {hit} LIMIT {_POSITIONS}"
            found |= {str(row[0]) for row in engine.run(sql, "finding ids")} if len(found) < _POSITIONS else set()
        digests = tuple(sorted(sha256(text.encode()).hexdigest()[:8] for text in found)[:_POSITIONS])
    return ErasedIn(name, total, missing, rows, ids, disguised, positions, digests)
