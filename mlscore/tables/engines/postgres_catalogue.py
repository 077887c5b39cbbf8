"""What PostgreSQL's own catalogue says of a table: where it is, whether it may be read, its columns and their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mlscore.errors import InputError, did_you_mean
from mlscore.tables.queries.quote import identifier, string
from mlscore.tables.shapes import Column, Kind

Ask = Callable[[str], Sequence[tuple[Any, ...]]]

_NATIVE = {
    Kind.INTEGER: "int2,int4,int8",
    Kind.NUMBER: "float4,float8,numeric",
    Kind.BOOLEAN: "bool",
    Kind.TEXT: "text,varchar,bpchar,char,name,citext,uuid",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamp,timestamptz",
    Kind.BINARY: "bytea",
    Kind.NESTED: "json,jsonb,hstore,record",
}
_KINDS = {native: kind for kind, names in _NATIVE.items() for native in names.split(",")}
# Arrays of these come as lists; other nested values come as their text.
_LISTED = ("bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "date", "timestamp", "timestamptz")
# Ordered by code points and lowering every letter; the last is everywhere and lowers the letters of ASCII alone.
_COLLATIONS = ("pg_c_utf8", "C.utf8", "C.UTF-8", "C")
_PARTS = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^".]+))\s*(\.|$)')


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view: its qualified name, its columns, each column's expression, and how rows can be drawn from it.

    `addressed`: its rows have places on pages (`ctid`), so that TABLESAMPLE draws from them.
    """

    name: str
    columns: tuple[Column, ...]
    expressions: tuple[str, ...]
    addressed: bool

    def select(self, names: Sequence[str] | None = None) -> str:
        """The list after SELECT: each column under its own name."""
        pairs = zip(self.columns, self.expressions, strict=True)
        chosen = [(column.name, sql) for column, sql in pairs if names is None or column.name in names]
        return ", ".join(f"{sql} AS {identifier(name)}" for name, sql in chosen)


def find(ask: Ask, table: str, where: str) -> Relation:
    """The relation of that name. Raises InputError where it is not there, is no table, or may not be read."""
    *space, name = parts(table, where)
    found = _found(ask, [part.text for part in space], name.text)
    if not found:  # names without quotes as PostgreSQL reads them
        found = _found(ask, [part.folded for part in space], name.folded)
    if not found:
        raise _nowhere(ask, [part.text for part in space], name.text, where)
    oid, space, relname, kind, usable, whole, partly = found[0]
    if not usable or not (whole or partly):
        raise InputError("reading it is not permitted", where=where, hint=f"ask for SELECT on the table {table}")
    listed = _columns(ask, oid)
    if not listed:
        raise InputError("it has no columns", where=where, hint="give a table with columns")
    collation = _collation(ask)
    columns, expressions = [], []
    for label, native, type_name, type_kind, category, member in listed:
        of = _kind(type_name, type_kind, category)
        columns.append(Column(label, of, native))
        expressions.append(_expression(identifier(label), of, type_name, category, member, collation))
    addressed = kind in ("r", "m", "p") and whole and not (kind == "p" and _reaches_out(ask, oid))
    return Relation(f"{identifier(space)}.{identifier(relname)}", tuple(columns), tuple(expressions), addressed)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a table's name, and whether it stood in quotes."""

    text: str
    quoted: bool

    @property
    def folded(self) -> str:
        """The name as PostgreSQL reads it."""
        return self.text if self.quoted else self.text.lower()


def parts(table: str, where: str) -> list[Part]:
    """The parts of `name`, `schema.name` or `"Schema"."Na.me"`: one or two. Raises InputError."""
    found, place = [], 0
    while match := _PARTS.match(table, place):
        quoted, plain, end = match.groups()
        text = quoted.replace('""', '"') if quoted is not None else plain.strip()
        found.append(Part(text, quoted is not None))
        place = match.end()
        if not end:
            break
    if (
        len(found) not in (1, 2)
        or place != len(table)
        or table.rstrip().endswith(".")
        or not all(p.text for p in found)
    ):
        hint = 'write schema.name, with "quotes" around a name that holds a dot'
        raise InputError(f"{table!r} is not the name of a table", where=where, hint=hint)
    return found


def _found(ask: Ask, schema: Sequence[str], name: str) -> Sequence[tuple[Any, ...]]:
    place = f"n.nspname = {string(schema[0])}" if schema else "pg_catalog.pg_table_is_visible(c.oid)"
    return ask(
        "SELECT c.oid, n.nspname, c.relname, CAST(c.relkind AS TEXT), "
        "pg_catalog.has_schema_privilege(n.oid, 'USAGE'), pg_catalog.has_table_privilege(c.oid, 'SELECT'), "
        "pg_catalog.has_any_column_privilege(c.oid, 'SELECT') "
        "FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        f"WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {place} AND c.relname = {string(name)}"
    )


def _nowhere(ask: Ask, schema: Sequence[str], name: str, where: str) -> InputError:
    """What to raise for a table that is not there: the nearest names, or what is there."""
    rows = ask(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1, 2 LIMIT 1000"
    )
    known = tuple(f"{space}.{relname}" for space, relname in rows)
    asked = ".".join((*(schema or ("public",)), name))
    hint = did_you_mean(asked, known) or next((f"there is {one}" for one in known if one.endswith(f".{name}")), "")
    return InputError(
        f"there is no table {'.'.join((*schema, name))!r}", where=where, hint=hint or "name it as schema.name"
    )


def _columns(ask: Ask, oid: int) -> Sequence[tuple[Any, ...]]:
    """The columns that may be read: name, type as declared, and of the type under all domains the catalogue's words."""
    return ask(
        "WITH RECURSIVE base AS (SELECT a.attnum, a.attname, a.atttypid AS type, a.atttypmod AS mod "
        f"FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = {int(oid)} AND a.attnum > 0 AND NOT a.attisdropped "
        f"AND pg_catalog.has_column_privilege({int(oid)}, a.attnum, 'SELECT') UNION ALL "
        "SELECT b.attnum, b.attname, t.typbasetype, t.typtypmod FROM base AS b "
        "JOIN pg_catalog.pg_type AS t ON t.oid = b.type WHERE t.typtype = 'd') "
        "SELECT b.attname, pg_catalog.format_type(b.type, b.mod), t.typname, CAST(t.typtype AS TEXT), "
        "CAST(t.typcategory AS TEXT), m.typname FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.type "
        "LEFT JOIN pg_catalog.pg_type AS m ON m.oid = t.typelem WHERE t.typtype <> 'd' ORDER BY b.attnum"
    )


def _collation(ask: Ask) -> str:
    listed = ", ".join(string(name) for name in _COLLATIONS)
    rows = ask(
        f"SELECT collname FROM pg_catalog.pg_collation WHERE collname IN ({listed}) AND collencoding IN (-1, "
        "(SELECT encoding FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))"
    )
    there = {row[0] for row in rows}
    return next((name for name in _COLLATIONS if name in there), "C")


def _reaches_out(ask: Ask, oid: int) -> bool:
    """Whether a partition lies on another server."""
    rows = ask(
        f"SELECT 1 FROM pg_catalog.pg_partition_tree({int(oid)}) AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.relid "
        "WHERE c.relkind = 'f' LIMIT 1"
    )
    return bool(rows)


def _kind(name: str, kind: str, category: str) -> Kind:
    if kind == "e":
        return Kind.TEXT
    if kind == "c" or category == "A":
        return Kind.NESTED
    return _KINDS.get(name, Kind.OTHER)


def _expression(sql: str, kind: Kind, name: str, category: str, member: str | None, collation: str) -> str:
    """A column as the queries take it: texts by code points, times within the calendar, what is strange as text."""
    if kind in (Kind.TEXT, Kind.OTHER):
        return f'CAST({sql} AS TEXT) COLLATE "{collation}"'
    if kind is Kind.NESTED and not (category == "A" and member in _LISTED):
        return f"CAST({sql} AS TEXT)"
    if kind in (Kind.DATE, Kind.DATETIME):  # infinity, and years that no date of Python's has
        last = "9999-12-31" if kind is Kind.DATE else "9999-12-31 23:59:59.999999"
        first, last = (f"CAST('{day}' AS {name.upper()})" for day in ("0001-01-01", last))
        return f"CASE WHEN {sql} > {last} THEN {last} WHEN {sql} < {first} THEN {first} ELSE {sql} END"
    return sql
